//! A Markdown file, with its front matter.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings::config::SourceKind;

fuzz_target!(init: tidings_fuzz::begin(), |bytes: &[u8]| {
    tidings_fuzz::read(SourceKind::Markdown, "article.md", bytes);
});
