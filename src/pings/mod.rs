//! Telling others what changed: one file a protocol. Pure: `http` carries the requests, `store`
//! keeps them. Each file says what is sent and how its protocol tells success from failure.

mod model;
mod websub;
mod xmlrpc;

pub use model::{Answer, ChangedFeed, Changes, Planned, Request, Site, Verdict};

use crate::articles::text::first_words;
use crate::clock::{Instant, retry_after};
use crate::config::PingKind;
use chrono::TimeDelta;
use model::KEPT;

/// A ping is given up this long after it was planned: by then others have gone out.
const GIVE_UP_DAYS: i64 = 2;
/// The waits between tries, in minutes; the last one goes on.
const RETRY_MINUTES: [i64; 6] = [1, 5, 15, 60, 120, 240];
/// The longest wait that an endpoint may ask for, in hours.
const LONGEST_WAIT_HOURS: i64 = 24;
/// All pings that follow from what changed; none where nothing did.
#[must_use]
pub fn plan(changes: &Changes<'_>, site: &Site<'_>) -> Vec<Planned> {
    let one = |(kind, endpoint): &(PingKind, String)| match kind {
        PingKind::Websub => websub::plan(changes, endpoint),
        PingKind::Xmlrpc => xmlrpc::plan(changes, site, endpoint).into_iter().collect(),
        // The operator's: no change is told to these.
        PingKind::Webhook | PingKind::Heartbeat => Vec::new(),
    };
    site.endpoints.iter().flat_map(one).collect()
}

/// Reads an answer by the rules of its protocol. The text is for people: what the endpoint said.
#[must_use]
pub fn judge(kind: PingKind, request: &Request, answer: &Answer<'_>, now: Instant) -> (Verdict, String) {
    match answer.status {
        // The next good pass asks again.
        400..=599 if kind == PingKind::Heartbeat => (Verdict::Failed, status_and_words(answer)),
        408 | 425 | 429 | 500..=599 => {
            let after = answer.retry_after.and_then(|text| retry_after(text, now));
            (Verdict::Later(after), status_and_words(answer))
        }
        200..=299 => match kind {
            PingKind::Websub | PingKind::Webhook | PingKind::Heartbeat => {
                (Verdict::Done, status_and_words(answer))
            }
            PingKind::Xmlrpc => xmlrpc::judge(request, answer),
        },
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

/// When to try again after the given number of tries; `None`: give up. What the endpoint asked for
/// counts, but never more than a day, and never less than the first wait.
#[must_use]
pub fn next_try(attempts: i64, created: Instant, now: Instant, asked: Option<Instant>) -> Option<Instant> {
    let step = usize::try_from(attempts - 1)
        .unwrap_or(0)
        .min(RETRY_MINUTES.len() - 1);
    let wait = TimeDelta::minutes(RETRY_MINUTES[step]);
    let asked = asked.map_or(TimeDelta::zero(), |asked| asked - now);
    let next = now + wait.max(asked).min(TimeDelta::hours(LONGEST_WAIT_HOURS));
    (next <= created + TimeDelta::days(GIVE_UP_DAYS)).then_some(next)
}

fn status_and_words(answer: &Answer<'_>) -> String {
    match first_words(&String::from_utf8_lossy(answer.body), KEPT) {
        words if words.is_empty() => answer.status.to_string(),
        words => format!("{} {words}", answer.status),
    }
}

#[cfg(test)]
mod tests;
