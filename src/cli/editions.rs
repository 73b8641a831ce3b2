//! `tidings editions list | show | hold | release | drop`: what went out, what is going out, and what did not, and why.

use super::output::{self, Exit};
use crate::app::Site;
use crate::app::editions::{self, EditionView, view};
use crate::store::editions::Edition;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::Write;

#[derive(Debug, Clone, Subcommand)]
pub enum EditionsCommand {
    /// All editions, the newest first
    List(List),
    /// One edition
    Show(Id),
    /// Keep one from going on
    Hold {
        #[command(flatten)]
        id: Id,
        /// Why, for whoever finds it held
        #[arg(long, default_value = "the operator wants it so", value_name = "TEXT")]
        reason: String,
    },
    /// Let a held one go on with the next pass
    Release(Id),
    /// End one: nobody gets it any more, and its articles count as sent
    Drop(Id),
}

#[derive(Debug, Clone, Args)]
pub struct Id {
    /// As weekly/2026-11-30T07:00Z
    #[arg(value_name = "ID")]
    pub id: String,
}

#[derive(Debug, Clone, Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: u32,
    /// Those that come after this one in the list
    #[arg(long, value_name = "ID")]
    pub after: Option<String>,
}

#[derive(Serialize)]
struct Document {
    editions: Vec<EditionView>,
}

/// Runs the command.
///
/// # Errors
/// An edition that is not there, or to be released and not held; those of the database.
pub async fn run(site: &Site, command: &EditionsCommand, json: bool) -> anyhow::Result<Exit> {
    let (rows, long) = match command {
        EditionsCommand::List(args) => (list(site, args).await?, false),
        EditionsCommand::Show(Id { id }) => (vec![editions::named(site, id).await?], true),
        EditionsCommand::Hold { id, reason } => (vec![editions::hold(site, &id.id, reason).await?], false),
        EditionsCommand::Release(Id { id }) => (vec![editions::release(site, id).await?], false),
        EditionsCommand::Drop(Id { id }) => (vec![editions::drop(site, id).await?], false),
    };
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        shown.push(view(&site.store, row).await?);
    }
    if json {
        output::json(&Document { editions: shown })?;
    } else {
        print(&shown, long)?;
    }
    Ok(Exit::Done)
}

async fn list(site: &Site, args: &List) -> anyhow::Result<Vec<Edition>> {
    if let Some(after) = &args.after {
        editions::named(site, after).await?;
    }
    Ok(site
        .store
        .editions(i64::from(args.limit), args.after.as_deref())
        .await?)
}

fn print(editions: &[EditionView], long: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for edition in editions {
        writeln!(out, "{}", line(edition))?;
        if long {
            for article in &edition.articles {
                writeln!(out, "  {}  {}", article.title, article.url)?;
            }
        }
    }
    if editions.is_empty() {
        writeln!(out, "No edition yet.")?;
    }
    Ok(())
}

/// `weekly/2026-11-30T07:00Z  done  3 articles; 12 sent, 1 failed`
fn line(edition: &EditionView) -> String {
    let articles = output::count(edition.articles.len() as u64, "article", "articles");
    let counts = &edition.counts;
    let told: Vec<String> = [
        (counts.sent, "sent"),
        (counts.queued, "queued"),
        (counts.deferred, "deferred"),
        (counts.failed, "failed"),
        (counts.suppressed, "suppressed"),
        (counts.unknown, "unknown"),
        (counts.dropped, "dropped"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, state)| format!("{count} {state}"))
    .collect();
    let why = match (&edition.hold, &edition.reason) {
        (Some(hold), _) => format!("; {}", hold.reason),
        (None, Some(reason)) => format!("; {reason}"),
        (None, None) => String::new(),
    };
    let told = if told.is_empty() {
        "nothing sent".to_owned()
    } else {
        told.join(", ")
    };
    format!("{}  {}  {articles}; {told}{why}", edition.id, edition.state)
}
