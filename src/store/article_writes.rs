//! Writing articles: their rows and, apart from them, their texts.

use super::article_rows::{self, Batch};
use super::db::{Result, Tx, rows};
use crate::articles::intake::Change;
use crate::clock::Instant;
use crate::parallel;
use crate::sql;
use serde_json::value::RawValue;
use sqlx::types::Json;
use std::collections::{HashMap, HashSet};
use tokio::sync::mpsc;

/// So many rows go in one statement, a parameter of two megabytes: SQLite keeps a copy of each page that a
/// statement changes, in case that a function in it fails, and rows without order change most pages of an
/// index.
const ROWS: usize = 4096;
/// So many documents go in one statement, each as a parameter: within JSON their text would be escaped,
/// copied and read again.
const DOCUMENTS: usize = 64;

impl Tx {
    /// Writes the documents of articles that are not known, by their ids, each once: ahead of all else that
    /// becomes known of them. The articles must follow in [`Tx::write_articles`].
    ///
    /// # Errors
    /// As the database says.
    pub async fn write_documents(&mut self, documents: Vec<(String, String)>) -> Result<()> {
        let mut documents = documents.into_iter().peekable();
        while documents.peek().is_some() {
            self.insert_documents(documents.by_ref().take(DOCUMENTS)).await?;
        }
        Ok(())
    }

    /// Writes articles that are new or other than they were, with their marks; numbers stay. `written` are
    /// the documents written ahead, by ids, and their hashes: of those that are another's, or are of nobody's
    /// use, nothing stays.
    ///
    /// # Errors
    /// As the database says.
    pub async fn write_articles(
        &mut self,
        mut changes: Vec<Change>,
        written: &HashMap<String, String>,
        now: Instant,
    ) -> Result<()> {
        // Neighbours in the tables' keys are written together.
        changes.sort_by_cached_key(|change| beginning(&change.article.id));
        let known = self.known_ids(&changes).await?;
        let Ahead { useless, missing } = Ahead::of(&changes, written);
        self.drop_documents(known.iter().chain(useless)).await?;
        // While the database writes one, the next is made ready.
        let (made, mut ready) = mpsc::channel(4);
        let making = tokio::task::spawn_blocking(move || {
            let missing: Vec<&Change> = missing.iter().map(|place| &changes[*place]).collect();
            let documents = missing.chunks(DOCUMENTS).map(Batch::documents);
            let rows = changes.chunks(ROWS).map(|some| Batch::rows(some, &known));
            // Nobody waits for them where one could not be written.
            let _ = documents
                .chain(rows)
                .try_for_each(|batch| made.blocking_send(batch));
            changes
        });
        while let Some(batch) = ready.recv().await {
            match batch? {
                Batch::Documents(documents) => self.write_documents(documents).await?,
                Batch::Rows { new, edited } => {
                    if let Some(edited) = edited {
                        self.update_articles(edited, now).await?;
                    }
                    self.insert_articles(new, now).await?;
                }
            }
        }
        if let Ok(written) = parallel::joined(making).await {
            // Nobody waits until the memory is free.
            drop(tokio::task::spawn_blocking(move || drop(written)));
        }
        Ok(())
    }

    /// Those of the ids that the store has.
    async fn known_ids(&mut self, changes: &[Change]) -> Result<HashSet<String>> {
        // At first there are none, and as many ids need not be handed over.
        let one: Option<(String,)> = self.query(article_rows::ANY).maybe().await?;
        if one.is_none() {
            return Ok(HashSet::new());
        }
        let known: Vec<(String,)> = self
            .query(sql!(
                "SELECT id FROM articles WHERE id IN (SELECT a.value->>0 FROM jsonb_each($1) AS a)"
            ))
            .bind(rows(changes.iter().map(|change| (change.article.id.clone(),))))
            .all()
            .await?;
        Ok(known.into_iter().map(|(id,)| id).collect())
    }

    async fn insert_articles(&mut self, new: Box<RawValue>, now: Instant) -> Result<()> {
        self.query(sql!(
            "INSERT INTO articles (id, source, path, url, title, facets, hash, likeness, guid,
               published, first_seen, changed, expires, draft, baseline, held, seen, removed, failing)
             SELECT a.value->>0, a.value->>1, a.value->>2, a.value->>3, a.value->>4, a.value->>5,
               a.value->>6, a.value->>7, a.value->>8, CAST(a.value->>9 AS BIGINT),
               CAST(a.value->>10 AS BIGINT), $2, CAST(a.value->>11 AS BIGINT),
               CAST(a.value->>12 AS BIGINT), CAST(a.value->>13 AS BIGINT),
               CAST(a.value->>14 AS BIGINT), CAST(a.value->>15 AS BIGINT),
               CAST(a.value->>16 AS BIGINT), CAST(a.value->>17 AS BIGINT)
             FROM jsonb_each($1) AS a"
        ))
        .bind(Json(new))
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    /// All but when it was first seen, and its number.
    async fn update_articles(&mut self, edited: Box<RawValue>, now: Instant) -> Result<()> {
        self.query(sql!(
            "UPDATE articles SET source = a.value->>1, path = a.value->>2, url = a.value->>3,
               title = a.value->>4, facets = a.value->>5, hash = a.value->>6, likeness = a.value->>7,
               published = CAST(a.value->>9 AS BIGINT), changed = $2,
               expires = CAST(a.value->>11 AS BIGINT), draft = CAST(a.value->>12 AS BIGINT),
               baseline = CAST(a.value->>13 AS BIGINT), held = CAST(a.value->>14 AS BIGINT),
               seen = CAST(a.value->>15 AS BIGINT), removed = CAST(a.value->>16 AS BIGINT),
               failing = CAST(a.value->>17 AS BIGINT)
             FROM jsonb_each($1) AS a WHERE articles.id = a.value->>0"
        ))
        .bind(Json(edited))
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    async fn drop_documents(&mut self, ids: impl Iterator<Item = &String>) -> Result<()> {
        let ids: Vec<(&String,)> = ids.map(|id| (id,)).collect();
        if ids.is_empty() {
            return Ok(());
        }
        self.query(sql!(
            "DELETE FROM documents WHERE article IN (SELECT d.value->>0 FROM jsonb_each($1) AS d)"
        ))
        .bind(rows(ids))
        .run()
        .await?;
        Ok(())
    }

    /// Writes up to [`DOCUMENTS`] of them. The first that cannot be written ends the transaction anyway:
    /// `OR FAIL` says so, and SQLite keeps no copies of the pages it changes. `VALUES` instead of JSON calls no
    /// function, which might fail too.
    async fn insert_documents(&mut self, documents: impl Iterator<Item = (String, String)>) -> Result<()> {
        let mut documents = documents.fuse();
        let mut query = self.query(sql!(
            "INSERT ",
            ["OR FAIL " | ""],
            "INTO documents (article, document)
             SELECT d.column1, d.column2 FROM (VALUES
               ($1, $2), ($3, $4), ($5, $6), ($7, $8), ($9, $10), ($11, $12), ($13, $14), ($15, $16),
               ($17, $18), ($19, $20), ($21, $22), ($23, $24), ($25, $26), ($27, $28), ($29, $30), ($31, $32),
               ($33, $34), ($35, $36), ($37, $38), ($39, $40), ($41, $42), ($43, $44), ($45, $46), ($47, $48),
               ($49, $50), ($51, $52), ($53, $54), ($55, $56), ($57, $58), ($59, $60), ($61, $62), ($63, $64),
               ($65, $66), ($67, $68), ($69, $70), ($71, $72), ($73, $74), ($75, $76), ($77, $78), ($79, $80),
               ($81, $82), ($83, $84), ($85, $86), ($87, $88), ($89, $90), ($91, $92), ($93, $94), ($95, $96),
               ($97, $98), ($99, $100), ($101, $102), ($103, $104), ($105, $106), ($107, $108), ($109, $110), ($111, $112),
               ($113, $114), ($115, $116), ($117, $118), ($119, $120), ($121, $122), ($123, $124), ($125, $126), ($127, $128)) AS d
             WHERE d.column1 IS NOT NULL"
        ));
        for _ in 0..DOCUMENTS {
            let (article, document) = documents.next().unzip();
            query = query.bind(article).bind(document);
        }
        query.run().await?;
        Ok(())
    }
}

/// What of the documents written ahead is of use.
struct Ahead<'a> {
    /// The ids of documents that must go: no article has such an id, or it says something else.
    useless: Vec<&'a String>,
    /// The places of the changes whose document is still to be written.
    missing: Vec<usize>,
}

impl<'a> Ahead<'a> {
    fn of(changes: &[Change], written: &'a HashMap<String, String>) -> Ahead<'a> {
        let is_written = |change: &Change| written.get(&change.article.id) == Some(&change.hash);
        let (of_use, missing): (Vec<_>, Vec<_>) = (0..changes.len()).partition(|n| is_written(&changes[*n]));
        if of_use.len() == written.len() {
            let useless = Vec::new();
            return Ahead { useless, missing };
        }
        let of_use: HashSet<&str> = of_use.iter().map(|n| &*changes[*n].article.id).collect();
        let useless = written.keys().filter(|id| !of_use.contains(id.as_str()));
        Ahead {
            useless: useless.collect(),
            missing,
        }
    }
}

/// The first bytes of an id: ids that are as good as sorted by these are found much sooner.
fn beginning(id: &str) -> [u8; 16] {
    let mut beginning = [0; 16];
    let length = id.len().min(beginning.len());
    beginning[..length].copy_from_slice(&id.as_bytes()[..length]);
    beginning
}
