//! What of an export is no article for everybody: counted, and told in one note.

use crate::articles::text;
use crate::problem::{Problem, Severity};
use std::collections::BTreeMap;
use std::path::Path;

/// The most reasons that are told, and the longest of them, in characters.
const REASONS: usize = 20;
const LENGTH: usize = 60;

/// How many were left out, by reason.
#[derive(Debug, Default)]
pub(crate) struct LeftOut(BTreeMap<String, usize>);

impl LeftOut {
    /// `why`: as in "3 with a password".
    pub(crate) fn count(&mut self, why: &str) {
        let why = text::first_words(why, LENGTH);
        let why = match self.0.len() < REASONS || self.0.contains_key(&why) {
            true => why,
            false => "for other reasons".to_owned(),
        };
        *self.0.entry(why).or_default() += 1;
    }

    /// `None`: nothing was.
    pub(crate) fn note(&self, from: &Path) -> Option<Problem> {
        let reasons: Vec<String> = self
            .0
            .iter()
            .map(|(why, count)| format!("{count} {why}"))
            .collect();
        (!reasons.is_empty()).then(|| Problem {
            severity: Severity::Note,
            ..Problem::warning("left-out", format!("not taken: {}", reasons.join(", ")))
                .file(from)
                .hint("only what is published for everybody comes in")
        })
    }
}
