//! When what did not get through is tried again: waits that grow, patience with endpoints that take
//! nothing for days, and chance that is none.

use crate::clock::Instant;
use crate::hash::sha256;
use chrono::TimeDelta;

/// A ping is given up this long after it was planned, where others went out meanwhile.
const GIVE_UP_DAYS: i64 = 2;
/// An endpoint that let nothing through for so long, and at so many tries, is quiet from then on.
const QUIET_DAYS: i64 = 2;
const QUIET_TRIES: i64 = 3;
/// So often a quiet endpoint is tried, in hours.
const QUIET_HOURS: i64 = 24;
/// The waits between tries, in minutes; the last one goes on.
const RETRY_MINUTES: [i64; 6] = [1, 5, 15, 60, 120, 240];
/// The longest wait that an endpoint may ask for, in hours.
const LONGEST_WAIT_HOURS: i64 = 24;

/// How an endpoint has answered lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Since when nothing has got through.
    pub failing: Option<Instant>,
    /// Tries since then.
    pub failures: i64,
    /// When the last of them was.
    pub latest: Option<Instant>,
}

impl Health {
    /// As it is after one try more that did not get through.
    #[must_use]
    pub fn failed(self, now: Instant) -> Health {
        Health {
            failing: self.failing.or(Some(now)),
            failures: self.failures + 1,
            latest: Some(now),
        }
    }

    /// Whether nothing has got through for days: then it is tried once a day.
    #[must_use]
    pub fn is_quiet(self) -> bool {
        let lasted = self
            .failing
            .zip(self.latest)
            .map(|(since, latest)| latest - since);
        self.failures >= QUIET_TRIES && lasted.is_some_and(|lasted| lasted >= TimeDelta::days(QUIET_DAYS))
    }
}

/// One try of a ping that is to be made again.
#[derive(Debug, Clone, Copy)]
pub struct Tried<'a> {
    /// How often it was tried.
    pub attempts: i64,
    pub created: Instant,
    /// When the endpoint said that it might be tried again.
    pub asked: Option<Instant>,
    /// The endpoint's, this try counted.
    pub health: Health,
    /// Tells apart who waits: what jitter is made from.
    pub who: &'a str,
}

/// When to try again; `None`: give up. What the endpoint asked for counts, but never more than a day, and
/// never less than the wait. A ping is not given up for an endpoint that takes none at all.
#[must_use]
pub fn next_try(tried: &Tried<'_>, now: Instant) -> Option<Instant> {
    let asked = tried.asked.map_or(TimeDelta::zero(), |asked| asked - now);
    let asked = asked.min(TimeDelta::hours(LONGEST_WAIT_HOURS));
    if tried.health.is_quiet() {
        return Some(now + quiet_wait(tried.who, tried.health).max(asked));
    }
    let tries = tried.attempts.max(tried.health.failures);
    let step = usize::try_from(tries - 1)
        .unwrap_or(0)
        .min(RETRY_MINUTES.len() - 1);
    let wait = TimeDelta::minutes(RETRY_MINUTES[step]);
    let next = now + jittered(wait, &format!("{} {tries}", tried.who)).max(asked);
    let is_old = next > tried.created + TimeDelta::days(GIVE_UP_DAYS);
    let takes_others = |since: Instant| now - since < TimeDelta::days(1);
    let is_its_own = tried.health.failing.is_none_or(takes_others);
    (!(is_old && is_its_own)).then_some(next)
}

/// How long nothing is sent to a quiet endpoint.
#[must_use]
pub fn quiet_wait(who: &str, health: Health) -> TimeDelta {
    jittered(
        TimeDelta::hours(QUIET_HOURS),
        &format!("{who} {}", health.failures),
    )
}

/// Up to a quarter more, so that those who failed together do not come back together: the same for the
/// same seed, so that nothing here is left to chance.
#[must_use]
pub fn jittered(wait: TimeDelta, seed: &str) -> TimeDelta {
    let part = i64::from_str_radix(&sha256(seed.as_bytes())[..4], 16).unwrap_or(0);
    wait + TimeDelta::seconds(wait.num_seconds() * part / (4 * 0xffff))
}
