//! What is wrong with a template, said so that its author finds the place.

use super::builtin;
use super::functions;
use super::source::{Part, Source, Sources};
use crate::problem::Problem;
use handlebars::{RenderError, RenderErrorReason, TemplateError};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

fn at(source: &Source, line: Option<usize>, message: String) -> Problem {
    let problem = Problem::error("template", message).file(Path::new(&source.file));
    match line {
        Some(line) => problem.line(line as u64),
        None => problem,
    }
}

fn column(column: Option<usize>) -> String {
    column
        .map(|column| format!(" (column {column})"))
        .unwrap_or_default()
}

pub(super) fn of_parsing(source: &Source, error: &TemplateError) -> Problem {
    let (line, position) = error.pos().unzip();
    let mut reason = error.reason().to_string();
    // The parser's own picture of the place has several lines; its last one says what was expected.
    if let Some(last) = reason.lines().last().filter(|_| reason.contains('\n')) {
        reason = last.trim().trim_start_matches("= ").to_owned();
    }
    let problem = at(
        source,
        line,
        format!("does not parse: {reason}{}", column(position)),
    );
    problem.hint("every {{#block}} needs its {{/block}} and every {{ its }}")
}

pub(super) fn of_rendering(sources: &Sources, part: Part, context: &Value, error: &RenderError) -> Problem {
    let source = error
        .template_name
        .as_deref()
        .and_then(|name| sources.named(name))
        .unwrap_or_else(|| sources.part(part));
    let place = column(error.column_no);
    match error.reason() {
        RenderErrorReason::MissingVariable(path) => {
            let path = path.as_deref().unwrap_or("this");
            let message = format!("there is no field `{path}`{place}");
            at(source, error.line_no, message)
                .key(path)
                .hint(fields_hint(path, context))
        }
        RenderErrorReason::PartialNotFound(name) => {
            let known: Vec<&str> = sources.partials.keys().map(String::as_str).collect();
            let message = format!("there is no partial `{name}`{place}");
            let hint = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are: {}", known.join(", ")),
            };
            at(source, error.line_no, message).key(name.as_str()).hint(hint)
        }
        RenderErrorReason::HelperNotFound(name) => {
            let message = format!("there is no helper `{name}`{place}");
            let known = functions::ALL.iter().map(|function| function.name);
            let hint = match nearest(name, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "there are: if, unless, each, with, {}",
                    known.collect::<Vec<_>>().join(", ")
                ),
            };
            at(source, error.line_no, message).key(name.as_str()).hint(hint)
        }
        reason => at(source, error.line_no, format!("{reason}{place}")),
    }
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|word| (strsim::damerau_levenshtein(name, word), word))
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4)
        .min()
        .map(|(_, word)| word)
}

/// Each group of fields by the name it stands under; "" is the top.
fn groups(name: &str, value: &Value, found: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Object(fields) => {
            found
                .entry(name.to_owned())
                .or_insert_with(|| fields.keys().cloned().collect());
            for (key, value) in fields {
                groups(key, value, found);
            }
        }
        Value::Array(list) => {
            if let Some(first) = list.first() {
                groups(name, first, found);
            }
        }
        _ => {}
    }
}

/// Every field there can be: the built-in sample's. In an edition some may be empty.
fn shape(context: &Value) -> Value {
    let sample = builtin::builtin("digest", "sample.json");
    let shape = sample.and_then(|sample| serde_json::from_str(&sample.text).ok());
    shape.unwrap_or_else(|| context.clone())
}

/// Which field was meant, or which there are.
fn fields_hint(path: &str, context: &Value) -> String {
    let mut found = BTreeMap::new();
    groups("", &shape(context), &mut found);
    let steps = path.split(['.', '/']);
    let words: Vec<&str> = steps
        .filter(|word| !word.is_empty() && !["this", "@root"].contains(word) && !word.starts_with('['))
        .collect();
    let Some((field, before)) = words.split_last() else {
        return "there is nothing here".to_owned();
    };
    if let Some((group, fields)) = before.last().and_then(|group| found.get_key_value(*group)) {
        if fields.iter().any(|known| known == field) {
            return format!("`{group}` is empty here: put {{{{#if {group}}}}} … {{{{/if}}}} around it");
        }
        let meant = meant(nearest(field, fields.iter().map(String::as_str)));
        return format!("{meant}`{group}` has: {}", fields.join(", "));
    }
    // Which group the template stands in is not known here: those of the top and of an article.
    let here = ["", "articles"].into_iter().filter_map(|group| found.get(group));
    let missing = words.first().copied().unwrap_or(field);
    let meant = meant(nearest(missing, here.flatten().map(String::as_str)));
    let list = |group: &str| {
        found
            .get(group)
            .map(|fields| fields.join(", "))
            .unwrap_or_default()
    };
    format!(
        "{meant}there are: {}; in an article: {}",
        list(""),
        list("articles")
    )
}

fn meant(near: Option<&str>) -> String {
    near.map(|near| format!("did you mean `{near}`? "))
        .unwrap_or_default()
}
