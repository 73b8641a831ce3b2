//! What of a text could not be run, by name and line, as the warnings of its article.

use crate::problem::Problem;

/// So many names are told of one article; the rest is counted.
const NAMES: usize = 10;

pub(super) struct LeftOut<'a> {
    text: &'a str,
    /// How far lines were counted, and the line there.
    counted: (usize, u64),
    /// In the order in which they were met: what, where first, how often.
    names: Vec<(String, u64, usize)>,
    more: usize,
    broken: Vec<Problem>,
}

impl<'a> LeftOut<'a> {
    /// Of a text whose first line is that one of its file.
    pub(super) fn new(text: &'a str, first_line: u64) -> LeftOut<'a> {
        LeftOut {
            text,
            counted: (0, first_line),
            names: Vec::new(),
            more: 0,
            broken: Vec::new(),
        }
    }

    /// Something at a place of the text, after all that was named before.
    pub(super) fn name(&mut self, what: &str, at: usize) {
        let line = self.line(at);
        if let Some((_, _, times)) = self.names.iter_mut().find(|(name, _, _)| name == what) {
            *times += 1;
        } else if self.names.len() < NAMES {
            self.names.push((what.to_owned(), line, 1));
        } else {
            self.more += 1;
        }
    }

    /// An article that is referred to and is not there.
    pub(super) fn broken(&mut self, reference: &str, at: usize) {
        let line = self.line(at);
        if self.broken.len() < NAMES {
            self.broken.push(broken_reference(reference).line(line));
        }
    }

    fn line(&mut self, at: usize) -> u64 {
        let (from, line) = self.counted;
        let between = self.text.as_bytes().get(from..at).unwrap_or_default();
        let line = line + between.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.counted = (at.max(from), line);
        line
    }

    pub(super) fn warnings(self) -> Vec<Problem> {
        let last = self.names.len();
        let named = self.names.into_iter().enumerate().map(|(index, (name, line, times))| {
            let often = if times > 1 { format!(", {times} times") } else { String::new() };
            let more = match self.more > 0 && index + 1 == last {
                true => format!("; so were {} more", self.more),
                false => String::new(),
            };
            Problem::warning("not-run", format!("{name} is for the site's generator and was left out{often}{more}"))
                .line(line)
                .hint("write what it stands for as Markdown or HTML, if readers of feeds and mails are to have it")
        });
        named.chain(self.broken).collect()
    }
}

/// Of things that were left out of a text in this order, by what they begin with.
pub(super) fn of_names(names: &[String], text: &str, first_line: u64) -> Vec<Problem> {
    let mut left_out = LeftOut::new(text, first_line);
    let mut at = 0;
    for name in names {
        at += text[at..].find(name.as_str()).unwrap_or(0);
        left_out.name(name, at);
        at = (at + name.len()).min(text.len());
        at = text.floor_char_boundary(at);
    }
    left_out.warnings()
}

pub(super) fn broken_reference(reference: &str) -> Problem {
    let shown: String = reference.chars().take(200).collect();
    let message = format!("it refers to {shown:?}, which is no article of this source: no link was made");
    Problem::warning("broken-reference", message).hint("correct it, or write the address")
}
