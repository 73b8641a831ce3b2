//! A rendered text with holes where readers differ.

use super::words;
use serde::{Deserialize, Serialize};

/// What differs by reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hole {
    Name,
    Preferences,
    Unsubscribe,
}

/// A stretch of a rendered template, or a hole in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Piece {
    Text(String),
    Hole(Hole),
}

/// Who gets a mail, as far as templates know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader<'a> {
    /// As [`clean_name`] gives it.
    pub name: Option<&'a str>,
    /// Absolute, with this reader's token.
    pub preferences_url: &'a str,
    pub unsubscribe_url: &'a str,
}

impl<'a> Reader<'a> {
    /// What stands in a hole, before any escaping.
    #[must_use]
    pub fn value(&self, hole: Hole) -> &'a str {
        match hole {
            Hole::Name => self.name.unwrap_or_default(),
            Hole::Preferences => self.preferences_url,
            Hole::Unsubscribe => self.unsubscribe_url,
        }
    }
}

/// Fills the holes, each value written through `escape`.
#[must_use]
pub fn fill(pieces: &[Piece], reader: &Reader, escape: fn(&str) -> String) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Hole(hole) => out.push_str(&escape(reader.value(*hole))),
        }
    }
    out
}

/// Names longer than this, in characters, are cut.
const LONGEST_NAME: usize = 100;

/// A reader's name as mails show it: one line, no control or private-use characters. `None`: there
/// is nothing to show.
#[must_use]
pub fn clean_name(name: &str) -> Option<String> {
    let shown = |c: &char| !matches!(*c as u32, 0xE000..=0xF8FF | 0xF_0000..=0x10_FFFF);
    let name: String = words::one_line(name)
        .chars()
        .filter(shown)
        .take(LONGEST_NAME)
        .collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// For a place between tags or in a quoted attribute.
#[must_use]
pub fn html_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
