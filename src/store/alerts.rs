//! What the operator was told: the problems that were reported, less those.

use super::db::{Result, Store, Tx, rows};
use crate::clock::{Instant, from_seconds};
use crate::problem::Problem;
use crate::sql;

/// One alert at a time is made.
pub const ALERTS_LOCK: i64 = 0x616c_6572;
/// The fact that counts alerts, as JSON.
pub const ALERTED: &str = "alerted";

/// A problem that is there, or that the operator was told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub fingerprint: String,
    pub problem: Problem<String>,
    pub since: Instant,
}

impl Store {
    /// Whether anything was reported and not told yet, or told and is no longer reported.
    ///
    /// # Errors
    /// As the database says.
    pub async fn has_news(&self) -> Result<bool> {
        let (news,): (bool,) = self
            .read(sql!(
                "SELECT EXISTS (SELECT 1 FROM reported AS r
                   WHERE NOT EXISTS (SELECT 1 FROM alerts AS a WHERE a.fingerprint = r.fingerprint))
                 OR EXISTS (SELECT 1 FROM alerts AS a
                   WHERE NOT EXISTS (SELECT 1 FROM reported AS r WHERE r.fingerprint = a.fingerprint))"
            ))
            .one()
            .await?;
        Ok(news)
    }
}

impl Tx {
    /// What was reported and not told yet.
    ///
    /// # Errors
    /// As the database says.
    pub async fn untold(&mut self) -> Result<Vec<Known>> {
        let found = self
            .query(sql!(
                "SELECT r.fingerprint, r.problem, r.first_seen FROM reported AS r
                 WHERE NOT EXISTS (SELECT 1 FROM alerts AS a WHERE a.fingerprint = r.fingerprint)
                 ORDER BY r.first_seen, r.fingerprint"
            ))
            .all()
            .await?;
        Ok(known(found))
    }

    /// What was told and is no longer reported.
    ///
    /// # Errors
    /// As the database says.
    pub async fn solved(&mut self) -> Result<Vec<Known>> {
        let found = self
            .query(sql!(
                "SELECT a.fingerprint, a.problem, a.since FROM alerts AS a
                 WHERE NOT EXISTS (SELECT 1 FROM reported AS r WHERE r.fingerprint = a.fingerprint)
                 ORDER BY a.since, a.fingerprint"
            ))
            .all()
            .await?;
        Ok(known(found))
    }

    /// Enters what is told now, and forgets what is solved.
    ///
    /// # Errors
    /// As the database says.
    pub async fn enter_told(&mut self, told: &[Known], solved: &[Known], now: Instant) -> Result<()> {
        let row = |known: &Known| {
            let problem = serde_json::to_string(&known.problem).unwrap_or_default();
            (known.fingerprint.clone(), problem, known.since.timestamp())
        };
        self.query(sql!(
            "INSERT INTO alerts (fingerprint, problem, since, told)
             SELECT k.value->>0, k.value->>1, CAST(k.value->>2 AS BIGINT), $2 FROM jsonb_each($1) AS k WHERE true
             ON CONFLICT (fingerprint) DO NOTHING"
        ))
        .bind(rows(told.iter().map(row)))
        .bind(now.timestamp())
        .run()
        .await?;
        self.query(sql!(
            "DELETE FROM alerts WHERE fingerprint IN (SELECT k.value->>0 FROM jsonb_each($1) AS k)"
        ))
        .bind(rows(solved.iter().map(|known| (&known.fingerprint,))))
        .run()
        .await?;
        Ok(())
    }

    /// Enters a mail of no edition to an address, ahead of all bulk. `once` is its own.
    ///
    /// # Errors
    /// As the database says.
    pub async fn add_alert(&mut self, address: &str, message: &str, once: &str) -> Result<()> {
        let (variant,): (i64,) = self
            .query(sql!(
                "INSERT INTO variants (key, articles, message) VALUES ($1, '[]', $2) RETURNING id"
            ))
            .bind(once.to_owned())
            .bind(message.to_owned())
            .one()
            .await?;
        self.query(sql!(
            "INSERT INTO deliveries (kind, variant, address, once, next_try) VALUES ('alert', $1, $2, $3, 0)"
        ))
        .bind(variant)
        .bind(address.to_owned())
        .bind(once.to_owned())
        .run()
        .await?;
        Ok(())
    }
}

/// As far as it can be read.
fn known(found: Vec<(String, String, i64)>) -> Vec<Known> {
    let read = |(fingerprint, problem, since): (String, String, i64)| {
        Some(Known {
            fingerprint,
            problem: serde_json::from_str(&problem).ok()?,
            since: from_seconds(since),
        })
    };
    found.into_iter().filter_map(read).collect()
}
