//! Which items stood in older versions of documents, for readers that ask for changes alone.

use super::db::{Result, Store};
use crate::clock::Instant;
use crate::sql;

/// So many versions of a document are kept, the newest.
const VERSIONS: i64 = 16;

impl Store {
    /// The marks of the items of a version, with spaces between them.
    ///
    /// # Errors
    /// As the database says.
    pub async fn feed_version(&self, path: &str, tag: &str) -> Result<Option<String>> {
        let found: Option<(String,)> = self
            .read(sql!(
                "SELECT marks FROM feed_versions WHERE path = $1 AND tag = $2"
            ))
            .bind(path.to_owned())
            .bind(tag.to_owned())
            .maybe()
            .await?;
        Ok(found.map(|(marks,)| marks))
    }

    /// Keeps a version, and forgets the oldest of that document where there are too many.
    ///
    /// # Errors
    /// As the database says; then nothing has happened.
    pub async fn keep_feed_version(&self, path: &str, tag: &str, marks: &str, at: Instant) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.query(sql!(
            "INSERT INTO feed_versions (path, tag, kept, marks) VALUES ($1, $2, $3, $4)
             ON CONFLICT (path, tag) DO UPDATE SET kept = excluded.kept"
        ))
        .bind(path.to_owned())
        .bind(tag.to_owned())
        .bind(at.timestamp())
        .bind(marks.to_owned())
        .run()
        .await?;
        tx.query(sql!(
            "DELETE FROM feed_versions WHERE path = $1 AND tag NOT IN (
               SELECT tag FROM feed_versions WHERE path = $1 ORDER BY kept DESC, tag LIMIT $2)"
        ))
        .bind(path.to_owned())
        .bind(VERSIONS)
        .run()
        .await?;
        tx.commit().await
    }
}
