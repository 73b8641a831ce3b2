//! The mail that tells the operator what needs a person, and what is good again.

use super::freeze;
use super::headers::Head;
use super::mail::Frozen;
use super::templates::{Part, Templates, builtin};
use super::words::one_line;
use crate::clock::Instant;
use crate::config;
use crate::problem::Problem;
use crate::subscribers::address::Mailbox;
use chrono_tz::Tz;
use serde_json::{Value, json};

/// So many of each are told one by one.
const NAMED: usize = 20;

/// Something that is wrong, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub problem: Problem<String>,
    pub since: Instant,
}

/// What an alert says.
#[derive(Debug, Clone)]
pub struct AlertFacts<'a> {
    pub site: &'a config::Site,
    pub from: &'a Mailbox,
    pub at: Instant,
    /// What is wrong now and was not told before.
    pub problems: &'a [Told],
    /// What was told and is good again.
    pub solved: &'a [Told],
}

/// Renders it.
///
/// # Errors
/// What is wrong with the templates.
pub fn render(templates: &Templates, alert: &AlertFacts<'_>) -> Result<Frozen, Problem> {
    Frozen::of_parts(templates, context(alert), Head::alert(alert.from, alert.at))
}

/// Renders every part strictly: with what is wrong and what is good again, and with each alone.
#[must_use]
pub fn check(templates: &Templates) -> Vec<Problem> {
    let sample = builtin("alert", "sample.json").and_then(|file| serde_json::from_str(&file.text).ok());
    let sample: Value = sample.unwrap_or_default();
    let without = |list: &str| {
        let mut sample = sample.clone();
        sample[list] = json!([]);
        sample
    };
    let samples = [sample.clone(), without("solved"), without("problems")];
    let wrong = |part: Part| {
        samples
            .iter()
            .find_map(|sample| freeze::freeze(templates, part, sample).err())
    };
    Part::ALL.into_iter().filter_map(wrong).collect()
}

fn context(alert: &AlertFacts<'_>) -> Value {
    let zone = alert.site.timezone;
    let some =
        |list: &[Told]| -> Vec<Value> { list.iter().take(NAMED).map(|told| item(told, zone)).collect() };
    json!({
        "site": { "title": one_line(&alert.site.title), "url": alert.site.url.as_str() },
        "at": minute(alert.at, zone),
        "problems": some(alert.problems),
        "others": alert.problems.len().saturating_sub(1),
        "more": alert.problems.len().saturating_sub(NAMED),
        "solved": some(alert.solved),
        "more_solved": alert.solved.len().saturating_sub(NAMED),
    })
}

fn item(told: &Told, zone: Tz) -> Value {
    let problem = &told.problem;
    json!({
        "code": problem.code,
        "message": one_line(&problem.message),
        "place": one_line(&place(problem)),
        "hint": one_line(problem.hint.as_deref().unwrap_or_default()),
        "since": minute(told.since, zone),
    })
}

/// `file:line`, or the key.
#[must_use]
pub fn place(problem: &Problem<String>) -> String {
    match (&problem.file, problem.line, &problem.key) {
        (Some(file), Some(line), _) => format!("{file}:{line}"),
        (Some(file), None, _) => file.clone(),
        (None, _, Some(key)) => key.clone(),
        (None, _, None) => String::new(),
    }
}

fn minute(at: Instant, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}
