//! What a reading gives, whatever the kind of the source.

use super::past::{Notes, Past};
use crate::articles::Article;
use crate::clock::Instant;
use crate::problem::Problem;
use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::path::Path;

/// What one reading of a source gave.
#[derive(Debug, Default)]
pub struct Scan {
    /// The source's name.
    pub source: String,
    /// In the order of their paths.
    pub articles: Vec<Article>,
    /// What failed, each by its path within the source. An article known by that path (or, for a
    /// folder, from under it) is not removed: it stays as it was.
    pub failed: Vec<Failed>,
    pub warnings: Vec<Problem>,
    /// The paths of articles that are there as they were, and were not read again.
    pub unchanged: Vec<String>,
    /// Whether there may be more than was read: then what is not in here stays as it was, and is not
    /// removed.
    pub partial: bool,
    /// The paths of what is there and is no article for everybody, and when that was changed.
    pub(crate) withdrawn: HashMap<String, Option<Instant>>,
    /// Whether there is more to read at once: the reading had a measure.
    pub more: bool,
    /// Whether something could not be read that may be new when it can.
    pub behind: bool,
    /// Whether a document of it broke off: nobody knows what else stands in there.
    pub(crate) cut: bool,
    /// The paths of articles in here that were there when the source was read first, though they are
    /// read only now: nobody is told of them.
    pub baseline: Vec<String>,
    /// Whether each article that was known is among those above: none has gone.
    pub all_there: bool,
    /// `false`: nothing was read, since the source itself could not be, or was not due. Nothing
    /// counts as removed.
    pub readable: bool,
    /// What the source says of its site.
    pub about: About,
    /// What the next reading is told.
    pub notes: Notes,
}

impl Scan {
    /// Adds what was read of the same source after it.
    pub(crate) fn add(&mut self, part: Scan) {
        self.articles.extend(part.articles);
        self.failed.extend(part.failed);
        self.warnings.extend(part.warnings);
        self.unchanged.extend(part.unchanged);
        self.partial |= part.partial;
        self.cut |= part.cut;
        self.notes.0.extend(part.notes.0);
    }

    /// After a reading of a part: what was known and is no longer for everybody goes at once, and all else
    /// stays as it was.
    pub(crate) fn withdraw(&mut self, past: &Past) {
        if !self.partial || !past.known.iter().any(|path| self.withdrawn.contains_key(path)) {
            return;
        }
        let read: HashSet<&str> = self
            .articles
            .iter()
            .map(|article| article.path.as_str())
            .collect();
        let stays = |path: &&String| !read.contains(path.as_str()) && !self.withdrawn.contains_key(*path);
        self.unchanged = past.known.iter().filter(stays).cloned().collect();
        self.partial = false;
    }

    pub(crate) fn is_unreadable(&mut self, problem: Problem) {
        self.readable = false;
        self.failed.push(Failed {
            path: ".".to_owned(),
            problem,
        });
    }
}

/// What a feed, an export or a site says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The program that made it, as `WordPress 6.4`.
    pub system: Option<String>,
    pub title: Option<String>,
    /// Its home page.
    pub url: Option<String>,
    /// The feed itself, as it says.
    pub feed: Option<String>,
    /// A WebSub hub that tells of changes.
    pub hub: Option<String>,
    pub description: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// As in the time zone database.
    pub timezone: Option<String>,
}

/// A file that gave no article.
#[derive(Debug)]
pub struct Failed {
    /// Within the source; `.` is the source itself.
    pub path: String,
    pub problem: Problem,
}

/// Parsers of other people's HTML have bugs; one page that meets one fails by its name.
pub(crate) fn guarded<T>(file: &Path, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Problem::error(
            "unreadable-content",
            "a bug: its content could not be taken apart",
        )
        .file(file)
        .hint("leave it out with `exclude`, and report it"))
    })
}
