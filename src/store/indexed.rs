//! What search engines were told of which article, so that what is otherwise now is told once.

use super::db::{Result, Tx};
use crate::clock::Instant;
use crate::sql;

impl Tx {
    /// Where articles are, or were, of which something else was told than is true now: announced since,
    /// edited, moved, or gone.
    ///
    /// # Errors
    /// As the database says.
    pub async fn changed_urls(&mut self, now: Instant) -> Result<Vec<String>> {
        let found: Vec<(Option<String>, Option<String>)> = self
            .query(sql!(
                "SELECT i.url, CASE WHEN a.url <> coalesce(i.url, '') OR a.hash <> i.hash THEN a.url END
                 FROM (SELECT id, url, hash, number FROM articles
                   WHERE removed IS NULL AND draft IS NULL AND published <= $1
                     AND (expires IS NULL OR expires > $1)) AS a
                 FULL JOIN indexed AS i ON i.article = a.id
                 WHERE (i.article IS NULL AND a.number IS NOT NULL) OR a.id IS NULL
                   OR a.url <> i.url OR a.hash <> i.hash
                 ORDER BY coalesce(a.id, i.article)"
            ))
            .bind(now.timestamp())
            .all()
            .await?;
        Ok(found
            .into_iter()
            .flat_map(|(before, after)| [before, after])
            .flatten()
            .collect())
    }

    /// From now on all is told that is true now. Articles that wait to be announced are left out.
    ///
    /// # Errors
    /// As the database says.
    pub async fn set_indexed(&mut self, now: Instant) -> Result<()> {
        self.query(sql!(
            "DELETE FROM indexed WHERE article NOT IN (SELECT id FROM articles
               WHERE removed IS NULL AND draft IS NULL AND published <= $1
                 AND (expires IS NULL OR expires > $1))"
        ))
        .bind(now.timestamp())
        .run()
        .await?;
        self.query(sql!(
            "INSERT INTO indexed (article, url, hash)
             SELECT id, url, hash FROM articles
             WHERE removed IS NULL AND draft IS NULL AND published <= $1
               AND (expires IS NULL OR expires > $1)
               AND (number IS NOT NULL OR baseline IS NOT NULL OR seen IS NOT NULL)
             ON CONFLICT (article) DO UPDATE SET url = excluded.url, hash = excluded.hash
             WHERE indexed.url <> excluded.url OR indexed.hash <> excluded.hash"
        ))
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }
}
