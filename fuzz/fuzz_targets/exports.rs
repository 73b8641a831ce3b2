//! What another system wrote of all it has, taken for either of the two that are known.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings::config::SourceKind;

fuzz_target!(init: tidings_fuzz::begin(), |bytes: &[u8]| {
    tidings_fuzz::read(SourceKind::Wordpress, "export", bytes);
    tidings_fuzz::read(SourceKind::Ghost, "export", bytes);
});
