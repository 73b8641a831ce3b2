//! Whose fault a refusal is, as a table. Pure.
//!
//! A refusal that every reader would meet (our address, our authentication, our content) must not be
//! counted against the one who happened to be first: it holds the edition and is told the operator.

use super::reply::{Refusal, Step};

/// What follows from a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Try again after a while.
    Later,
    /// This reader does not get it.
    Fails,
    /// The sender or the content is refused: nobody gets it until somebody has looked.
    Holds,
}

/// What of an enhanced status (RFC 3463) counts: `5.7.26` is `(7, 26)`.
type Status = (u16, u16);

/// Policy details that speak of the sender: DKIM, SPF and reverse DNS (RFC 7372, 20 to 26; Gmail, 23
/// to 32), a null MX (RFC 7505, 27), Microsoft's rules for bulk senders (515).
const ABOUT_THE_SENDER: &[std::ops::RangeInclusive<u16>] = &[20..=32, 515..=515];

/// Login wanted or refused (RFC 4954).
const LOGIN_CODES: &[u16] = &[530, 534, 535, 538];

/// What servers write where the code says only "policy".
const PHRASES: &[&str] = &[
    "relay access denied",
    "relaying denied",
    "relay not permitted",
    "unable to relay",
    "authentication required",
    "not authenticated",
    "unauthenticated",
    "sender address rejected",
    "sender verify failed",
    "reverse dns",
    "ptr record",
    "client host",
    "your ip",
    "block list",
];
const WORDS: &[&str] = &[
    "spf",
    "dkim",
    "dmarc",
    "blacklist",
    "blacklisted",
    "blocklist",
    "blocklisted",
    "spamhaus",
    "rbl",
    "dnsbl",
    "reputation",
];

/// Judges one refusal.
#[must_use]
pub fn judge(refusal: &Refusal) -> Judgement {
    let status = status(&refusal.text);
    if LOGIN_CODES.contains(&refusal.code) || names_the_sender(&refusal.text) {
        Judgement::Holds
    } else if refusal.code < 500 {
        Judgement::Later
    } else if is_for_all(refusal, status) {
        Judgement::Holds
    } else {
        Judgement::Fails
    }
}

/// Whether an enhanced status in the text is one that speaks of the sender's authentication, be it
/// temporary or for good.
#[must_use]
pub fn names_the_sender(text: &str) -> bool {
    status(text).is_some_and(|(subject, detail)| {
        subject == 7 && ABOUT_THE_SENDER.iter().any(|range| range.contains(&detail))
    })
}

/// Of a permanent refusal: whether it is about more than this reader.
fn is_for_all(refusal: &Refusal, status: Option<Status>) -> bool {
    match status {
        Some((1, 7 | 8)) => return true,  // the sender's address
        Some((1 | 2, _)) => return false, // the reader's address or mailbox
        _ => {}
    }
    match refusal.step {
        // What the server announces it announces to every mail: one larger than its SIZE is too large
        // for all readers. An address it cannot take is one reader's.
        Step::Offer => refusal.code == 552,
        Step::Mail => true,
        Step::Rcpt | Step::Data => speaks_of_us(&refusal.text),
        Step::Dot => {
            let content = matches!(refusal.code, 552 | 554) || matches!(status, Some((6, _) | (3, 4)));
            content || speaks_of_us(&refusal.text)
        }
    }
}

fn speaks_of_us(text: &str) -> bool {
    let text = text.to_lowercase();
    PHRASES.iter().any(|phrase| text.contains(phrase))
        || text
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| WORDS.contains(&word))
}

/// The first `class.subject.detail` at the text's start.
fn status(text: &str) -> Option<Status> {
    let word = text.split_ascii_whitespace().next()?;
    let mut numbers = word.trim_end_matches([':', ',', ';']).splitn(3, '.');
    let class = numbers.next()?;
    let mut number = || numbers.next().filter(|n| n.len() <= 3)?.parse().ok();
    let (subject, detail) = (number()?, number()?);
    matches!(class, "4" | "5").then_some((subject, detail))
}

#[cfg(test)]
mod tests {
    use super::Judgement::{Fails, Holds, Later};
    use super::*;

    #[test]
    fn real_refusals_are_judged() {
        use Step::{Data, Dot, Mail, Offer, Rcpt};
        for (step, code, text, expected) in [
            (
                Rcpt,
                550,
                "5.1.1 The email account that you tried to reach does not exist",
                Fails,
            ),
            (Rcpt, 550, "No such user here", Fails),
            (Rcpt, 552, "5.2.2 mailbox full", Fails),
            (
                Rcpt,
                550,
                "5.7.1 the recipient takes no mail from strangers",
                Fails,
            ),
            (Rcpt, 500, "5.3.0 Error: command failed", Fails),
            (Rcpt, 450, "4.2.1 try again", Later),
            (
                Rcpt,
                451,
                "4.7.1 Greylisting in action, please come back later",
                Later,
            ),
            (Rcpt, 452, "too many recipients", Later),
            (Rcpt, 554, "5.7.1 <a@example.org>: Relay access denied", Holds),
            (
                Rcpt,
                554,
                "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
                Holds,
            ),
            (Rcpt, 530, "5.7.0 Must issue a STARTTLS command first", Holds),
            (Mail, 550, "5.1.8 sender domain not found", Holds),
            (Mail, 553, "sender address rejected: not owned by user", Holds),
            (Mail, 552, "5.3.4 message size exceeds fixed limit", Holds),
            (Mail, 451, "4.3.0 queue file write error", Later),
            (Data, 554, "5.5.1 no valid recipients", Fails),
            (
                Dot,
                550,
                "5.7.26 This mail has been blocked because the sender is unauthenticated.",
                Holds,
            ),
            (
                Dot,
                421,
                "4.7.26 This mail has been rate limited because it is unauthenticated",
                Holds,
            ),
            (
                Dot,
                550,
                "5.7.515 Access denied, sending domain example.org does not meet the level",
                Holds,
            ),
            (
                Dot,
                550,
                "5.7.1 Unauthenticated email is not accepted due to domain's DMARC policy",
                Holds,
            ),
            (Dot, 554, "5.7.1 message looks like spam", Holds),
            (
                Dot,
                552,
                "5.7.0 This message was blocked because its content presents a security issue",
                Holds,
            ),
            (Dot, 554, "5.2.2 mailbox full", Fails),
            (Dot, 550, "5.1.1 user unknown", Fails),
            (Dot, 421, "4.7.0 try again later", Later),
            (Offer, 552, "5.3.4 larger than SIZE", Holds),
            (Offer, 553, "5.6.7 no SMTPUTF8", Fails),
        ] {
            let text = text.to_owned();
            let refusal = Refusal { step, code, text };
            assert_eq!(judge(&refusal), expected, "{refusal}");
        }
    }

    #[test]
    fn a_status_is_three_numbers() {
        assert_eq!(status("5.7.26 x"), Some((7, 26)));
        assert_eq!(status("4.7.1: x"), Some((7, 1)));
        for text in [
            "",
            "5.7",
            "x 5.7.26",
            "2.0.0 ok",
            "192.0.2.1 blocked",
            "5.7.2600 x",
        ] {
            assert_eq!(status(text), None, "{text}");
        }
    }
}
