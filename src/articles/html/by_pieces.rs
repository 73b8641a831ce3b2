//! Simple HTML made safe piece by piece, as the parser's tree would have it.

use super::addresses::{absolute, settle_attribute};
use crate::articles::simple::{Attributes, Piece};
use crate::articles::text::all_bytes;
use std::borrow::Cow;
use url::{ParseError, Url};

/// As [`super::sanitize`], of simple HTML of about so many bytes; `None`: it is not so simple.
pub(super) fn by_pieces(pieces: &[Piece], bytes: usize, base: &Url) -> Option<String> {
    let mut clean = String::with_capacity(bytes + bytes / 8);
    for piece in pieces {
        match piece {
            Piece::Text(text) => escape(text, NO_QUOTE, &mut clean),
            Piece::Close(name) => clean.extend(["</", name, ">"]),
            Piece::Open { name, attributes } => open_tag(name, attributes, base, &mut clean)?,
        }
    }
    // It is kept for long.
    clean.shrink_to_fit();
    Some(clean)
}

/// Writes a start tag with the attributes that may stay. An image without an address is left out.
fn open_tag(name: &str, attributes: &Attributes, base: &Url, clean: &mut String) -> Option<()> {
    let start = clean.len();
    let mut has_address = name != "img";
    clean.extend(["<", name]);
    for (attribute, value) in attributes {
        let kept = match (name, *attribute) {
            (_, "id" | "style") => None,
            ("code" | "pre", "class") => settle_attribute(name, attribute, value, base),
            (_, "class") => None,
            (_, "title") | ("ol", "start") | ("img", "alt") => Some(Cow::Borrowed(&**value)),
            ("img", "src") => {
                let address = absolute(value, base).filter(|url| url.starts_with("http"));
                has_address = address.is_some();
                // Twice, as the real parsers do: what comes out must be what they give.
                address.and_then(|url| {
                    settle_attribute(name, attribute, &url, base).map(|url| Cow::Owned(url.into_owned()))
                })
            }
            ("a", "href") if is_sound(value) => {
                settle_attribute(name, attribute, value, base).map(|url| Cow::Owned(url.into_owned()))
            }
            ("a", "href") => None,
            _ => return None,
        };
        if let Some(value) = kept {
            clean.extend([" ", attribute, "=\""]);
            escape(&value, b'"', clean);
            clean.push('"');
        }
    }
    clean.push('>');
    if !has_address {
        clean.truncate(start);
    }
    Some(())
}

/// How the addresses begin that are relative, or parsed anyway where they are made absolute.
const COMMON: [&str; 3] = ["/", "http://", "https://"];

/// Whether an address is relative, or may be linked to as far as its scheme goes.
fn is_sound(address: &str) -> bool {
    // White space that the parser of addresses takes for none is not ASCII.
    if address.is_ascii() && COMMON.iter().any(|common| address.starts_with(common)) {
        return true;
    }
    match Url::parse(address) {
        Ok(url) => matches!(url.scheme(), "http" | "https" | "mailto"),
        Err(error) => error == ParseError::RelativeUrlWithoutBase,
    }
}

/// No text holds it.
const NO_QUOTE: u8 = b'\0';

/// As the real parsers' writer does.
fn escape(text: &str, quote: u8, clean: &mut String) {
    // The last but one is how a space begins that does not break.
    let special = |b: u8| matches!(b, b'&' | b'<' | b'>' | 0xC2) | (b == quote);
    if all_bytes(text, |b| !special(b)) {
        clean.push_str(text);
        return;
    }
    let mut rest = text;
    while let Some(at) = rest.bytes().position(special) {
        clean.push_str(&rest[..at]);
        let mut after = rest[at..].chars();
        match after.next() {
            Some('&') => clean.push_str("&amp;"),
            Some('<') => clean.push_str("&lt;"),
            Some('>') => clean.push_str("&gt;"),
            Some('"') => clean.push_str("&quot;"),
            Some('\u{A0}') => clean.push_str("&nbsp;"),
            other => clean.extend(other),
        }
        rest = after.as_str();
    }
    clean.push_str(rest);
}
