//! Quoted-printable that knows about holes.
//!
//! A hole starts and ends with a soft line break, so what stands around it never depends on what is
//! put in. That is why base64 (where every later byte shifts) and 8bit (where a value can break a
//! line) were not taken. No line ever begins with a dot, so nothing has to be dot-stuffed later.

/// 76 characters with the soft break's `=` (RFC 2045 §6.7).
const WIDTH: usize = 75;
const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends encoded text to a string.
pub struct Quoted<'a> {
    out: &'a mut String,
    /// Where the current line of `out` stands.
    column: usize,
}

impl<'a> Quoted<'a> {
    /// `out` must end at a line's start.
    pub fn at_line_start(out: &'a mut String) -> Quoted<'a> {
        Quoted { out, column: 0 }
    }

    /// A text of ours: CRLF and LF become line ends.
    pub fn text(&mut self, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.out.push_str("\r\n");
                self.column = 0;
            }
            self.line(line.strip_suffix('\r').unwrap_or(line));
        }
    }

    /// The place where a hole begins or ends.
    pub fn soft_break(&mut self) {
        self.out.push_str("=\r\n");
        self.column = 0;
    }

    /// A value put into a hole: line ends in it are data, and of two spaces the second is encoded, so
    /// that no relay and no signature's canonical form can change it.
    pub fn value(&mut self, value: &str) {
        let mut before = b' ';
        for &byte in value.as_bytes() {
            let plain = is_plain(byte) || (byte == b' ' && before != b' ');
            self.byte(byte, plain);
            before = byte;
        }
    }

    fn line(&mut self, line: &str) {
        let bytes = line.as_bytes();
        for (number, &byte) in bytes.iter().enumerate() {
            let inner_space = matches!(byte, b' ' | b'\t') && number + 1 < bytes.len();
            self.byte(byte, inner_space || is_plain(byte));
        }
    }

    fn byte(&mut self, byte: u8, plain: bool) {
        let wide = if plain { 1 } else { 3 };
        if self.column + wide > WIDTH {
            self.soft_break();
        }
        if plain && !(byte == b'.' && self.column == 0) {
            self.out.push(char::from(byte));
            self.column += 1;
        } else {
            self.out.push('=');
            self.out.push(char::from(HEX[usize::from(byte >> 4)]));
            self.out.push(char::from(HEX[usize::from(byte & 15)]));
            self.column += 3;
        }
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'!'..=b'<' | b'>'..=b'~')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &str) -> String {
        let mut out = String::new();
        Quoted::at_line_start(&mut out).text(text);
        out
    }

    #[test]
    fn no_line_begins_with_a_dot_or_ends_in_white_space() {
        assert_eq!(encoded(".\n..x\ny \nz\t"), "=2E\r\n=2E.x\r\ny=20\r\nz=09");
        let wide = encoded(&format!("{}.", "x".repeat(75)));
        assert_eq!(wide, format!("{}=\r\n=2E", "x".repeat(75)));
    }

    proptest! {
        #[test]
        fn decodes_to_what_it_was(text in "[ -~\té\u{202e}😀\n.=]{0,300}") {
            let out = encoded(&text);
            prop_assert!(out.split("\r\n").all(|line| line.len() <= 76 && !line.starts_with('.')));
            let back = quoted_printable::decode(&out, quoted_printable::ParseMode::Strict).unwrap();
            prop_assert_eq!(String::from_utf8(back).unwrap(), text.replace('\n', "\r\n"));
        }

        #[test]
        fn a_value_is_one_piece(value in any::<String>()) {
            let mut out = String::new();
            let mut quoted = Quoted::at_line_start(&mut out);
            quoted.value(&value);
            quoted.soft_break();
            out.push('.');
            prop_assert!(out.is_ascii());
            let back = quoted_printable::decode(&out, quoted_printable::ParseMode::Strict).unwrap();
            prop_assert_eq!(String::from_utf8(back).unwrap(), format!("{value}."));
        }
    }
}
