//! Bugs on purpose, one in each way in for what strangers write: a fuzz target that does not find its
//! own in a minute looks at nothing. They exist only with the feature `seeded-bugs`, which nothing
//! that is shipped is built with, and sleep until [`arm`] is called.

#![expect(clippy::panic, reason = "that is what they are for")]

use super::collection::Collection;
use super::extract::Extract;
use crate::clock::Instant;
use crate::config::SourceKind;
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};

static ARMED: AtomicBool = AtomicBool::new(false);

/// Wakes them.
pub fn arm() {
    ARMED.store(true, Ordering::Relaxed);
}

/// In front matter: an article that is over before it begins.
pub(crate) fn front_matter(extract: &Extract) {
    let published = extract.published.map(|published| published.at);
    end_if(
        extract.expires.is_some_and(|end| Some(end) < published),
        "front_matter",
    );
}

/// In a page's JSON-LD: an article that is its own author.
pub(crate) fn pages(article: &Value) {
    let own = article.get("@id").filter(|id| id.is_string());
    let author = article.get("author").and_then(|author| author.get("@id"));
    end_if(own.is_some() && own == author, "pages");
}

/// In a feed: a change so long before the publication that 32 bits do not hold the seconds. In an
/// export: a comment that is older than its article.
pub(crate) fn document(kind: SourceKind, collection: &Collection) {
    let extracts = || {
        collection
            .items
            .iter()
            .filter_map(|item| item.extract.as_ref().ok())
    };
    match kind {
        SourceKind::Feed => end_if(extracts().any(changed_too_early), "feeds"),
        _ => end_if(extracts().any(answered_too_early), "exports"),
    }
}

fn changed_too_early(extract: &Extract) -> bool {
    let seconds = |(published, updated): (Instant, Instant)| (published - updated).num_seconds();
    let dates = extract
        .published
        .map(|published| published.at)
        .zip(extract.updated);
    dates.is_some_and(|dates| seconds(dates) > i64::from(i32::MAX))
}

fn answered_too_early(extract: &Extract) -> bool {
    let before = |at: Option<Instant>| at < extract.published.map(|published| published.at);
    let dated = extract
        .comments
        .iter()
        .filter(|comment| comment.published.is_some());
    dated.into_iter().any(|comment| before(comment.published))
}

fn end_if(met: bool, target: &str) {
    if met && ARMED.load(Ordering::Relaxed) {
        panic!("seeded bug: {target}");
    }
}
