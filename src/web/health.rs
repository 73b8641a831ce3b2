//! Whether the service is ready and keeps up, as plain data. Whoever runs the service finds out what
//! is true and gives it as a [`Health`]; `probes` tells it.

use crate::clock::Instant;
use serde::Serialize;

/// How the service is. Plain data: replaced as a whole whenever something of it changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Health {
    /// The first turn is done: the store is open, its tables are up to date, sources were read.
    pub ready: bool,
    /// Whether the store answered when it was last asked.
    pub store: bool,
    /// Why the service does not keep up, a sentence each; empty: it does.
    pub behind: Vec<String>,
    /// When the last turn ended.
    pub last_pass: Option<Instant>,
}

impl Health {
    /// It can do its work.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready && self.store
    }

    /// It can do its work, and nothing of it waits longer than it should.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.is_ready() && self.behind.is_empty()
    }
}
