//! The day in a line of words.

use super::names::{is_filler, month};
use super::words::Token;
use chrono::{Datelike, NaiveDate};

pub(super) const FIRST_YEAR: i32 = 1900;

/// Finds the day and marks its words as used.
pub(super) fn take_day(tokens: &mut [Token], month_first: bool) -> Option<NaiveDate> {
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
    // Written out like this it is no count; "never" is often a day far ahead.
    (FIRST_YEAR..=9999).contains(&date.year()).then_some(date)
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
    (FIRST_YEAR..=2200).contains(&date.year())
}
