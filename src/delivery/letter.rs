//! A message is encoded once a variant; a reader costs a copy and the few values in its holes.

use super::quoted::Quoted;
use crate::clock::Instant;
use crate::digests::mail::{Hole, Piece};
use crate::subscribers::address;
use lettre::Address;
use lettre::message::header::{self, HeaderName, HeaderValue, Headers};
use lettre::message::{Mailbox, Mailboxes};
use std::fmt::Write;

/// Names longer than this are cut.
const LONGEST_NAME: usize = 100;

/// The headers all readers of a mail share.
#[derive(Debug, Clone)]
pub struct Shared<'a> {
    pub from: &'a address::Mailbox,
    pub reply_to: Option<&'a address::Mailbox>,
    pub date: Instant,
    /// Bulk mail has `List-Id`, `Feedback-ID` and the rest of what goes with them.
    pub list: Option<List<'a>>,
}

/// What makes a mail one of a list (RFC 2919, RFC 8058).
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// `Name <id.domain>`
    pub id: &'a str,
    pub feedback_id: &'a str,
}

/// What is read of a mail.
#[derive(Debug, Clone, Copy)]
pub struct Bodies<'a> {
    pub subject: &'a [Piece],
    pub text: &'a [Piece],
    pub html: &'a [Piece],
}

/// Who gets it.
#[derive(Debug)]
pub struct Reader<'a> {
    pub address: &'a Address,
    /// Empty where there is none.
    pub name: &'a str,
    /// Absolute URLs with this reader's tokens.
    pub unsubscribe: &'a str,
    pub preferences: &'a str,
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
    Subject(Vec<Piece>),
    MessageId,
    /// RFC 8058: one-click is offered where the page is reached over TLS.
    ListUnsubscribe,
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
#[error("a header has a control character or a line over 998 bytes: {0}")]
pub struct BadHeader(String);

impl Encoded {
    /// # Errors
    /// A header that RFC 5322 does not allow.
    pub fn new(shared: &Shared, bodies: Bodies) -> Result<Encoded, BadHeader> {
        // "=_" cannot come out of quoted-printable, so no body can hold it.
        let boundary = "=_tidings";
        let mut out = Segments::default();
        out.open.push_str(&headers_before(shared)?);
        out.subject(bodies.subject)?;
        out.hole(Slot::To);
        out.open.push_str("Message-ID: <");
        out.hole(Slot::MessageId);
        out.open.push_str(">\r\n");
        if let Some(list) = shared.list {
            out.open.push_str(&list_headers(list)?);
            out.hole(Slot::ListUnsubscribe);
        }
        let _ = write!(
            out.open,
            "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"{boundary}\"\r\n\r\n"
        );
        out.part(boundary, "plain", bodies.text, Slot::Text);
        out.part(boundary, "html", bodies.html, Slot::Html);
        let _ = write!(out.open, "--{boundary}--\r\n");
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

    /// Without holes it is one of the shared headers.
    fn subject(&mut self, pieces: &[Piece]) -> Result<(), BadHeader> {
        if pieces.iter().any(|piece| matches!(piece, Piece::Hole(_))) {
            self.hole(Slot::Subject(pieces.to_vec()));
        } else {
            let mut headers = Headers::new();
            headers.set(header::Subject::from(joined(pieces, |_| "")));
            self.open.push_str(&checked(&headers)?);
        }
        Ok(())
    }

    fn part(&mut self, boundary: &str, kind: &str, pieces: &[Piece], slot: fn(Hole) -> Slot) {
        let _ = write!(
            self.open,
            "--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
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

fn headers_before(shared: &Shared) -> Result<String, BadHeader> {
    let mut headers = Headers::new();
    headers.set(header::From::from(mailboxes(shared.from)?));
    if let Some(reply_to) = shared.reply_to {
        headers.set(header::ReplyTo::from(mailboxes(reply_to)?));
    }
    headers.set(header::Date::new(shared.date.into()));
    checked(&headers)
}

fn list_headers(list: List) -> Result<String, BadHeader> {
    let mut headers = Headers::new();
    for (name, value) in [
        ("List-Id", list.id),
        ("Feedback-ID", list.feedback_id),
        ("Precedence", "bulk"),
    ] {
        let name = HeaderName::new_from_ascii_str(name);
        headers.insert_raw(HeaderValue::new(name, one_line(value)));
    }
    checked(&headers)
}

fn mailboxes(mailbox: &address::Mailbox) -> Result<Mailboxes, BadHeader> {
    let address = lettre_address(&mailbox.address).ok_or_else(|| BadHeader(mailbox.address.to_string()))?;
    // lettre panics on CR, LF and NUL in a name.
    let name = mailbox.name.as_deref().map(one_line);
    Ok(Mailboxes::from(Mailbox::new(name, address)))
}

/// The same address in lettre's type, which checks it once more.
#[must_use]
pub fn lettre_address(address: &address::Address) -> Option<Address> {
    Address::new(address.local(), address.domain()).ok()
}

fn checked(headers: &Headers) -> Result<String, BadHeader> {
    let text = headers.to_string();
    let bad = |line: &&str| line.len() > 998 || line.contains(|c: char| c != '\t' && c.is_control());
    match text.split("\r\n").find(bad) {
        Some(line) => Err(BadHeader(one_line(line))),
        None => Ok(text),
    }
}

fn write_value(slot: &Slot, reader: &Reader, out: &mut String) {
    match slot {
        Slot::To => {
            let name = name(reader);
            let name = (!name.is_empty()).then_some(name);
            let mut headers = Headers::new();
            headers.set(header::To::from(Mailboxes::from(Mailbox::new(
                name,
                reader.address.clone(),
            ))));
            let _ = write!(out, "{headers}");
        }
        Slot::Subject(pieces) => {
            let subject = joined(pieces, |hole| value(hole, reader));
            let mut headers = Headers::new();
            headers.set(header::Subject::from(subject));
            let _ = write!(out, "{headers}");
        }
        Slot::MessageId => out.push_str(reader.message_id),
        Slot::ListUnsubscribe => {
            let _ = write!(out, "List-Unsubscribe: <{}>\r\n", reader.unsubscribe);
            if reader.unsubscribe.starts_with("https://") {
                out.push_str("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
            }
        }
        Slot::Text(Hole::Name) => Quoted::at_line_start(out).value(&name(reader)),
        Slot::Text(hole) => Quoted::at_line_start(out).value(value(*hole, reader)),
        Slot::Html(Hole::Name) => Quoted::at_line_start(out).value(&html_escaped(&name(reader))),
        Slot::Html(hole) => Quoted::at_line_start(out).value(&html_escaped(value(*hole, reader))),
    }
}

fn value<'a>(hole: Hole, reader: &Reader<'a>) -> &'a str {
    match hole {
        Hole::Name => reader.name,
        Hole::Preferences => reader.preferences,
        Hole::Unsubscribe => reader.unsubscribe,
    }
}

/// A name is a stranger's text.
fn name(reader: &Reader) -> String {
    let cut: String = reader.name.chars().take(LONGEST_NAME).collect();
    one_line(&cut)
}

fn joined<'a>(pieces: &'a [Piece], value: impl Fn(Hole) -> &'a str) -> String {
    let text: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Hole(hole) => value(*hole),
        })
        .collect();
    one_line(&text)
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

fn html_escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
