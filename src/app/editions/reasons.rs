//! What servers said of many mails, as a few reasons. Pure.

use crate::store::standing::Said;
use crate::telemetry::masked;
use serde::Serialize;
use std::collections::HashMap;

/// So many reasons are told; the rarer ones are counted together.
const TOLD: usize = 10;
/// A reason has at most so many words.
const WORDS: usize = 12;

/// Why, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// As the server said it to one of them; addresses are masked.
    pub reason: String,
    pub mails: i64,
}

/// Groups by code and enhanced status, else by the first words; the most frequent first.
pub(super) fn grouped(said: &[Said]) -> Vec<Reason> {
    let mut groups: HashMap<String, Reason> = HashMap::new();
    for one in said {
        let reason = told(one);
        let group = groups.entry(key(&reason)).or_insert(Reason { reason, mails: 0 });
        group.mails += 1;
    }
    let mut reasons: Vec<Reason> = groups.into_values().collect();
    reasons.sort_by(|a, b| b.mails.cmp(&a.mails).then_with(|| a.reason.cmp(&b.reason)));
    if reasons.len() > TOLD {
        let mails = reasons.drain(TOLD..).map(|reason| reason.mails).sum();
        reasons.push(Reason {
            reason: "others".to_owned(),
            mails,
        });
    }
    reasons
}

fn told(said: &Said) -> String {
    let text = said.reply.as_deref().unwrap_or("no reason is known");
    let safe = masked(text);
    let words: Vec<&str> = safe.split_whitespace().take(WORDS).collect();
    words.join(" ")
}

/// `550 5.1.1`, or all words but those that name an address or a queue's number.
fn key(reason: &str) -> String {
    let mut words = reason.split(' ');
    if let (Some(code), Some(status)) = (words.next(), words.next())
        && is_code(code)
        && is_status(status)
    {
        return format!("{code} {status}");
    }
    let same = |word: &&str| !word.contains('@') && !word.chars().any(|c| c.is_ascii_digit());
    let code = reason.split(' ').next().filter(|word| is_code(word));
    code.into_iter()
        .chain(reason.split(' ').filter(same))
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_code(word: &str) -> bool {
    word.len() == 3 && word.chars().all(|c| c.is_ascii_digit())
}

/// RFC 3463: `5.1.1`.
fn is_status(word: &str) -> bool {
    let parts: Vec<&str> = word.trim_end_matches([':', ',']).split('.').collect();
    let number = |part: &&str| (1..=3).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_alike_are_one_reason_and_show_no_address() {
        let said = |reply: &str| Said {
            code: Some(450),
            reply: Some(reply.to_owned()),
        };
        let reasons = grouped(&[
            said("450 4.2.1 <ann@example.org>: try again (to RCPT)"),
            said("450 4.2.1 <bo@example.org>: try again (to RCPT)"),
            said("451 queue 7F3A9 is full, ann@example.org"),
            said("451 queue 99123 is full, bo@example.org"),
            said("451 queue 99124 is full, cy@example.org"),
            Said {
                code: None,
                reply: None,
            },
        ]);
        let told: Vec<(i64, &str)> = reasons
            .iter()
            .map(|reason| (reason.mails, reason.reason.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (3, "451 queue 7F3A9 is full, a…@example.org"),
                (2, "450 4.2.1 <a…@example.org>: try again (to RCPT)"),
                (1, "no reason is known"),
            ]
        );
    }

    #[test]
    fn rare_reasons_are_told_together() {
        let said: Vec<Said> = (0..12)
            .map(|n| Said {
                code: None,
                reply: Some("abcdefghijkl"[n..].to_owned()),
            })
            .collect();
        let reasons = grouped(&said);
        assert_eq!(reasons.len(), 11);
        assert_eq!((reasons[10].reason.as_str(), reasons[10].mails), ("others", 2));
    }
}
