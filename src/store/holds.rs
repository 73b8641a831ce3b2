//! Editions that wait for the operator.

use super::db::{Result, Store};
use super::editions::HOLD_RENDERING;
use crate::sql;

impl Store {
    /// Editions that no pass lets go of by itself, the oldest first: name and reason.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn editions_waiting_for_operator(&self) -> Result<Vec<(String, String)>> {
        self.read(sql!(
            "SELECT name, COALESCE(hold_reason, '') FROM editions
             WHERE held IS NOT NULL AND finished IS NULL AND COALESCE(hold_code, '') <> $1 ORDER BY id"
        ))
        .bind(HOLD_RENDERING)
        .all()
        .await
    }

    /// Lets an edition go on. `false`: it was not held.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn release_edition(&self, id: i64) -> Result<bool> {
        let released = self
            .write(sql!(
                "UPDATE editions SET held = NULL, hold_reason = NULL, hold_code = NULL
                 WHERE id = $1 AND held IS NOT NULL AND finished IS NULL"
            ))
            .bind(id)
            .run()
            .await?;
        Ok(released > 0)
    }
}
