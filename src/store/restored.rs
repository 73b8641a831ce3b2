//! A store that was restored from a backup: it does not know what was sent after the backup was made,
//! so no reader gets mail before the operator has accepted that.

use super::db::{PLANNER_LOCK, Result, Store, Tx};
use crate::clock::Instant;
use crate::sql;

/// The fact that holds all mail to readers back: why it is there, in words. The claim of deliveries
/// asks for it too.
pub const RESTORED: &str = "restored";

/// Ids go on from the next multiple of this, so that none is given twice: those that were given after
/// the backup stand in names of files, in Message-IDs and in links.
const GAP: i64 = 1_000_000_000;

impl Store {
    /// Why no reader gets mail; `None`: they do.
    ///
    /// # Errors
    /// As the database says.
    pub async fn restored(&self) -> Result<Option<String>> {
        self.fact(RESTORED).await
    }

    /// Settles everything that is known now for all readers, and lets mail go on. `false`: it was not
    /// held back.
    ///
    /// # Errors
    /// As the database says.
    pub async fn accept_restored(&self) -> Result<bool> {
        let mut tx = self.begin().await?;
        tx.lock(PLANNER_LOCK).await?;
        let lifted = tx
            .query(sql!("DELETE FROM facts WHERE name = 'restored'"))
            .run()
            .await?;
        if lifted > 0 {
            let highest = tx.highest_number().await?;
            tx.query(sql!("UPDATE digests SET floor = $1 WHERE floor < $1"))
                .bind(highest)
                .run()
                .await?;
        }
        tx.commit().await?;
        Ok(lifted > 0)
    }
}

impl Tx {
    /// Holds all mail to readers back from now on. What was on its way when the backup was made may
    /// have been sent since: it is dropped, mails and editions alike.
    ///
    /// # Errors
    /// As the database says.
    pub async fn hold_restored(&mut self, why: &str, now: Instant) -> Result<()> {
        self.query(sql!(
            "UPDATE deliveries SET state = 'dropped', next_try = NULL, worker = NULL, lane = NULL, turn = NULL
             WHERE state IN ('queued', 'sending', 'deferred')"
        ))
        .run()
        .await?;
        self.query(sql!(
            "UPDATE editions SET state = 'dropped', finished = $1, held = NULL, hold_reason = NULL, hold_code = NULL
             WHERE finished IS NULL"
        ))
        .bind(now.timestamp())
        .run()
        .await?;
        self.leave_a_gap().await?;
        self.set_fact(RESTORED, why).await
    }

    /// A row of nobody and one of no mail, each with the id from which the others go on. Lists leave
    /// them out: the one has no key, the other no variant.
    async fn leave_a_gap(&mut self) -> Result<()> {
        self.query(sql!("DELETE FROM subscribers WHERE key = ''"))
            .run()
            .await?;
        self.query(sql!("DELETE FROM deliveries WHERE variant = 0"))
            .run()
            .await?;
        self.query(sql!(
            "INSERT INTO subscribers (id, address, key, created)
             SELECT (COALESCE(max(id), 0) / $1 + 1) * $1, '', '', 0 FROM subscribers"
        ))
        .bind(GAP)
        .run()
        .await?;
        self.query(sql!(
            "INSERT INTO deliveries (id, kind, variant, state)
             SELECT (COALESCE(max(id), 0) / $1 + 1) * $1, 'test', 0, 'dropped' FROM deliveries"
        ))
        .bind(GAP)
        .run()
        .await?;
        self.count_on().await
    }
}
