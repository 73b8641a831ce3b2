//! `tidings pings list` and `send`: who was told of what, and what they said; telling them now.

use super::output::{self, Exit};
use crate::app::report::PingReport;
use crate::app::{Site, pings, reporting};
use crate::clock::rfc3339;
use crate::problem::Problem;
use crate::store::pings::PingRow;
use crate::store::reported::Part;
use clap::{Args, Subcommand};
use serde::Serialize;

#[derive(Debug, Clone, Subcommand)]
pub enum PingsCommand {
    /// List the pings in the order they were planned
    List(List),
    /// Send all that waits, without waiting for its next try
    Send,
}

#[derive(Debug, Clone, Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Those that come after this one
    #[arg(long, value_name = "ID", default_value_t = 0)]
    pub after: i64,
}

#[derive(Serialize)]
struct Document {
    pings: Vec<Shown>,
}

#[derive(Serialize)]
struct SentDocument<'a> {
    pings: &'a [PingReport],
    errors: &'a [Problem],
}

/// A ping as JSON shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    id: String,
    kind: String,
    endpoint: String,
    subjects: Vec<String>,
    change: String,
    state: String,
    attempts: i64,
    status: Option<i64>,
    answer: Option<String>,
    next_try: Option<String>,
    created: String,
    finished: Option<String>,
}

impl From<PingRow> for Shown {
    fn from(ping: PingRow) -> Shown {
        Shown {
            id: ping.id.to_string(),
            kind: ping.kind,
            endpoint: ping.endpoint,
            subjects: ping.subjects,
            change: ping.change,
            state: ping.state,
            attempts: ping.attempts,
            status: ping.status,
            answer: ping.answer,
            next_try: ping.next_try.map(rfc3339),
            created: rfc3339(ping.created),
            finished: ping.finished.map(rfc3339),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// A store that fails; a standard output that cannot be written.
pub async fn run(site: &Site, command: &PingsCommand, json: bool) -> anyhow::Result<Exit> {
    match command {
        PingsCommand::List(list) => show(site, list, json).await,
        PingsCommand::Send => send(site, json).await,
    }
}

async fn send(site: &Site, json: bool) -> anyhow::Result<Exit> {
    let report = pings::send(site, site.clock.now()).await?;
    let found = reporting::enter(site, Part::Pings, &report.problems, site.clock.now()).await?;
    if json {
        output::json(&SentDocument {
            pings: &report.pings,
            errors: &report.problems,
        })?;
    } else {
        output::problems(&report.problems);
        output::table(report.pings.iter().map(sent))?;
    }
    Ok(match found.verdict.is_good() {
        true => Exit::Done,
        false => Exit::Failed,
    })
}

/// `https://hub.example.org/  done  202`
fn sent(ping: &PingReport) -> [String; 3] {
    let answer = ping.answer.clone().unwrap_or_default();
    [ping.endpoint.clone(), ping.state.clone(), answer]
}

async fn show(site: &Site, list: &List, json: bool) -> anyhow::Result<Exit> {
    let limit = list.limit.map_or(i64::MAX, i64::from);
    let rows = site.store.pings(list.after, limit).await?;
    let pings: Vec<Shown> = rows.into_iter().map(Shown::from).collect();
    if json {
        output::json(&Document { pings })?;
        return Ok(Exit::Done);
    }
    output::table(pings.iter().map(line))?;
    Ok(Exit::Done)
}

/// `12  2026-11-23T06:00:00Z  done  websub  https://hub.example.org/  https://…/rss.xml  202`
fn line(ping: &Shown) -> [String; 7] {
    let about = match &ping.subjects[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first, more @ ..] => format!("{first} and {} more", more.len()),
    };
    let answer = ping.answer.clone().unwrap_or_default();
    let answer = match &ping.next_try {
        Some(at) => format!("{answer}; next try {at}"),
        None => answer,
    };
    [
        ping.id.clone(),
        ping.created.clone(),
        ping.state.clone(),
        ping.kind.clone(),
        ping.endpoint.clone(),
        about,
        answer,
    ]
}
