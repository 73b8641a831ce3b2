//! The only source of "now". Everything that needs the time is given a [`Clock`].

use chrono::{DateTime, SubsecRound, TimeZone, Utc};

/// A point in time, whole seconds, UTC. The store keeps it as seconds since 1970.
pub type Instant = DateTime<Utc>;

/// Where the time comes from: the machine, or (`--at`) one fixed instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    System,
    Fixed(Instant),
}

impl Clock {
    /// The time now, cut to whole seconds.
    #[must_use]
    pub fn now(&self) -> Instant {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
            Clock::System => Utc::now().trunc_subsecs(0),
            Clock::Fixed(at) => *at,
        }
    }
}

impl Clock {
    /// How long it is until an instant, to the millisecond; zero where it has come. A fixed clock
    /// shows the same for ever.
    #[must_use]
    pub fn until(&self, at: Instant) -> std::time::Duration {
        let now = match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
            Clock::System => Utc::now(),
            Clock::Fixed(now) => *now,
        };
        (at - now).to_std().unwrap_or_default()
    }
}

/// The machine's time in nanoseconds since 1970, whatever a [`Clock`] shows: to be held against the times
/// of files, which come from the machine too.
#[must_use]
pub fn of_files() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    Utc::now().timestamp_nanos_opt().unwrap_or(0)
}

/// RFC 3339 in UTC, as all JSON and feeds show it: `2026-11-30T07:00:00Z`.
#[must_use]
pub fn rfc3339(at: Instant) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The instant of a number of seconds since 1970, as the store keeps it. What no calendar holds
/// becomes 1970.
#[must_use]
pub fn from_seconds(seconds: i64) -> Instant {
    Utc.timestamp_opt(seconds, 0)
        .single()
        .unwrap_or(DateTime::UNIX_EPOCH)
}

/// The instant that a `Retry-After` names (RFC 9110, 10.2.3): seconds, or a date.
#[must_use]
pub fn retry_after(text: &str, now: Instant) -> Option<Instant> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return now.checked_add_signed(chrono::TimeDelta::seconds(seconds.into()));
    }
    DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc())
}
