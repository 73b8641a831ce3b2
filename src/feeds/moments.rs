//! When entries of a document were last changed: no two at the same moment, for validators ask why,
//! and readers that sort by it would sort differently each time.
//!
//! Where the source states a day alone, or one import brought many articles, several share one. The
//! article that is here longest keeps it; the others are told apart by millionths of a second,
//! which come from their ids and so stay what they are.

use crate::clock::Instant;
use crate::hash::sha256;
use chrono::TimeDelta;
use std::collections::HashSet;

const SECOND: i64 = 1_000_000;

#[derive(Default)]
pub(crate) struct Moments(HashSet<Instant>);

impl Moments {
    pub(crate) fn of(&mut self, updated: Instant, id: &str) -> Instant {
        let mut moment = updated;
        let mut next = first_step(id);
        while !self.0.insert(moment) {
            moment = updated + TimeDelta::microseconds(next);
            next = (next + 1) % SECOND;
        }
        moment
    }
}

/// Less than a second, and always the same for an id.
fn first_step(id: &str) -> i64 {
    let hash = sha256(id.as_bytes());
    let start = hash.get(..12).unwrap_or_default();
    i64::from_str_radix(start, 16).unwrap_or_default() % SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_seconds;

    #[test]
    fn no_two_entries_were_changed_at_the_same_moment() {
        let day = from_seconds(1_795_392_000);
        let mut moments = Moments::default();
        let all: HashSet<Instant> = (0..10_000).map(|n| moments.of(day, &n.to_string())).collect();
        assert_eq!(all.len(), 10_000);
        assert!(all.contains(&day), "the first keeps it");
        assert!(all.iter().all(|moment| *moment - day < TimeDelta::seconds(1)));
    }

    #[test]
    fn it_is_the_same_whoever_else_shares_it() {
        let day = from_seconds(1_795_392_000);
        let after = |others: &[&str]| {
            let mut moments = Moments::default();
            others.iter().for_each(|other| {
                moments.of(day, other);
            });
            moments.of(day, "tag:example.org,2026:a")
        };
        assert_eq!(after(&["b"]), after(&["c", "d"]));
        assert_eq!(after(&[]), day);
    }
}
