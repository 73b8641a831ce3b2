//! Who is told of which article: baseline, bursts and announcement numbers.

use super::model::{Before, Known, Rules};
use crate::articles::state::{Standing, State};
use crate::clock::Instant;
use std::collections::HashSet;
use std::ops::RangeInclusive;

/// An article after this pass, as far as announcing goes.
pub(super) struct Entry {
    pub id: String,
    pub standing: Standing,
    /// New in this pass; the place of its source among the readings.
    pub fresh: Option<usize>,
    pub likeness: String,
    pub title: String,
}

/// So many new articles in one scan are no burst yet.
const BURST: usize = 5;
/// New articles dated so long before the last pass look like an archive.
const OLD: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// Marks what the first pass of a source brought: only the newest of the store's first pass are
/// announced.
pub(super) fn mark_baseline(entries: &mut [Entry], first_read: &HashSet<usize>, first: bool, rules: Rules) {
    let now = rules.now;
    let is_first = |entry: &Entry| entry.fresh.is_some_and(|reading| first_read.contains(&reading));
    let mut there: Vec<usize> = (0..entries.len())
        .filter(|&place| {
            let state = entries[place].standing.state(now);
            is_first(&entries[place]) && matches!(state, State::Public | State::Expired)
        })
        .collect();
    if first {
        // Expired ones stand first: they are never among the newest.
        there.sort_by(|&a, &b| {
            let rank = |entry: &Entry| entry.standing.state(now) == State::Public;
            let (a, b) = (&entries[a], &entries[b]);
            rank(a).cmp(&rank(b)).then_with(|| order(a, b))
        });
        there.truncate(there.len().saturating_sub(rules.first_edition));
    }
    for place in there {
        entries[place].standing.marks.baseline = Some(now);
    }
}

/// Holds a source's new articles if they look like an archive that was moved or brought in rather
/// than like news; gives how many.
pub(super) fn hold_burst(
    entries: &mut [Entry],
    reading: usize,
    last_pass: Instant,
    had: usize,
    looks: &Looks<'_>,
    now: Instant,
) -> usize {
    let new: Vec<usize> = (0..entries.len())
        .filter(|&place| {
            entries[place].fresh == Some(reading) && entries[place].standing.is_announceable(now)
        })
        .collect();
    let suspicious = new
        .iter()
        .filter(|&&place| {
            let entry = &entries[place];
            looks.like_known(entry) || entry.standing.published < last_pass - OLD
        })
        .count();
    if new.len() < BURST || new.len() * 3 <= had || suspicious * 2 <= new.len() {
        return 0;
    }
    for &place in &new {
        entries[place].standing.marks.held = Some(now);
    }
    new.len()
}

/// The contents and titles of the articles known before this pass.
pub(super) struct Looks<'a> {
    likenesses: HashSet<&'a str>,
    titles: HashSet<String>,
}

impl<'a> Looks<'a> {
    pub(super) fn of(before: &'a Before) -> Looks<'a> {
        Looks {
            likenesses: before
                .known
                .iter()
                .map(|known: &Known| known.likeness.as_str())
                .collect(),
            titles: before.known.iter().map(|known| fold(&known.title)).collect(),
        }
    }

    fn like_known(&self, entry: &Entry) -> bool {
        self.likenesses.contains(entry.likeness.as_str()) || self.titles.contains(&fold(&entry.title))
    }
}

fn fold(title: &str) -> String {
    title.trim().to_lowercase()
}

/// Gives each announceable article its number, older ones first, and returns their places in the
/// order of the numbers.
pub(super) fn number(entries: &mut [Entry], highest: i64, now: Instant) -> Vec<usize> {
    let mut places: Vec<usize> = (0..entries.len())
        .filter(|&place| entries[place].standing.is_announceable(now))
        .collect();
    places.sort_by(|&a, &b| order(&entries[a], &entries[b]));
    let numbers: RangeInclusive<i64> = highest + 1..=i64::MAX;
    for (&place, number) in places.iter().zip(numbers) {
        entries[place].standing.number = Some(number);
    }
    places
}

fn order(a: &Entry, b: &Entry) -> std::cmp::Ordering {
    (a.standing.published, &a.id).cmp(&(b.standing.published, &b.id))
}
