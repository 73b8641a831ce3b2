//! Filling an edition: groups of readers, frozen variants, deliveries, cursors.
//!
//! A chunk is one transaction: it passes the next readers in the order of their ids, inserts their
//! deliveries, moves their cursors and sets `editions.filled_to`. So a stop at any point leaves each
//! reader either passed, with delivery and cursor, or not passed at all.
//!
//! What a reader has settled is `max(cursor, floor)`, written out as a CASE: the two databases have
//! no common function for it.

use super::db::{PLANNER_LOCK, Result, Store, Tx, rows};
use super::editions::Edition;
use super::error::StoreError;
use super::tracks::move_track;
use crate::clock::Instant;
use crate::digests::plan::Group;
use crate::sql;
use std::time::Duration;

/// So many rendered variants go into one statement.
const VARIANTS_AT_ONCE: usize = 50;

/// So many groups go into one statement.
const GROUPS_AT_ONCE: usize = 5_000;

/// A group as a row: window start, topics, language.
type GroupRow = (i64, String, String);

fn group((window_start, topics, language): GroupRow) -> Group {
    Group {
        window_start,
        topics,
        language,
    }
}

/// A rendered mail, with what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVariant {
    pub key: String,
    pub language: String,
    /// The ids of its articles, in the order shown.
    pub articles: Vec<String>,
    /// JSON.
    pub message: String,
}

/// What was decided for a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub group: Group,
    /// mail, none or few.
    pub outcome: &'static str,
    /// The key of its variant.
    pub variant: Option<String>,
    pub cursor: i64,
}

/// How an edition starts.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    pub groups: &'a [Decided],
    pub variants: &'a [NewVariant],
    /// Who joins from now on begins at this edition's end.
    pub moves_track: bool,
    /// Why it goes to nobody, where it does.
    pub reason: Option<&'a str>,
    pub now: Instant,
}

/// What came of filling a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// So many deliveries were inserted, and others waited so long for it.
    Filled { readers: u64, took: Duration },
    /// These groups were not decided yet; nothing was changed.
    Unknown(Vec<Group>),
    /// Another process passed these readers, or the edition is no longer to be filled.
    Taken,
}

impl Store {
    /// The groups that the active readers of a track form, by what they have settled and want: one
    /// scan, which sorts no more than the groups. (With `GROUP BY` SQLite sorts all the readers.)
    ///
    /// # Errors
    /// Those of the database.
    pub async fn groups(&self, digest: &str, cadence: &str) -> Result<Vec<Group>> {
        let found: Vec<GroupRow> = self
            .read(sql!(
                "SELECT w.window_start, w.topics, w.language FROM (
                   SELECT DISTINCT CASE WHEN s.cursor > d.floor THEN s.cursor ELSE d.floor END AS window_start,
                     s.topics, s.language
                   FROM digests AS d JOIN subscriptions AS s ON s.digest = d.name
                   WHERE d.name = $1 AND s.cadence = $2 AND s.standing = 'active') AS w
                 ORDER BY 1, 2, 3"
            ))
            .bind(digest)
            .bind(cadence)
            .all()
            .await?;
        Ok(found.into_iter().map(group).collect())
    }

    /// How many active readers of a track have an address that takes mail, by group.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn reachable_readers(&self, digest: &str, cadence: &str) -> Result<Vec<(Group, i64)>> {
        let found: Vec<(i64, String, String, i64)> = self
            .read(sql!(
                "SELECT CASE WHEN s.cursor > d.floor THEN s.cursor ELSE d.floor END AS window_start,
               s.topics, s.language, count(*) AS readers
             FROM digests AS d JOIN subscriptions AS s ON s.digest = d.name
               JOIN subscribers AS p ON p.id = s.subscriber
             WHERE d.name = $1 AND s.cadence = $2 AND s.standing = 'active' AND p.address_state = 'good'
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            ))
            .bind(digest)
            .bind(cadence)
            .all()
            .await?;
        let counted = |(start, topics, language, readers)| (group((start, topics, language)), readers);
        Ok(found.into_iter().map(counted).collect())
    }

    /// Starts a planned edition: what was rendered is kept, what was decided too, and a hold because
    /// of rendering is over. `false`: it is no longer planned, the operator holds it or has changed
    /// what is in it; then nothing was changed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn start_edition(&self, edition: &Edition, start: Start<'_>) -> Result<bool> {
        let mut tx = self.begin().await?;
        tx.lock(PLANNER_LOCK).await?;
        let started = tx
            .query(sql!(
                "UPDATE editions SET state = 'filling', started = $2, reason = $3,
                   held = NULL, hold_reason = NULL, hold_code = NULL
                 WHERE id = $1 AND state = 'planned' AND revision = $4
                   AND (held IS NULL OR hold_code = 'rendering'
                     OR (hold_code = 'approval' AND $5 = 0))"
            ))
            .bind(edition.id)
            .bind(start.now.timestamp())
            .bind(start.reason.map(str::to_owned))
            .bind(edition.revision)
            .bind(start.variants.len() as i64)
            .run()
            .await?;
        if started == 0 {
            return Ok(false);
        }
        insert_groups(&mut tx, edition.id, start.groups, start.variants).await?;
        if start.moves_track {
            move_track(&mut tx, &edition.digest, &edition.cadence, edition.upto).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Adds groups that turned up while the edition is filled. What is decided already stays so.
    /// `false`: the operator has changed meanwhile what may be in it; then nothing was changed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn add_groups(
        &self,
        edition: &Edition,
        groups: &[Decided],
        variants: &[NewVariant],
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        tx.lock(PLANNER_LOCK).await?;
        let same: Option<(i64,)> = tx
            .query(sql!("SELECT id FROM editions WHERE id = $1 AND revision = $2"))
            .bind(edition.id)
            .bind(edition.revision)
            .maybe()
            .await?;
        if same.is_none() {
            return Ok(false);
        }
        insert_groups(&mut tx, edition.id, groups, variants).await?;
        if !variants.is_empty() {
            move_track(&mut tx, &edition.digest, &edition.cadence, edition.upto).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Up to which subscriber the next chunk of `size` readers of the track goes, whatever their
    /// standing; `None`: all are passed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn chunk_end(&self, edition: &Edition, size: u32) -> Result<Option<i64>> {
        let (end,): (Option<i64>,) = self
            .read(sql!(
                "SELECT max(next.subscriber) FROM (
                   SELECT s.subscriber FROM subscriptions AS s
                   WHERE s.digest = $1 AND s.cadence = $2 AND s.subscriber > $3
                   ORDER BY s.subscriber LIMIT $4) AS next"
            ))
            .bind(&*edition.digest)
            .bind(&*edition.cadence)
            .bind(edition.filled_to)
            .bind(i64::from(size.max(1)))
            .one()
            .await?;
        Ok(end)
    }

    /// Fills the readers after `edition.filled_to` up to `end`. Those of `kept_out` and those whose
    /// address takes no mail get a row that says so.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn fill_chunk(&self, edition: &Edition, end: i64, kept_out: &[i64]) -> Result<Chunk> {
        match self.try_chunk(edition, end, kept_out).await {
            // On PostgreSQL a reader was changed by somebody else at the same time.
            Err(StoreError::Database(sqlx::Error::Database(error)))
                if error.code().as_deref() == Some("40001") =>
            {
                Ok(Chunk::Taken)
            }
            other => other,
        }
    }

    async fn try_chunk(&self, edition: &Edition, end: i64, kept_out: &[i64]) -> Result<Chunk> {
        let mut tx = self.begin().await?;
        let began = std::time::Instant::now();
        // All statements of the chunk see the same readers.
        tx.freeze_view().await?;
        let passed = tx
            .query(sql!(
                "UPDATE editions SET filled_to = $3
                 WHERE id = $1 AND filled_to = $2 AND state = 'filling' AND held IS NULL"
            ))
            .bind(edition.id)
            .bind(edition.filled_to)
            .bind(end)
            .run()
            .await?;
        if passed == 0 {
            return Ok(Chunk::Taken);
        }
        let unknown = unknown_groups(&mut tx, edition, end).await?;
        if !unknown.is_empty() {
            return Ok(Chunk::Unknown(unknown));
        }
        let readers = insert_deliveries(&mut tx, edition, end, kept_out).await?;
        move_cursors(&mut tx, edition, end).await?;
        tx.commit().await?;
        let took = began.elapsed();
        Ok(Chunk::Filled { readers, took })
    }

    /// Ends the fill: the edition is sent from now on, or skipped where nobody gets it. `false`:
    /// another process did it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn end_fill(&self, edition: &Edition, now: Instant) -> Result<bool> {
        let ended = self
            .write(sql!(
                "WITH mails AS (SELECT count(*) AS n FROM variants WHERE edition = $1)
                 UPDATE editions SET
                   state = CASE WHEN mails.n = 0 THEN 'skipped' ELSE 'sending' END,
                   reason = CASE WHEN mails.n = 0 THEN reason END,
                   number = CASE WHEN mails.n > 0 THEN number END,
                   finished = CASE WHEN mails.n = 0 THEN CAST($3 AS BIGINT) END
                 FROM mails WHERE id = $1 AND filled_to = $2 AND state = 'filling' AND held IS NULL"
            ))
            .bind(edition.id)
            .bind(edition.filled_to)
            .bind(now.timestamp())
            .run()
            .await?;
        Ok(ended > 0)
    }
}

async fn insert_groups(tx: &mut Tx, edition: i64, groups: &[Decided], variants: &[NewVariant]) -> Result<()> {
    for some in variants.chunks(VARIANTS_AT_ONCE) {
        let row = |v: &NewVariant| {
            let articles = serde_json::json!(v.articles).to_string();
            (v.key.clone(), v.language.clone(), articles, v.message.clone())
        };
        tx.query(sql!(
            "INSERT INTO variants (edition, key, language, articles, message)
             SELECT $1, v.value->>0, v.value->>1, v.value->>2, v.value->>3 FROM jsonb_each($2) AS v
             WHERE true ON CONFLICT (edition, key) DO NOTHING"
        ))
        .bind(edition)
        .bind(rows(some.iter().map(row)))
        .run()
        .await?;
    }
    for some in groups.chunks(GROUPS_AT_ONCE) {
        let row = |g: &Decided| {
            let Group {
                window_start,
                topics,
                language,
            } = g.group.clone();
            (
                window_start,
                topics,
                language,
                g.outcome,
                g.cursor,
                g.variant.clone(),
            )
        };
        tx.query(sql!(
            "INSERT INTO edition_groups (edition, window_start, topics, language, outcome, cursor, variant)
             SELECT $1, CAST(g.value->>0 AS BIGINT), g.value->>1, g.value->>2, g.value->>3,
               CAST(g.value->>4 AS BIGINT), v.id
             FROM jsonb_each($2) AS g LEFT JOIN variants AS v ON v.edition = $1 AND v.key = g.value->>5
             WHERE true ON CONFLICT (edition, window_start, topics, language) DO NOTHING"
        ))
        .bind(edition)
        .bind(rows(some.iter().map(row)))
        .run()
        .await?;
    }
    Ok(())
}

/// The groups among the readers of a chunk that nothing was decided for.
async fn unknown_groups(tx: &mut Tx, edition: &Edition, end: i64) -> Result<Vec<Group>> {
    let found: Vec<GroupRow> = tx
        .query(sql!(
            "SELECT w.window_start, w.topics, w.language FROM (
               SELECT DISTINCT CASE WHEN s.cursor > d.floor THEN s.cursor ELSE d.floor END AS window_start,
                 s.topics, s.language
               FROM digests AS d JOIN subscriptions AS s ON s.digest = d.name
               WHERE d.name = $2 AND s.cadence = $3 AND s.standing = 'active'
                 AND s.subscriber > $4 AND s.subscriber <= $5) AS w
             LEFT JOIN edition_groups AS g ON g.edition = $1 AND g.window_start = w.window_start
               AND g.topics = w.topics AND g.language = w.language
             WHERE g.edition IS NULL"
        ))
        .bind(edition.id)
        .bind(&*edition.digest)
        .bind(&*edition.cadence)
        .bind(edition.filled_to)
        .bind(end)
        .all()
        .await?;
    Ok(found.into_iter().map(group).collect())
}

async fn insert_deliveries(tx: &mut Tx, edition: &Edition, end: i64, kept_out: &[i64]) -> Result<u64> {
    tx.query(sql!(
        "INSERT INTO deliveries (edition, variant, subscriber, state, next_try)
         SELECT $1, w.variant, w.subscriber,
           CASE WHEN w.open THEN 'queued' ELSE 'suppressed' END, CASE WHEN w.open THEN CAST($6 AS BIGINT) END
         FROM (
           SELECT g.variant, s.subscriber, p.address_state = 'good' AND s.subscriber NOT IN (
               SELECT CAST(k.value->>0 AS BIGINT) FROM jsonb_each($7) AS k) AS open
           FROM digests AS d JOIN subscriptions AS s ON s.digest = d.name
             JOIN edition_groups AS g ON g.edition = $1 AND g.topics = s.topics AND g.language = s.language
               AND g.window_start = CASE WHEN s.cursor > d.floor THEN s.cursor ELSE d.floor END
             JOIN subscribers AS p ON p.id = s.subscriber
           WHERE d.name = $2 AND s.cadence = $3 AND s.standing = 'active'
             AND s.subscriber > $4 AND s.subscriber <= $5 AND g.outcome = 'mail') AS w
         ORDER BY w.subscriber ON CONFLICT (edition, subscriber) DO NOTHING"
    ))
    .bind(edition.id)
    .bind(&*edition.digest)
    .bind(&*edition.cadence)
    .bind(edition.filled_to)
    .bind(end)
    .bind(edition.starts)
    .bind(rows(kept_out.iter().map(|id| (id,))))
    .run()
    .await
}

async fn move_cursors(tx: &mut Tx, edition: &Edition, end: i64) -> Result<u64> {
    tx.query(sql!(
        "UPDATE subscriptions AS s SET cursor = g.cursor FROM edition_groups AS g, digests AS d
         WHERE d.name = $2 AND g.edition = $1 AND g.outcome <> 'few'
           AND s.digest = $2 AND s.cadence = $3 AND s.standing = 'active'
           AND s.subscriber > $4 AND s.subscriber <= $5
           AND g.window_start = CASE WHEN s.cursor > d.floor THEN s.cursor ELSE d.floor END
           AND g.topics = s.topics AND g.language = s.language AND s.cursor <> g.cursor"
    ))
    .bind(edition.id)
    .bind(&*edition.digest)
    .bind(&*edition.cadence)
    .bind(edition.filled_to)
    .bind(end)
    .run()
    .await
}
