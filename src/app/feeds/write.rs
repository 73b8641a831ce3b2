//! Bringing documents to disk, and telling what became of each.

use super::folder;
use crate::clock::Instant;
use crate::feeds::paths::is_followed;
use crate::feeds::{Document, Format, is_version};
use crate::pings::ChangedFeed;
use crate::problem::Problem;
use crate::store::feeds::FeedRow;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// What a pass writes, and what it found there.
pub(super) struct Pass {
    pub(super) dir: PathBuf,
    /// What earlier passes wrote, by path.
    pub(super) known: HashMap<String, FeedRow>,
    pub(super) now: Instant,
}

/// A document that was brought to disk.
pub(super) struct Written {
    pub(super) path: String,
    pub(super) hash: String,
    pub(super) changed_at: Instant,
    /// Whether it was not on disk as it should be.
    pub(super) anew: Result<bool, Problem>,
    /// Whether its content is another than before.
    pub(super) changed: bool,
    /// For a feed that changed: who has to be told.
    pub(super) told: Option<ChangedFeed>,
}

impl Pass {
    /// Whether a document of that version was written and is there as it was: then it need not be made.
    pub(super) fn has(&self, path: &str, version: Option<&str>) -> bool {
        let file = self.dir.join(path);
        let (Some(row), Some(format)) = (self.known.get(path), Format::of(path)) else {
            return false;
        };
        version.is_none_or(|version| row.hash == version)
            && folder::is_as_put(&file, row.changed, |text| is_version(text, format, &row.hash))
    }

    /// Writes a document where it is not on disk as it should be. Blocks.
    pub(super) fn write(&self, document: Document) -> Written {
        let row = self.known.get(&document.path);
        let changed = row.is_none_or(|row| row.hash != document.hash);
        let at = match row {
            Some(row) if !changed => row.changed,
            // Later than before, though the clock was put back: by this alone some readers tell that
            // there is another version.
            Some(row) => self.now.max(row.changed + chrono::Duration::seconds(1)),
            None => self.now,
        };
        let before = row.map_or(0, |row| row.changed.timestamp());
        let (path, hash) = (document.path.clone(), document.hash.clone());
        let told = (changed && is_followed(&document.path)).then(|| ChangedFeed {
            url: document.self_url.clone(),
            version: format!("{before} {hash}"),
        });
        Written {
            anew: folder::put(&self.dir.join(&path), &document.at(at), at),
            path,
            hash,
            changed_at: at,
            changed,
            told,
        }
    }

    /// Writes all that was made, or enters why it could not be. Blocks.
    pub(super) fn write_all(&self, made: Result<Vec<Document>, Problem>) -> Vec<Result<Written, Problem>> {
        match made {
            Ok(documents) => documents
                .into_iter()
                .map(|document| Ok(self.write(document)))
                .collect(),
            Err(problem) => vec![Err(problem)],
        }
    }

    /// Takes away what earlier passes wrote and nothing stands in any more. What could be removed, and
    /// why the rest could not.
    pub(super) fn remove_all_but(&self, wanted: &HashSet<String>) -> (Vec<String>, Vec<Problem>) {
        let mut gone: Vec<&String> = self.known.keys().filter(|path| !wanted.contains(*path)).collect();
        gone.sort();
        let (mut removed, mut problems) = (Vec::new(), Vec::new());
        for path in gone {
            match folder::remove(&self.dir, path) {
                Ok(()) => removed.push(path.clone()),
                Err(problem) => problems.push(problem),
            }
        }
        (removed, problems)
    }
}
