//! The articles: what an intake reads and marks, and what feeds, editions and lists ask for.

use super::article_rows::{seconds, unreadable};
use super::db::{Result, Sql, Store, Tx, rows};
use crate::articles::Article;
use crate::articles::intake::Known;
use crate::articles::state::{Marks, Standing, Stored};
use crate::clock::{Instant, from_seconds};
use crate::sql;
use std::collections::HashMap;

/// So many articles are asked for in one statement.
const BATCH: usize = 256;
/// Numbers come from one row: articles take them, and a digest that has deferred one.
const HIGHEST_NUMBER: Sql = sql!(
    "SELECT CAST(COALESCE(max(n.number), 0) AS BIGINT) FROM (
       SELECT max(number) AS number FROM articles WHERE number IS NOT NULL UNION ALL SELECT max(number) FROM deferrals) AS n"
);

#[derive(sqlx::FromRow)]
struct KnownRow {
    id: String,
    guid: Option<String>,
    source: String,
    path: String,
    url: String,
    title: String,
    hash: String,
    likeness: String,
    published: i64,
    first_seen: i64,
    expires: Option<i64>,
    number: Option<i64>,
    #[sqlx(flatten)]
    marks: MarksRow,
}

#[derive(sqlx::FromRow)]
struct MarksRow {
    draft: Option<i64>,
    baseline: Option<i64>,
    held: Option<i64>,
    seen: Option<i64>,
    removed: Option<i64>,
    failing: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct StoredRow {
    document: String,
    first_seen: i64,
    changed: i64,
    number: Option<i64>,
    announced: Option<i64>,
    #[sqlx(flatten)]
    marks: MarksRow,
}

impl Tx {
    /// All articles without their text, removed ones too.
    ///
    /// # Errors
    /// As the database says.
    pub async fn known_articles(&mut self) -> Result<Vec<Known>> {
        let known: Vec<KnownRow> = self
            .query(sql!(
                "SELECT id, guid, source, path, url, title, hash, likeness, published, first_seen, expires,
                        number, draft, baseline, held, seen, removed, failing
                 FROM articles"
            ))
            .all()
            .await?;
        Ok(known.into_iter().map(Known::from).collect())
    }

    /// Of the articles without their text: those whose path, id or URL is among the names, those that may
    /// yet be announced, and those that fail or are of none of the sources.
    ///
    /// # Errors
    /// As the database says.
    pub async fn known_among(&mut self, names: &[String], sources: &[&str]) -> Result<Vec<Known>> {
        let known: Vec<KnownRow> = self
            .query(sql!(
                "SELECT id, guid, source, path, url, title, hash, likeness, published, first_seen, expires,
                        number, draft, baseline, held, seen, removed, failing
                 FROM articles
                 WHERE path IN (SELECT n.value->>0 FROM jsonb_each($1) AS n)
                   OR id IN (SELECT n.value->>0 FROM jsonb_each($1) AS n)
                   OR url IN (SELECT n.value->>0 FROM jsonb_each($1) AS n)
                   OR (removed IS NULL AND (failing IS NOT NULL OR held IS NOT NULL
                     OR (number IS NULL AND baseline IS NULL AND seen IS NULL)
                     OR source NOT IN (SELECT s.value->>0 FROM jsonb_each($2) AS s)))"
            ))
            .bind(rows(names.iter().map(|name| (name,))))
            .bind(rows(sources.iter().map(|source| (source,))))
            .all()
            .await?;
        Ok(known.into_iter().map(Known::from).collect())
    }

    /// Writes marks alone.
    ///
    /// # Errors
    /// As the database says.
    pub async fn mark_articles(&mut self, marks: &[(String, Marks)]) -> Result<()> {
        self.query(sql!(
            "UPDATE articles SET draft = CAST(m.value->1->>0 AS BIGINT),
               baseline = CAST(m.value->1->>1 AS BIGINT), held = CAST(m.value->1->>2 AS BIGINT),
               seen = CAST(m.value->1->>3 AS BIGINT), removed = CAST(m.value->1->>4 AS BIGINT),
               failing = CAST(m.value->1->>5 AS BIGINT)
             FROM jsonb_each($1) AS m WHERE articles.id = m.value->>0"
        ))
        .bind(rows(marks.iter().map(|(id, marks)| (id.clone(), seconds(marks)))))
        .run()
        .await?;
        Ok(())
    }

    /// Gives announcement numbers. The planner's lock must be held. A number that is there stays.
    ///
    /// # Errors
    /// As the database says.
    pub async fn number_articles(&mut self, numbers: &[(String, i64)], now: Instant) -> Result<()> {
        self.query(sql!(
            "UPDATE articles SET number = CAST(n.value->>1 AS BIGINT), announced = $2
             FROM jsonb_each($1) AS n WHERE articles.id = n.value->>0 AND articles.number IS NULL"
        ))
        .bind(rows(numbers.iter().cloned()))
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    /// The highest announcement number, 0 where there is none.
    ///
    /// # Errors
    /// As the database says.
    pub async fn highest_number(&mut self) -> Result<i64> {
        let (highest,): (i64,) = self.query(HIGHEST_NUMBER).one().await?;
        Ok(highest)
    }
}

impl Store {
    /// When the next article's date comes, after an instant; in seconds. `None`: none is scheduled.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_publication(&self, after: Instant) -> Result<Option<i64>> {
        let (next,): (Option<i64>,) = self
            .read(sql!(
                "SELECT min(published) FROM articles
                 WHERE published > $1 AND removed IS NULL AND draft IS NULL"
            ))
            .bind(after.timestamp())
            .one()
            .await?;
        Ok(next)
    }

    /// Whole articles, in the order asked; an id that is not known is left out.
    ///
    /// # Errors
    /// As the database says; a document that is none.
    pub async fn articles(&self, ids: &[String]) -> Result<Vec<Stored>> {
        let mut by_id = HashMap::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let found: Vec<StoredRow> = self
                .read(sql!(
                    "SELECT d.document, a.first_seen, a.changed, a.number, a.announced,
                            a.draft, a.baseline, a.held, a.seen, a.removed, a.failing
                     FROM jsonb_each($1) AS w JOIN articles AS a ON a.id = w.value->>0
                     JOIN documents AS d ON d.article = a.id"
                ))
                .bind(rows(batch.iter().map(|id| (id.clone(),))))
                .all()
                .await?;
            for row in found {
                let stored = stored(row)?;
                by_id.insert(stored.article.id.clone(), stored);
            }
        }
        Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
    }

    /// The ids of all articles, newest first.
    ///
    /// # Errors
    /// As the database says.
    pub async fn article_ids(&self) -> Result<Vec<String>> {
        let mut found: Vec<(i64, String)> = self
            .read(sql!("SELECT published, id FROM articles"))
            .all()
            .await?;
        found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// The highest announcement number, 0 where there is none.
    ///
    /// # Errors
    /// As the database says.
    pub async fn highest_number(&self) -> Result<i64> {
        let (highest,): (i64,) = self.read(HIGHEST_NUMBER).one().await?;
        Ok(highest)
    }
}

impl From<MarksRow> for Marks {
    fn from(row: MarksRow) -> Marks {
        Marks {
            draft: row.draft.map(from_seconds),
            baseline: row.baseline.map(from_seconds),
            held: row.held.map(from_seconds),
            seen: row.seen.map(from_seconds),
            removed: row.removed.map(from_seconds),
            failing: row.failing.map(from_seconds),
        }
    }
}

impl From<KnownRow> for Known {
    fn from(row: KnownRow) -> Known {
        Known {
            id: row.id,
            guid: row.guid,
            source: row.source,
            path: row.path,
            url: row.url,
            title: row.title,
            hash: row.hash,
            likeness: row.likeness,
            first_seen: from_seconds(row.first_seen),
            standing: Standing {
                marks: row.marks.into(),
                published: from_seconds(row.published),
                expires: row.expires.map(from_seconds),
                number: row.number,
            },
        }
    }
}

fn stored(row: StoredRow) -> Result<Stored> {
    let article: Article = serde_json::from_str(&row.document).map_err(|why| unreadable("unnamed", why))?;
    Ok(Stored {
        article,
        first_seen: from_seconds(row.first_seen),
        changed: from_seconds(row.changed),
        number: row.number,
        announced: row.announced.map(from_seconds),
        marks: row.marks.into(),
    })
}
