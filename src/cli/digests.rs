//! `tidings digests next`: when the next editions come, with what in them, to how many.

use super::output::{self, Exit};
use crate::app::editions::{NextSlot, next_slots};
use crate::app::{Site, unknown};
use crate::clock::Instant;
use crate::config::Digest;
use crate::problem::Problem;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::Write;

#[derive(Debug, Clone, Subcommand)]
pub enum DigestsCommand {
    /// When the next editions come, with what in them, to how many
    Next(Next),
}

#[derive(Debug, Clone, Args)]
pub struct Next {
    /// Only this digest
    #[arg(value_name = "DIGEST")]
    pub digest: Option<String>,
    /// Slots after this instant (RFC 3339); default: now
    #[arg(long, value_name = "INSTANT", value_parser = output::instant)]
    pub from: Option<Instant>,
    /// So many slots of each digest
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub count: u16,
}

#[derive(Serialize)]
struct Document {
    slots: Vec<NextSlot>,
}

/// Runs the command.
///
/// # Errors
/// A digest that is not in the configuration; those of the database.
pub async fn run(site: &Site, command: &DigestsCommand, json: bool) -> anyhow::Result<Exit> {
    let DigestsCommand::Next(next) = command;
    let digests = chosen(&site.config.digests, next.digest.as_deref())?;
    let after = next.from.unwrap_or_else(|| site.clock.now());
    let slots = next_slots(&site.store, &digests, after, usize::from(next.count)).await?;
    if json {
        output::json(&Document { slots })?;
    } else {
        print(&slots)?;
    }
    Ok(Exit::Done)
}

fn chosen<'a>(digests: &'a [Digest], name: Option<&str>) -> Result<Vec<&'a Digest>, Problem> {
    let found: Vec<&Digest> = digests
        .iter()
        .filter(|digest| name.is_none_or(|name| digest.name == name))
        .collect();
    match name {
        Some(name) if found.is_empty() => Err(unknown::digest(name, digests)),
        _ => Ok(found),
    }
}

fn print(slots: &[NextSlot]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for slot in slots {
        let articles = output::count(slot.articles as u64, "article", "articles");
        let readers = output::count(slot.recipients.unsigned_abs(), "reader", "readers");
        let planned = match (&slot.edition, &slot.hold) {
            (Some(_), Some(hold)) => format!("; planned and held: {}", hold.reason),
            (Some(_), None) => "; planned".to_owned(),
            (None, _) => String::new(),
        };
        writeln!(
            out,
            "{}  {}  {articles} to {readers} as things stand{planned}",
            slot.local, slot.digest
        )?;
    }
    if slots.is_empty() {
        writeln!(out, "No slot comes.")?;
    }
    Ok(())
}
