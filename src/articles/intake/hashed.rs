//! The articles that were read, each with what tells it from others: it takes the whole text of each.

use super::likeness::likeness;
use super::model::Reading;
use crate::articles::Article;
use crate::hash::sha256;
use crate::parallel;

/// So many articles are hashed by one processor before their documents are handed on.
const RUN: usize = 64;

/// What the sources gave, hashed.
#[derive(Debug)]
pub struct Hashed {
    /// Their articles are those below.
    pub(super) readings: Vec<Reading>,
    /// By source as configured, then by path.
    pub(super) found: Vec<Found>,
}

/// An article that a source gave.
#[derive(Debug)]
pub(super) struct Found {
    pub article: Box<Article>,
    /// The place of its source among the readings.
    pub reading: usize,
    pub likeness: String,
    /// Of the article as it is here: before it gets the id it is known by.
    pub hash: String,
}

/// An article as it is stored. One that has the id and the hash of another is the same to the byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub id: String,
    /// SHA-256 of the text.
    pub hash: String,
    /// JSON, as [`Article::document`].
    pub text: String,
}

/// Hashes all articles, on all processors. The JSON behind each hash goes to `take`, that of some articles
/// at a time and in no order, where their id is `wanted`: so that it need not be made again.
pub fn hash_all(
    mut readings: Vec<Reading>,
    wanted: impl Fn(&str) -> bool + Sync,
    take: impl Fn(Vec<Document>) + Sync,
) -> Hashed {
    let hash_run = |run: &&[Article]| {
        let (mut hashes, mut documents) = (Vec::with_capacity(run.len()), Vec::with_capacity(run.len()));
        for article in *run {
            let document = document(article);
            hashes.push((likeness(article), document.hash.clone()));
            if wanted(&document.id) && !document.text.is_empty() {
                documents.push(document);
            }
        }
        take(documents);
        hashes
    };
    let mut found = Vec::with_capacity(readings.iter().map(|reading| reading.articles.len()).sum());
    for (reading, source) in readings.iter_mut().enumerate() {
        let mut articles = std::mem::take(&mut source.articles);
        articles.sort_by(|a, b| a.path.cmp(&b.path));
        let runs: Vec<&[Article]> = articles.chunks(RUN).collect();
        let hashes = parallel::map(&runs, hash_run);
        let hashed = articles.into_iter().zip(hashes.into_iter().flatten());
        found.extend(hashed.map(|(article, (likeness, hash))| Found {
            article: Box::new(article),
            reading,
            likeness,
            hash,
        }));
    }
    Hashed { readings, found }
}

/// Of the whole article: another one is an edit.
#[must_use]
pub fn hash(article: &Article) -> String {
    document(article).hash
}

fn document(article: &Article) -> Document {
    // What cannot be written down fails when it is to be stored.
    let text = article.document().unwrap_or_default();
    Document {
        id: article.id.clone(),
        hash: sha256(text.as_bytes()),
        text,
    }
}
