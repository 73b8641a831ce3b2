//! The three languages of front matter, each as JSON values, and their errors with the line of the file.

use crate::problem::Problem;
use serde_json::{Map, Value};

/// What a head is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Yaml,
    Toml,
    Json,
}

impl Format {
    /// The values of a head whose first line is that line of the file.
    ///
    /// # Errors
    /// It cannot be read, or is no list of keys and values: `front-matter`, with the line.
    pub(super) fn values(self, text: &str, first_line: u64) -> Result<Map<String, Value>, Problem> {
        if text.trim().is_empty() {
            return Ok(Map::new());
        }
        match self {
            Format::Yaml => yaml(text, first_line),
            Format::Toml => toml(text, first_line),
            Format::Json => json(text, first_line),
        }
    }
}

/// How much a head may hold: an anchor that is repeated in another, and so on, makes billions of
/// values from a few lines.
fn budget() -> Option<serde_saphyr::Budget> {
    serde_saphyr::budget! {
        max_nodes: 20_000,
        max_events: 60_000,
        max_aliases: 1_000,
        max_anchors: 1_000,
        max_recorded_anchor_events: 20_000,
        max_recorded_anchor_bytes: 1024 * 1024,
        max_total_scalar_bytes: 1024 * 1024,
    }
}

fn yaml(text: &str, first_line: u64) -> Result<Map<String, Value>, Problem> {
    let options = serde_saphyr::options! {
        budget: budget(),
        with_snippet: false,
        leading_zero_numbers_as_strings: true,
    };
    let value: Value = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error.location().map_or(1, |at| at.line().max(1));
        let message = error.without_snippet().to_string();
        let (message, hint) = in_plain_words(message.lines().next().unwrap_or_default());
        broken(&message, first_line + line - 1).hint(hint)
    })?;
    match value {
        Value::Object(mut values) => {
            keep_spelling(&mut values, text);
            Ok(values)
        }
        Value::Null => Ok(Map::new()),
        _ => Err(no_keys(first_line).hint("write it as key: value")),
    }
}

/// What a message of the parser means to somebody who writes articles, and what to do.
fn in_plain_words(message: &str) -> (String, &'static str) {
    let short = message.split(" at line ").next().unwrap_or_default();
    let said = |part: &str| message.contains(part);
    if let Some(rest) = short.strip_prefix("duplicate mapping key: ") {
        let key: String = rest
            .split(',')
            .next()
            .unwrap_or_default()
            .chars()
            .take(100)
            .collect();
        return (
            format!("the key {key} stands there twice"),
            "take one of the two out",
        );
    }
    if said("budget") || said("limit exceeded") || said("recursion") || said("alias") {
        let message = "it holds or repeats more than an article can need";
        return (
            message.to_owned(),
            "take out what repeats itself (& and *) or is nested deep",
        );
    }
    if said("tabs disallowed") || said("tab ") {
        let message = "a line is indented with a tab";
        return (message.to_owned(), "YAML wants spaces");
    }
    let short: String = short.chars().take(200).collect();
    (
        short,
        "text with a colon, a # or a quote in it needs quotes around it",
    )
}

/// `title: 1.10` and `title: No` are text, whatever they look like: read again as what is written.
fn keep_spelling(values: &mut Map<String, Value>, text: &str) {
    #[derive(serde::Deserialize)]
    struct Texts {
        title: Option<String>,
        slug: Option<String>,
    }
    let is_read = |key: &str| matches!(values.get(key), Some(Value::Number(_) | Value::Bool(_)));
    if !is_read("title") && !is_read("slug") {
        return;
    }
    let options = serde_saphyr::options! { budget: budget() };
    let Ok(texts) = serde_saphyr::from_str_with_options::<Texts>(text, options) else {
        return;
    };
    for (key, text) in [("title", texts.title), ("slug", texts.slug)] {
        if let Some(text) = text {
            values.insert(key.to_owned(), Value::String(text));
        }
    }
}

fn toml(text: &str, first_line: u64) -> Result<Map<String, Value>, Problem> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let before = error
            .span()
            .and_then(|span| text.get(..span.start))
            .unwrap_or_default();
        let message: String = error.message().chars().take(200).collect();
        let hint = if message.contains("duplicate key") {
            "take one of the two out"
        } else {
            "write it as key = \"value\"; dates and numbers stand without quotes"
        };
        broken(&message, first_line + count_lines(before)).hint(hint)
    })?;
    match from_toml(toml::Value::Table(table)) {
        Value::Object(values) => Ok(values),
        _ => Ok(Map::new()),
    }
}

fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::String(number.to_string()),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(list) => Value::Array(list.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => Value::Object(
            table
                .into_iter()
                .map(|(key, value)| (key, from_toml(value)))
                .collect(),
        ),
    }
}

/// An object, with or without its braces.
fn json(text: &str, first_line: u64) -> Result<Map<String, Value>, Problem> {
    let bare = text.trim_start();
    let braced = match bare.starts_with(['{', '[']) {
        true => text.to_owned(),
        false => format!("{{{text}}}"),
    };
    match serde_json::from_str(&braced).map_err(|error| broken_json(&error, first_line))? {
        Value::Object(values) => Ok(values),
        _ => Err(no_keys(first_line).hint("write it as {\"key\": \"value\"}")),
    }
}

/// The object that a text begins with, and what follows it; `None`: it begins with something that is
/// only a little like one.
///
/// # Errors
/// It does not end, or cannot be read: `front-matter`, with the line.
pub(super) fn first_object(text: &str, first_line: u64) -> Result<Option<(&str, &str)>, Problem> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => Ok(text.split_at_checked(values.byte_offset())),
        Some(Err(error)) => {
            // A key with its value is meant as an object, a word in quotes is not.
            let after_key = text[1..]
                .trim_start()
                .strip_prefix('"')
                .and_then(|t| t.split_once('"'));
            match after_key.is_some_and(|(_, rest)| rest.trim_start().starts_with(':')) {
                true => Err(broken_json(&error, first_line)),
                false => Ok(None),
            }
        }
        None => Ok(None),
    }
}

fn broken_json(error: &serde_json::Error, first_line: u64) -> Problem {
    if error.is_eof() {
        return broken("the object does not end", first_line).hint("close it with }");
    }
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let line = (error.line() as u64).max(1);
    broken(message, first_line + line - 1)
        .hint("write it as {\"key\": \"value\", …}, with double quotes and no comma after the last")
}

pub(super) fn count_lines(text: &str) -> u64 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u64
}

fn no_keys(line: u64) -> Problem {
    broken("it is no list of keys and values", line)
}

fn broken(message: &str, line: u64) -> Problem {
    Problem::error(
        "front-matter",
        format!("the front matter cannot be read: {message}"),
    )
    .line(line)
}
