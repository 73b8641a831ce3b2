//! A bug on purpose in each way in for what strangers write, as if it read names into a buffer of a
//! fixed size: a fuzz target that does not find its own in a minute looks at nothing. They exist only
//! with the feature `seeded-bugs`, which nothing that is shipped is built with, and sleep until [`arm`]
//! is called.

#![expect(clippy::panic, reason = "that is what they are for")]

use super::extract::Extract;
use crate::config::SourceKind;
use std::sync::atomic::{AtomicBool, Ordering};

static ARMED: AtomicBool = AtomicBool::new(false);

/// The longest word that an article may be called by, in characters.
const LONGEST_WORD: usize = 40;

/// Wakes them.
pub fn arm() {
    ARMED.store(true, Ordering::Relaxed);
}

/// Ends the process where a word of the title, of an author's name or of a category is too long. The
/// message names the target that is to find it.
pub(crate) fn read(kind: SourceKind, extract: &Extract) {
    if !ARMED.load(Ordering::Relaxed) {
        return;
    }
    let target = match kind {
        SourceKind::Markdown => "front_matter",
        SourceKind::Pages => "pages",
        SourceKind::Feed => "feeds",
        SourceKind::Wordpress | SourceKind::Ghost => "exports",
        SourceKind::Text | SourceKind::Sitemap => return,
    };
    let authors = extract.authors.iter().map(|author| &author.name);
    let names = extract.title.iter().chain(authors).chain(&extract.categories);
    if names.flat_map(|name| name.split_whitespace()).any(too_long) {
        panic!("seeded bug: {target}");
    }
}

fn too_long(word: &str) -> bool {
    word.chars().count() > LONGEST_WORD
}
