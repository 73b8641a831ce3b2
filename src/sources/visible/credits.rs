//! Who wrote an article, under which heading and when, as its page says it to readers: `By Ann Lee on
//! 23 January 2026`, `Category: Travel`, `Filed under Food`.

use super::labels::{Label, known_label, label};
use super::words;
use crate::articles::Published;
use crate::sources::dates::{self, Reading};
use crate::sources::people;

/// What lines around an article said of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Credits {
    pub(crate) authors: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) published: Option<Published>,
    pub(crate) updated: Option<Published>,
}

impl Credits {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Credits::default()
    }

    /// Takes over what is not known yet.
    pub(crate) fn add(&mut self, other: Credits) {
        let fill = |mine: &mut Vec<String>, theirs: Vec<String>| {
            if mine.is_empty() {
                *mine = theirs;
            }
        };
        fill(&mut self.authors, other.authors);
        fill(&mut self.categories, other.categories);
        fill(&mut self.tags, other.tags);
        self.published = self.published.or(other.published);
        self.updated = self.updated.or(other.updated);
    }

    /// Takes over the values that follow a label.
    pub(crate) fn add_values(&mut self, label: Label, values: &[String], reading: Reading) {
        let mut other = Credits::default();
        match label {
            Label::Author => other.authors = values.iter().flat_map(|v| people::names(v)).collect(),
            Label::Category => other.categories = values.iter().flat_map(|v| listed(v)).collect(),
            Label::Tags => other.tags = values.iter().flat_map(|v| listed(v)).collect(),
            Label::Date => other.published = values.first().and_then(|v| dates::parse(v, reading)),
            Label::Updated => other.updated = values.first().and_then(|v| dates::parse(v, reading)),
        }
        self.add(other);
    }
}

/// Whether a line can be a value of a label that stands alone above it; the `first` may be a nickname.
pub(crate) fn is_value(label: Label, line: &str, first: bool, reading: Reading) -> bool {
    let words = line.split_whitespace().count();
    if super::labels::label(line).is_some() || words::discussion(line).is_some() || words::is_footer(line) {
        return false;
    }
    match label {
        Label::Author => {
            let all = people::names(line);
            !all.is_empty() && all.iter().all(|name| words::is_name(name, !first))
        }
        Label::Category | Label::Tags => {
            (1..=12).contains(&words)
                && line.chars().count() <= 80
                && !words::is_prose(line)
                && !line.ends_with(['.', '!', '?', ':'])
                && !words::is_button(line)
        }
        Label::Date | Label::Updated => dates::parse(line, reading).is_some(),
    }
}

/// Several values of one line: `Food, Travel`, `Food | Travel`, `#food #travel`.
fn listed(line: &str) -> Vec<String> {
    let hashed = line
        .split_whitespace()
        .all(|word| word.starts_with('#') && word.len() > 1);
    let parts: Vec<&str> = if hashed {
        line.split_whitespace().collect()
    } else {
        line.split([',', '|', ';', '•', '·', '、']).collect()
    };
    parts
        .into_iter()
        .map(|part| part.trim().trim_start_matches('#').trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// What a line that speaks of nothing but the article says: `By Ann Lee on 23 January 2026`, `Posted
/// in Travel by Ann Lee`, `Ann Lee · 23 January 2026 · 5 min read`. `None` where it says more.
pub(crate) fn line(line: &str, reading: Reading) -> Option<Credits> {
    if line.chars().count() > 160 || line.split_whitespace().count() > 24 {
        return None;
    }
    let mut credits = Credits::default();
    let mut rest = parted(line);
    let mut dates_found = Vec::new();
    while let Some(found) = dates::find(&rest, reading) {
        let updated = rest.to_lowercase();
        dates_found.push((
            found.date,
            updated.contains("updated") || updated.contains("modified"),
        ));
        rest = found.rest;
        if dates_found.len() == 3 {
            break;
        }
    }
    let dated = !dates_found.is_empty();
    let only_updated =
        dates_found.len() == 1 && dates_found[0].1 && !line.to_lowercase().contains("published");
    credits.published = dates_found
        .first()
        .filter(|_| !only_updated)
        .map(|(date, _)| *date);
    credits.updated = match dates_found.as_slice() {
        [(date, _)] if only_updated => Some(*date),
        [_, .., (date, true)] => Some(*date),
        _ => None,
    };
    // Within the value of a label a slash or a dash is the value's own.
    let labelled = label(&rest).is_some();
    let rest = if labelled {
        rest
    } else {
        rest.replace(" - ", " | ")
    };
    let parts = rest.split(|c: char| "|·•".contains(c) || (!labelled && "/–—»".contains(c)));
    for part in parts {
        part_of_line(part.trim_matches(['-', ' ']), dated, &mut credits)?;
    }
    (!credits.is_empty()).then_some(credits)
}

/// A line with a bar before each label that follows another without any: `Category: Food Author: Ann`.
fn parted(line: &str) -> String {
    let mut parted = String::with_capacity(line.len());
    for word in line.split_inclusive(' ') {
        parted.push_str(word);
        let Some(before) = parted.trim_end().strip_suffix(':') else {
            continue;
        };
        let gaps = before.match_indices(' ').map(|(at, _)| at).rev().take(3);
        // The longest label of at most three words: "Written by", not "by".
        let label = gaps.filter(|at| known_label(&before[*at..]).is_some()).last();
        if let Some(at) = label.filter(|at| *at > 0 && !before[..*at].ends_with(['|', '·', '•'])) {
            parted.insert_str(at, " |");
        }
    }
    parted
}

/// One part between separators. `None`: it speaks of something else.
fn part_of_line(part: &str, dated: bool, credits: &mut Credits) -> Option<()> {
    if part.is_empty() || is_reading_time(part) || words::is_button(part) || (dated && is_measure(part)) {
        return Some(());
    }
    match label(part).filter(|(_, value)| !value.is_empty()) {
        Some((label, value)) => labelled(label, value, credits),
        None => sentence(part, dated, credits),
    }
}

/// `Category: Food`.
fn labelled(label: Label, value: &str, credits: &mut Credits) -> Option<()> {
    match label {
        Label::Date | Label::Updated => {}
        Label::Author => {
            let authors = people::names(value);
            // Behind a label a nickname is a name too, but not a few words of a sentence.
            let nickname = |name: &str| words::is_name(name, false) && name.split_whitespace().count() <= 2;
            if !authors
                .iter()
                .all(|name| words::is_name(name, true) || nickname(name))
            {
                return None;
            }
            credits.authors = authors;
        }
        Label::Category | Label::Tags if value.split_whitespace().count() > 12 => return None,
        Label::Category => credits.categories = listed(value),
        Label::Tags => credits.tags = listed(value),
    }
    Some(())
}

/// The words of a part, by what leads to them: `Posted in Travel by Ann Lee`.
#[derive(Default)]
struct Led<'a> {
    by: Vec<&'a str>,
    under: Vec<&'a str>,
    rest: Vec<&'a str>,
}

fn led(part: &str, dated: bool) -> Led<'_> {
    enum Into {
        By,
        Under,
        Rest,
    }
    let mut led = Led::default();
    let mut into = Into::Rest;
    // "In" leads to a category where something was posted in it, not at the start of a sentence.
    let mut posted = dated;
    for word in part.split_whitespace() {
        match word.trim_end_matches([':', ',']).to_lowercase().as_str() {
            "by" | "von" | "par" | "por" => into = Into::By,
            "in" | "under" if posted || !led.by.is_empty() => into = Into::Under,
            "posted" | "published" | "written" | "filed" | "updated" | "last" | "modified" | "first"
            | "on" | "originally" | "date" | "veröffentlicht" | "publié" => {
                into = Into::Rest;
                posted = true;
            }
            _ => match into {
                Into::By => led.by.push(word),
                Into::Under => led.under.push(word),
                Into::Rest => led.rest.push(word),
            },
        }
    }
    led
}

fn sentence(part: &str, dated: bool, credits: &mut Credits) -> Option<()> {
    let Led { by, under, rest } = led(part, dated);
    let by = by.join(" ");
    if !by.is_empty() {
        let authors = people::names(by.trim_end_matches(','));
        if !authors.iter().all(|name| words::is_name(name, true)) {
            return None;
        }
        credits.authors = authors;
    }
    if !under.is_empty() && under.len() <= 6 {
        credits.categories = listed(&under.join(" "));
    }
    let rest = rest.join(" ");
    if rest.is_empty() {
        return Some(());
    }
    // A name beside a date is the author's.
    if dated && by.is_empty() && words::is_name(&rest, true) {
        credits.authors = people::names(&rest);
        return Some(());
    }
    None
}

/// `5 min read`, `Reading time: 7 minutes`, `1,204 views`.
fn is_reading_time(part: &str) -> bool {
    let lower = part.to_lowercase();
    let number = lower.chars().any(|c| c.is_ascii_digit());
    number
        && lower.split_whitespace().count() <= 5
        && ["min", "read", "views", "words", "comments", "shares", "lesezeit"]
            .iter()
            .any(|word| lower.contains(word))
}

/// A few words with a number beside a date, in whatever language: `212 Wörter`, `1 分钟`.
fn is_measure(part: &str) -> bool {
    let begins = part.trim_start_matches(['~', '≈', '约', '約']).trim_start();
    begins.starts_with(|c: char| c.is_ascii_digit())
        && part.split_whitespace().count() <= 3
        && part.chars().count() <= 24
        && part.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::rfc3339;
    use chrono_tz::Tz;

    fn reading() -> Reading {
        Reading::new(Tz::UTC, "en")
    }

    #[test]
    fn lines_that_speak_of_the_article() {
        let day = Some("2026-01-23");
        for (text, authors, categories, date) in [
            ("23 January 2026", "", "", day),
            ("Published on January 23, 2026", "", "", day),
            ("Posted: January 23, 2026", "", "", day),
            ("By Ann Lee", "Ann Lee", "", None),
            ("by Ann Lee and Bob Ray", "Ann Lee+Bob Ray", "", None),
            ("By Ann Lee on 23 January 2026", "Ann Lee", "", day),
            ("Ann Lee | 23 January 2026", "Ann Lee", "", day),
            ("January 23, 2026 · Ann Lee · 5 min read", "Ann Lee", "", day),
            (
                "January 23, 2026 · 212 Wörter · 1 分钟 · Ann Lee",
                "Ann Lee",
                "",
                day,
            ),
            ("Written by Ann Lee", "Ann Lee", "", None),
            (
                "Posted in Travel by Ann Lee on 23 January 2026",
                "Ann Lee",
                "Travel",
                day,
            ),
            ("January 23, 2026 by Ann Lee", "Ann Lee", "", day),
            ("Category: Psychology Of Love", "", "Psychology Of Love", None),
            (
                "Category: Food, Travel | Author: Ann Lee",
                "Ann Lee",
                "Food+Travel",
                None,
            ),
            ("Filed under: Food", "", "Food", None),
            ("Category: Food / Drink", "", "Food / Drink", None),
            ("Author: jane_d", "jane_d", "", None),
            (
                "05/10/2018 - Publicado por: Ann Lee - Categoria: Food",
                "Ann Lee",
                "Food",
                Some("2018-05-10"),
            ),
        ] {
            let credits = line(text, reading()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(credits.authors.join("+"), authors, "{text}");
            assert_eq!(credits.categories.join("+"), categories, "{text}");
            let found = credits.published.map(|p| rfc3339(p.at)[..10].to_owned());
            assert_eq!(found.as_deref(), date, "{text}");
        }
    }

    #[test]
    fn lines_that_speak_of_something_else() {
        for text in [
            "On 23 January 2026 the bridge fell",
            "By the time they came home it was dark",
            "In the beginning",
            "What Is Empathy?",
            "Empathy Builds Emotional Intimacy",
            "Updates",
            "",
        ] {
            assert_eq!(line(text, reading()), None, "{text}");
        }
    }

    #[test]
    fn both_dates_of_a_line() {
        let credits = line("Published January 23, 2026, updated February 1, 2026", reading()).unwrap();
        assert_eq!(rfc3339(credits.published.unwrap().at), "2026-01-23T00:00:00Z");
        assert_eq!(rfc3339(credits.updated.unwrap().at), "2026-02-01T00:00:00Z");
        let credits = line("Last updated: February 1, 2026", reading()).unwrap();
        assert_eq!((credits.published, credits.updated.is_some()), (None, true));
    }
}
