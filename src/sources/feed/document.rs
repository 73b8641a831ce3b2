//! A document on its way from bytes to items.

use super::addresses::web_address;
use super::keys::Raw;
use crate::problem::Problem;
use crate::sources::dates::Reading;
use crate::sources::scan::{About, guarded};
use feed_rs::model::Entry;
use std::path::Path;
use url::Url;

/// What a reader of either syntax found.
pub(super) struct Document {
    pub(super) raws: Vec<Raw>,
    pub(super) about: About,
    /// The address of the site, and where there is none that of the feed.
    pub(super) home: Option<Url>,
    pub(super) warnings: Vec<Problem>,
    /// Whether it breaks off.
    pub(super) cut: bool,
}

/// A document on its way, and what is known of it.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    /// The file or the URL.
    pub(super) from: &'a Path,
    /// The site that reads it, whose own it is where it does not say whose.
    pub(super) site: &'a Url,
    pub(super) reading: Reading,
}

impl Source<'_> {
    /// Where it is on the web, if it is.
    pub(super) fn url(&self) -> Option<Url> {
        web_address(self.from.to_str()?)
    }

    /// The line, by its place in bytes.
    pub(super) fn line(&self, at: usize) -> u64 {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        1 + before.iter().filter(|byte| **byte == b'\n').count() as u64
    }

    pub(super) fn broken_off(&self, at: usize, items: usize) -> Problem {
        Problem::warning(
            "feed",
            format!("it breaks off here: the {items} whole items before that are taken"),
        )
        .file(self.from)
        .line(self.line(at))
        .hint("look whether all of it was written or sent")
    }
}

/// Has `feed-rs` read a document of one item. It has bugs that end in a panic.
pub(super) fn entry(document: &str, from: &Path) -> Result<Entry, Problem> {
    let unread = |why: &str| {
        Problem::error("feed", format!("an item cannot be read: {why}"))
            .file(from)
            .hint("the other items are taken; report it")
    };
    guarded(from, || {
        let parser = feed_rs::parser::Builder::new().sanitize_content(false).build();
        let feed = parser
            .parse(document.as_bytes())
            .map_err(|error| unread(&error.to_string()))?;
        feed.entries
            .into_iter()
            .next()
            .ok_or_else(|| unread("nothing was found in it"))
    })
}

pub(super) fn no_feed(from: &Path, what: &str) -> Problem {
    Problem::error("feed", format!("this is no feed: {what}"))
        .file(from)
        .hint("name a document in RSS, Atom or JSON Feed")
}
