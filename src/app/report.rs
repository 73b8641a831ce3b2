//! What a pass did, in the form that `publish` prints.

use crate::clock::{Instant, rfc3339};
use crate::problem::Problem;
use serde::{Serialize, Serializer};

/// A pass from end to end. Counts of deliveries are this pass's own.
#[derive(Debug, Default, Serialize)]
pub struct PassReport {
    pub sources: Vec<SourceReport>,
    pub feeds: FeedsWritten,
    pub editions: Vec<EditionReport>,
    pub skipped: Vec<SkippedSlot>,
    pub deliveries: DeliveryCounts,
    pub pings: Vec<PingReport>,
    /// Where to look: the folders and files this pass has written.
    pub look_at: Vec<String>,
    /// All that is wrong, also what earlier passes have said already.
    pub errors: Vec<Problem>,
    /// Whether mail waits for somebody: an edition is held, or the relay cannot be reached.
    #[serde(skip)]
    pub mail_blocked: bool,
    /// Errors that no earlier pass has reported.
    #[serde(skip)]
    pub newly_failed: usize,
}

#[derive(Debug, Default, Clone, Serialize)]
pub struct SourceReport {
    pub name: String,
    pub read: usize,
    pub new: usize,
    pub updated: usize,
    pub unchanged: usize,
    pub held: usize,
    pub removed: usize,
    pub failed: usize,
}

#[derive(Debug, Default, Clone, Serialize)]
pub struct FeedsWritten {
    pub written: Vec<String>,
    pub unchanged: usize,
}

#[derive(Debug, Clone, Serialize)]
pub struct EditionReport {
    pub id: String,
    pub digest: String,
    pub cadence: String,
    #[serde(serialize_with = "maybe_instant")]
    pub slot: Option<Instant>,
    /// The ids of all its articles.
    pub articles: Vec<String>,
    /// How many readers it is for.
    pub recipients: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct SkippedSlot {
    pub digest: String,
    pub cadence: String,
    #[serde(serialize_with = "maybe_instant")]
    pub slot: Option<Instant>,
    pub reason: String,
}

/// `queued` waits still at the pass's end; `in_doubt` is no state, it is counted beside.
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

#[derive(Debug, Clone, Serialize)]
pub struct PingReport {
    pub endpoint: String,
    pub state: String,
    pub answer: Option<String>,
}

/// An instant as JSON shows it, `null` where there is none.
///
/// # Errors
/// The serialiser's.
pub fn maybe_instant<S: Serializer>(at: &Option<Instant>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(rfc3339).serialize(serializer)
}
