//! The characters of a saved page: which encoding its bytes are in.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How far into a page its encoding is looked for, in bytes. The HTML standard asks for 1024; saved
/// pages put comments and scripts before it.
const PRESCAN: usize = 8192;

/// The page as text: by its byte order mark, else what it says in `<meta>`, else UTF-8 if it is, else
/// windows-1252. What cannot be read becomes U+FFFD.
pub(super) fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding
            .decode_without_bom_handling(&bytes[mark..])
            .0
            .into_owned();
    }
    // A page that is UTF-8 to its last byte is UTF-8, whatever an older copy of its head says.
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let encoding = match declared(&bytes[..bytes.len().min(PRESCAN)]) {
        Some(encoding) if encoding != UTF_8 => encoding,
        // Says UTF-8 and is not: one bad byte does not make it something else.
        Some(_) => UTF_8,
        None => WINDOWS_1252,
    };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.to_ascii_lowercase();
    let at = head.windows(8).position(|window| window == b"charset=")?;
    let value = head[at + 8..].iter().skip_while(|b| b"\"' ".contains(b));
    let label: Vec<u8> = value
        .take_while(|b| b.is_ascii_alphanumeric() || b"-_:.".contains(b))
        .copied()
        .collect();
    let encoding = Encoding::for_label(&label)?;
    // A page whose declaration could be read as ASCII is not in UTF-16.
    Some(if encoding.is_ascii_compatible() {
        encoding
    } else {
        UTF_8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_is_read() {
        let page = |charset: &str, body: &[u8]| {
            let head = format!("<html><head><meta charset=\"{charset}\"></head><body>");
            decode(&[head.as_bytes(), body].concat())
        };
        assert!(decode("<p>Größe – ß".as_bytes()).ends_with("Größe – ß"));
        assert!(decode(b"<p>Gr\xF6\xDFe \x96").ends_with("Größe –"));
        assert!(page("iso-8859-1", b"Gr\xF6\xDFe").ends_with("Größe"));
        assert!(page("windows-1251", b"\xCF\xF0\xE8").ends_with("При"));
        assert!(page("Shift_JIS", b"\x93\xFA\x96\x7B").ends_with("日本"));
        assert!(page("utf-8", b"bad \xFF byte").ends_with("bad \u{FFFD} byte"));
        assert!(page("iso-8859-1", "Größe".as_bytes()).ends_with("Größe"));
        assert_eq!(decode(b"\xEF\xBB\xBFa"), "a");
        assert_eq!(decode(b"\xFF\xFEa\0b\0"), "ab");
        assert_eq!(decode(b"\xFE\xFF\0a\0b"), "ab");
        assert_eq!(decode(b""), "");
    }
}
