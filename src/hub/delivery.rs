//! Telling a subscriber: what goes with the document, what an answer means, when it is tried again.

use crate::clock::{Instant, retry_after};
use crate::config::Signature;
use crate::hash::hex;
use crate::pings::{Request, jittered, rsscloud};
use aws_lc_rs::hmac;
use chrono::TimeDelta;

/// The waits between tries, in minutes; the last one goes on, as long as the subscription lasts.
const RETRY_MINUTES: [i64; 6] = [1, 5, 15, 60, 120, 360];
/// The longest wait that a subscriber may ask for, in hours.
const LONGEST_WAIT_HOURS: i64 = 24;

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Told,
    /// It wants no more.
    Gone,
    /// It is told again later; it may have said when.
    Failed(Option<Instant>),
}

/// Whatever is neither success nor a farewell is a failure, redirects too.
#[must_use]
pub fn judge(status: u16, asked: Option<&str>, now: Instant) -> Outcome {
    match status {
        200..=299 => Outcome::Told,
        410 => Outcome::Gone,
        _ => Outcome::Failed(asked.and_then(|text| retry_after(text, now))),
    }
}

/// When to try again after so many failures. What was asked for counts, at most a day. `who` tells apart
/// who waits.
#[must_use]
pub fn next_try(failures: i64, asked: Option<Instant>, who: &str, now: Instant) -> Instant {
    let step = usize::try_from(failures - 1)
        .unwrap_or(0)
        .min(RETRY_MINUTES.len() - 1);
    let wait = jittered(
        TimeDelta::minutes(RETRY_MINUTES[step]),
        &format!("{who} {failures}"),
    );
    let asked = asked.map_or(TimeDelta::zero(), |asked| asked - now);
    now + wait.max(asked.min(TimeDelta::hours(LONGEST_WAIT_HOURS)))
}

/// `X-Hub-Signature`: by it a subscriber knows that a document comes from the hub that has its secret.
#[must_use]
pub fn signature(method: Signature, secret: &str, body: &[u8]) -> String {
    let algorithm = match method {
        Signature::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Signature::Sha256 => hmac::HMAC_SHA256,
        Signature::Sha384 => hmac::HMAC_SHA384,
        Signature::Sha512 => hmac::HMAC_SHA512,
    };
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), body);
    format!("{}={}", method.name(), hex(tag.as_ref()))
}

/// What a subscriber of rssCloud is told: that the feed has changed, no more.
#[must_use]
pub fn notification(topic: &str) -> Request {
    rsscloud::changed(topic)
}
