//! Up to when rows are due.

use crate::clock::{Clock, Instant};

/// What a worker claims.
#[derive(Debug, Clone, Copy)]
pub enum Due {
    /// What is due at the instant of a pass. What is put off meanwhile is for the next pass, so that
    /// this one ends.
    At(Instant),
    /// Only mails that a person waits for: all else stays for a pass.
    Awaited(Instant),
    /// What is due by the clock as time goes on: a service sends without an end.
    By(Clock),
}

impl Due {
    /// Rows whose next try is not after this, in seconds since 1970, are due. What a person waits for
    /// has 0 there.
    #[must_use]
    pub fn upto(&self) -> i64 {
        match self {
            Due::Awaited(_) => 0,
            Due::At(_) | Due::By(_) => self.now(),
        }
    }

    /// The next try of what is put back to be tried at once.
    #[must_use]
    pub fn now(&self) -> i64 {
        match self {
            Due::At(instant) | Due::Awaited(instant) => instant.timestamp(),
            Due::By(clock) => clock.now().timestamp(),
        }
    }
}
