//! Editions: what is planned, held, skipped and done.
//!
//! Whatever decides about a track (a slot taken, a number given) happens in a transaction that holds
//! the planner lock, so any number of planners amounts to one.

use super::db::{PLANNER_LOCK, Result, Store, Tx, rows};
use super::tracks::{Slot, take_slot};
use crate::clock::Instant;
use crate::sql;

/// The cadence that a digest's own schedule makes.
pub const DEFAULT_CADENCE: &str = "default";

/// What holds an edition that does not render: it is tried again at each pass. Any other hold waits
/// for the operator.
pub const HOLD_RENDERING: &str = "rendering";

/// What holds an edition of a digest with `approval` until the operator has looked at it.
pub const HOLD_APPROVAL: &str = "approval";

/// A row of `editions`. Instants are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Edition {
    pub id: i64,
    /// As shown: `weekly/2026-11-30T07:00Z`, `weekly/now/1`.
    pub name: String,
    pub digest: String,
    pub cadence: String,
    pub slot: Option<i64>,
    /// Counted by digest; given when it starts.
    pub number: Option<i64>,
    /// planned, filling, sending, done, dropped or skipped.
    pub state: String,
    /// Why it was skipped.
    pub reason: Option<String>,
    pub upto: i64,
    pub planned: i64,
    pub starts: i64,
    pub started: Option<i64>,
    pub finished: Option<i64>,
    /// The last subscriber the fill has passed.
    pub filled_to: i64,
    pub held: Option<i64>,
    pub hold_reason: Option<String>,
    pub hold_code: Option<String>,
    /// Counts what the operator changed: what is in it, or what of it is tried again.
    pub revision: i64,
}

impl Edition {
    /// It is held, and no further pass will change that by itself.
    #[must_use]
    pub fn waits_for_operator(&self) -> bool {
        self.held.is_some() && self.hold_code.as_deref() != Some(HOLD_RENDERING)
    }

    /// It is held because nobody has approved it yet.
    #[must_use]
    pub fn waits_for_approval(&self) -> bool {
        self.held.is_some() && self.hold_code.as_deref() == Some(HOLD_APPROVAL)
    }

    /// It was asked for by hand, so it takes no slot and knows no minimum.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        self.slot.is_none() && self.cadence == DEFAULT_CADENCE
    }
}

/// What came of planning a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    New(Edition),
    /// The track's edition before is not filled yet.
    Blocked(Edition),
    /// Another planner was first.
    Taken,
}

impl Store {
    /// The track's edition whose readers are not all passed yet. There is at most one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unfinished(&self, digest: &str, cadence: &str) -> Result<Option<Edition>> {
        self.read(sql!(
            "SELECT * FROM editions WHERE digest = $1 AND cadence = $2 AND finished IS NULL
               AND state IN ('planned', 'filling', 'dropped') ORDER BY id LIMIT 1"
        ))
        .bind(digest)
        .bind(cadence)
        .maybe()
        .await
    }

    /// An edition by its row.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn edition(&self, id: i64) -> Result<Option<Edition>> {
        self.read(sql!("SELECT * FROM editions WHERE id = $1"))
            .bind(id)
            .maybe()
            .await
    }

    /// Takes a slot: its edition is there from now on, up to the highest number there is. With
    /// `approval` it waits for the operator.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn plan_slot(
        &self,
        slot: Slot<'_>,
        starts: Instant,
        approval: bool,
        now: Instant,
    ) -> Result<Planned> {
        let mut tx = self.begin().await?;
        tx.lock(PLANNER_LOCK).await?;
        if let Some(before) = unfinished_in(&mut tx, slot.digest, slot.cadence).await? {
            return Ok(Planned::Blocked(before));
        }
        let upto = tx.highest_number().await?;
        let edition: Option<Edition> = tx
            .query(sql!(
                "INSERT INTO editions (name, digest, cadence, slot, upto, planned, starts,
                   held, hold_code, hold_reason)
                 VALUES ($1, $2, $3, $4, $7, $5, $6, $8, $9, $10)
                 ON CONFLICT DO NOTHING RETURNING *"
            ))
            .bind(slot.name)
            .bind(slot.digest)
            .bind(slot.cadence)
            .bind(slot.slot.timestamp())
            .bind(now.timestamp())
            .bind(starts.timestamp())
            .bind(upto)
            .bind(approval.then_some(now.timestamp()))
            .bind(approval.then_some(HOLD_APPROVAL))
            .bind(approval.then_some("it waits for approval"))
            .maybe()
            .await?;
        take_slot(&mut tx, slot).await?;
        tx.commit().await?;
        Ok(edition.map_or(Planned::Taken, Planned::New))
    }

    /// Takes a slot without an edition: its articles roll over. `false`: another planner was first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn skip_slot(&self, slot: Slot<'_>, reason: &str, now: Instant) -> Result<bool> {
        let mut tx = self.begin().await?;
        tx.lock(PLANNER_LOCK).await?;
        let upto = tx.highest_number().await?;
        let inserted = tx
            .query(sql!(
                "INSERT INTO editions (name, digest, cadence, slot, state, reason, upto, planned, starts, finished)
                 VALUES ($1, $2, $3, $4, 'skipped', $5, $7, $6, $4, $6)
                 ON CONFLICT DO NOTHING"
            ))
            .bind(slot.name)
            .bind(slot.digest)
            .bind(slot.cadence)
            .bind(slot.slot.timestamp())
            .bind(reason)
            .bind(now.timestamp())
            .bind(upto)
            .run()
            .await?;
        take_slot(&mut tx, slot).await?;
        tx.commit().await?;
        Ok(inserted > 0)
    }

    /// The newest edition of a track; 0: it has none. Cursors of its readers move only with editions,
    /// so while this stays the same, so does what waits for them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn newest_edition(&self, digest: &str, cadence: &str) -> Result<i64> {
        let (newest,): (i64,) = self
            .read(sql!(
                "SELECT CAST(COALESCE(max(id), 0) AS BIGINT) FROM editions WHERE digest = $1 AND cadence = $2"
            ))
            .bind(digest)
            .bind(cadence)
            .one()
            .await?;
        Ok(newest)
    }

    /// Plans an edition that takes no slot, called `DIGEST/now/N`. `None`: the track is no longer
    /// as it was when `newest` was its newest edition, so whoever found something to send must look
    /// again.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn plan_now(&self, digest: &str, newest: i64, now: Instant) -> Result<Option<Edition>> {
        let mut tx = self.begin().await?;
        tx.lock(PLANNER_LOCK).await?;
        let upto = tx.highest_number().await?;
        let edition: Option<Edition> = tx
            .query(sql!(
                "INSERT INTO editions (name, digest, cadence, upto, planned, starts)
                 SELECT $1 || '/now/' || (1 + COALESCE(sum(CASE WHEN e.slot IS NULL THEN 1 ELSE 0 END), 0)), $1, $2,
                   CAST($5 AS BIGINT), $4, $4
                 FROM editions AS e WHERE e.digest = $1 AND e.cadence = $2
                 HAVING COALESCE(max(e.id), 0) = $3
                   AND COALESCE(sum(CASE WHEN e.finished IS NULL AND e.state <> 'sending' THEN 1 ELSE 0 END), 0) = 0
                 RETURNING *"
            ))
            .bind(digest)
            .bind(DEFAULT_CADENCE)
            .bind(newest)
            .bind(now.timestamp())
            .bind(upto)
            .maybe()
            .await?;
        tx.commit().await?;
        Ok(edition)
    }

    /// Lets a planned edition start now instead of at its slot, unless it is held.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn start_early(&self, id: i64, now: Instant) -> Result<()> {
        self.write(sql!(
            "UPDATE editions SET starts = $2
             WHERE id = $1 AND state = 'planned' AND held IS NULL AND starts > $2"
        ))
        .bind(id)
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    /// Gives an edition its number, once.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn number_edition(&self, id: i64) -> Result<i64> {
        let mut tx = self.begin().await?;
        tx.lock(PLANNER_LOCK).await?;
        tx.query(sql!(
            "UPDATE editions SET number = 1 + (
               SELECT COALESCE(max(o.number), 0) FROM editions AS o WHERE o.digest = editions.digest)
             WHERE id = $1 AND number IS NULL"
        ))
        .bind(id)
        .run()
        .await?;
        let (number,): (i64,) = tx
            .query(sql!("SELECT number FROM editions WHERE id = $1"))
            .bind(id)
            .one()
            .await?;
        tx.commit().await?;
        Ok(number)
    }

    /// Ends the editions that are sent: filled, and no delivery of them is on its way. Returns their
    /// names.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn close_editions(&self, now: Instant) -> Result<Vec<String>> {
        // Found before anything is written, since all rows of an edition may have to be looked at, and
        // others wait while SQLite writes. No row of a filled edition comes to wait again by itself;
        // where the operator has some tried again, its revision is another one.
        let over: Vec<(i64, i64)> = self
            .read(sql!(
                "SELECT e.id, e.revision FROM editions AS e WHERE e.state = 'sending' AND e.finished IS NULL
                   AND NOT EXISTS (
                     SELECT 1 FROM deliveries AS d WHERE d.next_try >= 0 AND +d.edition = e.id)
                   AND NOT EXISTS (
                     SELECT 1 FROM deliveries AS d WHERE d.edition = e.id AND d.state = 'sending')"
            ))
            .all()
            .await?;
        if over.is_empty() {
            return Ok(Vec::new());
        }
        let closed: Vec<(String,)> = self
            .write(sql!(
                "UPDATE editions SET state = 'done', finished = $2 FROM jsonb_each($1) AS o
                 WHERE state = 'sending' AND finished IS NULL
                   AND editions.id = CAST(o.value->>0 AS BIGINT) AND revision = CAST(o.value->>1 AS BIGINT)
                 RETURNING name"
            ))
            .bind(rows(over))
            .bind(now.timestamp())
            .all()
            .await?;
        Ok(closed.into_iter().map(|(name,)| name).collect())
    }
}

async fn unfinished_in(tx: &mut Tx, digest: &str, cadence: &str) -> Result<Option<Edition>> {
    tx.query(sql!(
        "SELECT * FROM editions WHERE digest = $1 AND cadence = $2 AND finished IS NULL
           AND state IN ('planned', 'filling', 'dropped') ORDER BY id LIMIT 1"
    ))
    .bind(digest)
    .bind(cadence)
    .maybe()
    .await
}
