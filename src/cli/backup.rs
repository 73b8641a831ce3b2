//! `tidings backup` and `tidings restore`.

use super::output::{self, Exit, WrongUse};
use super::{Global, site};
use crate::app::Site;
use crate::app::backup::restore::{self, RestoreReport};
use crate::app::backup::{self, BackupReport, TableReport};
use crate::clock::{Clock, Instant};
use crate::config::environment;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Clone, Args)]
pub struct Backup {
    /// Where to write it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Also in place of a file that is there
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Clone, Args)]
pub struct Restore {
    /// A file that `tidings backup` has made
    #[arg(value_name = "FILE", required_unless_present = "accept")]
    pub file: Option<PathBuf>,
    /// Count everything that is published now as sent, and let mail go on
    #[arg(long)]
    pub accept: bool,
    /// As if it were then (RFC 3339)
    #[arg(long, value_name = "INSTANT", value_parser = output::instant)]
    pub at: Option<Instant>,
}

#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    restored: Option<RestoreReport>,
    accepted: bool,
    /// Whether no reader gets mail still.
    held: bool,
}

/// Makes a backup.
///
/// # Errors
/// A file that is there or cannot be written; a store that fails.
pub async fn backup(site: &Site, wanted: &Backup, json: bool, quiet: bool) -> anyhow::Result<Exit> {
    let report = backup::run(site, &wanted.file, wanted.overwrite).await?;
    if json {
        output::json(&report)?;
    } else if !quiet {
        output::print(&told(&report))?;
    }
    Ok(Exit::Done)
}

fn told(report: &BackupReport) -> String {
    format!(
        "{}: {} bytes, as of {}\nthe store: {}\nfiles: {}\n\
         It holds the secret (key {}): keep it where nobody else can read it.\n",
        report.file,
        report.bytes,
        report.made,
        rows(&report.tables),
        report.files.join(", "),
        report.key_id
    )
}

/// `12 articles, 3 subscribers`: the tables with anything in them.
fn rows(tables: &[TableReport]) -> String {
    let some = tables.iter().filter(|table| table.rows > 0);
    let some: Vec<String> = some
        .map(|table| format!("{} {}", table.rows, table.name))
        .collect();
    some.join(", ")
}

/// Restores a backup, accepts one that was restored, or both.
///
/// # Errors
/// What is no whole backup, a store that is there, sources that cannot be read; a store that fails.
pub async fn restore(global: &Global, wanted: &Restore) -> anyhow::Result<Exit> {
    let clock = wanted.at.map_or(Clock::System, Clock::Fixed);
    let mut restored = None;
    if let Some(file) = &wanted.file {
        let report = restore::run(&global.config, &environment::of_process(), clock, file).await?;
        restored = Some(report.map_err(WrongUse)?);
    }
    let site = site::open(global, clock).await?;
    let accepted = wanted.accept && restore::accept(&site).await?;
    let held = restore::held(&site).await?;
    if global.json {
        output::json(&Document {
            restored,
            accepted,
            held: held.is_some(),
        })?;
        return Ok(Exit::Done);
    }
    if global.quiet {
        return Ok(Exit::Done);
    }
    if let Some(report) = &restored {
        output::print(&told_restored(report))?;
    }
    output::print(match (held, accepted) {
        (Some(_), _) => {
            "No reader gets mail until you accept that what was sent since the backup is not known:\n\
             tidings restore --accept\n"
        }
        (None, true) => {
            "Everything that is published now counts as sent. Mail goes on with what comes next.\n"
        }
        (None, false) => "Nothing was held.\n",
    })?;
    Ok(Exit::Done)
}

fn told_restored(report: &RestoreReport) -> String {
    let mut text = format!(
        "restored from {}, as of {}: {}\n",
        report.file,
        report.made,
        rows(&report.tables)
    );
    for (what, files) in [("written", &report.written), ("left as it was", &report.left)] {
        for file in files {
            text.push_str(&format!("{what}: {file}\n"));
        }
    }
    text.push_str(
        "Not known is what happened since: who was mailed, and who left (they are subscribed again).\n",
    );
    text
}
