//! What the parts of a running service say of themselves, for its health.

use crate::clock::Instant;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time;

/// A part of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Turns,
    Mail,
    Pings,
    Hub,
}

/// The rounds come far more often than this.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// Shared by all parts.
#[derive(Debug)]
pub(super) struct Pulse {
    facts: Mutex<Facts>,
    beat: Mutex<time::Instant>,
    changed: Notify,
}

impl Default for Pulse {
    fn default() -> Pulse {
        Pulse {
            facts: Mutex::default(),
            beat: Mutex::new(time::Instant::now()),
            changed: Notify::new(),
        }
    }
}

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// When the sources were read last.
    pub(super) read: Option<Instant>,
    /// Why a part does not get on.
    pub(super) turns: Option<String>,
    pub(super) mail: Option<String>,
    pub(super) pings: Option<String>,
    pub(super) hub: Option<String>,
    /// The relay takes no mail of ours.
    pub(super) relay: Option<String>,
}

impl Pulse {
    /// The sources were read to their end.
    pub(super) fn has_read(&self, at: Instant) {
        self.change(|facts| facts.read = Some(at));
    }

    /// A part gets on, or why it does not.
    pub(super) fn of(&self, part: Part, trouble: Option<String>) {
        self.change(|facts| match part {
            Part::Turns => facts.turns = trouble,
            Part::Mail => facts.mail = trouble,
            Part::Pings => facts.pings = trouble,
            Part::Hub => facts.hub = trouble,
        });
    }

    /// The relay takes mail, or why it does not.
    pub(super) fn relay(&self, trouble: Option<String>) {
        self.change(|facts| facts.relay = trouble);
    }

    /// The rounds go on.
    pub(super) fn beat(&self) {
        *self.beat.lock().unwrap_or_else(PoisonError::into_inner) = time::Instant::now();
    }

    /// Whether the rounds went on lately.
    pub(super) fn beats(&self) -> bool {
        let last = *self.beat.lock().unwrap_or_else(PoisonError::into_inner);
        last.elapsed() < LONGEST_SILENCE
    }

    pub(super) fn now(&self) -> Facts {
        self.facts().clone()
    }

    /// Ends when something is otherwise than before.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn change(&self, change: impl FnOnce(&mut Facts)) {
        let mut facts = self.facts();
        let before = facts.clone();
        change(&mut facts);
        if *facts != before {
            self.changed.notify_one();
        }
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
