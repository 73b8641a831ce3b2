//! The suppression list: who is never mailed again, known only by a keyed hash.

use super::db::{Result, Store, rows};
use super::editions::Edition;
use crate::sql;

impl Store {
    /// Whether anybody is on the suppression list.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn has_suppressions(&self) -> Result<bool> {
        let row: Option<(i64,)> = self
            .read(sql!("SELECT since FROM suppressions LIMIT 1"))
            .maybe()
            .await?;
        Ok(row.is_some())
    }

    /// The readers of a chunk with their normalised addresses.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn chunk_addresses(&self, edition: &Edition, end: i64) -> Result<Vec<(i64, String)>> {
        self.read(sql!(
            "SELECT p.id, p.key FROM subscriptions AS s JOIN subscribers AS p ON p.id = s.subscriber
             WHERE s.digest = $1 AND s.cadence = $2 AND s.standing = 'active'
               AND s.subscriber > $3 AND s.subscriber <= $4"
        ))
        .bind(&*edition.digest)
        .bind(&*edition.cadence)
        .bind(edition.filled_to)
        .bind(end)
        .all()
        .await
    }

    /// Which of these subscribers, each with the hash of the address, are on the suppression list.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn suppressed(&self, hashes: &[(i64, String)]) -> Result<Vec<i64>> {
        let found: Vec<(i64,)> = self
            .read(sql!(
                "SELECT CAST(h.value->>0 AS BIGINT) FROM jsonb_each($1) AS h
                   JOIN suppressions AS x ON x.hash = h.value->>1"
            ))
            .bind(rows(hashes))
            .all()
            .await?;
        Ok(found.into_iter().map(|(id,)| id).collect())
    }
}
