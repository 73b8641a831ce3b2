//! What text, URLs and dates must be before a document shows them. Articles are clean already; this
//! is the edge, where one more look costs little and a forbidden character costs a whole feed.

use super::bidi;
use crate::articles::text::xml_safe;
use crate::clock::Instant;
use chrono::{TimeZone, Utc};
use memchr::{memchr, memmem};
use quick_xml::escape::{partial_escape, resolve_html5_entity};
use std::borrow::Cow;
use url::{Position, Url};

/// What old terminals take for a deleted character.
const DELETE: u8 = 0x7F;
/// What stands for something that could not be read.
const UNREADABLE: char = '\u{FFFD}';

/// Text that may have several lines, as it is.
pub(crate) fn text(text: &str) -> String {
    let safe = xml_safe(text);
    let is_plain = safe.is_ascii() && memchr(DELETE, safe.as_bytes()).is_none();
    if is_plain || !safe.contains(is_discouraged) {
        return safe.into_owned();
    }
    safe.chars().filter(|c| !is_discouraged(*c)).collect()
}

/// Text of one line: a title, a name. What breaks or commands a line becomes a space.
pub(crate) fn line(text: &str) -> String {
    let line: String = xml_safe(text)
        .chars()
        .map(|c| match c {
            '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() => ' ',
            c => c,
        })
        .filter(|c| !is_discouraged(*c) && *c != UNREADABLE)
        .collect();
    bidi::closed(line).trim().to_owned()
}

/// Plain text of several lines.
pub(crate) fn lines(lines: &str) -> String {
    bidi::closed(text(lines).replace(UNREADABLE, ""))
        .trim()
        .to_owned()
}

/// Whether a text has nothing to look at: it is blank, or only directs what is not there.
pub(crate) fn is_invisible(text: &str) -> bool {
    let guides = |c: char| {
        matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
            || c == '\u{FEFF}'
    };
    text.chars().all(|c| c.is_whitespace() || guides(c))
}

/// What XML 1.0 allows and advises against, and HTML calls an error: control characters of old
/// terminals, and code points that are no characters.
fn is_discouraged(c: char) -> bool {
    matches!(c, '\u{7F}'..='\u{9F}' | '\u{FDD0}'..='\u{FDEF}') || u32::from(c) & 0xFFFE == 0xFFFE
}

/// Whether plain text holds what HTML would take for a tag, a comment or a character reference, or
/// what comes so close that validators ask.
pub(crate) fn looks_like_html(text: &str) -> bool {
    let is_tag = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
    let is_reference = |rest: &str| {
        let name = rest
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .unwrap_or_default();
        rest.starts_with('#')
            || name.contains(|c: char| !c.is_alphabetic())
            || resolve_html5_entity(name).is_some()
    };
    text.split('<').skip(1).any(is_tag) || text.split('&').skip(1).any(is_reference)
}

/// Plain text for a place that holds HTML, or may: escaped where it matters.
pub(crate) fn as_html(text: &str) -> Cow<'_, str> {
    if looks_like_html(text) {
        partial_escape(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// HTML as a document shows it. The character for what could not be read is written as a reference:
/// validators take it as it is for a broken encoding.
pub(crate) fn html(html: &str) -> String {
    put_in(text(html), &[(UNREADABLE, "&#xFFFD;")])
}

/// Puts a text in place of each of some characters; all are of those whose UTF-8 begins with EF BF, as
/// the two at the end of the plane do that no XML may hold.
pub(crate) fn put_in(text: String, marks: &[(char, &str)]) -> String {
    const BEGINNING: &[u8] = b"\xEF\xBF";
    let mut found = memmem::find_iter(text.as_bytes(), BEGINNING).peekable();
    if found.peek().is_none() {
        return text;
    }
    let mut written = String::with_capacity(text.len() + text.len() / 16);
    let mut done = 0;
    for place in found {
        let mark = text[place..].chars().next();
        let instead = marks.iter().find(|(c, _)| Some(*c) == mark);
        if let (Some(c), Some((_, instead))) = (mark, instead) {
            written.push_str(&text[done..place]);
            written.push_str(instead);
            done = place + c.len_utf8();
        }
    }
    written.push_str(&text[done..]);
    written
}

/// An `http` or `https` URL in the characters of RFC 3986; `None` for all else.
pub(crate) fn web_url(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let mut strict = url[..Position::BeforePath].to_owned();
    for c in url[Position::BeforePath..].chars() {
        match c {
            // Browsers leave these as they are; RFC 3986 has no place for them behind the host.
            '"' | '<' | '>' | '[' | '\\' | ']' | '^' | '`' | '{' | '|' | '}' => {
                strict.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => strict.push(c),
        }
    }
    Some(strict)
}

/// A BCP 47 tag by its form; `en_US` is taken as `en-US`.
pub(crate) fn language(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    let mut parts = tag.split('-');
    let primary = parts.next()?;
    let fits = (2..=8).contains(&primary.len())
        && primary.chars().all(|c| c.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()));
    fits.then_some(tag)
}

/// A media type by its form, `image/jpeg`, without parameters.
pub(crate) fn media_type(text: &str) -> Option<String> {
    let essence = text.split(';').next()?.trim().to_ascii_lowercase();
    let (kind, subtype) = essence.split_once('/')?;
    let token = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c))
    };
    (token(kind) && token(subtype)).then_some(essence)
}

/// An instant with a year of four digits, which is all that the formats can write: what lies
/// outside becomes the nearest.
pub(crate) fn instant(at: Instant) -> Instant {
    let year = |year, month, day| Utc.with_ymd_and_hms(year, month, day, 0, 0, 0).single();
    match (year(1, 1, 1), year(9999, 12, 31)) {
        (Some(first), Some(last)) => at.clamp(first, last),
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_give_way_to_what_they_stand_for() {
        let marks = [('\u{FFFE}', "<"), ('\u{FFFF}', "&")];
        for (text, wanted) in [
            ("plain", "plain"),
            (
                "\u{FFFE}a\u{FFFF}\u{FFFE}\u{FFFD}\u{FF41}",
                "<a&<\u{FFFD}\u{FF41}",
            ),
            ("\u{10FFFE}\u{1F6A2}\u{FFFE}", "\u{10FFFE}\u{1F6A2}<"),
        ] {
            assert_eq!(put_in(text.to_owned(), &marks), wanted);
        }
    }

    #[test]
    fn a_line_has_no_breaks_and_nothing_xml_cannot_hold() {
        assert_eq!(
            line(" a\r\nb\u{0}\u{FFFE}\u{85}c\u{2028}d\u{A0}! "),
            "a  b c d\u{A0}!"
        );
    }

    #[test]
    fn what_could_not_be_read_is_no_broken_encoding() {
        assert_eq!(line("a\u{FFFD}b"), "ab");
        assert_eq!(lines(" a\u{FFFD}\nb\n"), "a\nb");
        assert_eq!(
            html("<p title=\"\u{FFFD}\">\u{1}x</p>"),
            "<p title=\"&#xFFFD;\">x</p>"
        );
    }

    #[test]
    fn what_only_directs_shows_nothing() {
        assert!(is_invisible(" \u{202E}\u{202C}\u{200B}\u{FEFF} "));
        assert!(!is_invisible("\u{200F}\u{5D0}"));
    }

    #[test]
    fn text_keeps_its_lines_and_loses_what_no_reader_can_show() {
        assert_eq!(
            text("a\r\n\tb\u{1}\u{7F}\u{85}\u{9F}\u{FDD0}\u{1FFFE}\u{1F6A2}"),
            "a\r\n\tb\u{1F6A2}"
        );
    }

    #[test]
    fn text_that_could_be_html() {
        for html in [
            "a <b>",
            "</p>",
            "<!-- x",
            "AT&amp;T",
            "&#60;",
            "&lt;",
            "&copy 2026",
        ] {
            assert!(looks_like_html(html), "{html}");
        }
        for plain in ["", "a < b", "5<6", "C & D", "AT&T", "R&", "a > b", "\"&\"", "<3"] {
            assert!(!looks_like_html(plain), "{plain}");
        }
    }

    #[test]
    fn only_web_urls_and_all_of_them_strict() {
        assert_eq!(
            web_url("https://example.org/ä b?q=a|b^{c}").as_deref(),
            Some("https://example.org/%C3%A4%20b?q=a%7Cb%5E%7Bc%7D")
        );
        assert_eq!(
            web_url("http://[::1]:8080/[a]#[b]").as_deref(),
            Some("http://[::1]:8080/%5Ba%5D#%5Bb%5D")
        );
        assert_eq!(web_url("javascript:alert(1)"), None);
        assert_eq!(web_url("/relative"), None);
    }

    #[test]
    fn languages_by_their_form() {
        assert_eq!(language("en_US").as_deref(), Some("en-US"));
        assert_eq!(language("zh-Hant-TW").as_deref(), Some("zh-Hant-TW"));
        for bad in ["", "e", "english please", "de-", "<b>"] {
            assert_eq!(language(bad), None, "{bad}");
        }
    }

    #[test]
    fn media_types_by_their_form() {
        assert_eq!(media_type("Image/JPEG; q=1").as_deref(), Some("image/jpeg"));
        assert_eq!(media_type("image/svg+xml").as_deref(), Some("image/svg+xml"));
        for bad in ["", "image", "image/", "image/a b", "/x"] {
            assert_eq!(media_type(bad), None, "{bad}");
        }
    }

    #[test]
    fn years_that_the_formats_can_write() {
        assert_eq!(instant(Instant::MAX_UTC).format("%Y").to_string(), "9999");
        assert_eq!(instant(Instant::MIN_UTC).format("%Y").to_string(), "0001");
    }
}
