//! Dropping an edition: what was sent was sent, nothing more is, and its articles are settled for all
//! readers of the track, in chunks as in a fill.

use super::db::PLANNER_LOCK;
use super::db::{Result, Store};
use super::editions::Edition;
use super::tracks::move_track;
use crate::clock::Instant;
use crate::sql;

impl Store {
    /// Begins to drop an edition. Who joins from now on begins at its end. `false`: it is over
    /// already.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin_drop(&self, edition: &Edition) -> Result<bool> {
        let mut tx = self.begin().await?;
        tx.lock(PLANNER_LOCK).await?;
        // Where it ends is read under the lock: an article may have been included meanwhile.
        let dropped: Option<(i64,)> = tx
            .query(sql!(
                "UPDATE editions SET state = 'dropped', filled_to = 0, held = NULL, hold_reason = NULL, hold_code = NULL
                 WHERE id = $1 AND state IN ('planned', 'filling', 'sending')
                 RETURNING upto"
            ))
            .bind(edition.id)
            .maybe()
            .await?;
        if let Some((upto,)) = dropped {
            move_track(&mut tx, &edition.digest, &edition.cadence, upto).await?;
        }
        tx.commit().await?;
        Ok(dropped.is_some())
    }

    /// Settles the next `size` readers of a dropped edition. `false`: there are none left.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drop_chunk(&self, edition: &Edition, size: u32) -> Result<bool> {
        let Some(end) = self.chunk_end(edition, size).await? else {
            return Ok(false);
        };
        let mut tx = self.begin().await?;
        let passed = tx
            .query(sql!(
                "UPDATE editions SET filled_to = $3 WHERE id = $1 AND filled_to = $2 AND state = 'dropped'"
            ))
            .bind(edition.id)
            .bind(edition.filled_to)
            .bind(end)
            .run()
            .await?;
        if passed == 0 {
            return Ok(true);
        }
        tx.query(sql!(
            "UPDATE deliveries SET state = 'dropped', next_try = NULL
             WHERE edition = $1 AND subscriber > $2 AND subscriber <= $3 AND state IN ('queued', 'deferred')"
        ))
        .bind(edition.id)
        .bind(edition.filled_to)
        .bind(end)
        .run()
        .await?;
        tx.query(sql!(
            "UPDATE subscriptions SET cursor = $5
             WHERE digest = $1 AND cadence = $2 AND subscriber > $3 AND subscriber <= $4 AND cursor < $5"
        ))
        .bind(&*edition.digest)
        .bind(&*edition.cadence)
        .bind(edition.filled_to)
        .bind(end)
        .bind(edition.upto)
        .run()
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends dropping an edition; rows of those who left its track since go too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn end_drop(&self, edition: &Edition, now: Instant) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.query(sql!(
            "UPDATE deliveries SET state = 'dropped', next_try = NULL
             WHERE edition = $1 AND state IN ('queued', 'deferred')"
        ))
        .bind(edition.id)
        .run()
        .await?;
        tx.query(sql!(
            "UPDATE editions SET finished = $2 WHERE id = $1 AND state = 'dropped'"
        ))
        .bind(edition.id)
        .bind(now.timestamp())
        .run()
        .await?;
        tx.commit().await
    }
}
