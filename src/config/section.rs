//! Reading one table of the configuration: every getter takes a value, or says what is wrong with
//! it and gives nothing, so that the first problem does not hide the next.

use super::environment::{self, Environment};
use super::keys;
use super::raw::{Node, Place, Table, Value};
use super::values::{BadValue, below};
use crate::problem::Problem;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// What all tables share while they are read.
pub(super) struct Reading<'a> {
    pub file: &'a Path,
    pub root: &'a Path,
    pub environment: &'a Environment,
    pub problems: Vec<Problem>,
}

/// One table, by its name, as `digests.weekly`.
pub(super) struct Section<'a, 'r> {
    pub name: String,
    pub table: &'a Table,
    /// Where the table begins.
    pub place: Place,
    pub reading: &'r mut Reading<'a>,
}

impl Reading<'_> {
    /// A problem with a value of the file or of the environment.
    pub(super) fn wrong(&mut self, code: &'static str, key: String, place: &Place, bad: BadValue) {
        let problem = match place {
            Place::Line(line) => Problem::error(code, bad.message).file(self.file).line(*line),
            Place::Variable(name) => Problem::error(code, format!("{} (set by {name})", bad.message)),
            Place::Default => Problem::error(code, bad.message).file(self.file),
        };
        let problem = problem.key(key);
        self.problems.push(match bad.hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        });
    }
}

/// Reads one table; where something else stands in its place, nothing: that was reported before.
pub(super) fn section<'a, T>(
    tree: &'a Table,
    name: &str,
    reading: &mut Reading<'a>,
    read: impl FnOnce(&mut Section<'a, '_>) -> Option<T>,
) -> Option<T> {
    static NONE: Table = Table(Vec::new());
    let (table, place) = match tree.get(name) {
        None => (&NONE, Place::Default),
        Some(Node {
            value: Value::Table(table),
            place,
        }) => (table, place.clone()),
        Some(_) => return None,
    };
    read(&mut Section {
        name: name.to_owned(),
        table,
        place,
        reading,
    })
}

/// Reads all tables below one whose names the operator chose. Every wrong one is reported.
pub(super) fn named<'a, T>(
    tree: &'a Table,
    name: &str,
    reading: &mut Reading<'a>,
    read: impl FnMut(&'a str, &mut Section<'a, '_>) -> Option<T>,
) -> Option<Vec<T>> {
    all_of(tree.get(name), name, reading, read)
}

fn all_of<'a, T>(
    node: Option<&'a Node>,
    name: &str,
    reading: &mut Reading<'a>,
    mut read: impl FnMut(&'a str, &mut Section<'a, '_>) -> Option<T>,
) -> Option<Vec<T>> {
    let tables = match node.map(|node| &node.value) {
        None => return Some(Vec::new()),
        Some(Value::Table(tables)) => tables,
        Some(_) => return None,
    };
    let mut all = Vec::new();
    for (n, (chosen, node)) in tables.0.iter().enumerate() {
        let Value::Table(table) = &node.value else {
            continue;
        };
        let full = format!("{name}.{chosen}");
        if let Err(bad) = check_name(chosen, &tables.0[..n]) {
            reading.wrong("config-value", full.clone(), &node.place, bad);
        }
        let mut section = Section {
            name: full,
            table,
            place: node.place.clone(),
            reading,
        };
        all.extend(read(chosen, &mut section));
    }
    (all.len() == tables.0.len()).then_some(all)
}

/// Names stand in file names, in the ids of editions and in environment variables.
fn check_name(name: &str, before: &[(String, Node)]) -> Result<(), BadValue> {
    plain_name(name)?;
    let twin = before
        .iter()
        .find(|(other, _)| environment::normal(other) == environment::normal(name));
    match twin {
        Some((other, _)) => Err(BadValue::new(format!("{name} and {other} differ too little"))
            .hint("environment variables cannot tell them apart; choose another name")),
        None => Ok(()),
    }
}

/// At most 64 ASCII letters, digits, `-` and `_`, the first a letter or digit.
pub(super) fn plain_name(name: &str) -> Result<(), BadValue> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain) {
        return Ok(());
    }
    Err(BadValue::new(format!("{name:?} is no name")).hint("use letters, digits, - and _, at most 64"))
}

impl<'a> Section<'a, '_> {
    pub(super) fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }

    /// Reports a value as wrong.
    pub(super) fn refuse(&mut self, key: &str, bad: BadValue) {
        let place = self
            .table
            .get(key)
            .map_or(&self.place, |node| &node.place)
            .clone();
        self.reading.wrong("config-value", self.path(key), &place, bad);
    }

    pub(super) fn wrong_type(&mut self, key: &str, node: &Node, wanted: &str) {
        let bad = BadValue::new(format!("must be {wanted}, not {}", node.value.name()));
        self.reading
            .wrong("config-value", self.path(key), &node.place, bad);
    }

    /// Reads a table within this one. What is no table was reported before.
    pub(super) fn within<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Section<'a, '_>) -> Option<T>,
    ) -> Option<T> {
        let node = self.table.get(key)?;
        let Value::Table(table) = &node.value else {
            return None;
        };
        read(&mut Section {
            name: self.path(key),
            table,
            place: node.place.clone(),
            reading: self.reading,
        })
    }

    /// As the function of that name, of the tables below one within this one.
    pub(super) fn named<T>(
        &mut self,
        key: &str,
        read: impl FnMut(&'a str, &mut Section<'a, '_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        all_of(self.table.get(key), &self.path(key), self.reading, read)
    }

    /// Whether the key was left out by the operator.
    pub(super) fn is_missing(&self, key: &str) -> bool {
        self.table.get(key).is_none()
    }

    pub(super) fn missing(&mut self, key: &str, hint: &str) {
        let bad = BadValue::new("is missing").hint(hint);
        let place = self.place.clone();
        self.reading.wrong("config-missing", self.path(key), &place, bad);
    }

    /// A text of one line. An empty one is as good as none.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.parse(key, |text| one_line(text).map(str::to_owned))
            .filter(|text| !text.trim().is_empty())
    }

    /// As `text`, but it must be there.
    pub(super) fn required(&mut self, key: &str, hint: &str) -> Option<String> {
        self.need(key, hint, |text| match one_line(text)?.trim() {
            "" => Err(BadValue::new("is empty")),
            text => Ok(text.to_owned()),
        })
    }

    /// A text that may have several lines.
    pub(super) fn lines(&mut self, key: &str) -> Option<String> {
        self.parse(key, |text| {
            text.lines().try_for_each(|line| one_line(line).map(|_| ()))?;
            Ok::<_, BadValue>(text.trim().to_owned())
        })
        .filter(|text| !text.is_empty())
    }

    /// A text that is something more.
    pub(super) fn parse<T, E: Into<BadValue>>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let node = self.table.get(key)?;
        let Value::Text(text) = &node.value else {
            self.wrong_type(key, node, "a text");
            return None;
        };
        match parse(text) {
            Ok(value) => Some(value),
            Err(bad) => {
                self.refuse(key, bad.into());
                None
            }
        }
    }

    /// As `parse`, but it must be there.
    pub(super) fn need<T, E: Into<BadValue>>(
        &mut self,
        key: &str,
        hint: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.is_missing(key) {
            self.missing(key, hint);
            return None;
        }
        self.parse(key, parse)
    }

    /// One of a few words. `later` are those of versions to come.
    pub(super) fn choice<T: Copy>(&mut self, key: &str, words: &[(&str, T)], later: &[&str]) -> Option<T> {
        self.parse(key, |text| {
            if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
                return Ok(*value);
            }
            if later.contains(&text) {
                return Err(BadValue::new(format!("{text:?} is not in this version")));
            }
            let listed: Vec<_> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
            let hint = match keys::nearest(text, words.iter().map(|(word, _)| *word)) {
                Some(meant) => format!("did you mean {meant:?}?"),
                None => format!("write {}", listed.join(" or ")),
            };
            Err(BadValue::new(format!("{text:?} is not known here")).hint(hint))
        })
    }

    pub(super) fn number(&mut self, key: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let node = self.table.get(key)?;
        let Value::Number(number) = node.value else {
            self.wrong_type(key, node, "a whole number");
            return None;
        };
        match u32::try_from(number) {
            Ok(number) if range.contains(&number) => Some(number),
            _ => {
                let message = format!("must be from {} to {}, not {number}", range.start(), range.end());
                self.refuse(key, BadValue::new(message));
                None
            }
        }
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        let node = self.table.get(key)?;
        match node.value {
            Value::Flag(flag) => Some(flag),
            _ => {
                self.wrong_type(key, node, "true or false");
                None
            }
        }
    }

    /// A list of texts, each of which is something. Every wrong one is a problem.
    pub(super) fn list<T, E: Into<BadValue>>(
        &mut self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let node = self.table.get(key)?;
        let Value::List(items) = &node.value else {
            self.wrong_type(key, node, "a list, as [\"a\", \"b\"]");
            return None;
        };
        let mut values = Vec::new();
        for item in items {
            let parsed = match &item.value {
                Value::Text(text) => parse(text).map_err(Into::into),
                other => Err(BadValue::new(format!(
                    "the list must hold texts, not {}",
                    other.name()
                ))),
            };
            match parsed {
                Ok(value) => values.push(value),
                Err(bad) => self
                    .reading
                    .wrong("config-value", self.path(key), &item.place, bad),
            }
        }
        (values.len() == items.len()).then_some(values)
    }

    /// A list of names that compare without case elsewhere; empty ones are refused.
    pub(super) fn names(&mut self, key: &str) -> Option<Vec<String>> {
        self.list(key, |text| match one_line(text)?.trim() {
            "" => Err(BadValue::new("a name in the list is empty")),
            name => Ok(name.to_owned()),
        })
    }

    /// A file or folder, relative to the folder of the configuration.
    pub(super) fn folder(&mut self, key: &str) -> Option<PathBuf> {
        let root = self.reading.root;
        self.parse(key, |text| match one_line(text)? {
            "" => Err(BadValue::new("is empty").hint("write \".\" for the folder of the configuration")),
            path => Ok(below(root, path)),
        })
    }
}

/// Refuses control characters: the text goes into headers, feeds and file names.
pub(super) fn one_line(text: &str) -> Result<&str, BadValue> {
    match text
        .chars()
        .find(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
    {
        Some(found) => Err(BadValue::new(format!(
            "must be one line of text: it holds {found:?}"
        ))),
        None => Ok(text),
    }
}

/// The name of a source that the configuration has.
pub(super) fn known_source(text: &str, sources: &[&str]) -> Result<String, BadValue> {
    if sources.contains(&text) {
        return Ok(text.to_owned());
    }
    let bad = BadValue::new(format!("there is no source {text:?}"));
    Err(match keys::nearest(text, sources.iter().copied()) {
        Some(meant) => bad.hint(format!("did you mean {meant:?}?")),
        None => bad.hint(format!("there are: {}", sources.join(", "))),
    })
}

/// An error of another module as a refused value.
pub(super) fn because(error: impl Display) -> BadValue {
    BadValue::new(error.to_string())
}
