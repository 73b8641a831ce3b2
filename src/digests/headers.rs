//! The rules for the headers of a digest's mails, in one place. Encoding them is delivery's job.

use super::facts::EditionFacts;
use super::pieces::Piece;
use super::words::one_line;
use crate::clock::Instant;
use crate::subscribers::address::Mailbox;
use serde::{Deserialize, Serialize};

/// What the headers are made of, frozen with the mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// The edition's start, so that every try of a mail has the same date.
    pub date: Instant,
    /// The sender's own: what Message-IDs end with.
    pub domain: String,
    /// The digest's title, and its id in `<>` (RFC 2919): readers filter by it, so it never changes.
    pub list_title: String,
    pub list_id: String,
    /// Gmail groups complaints by it.
    pub feedback_id: String,
    /// Whether unsubscribe pages are reached over TLS, as one-click needs (RFC 8058).
    pub one_click: bool,
    /// A mail to one person, of no list (RFC 3834).
    #[serde(default)]
    pub auto_generated: bool,
}

impl Head {
    /// The headers of an edition.
    #[must_use]
    pub fn of(edition: &EditionFacts) -> Head {
        let digest = edition.digest;
        let domain = digest.from.address.domain();
        let label = label(&digest.name);
        // Gmail wants the sender last, 5 to 15 characters, the same for all its mails.
        let mut sender: String = domain
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(15)
            .collect();
        while sender.len() < 5 {
            sender.push('0');
        }
        Head {
            from: digest.from.clone(),
            reply_to: digest.reply_to.clone(),
            date: edition.starts,
            domain: domain.to_owned(),
            list_title: one_line(&digest.title).replace(['<', '>'], ""),
            list_id: format!("{label}.{domain}"),
            feedback_id: format!("{}:{label}:edition:{sender}", self::label(edition.name)),
            one_click: edition.public_url.scheme() == "https",
            auto_generated: false,
        }
    }

    /// The headers of an alert to the operator.
    #[must_use]
    pub fn alert(from: &Mailbox, date: Instant) -> Head {
        Head {
            from: from.clone(),
            reply_to: None,
            date,
            domain: from.address.domain().to_owned(),
            list_title: String::new(),
            list_id: String::new(),
            feedback_id: String::new(),
            one_click: false,
            auto_generated: true,
        }
    }

    /// All headers but those of MIME, in the order in which they are written.
    #[must_use]
    pub fn list<'a>(&'a self, subject: &'a [Piece]) -> Vec<Header<'a>> {
        let mut headers = vec![Header::new("From", Value::Mailbox(&self.from))];
        if let Some(reply_to) = &self.reply_to {
            headers.push(Header::new("Reply-To", Value::Mailbox(reply_to)));
        }
        headers.extend([
            Header::new("To", Value::Reader),
            Header::new("Subject", Value::Pieces(subject)),
            Header::new("Date", Value::Date(self.date)),
            Header::new("Message-ID", Value::MessageId),
        ]);
        if self.auto_generated {
            headers.push(Header::new("Auto-Submitted", Value::Ascii("auto-generated")));
            return headers;
        }
        headers.extend([
            Header::new("List-Id", Value::Named(&self.list_title, &self.list_id)),
            Header::new("List-Unsubscribe", Value::Unsubscribe),
        ]);
        if self.one_click {
            headers.push(Header::new(
                "List-Unsubscribe-Post",
                Value::Ascii("List-Unsubscribe=One-Click"),
            ));
        }
        headers.push(Header::new("Feedback-ID", Value::Ascii(&self.feedback_id)));
        headers.push(Header::new("Precedence", Value::Ascii("bulk")));
        headers
    }
}

/// One header of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header<'a> {
    pub name: &'static str,
    pub value: Value<'a>,
}

impl<'a> Header<'a> {
    fn new(name: &'static str, value: Value<'a>) -> Header<'a> {
        Header { name, value }
    }
}

/// What stands in a header, before it is encoded and folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// As it stands.
    Ascii(&'a str),
    Mailbox(&'a Mailbox),
    /// The reader's name, where there is one, and address.
    Reader,
    /// Any text on one line, with holes (RFC 2047).
    Pieces(&'a [Piece]),
    Date(Instant),
    /// `<…>` with this mail's id to this reader (`subscribers::tokens::message_id`).
    MessageId,
    /// A phrase, then an id in `<>`.
    Named(&'a str, &'a str),
    /// `<…>` with this reader's link.
    Unsubscribe,
}

/// Letters, digits and hyphens of a name: it fits into a domain name and between colons.
fn label(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let label: String = name.chars().map(plain).collect();
    let label = label.trim_matches('-');
    if label.is_empty() {
        "digest".to_owned()
    } else {
        label.chars().take(63).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_fit_into_domain_names() {
        assert_eq!(label("weekly"), "weekly");
        assert_eq!(label("Die Woche!"), "die-woche");
        assert_eq!(label("weekly/2026-11-30T07:00Z"), "weekly-2026-11-30t07-00z");
        assert_eq!(label("週刊\r\n"), "digest");
    }
}
