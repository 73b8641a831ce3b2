//! How many read each document, by day.

use super::db::{Result, Store, rows};
use crate::sql;

/// How often a service, or those who fetch a document themselves, did so on a day.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ReaderRow {
    /// Relative to `feeds.dir`.
    pub path: String,
    /// Since 1970, UTC.
    pub day: i64,
    /// Empty: those who fetch it themselves.
    pub service: String,
    pub feed_id: String,
    pub readers: i64,
    pub requests: i64,
}

/// Somebody who fetched a document on a day, by a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitorRow {
    pub path: String,
    pub day: i64,
    pub visitor: String,
}

impl Store {
    /// Adds to what was counted: requests are summed, what a service says last holds, and visitors
    /// are counted once a day. Visitors of days before `today` are forgotten soon, and all
    /// of days before `oldest`.
    ///
    /// # Errors
    /// As the database says; then nothing was added.
    pub async fn count_feed_readers(
        &self,
        readers: &[ReaderRow],
        visitors: &[VisitorRow],
        today: i64,
        oldest: i64,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let seen = visitors.iter().map(|row| (&row.path, row.day, &row.visitor));
        tx.query(sql!(
            "INSERT INTO feed_visitors (path, day, visitor)
             SELECT value->>0, CAST(value->>1 AS BIGINT), value->>2 FROM jsonb_each($1) WHERE true
             ON CONFLICT DO NOTHING"
        ))
        .bind(rows(seen))
        .run()
        .await?;
        let counted = readers.iter().map(|row| {
            let ReaderRow {
                path,
                day,
                service,
                feed_id,
                readers,
                requests,
            } = row;
            (path, day, service, feed_id, readers, requests)
        });
        tx.query(sql!(
            "INSERT INTO feed_readers (path, day, service, feed_id, readers, requests)
             SELECT value->>0, CAST(value->>1 AS BIGINT), value->>2, value->>3,
               CAST(value->>4 AS BIGINT), CAST(value->>5 AS BIGINT)
             FROM jsonb_each($1) WHERE true
             ON CONFLICT (path, day, service, feed_id) DO UPDATE SET
               readers = excluded.readers, requests = feed_readers.requests + excluded.requests"
        ))
        .bind(rows(counted))
        .run()
        .await?;
        // A day that is over is counted for some time yet: others may be late.
        let yesterday = today - 1;
        tx.query(sql!(
            "UPDATE feed_readers SET readers = (SELECT count(*) FROM feed_visitors AS v
               WHERE v.path = feed_readers.path AND v.day = feed_readers.day)
             WHERE service = '' AND day >= $1 AND path IN (SELECT value->>0 FROM jsonb_each($2))"
        ))
        .bind(yesterday)
        .bind(rows(readers.iter().map(|row| (&row.path,))))
        .run()
        .await?;
        tx.query(sql!("DELETE FROM feed_visitors WHERE day < $1"))
            .bind(yesterday)
            .run()
            .await?;
        tx.query(sql!("DELETE FROM feed_readers WHERE day < $1"))
            .bind(oldest)
            .run()
            .await?;
        tx.commit().await
    }

    /// What was counted from a day on, by path and day.
    ///
    /// # Errors
    /// As the database says.
    pub async fn feed_readers(&self, from: i64) -> Result<Vec<ReaderRow>> {
        self.read(sql!(
            "SELECT path, day, service, feed_id, readers, requests FROM feed_readers
             WHERE day >= $1 ORDER BY path, day, service, feed_id"
        ))
        .bind(from)
        .all()
        .await
    }
}
