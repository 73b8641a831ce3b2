//! What a look came to.

use crate::config::{OldSystem, Origin, SourceKind};
use crate::problem::Problem;
use crate::sources::About;
use std::path::Path;

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    pub kind: SourceKind,
    /// As people call it: `a WordPress export`.
    pub what: String,
    pub origin: Origin,
    pub about: About,
    pub url_template: Option<String>,
    /// Globs of the files that are articles; empty: all.
    pub include: Vec<String>,
    /// The system whose feeds had known addresses.
    pub old: Option<OldSystem>,
    pub warnings: Vec<Problem>,
}

impl Found {
    pub(super) fn new(kind: SourceKind, what: impl Into<String>, origin: Origin) -> Found {
        Found {
            kind,
            what: what.into(),
            origin,
            about: About::default(),
            url_template: None,
            include: Vec::new(),
            old: None,
            warnings: Vec::new(),
        }
    }
}

pub(super) fn unknown(from: &str, why: &str) -> Problem {
    Problem::error("init-from", format!("cannot be moved from: {why}"))
        .file(Path::new(from))
        .hint("give a folder of articles, an export of WordPress or Ghost, a feed, or the URL of a site, sitemap or feed")
}
