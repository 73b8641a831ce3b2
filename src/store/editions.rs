//! Digests, tracks and editions: what is planned, held, skipped and done.
//!
//! Whatever decides about a track (a slot taken, a number given) happens in a transaction that holds
//! the planner lock, so any number of planners amounts to one.

use super::db::{PLANNER_LOCK, Result, Store, Tx};
use crate::clock::Instant;
use crate::sql;

/// The cadence that a digest's own schedule makes.
pub const DEFAULT_CADENCE: &str = "default";

/// What holds an edition that does not render: it is tried again at each pass. Any other hold waits
/// for the operator.
pub const HOLD_RENDERING: &str = "rendering";

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
}

impl Edition {
    /// It is held, and no further pass will change that by itself.
    #[must_use]
    pub fn waits_for_operator(&self) -> bool {
        self.held.is_some() && self.hold_code.as_deref() != Some(HOLD_RENDERING)
    }

    /// It was asked for by hand, so it takes no slot and knows no minimum.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        self.slot.is_none() && self.cadence == DEFAULT_CADENCE
    }
}

/// A track and the digest it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Track {
    /// How far its last edition went.
    pub upto: Option<i64>,
    /// The last slot that was dealt with.
    pub slot: Option<i64>,
    /// Nothing numbered at or below it is ever mailed.
    pub floor: i64,
    /// When the digest was first known: slots before that are never due.
    pub created: i64,
}

/// A slot of a track, with what an edition of it is called.
#[derive(Debug, Clone, Copy)]
pub struct Slot<'a> {
    pub digest: &'a str,
    pub cadence: &'a str,
    pub name: &'a str,
    pub slot: Instant,
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
    /// Makes a digest and its track known. A digest that is new floors at the highest number: what
    /// was announced before is not for it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ensure_track(&self, digest: &str, cadence: &str, now: Instant) -> Result<()> {
        if self.track(digest, cadence).await?.is_some() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        tx.lock(PLANNER_LOCK).await?;
        tx.query(sql!(
            "INSERT INTO digests (name, floor, created)
             SELECT $1, COALESCE(max(number), 0), $2 FROM articles WHERE true
             ON CONFLICT (name) DO NOTHING"
        ))
        .bind(digest)
        .bind(now.timestamp())
        .run()
        .await?;
        tx.query(sql!(
            "INSERT INTO tracks (digest, cadence) VALUES ($1, $2)
             ON CONFLICT (digest, cadence) DO NOTHING"
        ))
        .bind(digest)
        .bind(cadence)
        .run()
        .await?;
        tx.commit().await
    }

    /// A track; `None`: no pass has seen it yet.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn track(&self, digest: &str, cadence: &str) -> Result<Option<Track>> {
        self.read(sql!(
            "SELECT t.upto, t.slot, d.floor, d.created FROM tracks AS t JOIN digests AS d ON d.name = t.digest
             WHERE t.digest = $1 AND t.cadence = $2"
        ))
        .bind(digest)
        .bind(cadence)
        .maybe()
        .await
    }

    /// Where a reader who joins a track begins: at the end of its last edition, else of the digest's
    /// last one, else at the floor.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn joining_cursor(&self, digest: &str, cadence: &str) -> Result<Option<i64>> {
        let row: Option<(i64,)> = self
            .read(sql!(
                "SELECT CAST(COALESCE(
                   (SELECT t.upto FROM tracks AS t WHERE t.digest = d.name AND t.cadence = $2),
                   (SELECT max(t.upto) FROM tracks AS t WHERE t.digest = d.name),
                   d.floor) AS BIGINT)
                 FROM digests AS d WHERE d.name = $1"
            ))
            .bind(digest)
            .bind(cadence)
            .maybe()
            .await?;
        Ok(row.map(|(cursor,)| cursor))
    }

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

    /// Takes a slot: its edition is there from now on, up to the highest number there is.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn plan_slot(&self, slot: Slot<'_>, starts: Instant, now: Instant) -> Result<Planned> {
        let mut tx = self.begin().await?;
        tx.lock(PLANNER_LOCK).await?;
        if let Some(before) = unfinished_in(&mut tx, slot.digest, slot.cadence).await? {
            return Ok(Planned::Blocked(before));
        }
        let edition: Option<Edition> = tx
            .query(sql!(
                "INSERT INTO editions (name, digest, cadence, slot, upto, planned, starts)
                 SELECT $1, $2, $3, $4, COALESCE(max(number), 0), $5, $6 FROM articles WHERE true
                 ON CONFLICT DO NOTHING RETURNING *"
            ))
            .bind(slot.name)
            .bind(slot.digest)
            .bind(slot.cadence)
            .bind(slot.slot.timestamp())
            .bind(now.timestamp())
            .bind(starts.timestamp())
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
        let inserted = tx
            .query(sql!(
                "INSERT INTO editions (name, digest, cadence, slot, state, reason, upto, planned, starts, finished)
                 SELECT $1, $2, $3, $4, 'skipped', $5, COALESCE(max(number), 0), $6, $4, $6 FROM articles WHERE true
                 ON CONFLICT DO NOTHING"
            ))
            .bind(slot.name)
            .bind(slot.digest)
            .bind(slot.cadence)
            .bind(slot.slot.timestamp())
            .bind(reason)
            .bind(now.timestamp())
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
        let edition: Option<Edition> = tx
            .query(sql!(
                "INSERT INTO editions (name, digest, cadence, upto, planned, starts)
                 SELECT $1 || '/now/' || (1 + COALESCE(sum(CASE WHEN e.slot IS NULL THEN 1 ELSE 0 END), 0)), $1, $2,
                   (SELECT COALESCE(max(number), 0) FROM articles), $4, $4
                 FROM editions AS e WHERE e.digest = $1 AND e.cadence = $2
                 HAVING COALESCE(max(e.id), 0) = $3
                   AND COALESCE(sum(CASE WHEN e.finished IS NULL AND e.state <> 'sending' THEN 1 ELSE 0 END), 0) = 0
                 RETURNING *"
            ))
            .bind(digest)
            .bind(DEFAULT_CADENCE)
            .bind(newest)
            .bind(now.timestamp())
            .maybe()
            .await?;
        tx.commit().await?;
        Ok(edition)
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
        let closed: Vec<(String,)> = self
            .write(sql!(
                "UPDATE editions SET state = 'done', finished = $1
                 WHERE state = 'sending' AND finished IS NULL AND NOT EXISTS (
                   SELECT 1 FROM deliveries AS d
                   WHERE d.edition = editions.id AND d.state IN ('queued', 'sending', 'deferred'))
                 RETURNING name"
            ))
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

/// Marks a slot as dealt with; it never goes back.
async fn take_slot(tx: &mut Tx, slot: Slot<'_>) -> Result<()> {
    tx.query(sql!(
        "UPDATE tracks SET slot = $3 WHERE digest = $1 AND cadence = $2 AND (slot IS NULL OR slot < $3)"
    ))
    .bind(slot.digest)
    .bind(slot.cadence)
    .bind(slot.slot.timestamp())
    .run()
    .await?;
    Ok(())
}

/// Who joins the track from now on begins at this edition's end; that never goes back.
pub(super) async fn move_track(tx: &mut Tx, edition: &Edition) -> Result<()> {
    tx.query(sql!(
        "UPDATE tracks SET upto = $3 WHERE digest = $1 AND cadence = $2 AND (upto IS NULL OR upto < $3)"
    ))
    .bind(&*edition.digest)
    .bind(&*edition.cadence)
    .bind(edition.upto)
    .run()
    .await?;
    Ok(())
}
