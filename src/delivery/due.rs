//! Up to when rows are due.

use crate::clock::{Clock, Instant};

/// What a worker claims.
#[derive(Debug, Clone, Copy)]
pub enum Due {
    /// What is due at the instant of a pass. What is put off meanwhile is for the next pass, so that
    /// this one ends.
    At(Instant),
    /// What is due by the clock as time goes on: a service sends without an end.
    By(Clock),
}

impl Due {
    /// Rows whose next try is not after this, in seconds since 1970, are due.
    #[must_use]
    pub fn now(&self) -> i64 {
        match self {
            Due::At(instant) => instant.timestamp(),
            Due::By(clock) => clock.now().timestamp(),
        }
    }
}
