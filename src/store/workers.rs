//! Who sends, and until when they are believed to live. Claims and outcomes are in `deliveries`.

use super::db::{Result, Store, Tx};
use crate::sql;

/// Somebody who sends.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Worker {
    pub name: String,
    pub leased_until: i64,
    /// By the same clock.
    pub now: i64,
}

impl Tx {
    /// Whether the worker is still one: on PostgreSQL it cannot be buried before this transaction ends.
    pub async fn is_worker(&mut self, name: &str) -> Result<bool> {
        let found = self
            .query(sql!(
                "SELECT name FROM workers WHERE name = $1",
                ["" | " FOR SHARE"],
                ""
            ))
            .bind(name)
            .maybe::<(String,)>()
            .await?;
        Ok(found.is_some())
    }

    /// Ends a worker's life: `false` where it has ended already, or where its lease goes on and
    /// `whatever_its_lease` is not set.
    pub async fn bury(&mut self, name: &str, whatever_its_lease: bool) -> Result<bool> {
        let buried = self
            .query(sql!(
                "DELETE FROM workers WHERE name = $1 AND (CAST($2 AS BIGINT) = 1 OR leased_until < ",
                ["unixepoch()" | "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"],
                ")"
            ))
            .bind(name)
            .bind(i64::from(whatever_its_lease))
            .run()
            .await?;
        Ok(buried > 0)
    }
}

impl Store {
    /// Says that a worker lives, for so many seconds by the database's clock.
    pub async fn begin_worker(&self, name: &str, lease: i64) -> Result<()> {
        self.write(sql!(
            "INSERT INTO workers (name, leased_until) VALUES ($1, CAST($2 AS BIGINT) + ",
            ["unixepoch()" | "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"],
            ")"
        ))
        .bind(name)
        .bind(lease)
        .run()
        .await?;
        Ok(())
    }

    /// Lengthens a worker's life; `false`: it has been buried.
    pub async fn renew_worker(&self, name: &str, lease: i64) -> Result<bool> {
        let renewed = self
            .write(sql!(
                "UPDATE workers SET leased_until = CAST($2 AS BIGINT) + ",
                ["unixepoch()" | "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"],
                " WHERE name = $1"
            ))
            .bind(name)
            .bind(lease)
            .run()
            .await?;
        Ok(renewed > 0)
    }

    /// Says that a worker has ended, with nothing claimed any more.
    pub async fn end_worker(&self, name: &str) -> Result<()> {
        self.write(sql!("DELETE FROM workers WHERE name = $1"))
            .bind(name)
            .run()
            .await?;
        Ok(())
    }

    /// All who have begun and not ended, alive or not.
    pub async fn workers(&self) -> Result<Vec<Worker>> {
        self.read(sql!(
            "SELECT name, leased_until, ",
            ["unixepoch()" | "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"],
            " AS now FROM workers ORDER BY name"
        ))
        .all()
        .await
    }

    /// Whether a worker holds deliveries. Walks all of them: for the end of a pass.
    ///
    /// # Errors
    /// As the database says.
    pub async fn has_claims(&self, worker: &str) -> Result<bool> {
        let claimed = self
            .read(sql!("SELECT id FROM deliveries WHERE worker = $1 LIMIT 1"))
            .bind(worker)
            .maybe::<(i64,)>()
            .await?;
        Ok(claimed.is_some())
    }
}
