//! `tidings subscribers list` and `show`: who reads what, and how far they are.

use super::output::{self, Exit, table};
use crate::app::{Site, unknown};
use crate::clock::rfc3339;
use crate::store::subscribers::{Subscriber, Subscription};
use crate::subscribers::address::Address;
use clap::{Args, Subcommand};
use serde::Serialize;

#[derive(Debug, Clone, Subcommand)]
pub enum SubscribersCommand {
    /// List the subscribers in the order they came
    List(List),
    /// Show one subscriber
    Show(Show),
}

#[derive(Debug, Clone, Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Those that come after this one
    #[arg(long, value_name = "ID")]
    pub after: Option<i64>,
}

#[derive(Debug, Clone, Args)]
pub struct Show {
    /// An e-mail address, or an id
    #[arg(value_name = "SUBSCRIBER")]
    pub who: String,
}

#[derive(Serialize)]
struct Document {
    subscribers: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    address: String,
    name: Option<String>,
    address_state: String,
    subscriptions: Vec<SubscriptionRow>,
    created: String,
}

#[derive(Serialize)]
struct SubscriptionRow {
    digest: String,
    standing: String,
    cadence: String,
    cursor: i64,
}

/// Runs the command.
///
/// # Errors
/// Somebody who is not there; a store that fails.
pub async fn run(site: &Site, command: &SubscribersCommand, json: bool) -> anyhow::Result<Exit> {
    let found = match command {
        SubscribersCommand::List(list) => {
            let limit = list.limit.map_or(i64::MAX, i64::from);
            site.store.subscribers(list.after.unwrap_or(0), limit).await?
        }
        SubscribersCommand::Show(show) => vec![named(site, &show.who).await?],
    };
    if json {
        output::json(&Document {
            subscribers: found.into_iter().map(row).collect(),
        })?;
    } else {
        table(found.iter().map(line))?;
    }
    Ok(Exit::Done)
}

async fn named(site: &Site, who: &str) -> anyhow::Result<Subscriber> {
    let key = Address::parse(who).map_or_else(|_| who.to_owned(), |address| address.key());
    let found = site.store.subscriber(&key, who.parse().ok()).await?;
    found.ok_or_else(|| unknown::subscriber(who).into())
}

fn row(subscriber: Subscriber) -> Row {
    Row {
        id: subscriber.id.to_string(),
        address: subscriber.address,
        name: (!subscriber.name.is_empty()).then_some(subscriber.name),
        address_state: subscriber.address_state,
        subscriptions: subscriber.subscriptions.into_iter().map(subscription).collect(),
        created: rfc3339(subscriber.created),
    }
}

fn subscription(of: Subscription) -> SubscriptionRow {
    SubscriptionRow {
        digest: of.digest,
        standing: of.standing,
        cadence: of.cadence,
        cursor: of.cursor,
    }
}

fn line(subscriber: &Subscriber) -> [String; 4] {
    let standings: Vec<String> = subscriber
        .subscriptions
        .iter()
        .map(|of| format!("{} {}", of.digest, of.standing))
        .collect();
    let address = match subscriber.address_state.as_str() {
        "good" => subscriber.address.clone(),
        state => format!("{} ({state})", subscriber.address),
    };
    [
        subscriber.id.to_string(),
        address,
        subscriber.name.clone(),
        standings.join(", "),
    ]
}
