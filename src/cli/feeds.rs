//! `tidings feeds`: what is published, and who reads it.

use super::output::{self, Exit};
use crate::app::Site;
use crate::clock::{Instant, from_seconds, rfc3339};
use crate::feeds::Format;
use crate::store::feed_readers::ReaderRow;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Subcommand)]
pub enum FeedsCommand {
    /// List the published documents
    List(List),
    /// Say how many read each, by day
    Stats(Stats),
}

#[derive(Debug, Clone, Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Those that come after this one
    #[arg(long, value_name = "PATH")]
    pub after: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub struct Stats {
    /// One document, as rss.xml or category/boats/atom.xml
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
    /// The last days, today among them
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(i64).range(1..=400))]
    pub days: i64,
    /// At most so many documents
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Those that come after this one
    #[arg(long, value_name = "PATH")]
    pub after: Option<String>,
}

#[derive(Serialize)]
struct Documents {
    feeds: Vec<Document>,
}

#[derive(Serialize)]
struct Document {
    path: String,
    url: String,
    #[serde(rename = "type")]
    media_type: &'static str,
    changed: String,
}

#[derive(Serialize)]
struct Readerships {
    feeds: Vec<Readership>,
}

/// Who reads a document.
#[derive(Serialize)]
struct Readership {
    path: String,
    url: String,
    days: Vec<Day>,
}

#[derive(Serialize)]
struct Day {
    day: String,
    /// All of them together.
    subscribers: i64,
    /// Those who fetch it themselves.
    direct: i64,
    requests: i64,
    services: Vec<Service>,
}

#[derive(Serialize)]
struct Service {
    name: String,
    subscribers: i64,
    requests: i64,
}

/// Runs the command.
///
/// # Errors
/// A store that fails; a standard output that cannot be written.
pub async fn run(site: &Site, command: &FeedsCommand, json: bool) -> anyhow::Result<Exit> {
    match command {
        FeedsCommand::List(wanted) => list(site, wanted, json).await,
        FeedsCommand::Stats(wanted) => stats(site, wanted, json).await,
    }
}

async fn list(site: &Site, wanted: &List, json: bool) -> anyhow::Result<Exit> {
    let rows = site.store.feed_rows().await?;
    let rows = rows
        .into_iter()
        .filter(|row| follows(&row.path, wanted.after.as_deref()));
    let feeds: Vec<Document> = rows
        .take(wanted.limit.unwrap_or(usize::MAX))
        .map(|row| Document {
            url: url(site, &row.path),
            media_type: Format::of(&row.path).map_or("application/octet-stream", Format::media_type),
            changed: rfc3339(row.changed),
            path: row.path,
        })
        .collect();
    if json {
        output::json(&Documents { feeds })?;
    } else {
        output::table(feeds.into_iter().map(|feed| [feed.changed, feed.url]))?;
    }
    Ok(Exit::Done)
}

async fn stats(site: &Site, wanted: &Stats, json: bool) -> anyhow::Result<Exit> {
    let from = crate::web::readership::day(site.clock.now()) - wanted.days + 1;
    let rows = site.store.feed_readers(from).await?.into_iter().filter(|row| {
        let named = wanted.path.as_ref().is_none_or(|path| *path == row.path);
        named && follows(&row.path, wanted.after.as_deref())
    });
    let mut feeds = readerships(rows, site);
    feeds.truncate(wanted.limit.unwrap_or(usize::MAX));
    if json {
        output::json(&Readerships { feeds })?;
    } else {
        output::table(
            feeds
                .iter()
                .flat_map(|feed| feed.days.iter().map(|day| line(feed, day))),
        )?;
    }
    Ok(Exit::Done)
}

fn follows(path: &str, after: Option<&str>) -> bool {
    after.is_none_or(|after| path > after)
}

/// By path, each with its days.
fn readerships(rows: impl Iterator<Item = ReaderRow>, site: &Site) -> Vec<Readership> {
    let mut feeds: BTreeMap<String, BTreeMap<i64, Day>> = BTreeMap::new();
    for row in rows {
        let days = feeds.entry(row.path).or_default();
        let day = days.entry(row.day).or_insert_with(|| Day {
            day: date(from_seconds(row.day * 86_400)),
            subscribers: 0,
            direct: 0,
            requests: 0,
            services: Vec::new(),
        });
        day.subscribers += row.readers;
        day.requests += row.requests;
        match day.services.last_mut() {
            _ if row.service.is_empty() => day.direct += row.readers,
            // Under several ids, which come one after the other.
            Some(last) if last.name == row.service => {
                last.subscribers += row.readers;
                last.requests += row.requests;
            }
            _ => day.services.push(Service {
                name: row.service,
                subscribers: row.readers,
                requests: row.requests,
            }),
        }
    }
    let readership = |(path, days): (String, BTreeMap<i64, Day>)| Readership {
        url: url(site, &path),
        path,
        days: days.into_values().collect(),
    };
    feeds.into_iter().map(readership).collect()
}

/// `2026-11-30  rss.xml  52 subscribers  10 direct  Feedly 42`
fn line(feed: &Readership, day: &Day) -> [String; 5] {
    let services = day.services.iter();
    let services: Vec<String> = services
        .map(|service| format!("{} {}", service.name, service.subscribers))
        .collect();
    [
        day.day.clone(),
        feed.path.clone(),
        output::count(day.subscribers.unsigned_abs(), "subscriber", "subscribers"),
        format!("{} direct", day.direct),
        services.join(", "),
    ]
}

fn date(day: Instant) -> String {
    day.format("%Y-%m-%d").to_string()
}

fn url(site: &Site, path: &str) -> String {
    let feeds = &site.config.feeds.url;
    feeds.join(path).unwrap_or_else(|_| feeds.clone()).to_string()
}
