//! How far a site is read that gives its posts page by page: once a day all of them, in between only
//! those that were changed.

use super::collection::Collection;
use super::documents::{self, Around};
use super::scan::{Failed, Scan};
use super::web::Web;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};

/// What was taken away shows only where all is read: so often, in seconds.
const WHOLE_EVERY: i64 = 24 * 3600;

/// How far a site was read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Progress {
    /// When all of it was read last, in seconds since 1970.
    whole: i64,
    /// How many posts that gave.
    posts: usize,
    /// With so many known all was read for what lacked: the others belong to another source.
    lacking: Option<usize>,
    /// The newest change that was read, in seconds since 1970.
    changed: i64,
}

/// What a reading asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// What was changed since then, in seconds since 1970; `None`: all.
    pub(crate) since: Option<i64>,
    /// So many articles are known, and there should be more.
    lacking: Option<usize>,
}

/// How a reading went.
pub(crate) struct Ending {
    pub(crate) plan: Plan,
    /// Something was taken away meanwhile: a post may have slipped onto a page that was read already.
    pub(crate) shifted: bool,
    /// What ended it early.
    pub(crate) broken: Option<Problem>,
}

impl Progress {
    /// Whether it was never read whole. What is read first is the baseline: all or nothing.
    pub(crate) fn is_none(&self) -> bool {
        self.whole == 0
    }

    pub(crate) fn plan(&self, web: Web<'_>) -> Plan {
        let now = web.now.timestamp();
        let is_due = now - self.whole >= WHOLE_EVERY || now < self.whole;
        // What was lost from it meanwhile, or went to another source, is read again.
        let known = web.past.known.len();
        let lacks = known < self.posts && self.lacking != Some(known);
        Plan {
            since: (!is_due && !lacks).then_some(self.changed),
            lacking: lacks.then_some(known),
        }
    }

    /// A post that was changed then, in seconds since 1970, was read.
    pub(crate) fn reach(&mut self, changed: i64) {
        self.changed = self.changed.max(changed);
    }

    /// Puts what a reading gave into the scan. How far it is read by then; `None` where the reading broke
    /// off: the next one asks for the same.
    pub(crate) fn take(
        mut self,
        collection: Collection,
        ending: Ending,
        around: Around,
        web: Web<'_>,
        scan: &mut Scan,
    ) -> Option<Progress> {
        let Ending {
            plan,
            shifted,
            broken,
        } = ending;
        let collection = Collection {
            whole: plan.since.is_none() && !shifted && broken.is_none(),
            ..collection
        };
        if collection.whole {
            self.whole = web.now.timestamp();
            self.lacking = plan.lacking.or(self.lacking);
        }
        let whole = collection.whole;
        documents::take(collection, "", around, scan);
        if whole {
            self.posts = scan.articles.len();
        }
        if let Some(problem) = broken {
            scan.failed.push(Failed {
                path: ".".to_owned(),
                problem,
            });
            return None;
        }
        scan.withdraw(web.past);
        Some(self)
    }
}
