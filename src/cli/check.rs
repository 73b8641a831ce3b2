//! `tidings check`: everything that can be known to be wrong before a pass meets it.

use super::Global;
use super::output::{self, Exit};
use crate::app::check::{self, CheckReport, Found};
use crate::clock::Clock;
use crate::config::environment;
use clap::Args;
use serde::Serialize;
use std::io::Write;

#[derive(Debug, Clone, Args)]
pub struct Check {
    /// Ask the public address and the endpoints of pings too, whether they answer
    #[arg(long)]
    pub online: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    problems: &'a [Found],
}

/// Runs the command. A wrong configuration ends it with 2, any other error with 1.
///
/// # Errors
/// A standard output that cannot be written.
pub async fn run(global: &Global, check: &Check) -> anyhow::Result<Exit> {
    let report = check::run(
        &global.config,
        &environment::of_process(),
        Clock::System,
        check.online,
    )
    .await?;
    if global.json {
        output::json(&Document {
            problems: &report.problems,
        })?;
    } else {
        print(&report, global.quiet)?;
    }
    Ok(match (report.is_configured, report.has_failed()) {
        (false, _) => Exit::Wrong,
        (true, true) => Exit::Failed,
        (true, false) => Exit::Done,
    })
}

fn print(report: &CheckReport, quiet: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for problem in &report.problems {
        writeln!(out, "{}: {problem} [{}]", problem.severity, problem.code)?;
    }
    if report.problems.is_empty() && !quiet {
        writeln!(out, "Nothing is wrong.")?;
    }
    Ok(())
}
