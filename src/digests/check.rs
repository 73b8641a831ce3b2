//! What can be said of a mail's templates before there is an edition.

use super::freeze::{self, Body};
use super::templates::{Part, Source, Templates, builtin};
use crate::problem::{Problem, Severity};
use serde_json::{Value, json};
use std::path::Path;

/// Renders every part strictly: with the template's own sample, and with an edition that has the
/// least an edition can have. Problems are `template`, `template-sample` and the note
/// `template-reader-by-reader`.
#[must_use]
pub fn check(templates: &Templates) -> Vec<Problem> {
    let sources = templates.sources();
    let mut problems = Vec::new();
    let samples = match (parse(&sources.sample), shape()) {
        (Ok(sample), Some(shape)) => {
            unknown_fields("", &sample, &shape, &mut |field| {
                problems.push(
                    in_file(&sources.sample, format!("no edition has a field `{field}`"))
                        .key(field)
                        .hint("a template that uses it would fail when an edition is due"),
                );
            });
            vec![
                ("its sample", sample),
                ("an edition of one plain article", least(shape)),
            ]
        }
        (Ok(sample), None) => vec![("its sample", sample)],
        (Err(problem), shape) => {
            problems.push(problem);
            shape
                .map(|shape| ("an edition of one plain article", least(shape)))
                .into_iter()
                .collect()
        }
    };
    for part in Part::ALL {
        for (number, (name, sample)) in samples.iter().enumerate() {
            match freeze::freeze(templates, part, sample) {
                Ok(Body::Pieces { .. }) => {}
                Ok(Body::ReaderByReader) if number == 0 => problems.push(note(sources.part(part))),
                Ok(Body::ReaderByReader) => {}
                Err(mut problem) => {
                    problem.message = format!("with {name}: {}", problem.message);
                    problems.push(problem);
                    break;
                }
            }
        }
    }
    problems
}

fn in_file(source: &Source, message: impl Into<String>) -> Problem {
    Problem {
        severity: Severity::Warning,
        ..Problem::error("template-sample", message).file(Path::new(&source.file))
    }
}

fn note(source: &Source) -> Problem {
    Problem {
        severity: Severity::Note,
        ..Problem::error(
            "template-reader-by-reader",
            "what it shows depends on who reads, so it is rendered for each reader",
        )
    }
    .file(Path::new(&source.file))
    .hint("a large list takes longer; a function applied to the name or a link is the cause")
}

fn parse(sample: &Source) -> Result<Value, Problem> {
    serde_json::from_str(&sample.text).map_err(|error| {
        Problem::error("template-sample", error.to_string())
            .file(Path::new(&sample.file))
            .line(error.line() as u64)
            .hint("it is JSON; tidings init shows a whole one")
    })
}

/// Every field an edition can have: the built-in sample.
fn shape() -> Option<Value> {
    serde_json::from_str(&builtin("digest", "sample.json")?.text).ok()
}

fn unknown_fields(path: &str, value: &Value, shape: &Value, report: &mut dyn FnMut(String)) {
    match (value, shape) {
        (Value::Object(fields), Value::Object(known)) => {
            for (name, value) in fields {
                let path = format!("{path}{}{name}", if path.is_empty() { "" } else { "." });
                match known.get(name) {
                    Some(shape) => unknown_fields(&path, value, shape, report),
                    None => report(path),
                }
            }
        }
        (Value::Array(list), Value::Array(known)) => {
            for value in list {
                known
                    .first()
                    .into_iter()
                    .for_each(|shape| unknown_fields(path, value, shape, report));
            }
        }
        _ => {}
    }
}

/// One article of which nothing is known but its title, address and date.
fn least(mut sample: Value) -> Value {
    let mut article = sample["articles"][0].take();
    for (field, value) in [
        ("updated", Value::Null),
        ("image", Value::Null),
        ("audio", Value::Null),
        ("comment_count", Value::Null),
        ("authors", json!([])),
        ("author_names", json!("")),
        ("categories", json!([])),
        ("summary", json!("")),
        ("content_html", json!("")),
        ("content_text", json!("")),
    ] {
        article[field] = value;
    }
    sample["articles"] = json!([article]);
    sample["headlines"] = json!([]);
    sample["more"] = json!(0);
    sample["edition"]["count"] = json!(1);
    sample["edition"]["others"] = json!(0);
    sample["site"]["logo"] = Value::Null;
    sample["site"]["postal_address"] = Value::Null;
    sample["site"]["description"] = json!("");
    sample["edition"]["period_from"] = Value::Null;
    sample
}
