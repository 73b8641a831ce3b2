//! What was made of one version of a document for readers that have an older one.

use axum::body::Bytes;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// So many different ones are kept.
const KEPT: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Deltas {
    /// Whether the marks of its items are in the store, or on their way.
    remembered: AtomicBool,
    /// By the tag of the version that the client has.
    made: Mutex<Vec<(String, Bytes)>>,
}

impl Deltas {
    /// How many bytes of memory they take now.
    pub(super) fn weight(&self) -> usize {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.iter().map(|(_, delta)| delta.len()).sum()
    }

    /// Whether nobody has asked for changes of this version before.
    pub(super) fn is_first(&self) -> bool {
        !self.remembered.swap(true, Ordering::Relaxed)
    }

    /// What [`is_first`](Deltas::is_first) led to has failed.
    pub(super) fn try_again(&self) {
        self.remembered.store(false, Ordering::Relaxed);
    }

    /// What is new since the version of a tag, where that was made already.
    pub(super) fn of(&self, tag: &str) -> Option<Bytes> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.iter()
            .find(|(of, _)| of == tag)
            .map(|(_, delta)| delta.clone())
    }

    pub(super) fn keep(&self, tag: &str, delta: Bytes) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() < KEPT {
            made.push((tag.to_owned(), delta));
        }
    }
}
