//! Telling others what changed: one file a protocol. Pure: `http` carries the requests, `store`
//! keeps them. Each file says what is sent and how its protocol tells success from failure.

mod indexnow;
mod model;
pub mod rsscloud;
mod waits;
mod websub;
mod xmlrpc;

pub use indexnow::key_url;
pub use model::{Answer, ChangedFeed, Changes, Endpoint, Planned, Request, Site, Verdict, Waiting};
pub use waits::{Health, Tried, jittered, next_try, quiet_wait};

use crate::articles::text::first_words;
use crate::clock::{Instant, retry_after};
use crate::config::PingKind;
use model::{KEPT, status_and_words};

/// All pings that follow from what changed, and which of those that wait they stand for as well; none
/// where nothing changed.
#[must_use]
pub fn plan(changes: &Changes<'_>, site: &Site<'_>, waiting: &[Waiting]) -> (Vec<Planned>, Vec<i64>) {
    let (mut planned, mut replaced) = (Vec::new(), Vec::new());
    for endpoint in &site.endpoints {
        let is_its = |ping: &&Waiting| ping.kind == endpoint.kind && ping.endpoint == endpoint.name;
        let its: Vec<&Waiting> = waiting.iter().filter(is_its).collect();
        let new = match endpoint.kind {
            PingKind::Websub => websub::plan(changes, endpoint),
            PingKind::Xmlrpc => xmlrpc::plan(changes, site, endpoint, &its).into_iter().collect(),
            PingKind::Indexnow => indexnow::plan(changes, site, endpoint, &its),
            PingKind::Rsscloud => rsscloud::plan(changes, endpoint),
            // The operator's: no change is told to these.
            PingKind::Webhook | PingKind::Heartbeat => Vec::new(),
        };
        let stands_for = |old: &&&Waiting| new.iter().any(|new| replaces(new, old));
        replaced.extend(its.iter().filter(stands_for).map(|old| old.id));
        planned.extend(new);
    }
    (planned, replaced)
}

/// Whether nobody need be told of the old change who is told of the new one.
fn replaces(new: &Planned, old: &Waiting) -> bool {
    let is_another = new.change != old.change;
    is_another
        && match new.kind {
            PingKind::Websub | PingKind::Rsscloud => new.subjects == old.subjects,
            PingKind::Xmlrpc | PingKind::Indexnow => true,
            PingKind::Webhook | PingKind::Heartbeat => false,
        }
}

/// Reads an answer by the rules of its protocol. The text is for people: what the endpoint said.
#[must_use]
pub fn judge(kind: PingKind, request: &Request, answer: &Answer<'_>, now: Instant) -> (Verdict, String) {
    let asked = answer.retry_after.and_then(|text| retry_after(text, now));
    match answer.status {
        _ if kind == PingKind::Rsscloud && !matches!(answer.status, 300..=399) => {
            rsscloud::judge(answer, asked)
        }
        // The next good pass asks again.
        400..=599 if kind == PingKind::Heartbeat => (Verdict::Failed, status_and_words(answer)),
        408 | 425 | 429 | 500..=599 => (Verdict::Later(asked), status_and_words(answer)),
        200..=299 if kind == PingKind::Xmlrpc => xmlrpc::judge(request, answer),
        200..=299 => (Verdict::Done, status_and_words(answer)),
        300..=399 => {
            let target = first_words(answer.location.unwrap_or("elsewhere"), KEPT);
            (
                Verdict::Failed,
                format!("{}, moved to {target}: change the endpoint", answer.status),
            )
        }
        _ => (Verdict::Failed, status_and_words(answer)),
    }
}

#[cfg(test)]
mod tests;
