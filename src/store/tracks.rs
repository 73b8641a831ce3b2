//! Digests and their tracks: how far each has got, and which slots were dealt with.

use super::db::{PLANNER_LOCK, Result, Store, Tx};
use crate::clock::Instant;
use crate::sql;

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
    /// When a pass last looked for slots.
    pub looked: Option<i64>,
    /// The longest pause between two of these since the slot before the next one was dealt with, in
    /// seconds.
    pub pause: Option<i64>,
}

/// A slot of a track, with what an edition of it is called.
#[derive(Debug, Clone, Copy)]
pub struct Slot<'a> {
    pub digest: &'a str,
    pub cadence: &'a str,
    pub name: &'a str,
    pub slot: Instant,
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
        let highest = tx.highest_number().await?;
        tx.query(sql!(
            "INSERT INTO digests (name, floor, created) VALUES ($1, $3, $2) ON CONFLICT (name) DO NOTHING"
        ))
        .bind(digest)
        .bind(now.timestamp())
        .bind(highest)
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
            "SELECT t.upto, t.slot, d.floor, d.created, t.looked, t.pause
             FROM tracks AS t JOIN digests AS d ON d.name = t.digest
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

    /// Remembers when a pass last looked for slots of a track, and the longest pause between two.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn enter_look(&self, digest: &str, cadence: &str, pause: i64, now: Instant) -> Result<()> {
        self.write(sql!(
            "UPDATE tracks SET looked = $3, pause = $4
             WHERE digest = $1 AND cadence = $2 AND (looked IS NULL OR looked <= $3)"
        ))
        .bind(digest)
        .bind(cadence)
        .bind(now.timestamp())
        .bind(pause)
        .run()
        .await?;
        Ok(())
    }
}

/// Marks a slot as dealt with; it never goes back.
pub(super) async fn take_slot(tx: &mut Tx, slot: Slot<'_>) -> Result<()> {
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

/// Who joins the track from now on begins at the end of an edition; that never goes back.
pub(super) async fn move_track(tx: &mut Tx, digest: &str, cadence: &str, upto: i64) -> Result<()> {
    tx.query(sql!(
        "UPDATE tracks SET upto = $3 WHERE digest = $1 AND cadence = $2 AND (upto IS NULL OR upto < $3)"
    ))
    .bind(digest)
    .bind(cadence)
    .bind(upto)
    .run()
    .await?;
    Ok(())
}
