//! Editions as commands and reports show them.

use super::db::{Result, Store};
use super::editions::Edition;
use super::error::StoreError;
use crate::clock::Instant;
use crate::sql;

/// How many deliveries of an edition are in each state. `in_doubt` is no state: it counts those that
/// were tried again because an answer was never read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Waiting or on its way.
    pub queued: i64,
    pub sent: i64,
    pub deferred: i64,
    pub failed: i64,
    pub suppressed: i64,
    pub unknown: i64,
    pub dropped: i64,
    pub in_doubt: i64,
}

/// [`Counts`] as they are read: each from an index alone.
#[derive(sqlx::FromRow)]
struct Read {
    all_of_them: i64,
    sent: i64,
    deferred: i64,
    failed: i64,
    suppressed: i64,
    unknown: i64,
    dropped: i64,
    in_doubt: i64,
}

impl Counts {
    /// All who got a mail or were to get one.
    #[must_use]
    pub fn recipients(&self) -> i64 {
        self.queued + self.sent + self.deferred + self.failed + self.unknown + self.dropped
    }
}

/// The name of an edition's article, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct ArticleLine {
    pub id: String,
    pub title: String,
    pub url: String,
}

/// What a browser may be shown of an edition.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Page {
    pub state: String,
    pub held: Option<i64>,
    pub message: String,
}

impl Store {
    /// Editions, the newest first: at most `limit`, after the one called `after`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn editions(&self, limit: i64, after: Option<&str>) -> Result<Vec<Edition>> {
        self.read(sql!(
            "SELECT e.* FROM editions AS e
             WHERE CAST($2 AS TEXT) IS NULL OR e.id < (SELECT o.id FROM editions AS o WHERE o.name = $2)
             ORDER BY e.id DESC LIMIT $1"
        ))
        .bind(limit)
        .bind(after.map(str::to_owned))
        .all()
        .await
    }

    /// The edition of a name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn edition_named(&self, name: &str) -> Result<Option<Edition>> {
        self.read(sql!("SELECT * FROM editions WHERE name = $1"))
            .bind(name)
            .maybe()
            .await
    }

    /// What became of an edition's deliveries so far.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn edition_counts(&self, edition: i64) -> Result<Counts> {
        let read: Read = self
            .read(sql!(
                "SELECT
                   (SELECT count(*) FROM deliveries WHERE edition = $1) AS all_of_them,
                   (SELECT count(*) FROM deliveries WHERE edition = $1 AND state = 'sent') AS sent,
                   count(*) FILTER (WHERE state = 'deferred') AS deferred,
                   count(*) FILTER (WHERE state = 'failed') AS failed,
                   count(*) FILTER (WHERE state = 'suppressed') AS suppressed,
                   count(*) FILTER (WHERE state = 'unknown') AS unknown,
                   count(*) FILTER (WHERE state = 'dropped') AS dropped,
                   (SELECT count(*) FROM deliveries WHERE edition = $1 AND doubts > 0) AS in_doubt
                 FROM deliveries
                 WHERE edition = $1
                   AND state IN ('deferred', 'failed', 'suppressed', 'unknown', 'dropped')"
            ))
            .bind(edition)
            .one()
            .await?;
        let unsent = read.deferred + read.failed + read.suppressed + read.unknown + read.dropped;
        Ok(Counts {
            queued: read.all_of_them - read.sent - unsent,
            sent: read.sent,
            deferred: read.deferred,
            failed: read.failed,
            suppressed: read.suppressed,
            unknown: read.unknown,
            dropped: read.dropped,
            in_doubt: read.in_doubt,
        })
    }

    /// The lists of articles of an edition's variants, the longest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn variant_articles(&self, edition: i64) -> Result<Vec<Vec<String>>> {
        let found: Vec<(String,)> = self
            .read(sql!(
                "SELECT articles FROM variants WHERE edition = $1 ORDER BY length(articles) DESC, id"
            ))
            .bind(edition)
            .all()
            .await?;
        found
            .iter()
            .map(|(ids,)| {
                serde_json::from_str(ids).map_err(|why| StoreError::Document {
                    what: format!("a variant of edition {edition}"),
                    why,
                })
            })
            .collect()
    }

    /// Titles and addresses of articles, in the order asked, whatever has become of them since.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn article_lines(&self, ids: &[String]) -> Result<Vec<ArticleLine>> {
        self.read(sql!(
            "SELECT a.id, a.title, a.url FROM jsonb_each($1) AS wanted JOIN articles AS a ON a.id = wanted.value->>0
             ORDER BY CAST(wanted.key AS BIGINT)"
        ))
        .bind(super::db::rows(ids.iter().map(|id| (id,))))
        .all()
        .await
    }

    /// The number and the start of the track's last edition that went to anybody.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn last_start(&self, digest: &str, cadence: &str) -> Result<Option<(i64, i64)>> {
        self.read(sql!(
            "SELECT number, starts FROM editions
             WHERE digest = $1 AND cadence = $2 AND number IS NOT NULL ORDER BY number DESC LIMIT 1"
        ))
        .bind(digest)
        .bind(cadence)
        .maybe()
        .await
    }

    /// The slots after an instant whose edition started or ended before they came: nothing more comes
    /// of them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn slots_gone_early(&self, digest: &str, cadence: &str, after: Instant) -> Result<Vec<i64>> {
        let gone: Vec<(i64,)> = self
            .read(sql!(
                "SELECT slot FROM editions
                 WHERE digest = $1 AND cadence = $2 AND slot > $3
                   AND (COALESCE(started, finished) < slot OR (state = 'dropped' AND planned < slot))"
            ))
            .bind(digest)
            .bind(cadence)
            .bind(after.timestamp())
            .all()
            .await?;
        Ok(gone.into_iter().map(|(slot,)| slot).collect())
    }

    /// The state of an edition and the frozen message of a variant of it, by the first 16 characters
    /// of its key, or of the variant with the most articles.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn edition_page(&self, name: &str, variant: Option<&str>) -> Result<Option<Page>> {
        self.read(sql!(
            "SELECT e.state, e.held, v.message FROM editions AS e JOIN variants AS v ON v.edition = e.id
             WHERE e.name = $1 AND (CAST($2 AS TEXT) IS NULL OR substr(v.key, 1, 16) = CAST($2 AS TEXT))
             ORDER BY length(v.articles) DESC, v.id LIMIT 1"
        ))
        .bind(name.to_owned())
        .bind(variant.map(str::to_owned))
        .maybe()
        .await
    }

    /// When the track's last edition before this one started, if it went to anybody.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn previous_start(&self, edition: &Edition) -> Result<Option<i64>> {
        let (previous,): (Option<i64>,) = self
            .read(sql!(
                "SELECT max(starts) FROM editions
                 WHERE digest = $1 AND cadence = $2 AND id < $3 AND number IS NOT NULL"
            ))
            .bind(&*edition.digest)
            .bind(&*edition.cadence)
            .bind(edition.id)
            .one()
            .await?;
        Ok(previous)
    }
}
