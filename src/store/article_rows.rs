//! Articles as the statements read and write them.

use super::db::{Result, Sql, rows};
use super::error::StoreError;
use crate::articles::intake::Change;
use crate::articles::state::Marks;
use crate::articles::{Article, Author, Comment};
use crate::sql;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use std::collections::HashSet;
use std::sync::Arc;

/// The id of any article: whether there is one.
pub(super) const ANY: Sql = sql!("SELECT id FROM articles LIMIT 1");

/// What a selection needs of an article's document.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Facets {
    pub(super) authors: Arc<[Author]>,
    pub(super) categories: Arc<[String]>,
    /// When the newest comment was written, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) commented: Option<i64>,
}

/// Some of what is to be written, as the statements read it.
pub(super) enum Batch {
    /// Ids and texts.
    Documents(Vec<(String, String)>),
    Rows {
        new: Box<RawValue>,
        edited: Option<Box<RawValue>>,
    },
}

impl Batch {
    /// The texts of some articles.
    pub(super) fn documents(changes: &[&Change]) -> Result<Batch> {
        let document = |change: &&Change| {
            let id = &change.article.id;
            let text = change.article.document();
            Ok((id.clone(), text.map_err(|why| unreadable(id, why))?))
        };
        let documents = changes.iter().map(document).collect::<Result<_>>()?;
        Ok(Batch::Documents(documents))
    }

    /// The rows of some articles; `known` are the ids of those that are not new.
    pub(super) fn rows(changes: &[Change], known: &HashSet<String>) -> Result<Batch> {
        let is_known = |change: &&Change| known.contains(&change.article.id);
        let (edited, new): (Vec<&Change>, _) = changes.iter().partition(is_known);
        Ok(Batch::Rows {
            edited: (!edited.is_empty()).then(|| list(edited)).transpose()?,
            new: list(new)?,
        })
    }
}

fn list(changes: Vec<&Change>) -> Result<Box<RawValue>> {
    let articles = changes.into_iter().map(Row::of).collect::<Result<Vec<_>>>()?;
    to_raw_value(&rows(articles).0).map_err(|why| unreadable("several", why))
}

/// A list, flat: each of its parts is found at once.
#[derive(Serialize)]
struct Row<'a>(
    &'a str,         // id
    &'a str,         // source
    &'a str,         // path
    &'a str,         // url
    &'a str,         // title
    String,          // facets
    &'a str,         // hash
    &'a str,         // likeness
    Option<&'a str>, // guid
    i64,             // published
    i64,             // first seen
    Option<i64>,     // expires
    Option<i64>,     // draft
    Option<i64>,     // baseline
    Option<i64>,     // held
    Option<i64>,     // seen
    Option<i64>,     // removed
    Option<i64>,     // failing
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

impl<'a> Row<'a> {
    fn of(change: &'a Change) -> Result<Row<'a>> {
        let article = &change.article;
        let facets = Facets {
            authors: article.authors.as_slice().into(),
            categories: article.categories.as_slice().into(),
            commented: commented(article),
        };
        let [draft, baseline, held, seen, removed, failing] = seconds(&change.standing.marks);
        Ok(Row(
            &article.id,
            &article.source,
            &article.path,
            &article.url,
            &article.title,
            encode(&article.id, &facets)?,
            &change.hash,
            &change.likeness,
            article.guid.as_deref(),
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
