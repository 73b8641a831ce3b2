//! Which of the articles known stay although this reading did not bring them.

use super::clashes::Held;
use super::model::{Before, Known, Reading};
use std::collections::{HashMap, HashSet};

/// What is there although it was not found: it neither moves nor counts as removed.
pub(super) struct Kept {
    /// The places of the readings by their sources' names.
    readings: HashMap<String, usize>,
    /// Of which nothing, or not all, was read.
    pub(super) incomplete: HashSet<String>,
    /// By source: what could not be read.
    pub(super) failed: HashMap<String, HashSet<String>>,
    /// By source: what is as it was.
    unchanged: HashMap<String, HashSet<String>>,
    /// The known articles that stay, by their places.
    pub(super) held: HashMap<usize, Held>,
}

impl Kept {
    pub(super) fn of(readings: &mut [Reading]) -> Kept {
        let by_source = |take: fn(&mut Reading) -> &mut Vec<String>, readings: &mut [Reading]| {
            let paths = |reading: &mut Reading| std::mem::take(take(reading)).into_iter().collect();
            readings
                .iter_mut()
                .map(|reading| (reading.source.clone(), paths(reading)))
                .collect()
        };
        Kept {
            readings: (0..)
                .zip(&*readings)
                .map(|(n, reading)| (reading.source.clone(), n))
                .collect(),
            incomplete: readings
                .iter()
                .filter(|reading| !reading.readable || reading.partial)
                .map(|reading| reading.source.clone())
                .collect(),
            failed: by_source(|reading| &mut reading.failed, readings),
            unchanged: by_source(|reading| &mut reading.unchanged, readings),
            held: HashMap::new(),
        }
    }

    /// Whether the article's path was there and failed, or a folder above it.
    pub(super) fn has_failed(&self, known: &Known) -> bool {
        let path = known.path.as_str();
        let ends = path.match_indices('/').map(|(end, _)| end);
        self.failed.get(&known.source).is_some_and(|failed| {
            !failed.is_empty()
                && (failed.contains(path) || ends.into_iter().any(|end| failed.contains(&path[..end])))
        })
    }

    fn is_unchanged(&self, known: &Known) -> bool {
        let unchanged = self.unchanged.get(&known.source);
        unchanged.is_some_and(|paths| paths.contains(&known.path))
    }

    /// Finds out which of the known articles stay.
    pub(super) fn hold(&mut self, before: &Before) {
        let there = before
            .known
            .iter()
            .enumerate()
            .filter(|(_, known)| known.standing.marks.removed.is_none());
        self.held = there
            .filter_map(|(place, known)| {
                let unchanged = self.is_unchanged(known);
                let stays = unchanged || self.incomplete.contains(&known.source) || self.has_failed(known);
                let reading = *self.readings.get(&known.source).filter(|_| stays)?;
                Some((place, Held { reading, unchanged }))
            })
            .collect();
    }
}
