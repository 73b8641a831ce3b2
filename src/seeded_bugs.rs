//! Bugs on purpose, one in each reader of what strangers write: a fuzz target that does not find its
//! own in a minute looks at nothing. They exist only with the feature `seeded-bugs`, which nothing
//! that is shipped is built with, and sleep until [`arm`] is called.

#![expect(clippy::panic, reason = "that is what they are for")]

use crate::clock::Instant;
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};

static ARMED: AtomicBool = AtomicBool::new(false);

/// Wakes them.
pub fn arm() {
    ARMED.store(true, Ordering::Relaxed);
}

/// In front matter: an end before 1970, in seconds less than nothing.
pub(crate) fn front_matter(expires: Option<Instant>) {
    end_if(expires.is_some_and(|end| end.timestamp() < 0), "front_matter");
}

/// In a page's JSON-LD: an article that is its own author.
pub(crate) fn pages(article: &Value) {
    let own = article.get("@id").filter(|id| id.is_string());
    let author = article.get("author").and_then(|author| author.get("@id"));
    end_if(own.is_some() && own == author, "pages");
}

fn end_if(met: bool, target: &str) {
    if met && ARMED.load(Ordering::Relaxed) {
        panic!("seeded bug: {target}");
    }
}
