//! The time of day in a line of words, and its offset from UTC.

use super::words::Token;
use chrono::{FixedOffset, NaiveTime};

/// Finds the time of day and marks its words as used: `15:41`, `3:41 PM`, `3:41:05 p.m.`, `3 pm`,
/// `15h41`, with fractions of seconds or an offset after it.
pub(super) fn take_time(tokens: &mut [Token]) -> Option<NaiveTime> {
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

pub(super) fn take_offset(tokens: &mut [Token]) -> Option<FixedOffset> {
    let at = tokens.iter().position(|t| !t.used && offset(&t.text).is_some())?;
    tokens[at].used = true;
    // Go writes both: `+0100 CET`.
    if let Some(name) = tokens.get_mut(at + 1).filter(|next| is_zone_name(&next.text)) {
        name.used = true;
    }
    offset(&tokens[at].text)
}

fn is_zone_name(text: &str) -> bool {
    (3..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
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
