//! What was there at a source's first reading and could not be read. Like all of that reading it is no
//! news: nobody is told of it when it can be read later.

use super::documents;
use super::past::Past;
use super::scan::Scan;
use crate::articles::Article;
use crate::clock::{Instant, from_seconds};
use crate::config;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where it is remembered; no path and no URL is called so.
const KEY: &str = "\nunread";
/// So many paths are remembered.
const MOST: usize = 10_000;

/// What the first reading could not read.
#[derive(Debug, Serialize, Deserialize)]
struct Unread {
    /// When that was, in seconds since 1970.
    at: i64,
    /// Whether nobody knows what it is: a document broke off.
    unknown: bool,
    paths: BTreeSet<String>,
}

/// After a first reading: remembers what it could not read. After later ones: takes what can be read by
/// now for what was there already.
pub fn settle(scan: &mut Scan, source: &config::Source, past: &Past, now: Instant) {
    if !scan.readable {
        return;
    }
    let unread = match past.was_read {
        true => past.recall::<Unread>(KEY),
        false => Some(unread(scan, source, now)),
    };
    let Some(unread) = unread else { return };
    let is_old = |article: &&Article| {
        let is_before = article
            .published
            .map(|published| published.at <= from_seconds(unread.at));
        let was_there = match unread.paths.contains(&article.path) {
            // A file of its own counts from when it can be read, unless it says otherwise.
            true => is_before.unwrap_or(unread.unknown),
            false => unread.unknown && is_before.unwrap_or(true),
        };
        was_there && !past.known.contains(&article.path)
    };
    let old = scan.articles.iter().filter(is_old);
    let old: Vec<String> = old.map(|article| article.path.clone()).collect();
    scan.baseline.extend(old);
    let is_all_read = !scan.cut && scan.failed.is_empty();
    match (past.was_read, is_all_read) {
        (false, false) => scan.notes.keep(KEY, &unread),
        (true, true) => scan.notes.forget(KEY),
        (false, true) | (true, false) => {}
    }
}

fn unread(scan: &Scan, source: &config::Source, now: Instant) -> Unread {
    let failed = scan.failed.iter().map(|failed| failed.path.clone());
    Unread {
        at: now.timestamp(),
        // What stands in a document that failed as a whole nobody knows either.
        unknown: scan.cut || (documents::is_one(source.kind) && !scan.failed.is_empty()),
        paths: failed.take(MOST).collect(),
    }
}
