//! Which documents were published, and the folder of each category and author.

use super::db::{Result, Store, Tx, rows};
use crate::clock::{Instant, from_seconds};
use crate::sql;

/// Who may give slugs now.
const SLUGS_LOCK: i64 = 0x736c_7567;

/// A published document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedRow {
    /// Relative to `feeds.dir`.
    pub path: String,
    /// Of all that it shows but `changed`.
    pub hash: String,
    pub changed: Instant,
}

/// The folder that the feeds of a category or author have.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SlugRow {
    /// `category`, `author`
    pub kind: String,
    pub name: String,
    pub slug: String,
}

impl Store {
    /// All published documents.
    ///
    /// # Errors
    /// As the database says.
    pub async fn feed_rows(&self) -> Result<Vec<FeedRow>> {
        let found: Vec<(String, String, i64)> = self
            .read(sql!("SELECT path, hash, changed FROM feeds ORDER BY path"))
            .all()
            .await?;
        let row = |(path, hash, changed)| FeedRow {
            path,
            hash,
            changed: from_seconds(changed),
        };
        Ok(found.into_iter().map(row).collect())
    }

    /// Whether a document of this path, relative to `feeds.dir`, is published.
    ///
    /// # Errors
    /// As the database says.
    pub async fn is_published(&self, path: &str) -> Result<bool> {
        let found: Option<(String,)> = self
            .read(sql!("SELECT path FROM feeds WHERE path = $1"))
            .bind(path.to_owned())
            .maybe()
            .await?;
        Ok(found.is_some())
    }

    /// All folders given so far.
    ///
    /// # Errors
    /// As the database says.
    pub async fn feed_slugs(&self) -> Result<Vec<SlugRow>> {
        self.read(sql!(
            "SELECT kind, name, slug FROM feed_slugs ORDER BY kind, name"
        ))
        .all()
        .await
    }
}

impl Tx {
    /// Keeps what was written, and forgets what was removed.
    ///
    /// # Errors
    /// As the database says.
    pub async fn settle_feeds(&mut self, written: &[FeedRow], removed: &[String]) -> Result<()> {
        let written = written
            .iter()
            .map(|row| (&row.path, &row.hash, row.changed.timestamp()));
        self.query(sql!(
            "INSERT INTO feeds (path, hash, changed)
             SELECT value->>0, value->>1, CAST(value->>2 AS BIGINT) FROM jsonb_each($1) WHERE true
             ON CONFLICT (path) DO UPDATE SET hash = excluded.hash, changed = excluded.changed"
        ))
        .bind(rows(written))
        .run()
        .await?;
        self.query(sql!(
            "DELETE FROM feeds WHERE path IN (SELECT value->>0 FROM jsonb_each($1))"
        ))
        .bind(rows(removed.iter().map(|path| (path,))))
        .run()
        .await?;
        Ok(())
    }

    /// All folders given so far; until the end of the transaction nobody else gives any.
    ///
    /// # Errors
    /// As the database says.
    pub async fn lock_feed_slugs(&mut self) -> Result<Vec<SlugRow>> {
        self.lock(SLUGS_LOCK).await?;
        self.query(sql!(
            "SELECT kind, name, slug FROM feed_slugs ORDER BY kind, name"
        ))
        .all()
        .await
    }

    /// Gives folders.
    ///
    /// # Errors
    /// As the database says; a folder that another has, too.
    pub async fn add_feed_slugs(&mut self, new: &[SlugRow]) -> Result<()> {
        let new = new.iter().map(|row| (&row.kind, &row.name, &row.slug));
        self.query(sql!(
            "INSERT INTO feed_slugs (kind, name, slug)
             SELECT value->>0, value->>1, value->>2 FROM jsonb_each($1)"
        ))
        .bind(rows(new))
        .run()
        .await?;
        Ok(())
    }
}
