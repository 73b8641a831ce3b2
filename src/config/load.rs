//! From the text of `config.toml` and the environment to a [`Config`]. All problems are found in one
//! go. What keys there are and their defaults stand in `keys`; what the tables become, in `tables`.

use super::environment::{self, Environment};
use super::keys::{self, Known, Shape};
use super::raw::{self, Node, Place, Table, Value};
use super::section::Reading;
use super::values::BadValue;
use super::{Config, tables};
use crate::problem::{Problem, Severity};
use std::io::ErrorKind;
use std::path::Path;

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// All that is wrong, in the order of the file.
    pub fn load(path: &Path, environment: &Environment) -> Result<Config, Vec<Problem>> {
        let text = std::fs::read_to_string(path).map_err(|error| vec![unreadable(path, &error)])?;
        Config::read(path, &text, environment)
    }

    /// As [`Config::load`], for a text that stands in `path` or would.
    ///
    /// # Errors
    /// All that is wrong, in the order of the file.
    pub fn read(path: &Path, text: &str, environment: &Environment) -> Result<Config, Vec<Problem>> {
        let mut tree = raw::parse(text, path)?;
        let root = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let mut reading = Reading {
            file: path,
            root,
            environment,
            problems: Vec::new(),
        };
        check_keys(&tree, &mut Vec::new(), &mut reading);
        reading
            .problems
            .extend(environment::overlay(&mut tree, environment));
        fill_in_defaults(&mut tree);
        let config = tables::config(&tree, &mut reading);
        let mut problems = reading.problems;
        problems.sort_by_key(|problem| problem.line.unwrap_or(u64::MAX));
        match config {
            Some(config) if problems.iter().all(|problem| problem.severity != Severity::Error) => {
                Ok(Config {
                    warnings: problems,
                    ..config
                })
            }
            _ => Err(problems),
        }
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let problem = |message: String| Problem::error("config-file", message).file(path);
    match error.kind() {
        ErrorKind::NotFound => problem("there is no such file".to_owned())
            .hint("`tidings init` makes a new site; --config names another file"),
        ErrorKind::InvalidData => problem("the file is not UTF-8".to_owned()).hint("save it as UTF-8"),
        _ => problem(format!("cannot be read: {error}")),
    }
}

/// Names every key of the file that is not known, or not in this version.
fn check_keys<'t>(table: &'t Table, path: &mut Vec<&'t str>, reading: &mut Reading<'_>) {
    for (name, node) in &table.0 {
        path.push(name);
        match (keys::find(path), &node.value) {
            (Known::Value(Shape::Later), _) => {
                let bad = BadValue::new("is not in this version").hint("take it out");
                reading.wrong("config-unsupported", path.join("."), &node.place, bad);
            }
            (Known::Value(Shape::Secret) | Known::Table, Value::Table(inner)) => {
                check_keys(inner, path, reading)
            }
            (Known::Value(_), _) => {}
            (Known::Table, other) => {
                let bad = BadValue::new(format!("must be a table, not {}", other.name()))
                    .hint(format!("write [{}]", table_name(path)));
                reading.wrong("config-value", path.join("."), &node.place, bad);
            }
            (Known::Nothing, _) => {
                let bad = BadValue::new("there is no such key");
                let bad = match meant(name, &path[..path.len() - 1]) {
                    Some(hint) => bad.hint(hint),
                    None => bad,
                };
                reading.wrong("config-unknown-key", path.join("."), &node.place, bad);
            }
        }
        path.pop();
    }
}

/// `digests.NAME`, where names are chosen below `digests`.
fn table_name(path: &[&str]) -> String {
    let path = path.join(".");
    match keys::below(&[&path]).first() {
        Some(&"*") => format!("{path}.NAME"),
        _ => path,
    }
}

/// The key that a wrong one was meant to be: one beside it, else the same one in another table.
fn meant(wrong: &str, table: &[&str]) -> Option<String> {
    let beside = keys::below(table);
    if let Some(name) = keys::nearest(wrong, beside.iter().copied()) {
        return Some(format!("did you mean {name}?"));
    }
    let elsewhere = keys::KEYS
        .iter()
        .find(|key| key.name.rsplit('.').next() == Some(wrong))?;
    Some(format!("did you mean {}?", elsewhere.name.replace('*', "NAME")))
}

/// Puts the default of every key there that has one and was left out.
fn fill_in_defaults(tree: &mut Table) {
    for key in keys::KEYS {
        if let Some(default) = key.default {
            let parts: Vec<&str> = key.name.split('.').collect();
            fill_in_below(tree, &parts, default);
        }
    }
}

/// The same of one key, in all tables that it may stand in. No table is made for a name to choose.
fn fill_in_below(table: &mut Table, parts: &[&str], default: &str) {
    match parts {
        [] => {}
        [name] => fill_in(table, name, default),
        ["*", rest @ ..] => {
            for (_, node) in &mut table.0 {
                if let Value::Table(inner) = &mut node.value {
                    fill_in_below(inner, rest, default);
                }
            }
        }
        [name, rest @ ..] => {
            if rest.contains(&"*") && table.get(name).is_none() {
                return;
            }
            if let Some(inner) = table.table_mut(name, Place::Default) {
                fill_in_below(inner, rest, default);
            }
        }
    }
}

fn fill_in(table: &mut Table, name: &str, default: &str) {
    if table.get(name).is_none()
        && let Some(value) = raw::parse_value(default, &Place::Default)
    {
        table.set(
            name,
            Node {
                value,
                place: Place::Default,
            },
        );
    }
}

#[cfg(test)]
mod tests;
