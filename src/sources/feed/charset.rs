//! The characters of a feed: which encoding its bytes are in, whatever is said of them.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into a document its declaration is looked for, in bytes.
const PRESCAN: usize = 1024;

/// The document as text that XML can hold: by its byte order mark, else by the zeros between its
/// first bytes, else UTF-8 if it is, else what the server or the document itself says as far as it is
/// true, else windows-1252. What cannot be read becomes U+FFFD.
pub(super) fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    let text = match wide(bytes) {
        Some(text) => text,
        None => narrow(bytes, content_type),
    };
    match text.chars().all(crate::articles::text::is_xml_char) {
        true => text,
        false => text
            .chars()
            .filter(|c| crate::articles::text::is_xml_char(*c))
            .collect(),
    }
}

/// Encodings of more than one byte a character, which show in the first four bytes.
fn wide(bytes: &[u8]) -> Option<String> {
    let head: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    let wide = |encoding: &'static Encoding, from: usize| {
        Some(
            encoding
                .decode_without_bom_handling(&bytes[from..])
                .0
                .into_owned(),
        )
    };
    match head {
        [0, 0, 0xFE, 0xFF] => Some(utf_32(&bytes[4..], u32::from_be_bytes)),
        [0xFF, 0xFE, 0, 0] => Some(utf_32(&bytes[4..], u32::from_le_bytes)),
        [0, 0, 0, b'<'] => Some(utf_32(bytes, u32::from_be_bytes)),
        [b'<', 0, 0, 0] => Some(utf_32(bytes, u32::from_le_bytes)),
        [0xFE, 0xFF, ..] => wide(UTF_16BE, 2),
        [0xFF, 0xFE, ..] => wide(UTF_16LE, 2),
        [0, b'<' | b'{' | b'\n' | b' ', 0, _] => wide(UTF_16BE, 0),
        [b'<' | b'{' | b'\n' | b' ', 0, _, 0] => wide(UTF_16LE, 0),
        _ => None,
    }
}

fn utf_32(bytes: &[u8], number: fn([u8; 4]) -> u32) -> String {
    let (characters, _) = bytes.as_chunks::<4>();
    characters
        .iter()
        .map(|bytes| char::from_u32(number(*bytes)).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn narrow(bytes: &[u8], content_type: Option<&str>) -> String {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let said = [content_type.and_then(of_header), of_declaration(bytes)];
    // Escape sequences are ASCII, and so good UTF-8.
    let escaped = said
        .iter()
        .flatten()
        .find(|encoding| encoding.name() == "ISO-2022-JP");
    if let Some(encoding) = escaped {
        return encoding.decode_without_bom_handling(bytes).0.into_owned();
    }
    // Text that is UTF-8 to its last byte is UTF-8, whatever is said of it.
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let without_error =
        |encoding: &&'static Encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes);
    if let Some(text) = said.iter().flatten().find_map(without_error) {
        return text.into_owned();
    }
    match said.into_iter().flatten().next() {
        // One bad byte does not make it something else, many do.
        None | Some(_) if mostly_utf8(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Some(encoding) if encoding != UTF_8 => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        _ => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Whether there are more characters of UTF-8 in it than bytes that are none.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    good > bad
}

fn of_header(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    label(lower.split_once("charset")?.1.as_bytes())
}

/// What `<?xml … encoding="…"?>` says.
fn of_declaration(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(PRESCAN)].to_ascii_lowercase();
    let start = head.windows(5).position(|window| window == b"<?xml")?;
    let end = head[start..].iter().position(|byte| *byte == b'>')?;
    let declaration = &head[start..start + end];
    let at = declaration.windows(8).position(|window| window == b"encoding")?;
    label(&declaration[at + 8..])
}

/// The label after `charset` or `encoding`. A text of which so much could be read is not in UTF-16.
fn label(after: &[u8]) -> Option<&'static Encoding> {
    let label: Vec<u8> = after
        .iter()
        .skip_while(|byte| b" \t\r\n='\"".contains(byte))
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_:.".contains(byte))
        .copied()
        .collect();
    Encoding::for_label(&label).filter(|encoding| *encoding != UTF_16BE && *encoding != UTF_16LE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn each_encoding_is_read_whatever_is_said() {
        let declared = |encoding: &str, bytes: &[u8]| {
            let head = format!("<?xml version=\"1.0\" encoding='{encoding}'?><a>");
            [head.as_bytes(), bytes].concat()
        };
        for (bytes, header, expected) in [
            ("<a>Größe".as_bytes().to_vec(), None, "Größe"),
            (declared("utf-8", b"Gr\xF6\xDFe \x96"), None, "Größe –"),
            (declared("iso-8859-1", "Größe".as_bytes()), None, "Größe"),
            (
                declared("utf-8", b"\xCF\xF0\xE8"),
                Some("text/xml; charset=windows-1251"),
                "При",
            ),
            (
                declared("windows-1251", b"\xCF\xF0\xE8"),
                Some("text/xml; charset=utf-8"),
                "При",
            ),
            (declared("utf-16", b"Gr\xF6\xDFe"), None, "Größe"),
            (
                declared("shift_jis", b"\x93\xFA\x96\x7B"),
                Some("text/xml"),
                "日本",
            ),
            (
                declared("no-such", b"Gr\xF6\xDFe"),
                Some("text/xml; charset=\"nor-this\""),
                "Größe",
            ),
            (
                declared("utf-8", "äöü one \u{1}bad".as_bytes()),
                None,
                "äöü one bad",
            ),
            (
                [declared("utf-8", "äöü one ".as_bytes()), vec![0xFF]].concat(),
                None,
                "äöü one \u{FFFD}",
            ),
            (
                [b"\xEF\xBB\xBF".as_slice(), "<a>Größe".as_bytes()].concat(),
                None,
                "Größe",
            ),
            (utf16("\u{FEFF}<a>Größe", u16::to_be_bytes), None, "Größe"),
            (
                utf16("\u{FEFF}<a>Größe", u16::to_le_bytes),
                Some("text/xml; charset=utf-8"),
                "Größe",
            ),
            (utf16("<?xml?>Größe", u16::to_be_bytes), None, "Größe"),
            (utf16("<?xml?>Größe", u16::to_le_bytes), None, "Größe"),
            (
                "<a>ß".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
                None,
                "ß",
            ),
        ] {
            let text = decode(&bytes, header);
            assert!(
                text.ends_with(expected) && text.starts_with('<'),
                "{text:?}: {expected}"
            );
        }
        assert_eq!(decode(b"", None), "");
        assert_eq!(decode(b"\xFF", None), "ÿ");
    }
}
