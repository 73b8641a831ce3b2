//! Permanent names. Pure.

use unicode_normalization::UnicodeNormalization;

/// A name for paths and URLs: lower case, letters and digits of every script, `-` for all else; at
/// most 100 bytes, never empty.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.nfc().flat_map(char::to_lowercase) {
        let c = if c.is_alphanumeric() { c } else { '-' };
        if c == '-' && (slug.is_empty() || slug.ends_with('-')) {
            continue;
        }
        if slug.len() + c.len_utf8() > 100 {
            break;
        }
        slug.push(c);
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "untitled".to_owned()
    } else {
        slug.to_owned()
    }
}
