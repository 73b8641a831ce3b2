//! Articles as the statements read and write them.

use super::db::Result;
use super::error::StoreError;
use crate::articles::intake::Change;
use crate::articles::state::Marks;
use crate::articles::{Article, Author, Comment};
use serde::{Deserialize, Serialize};

/// What a selection needs of an article's document.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Facets {
    pub(super) authors: Vec<Author>,
    pub(super) categories: Vec<String>,
    /// When the newest comment was written, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) commented: Option<i64>,
}

/// Changes as the statements read them.
pub(super) struct Batch {
    pub(super) articles: Vec<Row>,
    /// Ids and documents.
    pub(super) documents: Vec<(String, String)>,
}

impl Batch {
    pub(super) fn of(changes: Vec<Change>) -> Result<Batch> {
        let with_id = |Change { article, .. }: Change| {
            let document = document(&article)?;
            Ok((article.id, document))
        };
        Ok(Batch {
            articles: changes.iter().map(Row::of).collect::<Result<_>>()?,
            documents: changes.into_iter().map(with_id).collect::<Result<_>>()?,
        })
    }
}

/// A list, flat: each of its parts is found at once.
#[derive(Serialize)]
pub(super) struct Row(
    String,         // id
    String,         // source
    String,         // path
    String,         // url
    String,         // title
    String,         // facets
    String,         // hash
    String,         // likeness
    Option<String>, // guid
    i64,            // published
    i64,            // first seen
    Option<i64>,    // expires
    Option<i64>,    // draft
    Option<i64>,    // baseline
    Option<i64>,    // held
    Option<i64>,    // seen
    Option<i64>,    // removed
    Option<i64>,    // failing
);

/// When the newest comment was written. One without a date counts as old as the article.
fn commented(article: &Article) -> Option<i64> {
    let written = |comment: &Comment| comment.published.or(article.published.map(|stated| stated.at));
    let dates = article
        .comments
        .iter()
        .map(|comment| written(comment).map_or(0, |at| at.timestamp()));
    dates.max()
}

impl Row {
    fn of(change: &Change) -> Result<Row> {
        let article = &change.article;
        let facets = Facets {
            authors: article.authors.clone(),
            categories: article.categories.clone(),
            commented: commented(article),
        };
        let [draft, baseline, held, seen, removed, failing] = seconds(&change.standing.marks);
        Ok(Row(
            article.id.clone(),
            article.source.clone(),
            article.path.clone(),
            article.url.clone(),
            article.title.clone(),
            encode(&article.id, &facets)?,
            change.hash.clone(),
            change.likeness.clone(),
            article.guid.clone(),
            change.standing.published.timestamp(),
            change.first_seen.timestamp(),
            change.standing.expires.map(|at| at.timestamp()),
            draft,
            baseline,
            held,
            seen,
            removed,
            failing,
        ))
    }
}

fn encode<T: Serialize>(id: &str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|why| unreadable(id, why))
}

fn document(article: &Article) -> Result<String> {
    let text = article
        .document()
        .and_then(|document| String::from_utf8(document).map_err(serde::ser::Error::custom));
    text.map_err(|why| unreadable(&article.id, why))
}

pub(super) fn seconds(marks: &Marks) -> [Option<i64>; 6] {
    let marks = [
        marks.draft,
        marks.baseline,
        marks.held,
        marks.seen,
        marks.removed,
        marks.failing,
    ];
    marks.map(|since| since.map(|at| at.timestamp()))
}

pub(super) fn unreadable(id: &str, why: serde_json::Error) -> StoreError {
    StoreError::Document {
        what: format!("an article ({id})"),
        why,
    }
}
