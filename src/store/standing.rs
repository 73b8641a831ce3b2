//! How mail stands while it is sent. Every statement here is answered from an index, whatever the
//! number of deliveries. SQLite takes a partial index only where its own literal condition stands in
//! the statement, and `+edition` keeps it from walking all rows of the edition.

use super::db::{Result, Store};
use crate::sql;
use crate::telemetry::metrics::Levels;

/// Where an edition's mails are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Waiting {
    pub queued: i64,
    /// When the first deferred one is tried again.
    pub next_try: Option<i64>,
}

/// How many mails were sent since an instant, and when the first of them was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Sent {
    pub mails: i64,
    pub first: Option<i64>,
}

/// What a server said of a mail.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Said {
    pub code: Option<i64>,
    pub reply: Option<String>,
}

impl Store {
    /// The mails of an edition that wait.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn edition_waiting(&self, edition: i64) -> Result<Waiting> {
        self.read(sql!(
            "SELECT count(*) FILTER (WHERE state = 'queued') AS queued,
               min(next_try) FILTER (WHERE state = 'deferred') AS next_try
             FROM deliveries WHERE next_try IS NOT NULL AND +edition = $1"
        ))
        .bind(edition)
        .one()
        .await
    }

    /// The mails of an edition that were sent after an instant.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn edition_sent(&self, edition: i64, after: i64) -> Result<Sent> {
        self.read(sql!(
            "SELECT count(*) AS mails, min(sent_at) AS first
             FROM deliveries WHERE edition = $1 AND state = 'sent' AND sent_at > $2"
        ))
        .bind(edition)
        .bind(after)
        .one()
        .await
    }

    /// What was said of an edition's mails in a state, `deferred` or `failed`: of at most `most`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn edition_said(&self, edition: i64, state: &str, most: i64) -> Result<Vec<Said>> {
        self.read(sql!(
            "SELECT code, reply FROM deliveries
             WHERE edition = $1 AND state = $2
               AND state IN ('deferred', 'failed', 'suppressed', 'unknown', 'dropped')
             LIMIT $3"
        ))
        .bind(edition)
        .bind(state.to_owned())
        .bind(most)
        .all()
        .await
    }

    /// What metrics show of the store, at an instant in seconds since 1970.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn levels(&self, now: i64) -> Result<Levels> {
        let (queued, deferred): (i64, i64) = self
            .read(sql!(
                "SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'deferred')
                 FROM deliveries WHERE next_try IS NOT NULL"
            ))
            .one()
            .await?;
        let oldest: Option<(i64,)> = self
            .read(sql!(
                "SELECT next_try FROM deliveries
                 WHERE next_try > 0 AND next_try <= $1
                   AND (edition IS NULL OR edition NOT IN (SELECT id FROM editions WHERE held IS NOT NULL))
                 ORDER BY next_try, id LIMIT 1"
            ))
            .bind(now)
            .maybe()
            .await?;
        let editions = self
            .read(sql!(
                "SELECT CASE WHEN held IS NOT NULL AND finished IS NULL THEN 'held' ELSE state END, count(*)
                 FROM editions GROUP BY 1"
            ))
            .all()
            .await?;
        let (articles,): (i64,) = self
            .read(sql!("SELECT count(*) FROM articles WHERE removed IS NULL"))
            .one()
            .await?;
        let pings = self
            .read(sql!(
                "SELECT state, count(*) FROM pings WHERE next_try IS NOT NULL GROUP BY state"
            ))
            .all()
            .await?;
        let subscriptions = self
            .read(sql!(
                "SELECT protocol, count(*) FROM hub_subscriptions GROUP BY protocol"
            ))
            .all()
            .await?;
        Ok(Levels {
            mails: vec![("queued".to_owned(), queued), ("deferred".to_owned(), deferred)],
            oldest_due: oldest.map_or(0, |(due,)| now - due),
            editions,
            articles,
            pings,
            subscriptions,
        })
    }
}
