//! `tidings subscribers`: who reads what, and how far they are; bringing readers in and taking them
//! out.

mod lists;

use super::output::{self, Exit, table};
use crate::app::{Site, import};
use crate::clock::rfc3339;
use crate::store::subscribers::{Subscriber, Subscription};
use clap::{Args, Subcommand};
use serde::Serialize;

#[derive(Debug, Clone, Subcommand)]
pub enum SubscribersCommand {
    /// List the subscribers in the order they came
    List(List),
    /// Show one subscriber
    Show(Show),
    /// Bring in the readers of a CSV file; nobody who left, bounced or complained comes back
    Import(lists::Import),
    /// Write those who get mail now as a CSV file that import takes
    Export(lists::Export),
    /// Subscribe one reader
    Add(Add),
    /// Unsubscribe one reader; no list brings them back
    Remove(Remove),
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

#[derive(Debug, Clone, Args)]
pub struct Add {
    /// An e-mail address
    #[arg(value_name = "ADDRESS")]
    pub who: String,
    /// As mails call them
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub name: String,
    /// Only to this digest; may be given several times
    #[arg(long, value_name = "DIGEST")]
    pub digest: Vec<String>,
}

#[derive(Debug, Clone, Args)]
pub struct Remove {
    /// An e-mail address, or an id
    #[arg(value_name = "SUBSCRIBER")]
    pub who: String,
    /// Only from this digest; may be given several times
    #[arg(long, value_name = "DIGEST")]
    pub digest: Vec<String>,
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
        SubscribersCommand::Show(show) => vec![import::named(site, &show.who).await?],
        SubscribersCommand::Add(add) => vec![import::add(site, &add.who, &add.name, &add.digest).await?],
        SubscribersCommand::Remove(remove) => {
            vec![import::remove(site, &remove.who, &remove.digest).await?]
        }
        SubscribersCommand::Import(wanted) => return lists::import(site, wanted, json).await,
        SubscribersCommand::Export(wanted) => return lists::export(site, wanted, json).await,
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
