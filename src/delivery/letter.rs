//! A message is encoded once a variant; a reader costs a copy and the few values in its holes.
//!
//! Which headers there are is the digest's affair; how they are written (RFC 5322, RFC 2047, folding)
//! is settled here, with lettre's encoders.

use super::quoted::Quoted;
use crate::digests::headers::{Header, Value};
use crate::digests::pieces::{self, Hole, Piece, html_escape};
use crate::subscribers::address;
use lettre::Address;
use lettre::message::header::{Date, HeaderName, HeaderValue, Headers, To};
use lettre::message::{Mailbox, Mailboxes};
use std::fmt::Write;

/// `=_` cannot come out of quoted-printable, so no body can hold it.
const BOUNDARY: &str = "=_tidings";

/// Who gets it.
#[derive(Debug)]
pub struct Reader<'a> {
    pub address: &'a Address,
    pub values: pieces::Reader<'a>,
    /// The same for every try of one delivery, so that a duplicate can be told. Without `<>`.
    pub message_id: &'a str,
}

/// A message for one reader, CRLF, without the final dot; no line of it begins with a dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter(String);

impl Letter {
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// In bytes, as it goes over the wire.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.len()
    }
}

/// Where a hole stands decides how its value is written.
#[derive(Debug, Clone)]
enum Slot {
    To,
    /// A header's name, and its text.
    Header(&'static str, Vec<Piece>),
    MessageId,
    Unsubscribe,
    Text(Hole),
    Html(Hole),
}

/// Whole lines that are the same for all readers, then perhaps a hole.
#[derive(Debug)]
struct Segment {
    text: String,
    slot: Option<Slot>,
}

/// A message encoded but for its holes.
#[derive(Debug)]
pub struct Encoded {
    segments: Vec<Segment>,
    /// Of a letter, in bytes, roughly.
    size: usize,
}

/// A header that cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error("a header has an address that is none, a control character or a line over 998 bytes: {0}")]
pub struct BadHeader(String);

impl Encoded {
    /// A text and an HTML part with their headers.
    ///
    /// # Errors
    /// A header that RFC 5322 does not allow.
    pub fn new(headers: &[Header], text: &[Piece], html: &[Piece]) -> Result<Encoded, BadHeader> {
        let mut out = Segments::default();
        for header in headers {
            out.header(header)?;
        }
        let _ = write!(
            out.open,
            "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"{BOUNDARY}\"\r\n\r\n"
        );
        out.part("plain", text, Slot::Text);
        out.part("html", html, Slot::Html);
        let _ = write!(out.open, "--{BOUNDARY}--\r\n");
        Ok(out.end())
    }

    /// The letter for one reader.
    #[must_use]
    pub fn fill(&self, reader: &Reader) -> Letter {
        let mut letter = String::with_capacity(self.size + 2048);
        for segment in &self.segments {
            letter.push_str(&segment.text);
            if let Some(slot) = &segment.slot {
                write_value(slot, reader, &mut letter);
            }
        }
        Letter(letter)
    }
}

#[derive(Default)]
struct Segments {
    open: String,
    done: Vec<Segment>,
}

impl Segments {
    fn hole(&mut self, slot: Slot) {
        self.done.push(Segment {
            text: std::mem::take(&mut self.open),
            slot: Some(slot),
        });
    }

    fn header(&mut self, header: &Header) -> Result<(), BadHeader> {
        let text = match &header.value {
            Value::Reader => {
                self.hole(Slot::To);
                return Ok(());
            }
            Value::Pieces(pieces) if pieces.iter().any(|piece| matches!(piece, Piece::Hole(_))) => {
                self.hole(Slot::Header(header.name, pieces.to_vec()));
                return Ok(());
            }
            Value::MessageId => {
                self.in_angles(header.name, Slot::MessageId);
                return Ok(());
            }
            Value::Unsubscribe => {
                self.in_angles(header.name, Slot::Unsubscribe);
                return Ok(());
            }
            Value::Ascii(text) => raw(header.name, text),
            Value::Pieces(pieces) => raw(header.name, &joined(pieces, |_| "")),
            Value::Named(phrase, id) => raw(header.name, &format!("{} <{id}>", without_specials(phrase))),
            Value::Mailbox(mailbox) => raw_mailbox(header.name, mailbox)?,
            Value::Date(date) => {
                let mut headers = Headers::new();
                headers.set(Date::new((*date).into()));
                headers.to_string()
            }
        };
        self.open.push_str(&checked(text)?);
        Ok(())
    }

    fn in_angles(&mut self, name: &str, slot: Slot) {
        let _ = write!(self.open, "{name}: <");
        self.hole(slot);
        self.open.push_str(">\r\n");
    }

    fn part(&mut self, kind: &str, pieces: &[Piece], slot: fn(Hole) -> Slot) {
        let _ = write!(
            self.open,
            "--{BOUNDARY}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
             Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        );
        let mut pieces = pieces.iter().peekable();
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Text(text) => {
                    let mut quoted = Quoted::at_line_start(&mut self.open);
                    quoted.text(text);
                    if matches!(pieces.peek(), Some(Piece::Hole(_))) {
                        quoted.soft_break();
                    }
                }
                Piece::Hole(hole) => {
                    self.hole(slot(*hole));
                    self.open.push_str("=\r\n");
                }
            }
        }
        self.open.push_str("\r\n");
    }

    fn end(mut self) -> Encoded {
        let text = std::mem::take(&mut self.open);
        self.done.push(Segment { text, slot: None });
        Encoded {
            size: self.done.iter().map(|segment| segment.text.len()).sum(),
            segments: self.done,
        }
    }
}

/// The same address in lettre's type, which checks it once more.
#[must_use]
pub fn lettre_address(address: &address::Address) -> Option<Address> {
    Address::new(address.local(), address.domain()).ok()
}

fn raw(name: &'static str, text: &str) -> String {
    let mut headers = Headers::new();
    let name = HeaderName::new_from_ascii_str(name);
    headers.insert_raw(HeaderValue::new(name, one_line(text)));
    headers.to_string()
}

fn raw_mailbox(name: &'static str, mailbox: &address::Mailbox) -> Result<String, BadHeader> {
    let address = lettre_address(&mailbox.address).ok_or_else(|| BadHeader(mailbox.address.to_string()))?;
    // lettre panics on CR, LF and NUL in a name.
    let shown = mailbox.name.as_deref().map(one_line);
    Ok(renamed(name, to_header(shown, address)))
}

/// lettre's own rendering, so that a filled message has the header a plain one would have.
fn to_header(name: Option<String>, address: Address) -> String {
    let mut headers = Headers::new();
    headers.set(To::from(Mailboxes::from(Mailbox::new(name, address))));
    headers.to_string()
}

/// All headers with mailboxes are written alike.
fn renamed(name: &str, header: String) -> String {
    match header.strip_prefix("To") {
        Some(rest) => format!("{name}{rest}"),
        None => header,
    }
}

fn checked(header: String) -> Result<String, BadHeader> {
    let bad = |line: &&str| line.len() > 998 || line.contains(|c: char| c != '\t' && c.is_control());
    match header.split("\r\n").find(bad) {
        Some(line) => Err(BadHeader(one_line(line).chars().take(100).collect())),
        None => Ok(header),
    }
}

fn write_value(slot: &Slot, reader: &Reader, out: &mut String) {
    let value = |hole| reader.values.value(hole);
    match slot {
        Slot::To => {
            let name = reader.values.name.map(one_line).filter(|name| !name.is_empty());
            out.push_str(&to_header(name, reader.address.clone()));
        }
        Slot::Header(name, pieces) => out.push_str(&raw(name, &joined(pieces, value))),
        Slot::MessageId => out.push_str(reader.message_id),
        Slot::Unsubscribe => out.push_str(value(Hole::Unsubscribe)),
        Slot::Text(hole) => Quoted::at_line_start(out).value(value(*hole)),
        Slot::Html(hole) => Quoted::at_line_start(out).value(&html_escape(value(*hole))),
    }
}

fn joined<'a>(pieces: &'a [Piece], value: impl Fn(Hole) -> &'a str) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Hole(hole) => value(*hole),
        })
        .collect()
}

/// Without control characters, and with nothing around it.
fn one_line(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c })
        .filter(|c| !c.is_control())
        .collect();
    text.trim().to_owned()
}

/// A phrase needs no quotes then (RFC 5322 §3.2.3).
fn without_specials(phrase: &str) -> String {
    phrase
        .chars()
        .filter(|c| !"()<>[]:;@\\,\"".contains(*c))
        .collect()
}

#[cfg(test)]
mod tests;
