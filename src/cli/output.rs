//! What commands print, and the exit status they end with.

use super::Global;
use crate::clock::Instant;
use crate::problem::{Problem, Severity};
use crate::store::StoreError;
use crate::telemetry;
use chrono::{DateTime, SubsecRound};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// How a command ended. A wrong command line ends with clap's 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: something newly failed, or mail is blocked, and it was named.
    Failed,
    /// 2: wrong usage or configuration.
    Wrong,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Wrong => 2,
        })
    }
}

/// An error of the configuration or the command line: exit status 2.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct WrongUse(pub Vec<Problem>);

/// Prints one JSON document: `{"schema": 1, …}`.
///
/// # Errors
/// Where standard output cannot be written.
pub fn json<T: Serialize>(document: &T) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Envelope<'a, T> {
        schema: u32,
        #[serde(flatten)]
        document: &'a T,
    }
    let mut text = serde_json::to_string_pretty(&Envelope { schema: 1, document })?;
    text.push('\n');
    print(&text)
}

/// Prints a text for people, as it is.
///
/// # Errors
/// Where standard output cannot be written; [`failed`] knows what that means where its reader went
/// away, as `head` does.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Says one line on standard error. Where nobody listens there is nobody to be told of that. What does
/// not go to a terminal is kept by somebody, as a log: addresses are masked.
pub fn tell(line: &dyn std::fmt::Display) {
    let mut err = std::io::stderr();
    let _ = match err.is_terminal() {
        true => writeln!(err, "tidings: {line}"),
        false => writeln!(err, "tidings: {}", telemetry::masked(&line.to_string())),
    };
}

/// `1 article`, `2 articles`.
#[must_use]
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Prints lines in columns, two spaces between; the last column is as wide as it is.
///
/// # Errors
/// Where standard output cannot be written.
pub fn table<const N: usize>(lines: impl IntoIterator<Item = [String; N]>) -> anyhow::Result<()> {
    let lines: Vec<[String; N]> = lines.into_iter().collect();
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let mut out = std::io::stdout().lock();
    for line in &lines {
        let cells: Vec<String> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}

/// Tells problems on standard error, one a line.
pub fn problems(problems: &[Problem]) {
    for problem in problems {
        let severity = match problem.severity {
            Severity::Note => "note: ",
            Severity::Warning => "warning: ",
            Severity::Error => "",
        };
        tell(&format_args!("{severity}{problem}"));
    }
}

/// The problems that only another command line would mend.
const WRONG_USE: [&str; 14] = [
    "article-excluded",
    "article-not-in-edition",
    "article-not-public",
    "article-sent",
    "at-before-newest-pass",
    "delivery-settled",
    "edition-frozen",
    "edition-over",
    "unknown-article",
    "unknown-delivery",
    "unknown-digest",
    "unknown-edition",
    "unknown-subscriber",
    "worker-sqlite",
];

/// Whether whoever read standard output has seen enough: that is no failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Says on standard error why a command ended early; with `json` also as the document that standard
/// output is owed.
pub fn failed(error: &anyhow::Error, json: bool) -> Exit {
    #[derive(Serialize)]
    struct Document {
        errors: Vec<Problem>,
    }
    if is_closed_pipe(error) {
        return Exit::Done;
    }
    let (errors, exit) = ended_early(error);
    problems(&errors);
    if json && let Err(error) = self::json(&Document { errors }) {
        tell(&format_args!("{error:#}"));
    }
    exit
}

fn ended_early(error: &anyhow::Error) -> (Vec<Problem>, Exit) {
    if let Some(wrong) = error.downcast_ref::<WrongUse>() {
        return (wrong.0.clone(), Exit::Wrong);
    }
    match error.downcast_ref::<Problem>() {
        Some(problem) if WRONG_USE.contains(&problem.code) => (vec![problem.clone()], Exit::Wrong),
        Some(problem) => (vec![problem.clone()], Exit::Failed),
        None => {
            let message = format!("{error:#}");
            let problem = if error.is::<StoreError>() {
                Problem::error("store", message)
                    .key("store.url")
                    .hint("check store.url; what was committed stays, and the next pass carries on")
            } else {
                Problem::error("ended-early", message)
                    .hint("mend that, and run it again: what was committed stays")
            };
            (vec![problem], Exit::Failed)
        }
    }
}

/// Logs go to standard error. `RUST_LOG` overrides `-v` and `-q`. What goes on for ever has nobody who
/// waits for its report: it says what it does unless told otherwise.
pub fn start_log(global: &Global, goes_on: bool) {
    let verbose = global.verbose + u8::from(goes_on);
    let level = match (global.quiet, verbose) {
        (true, _) => "error",
        (_, 0) => "warn",
        (_, 1) => "tidings=info,warn",
        _ => "tidings=debug,info",
    };
    telemetry::log::start(level, global.log_format.into());
}

/// Reads an instant from the command line, in RFC 3339.
///
/// # Errors
/// What is wrong with it.
pub fn instant(text: &str) -> Result<Instant, String> {
    let at = DateTime::parse_from_rfc3339(text)
        .map_err(|error| format!("{error}; write it as 2026-11-30T07:00:00Z"))?;
    Ok(at.to_utc().trunc_subsecs(0))
}
