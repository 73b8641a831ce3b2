//! Dates as people and machines write them, in front matter, in metadata and on the page.
//!
//! What names no timezone is in the site's; a day alone is midnight there. Nothing here knows "now":
//! "two days ago" is no date.

use crate::articles::{Precision, Published};
use crate::clock::Instant;
use chrono::{DateTime, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
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
    if let Ok(date) = DateTime::parse_from_rfc2822(&no_leap_second(text)) {
        return Some(second(date.to_utc()));
    }
    let found = find(text, reading)?;
    (!found.rest.contains(char::is_alphanumeric)).then_some(found.date)
}

/// The first date in a line of text, with what stands around it.
pub(crate) fn find(text: &str, reading: Reading) -> Option<Found> {
    // No line that is about its date is longer.
    if text.len() > 400 || !text.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let mut tokens = tokens(text);
    let day = take_day(&mut tokens, reading.month_first)?;
    let time = take_time(&mut tokens);
    let offset = time.and_then(|_| take_offset(&mut tokens));
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
        .filter(|t| !t.used && !is_filler(&t.text))
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
fn local(at: NaiveDateTime, timezone: Tz) -> Instant {
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

#[derive(Debug)]
struct Token {
    text: String,
    used: bool,
}

impl Token {
    fn number(&self) -> Option<u32> {
        if self.used {
            return None;
        }
        let digits = self.text.trim_end_matches(['.', ',']);
        let digits = ["st", "nd", "rd", "th", "er", "º", "ª"]
            .iter()
            .find_map(|suffix| digits.strip_suffix(suffix))
            .unwrap_or(digits);
        let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if plain { digits.parse().ok() } else { None }
    }

    fn month(&self) -> Option<u32> {
        if self.used { None } else { month(&self.text) }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    // The `T` between an ISO date and its time is a gap like any other; `年月日` are separators.
    let mut spaced = String::with_capacity(text.len() + 8);
    let chars: Vec<char> = text.chars().collect();
    for (index, &c) in chars.iter().enumerate() {
        let digit = |at: Option<&char>| at.is_some_and(char::is_ascii_digit);
        let before = index.checked_sub(1).and_then(|i| chars.get(i));
        let after = chars.get(index + 1);
        match c {
            'T' | 't' if digit(before) && digit(after) => spaced.push(' '),
            '年' | '月' | '년' | '월' if digit(before) => spaced.push('-'),
            '日' | '일' if digit(before) => spaced.push(' '),
            ',' | '|' | '·' | '•' | '(' | ')' | '/' if !(digit(before) && digit(after)) => {
                spaced.push(' ');
                if c != ',' && c != '/' && c != '(' && c != ')' {
                    spaced.push(c);
                    spaced.push(' ');
                }
            }
            c => spaced.push(c),
        }
    }
    spaced
        .split_whitespace()
        .map(|t| Token {
            text: t.to_owned(),
            used: false,
        })
        .collect()
}

/// Words that only lead to a date or join its parts.
fn is_filler(word: &str) -> bool {
    // What parts a line stays, so that its parts can be told.
    if matches!(word, "|" | "·" | "•" | "-" | "–" | "—") {
        return false;
    }
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    matches!(
        word.as_str(),
        "" | "at"
            | "on"
            | "the"
            | "of"
            | "de"
            | "del"
            | "um"
            | "uhr"
            | "le"
            | "el"
            | "am"
            | "à"
            | "a"
            | "às"
            | "den"
            | "o'clock"
            | "h"
    ) || is_weekday(&word)
}

fn is_weekday(word: &str) -> bool {
    const DAYS: &[&str] = &[
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thur",
        "thurs",
        "fri",
        "sat",
        "sun",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonnabend",
        "sonntag",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "lunes",
        "martes",
        "miércoles",
        "jueves",
        "viernes",
        "sábado",
        "domingo",
    ];
    DAYS.contains(&word)
}

/// A month by its name or the start of it, in the languages that most pages are written in.
fn month(word: &str) -> Option<u32> {
    const NAMES: [&[&str]; 12] = [
        &[
            "january", "januar", "jänner", "janvier", "enero", "gennaio", "janeiro", "januari", "jan",
        ],
        &[
            "february",
            "februar",
            "février",
            "febrero",
            "febbraio",
            "fevereiro",
            "februari",
            "feb",
            "févr",
        ],
        &["march", "märz", "mars", "marzo", "março", "maart", "mar", "mär"],
        &["april", "avril", "abril", "aprile", "apr", "avr", "abr"],
        &["may", "mai", "mayo", "maggio", "maio", "mei"],
        &["june", "juni", "juin", "junio", "giugno", "junho", "jun"],
        &[
            "july", "juli", "juillet", "julio", "luglio", "julho", "jul", "juil",
        ],
        &["august", "août", "agosto", "augustus", "aug"],
        &[
            "september",
            "septembre",
            "septiembre",
            "settembre",
            "setembro",
            "sep",
            "sept",
        ],
        &[
            "october", "oktober", "octobre", "octubre", "ottobre", "outubro", "oct", "okt",
        ],
        &["november", "novembre", "noviembre", "novembro", "nov"],
        &[
            "december",
            "dezember",
            "décembre",
            "diciembre",
            "dicembre",
            "dezembro",
            "dec",
            "dez",
            "déc",
            "dic",
        ],
    ];
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let index = NAMES.iter().position(|names| names.contains(&word.as_str()))?;
    u32::try_from(index + 1).ok()
}

/// Finds the day and marks its words as used.
fn take_day(tokens: &mut [Token], month_first: bool) -> Option<NaiveDate> {
    if let Some((index, day)) = tokens
        .iter()
        .enumerate()
        .find_map(|(index, token)| Some((index, numeric_day(&token.text, month_first)?)))
    {
        tokens[index].used = true;
        return Some(day);
    }
    (0..tokens.len()).find_map(|at| named_day(tokens, at))
}

/// `2026-01-23`, `2026/1/23`, `20260123`, `23.01.2026`, `01/23/2026`, `23-Jan-2026`.
fn numeric_day(text: &str, month_first: bool) -> Option<NaiveDate> {
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return NaiveDate::parse_from_str(text, "%Y%m%d")
            .ok()
            .filter(|d| plausible(*d));
    }
    let separator = text.chars().find(|c| !c.is_alphanumeric())?;
    if !"-/.".contains(separator) {
        return None;
    }
    let parts: Vec<&str> = text.split(separator).collect();
    let [a, b, c] = parts.as_slice() else {
        return None;
    };
    let number = |t: &str| t.parse::<u32>().ok();
    let (year, month_number, day) = if a.len() == 4 {
        (number(a)?, number(b).or_else(|| month(b))?, number(c)?)
    } else if let Some(named) = month(b) {
        (number(c)?, named, number(a)?)
    } else {
        let (first, middle) = (number(a)?, number(b)?);
        let american = separator == '/' && (middle > 12 || (month_first && first <= 12));
        let (month_number, day) = if american {
            (first, middle)
        } else {
            (middle, first)
        };
        let year = match c.len() {
            4 => number(c)?,
            2 if separator != '-' => 2000 + number(c)?,
            _ => return None,
        };
        (year, month_number, day)
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month_number, day)?;
    plausible(date).then_some(date)
}

/// `23 January 2026`, `January 23rd, 2026`, `23. Januar 2026`, `23 de enero de 2026`.
fn named_day(tokens: &mut [Token], at: usize) -> Option<NaiveDate> {
    let month_number = tokens[at].month()?;
    let near = |index: usize| -> Option<(usize, u32)> { Some((index, tokens.get(index)?.number()?)) };
    // "of", "de" and the comma of "January 23 , 2026" may stand between.
    let skip = |index: usize, back: bool| -> Option<(usize, u32)> {
        near(index).or_else(|| {
            let filler = is_filler(&tokens.get(index)?.text);
            let next = if back { index.checked_sub(1)? } else { index + 1 };
            if filler { near(next) } else { None }
        })
    };
    let before = at
        .checked_sub(1)
        .and_then(|i| skip(i, true))
        .filter(|(_, n)| (1..=31).contains(n));
    let after = skip(at + 1, false);
    let (day, year) = match (before, after) {
        (Some(day), Some(year)) if year.1 > 31 => (day, year),
        (_, Some(day)) if (1..=31).contains(&day.1) => (day, skip(day.0 + 1, false)?),
        _ => return None,
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year.1).ok()?, month_number, day.1)?;
    if !plausible(date) {
        return None;
    }
    for index in [at, day.0, year.0] {
        tokens[index].used = true;
    }
    Some(date)
}

/// Years in which something can have been published; keeps counts and prices from being dates.
fn plausible(date: NaiveDate) -> bool {
    use chrono::Datelike;
    (1900..=2200).contains(&date.year())
}

/// Finds the time of day and marks its words as used: `15:41`, `3:41 PM`, `3:41:05 p.m.`, `3 pm`,
/// `15h41`, with fractions of seconds or an offset after it.
fn take_time(tokens: &mut [Token]) -> Option<NaiveTime> {
    for index in 0..tokens.len() {
        if tokens[index].used {
            continue;
        }
        let Some(clock) = clock(&tokens[index].text) else {
            continue;
        };
        let half = match clock.half {
            None => tokens
                .get(index + 1)
                .filter(|t| !t.used)
                .and_then(|t| half_of_day(&t.text)),
            half => half,
        };
        if clock.minute.is_none() && half.is_none() {
            continue;
        }
        let hour = match half {
            None => clock.hour,
            Some(Half::Before) => clock.hour % 12,
            Some(Half::After) if clock.hour > 12 => clock.hour,
            Some(Half::After) => clock.hour % 12 + 12,
        };
        let time = NaiveTime::from_hms_opt(hour, clock.minute.unwrap_or(0), clock.second.min(59));
        let Some(time) = time.filter(|_| clock.second <= 60) else {
            continue;
        };
        tokens[index].used = true;
        if clock.half.is_none() && half.is_some() {
            tokens[index + 1].used = true;
        }
        if !clock.tail.is_empty() {
            tokens[index] = Token {
                text: clock.tail,
                used: false,
            };
        }
        return Some(time);
    }
    None
}

#[derive(Clone, Copy)]
enum Half {
    Before,
    After,
}

struct ClockTime {
    hour: u32,
    minute: Option<u32>,
    second: u32,
    half: Option<Half>,
    /// An offset that stands right behind, as in `15:41:00+01:00`.
    tail: String,
}

fn half_of_day(text: &str) -> Option<Half> {
    match text.to_lowercase().replace('.', "").trim_end_matches(',') {
        "am" => Some(Half::Before),
        "pm" => Some(Half::After),
        _ => None,
    }
}

fn clock(text: &str) -> Option<ClockTime> {
    let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
    let (hour, mut rest) = text.split_at(digits(text));
    if hour.is_empty() || hour.len() > 2 {
        return None;
    }
    let mut parts = [None, None];
    for (place, part) in parts.iter_mut().enumerate() {
        let after = match rest.strip_prefix(':') {
            None if place == 0 => rest.strip_prefix(['h', 'H']),
            after => after,
        };
        let Some(after) = after.filter(|t| digits(t) == 2) else {
            break;
        };
        *part = after[..2].parse::<u32>().ok();
        rest = &after[2..];
    }
    if parts[1].is_some()
        && let Some(fraction) = rest.strip_prefix(['.', ','])
        && digits(fraction) > 0
    {
        rest = &fraction[digits(fraction)..];
    }
    let half = half_of_day(rest);
    let tail = if half.is_some() {
        ""
    } else {
        rest.trim_end_matches([',', '.', ')', ';'])
    };
    // Only an offset may follow: `10:30-12:00` is a span of time, `12:5x` is nothing.
    if !tail.is_empty() && offset(tail).is_none() {
        return None;
    }
    Some(ClockTime {
        hour: hour.parse().ok()?,
        minute: parts[0],
        second: parts[1].unwrap_or(0),
        half,
        tail: tail.to_owned(),
    })
}

fn take_offset(tokens: &mut [Token]) -> Option<FixedOffset> {
    let at = tokens.iter().position(|t| !t.used && offset(&t.text).is_some())?;
    tokens[at].used = true;
    offset(&tokens[at].text)
}

/// `Z`, `+01:00`, `-0800`, `GMT`, `CET`, `PST`…
fn offset(text: &str) -> Option<FixedOffset> {
    let hours = |h: i32| FixedOffset::east_opt(h * 3600);
    match text.trim_end_matches([',', '.']) {
        "Z" | "z" | "UTC" | "GMT" | "UT" => return hours(0),
        "EST" | "CDT" => return hours(-5),
        "EDT" => return hours(-4),
        "CST" | "MDT" => return hours(-6),
        "MST" | "PDT" => return hours(-7),
        "PST" => return hours(-8),
        "CET" | "MEZ" | "BST" => return hours(1),
        "CEST" | "MESZ" => return hours(2),
        _ => {}
    }
    let text = text
        .strip_prefix("UTC")
        .or_else(|| text.strip_prefix("GMT"))
        .unwrap_or(text);
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => text.strip_prefix('−').map(|digits| (-1, digits))?,
    };
    let digits = digits.replace(':', "");
    if !matches!(digits.len(), 1 | 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (h, m) = digits.split_at(digits.len().min(2));
    let minutes = if m.is_empty() { 0 } else { m.parse().ok()? };
    FixedOffset::east_opt(sign * (h.parse::<i32>().ok()? * 3600 + minutes * 60))
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
        fn any_line_of_date_parts_is_read_or_refused(text in "[0-9:./T+ apmJnZ,-]{0,40}") {
            let _ = find(&text, Reading::new(Tz::UTC, "de"));
        }
    }
}
