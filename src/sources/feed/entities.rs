//! Character references: those of XML and HTML become characters, everything else stays as it was
//! written, a bare `&` too. What a document declares itself is never put in, so nothing can grow.

use crate::articles::text::is_xml_char;
use encoding_rs::WINDOWS_1252;
use quick_xml::escape::resolve_html5_entity;

/// The longest reference that there is, without `&` and `;`.
const LONGEST: usize = 32;

pub(super) fn resolve(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match reference(rest) {
            Some((characters, length)) => {
                out.push_str(&characters);
                rest = &rest[length..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// What the reference that a text begins with stands for, and its length.
fn reference(text: &str) -> Option<(String, usize)> {
    let end = text.bytes().take(LONGEST + 2).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let characters = match name.strip_prefix('#') {
        Some(number) => numbered(number)?,
        None => resolve_html5_entity(name)?.to_owned(),
    };
    Some((characters, end + 1))
}

/// By number. The numbers that no character has are those of windows-1252, as browsers read them; a
/// character that XML cannot hold is left out.
fn numbered(number: &str) -> Option<String> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    Some(match u8::try_from(code) {
        Ok(byte @ 0x80..=0x9F) => WINDOWS_1252.decode_without_bom_handling(&[byte]).0.into_owned(),
        _ => char::from_u32(code)
            .filter(|c| is_xml_char(*c))
            .map(String::from)
            .unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_characters() {
        for (text, expected) in [
            ("a &amp; b", "a & b"),
            ("&lt;b&gt;&quot;&apos;", "<b>\"'"),
            ("caf&eacute;&nbsp;&hellip;", "café\u{A0}…"),
            ("&#8364;&#x20AC;&#X20ac;", "€€€"),
            ("&#150;&#x92;", "–’"),
            ("a & b &c; d&e=f&g", "a & b &c; d&e=f&g"),
            ("?a=1&b=2;c", "?a=1&b=2;c"),
            ("&#1;&#xD800;&#99999999;&#x;", "&#x;"),
            ("&#99999999999;", "&#99999999999;"),
            ("&", "&"),
            ("&;", "&;"),
            ("&ä;", "&ä;"),
            ("&amp;amp;", "&amp;"),
        ] {
            assert_eq!(resolve(text), expected, "{text}");
        }
    }
}
