//! Crontab lines and the instants they mean. Pure; knows nothing of digests.
//!
//! The crate `cron` searches the calendar, and only the calendar: it is asked about wall-clock times
//! that carry no timezone. What a line may say (crontab(5)) is read in `fields`, and what a wall
//! clock shows when it is put forward or back is decided here, as Vixie cron does:
//!
//! - A line that names its minutes and hours follows the wall clock. A time that is left out when the
//!   clock goes forward comes at the first instant after the gap; one that comes twice when it goes
//!   back is taken the first time only.
//! - A line with `*` or a step in the minute or hour field means "every so often" and follows elapsed
//!   time: it comes whenever the clock shows such a time.

mod fields;

use crate::clock::Instant;
use chrono::{DateTime, Duration, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{GapInfo, Tz};
use fields::{DAY, DAY_OF_WEEK, FIELDS, HOUR, MINUTE, MONTH, SECOND, Values};
use std::str::FromStr;

/// How many slots before the last one [`Schedule::slots_between`] names.
pub const EARLIER_SLOTS: usize = 100;

/// A checked crontab(5) line. Two are equal where they were written the same.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    /// The line without its timezone; two of them where it names days of the month or of the week.
    calendars: Vec<cron::Schedule>,
    /// It follows elapsed time, not the wall clock.
    elapsed: bool,
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Schedule) -> bool {
        self.text == other.text
    }
}

impl Eq for Schedule {}

/// Why a line is none, naming the field and what it may hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{line}\" is no schedule: {why}")]
pub struct BadSchedule {
    line: String,
    why: String,
}

/// The slots of a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots {
    pub last: Instant,
    /// Those before the last one, oldest first, at most [`EARLIER_SLOTS`].
    pub earlier: Vec<Instant>,
    /// There were more than `earlier` holds.
    pub more: bool,
}

impl Schedule {
    /// Five fields (minute, hour, day of month, month, day of week), six (seconds first), or
    /// `@yearly @annually @monthly @weekly @daily @midnight @hourly`. Sunday is 0 or 7; where both
    /// the day of month and the day of week are restricted (neither holds a `*`), either is enough.
    ///
    /// # Errors
    /// Which field is wrong and what it may hold; a date that never comes, as 30 February.
    pub fn parse(line: &str) -> Result<Schedule, BadSchedule> {
        let bad = |why: String| BadSchedule {
            line: line.to_owned(),
            why,
        };
        let written = line.trim();
        let long = match written.strip_prefix('@') {
            Some(_) => shorthand(written).ok_or_else(|| bad(UNKNOWN_SHORTHAND.to_owned()))?,
            None => written,
        };
        let values = read_fields(long).map_err(bad)?;
        let schedule = Schedule {
            text: written.to_owned(),
            calendars: calendars(&values).map_err(|error| bad(error.to_string()))?,
            elapsed: [MINUTE, HOUR]
                .iter()
                .any(|&at| values[at].star || values[at].step),
        };
        let any_day = DateTime::UNIX_EPOCH.naive_utc();
        match schedule.next_on_calendar(any_day) {
            Some(_) => Ok(schedule),
            None => Err(bad(
                "day of month: none of the months it names has such a day".to_owned()
            )),
        }
    }

    /// The line as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first slot after an instant. `None`: no more until the year 2100, where calendars end.
    #[must_use]
    pub fn next_after(&self, after: Instant, timezone: Tz) -> Option<Instant> {
        if self.elapsed {
            self.next_elapsed(after, timezone)
        } else {
            self.next_on_the_wall(after, timezone)
        }
    }

    /// The slots after one instant, up to and with another. `None`: there are none. Years of
    /// every-minute slots cost no more than a day of them.
    #[must_use]
    pub fn slots_between(&self, after: Instant, upto: Instant, timezone: Tz) -> Option<Slots> {
        let due = |from: Instant| self.next_after(from, timezone).filter(|at| *at <= upto);
        let mut last = due(after)?;
        let mut earlier = Vec::new();
        while let Some(next) = due(last) {
            if earlier.len() == EARLIER_SLOTS {
                let last = last_between(last, upto, due);
                return Some(Slots {
                    last,
                    earlier,
                    more: true,
                });
            }
            earlier.push(last);
            last = next;
        }
        Some(Slots {
            last,
            earlier,
            more: false,
        })
    }

    /// The first matching wall-clock time after one, in a world without timezones.
    fn next_on_calendar(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        self.calendars
            .iter()
            .filter_map(|calendar| calendar.after(&after.and_utc()).next())
            .min()
            .map(|at| at.naive_utc())
    }

    /// Later wall-clock times never mean earlier instants, so the first that lies after `after` is
    /// the one. Only in the second pass of a fold are there several to walk over.
    fn next_on_the_wall(&self, after: Instant, timezone: Tz) -> Option<Instant> {
        let mut local = after.with_timezone(&timezone).naive_local();
        loop {
            local = self.next_on_calendar(local)?;
            let at = first_instant(local, timezone)?;
            if at > after {
                return Some(at);
            }
        }
    }

    /// While the offset from UTC stays the same the wall clock and elapsed time go together, so the
    /// search goes from one change of the offset to the next.
    fn next_elapsed(&self, after: Instant, timezone: Tz) -> Option<Instant> {
        // Calendars begin in 1970; before that there is nothing to walk over.
        let begin = DateTime::UNIX_EPOCH - Duration::days(2);
        let mut from = after.max(begin) + Duration::seconds(1);
        loop {
            let offset = offset_at(from, timezone);
            let local = (from + offset).naive_utc();
            let next = self.next_on_calendar(local - Duration::seconds(1))?;
            let at = next.and_utc() - offset;
            match first_change(from, at, timezone) {
                None => return Some(at),
                Some(change) => from = change,
            }
        }
    }
}

const UNKNOWN_SHORTHAND: &str =
    "allowed with @ are @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly";

/// What crontab(5) says the words with `@` stand for.
fn shorthand(word: &str) -> Option<&'static str> {
    Some(match word {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => return None,
    })
}

/// The values of the six fields, seconds first.
fn read_fields(line: &str) -> Result<Vec<Values>, String> {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    match words.len() {
        5 => words.insert(0, "0"),
        6 => {}
        found => {
            return Err(format!(
                "it has {found} fields; allowed are 5 (minute, hour, day of month, month, day of week) \
                 or 6 (seconds first)"
            ));
        }
    }
    FIELDS
        .iter()
        .zip(words)
        .map(|(field, word)| field.read(word))
        .collect()
}

/// The line for the crate `cron`, which wants both kinds of day to match. Where either is enough
/// there are two lines.
fn calendars(values: &[Values]) -> Result<Vec<cron::Schedule>, cron::error::Error> {
    let written = |at: usize| FIELDS[at].written(&values[at]);
    let line = |day: &str, day_of_week: &str| {
        let (second, minute, hour, month) = (written(SECOND), written(MINUTE), written(HOUR), written(MONTH));
        cron::Schedule::from_str(&format!("{second} {minute} {hour} {day} {month} {day_of_week}"))
    };
    let (day, day_of_week) = (written(DAY), written(DAY_OF_WEEK));
    if values[DAY].star || values[DAY_OF_WEEK].star {
        Ok(vec![line(&day, &day_of_week)?])
    } else {
        Ok(vec![line(&day, "*")?, line("*", &day_of_week)?])
    }
}

/// The first instant at which the wall clock shows a time, or has passed it.
fn first_instant(local: NaiveDateTime, timezone: Tz) -> Option<Instant> {
    match timezone.from_local_datetime(&local).earliest() {
        Some(at) => Some(at.to_utc()),
        None => GapInfo::new(&local, &timezone)?.end.map(|end| end.to_utc()),
    }
}

fn offset_at(at: Instant, timezone: Tz) -> Duration {
    let seconds = at.with_timezone(&timezone).offset().fix().local_minus_utc();
    Duration::seconds(i64::from(seconds))
}

/// The first instant after `from`, up to and with `upto`, at which the offset is another one. No
/// timezone changes its offset and changes it back within a day.
fn first_change(from: Instant, upto: Instant, timezone: Tz) -> Option<Instant> {
    let before = offset_at(from, timezone);
    let changed = |at: Instant| offset_at(at, timezone) != before;
    let mut same = from;
    while same < upto {
        let probe = upto.min(same + Duration::days(1));
        if changed(probe) {
            return Some(first_where(same, probe, changed));
        }
        same = probe;
    }
    None
}

/// The first second at which `holds` turns true, known to be false at `no` and true at `yes`.
fn first_where(mut no: Instant, mut yes: Instant, holds: impl Fn(Instant) -> bool) -> Instant {
    while yes - no > Duration::seconds(1) {
        let middle = no + Duration::seconds((yes - no).num_seconds() / 2);
        if holds(middle) {
            yes = middle;
        } else {
            no = middle;
        }
    }
    yes
}

/// The last slot up to `upto`, given one slot that has another after it: the first instant with no
/// further slot before `upto` is that slot itself.
fn last_between(slot: Instant, upto: Instant, due: impl Fn(Instant) -> Option<Instant>) -> Instant {
    first_where(slot, upto, |from| due(from).is_none())
}

#[cfg(test)]
mod tests;
