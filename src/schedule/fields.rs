//! The fields of a crontab line: what may be written in each, and how the crate `cron` wants it.

use std::collections::BTreeSet;

/// Where the fields stand in [`FIELDS`].
pub(super) const SECOND: usize = 0;
pub(super) const MINUTE: usize = 1;
pub(super) const HOUR: usize = 2;
pub(super) const DAY: usize = 3;
pub(super) const MONTH: usize = 4;
pub(super) const DAY_OF_WEEK: usize = 5;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const DAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// The six fields, seconds first.
pub(super) const FIELDS: [Field; 6] = [
    Field::numbers("second", 0, 59),
    Field::numbers("minute", 0, 59),
    Field::numbers("hour", 0, 23),
    Field::numbers("day of month", 1, 31),
    Field {
        names: &MONTHS,
        ..Field::numbers("month", 1, 12)
    },
    Field {
        names: &DAYS,
        ..Field::numbers("day of week", 0, 7)
    },
];

/// What one field may hold.
pub(super) struct Field {
    name: &'static str,
    min: u32,
    max: u32,
    /// In full, the first of them meaning `min`; three letters are enough.
    names: &'static [&'static str],
}

/// What a field holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Values {
    pub(super) set: BTreeSet<u32>,
    /// It holds a `*`.
    pub(super) star: bool,
    /// It holds a step.
    pub(super) step: bool,
}

impl Field {
    const fn numbers(name: &'static str, min: u32, max: u32) -> Field {
        Field {
            name,
            min,
            max,
            names: &[],
        }
    }

    /// Reads a list of values, ranges and steps.
    pub(super) fn read(&self, text: &str) -> Result<Values, String> {
        let mut values = Values {
            set: BTreeSet::new(),
            star: false,
            step: false,
        };
        for item in text.split(',') {
            self.read_item(item, &mut values)
                .map_err(|why| format!("{}: {why}; allowed are {}", self.name, self.allowed()))?;
        }
        Ok(values)
    }

    /// As the crate `cron` wants it: a list of numbers, Sunday as 1.
    pub(super) fn written(&self, values: &Values) -> String {
        let shift = u32::from(self.is_week());
        let numbers: Vec<String> = values.set.iter().map(|n| (n + shift).to_string()).collect();
        numbers.join(",")
    }

    fn is_week(&self) -> bool {
        self.max == 7
    }

    fn allowed(&self) -> String {
        let names = match self.names {
            [first, .., last] => format!(" or {}-{}", &first[..3], &last[..3]),
            _ => String::new(),
        };
        format!(
            "{}-{}{names}, ranges (a-b), steps (*/n, a-b/n), lists (a,b) and *",
            self.min, self.max
        )
    }

    fn read_item(&self, item: &str, values: &mut Values) -> Result<(), String> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(self.step(step)?)),
            None => (item, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.min, self.max),
            Some((first, last)) => self.range(first, last)?,
            // A step from a single value goes on to the end of the field.
            None if step.is_some() => (self.value(range)?, self.max),
            None => (self.value(range)?, self.value(range)?),
        };
        values.star |= range == "*";
        values.step |= step.is_some();
        let taken = (first..=last).step_by(step.unwrap_or(1) as usize);
        // Sunday is 0 and 7.
        let folded = taken.map(|n| if self.is_week() { n % 7 } else { n });
        values.set.extend(folded);
        Ok(())
    }

    fn step(&self, text: &str) -> Result<u32, String> {
        match number(text) {
            Some(step) if step >= 1 && step <= self.max => Ok(step),
            _ => Err(format!("\"{text}\" is no step")),
        }
    }

    fn range(&self, first: &str, last: &str) -> Result<(u32, u32), String> {
        let from = self.value(first)?;
        let to = match self.value(last)? {
            0 if self.is_week() && from > 0 => 7,
            to => to,
        };
        if from > to {
            return Err(format!("the range \"{first}-{last}\" runs backwards"));
        }
        Ok((from, to))
    }

    fn value(&self, text: &str) -> Result<u32, String> {
        if let Some(value) = number(text) {
            return if (self.min..=self.max).contains(&value) {
                Ok(value)
            } else {
                Err(format!("{value} is out of range"))
            };
        }
        let word = text.to_ascii_lowercase();
        let named = (self.min..)
            .zip(self.names)
            .find(|(_, name)| word == **name || word == name[..3]);
        match named {
            Some((value, _)) => Ok(value),
            None => Err(format!("\"{text}\" is not known")),
        }
    }
}

/// Digits only: no sign, no space.
fn number(text: &str) -> Option<u32> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}
