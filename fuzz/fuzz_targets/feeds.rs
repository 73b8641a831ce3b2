//! A feed of another system.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings::config::SourceKind;

fuzz_target!(init: tidings_fuzz::begin(), |bytes: &[u8]| {
    tidings_fuzz::read(SourceKind::Feed, "feed.xml", bytes);
});
