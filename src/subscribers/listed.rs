//! Who stands on the lists read so far. Pure.
//!
//! Of each reader only a hash is kept, 16 bytes with the place: lists may name millions.

use super::csv::{Line, Told};
use crate::hash::short;
use crate::problem::Problem;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;

/// Of 96 bits: no two among billions look alike.
type Print = [u8; 12];

/// All who are listed, each with the place that counts: the first one.
#[derive(Debug, Default)]
pub struct Listed {
    readers: HashMap<Print, u32>,
    /// Each file with the places before it. A place is that number and the line in the file.
    files: Vec<(u32, String)>,
    /// The last place.
    last: u32,
    twice: Told,
}

impl Listed {
    /// From here on lines are of this file.
    pub fn begin(&mut self, file: &str) {
        self.files.push((self.last, file.to_owned()));
    }

    /// Enters a reader. `false`: an earlier line names them, which is told.
    pub fn enter(&mut self, line: &Line) -> bool {
        let before = self.files.last().map_or(0, |(before, _)| *before);
        let place = before.saturating_add(u32::try_from(line.line).unwrap_or(u32::MAX));
        self.last = self.last.max(place);
        match self.readers.entry(short(line.address.key().as_bytes())) {
            Entry::Vacant(vacant) => {
                vacant.insert(place);
                true
            }
            Entry::Occupied(first) => {
                let first = *first.get();
                self.tell_twice(line, first);
                false
            }
        }
    }

    /// Whether a reader is listed, by the normalised address.
    #[must_use]
    pub fn holds(&self, key: &str) -> bool {
        self.readers.contains_key(&short(key.as_bytes()))
    }

    /// The lines of this file that have no effect.
    #[must_use]
    pub fn end(&mut self, file: &str) -> Vec<Problem> {
        std::mem::take(&mut self.twice).all(file, |more| {
            let message = format!("{more} more lines name readers who are listed before");
            Problem::warning("subscriber-twice", message)
        })
    }

    fn tell_twice(&mut self, line: &Line, first: u32) {
        let of = self.files.partition_point(|(before, _)| *before < first);
        let (before, file) = match self.files[..of].last() {
            Some((before, file)) => (*before, file.as_str()),
            None => (0, ""),
        };
        let message = format!(
            "{} is listed before, in {file}, line {}",
            line.address,
            first - before
        );
        self.twice.tell(
            Problem::warning("subscriber-twice", message)
                .file(Path::new(&line.file))
                .line(line.line)
                .hint("this line has no effect: take it out"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::csv::read;
    use super::*;

    fn enter(listed: &mut Listed, file: &str, text: &str) -> (Vec<String>, Vec<Problem>) {
        let mut names = Vec::new();
        listed.begin(file);
        read(file, text.as_bytes(), &["weekly".to_owned()], |line| {
            if listed.enter(&line) {
                names.push(line.name);
            }
        })
        .unwrap();
        (names, listed.end(file))
    }

    #[test]
    fn the_first_of_two_lines_counts() {
        let mut listed = Listed::default();
        let (one, none) = enter(&mut listed, "a.csv", "email,name\nA@example.org,One\n");
        let (empty, _) = enter(&mut listed, "b.csv", "");
        let (two, told) = enter(
            &mut listed,
            "c.csv",
            "email,name\nb@example.org,B\na@Example.org,Two\nb@example.org,C\n",
        );
        assert_eq!((one, empty, two), (vec!["One".into()], vec![], vec!["B".into()]));
        assert_eq!(none, []);
        let told: Vec<(&str, Option<u64>)> = told.iter().map(|p| (p.message.as_str(), p.line)).collect();
        assert_eq!(
            told,
            [
                ("a@example.org is listed before, in a.csv, line 2", Some(3)),
                ("b@example.org is listed before, in c.csv, line 2", Some(4)),
            ]
        );
        assert!(listed.holds("a@example.org") && !listed.holds("c@example.org"));
    }

    #[test]
    fn a_thousand_repeats_are_not_told_one_by_one() {
        let text = format!("email\n{}", "a@example.org\n".repeat(1_001));
        let (_, told) = enter(&mut Listed::default(), "a.csv", &text);
        assert_eq!(told.len(), 101);
        assert_eq!(
            told[100].message,
            "900 more lines name readers who are listed before"
        );
    }
}
