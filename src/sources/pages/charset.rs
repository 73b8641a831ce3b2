//! The characters of a page: which encoding its bytes are in.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// How far into a page its encoding is looked for, in bytes. The HTML standard asks for 1024; saved
/// pages put comments and scripts before it.
const PRESCAN: usize = 8192;
/// How much of a page is looked at to guess its encoding, in bytes.
const GUESSED: usize = 256 * 1024;

/// The page as text: by its byte order mark, else UTF-8 or UTF-16 if it is that, else what its server
/// said (`told`, as in `Content-Type`), else what it says itself, else the likeliest. What cannot be read
/// becomes U+FFFD.
pub(super) fn decode<'a>(bytes: &'a [u8], told: Option<&str>) -> Cow<'a, str> {
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, &bytes[mark..]),
        None => (encoding(bytes, told), bytes),
    };
    encoding.decode_without_bom_handling(bytes).0
}

fn encoding(bytes: &[u8], told: Option<&str>) -> &'static Encoding {
    if let Some(wide) = utf_16(bytes) {
        return wide;
    }
    let told = told.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    let stated = told.or_else(|| declared(&bytes[..bytes.len().min(PRESCAN)]));
    match std::str::from_utf8(bytes) {
        // Its bytes are all ASCII, so only who says it knows it.
        Ok(_) if stated == Some(ISO_2022_JP) => ISO_2022_JP,
        // A page that is UTF-8 to its last byte is UTF-8, whatever an older copy of its head says.
        Ok(_) => UTF_8,
        Err(_) => match stated {
            // A page whose declaration could be read as ASCII is not in UTF-16.
            Some(encoding) if encoding != UTF_8 && encoding.is_ascii_compatible() => encoding,
            // One bad byte does not make UTF-8 something else; where no byte is good, it never was.
            Some(_) if holds_utf_8(bytes) || !holds_words(bytes) => UTF_8,
            _ => likeliest(bytes),
        },
    }
}

/// UTF-16 without a byte order mark: every other byte of its markup is zero.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(1024)];
    let zeros = |from: usize| {
        head.iter()
            .skip(from)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let pairs = head.len() / 2;
    match (zeros(0), zeros(1)) {
        (0, odd) if odd > 0 && odd * 4 >= pairs => Some(UTF_16LE),
        (even, 0) if even > 0 && even * 4 >= pairs => Some(UTF_16BE),
        _ => None,
    }
}

/// What the head says: `<meta charset>`, `<meta http-equiv content>`, or the XML declaration.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value = |text: &str, key: &str| {
        let rest = text.split_once(key)?.1.trim_start().strip_prefix('=')?;
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || "\"'".contains(c));
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c));
        Encoding::for_label(&rest.as_bytes()[..end.unwrap_or(rest.len())])
    };
    let xml = head
        .trim_start()
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"));
    if let Some(encoding) = xml.and_then(|(declaration, _)| value(declaration, "encoding")) {
        return Some(encoding);
    }
    let tags = head.match_indices("<meta").map(|(at, _)| &head[at..]);
    let mut tags = tags.map(|tag| tag.split_once('>').map_or(tag, |(tag, _)| tag));
    tags.find_map(|tag| value(tag, "charset"))
}

/// Whether anything but ASCII in it is UTF-8.
fn holds_utf_8(bytes: &[u8]) -> bool {
    bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii())
}

/// Whether a byte that is no UTF-8 stands at a letter, as in a word of an older encoding.
fn holds_words(bytes: &[u8]) -> bool {
    bytes
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.is_ascii_alphabetic() && *b >= 0x80 || a.is_ascii() != b.is_ascii() && b.is_ascii_alphabetic()))
}

fn likeliest(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(GUESSED)], bytes.len() <= GUESSED);
    detector.guess(None, Utf8Detection::Deny)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(charset: &str, body: &[u8]) -> String {
        let head = format!("<html><head><meta charset=\"{charset}\"></head><body>");
        decode(&[head.as_bytes(), body].concat(), None).into_owned()
    }

    #[test]
    fn each_encoding_is_read() {
        assert!(decode("<p>Größe – ß".as_bytes(), None).ends_with("Größe – ß"));
        assert!(decode(b"<p>Gr\xF6\xDFe \x96", None).ends_with("Größe –"));
        assert!(page("iso-8859-1", b"Gr\xF6\xDFe").ends_with("Größe"));
        assert!(page("windows-1251", b"\xCF\xF0\xE8").ends_with("При"));
        assert!(page("Shift_JIS", b"\x93\xFA\x96\x7B").ends_with("日本"));
        assert!(page("iso-2022-jp", b"\x1B$BF|K\\\x1B(B").ends_with("日本"));
        assert_eq!(decode(b"\xEF\xBB\xBFa", None), "a");
        assert_eq!(decode(b"\xFF\xFEa\0b\0", None), "ab");
        assert_eq!(decode(b"\xFE\xFF\0a\0b", None), "ab");
        assert_eq!(decode(b"", None), "");
    }

    #[test]
    fn whoever_lies_is_not_believed() {
        assert!(page("utf-8", b"bad \xFF byte").ends_with("bad \u{FFFD} byte"));
        assert!(page("utf-8", "Größe \u{1F33C} Caf".as_bytes()).ends_with("Größe \u{1F33C} Caf"));
        assert!(page("utf-8", b"\xC3\xBC and Caf\xE9").ends_with("ü and Caf\u{FFFD}"));
        assert!(page("utf-8", b"Ein Caf\xE9 in Stra\xDFburg").ends_with("Ein Café in Straßburg"));
        assert!(page("iso-8859-1", "Größe".as_bytes()).ends_with("Größe"));
        assert!(page("utf-16", b"Stra\xDFe").ends_with("Straße"));
        assert!(page("none-such", b"Stra\xDFe").ends_with("Straße"));
        let wide = |text: &str, big: bool| -> Vec<u8> {
            text.encode_utf16()
                .flat_map(|unit| {
                    if big {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                })
                .collect()
        };
        for big in [false, true] {
            let text = "<meta charset=utf-8><title>Größe</title><p>日本";
            assert_eq!(decode(&wide(text, big), None), text);
        }
    }

    #[test]
    fn the_server_is_heard_before_the_page() {
        let bytes = b"<meta charset=iso-8859-1>\xCF\xF0\xE8";
        assert!(decode(bytes, Some("Windows-1251")).ends_with("При"));
        assert!(decode(bytes, Some("nonsense")).ends_with("Ïðè"));
        assert!(decode("<p>ß".as_bytes(), Some("iso-8859-1")).ends_with("ß"));
        assert_eq!(decode(b"\xEF\xBB\xBF\xC3\x9F", Some("iso-8859-1")), "ß");
    }

    #[test]
    fn only_declarations_declare() {
        let with = |head: &str| decode(&[head.as_bytes(), b"\xCF\xF0\xE8"].concat(), None).into_owned();
        assert!(with("<?xml version='1.0' encoding='windows-1251'?><p>").ends_with("При"));
        assert!(
            with("<META HTTP-EQUIV=Content-Type CONTENT='text/html; CHARSET = windows-1251'>")
                .ends_with("При")
        );
        assert!(with("<script charset='shift_jis'></script><meta charset=windows-1251>").ends_with("При"));
    }

    #[test]
    fn what_says_nothing_is_guessed() {
        let (cyrillic, ..) =
            encoding_rs::WINDOWS_1251.encode("<p>Приливы и отливы на побережье сегодня утром");
        assert!(decode(&cyrillic, None).ends_with("сегодня утром"));
        let (japanese, ..) = encoding_rs::SHIFT_JIS.encode("<p>これは日本語の文章です。海と潮の話。");
        assert!(decode(&japanese, None).ends_with("海と潮の話。"));
    }
}
