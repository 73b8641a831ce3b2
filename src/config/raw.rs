//! TOML as a tree that remembers where each value stands. Knows no keys.

use crate::problem::Problem;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A line of the file, counted from 1.
    Line(u64),
    /// An environment variable.
    Variable(String),
    /// Nowhere: the key was left out.
    Default,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Flag(bool),
    List(Vec<Node>),
    Table(Table),
    /// What no key takes: how TOML calls it.
    Other(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub value: Value,
    pub place: Place,
}

/// In the order of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Table(pub Vec<(String, Node)>);

impl Value {
    /// As messages call it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Value::Text(_) => "a text",
            Value::Number(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Other(name) => name,
        }
    }
}

impl Table {
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, node)| node)
    }

    /// The table of that name, made where it is missing. `None` where something else stands there.
    pub(super) fn table_mut(&mut self, name: &str, place: Place) -> Option<&mut Table> {
        if self.get(name).is_none() {
            let value = Value::Table(Table::default());
            self.0.push((name.to_owned(), Node { value, place }));
        }
        let (_, node) = self.0.iter_mut().find(|(key, _)| key == name)?;
        match &mut node.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Puts a value there, in place of what there was.
    pub(super) fn set(&mut self, name: &str, node: Node) {
        match self.0.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = node,
            None => self.0.push((name.to_owned(), node)),
        }
    }
}

/// Reads a whole file. Every error of the syntax is one problem.
pub(super) fn parse(text: &str, file: &Path) -> Result<Table, Vec<Problem>> {
    let lines = Lines::of(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(table(document.into_inner(), &lines));
    }
    Err(errors
        .iter()
        .map(|error| {
            let problem = Problem::error("config-syntax", one_line(error.message()))
                .file(file)
                .hint("the configuration is TOML: a text stands in quotes, a table begins with [NAME]");
            match error.span() {
                Some(span) => problem.line(lines.line(span.start)),
                None => problem,
            }
        })
        .collect())
}

/// Reads one value, as an environment variable or a default gives it.
pub(super) fn parse_value(text: &str, place: &Place) -> Option<Value> {
    let value = DeValue::parse(text).ok()?.into_inner();
    Some(set_place(convert(value, &Lines::of(text)), place))
}

fn set_place(value: Value, place: &Place) -> Value {
    match value {
        Value::List(nodes) => Value::List(
            nodes
                .into_iter()
                .map(|node| Node {
                    value: set_place(node.value, place),
                    place: place.clone(),
                })
                .collect(),
        ),
        other => other,
    }
}

fn table(table_: DeTable<'_>, lines: &Lines) -> Table {
    let mut entries: Vec<_> = table_
        .into_iter()
        .map(|(key, value)| {
            let start = key.span().start;
            let place = Place::Line(lines.line(start));
            let name = key.into_inner().into_owned();
            (
                start,
                name,
                Node {
                    value: convert(value.into_inner(), lines),
                    place,
                },
            )
        })
        .collect();
    entries.sort_by_key(|(start, ..)| *start);
    Table(entries.into_iter().map(|(_, name, node)| (name, node)).collect())
}

/// The depth is bounded: the parser refuses what is nested too deep.
fn convert(value: DeValue<'_>, lines: &Lines) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Other("a number that is too large"), Value::Number),
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Float(_) => Value::Other("a number with a point"),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Array(items) => Value::List(
            items
                .into_iter()
                .map(|item| {
                    let place = Place::Line(lines.line(item.span().start));
                    Node {
                        value: convert(item.into_inner(), lines),
                        place,
                    }
                })
                .collect(),
        ),
        DeValue::Table(inner) => Value::Table(table(inner, lines)),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where each line of a text begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(text.match_indices('\n').map(|(at, _)| at + 1).collect())
    }

    /// The line of a byte, counted from 1.
    fn line(&self, byte: usize) -> u64 {
        1 + self.0.partition_point(|start| *start <= byte) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_lines() {
        let table = parse("[b]\nx = 1\n\n[a]\ny = [\n  'one',\n]\n", Path::new("c.toml")).unwrap();
        assert_eq!(
            table.0.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["b", "a"]
        );
        let Value::Table(a) = &table.get("a").unwrap().value else {
            panic!()
        };
        let y = a.get("y").unwrap();
        assert_eq!(y.place, Place::Line(5));
        let Value::List(items) = &y.value else { panic!() };
        assert_eq!(items[0].place, Place::Line(6));
    }

    #[test]
    fn every_error_of_the_syntax_is_named_with_its_line() {
        let problems = parse("a = 1\nb = \nc = 'x\n", Path::new("c.toml")).unwrap_err();
        let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [Some(2), Some(3)], "{problems:?}");
        assert!(problems.iter().all(|problem| problem.code == "config-syntax"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]a-c.=\"'{}, \\n0-9x-]{0,80}") {
            let _ = parse(&text, Path::new("c.toml"));
        }
    }
}
