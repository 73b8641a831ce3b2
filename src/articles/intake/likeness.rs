//! What tells a move from something new.

use crate::articles::Article;
use crate::hash::sha256;
use memchr::memchr;

/// Of the content's letters and digits alone, so that it outlives a new URL and new markup. Where
/// there are none the title stands in.
#[must_use]
pub fn likeness(article: &Article) -> String {
    let mut text = Vec::with_capacity(article.content_html.len());
    let mut rest = article.content_html.as_str();
    while !rest.is_empty() {
        let end = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
        add_alphanumeric(&rest[..end], &mut text);
        rest = memchr(b'>', &rest.as_bytes()[end..]).map_or("", |close| &rest[end + close + 1..]);
    }
    if text.is_empty() {
        text = format!("title {}", article.title).into_bytes();
    }
    sha256(&text)
}

/// So many letters are looked at together.
const ROOM: usize = 64;

/// By the byte: found sooner than by asking whether it is in one of three ranges.
const IS_ALPHANUMERIC: [bool; 256] = {
    let mut is_so = [false; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        is_so[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    is_so
};

fn add_alphanumeric(part: &str, text: &mut Vec<u8>) {
    if part.is_ascii() {
        for some in part.as_bytes().chunks(ROOM) {
            // Without a branch for each letter: each is put at the end, and stays where it counts.
            let (mut letters, mut end) = ([0; ROOM], 0);
            for &byte in some {
                letters[end % ROOM] = byte;
                end += usize::from(IS_ALPHANUMERIC[usize::from(byte)]);
            }
            text.extend_from_slice(&letters[..end]);
        }
        return;
    }
    let mut buffer = [0; 4];
    for c in part.chars().filter(|c| c.is_alphanumeric()) {
        text.extend(c.encode_utf8(&mut buffer).bytes());
    }
}
