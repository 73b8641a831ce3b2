//! How the sending of an edition goes, as `editions show` tells it while it runs.

use super::reasons::{Reason, grouped};
use crate::clock::{Instant, from_seconds, rfc3339};
use crate::store::Store;
use crate::store::edition_views::Counts;
use serde::Serialize;

/// The rate is that of so many seconds.
const RATE_OVER: i64 = 300;

/// The reasons are those of at most so many mails.
const ASKED: i64 = 10_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Claimed, and on their way.
    pub in_flight: i64,
    /// Sent, over the last five minutes.
    pub mails_per_minute: i64,
    /// Until all that is queued is sent, at that rate; `None`: it is not moving, or nothing is left.
    pub seconds_left: Option<i64>,
    /// When the first deferred mail is tried again.
    pub next_try: Option<String>,
    /// Why, of the first 10,000.
    pub deferred: Vec<Reason>,
    pub failed: Vec<Reason>,
}

/// `None`: it has no mails.
///
/// # Errors
/// Those of the database.
pub async fn progress(
    store: &Store,
    edition: i64,
    counts: &Counts,
    now: Instant,
) -> anyhow::Result<Option<Progress>> {
    if counts.recipients() == 0 {
        return Ok(None);
    }
    let now = now.timestamp();
    let waiting = store.edition_waiting(edition).await?;
    let sent = store.edition_sent(edition, now - RATE_OVER).await?;
    let over = sent.first.map_or(0, |first| now - first).clamp(1, RATE_OVER);
    let left = counts.queued;
    let seconds_left = (sent.mails > 0 && left > 0).then(|| (left * over + sent.mails - 1) / sent.mails);
    Ok(Some(Progress {
        // The two were counted one after the other.
        in_flight: (counts.queued - waiting.queued).max(0),
        mails_per_minute: sent.mails * 60 / over.max(60),
        seconds_left,
        next_try: waiting.next_try.map(from_seconds).map(rfc3339),
        deferred: grouped(&store.edition_said(edition, "deferred", ASKED).await?),
        failed: grouped(&store.edition_said(edition, "failed", ASKED).await?),
    }))
}
