//! Articles as the store keeps them.

use super::db::{Result, Store, rows};
use crate::articles::Article;
use crate::articles::card::Card;
use crate::articles::state::{Marks, Stored};
use crate::clock::{Instant, from_seconds};
use crate::sql;

#[derive(sqlx::FromRow)]
struct CardRow {
    document: String,
    published: i64,
    hash: String,
    number: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct StoredRow {
    document: String,
    first_seen: i64,
    changed: i64,
    number: Option<i64>,
    announced: Option<i64>,
}

fn decode(document: &str) -> Result<Article> {
    serde_json::from_str(document).map_err(|error| sqlx::Error::Decode(error.into()))
}

impl Store {
    /// What may be announced to readers: numbered in (`after`, `upto`], by number, lowest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn numbered(&self, after: i64, upto: i64, now: Instant) -> Result<Vec<Card>> {
        let found: Vec<CardRow> = self
            .read(sql!(
                "SELECT document, published, hash, number FROM articles
                 WHERE number > $1 AND number <= $2 AND draft IS NULL AND removed IS NULL AND seen IS NULL
                   AND (expires IS NULL OR expires > $3) AND published <= $3
                 ORDER BY number"
            ))
            .bind(after)
            .bind(upto)
            .bind(now.timestamp())
            .all()
            .await?;
        found
            .into_iter()
            .map(|row| {
                let article = decode(&row.document)?;
                Ok(Card {
                    id: article.id,
                    source: article.source,
                    url: article.url,
                    title: article.title,
                    authors: article.authors,
                    categories: article.categories,
                    published: from_seconds(row.published),
                    hash: row.hash,
                    number: row.number,
                })
            })
            .collect()
    }

    /// Articles by id, in the order asked; what is not there is left out.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn articles(&self, ids: &[String]) -> Result<Vec<Stored>> {
        let found: Vec<StoredRow> = self
            .read(sql!(
                "SELECT a.document, a.first_seen, a.changed, a.number, a.announced
                 FROM jsonb_each($1) AS wanted JOIN articles AS a ON a.id = wanted.value->>0
                 ORDER BY CAST(wanted.key AS BIGINT)"
            ))
            .bind(rows(ids.iter().map(|id| (id,))))
            .all()
            .await?;
        found
            .into_iter()
            .map(|row| {
                Ok(Stored {
                    article: decode(&row.document)?,
                    first_seen: from_seconds(row.first_seen),
                    changed: from_seconds(row.changed),
                    number: row.number,
                    announced: row.announced.map(from_seconds),
                    marks: Marks::default(),
                })
            })
            .collect()
    }

    /// The highest announcement number; 0: none was given yet.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn highest_number(&self) -> Result<i64> {
        let (number,): (i64,) = self
            .read(sql!(
                "SELECT CAST(COALESCE(max(number), 0) AS BIGINT) FROM articles"
            ))
            .one()
            .await?;
        Ok(number)
    }
}
