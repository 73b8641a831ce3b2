//! Dates as people and machines write them, in front matter, in metadata and on the page.
//!
//! What names no timezone is in the site's; a day alone is midnight there. Nothing here knows "now":
//! "two days ago" is no date.

mod day;
mod names;
mod time;
mod words;

use crate::articles::{Precision, Published};
use crate::clock::Instant;
use chrono::{DateTime, Datelike, LocalResult, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// How dates without names of months are to be read, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) timezone: Tz,
    /// `01/02/2026` is January 2nd, as in the United States.
    pub(crate) month_first: bool,
}

impl Reading {
    /// By the language of the text, BCP 47: only plain `en` and `en-US` put the month first.
    pub(crate) fn new(timezone: Tz, language: &str) -> Reading {
        let month_first = matches!(
            language.to_ascii_lowercase().as_str(),
            "en" | "en-us" | "en_us" | ""
        );
        Reading {
            timezone,
            month_first,
        }
    }
}

/// A date found in a text, and the words of it that belong to no date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) date: Published,
    pub(crate) rest: String,
}

/// The date that a whole text states: nothing else may stand in it but a weekday.
pub(crate) fn parse(text: &str, reading: Reading) -> Option<Published> {
    let text = text.trim();
    common(text).or_else(|| parse_any(text, reading))
}

/// The date in the form that machines write most, as `2026-01-23T07:00:00Z`: [`parse_any`] says the same of
/// it, only more slowly.
fn common(text: &str) -> Option<Published> {
    if text.len() != 20 || !text.ends_with('Z') {
        return None;
    }
    let date = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    (date.year() >= day::FIRST_YEAR).then(|| second(date))
}

fn parse_any(text: &str, reading: Reading) -> Option<Published> {
    if let Ok(date) = DateTime::parse_from_rfc2822(&no_leap_second(text)) {
        return Some(second(date.to_utc()));
    }
    let found = find(text, reading)?;
    (!found.rest.contains(char::is_alphanumeric)).then_some(found.date)
}

/// The first date in a line of text, with what stands around it.
pub(crate) fn find(text: &str, reading: Reading) -> Option<Found> {
    // No line that is about its date is longer.
    if text.len() > 400 || !text.chars().any(|c| words::western(c).is_ascii_digit()) {
        return None;
    }
    let mut tokens = words::tokens(text);
    let day = day::take_day(&mut tokens, reading.month_first)?;
    let time = time::take_time(&mut tokens);
    let offset = time.and_then(|_| time::take_offset(&mut tokens));
    let date = match time {
        None => Published {
            at: local(day.and_time(NaiveTime::MIN), reading.timezone),
            precision: Precision::Day,
        },
        Some(time) => second(match offset {
            Some(offset) => offset.from_local_datetime(&day.and_time(time)).single()?.to_utc(),
            None => local(day.and_time(time), reading.timezone),
        }),
    };
    let rest: Vec<&str> = tokens
        .iter()
        .filter(|t| !t.used && !names::is_filler(&t.text))
        .map(|t| t.text.as_str())
        .collect();
    Some(Found {
        date,
        rest: rest.join(" "),
    })
}

fn second(at: Instant) -> Published {
    // Whole seconds: the store keeps no more. A leap second is the last of its minute.
    let at = DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at);
    Published {
        at,
        precision: Precision::Second,
    }
}

/// A wall clock's time as an instant. The hour a zone skips in spring is read as the one after it;
/// of the hour that comes twice in autumn the first is meant.
pub(crate) fn local(at: NaiveDateTime, timezone: Tz) -> Instant {
    match timezone.from_local_datetime(&at) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => match timezone.from_local_datetime(&(at + TimeDelta::hours(1))) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
            LocalResult::None => at.and_utc(),
        },
    }
}

/// `:60` as `:59`, for a parser that would go on to the next minute.
fn no_leap_second(text: &str) -> String {
    match text.find(":60") {
        Some(at) if text[..at].contains(':') => format!("{}:59{}", &text[..at], &text[at + 3..]),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::rfc3339;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<(String, Precision)> {
        let reading = Reading::new(Tz::UTC, "en");
        parse(text, reading).map(|p| (rfc3339(p.at), p.precision))
    }

    #[test]
    fn days_in_all_common_forms() {
        for text in [
            "2026-01-23",
            "2026/01/23",
            "2026/1/23",
            "20260123",
            "23 January 2026",
            "23 Jan 2026",
            "23 Jan. 2026",
            "23rd January 2026",
            "23rd of January, 2026",
            "January 23, 2026",
            "January 23rd, 2026",
            "Jan 23, 2026",
            "Friday, January 23, 2026",
            "Fri 23 Jan 2026",
            "23.01.2026",
            "23.1.2026",
            "01/23/2026",
            "23/01/2026",
            "23-01-2026",
            "23.01.26",
            "1/23/26",
            "23-Jan-2026",
            "23. Januar 2026",
            "23 janvier 2026",
            "23 de enero de 2026",
            "2026年1月23日",
            "on 23 January 2026",
            "JANUARY 23, 2026",
        ] {
            let expected = ("2026-01-23T00:00:00Z".to_owned(), Precision::Day);
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn times_in_all_common_forms() {
        for (text, expected) in [
            ("2026-01-24T15:41:00Z", "2026-01-24T15:41:00Z"),
            ("2026-01-24T15:41:07.123+01:00", "2026-01-24T14:41:07Z"),
            ("2026-01-24 15:41:00 -0800", "2026-01-24T23:41:00Z"),
            ("2026-01-24 15:41:00 +0000 UTC", "2026-01-24T15:41:00Z"),
            ("2026-01-24 15:41:00 +0530 IST", "2026-01-24T10:11:00Z"),
            ("2026-01-24 15:41", "2026-01-24T15:41:00Z"),
            ("2026-01-24T15:41", "2026-01-24T15:41:00Z"),
            ("January 24, 2026 at 3:41 PM", "2026-01-24T15:41:00Z"),
            ("January 24, 2026 at 3:41 p.m.", "2026-01-24T15:41:00Z"),
            ("January 24, 2026 3:41pm", "2026-01-24T15:41:00Z"),
            ("24 Jan 2026, 15:41", "2026-01-24T15:41:00Z"),
            ("24/01/2026 15:41:09", "2026-01-24T15:41:09Z"),
            ("3:41 PM, January 24, 2026", "2026-01-24T15:41:00Z"),
            ("January 24, 2026 at 12:05 AM", "2026-01-24T00:05:00Z"),
            ("January 24, 2026 at 12:05 PM", "2026-01-24T12:05:00Z"),
            ("January 24, 2026, 3 PM", "2026-01-24T15:00:00Z"),
            ("24 janvier 2026 à 15h41", "2026-01-24T15:41:00Z"),
            ("24. Januar 2026 um 15:41 Uhr", "2026-01-24T15:41:00Z"),
            ("January 24, 2026 3:41 PM EST", "2026-01-24T20:41:00Z"),
            ("Sat, 24 Jan 2026 15:41:00 +0100", "2026-01-24T14:41:00Z"),
            ("Sat, 24 Jan 2026 15:41:00 GMT", "2026-01-24T15:41:00Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59Z"),
        ] {
            let expected = (expected.to_owned(), Precision::Second);
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "yesterday",
            "2 days ago",
            "2026",
            "January 2026",
            "2026-13-01",
            "30 February 2026",
            "23 January 2026 was cold",
            "1,024",
            "99/99/9999",
            "may 5",
            "version 1.2.2026x",
            "0001-01-01T00:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_rest_of_a_line_is_told() {
        let reading = Reading::new(Tz::UTC, "en");
        let found = find("By Ann Lee | 23 January 2026", reading).unwrap();
        assert_eq!(found.rest, "By Ann Lee |");
        let found = find("Published on January 23, 2026", reading).unwrap();
        assert_eq!(found.rest, "Published");
    }

    #[test]
    fn wall_clocks_are_the_sites() {
        let vienna = Reading::new(Tz::Europe__Vienna, "de-AT");
        let at = |text: &str| rfc3339(parse(text, vienna).unwrap().at);
        assert_eq!(at("2026-01-23"), "2026-01-22T23:00:00Z");
        assert_eq!(at("2026-07-01 12:00"), "2026-07-01T10:00:00Z");
        // Skipped in spring, twice in autumn.
        assert_eq!(at("2026-03-29 02:30"), "2026-03-29T01:30:00Z");
        assert_eq!(at("2026-10-25 02:30"), "2026-10-25T00:30:00Z");
        assert_eq!(at("03/02/2026"), "2026-02-02T23:00:00Z");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = find(&text, Reading::new(Tz::UTC, "en"));
        }

        #[test]
        fn the_common_form_is_read_as_any_other(
            text in "(0001|1899|19[0-9]{2}|2[0-9]{3}|9999)-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9][Zz]",
        ) {
            if let Some(date) = common(&text) {
                prop_assert_eq!(parse_any(&text, Reading::new(Tz::UTC, "en")), Some(date), "{}", text);
            }
        }

        #[test]
        fn any_line_of_date_parts_is_read_or_refused(text in "[0-9:./T+ apmJnZ,-]{0,40}") {
            let _ = find(&text, Reading::new(Tz::UTC, "de"));
        }
    }
}
