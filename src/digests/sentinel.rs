//! Where in a rendered template the reader stands.
//!
//! A template is rendered for made-up readers whose name and links are sentinels: private-use
//! characters that pass through HTML's escapes, attributes and CSS inlining as they are. Where the
//! renderings for two of them differ in nothing but the sentinels, these become holes, and a reader
//! costs no rendering.

use super::pieces::{Hole, Piece, Reader};
use serde_json::Value;

/// Of the last private-use plane, which no keyboard, font or converter uses.
const FIRST: u32 = 0x10_0000;
const LAST: u32 = 0x10_FFFD;

const HOLES: [Hole; 3] = [Hole::Name, Hole::Preferences, Hole::Unsubscribe];

/// A reader made of sentinels: one character of its own for each hole, repeated `length` times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentinel {
    first: u32,
    values: [String; 3],
}

impl Sentinel {
    /// Pairs of readers that differ in characters and in length. All pairs are distinct, so that
    /// another one can be taken where an article holds such characters itself.
    pub(super) fn pairs() -> impl Iterator<Item = (Sentinel, Sentinel)> {
        (0..32).map(|pair| {
            let first = FIRST + 0x200 + pair * 6;
            (Sentinel::new(first, 2), Sentinel::new(first + 3, 3))
        })
    }

    fn new(first: u32, length: usize) -> Sentinel {
        let value = |n: u32| {
            let mark = char::from_u32(first + n).unwrap_or(char::REPLACEMENT_CHARACTER);
            mark.to_string().repeat(length)
        };
        Sentinel {
            first,
            values: [value(0), value(1), value(2)],
        }
    }

    /// With or without a name.
    pub(super) fn reader(&self, named: bool) -> Reader<'_> {
        Reader {
            name: named.then_some(self.values[0].as_str()),
            preferences_url: &self.values[1],
            unsubscribe_url: &self.values[2],
        }
    }

    /// Whether a text holds any of its characters.
    pub(super) fn touches(&self, text: &str) -> bool {
        text.chars()
            .any(|c| (self.first..self.first + 3).contains(&(c as u32)))
    }

    /// Cuts a rendering at the sentinels. Whatever else of them is left stays in the text.
    pub(super) fn cut(&self, rendered: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = rendered;
        while let Some((at, hole, length)) = self.next(rest) {
            if at > 0 {
                pieces.push(Piece::Text(rest[..at].to_owned()));
            }
            pieces.push(Piece::Hole(hole));
            rest = &rest[at + length..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        pieces
    }

    fn next(&self, text: &str) -> Option<(usize, Hole, usize)> {
        let found = HOLES.iter().zip(&self.values);
        found
            .filter_map(|(hole, value)| Some((text.find(value.as_str())?, *hole, value.len())))
            .min_by_key(|(at, ..)| *at)
    }
}

/// Whether a value holds what the reader of this context is made of, and that is sentinels.
pub(super) fn within(value: &Value, context: &Value) -> bool {
    let mut marks = Vec::new();
    if let Some(reader) = context["reader"].as_object() {
        for text in reader.values().filter_map(Value::as_str) {
            marks.extend(
                text.chars()
                    .next()
                    .filter(|c| (FIRST..=LAST).contains(&(*c as u32))),
            );
        }
    }
    !marks.is_empty() && holds(value, &marks)
}

fn holds(value: &Value, marks: &[char]) -> bool {
    match value {
        Value::String(text) => text.contains(marks),
        Value::Array(list) => list.iter().any(|value| holds(value, marks)),
        Value::Object(fields) => fields.values().any(|value| holds(value, marks)),
        _ => false,
    }
}
