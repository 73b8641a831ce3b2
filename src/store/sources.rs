//! Which sources have been read, and when last.

use super::db::{Result, Tx, rows};
use crate::clock::{Instant, from_seconds};
use crate::sql;
use std::collections::HashMap;

impl Tx {
    /// When each source was read last.
    ///
    /// # Errors
    /// As the database says.
    pub async fn last_passes(&mut self) -> Result<HashMap<String, Instant>> {
        let passes: Vec<(String, i64)> = self
            .query(sql!("SELECT name, last_pass FROM sources"))
            .all()
            .await?;
        Ok(passes
            .into_iter()
            .map(|(name, at)| (name, from_seconds(at)))
            .collect())
    }

    /// Enters that these sources were read.
    ///
    /// # Errors
    /// As the database says.
    pub async fn enter_readings(&mut self, sources: &[String], now: Instant) -> Result<()> {
        self.query(sql!(
            "INSERT INTO sources (name, first_pass, last_pass)
             SELECT s.value->>0, $2, $2 FROM jsonb_each($1) AS s WHERE true
             ON CONFLICT (name) DO UPDATE SET last_pass = excluded.last_pass"
        ))
        .bind(rows(sources.iter().map(|name| (name.clone(),))))
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }
}
