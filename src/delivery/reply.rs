//! What a server can say to us, and what each answer means for the mail in hand.

use std::fmt;

/// The step of a transaction an answer belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing was asked: what the server announced rules this mail out (RFC 1870, RFC 6531).
    Offer,
    Mail,
    Rcpt,
    Data,
    Dot,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Offer => "EHLO",
            Step::Mail => "MAIL",
            Step::Rcpt => "RCPT",
            Step::Data => "DATA",
            Step::Dot => "the message",
        })
    }
}

/// A reply, or what took its place. Only `Yes` and `No` are answers of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Yes(u16, String),
    No(u16, String),
    /// Time-out, end of stream, reset, or bytes that are no SMTP reply: the stream cannot be trusted
    /// any more.
    Lost(String),
}

/// The server answered, and the answer was no. The connection lives on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub step: Step,
    pub code: u16,
    pub text: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} (to {})", self.code, self.text, self.step)
    }
}

/// Why an envelope did not end in "354 go ahead". In both cases nothing was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    Refused(Refusal),
    /// The connection is of no more use: the same mail may go out on another one at once.
    Gone(String),
}

/// What became of a mail whose final dot was to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Accepted(u16, String),
    Refused(Refusal),
    /// No answer was read after the dot: the server may have the mail or not.
    InDoubt(String),
    /// The stream broke before the dot was handed to it.
    Gone(String),
    /// Stream after stream broke so, while other mails went out.
    Breaks(String),
}
