//! The articles: what an intake reads and writes, and what feeds, editions and lists ask for.

use super::article_rows::{Batch, seconds, unreadable};
use super::db::{Result, Sql, Store, Tx, rows};
use crate::articles::Article;
use crate::articles::intake::{Change, Known};
use crate::articles::state::{Marks, Standing, Stored};
use crate::clock::{Instant, from_seconds};
use crate::sql;
use std::collections::HashMap;
use std::panic::resume_unwind;
use tokio::sync::mpsc;

/// So many articles go in one statement: a parameter of a few megabytes.
const BATCH: usize = 256;
/// So many documents go in one statement, each as a parameter: within JSON their text would be escaped,
/// copied and read again.
const DOCUMENTS: usize = 64;

/// Numbers come from one row: articles take them, and a digest that has deferred one.
const HIGHEST_NUMBER: Sql = sql!(
    "SELECT CAST(COALESCE(max(n.number), 0) AS BIGINT) FROM (
       SELECT max(number) AS number FROM articles UNION ALL SELECT max(number) FROM deferrals) AS n"
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

    /// Writes articles that are new or other than they were, with their marks; numbers stay.
    ///
    /// # Errors
    /// As the database says.
    pub async fn write_articles(&mut self, mut changes: Vec<Change>, now: Instant) -> Result<()> {
        // Neighbours in the tables' keys are written together.
        changes.sort_by(|a, b| a.article.id.cmp(&b.article.id));
        let mut changes = changes.into_iter();
        // While the database writes one, the next is made ready.
        let (made, mut ready) = mpsc::channel(1);
        let making = tokio::task::spawn_blocking(move || {
            loop {
                let some: Vec<Change> = changes.by_ref().take(BATCH).collect();
                if some.is_empty() || made.blocking_send(Batch::of(some)).is_err() {
                    return;
                }
            }
        });
        while let Some(batch) = ready.recv().await {
            self.write_batch(batch?, now).await?;
        }
        match making.await {
            Err(died) if died.is_panic() => resume_unwind(died.into_panic()),
            _ => Ok(()),
        }
    }

    async fn write_batch(&mut self, batch: Batch, now: Instant) -> Result<()> {
        self.query(sql!(
            "INSERT INTO articles (id, source, path, url, title, facets, hash, likeness, guid,
               published, first_seen, changed, expires, draft, baseline, held, seen, removed, failing)
             SELECT a.value->>0, a.value->>1, a.value->>2, a.value->>3, a.value->>4, a.value->>5,
               a.value->>6, a.value->>7, a.value->>8, CAST(a.value->>9 AS BIGINT),
               CAST(a.value->>10 AS BIGINT), $2, CAST(a.value->>11 AS BIGINT),
               CAST(a.value->>12 AS BIGINT), CAST(a.value->>13 AS BIGINT),
               CAST(a.value->>14 AS BIGINT), CAST(a.value->>15 AS BIGINT),
               CAST(a.value->>16 AS BIGINT), CAST(a.value->>17 AS BIGINT)
             FROM jsonb_each($1) AS a WHERE true
             ON CONFLICT (id) DO UPDATE SET source = excluded.source, path = excluded.path,
               url = excluded.url, title = excluded.title, facets = excluded.facets,
               hash = excluded.hash, likeness = excluded.likeness,
               published = excluded.published, changed = excluded.changed,
               expires = excluded.expires, draft = excluded.draft, baseline = excluded.baseline,
               held = excluded.held, seen = excluded.seen, removed = excluded.removed,
               failing = excluded.failing"
        ))
        .bind(rows(batch.articles))
        .bind(now.timestamp())
        .run()
        .await?;
        let mut documents = batch.documents.into_iter();
        while documents.len() > 0 {
            self.write_documents(documents.by_ref().take(DOCUMENTS)).await?;
        }
        Ok(())
    }

    /// Writes up to [`DOCUMENTS`] of them.
    async fn write_documents(&mut self, documents: impl Iterator<Item = (String, String)>) -> Result<()> {
        let mut documents = documents.fuse();
        let mut query = self.query(sql!(
            "INSERT INTO documents (article, document)
             SELECT d.column1, d.column2 FROM (VALUES
               ($1, $2), ($3, $4), ($5, $6), ($7, $8), ($9, $10), ($11, $12), ($13, $14), ($15, $16),
               ($17, $18), ($19, $20), ($21, $22), ($23, $24), ($25, $26), ($27, $28), ($29, $30), ($31, $32),
               ($33, $34), ($35, $36), ($37, $38), ($39, $40), ($41, $42), ($43, $44), ($45, $46), ($47, $48),
               ($49, $50), ($51, $52), ($53, $54), ($55, $56), ($57, $58), ($59, $60), ($61, $62), ($63, $64),
               ($65, $66), ($67, $68), ($69, $70), ($71, $72), ($73, $74), ($75, $76), ($77, $78), ($79, $80),
               ($81, $82), ($83, $84), ($85, $86), ($87, $88), ($89, $90), ($91, $92), ($93, $94), ($95, $96),
               ($97, $98), ($99, $100), ($101, $102), ($103, $104), ($105, $106), ($107, $108), ($109, $110), ($111, $112),
               ($113, $114), ($115, $116), ($117, $118), ($119, $120), ($121, $122), ($123, $124), ($125, $126), ($127, $128)) AS d
             WHERE d.column1 IS NOT NULL
             ON CONFLICT (article) DO UPDATE SET document = excluded.document"
        ));
        for _ in 0..DOCUMENTS {
            let (article, document) = documents.next().unzip();
            query = query.bind(article).bind(document);
        }
        query.run().await?;
        Ok(())
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
