//! What a pass did, in the form that `publish` prints: the reports of its steps, put together.

use super::editions::{EditionLine, PlannedLine, Skipped};
use super::intake::SourceReport;
use crate::problem::Problem;
use serde::Serialize;

/// A pass from end to end.
#[derive(Debug, Default, Serialize)]
pub struct PassReport {
    pub sources: Vec<SourceReport>,
    pub feeds: FeedsWritten,
    pub editions: Vec<EditionLine>,
    /// Those that are there and have not started.
    pub planned: Vec<PlannedLine>,
    pub skipped: Vec<Skipped>,
    pub deliveries: DeliveryCounts,
    pub pings: Vec<PingReport>,
    /// The folders and files this pass has written.
    pub look_at: Vec<String>,
    /// All that is wrong, also what earlier passes have said already.
    pub errors: Vec<Problem>,
    #[serde(skip)]
    pub verdict: Verdict,
}

/// How a pass ended, for its exit status.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Errors that no earlier pass has reported.
    pub newly_failed: usize,
    /// Mail waits for somebody: an edition is held, or the relay cannot be reached.
    pub mail_is_blocked: bool,
}

impl Verdict {
    /// Whether nothing newly failed, and mail is not blocked.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.newly_failed == 0 && !self.mail_is_blocked
    }
}

impl std::ops::AddAssign for Verdict {
    fn add_assign(&mut self, more: Verdict) {
        self.newly_failed += more.newly_failed;
        self.mail_is_blocked |= more.mail_is_blocked;
    }
}

#[derive(Debug, Default, Clone, Serialize)]
pub struct FeedsWritten {
    /// Relative to `feeds.dir`.
    pub written: Vec<String>,
    pub unchanged: usize,
}

/// This pass's deliveries. `queued` wait still at its end; `in_doubt` is no state, it is counted
/// beside.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DeliveryCounts {
    pub queued: u64,
    pub sent: u64,
    pub deferred: u64,
    pub failed: u64,
    pub suppressed: u64,
    pub unknown: u64,
    pub in_doubt: u64,
}

impl std::ops::AddAssign for DeliveryCounts {
    /// Of one run after the other: what waits at the end of the later one waits.
    fn add_assign(&mut self, later: DeliveryCounts) {
        self.queued = later.queued;
        self.sent += later.sent;
        self.deferred += later.deferred;
        self.failed += later.failed;
        self.suppressed += later.suppressed;
        self.unknown += later.unknown;
        self.in_doubt += later.in_doubt;
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct PingReport {
    pub endpoint: String,
    pub state: String,
    pub answer: Option<String>,
}
