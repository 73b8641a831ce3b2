//! `tidings subscribers import` and `export`: whole lists of readers.

use crate::app::Site;
use crate::app::import::{self, Action, ImportReport, Wish};
use crate::cli::output::{self, Exit, WrongUse, count, table};
use crate::files::Draft;
use crate::problem::Problem;
use anyhow::Context;
use clap::Args;
use serde::Serialize;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Args)]
pub struct Import {
    /// CSV with a header: email, and perhaps name and digests
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// For rows that name no digest, instead of all; may be given several times
    #[arg(long, value_name = "DIGEST")]
    pub digest: Vec<String>,
    /// Only say what would be done
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Clone, Args)]
pub struct Export {
    /// Where to write it; standard output unless given
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Only readers of this digest; may be given several times
    #[arg(long, value_name = "DIGEST")]
    pub digest: Vec<String>,
}

#[derive(Serialize)]
struct Exported {
    file: String,
    subscribers: u64,
}

/// Brings in a list. Status 1 where a row could not be used.
///
/// # Errors
/// What is no list; a digest that is not there; a store that fails.
pub(super) async fn import(site: &Site, wanted: &Import, json: bool) -> anyhow::Result<Exit> {
    let wish = Wish {
        digests: wanted.digest.clone(),
        dry_run: wanted.dry_run,
    };
    let report = import::import(site, &wanted.file, &wish).await?;
    if json {
        output::json(&report)?;
    } else {
        print(&report)?;
    }
    Ok(match report.refused {
        0 => Exit::Done,
        _ => Exit::Failed,
    })
}

/// The counts, and every row that was not done as it says.
fn print(report: &ImportReport) -> anyhow::Result<()> {
    let told = report
        .rows
        .iter()
        .filter(|row| row.reason.is_some() || row.action == Action::Refused);
    table(told.map(|row| {
        let reason = row.reason.clone().unwrap_or_default();
        [format!("line {}", row.line), row.action.word().to_owned(), reason]
    }))?;
    output::print(&format!(
        "{} added, {} updated, {} unchanged, {} refused, {} kept out\n",
        report.added, report.updated, report.unchanged, report.refused, report.kept_out
    ))
}

/// Writes a list, to a file that is its owner's alone or to standard output.
///
/// # Errors
/// A file that is there (`file-there`) or cannot be written; `--json` without a file; a store that
/// fails.
pub(super) async fn export(site: &Site, wanted: &Export, json: bool) -> anyhow::Result<Exit> {
    let Some(file) = &wanted.file else {
        if json {
            let problem = Problem::error(
                "export-needs-file",
                "standard output cannot hold list and JSON both",
            );
            return Err(WrongUse(vec![problem.hint("name a FILE")]).into());
        }
        let mut out = BufWriter::new(std::io::stdout());
        import::export(site, &wanted.digest, |line| Ok(out.write_all(line.as_bytes())?)).await?;
        out.flush()?;
        return Ok(Exit::Done);
    };
    if file.exists() {
        return Err(there(file).into());
    }
    let context = || format!("the list {} cannot be written", file.display());
    let mut draft = Draft::beside(file).with_context(context)?;
    let mut out = BufWriter::new(draft.file());
    let subscribers =
        import::export(site, &wanted.digest, |line| Ok(out.write_all(line.as_bytes())?)).await?;
    out.flush().with_context(context)?;
    drop(out);
    match draft.place_new() {
        Err(why) if why.kind() == ErrorKind::AlreadyExists => return Err(there(file).into()),
        other => other.with_context(context)?,
    }
    if json {
        output::json(&Exported {
            file: file.display().to_string(),
            subscribers,
        })?;
    } else {
        output::print(&format!(
            "{} in {}\n",
            count(subscribers, "reader", "readers"),
            file.display()
        ))?;
    }
    Ok(Exit::Done)
}

fn there(file: &Path) -> Problem {
    Problem::error("file-there", "a file of that name is there")
        .file(file)
        .hint("choose another name")
}
