//! What a pass did to the feeds.

use super::write::Written;
use crate::feeds::archive::Archive;
use crate::pings::ChangedFeed;
use crate::problem::Problem;
use crate::store::feeds::FeedRow;
use crate::telemetry::metrics;

/// What a pass did to the feeds.
#[derive(Debug, Default)]
pub struct FeedsReport {
    /// What was written, relative to `feeds.dir`.
    pub written: Vec<String>,
    /// How many documents were on disk as they should be.
    pub unchanged: usize,
    /// What was taken away, relative to `feeds.dir`: nothing is in that category any more.
    pub removed: Vec<String>,
    /// The RSS, Atom and JSON documents whose content changed, where they are published.
    pub changed: Vec<ChangedFeed>,
    /// The documents that could not be written or removed.
    pub problems: Vec<Problem>,
    pub(super) rows: Vec<FeedRow>,
    pub(super) archive: Archive,
}

impl FeedsReport {
    /// Enters a document that was written, or why not.
    pub(super) fn enter(&mut self, written: Result<Written, Problem>) {
        let anew = written.and_then(|written| match written.anew {
            Ok(anew) => Ok((anew, written)),
            Err(problem) => Err(problem),
        });
        let (anew, written) = match anew {
            Ok(written) => written,
            Err(problem) => return self.problems.push(problem),
        };
        if anew {
            self.written.push(written.path.clone());
        } else {
            self.unchanged += 1;
        }
        self.changed.extend(written.told);
        if written.changed {
            self.rows.push(FeedRow {
                path: written.path,
                hash: written.hash,
                changed: written.changed_at,
            });
        }
    }

    pub(super) fn log(&self) {
        let (written, unchanged) = (self.written.len(), self.unchanged);
        let (removed, failed) = (self.removed.len(), self.problems.len());
        tracing::info!(written, unchanged, removed, failed, "feeds written");
        metrics::feeds_written(written as u64);
    }
}
