//! Editions that are held: by a rendering error, by a server that refuses them, by the operator.

use super::db::{Result, Store, Tx};
use super::editions::{Edition, HOLD_RENDERING};
use crate::clock::Instant;
use crate::sql;

/// The operator said so.
const HOLD_OPERATOR: &str = "operator";
/// A server refused the mail for what it is or whom it is from.
const HOLD_REFUSED: &str = "refused";

impl Store {
    /// Holds an edition that does not render. One that is held already stays so since then.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn hold_unrendered(&self, id: i64, reason: &str, now: Instant) -> Result<()> {
        self.write(sql!(
            "UPDATE editions SET held = COALESCE(held, $4), hold_code = $2, hold_reason = $3
             WHERE id = $1 AND (held IS NULL OR hold_code = $2) AND state IN ('planned', 'filling')"
        ))
        .bind(id)
        .bind(HOLD_RENDERING)
        .bind(reason)
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    /// Lets go of an edition that did not render, so that it is tried again.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn lift_rendering_hold(&self, id: i64) -> Result<()> {
        self.write(sql!(
            "UPDATE editions SET held = NULL, hold_reason = NULL, hold_code = NULL
             WHERE id = $1 AND hold_code = $2"
        ))
        .bind(id)
        .bind(HOLD_RENDERING)
        .run()
        .await?;
        Ok(())
    }

    /// Holds an edition because the operator wants it; `false`: it is over, or held already.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn hold_edition(&self, id: i64, reason: &str, now: Instant) -> Result<bool> {
        let held = self
            .write(sql!(
                "UPDATE editions SET held = $4, hold_code = $2, hold_reason = $3
                 WHERE id = $1 AND held IS NULL AND state IN ('planned', 'filling', 'sending')"
            ))
            .bind(id)
            .bind(HOLD_OPERATOR)
            .bind(reason)
            .bind(now.timestamp())
            .run()
            .await?;
        Ok(held > 0)
    }

    /// Lets a held edition go on, whoever held it; `false`: it is not held.
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

    /// The editions that wait for the operator, the oldest first. Those that do not render are tried
    /// again by each pass and are not among them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn editions_waiting_for_operator(&self) -> Result<Vec<Edition>> {
        self.read(sql!(
            "SELECT * FROM editions WHERE held IS NOT NULL AND finished IS NULL AND COALESCE(hold_code, '') <> $1 ORDER BY id"
        ))
        .bind(HOLD_RENDERING)
        .all()
        .await
    }
}

impl Tx {
    /// Holds an edition that a server refuses for what it is. One that is held keeps its first reason.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn hold_refused(&mut self, edition: i64, reason: &str, now: i64) -> Result<()> {
        self.query(sql!(
            "UPDATE editions SET held = $2, hold_code = $4, hold_reason = $3
             WHERE id = $1 AND held IS NULL"
        ))
        .bind(edition)
        .bind(now)
        .bind(reason)
        .bind(HOLD_REFUSED)
        .run()
        .await?;
        Ok(())
    }
}
