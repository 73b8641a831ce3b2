//! Endpoints of pings that let nothing through: since when, and when they are tried next. One that
//! answers has no row.

use super::db::{Result, Store, Tx};
use crate::clock::{Instant, from_seconds};
use crate::pings::Health;
use crate::sql;

impl Tx {
    /// How an endpoint has answered lately.
    ///
    /// # Errors
    /// As the database says.
    pub async fn ping_health(&mut self, endpoint: &str) -> Result<Health> {
        let found: Option<(i64, i64, i64)> = self
            .query(sql!(
                "SELECT failing, failures, latest FROM ping_endpoints WHERE endpoint = $1"
            ))
            .bind(endpoint.to_owned())
            .maybe()
            .await?;
        Ok(found.map_or_else(Health::default, health))
    }

    /// It takes pings: what waits for it is due at once.
    pub(super) async fn endpoint_answers(&mut self, endpoint: &str, now: Instant) -> Result<()> {
        let forgotten = self
            .query(sql!("DELETE FROM ping_endpoints WHERE endpoint = $1"))
            .bind(endpoint.to_owned())
            .run()
            .await?;
        if forgotten == 0 {
            return Ok(());
        }
        self.query(sql!(
            "UPDATE pings SET next_try = $2
             WHERE endpoint = $1 AND next_try > $2 AND state <> 'sending' AND attempts = 0"
        ))
        .bind(endpoint.to_owned())
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    pub(super) async fn endpoint_fails(
        &mut self,
        endpoint: &str,
        health: Health,
        next_try: Option<Instant>,
    ) -> Result<()> {
        self.query(sql!(
            "INSERT INTO ping_endpoints (endpoint, failing, failures, latest, next_try)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (endpoint) DO UPDATE SET failing = excluded.failing,
               failures = excluded.failures, latest = excluded.latest, next_try = excluded.next_try"
        ))
        .bind(endpoint.to_owned())
        .bind(health.failing.map_or(0, |since| since.timestamp()))
        .bind(health.failures)
        .bind(health.latest.map_or(0, |at| at.timestamp()))
        .bind(next_try.map(|at| at.timestamp()))
        .run()
        .await?;
        Ok(())
    }
}

impl Store {
    /// All endpoints that let nothing through at present.
    ///
    /// # Errors
    /// As the database says.
    pub async fn failing_endpoints(&self) -> Result<Vec<(String, Health)>> {
        let found: Vec<(String, i64, i64, i64)> = self
            .read(sql!(
                "SELECT endpoint, failing, failures, latest FROM ping_endpoints ORDER BY endpoint"
            ))
            .all()
            .await?;
        let failing = |(endpoint, failing, failures, latest)| (endpoint, health((failing, failures, latest)));
        Ok(found.into_iter().map(failing).collect())
    }

    /// Lets all that waits be due now, whatever it waits for.
    ///
    /// # Errors
    /// As the database says.
    pub async fn hurry_pings(&self, now: Instant) -> Result<()> {
        self.write(sql!(
            "UPDATE pings SET next_try = $1 WHERE next_try > $1 AND state <> 'sending'"
        ))
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }
}

fn health((failing, failures, latest): (i64, i64, i64)) -> Health {
    Health {
        failing: Some(from_seconds(failing)),
        failures,
        latest: Some(from_seconds(latest)),
    }
}
