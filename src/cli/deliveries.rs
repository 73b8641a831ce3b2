//! `tidings deliveries`: what became of each mail.

use super::output::{self, Exit};
use crate::app::Site;
use crate::app::delivery::{self, Shown};
use crate::app::retry::{RETRIED, retry};
use crate::store::deliveries::Wanted;
use crate::store::retry::Again;
use clap::{Args, Subcommand};
use serde::Serialize;

#[derive(Debug, Subcommand)]
pub enum DeliveriesCommand {
    /// List the mails, one line a reader and edition
    List(List),
    /// Try deliveries again with the next pass: those that are deferred, unless told otherwise
    Retry(Retry),
}

#[derive(Debug, Args)]
pub struct Retry {
    /// Of one edition, as weekly/2026-11-30T07:00Z
    #[arg(long, value_name = "EDITION")]
    pub edition: Option<String>,
    /// In this state; `unknown` ones may arrive twice. Default: deferred, of those named by id failed too
    #[arg(long, value_name = "STATE", value_parser = RETRIED)]
    pub state: Option<String>,
    /// To addresses of one domain
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// With one SMTP reply code
    #[arg(long, value_name = "CODE")]
    pub code: Option<u16>,
    /// These alone
    #[arg(value_name = "ID", conflicts_with_all = ["edition", "domain", "code"])]
    pub ids: Vec<i64>,
}

#[derive(Debug, Args)]
pub struct List {
    /// Of one edition, as weekly/2026-11-30T07:00Z
    #[arg(long, value_name = "EDITION")]
    pub edition: Option<String>,
    /// In one state
    #[arg(long, value_name = "STATE", value_parser = STATES)]
    pub state: Option<String>,
    /// To addresses of one domain
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// With one SMTP reply code
    #[arg(long, value_name = "CODE")]
    pub code: Option<u16>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Those that come after this one
    #[arg(long, value_name = "ID", default_value_t = 0)]
    pub after: i64,
}

const STATES: [&str; 8] = [
    "queued",
    "sending",
    "sent",
    "deferred",
    "failed",
    "suppressed",
    "unknown",
    "dropped",
];

#[derive(Serialize)]
struct Document {
    deliveries: Vec<Shown>,
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be read or standard output cannot be written.
pub async fn run(site: &Site, command: &DeliveriesCommand, json: bool) -> anyhow::Result<Exit> {
    let list = match command {
        DeliveriesCommand::List(list) => list,
        DeliveriesCommand::Retry(retry) => return try_again(site, retry, json).await,
    };
    let wanted = Wanted {
        edition: list.edition.clone(),
        state: list.state.clone(),
        domain: list.domain.clone(),
        code: list.code.map(i64::from),
        after: list.after,
        limit: list.limit.map_or(i64::MAX, i64::from),
    };
    let deliveries = delivery::list(site, &wanted).await?;
    if json {
        output::json(&Document { deliveries })?;
    } else {
        output::print(&for_people(&deliveries, list.limit))?;
    }
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Retried {
    retried: u64,
}

async fn try_again(site: &Site, args: &Retry, json: bool) -> anyhow::Result<Exit> {
    let states = match (&args.state, args.ids.is_empty()) {
        (Some(state), _) => vec![state.clone()],
        (None, true) => vec!["deferred".to_owned()],
        (None, false) => vec!["deferred".to_owned(), "failed".to_owned()],
    };
    let again = Again {
        states,
        edition: args.edition.clone(),
        domain: args.domain.clone(),
        code: args.code.map(i64::from),
        ids: args.ids.clone(),
    };
    let retried = retry(site, &again).await?;
    if json {
        output::json(&Retried { retried })?;
    } else {
        let deliveries = output::count(retried, "delivery is", "deliveries are");
        output::print(&format!("{deliveries} tried again with the next pass\n"))?;
    }
    Ok(Exit::Done)
}

fn for_people(deliveries: &[Shown], limit: Option<u32>) -> String {
    let mut lines = Vec::new();
    if deliveries.is_empty() {
        lines.push("no such deliveries".to_owned());
    }
    for delivery in deliveries {
        let edition = delivery.edition.as_deref().unwrap_or(&delivery.kind);
        let address = delivery.address.as_deref().unwrap_or("-");
        lines.push(format!(
            "{:>6}  {:<10} {address}  {edition}",
            delivery.id, delivery.state
        ));
        let reply = delivery.reply.as_deref().filter(|_| delivery.state != "sent");
        if let Some(reply) = reply {
            lines.push(format!("        {reply}"));
        }
        if let Some(next_try) = &delivery.next_try {
            lines.push(format!(
                "        next try {next_try}, after {} so far",
                delivery.attempts
            ));
        }
    }
    let is_full = limit.is_some_and(|limit| deliveries.len() >= limit as usize);
    if let Some(last) = deliveries.last().filter(|_| is_full) {
        lines.push(format!("more: --after {}", last.id));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}
