use super::*;
use crate::clock::rfc3339;
use chrono::{Datelike, NaiveDate, Timelike, Utc};
use proptest::collection::btree_set;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn at(text: &str) -> Instant {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn zone(name: &str) -> Tz {
    name.parse().unwrap()
}

/// The next `n` slots in UTC.
fn next(line: &str, timezone: &str, after: &str, n: usize) -> Vec<String> {
    let schedule = Schedule::parse(line).unwrap();
    let mut from = at(after);
    let mut found = Vec::new();
    while found.len() < n {
        let Some(slot) = schedule.next_after(from, zone(timezone)) else {
            break;
        };
        found.push(rfc3339(slot));
        from = slot;
    }
    found
}

fn why(line: &str) -> String {
    Schedule::parse(line).unwrap_err().to_string()
}

#[test]
fn sunday_is_0_and_7() {
    let sundays = ["2026-11-29T07:00:00Z", "2026-12-06T07:00:00Z"];
    for line in ["0 7 * * 0", "0 7 * * 7", "0 7 * * sun", "0 7 * * Sunday"] {
        assert_eq!(next(line, "UTC", "2026-11-23T00:00:00Z", 2), sundays, "{line}");
    }
    let mondays = ["2026-11-23T07:00:00Z", "2026-11-30T07:00:00Z"];
    for line in ["0 7 * * 1", "0 7 * * MON"] {
        assert_eq!(next(line, "UTC", "2026-11-22T07:00:00Z", 2), mondays, "{line}");
    }
    assert_eq!(
        next("0 7 * * fri-sun", "UTC", "2026-11-23T00:00:00Z", 4),
        [
            "2026-11-27T07:00:00Z",
            "2026-11-28T07:00:00Z",
            "2026-11-29T07:00:00Z",
            "2026-12-04T07:00:00Z"
        ]
    );
    assert_eq!(
        next("0 7 * * 5-7", "UTC", "2026-11-28T07:00:00Z", 1),
        ["2026-11-29T07:00:00Z"]
    );
}

#[test]
fn either_kind_of_day_is_enough_where_both_are_restricted() {
    assert_eq!(
        next("0 7 13 * fri", "UTC", "2026-12-05T00:00:00Z", 3),
        [
            "2026-12-11T07:00:00Z",
            "2026-12-13T07:00:00Z",
            "2026-12-18T07:00:00Z"
        ]
    );
    // A field with a star restricts nothing of itself: both must match.
    assert_eq!(
        next("0 7 */2 * mon", "UTC", "2026-12-05T00:00:00Z", 3),
        [
            "2026-12-07T07:00:00Z",
            "2026-12-21T07:00:00Z",
            "2027-01-11T07:00:00Z"
        ]
    );
}

#[test]
fn names_ranges_steps_lists_and_seconds() {
    assert_eq!(
        next("5,35 8-9 1 JAN,jul *", "UTC", "2026-11-23T00:00:00Z", 5),
        [
            "2027-01-01T08:05:00Z",
            "2027-01-01T08:35:00Z",
            "2027-01-01T09:05:00Z",
            "2027-01-01T09:35:00Z",
            "2027-07-01T08:05:00Z"
        ]
    );
    assert_eq!(
        next("10-40/15 8 * * *", "UTC", "2026-11-23T08:10:00Z", 2),
        ["2026-11-23T08:25:00Z", "2026-11-23T08:40:00Z"]
    );
    assert_eq!(
        next("15,45 30 7 * * *", "UTC", "2026-11-23T07:30:15Z", 2),
        ["2026-11-23T07:30:45Z", "2026-11-24T07:30:15Z"]
    );
}

#[test]
fn words_with_an_at_sign() {
    let from = "2026-11-23T12:30:00Z";
    for (line, slot) in [
        ("@yearly", "2027-01-01T00:00:00Z"),
        ("@annually", "2027-01-01T00:00:00Z"),
        ("@monthly", "2026-12-01T00:00:00Z"),
        ("@weekly", "2026-11-29T00:00:00Z"),
        ("@daily", "2026-11-24T00:00:00Z"),
        (" @midnight ", "2026-11-24T00:00:00Z"),
        ("@hourly", "2026-11-23T13:00:00Z"),
    ] {
        assert_eq!(next(line, "UTC", from, 1), [slot], "{line}");
    }
    assert!(why("@reboot").contains("@weekly"));
}

#[test]
fn a_wrong_field_is_named_with_what_it_may_hold() {
    for (line, field, allowed) in [
        ("60 7 * * *", "minute: 60", "0-59"),
        ("0 24 * * *", "hour: 24", "0-23"),
        ("0 7 0 * *", "day of month: 0", "1-31"),
        ("0 7 32 * *", "day of month: 32", "1-31"),
        ("0 7 * 13 *", "month: 13", "1-12 or jan-dec"),
        ("0 7 * * 8", "day of week: 8", "0-7 or sun-sat"),
        ("0 7 * * moon", "day of week: \"moon\"", "sun-sat"),
        ("0 7 * * 5-2", "day of week: the range \"5-2\"", "0-7"),
        ("*/0 7 * * *", "minute: \"0\" is no step", "*/n"),
        ("*/x 7 * * *", "minute: \"x\" is no step", "*/n"),
        ("0,, 7 * * *", "minute: \"\"", "0-59"),
        ("-5 7 * * *", "minute: \"\"", "0-59"),
        ("+5 7 * * *", "minute: \"+5\"", "0-59"),
        ("99999999999 7 * * *", "minute: \"99999999999\"", "0-59"),
        ("61 0 7 * * *", "second: 61", "0-59"),
        ("0 7 * *", "4 fields", "5 (minute"),
        ("", "0 fields", "5 (minute"),
        ("0 0 7 * * * 2026", "7 fields", "6 (seconds first)"),
        ("0 7 30 2 *", "day of month", "none of the months"),
        ("0 7 31 4,6,9,11 *", "day of month", "none of the months"),
    ] {
        let why = why(line);
        assert!(why.contains(field) && why.contains(allowed), "{line}: {why}");
    }
}

#[test]
fn a_day_that_some_months_have_is_waited_for() {
    assert_eq!(
        next("0 7 29 2 *", "UTC", "2026-11-23T00:00:00Z", 2),
        ["2028-02-29T07:00:00Z", "2032-02-29T07:00:00Z"]
    );
    assert_eq!(
        next("0 7 30 2 mon", "UTC", "2026-11-23T00:00:00Z", 1),
        ["2027-02-01T07:00:00Z"]
    );
    assert!(next("0 7 * * *", "UTC", "2100-12-31T08:00:00Z", 1).is_empty());
}

#[test]
fn a_gap_moves_a_named_time_to_the_first_instant_after_it() {
    // Berlin, 29 March 2026: 02:00 becomes 03:00.
    assert_eq!(
        next("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3),
        [
            "2026-03-28T01:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-30T00:30:00Z"
        ]
    );
    // Two of them in one gap are one.
    assert_eq!(
        next("15,45 2 * * *", "Europe/Berlin", "2026-03-28T02:00:00Z", 2),
        ["2026-03-29T01:00:00Z", "2026-03-30T00:15:00Z"]
    );
    // Apia had no 30 December 2011.
    assert_eq!(
        next("0 7 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", 3),
        [
            "2011-12-29T17:00:00Z",
            "2011-12-30T10:00:00Z",
            "2011-12-30T17:00:00Z"
        ]
    );
}

#[test]
fn a_fold_takes_a_named_time_once_and_the_first_of_the_two() {
    // Berlin, 25 October 2026: 03:00 becomes 02:00.
    assert_eq!(
        next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
        ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
    );
    // Asked in the second pass, it is over.
    assert_eq!(
        next("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", 1),
        ["2026-10-26T01:30:00Z"]
    );
}

#[test]
fn stars_and_steps_follow_elapsed_time() {
    assert_eq!(
        next("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:50:00Z", 5),
        [
            "2026-10-25T00:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T01:30:00Z",
            "2026-10-25T02:00:00Z"
        ]
    );
    assert_eq!(
        next("30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2),
        ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"]
    );
    // Every other hour: in spring there is no second hour.
    assert_eq!(
        next("0 */2 * * *", "Europe/Berlin", "2026-03-28T22:30:00Z", 2),
        ["2026-03-28T23:00:00Z", "2026-03-29T02:00:00Z"]
    );
}

#[test]
fn slots_between_two_instants() {
    let utc = Tz::UTC;
    let weekly = Schedule::parse("0 7 * * mon").unwrap();
    let between = |after, upto| weekly.slots_between(at(after), at(upto), utc);
    assert_eq!(between("2026-11-30T07:00:00Z", "2026-12-07T06:59:59Z"), None);
    let one = between("2026-11-30T06:59:59Z", "2026-11-30T07:00:00Z").unwrap();
    assert_eq!((one.last, one.earlier.len()), (at("2026-11-30T07:00:00Z"), 0));
    let three = between("2026-11-23T07:00:00Z", "2026-12-20T00:00:00Z").unwrap();
    assert_eq!(three.last, at("2026-12-14T07:00:00Z"));
    assert_eq!(
        three.earlier,
        [at("2026-11-30T07:00:00Z"), at("2026-12-07T07:00:00Z")]
    );
    assert!(!three.more);
    // The clock went back: nothing is due.
    assert_eq!(between("2026-12-20T00:00:00Z", "2026-11-23T07:00:00Z"), None);
}

#[test]
fn years_of_absence_cost_little() {
    for (line, last) in [
        ("* * * * *", "2036-11-23T12:34:00Z"),
        ("* * * * * *", "2036-11-23T12:34:56Z"),
        ("*/7 3 * * *", "2036-11-23T03:56:00Z"),
    ] {
        let schedule = Schedule::parse(line).unwrap();
        let slots = schedule
            .slots_between(at("2026-11-23T00:00:00Z"), at("2036-11-23T12:34:56Z"), Tz::UTC)
            .unwrap();
        assert_eq!(rfc3339(slots.last), last);
        assert!(slots.more);
        assert_eq!(slots.earlier.len(), EARLIER_SLOTS);
    }
}

/// One field as text, and what a reader of crontab(5) takes it to mean.
#[derive(Debug, Clone)]
struct Word {
    text: String,
    set: BTreeSet<u32>,
    star: bool,
    step: bool,
}

/// Values up to `max` of a field that goes up to `end`.
fn word(min: u32, max: u32, end: u32) -> impl Strategy<Value = Word> {
    let list = btree_set(min..=max, 1..4).prop_map(|set| Word {
        text: set.iter().map(u32::to_string).collect::<Vec<_>>().join(","),
        set,
        star: false,
        step: false,
    });
    let star = (1u32..=4).prop_map(move |step| Word {
        text: if step == 1 {
            "*".to_owned()
        } else {
            format!("*/{step}")
        },
        set: (min..=end).step_by(step as usize).collect(),
        star: true,
        step: step > 1,
    });
    let range = (min..=max, min..=max, 1u32..=3).prop_map(|(a, b, step)| {
        let (a, b) = (a.min(b), a.max(b));
        Word {
            text: if step == 1 {
                format!("{a}-{b}")
            } else {
                format!("{a}-{b}/{step}")
            },
            set: (a..=b).step_by(step as usize).collect(),
            star: false,
            step: step > 1,
        }
    });
    prop_oneof![list, star, range]
}

#[derive(Debug, Clone)]
struct Line {
    minute: Word,
    hour: Word,
    day: Word,
    month: Word,
    week: Word,
}

fn line() -> impl Strategy<Value = Line> {
    // Times near the hours at which clocks change, and often any month: else little would match.
    let minute = prop_oneof![word(0, 59, 59), word(0, 3, 59)];
    let hour = prop_oneof![word(0, 23, 23), word(0, 3, 23)];
    let any_month = Word {
        text: "*".to_owned(),
        set: (1..=12).collect(),
        star: true,
        step: false,
    };
    let month = prop_oneof![3 => Just(any_month), 1 => word(1, 12, 12)];
    (minute, hour, word(1, 31, 31), month, word(0, 7, 7)).prop_map(|(minute, hour, day, month, week)| Line {
        minute,
        hour,
        day,
        month,
        week,
    })
}

impl Line {
    fn text(&self) -> String {
        [&self.minute, &self.hour, &self.day, &self.month, &self.week]
            .map(|word| word.text.as_str())
            .join(" ")
    }

    fn elapsed(&self) -> bool {
        self.minute.star || self.minute.step || self.hour.star || self.hour.step
    }

    fn matches(&self, local: NaiveDateTime) -> bool {
        let day = self.day.set.contains(&local.day());
        let sunday_first = local.weekday().num_days_from_sunday();
        let week = self.week.set.iter().any(|n| n % 7 == sunday_first);
        let days = if self.day.star || self.week.star {
            day && week
        } else {
            day || week
        };
        days && self.month.set.contains(&local.month())
            && self.hour.set.contains(&local.hour())
            && self.minute.set.contains(&local.minute())
    }

    /// Walks over every minute of some days: of the wall clock, or of elapsed time.
    fn slots(&self, from: Instant, upto: Instant, timezone: Tz) -> Vec<Instant> {
        let minute = Duration::minutes(1);
        let mut slots = BTreeSet::new();
        if self.elapsed() {
            let mut at = from;
            while at <= upto {
                if self.matches(at.with_timezone(&timezone).naive_local()) {
                    slots.insert(at);
                }
                at += minute;
            }
        } else {
            let mut local = (from - Duration::days(2)).naive_utc();
            while local <= (upto + Duration::days(2)).naive_utc() {
                if self.matches(local) {
                    let mut shown = local;
                    while timezone.from_local_datetime(&shown).earliest().is_none() {
                        shown += minute;
                    }
                    slots.insert(timezone.from_local_datetime(&shown).earliest().unwrap().to_utc());
                }
                local += minute;
            }
        }
        slots.into_iter().filter(|at| *at > from && *at <= upto).collect()
    }
}

/// Timezones with days around which their clocks change, if they do.
const CHANGES: [(&str, i32, u32, u32); 13] = [
    ("Europe/Berlin", 2026, 3, 29),
    ("Europe/Berlin", 2026, 10, 25),
    ("America/New_York", 2026, 3, 8),
    ("America/New_York", 2026, 11, 1),
    ("Asia/Kolkata", 2026, 3, 1),
    ("Australia/Lord_Howe", 2026, 4, 5),
    ("Australia/Lord_Howe", 2026, 10, 4),
    ("Pacific/Apia", 2011, 12, 30),
    ("Pacific/Apia", 2012, 4, 1),
    ("America/Sao_Paulo", 2018, 11, 4),
    ("America/Sao_Paulo", 2018, 2, 18),
    ("Africa/Casablanca", 2026, 2, 15),
    ("Atlantic/Azores", 2026, 10, 25),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_slot_is_what_a_walk_over_every_minute_finds(
        line in line(),
        change in 0..CHANGES.len(),
        start in 0i64..2880,
    ) {
        let (name, year, month, day) = CHANGES[change];
        let timezone = zone(name);
        let midnight = NaiveDate::from_ymd_opt(year, month, day).unwrap().and_hms_opt(0, 0, 0).unwrap();
        let from = Utc.from_utc_datetime(&midnight) - Duration::minutes(start);
        let upto = from + Duration::days(3);
        let Ok(schedule) = Schedule::parse(&line.text()) else {
            // Only a date that never comes is refused.
            prop_assert!(line.slots(from, upto, timezone).is_empty());
            return Ok(());
        };
        let mut found = Vec::new();
        let mut after = from;
        while let Some(slot) = schedule.next_after(after, timezone).filter(|slot| *slot <= upto) {
            found.push(slot);
            after = slot;
        }
        let expected = line.slots(from, upto, timezone);
        prop_assert_eq!(&found, &expected, "{} in {}", line.text(), name);
        let between = schedule.slots_between(from, upto, timezone);
        prop_assert_eq!(between.map(|slots| slots.last), expected.last().copied());
    }

    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,40}", after in -100_000_000_000i64..100_000_000_000) {
        if let Ok(schedule) = Schedule::parse(&text) {
            let after = crate::clock::from_seconds(after);
            let _ = schedule.next_after(after, Tz::Pacific__Apia);
        }
    }

    #[test]
    fn no_instant_is_too_far(after in -60_000_000_000i64..100_000_000_000) {
        for line in ["30 2 * * *", "*/5 * * * *", "0 7 29 2 mon"] {
            let schedule = Schedule::parse(line).unwrap();
            let after = crate::clock::from_seconds(after);
            if let Some(slot) = schedule.next_after(after, Tz::Europe__Berlin) {
                prop_assert!(slot > after);
            }
        }
    }
}
