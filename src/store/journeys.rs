//! Where an article has been: the editions that carried it and the pings that told of it.

use super::db::{Result, Store};
use crate::clock::{Instant, from_seconds};
use crate::sql;

/// An edition that carries an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// As `weekly/2026-11-30T07:00Z`
    pub edition: String,
    pub planned: Instant,
    pub started: Option<Instant>,
    /// Mails with the article.
    pub deliveries: i64,
    /// Those of them that were sent.
    pub sent: i64,
}

/// A ping about an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub id: i64,
    pub kind: String,
    pub endpoint: String,
    pub state: String,
    pub answer: Option<String>,
    pub created: Instant,
    pub finished: Option<Instant>,
}

impl Store {
    /// The editions that carry an article, the oldest first.
    ///
    /// # Errors
    /// As the database says.
    pub async fn editions_with(&self, article: &str) -> Result<Vec<Carried>> {
        let found: Vec<(String, i64, Option<i64>, i64, i64)> = self
            .read(sql!(
                "SELECT e.name, e.planned, e.started, CAST(count(d.id) AS BIGINT),
                        CAST(count(d.id) FILTER (WHERE d.state = 'sent') AS BIGINT)
                 FROM variants AS v JOIN editions AS e ON e.id = v.edition
                 LEFT JOIN deliveries AS d ON d.edition = e.id AND d.variant = v.id
                 WHERE ",
                ["instr" | "strpos"],
                "(v.articles, $1) > 0
                 GROUP BY e.id, e.name, e.planned, e.started ORDER BY e.planned, e.id"
            ))
            .bind(quoted(article))
            .all()
            .await?;
        let carried =
            |(edition, planned, started, deliveries, sent): (String, i64, Option<i64>, i64, i64)| Carried {
                edition,
                planned: from_seconds(planned),
                started: started.map(from_seconds),
                deliveries,
                sent,
            };
        Ok(found.into_iter().map(carried).collect())
    }

    /// The pings about an address, the oldest first.
    ///
    /// # Errors
    /// As the database says.
    pub async fn pings_about(&self, url: &str) -> Result<Vec<Told>> {
        let found: Vec<ToldRow> = self
            .read(sql!(
                "SELECT id, kind, endpoint, state, answer, created, finished FROM pings WHERE ",
                ["instr" | "strpos"],
                "(subjects, $1) > 0 ORDER BY id"
            ))
            .bind(quoted(url))
            .all()
            .await?;
        Ok(found.into_iter().map(Told::from).collect())
    }
}

#[derive(sqlx::FromRow)]
struct ToldRow {
    id: i64,
    kind: String,
    endpoint: String,
    state: String,
    answer: Option<String>,
    created: i64,
    finished: Option<i64>,
}

impl From<ToldRow> for Told {
    fn from(row: ToldRow) -> Told {
        Told {
            id: row.id,
            kind: row.kind,
            endpoint: row.endpoint,
            state: row.state,
            answer: row.answer,
            created: from_seconds(row.created),
            finished: row.finished.map(from_seconds),
        }
    }
}

/// A text as it stands in a JSON list of texts.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
