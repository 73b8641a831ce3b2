//! Comments read from the lines of a discussion, whichever order name, date and text stand in.

use super::words;
use crate::articles::{Comment, Published};
use crate::sources::dates::{self, Reading};

/// One line of a discussion, told by what it is.
#[derive(Debug)]
pub(crate) enum Part {
    /// A date, with the name that stands beside it. `None`: one that only counts back from today.
    Date(Option<Published>, Option<String>),
    /// What can be a name, and its whole line: it may be a text all the same.
    Name(String, String),
    Text(String),
}

/// Tells a line; empty for what belongs to no comment. `Ann (24 January 2026): Fine` is two parts.
pub(crate) fn parts(line: &str, reading: Reading) -> Vec<Part> {
    let line = line.trim();
    if words::is_button(line) || words::discussion(line).is_some() {
        return Vec::new();
    }
    if let Some(head) = head(line, reading) {
        return vec![head];
    }
    for (at, _) in line.match_indices(": ").take(3) {
        if let Some(head @ Part::Date(_, Some(_))) = head(&line[..at], reading) {
            return vec![head, Part::Text(line[at + 2..].trim().to_owned())];
        }
    }
    let name = speaker(line);
    if name.is_empty() && line.chars().any(char::is_alphanumeric) {
        return Vec::new();
    }
    if words::is_name(&name, false) {
        return vec![Part::Name(name, line.to_owned())];
    }
    vec![Part::Text(line.to_owned())]
}

/// A date, alone or with a name beside it.
fn head(line: &str, reading: Reading) -> Option<Part> {
    if line.chars().count() > 90 || words::is_prose(line) {
        return None;
    }
    let (date, rest) = match dates::find(line, reading) {
        Some(found) => (Some(found.date), found.rest),
        None => (None, before_relative(line)?),
    };
    let beside = speaker(&rest);
    if beside.is_empty() {
        return Some(Part::Date(date, None));
    }
    words::is_name(&beside, false).then_some(Part::Date(date, Some(beside)))
}

/// What stands before a date that counts back from today: `Ann · 2 days ago`.
fn before_relative(line: &str) -> Option<String> {
    const UNITS: &[&str] = &[
        "second", "minute", "hour", "day", "week", "month", "year", "min", "sec",
    ];
    let lower = line.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let counts = |word: &str| word.parse::<u32>().is_ok() || matches!(word, "a" | "an" | "one");
    let used = match words.as_slice() {
        [.., count, unit, "ago"] if counts(count) && UNITS.contains(&unit.trim_end_matches('s')) => 3,
        [.., "just", "now"] => 2,
        [.., "yesterday"] => 1,
        _ => return None,
    };
    let kept: Vec<&str> = line.split_whitespace().take(words.len() - used).collect();
    Some(kept.join(" "))
}

/// A name without what it is introduced with: `By Ann`, `Ann says:`, `Ann wrote —`.
fn speaker(text: &str) -> String {
    let mut words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .collect();
    let is = |word: Option<&&str>, known: &[&str]| {
        word.is_some_and(|word| known.contains(&word.trim_end_matches([':', ',']).to_lowercase().as_str()))
    };
    while is(
        words.first(),
        &[
            "by",
            "from",
            "posted",
            "comment",
            "published",
            "commented",
            "written",
        ],
    ) {
        words.remove(0);
    }
    const SAID: &[&str] = &[
        "says",
        "said",
        "wrote",
        "writes",
        "commented",
        "posted",
        "replied",
        "on",
        "sagt",
        "dit",
    ];
    // What a page puts behind the names of those who belong to it.
    const BADGES: &[&str] = &["author", "op", "mod", "moderator", "admin", "staff", "verified"];
    while is(words.last(), SAID) || (words.len() > 1 && is(words.last(), BADGES)) {
        words.pop();
    }
    words
        .join(" ")
        .trim_end_matches([':', ',', '-', '–', '—'])
        .trim()
        .to_owned()
}

/// The comments that the lines of a discussion hold, in their order.
pub(crate) fn read(lines: &[&str], reading: Reading) -> Vec<Comment> {
    let parts: Vec<Part> = lines.iter().flat_map(|line| parts(line, reading)).collect();
    let comments = match parts.iter().position(|part| matches!(part, Part::Date(..))) {
        None => undated(&parts),
        Some(first) => {
            let beside = matches!(&parts[first], Part::Date(_, Some(_)));
            if beside || first <= 1 {
                date_first(&parts)
            } else {
                date_last(&parts)
            }
        }
    };
    comments
        .into_iter()
        .filter(|comment| !comment.text.is_empty())
        .collect()
}

fn comment(author: &str, published: Option<Published>, texts: &[Part]) -> Comment {
    let text: Vec<&str> = texts
        .iter()
        .filter_map(|part| match part {
            Part::Text(text) | Part::Name(_, text) => Some(text.as_str()),
            Part::Date(..) => None,
        })
        .collect();
    Comment {
        author: author.to_owned(),
        published: published.map(|p| p.at),
        text: text.join("\n\n"),
    }
}

/// Name, date, text; or name and date on one line; or date, name, text.
fn date_first(parts: &[Part]) -> Vec<Comment> {
    // Where each comment starts, who wrote it, when, and where its text starts.
    let mut heads: Vec<(usize, String, Option<Published>, usize)> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let Part::Date(date, beside) = part else {
            continue;
        };
        let before = index.checked_sub(1).and_then(|i| parts.get(i));
        match (beside, before, parts.get(index + 1)) {
            (Some(name), _, _) => heads.push((index, name.clone(), *date, index + 1)),
            (None, Some(Part::Name(name, _)), _) => heads.push((index - 1, name.clone(), *date, index + 1)),
            (None, _, Some(Part::Name(name, _))) => heads.push((index, name.clone(), *date, index + 2)),
            _ => heads.push((index, String::new(), *date, index + 1)),
        }
    }
    let end_of = |at: usize| heads.get(at + 1).map_or(parts.len(), |(start, ..)| *start);
    heads
        .iter()
        .enumerate()
        .map(|(at, (_, name, date, text))| {
            let end = end_of(at).max(*text).min(parts.len());
            comment(name, *date, &parts[(*text).min(end)..end])
        })
        .collect()
}

/// Name, text, date.
fn date_last(parts: &[Part]) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut start = 0;
    for (index, part) in parts.iter().enumerate() {
        let Part::Date(date, _) = part else {
            continue;
        };
        let own = &parts[start..index];
        comments.push(match own {
            [Part::Name(name, _), rest @ ..] if !rest.is_empty() => comment(name, *date, rest),
            own => comment("", *date, own),
        });
        start = index + 1;
    }
    comments
}

/// Name, text, and no dates at all. What follows a name is its text, however short.
fn undated(parts: &[Part]) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut index = parts
        .iter()
        .position(|part| matches!(part, Part::Name(..)))
        .unwrap_or(parts.len());
    while let Some(Part::Name(name, _)) = parts.get(index) {
        let mut end = index + 2;
        while matches!(parts.get(end), Some(Part::Text(_))) {
            end += 1;
        }
        let texts = parts.get(index + 1..end.min(parts.len())).unwrap_or_default();
        comments.push(comment(name, None, texts));
        index = end;
    }
    comments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::rfc3339;
    use chrono_tz::Tz;

    fn found(lines: &[&str]) -> Vec<String> {
        read(lines, Reading::new(Tz::UTC, "en"))
            .iter()
            .map(|c| {
                let at = c
                    .published
                    .map(|at| rfc3339(at)[..16].to_owned())
                    .unwrap_or_default();
                format!("{}|{at}|{}", c.author, c.text.replace("\n\n", "/"))
            })
            .collect()
    }

    const LONG: &str = "This article brilliantly shows what it is about, and more.";

    #[test]
    fn in_whichever_order() {
        let expected = [
            format!("Ann Lee|2026-01-24T15:41|{LONG}"),
            "bob_r|2026-01-25T09:00|I agree. Thanks!/And more.".to_owned(),
        ];
        let (a, b) = ("January 24, 2026 at 3:41 PM", "January 25, 2026 at 9:00 AM");
        let (t, u, v) = (LONG, "I agree. Thanks!", "And more.");
        for lines in [
            vec![
                "Discussion",
                "rate this article",
                "2 comments",
                "Ann Lee",
                t,
                a,
                "bob_r",
                u,
                v,
                b,
            ],
            vec![
                "2 comments",
                "Ann Lee",
                a,
                t,
                "Reply",
                "bob_r",
                b,
                u,
                v,
                "Reply",
                "Leave a comment",
            ],
            vec![
                "Ann Lee on January 24, 2026 at 3:41 PM",
                t,
                "bob_r on January 25, 2026 at 9:00 AM",
                u,
                v,
            ],
            vec!["Ann Lee says:", a, t, "bob_r says:", b, u, v],
            vec![a, "Ann Lee", t, b, "bob_r", u, v],
            vec!["Ann Lee", "says:", a, t, "bob_r", "says:", b, u, v],
        ] {
            assert_eq!(found(&lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn without_dates() {
        assert_eq!(
            found(&[
                "Ann Lee Author · 2 days ago",
                "Fine:",
                "❤️",
                "Bo · yesterday",
                "Ha"
            ]),
            ["Ann Lee||Fine:/❤️", "Bo||Ha"]
        );
        assert_eq!(
            found(&[
                "Ann Lee",
                LONG,
                "Bob",
                "Great post",
                "Cy",
                "Thanks for this one, it helped me a lot."
            ]),
            [
                format!("Ann Lee||{LONG}"),
                "Bob||Great post".to_owned(),
                "Cy||Thanks for this one, it helped me a lot.".to_owned()
            ]
        );
        assert!(found(&["Be the first to comment", "0 comments"]).is_empty());
        assert!(found(&[]).is_empty());
    }

    #[test]
    fn all_on_one_line() {
        assert_eq!(
            found(&[
                "Li (March 8, 2025 10:12): My grandmother too!",
                "Bo (March 9, 2025): Ha: yes."
            ]),
            [
                "Li|2025-03-08T10:12|My grandmother too!",
                "Bo|2025-03-09T00:00|Ha: yes."
            ]
        );
    }

    #[test]
    fn what_follows_the_last_date_is_no_comment() {
        let lines = [
            "Ann Lee",
            LONG,
            "January 24, 2026",
            "previousforumq&a",
            "Founded by: Ann",
        ];
        assert_eq!(found(&lines), [format!("Ann Lee|2026-01-24T00:00|{LONG}")]);
    }
}
