//! Environment variables that set keys: `TIDINGS_DIGESTS__WEEKLY__SCHEDULE` is
//! `digests.weekly.schedule`. They win over the file.

use super::keys::{self, Shape};
use super::raw::{self, Node, Place, Table, Value};
use crate::problem::Problem;
use std::collections::BTreeMap;

/// The variables a configuration is read with: names and values.
pub type Environment = BTreeMap<String, String>;

const PREFIX: &str = "TIDINGS_";
/// For the test suite alone: names no key.
const TESTS: &str = "TIDINGS_TEST_";

/// The variables of this process. A value that is no UTF-8 is taken with replacement characters.
#[must_use]
pub fn of_process() -> Environment {
    std::env::vars_os()
        .map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        })
        .collect()
}

/// Puts the values of all `TIDINGS_` variables into the tree. Those that name no key are problems.
pub(super) fn overlay(tree: &mut Table, environment: &Environment) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (variable, text) in environment {
        let Some(rest) = variable.strip_prefix(PREFIX) else {
            continue;
        };
        if variable.starts_with(TESTS) {
            continue;
        }
        let given: Vec<String> = rest.split("__").map(normal).collect();
        match resolve(&given, tree) {
            Some((_, Shape::Later)) => problems.push(not_in_this_version(variable, &given)),
            Some((path, shape)) => problems.extend(put(tree, &path, shape, variable, text)),
            None => problems.push(unknown(variable, &given, tree)),
        }
    }
    problems
}

/// How names compare: case does not count, nor whether it is `-` or `_`.
pub(super) fn normal(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

/// The path a variable means, with names spelt as in the file, and the shape of its value.
fn resolve(given: &[String], tree: &Table) -> Option<(Vec<String>, Shape)> {
    let mut path: Vec<String> = Vec::new();
    let mut at = Some(tree);
    for part in given {
        if part.is_empty() {
            return None;
        }
        let written = at.and_then(|table| table.0.iter().find(|(name, _)| normal(name) == *part));
        path.push(written.map_or_else(|| part.clone(), |(name, _)| name.clone()));
        at = written.and_then(|(_, node)| match &node.value {
            Value::Table(table) => Some(table),
            _ => None,
        });
    }
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    match keys::find(&parts) {
        keys::Known::Value(shape) => Some((path, shape)),
        keys::Known::Table | keys::Known::Nothing => None,
    }
}

fn put(tree: &mut Table, path: &[String], shape: Shape, variable: &str, text: &str) -> Option<Problem> {
    let place = Place::Variable(variable.to_owned());
    let value = match shape {
        Shape::Text | Shape::Secret | Shape::Later => Value::Text(text.to_owned()),
        // What is no TOML stays a text, and the key says what it wants instead.
        Shape::Number | Shape::Flag | Shape::List => {
            raw::parse_value(text, &place).unwrap_or_else(|| Value::Text(text.to_owned()))
        }
    };
    let (name, above) = path.split_last()?;
    let mut table = tree;
    for (depth, part) in above.iter().enumerate() {
        // A secret that was a text, or was elsewhere, is now where the variable says.
        if depth == 1 && shape == Shape::Secret {
            let value = Value::Table(Table::default());
            table.set(
                part,
                Node {
                    value,
                    place: place.clone(),
                },
            );
        }
        match table.table_mut(part, place.clone()) {
            Some(inner) => table = inner,
            None => {
                let message = format!(
                    "{} is no table, so {variable} cannot set a key in it",
                    above.join(".")
                );
                return Some(Problem::error("config-value", message).key(path.join(".")));
            }
        }
    }
    table.set(name, Node { value, place });
    None
}

fn not_in_this_version(variable: &str, given: &[String]) -> Problem {
    Problem::error(
        "config-unsupported",
        format!("{variable} sets a key that is not in this version"),
    )
    .key(given.join("."))
    .hint("unset it")
}

fn unknown(variable: &str, given: &[String], tree: &Table) -> Problem {
    let candidates = candidates(given, tree);
    let problem = Problem::error("config-unknown-key", format!("{variable} names no key"));
    match keys::nearest(variable, candidates.iter().map(String::as_str)) {
        Some(meant) => problem.hint(format!("did you mean {meant}?")),
        None => problem.hint("two underscores stand between the parts of a key, as in TIDINGS_SITE__TITLE"),
    }
}

/// All variables there could be, with the names of the file and the name the variable itself gives.
fn candidates(given: &[String], tree: &Table) -> Vec<String> {
    let mut all = Vec::new();
    for key in keys::KEYS {
        let parts: Vec<&str> = key.name.split('.').collect();
        match parts.iter().position(|part| *part == "*") {
            None => all.push(variable_name(&parts)),
            Some(at) => {
                let table = parts[..at].iter().try_fold(tree, |table, name| {
                    let Value::Table(inner) = &table.get(name)?.value else {
                        return None;
                    };
                    Some(inner)
                });
                let names = table.iter().flat_map(|table| &table.0);
                let names: Vec<String> = names.map(|(name, _)| normal(name)).collect();
                for name in names.iter().chain(given.get(at)) {
                    let mut parts = parts.clone();
                    parts[at] = name;
                    all.push(variable_name(&parts));
                }
            }
        }
    }
    all
}

/// The variable that sets a key.
fn variable_name(parts: &[&str]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| normal(part).to_uppercase()).collect();
    format!("{PREFIX}{}", parts.join("__"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn overlaid(file: &str, variables: &[(&str, &str)]) -> (Table, Vec<Problem>) {
        let mut tree = raw::parse(file, Path::new("config.toml")).unwrap();
        let environment = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let problems = overlay(&mut tree, &environment);
        (tree, problems)
    }

    fn at<'a>(tree: &'a Table, path: &[&str]) -> &'a Value {
        let (name, above) = path.split_last().unwrap();
        let mut table = tree;
        for part in above {
            let Value::Table(inner) = &table.get(part).unwrap().value else {
                panic!("{part}")
            };
            table = inner;
        }
        &table.get(name).unwrap().value
    }

    #[test]
    fn names_compare_without_case_and_dashes() {
        let file = "[digests.Weekly-News]\nschedule = 'a'\n";
        let (tree, problems) = overlaid(
            file,
            &[
                ("TIDINGS_DIGESTS__WEEKLY_NEWS__SCHEDULE", "b"),
                ("TIDINGS_feeds__items", "7"),
            ],
        );
        assert_eq!(problems, []);
        assert_eq!(
            at(&tree, &["digests", "Weekly-News", "schedule"]),
            &Value::Text("b".to_owned())
        );
        assert_eq!(at(&tree, &["feeds", "items"]), &Value::Number(7));
    }

    #[test]
    fn a_text_stays_a_text_even_if_it_looks_like_something_else() {
        let (tree, problems) = overlaid(
            "",
            &[
                ("TIDINGS_SITE__TITLE", "2026"),
                ("TIDINGS_SMTP__PASSWORD", "true"),
            ],
        );
        assert_eq!(problems, []);
        assert_eq!(at(&tree, &["site", "title"]), &Value::Text("2026".to_owned()));
        assert_eq!(at(&tree, &["smtp", "password"]), &Value::Text("true".to_owned()));
    }

    #[test]
    fn a_secret_can_be_pointed_at() {
        let (tree, problems) = overlaid(
            "[smtp]\npassword = 'x'\n",
            &[("TIDINGS_SMTP__PASSWORD__FILE", "/run/secrets/smtp")],
        );
        assert_eq!(problems, []);
        assert_eq!(
            at(&tree, &["smtp", "password", "file"]),
            &Value::Text("/run/secrets/smtp".to_owned())
        );
    }

    #[test]
    fn lists_are_toml() {
        let (tree, _) = overlaid("", &[("TIDINGS_DELIVERY__RETRY", "['1m', '2m']")]);
        assert!(matches!(at(&tree, &["delivery", "retry"]), Value::List(items) if items.len() == 2));
    }

    #[test]
    fn a_variable_that_names_no_key_names_the_one_meant() {
        for (variable, meant) in [
            ("TIDINGS_SMTP_URL", "TIDINGS_SMTP__URL"),
            (
                "TIDINGS_DIGESTS__WEEKLY__SHEDULE",
                "TIDINGS_DIGESTS__WEEKLY__SCHEDULE",
            ),
            (
                "TIDINGS_DIGEST__WEEKLY__SCHEDULE",
                "TIDINGS_DIGESTS__WEEKLY__SCHEDULE",
            ),
        ] {
            let (_, problems) = overlaid("[digests.weekly]\n", &[(variable, "x")]);
            assert_eq!(problems.len(), 1);
            assert_eq!(
                problems[0].hint.as_deref(),
                Some(&*format!("did you mean {meant}?"))
            );
        }
        let (_, problems) = overlaid("", &[("TIDINGS_TEST_POSTGRES", "x"), ("OTHER", "x")]);
        assert_eq!(problems, []);
        let (_, problems) = overlaid("", &[("TIDINGS_", "x"), ("TIDINGS_DKIM__MAIN__DOMAIN", "x")]);
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["config-unknown-key", "config-unsupported"]);
    }
}
