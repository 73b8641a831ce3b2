//! `tidings articles …`: one file a subcommand.

pub mod announcing;
pub mod explain;
pub mod extract;
pub mod list;

use super::Global;
use super::output::Exit;
use super::site;
use crate::clock::Clock;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Articles {
    /// Show what a source would make of files
    Extract(extract::Extract),
    /// List the articles, newest first
    List(list::List),
    /// Tell what has become of an article, and why
    Explain(explain::Explain),
    /// Keep articles out of editions that are not filled yet
    Seen(announcing::Ids),
    /// Undo `seen`; an article that was never announced is announced now
    Unsee(announcing::Ids),
    /// Announce held articles
    Release(announcing::Of),
}

/// Runs one of them.
///
/// # Errors
/// As each of them.
pub async fn run(command: Articles, global: &Global) -> anyhow::Result<Exit> {
    if let Articles::Extract(arguments) = &command {
        return extract::run(arguments, global);
    }
    let (site, json) = (site::open(global, Clock::System).await?, global.json);
    match command {
        Articles::Extract(arguments) => extract::run(&arguments, global),
        Articles::List(arguments) => list::run(&site, &arguments, json).await,
        Articles::Explain(arguments) => explain::run(&site, &arguments, json).await,
        Articles::Seen(ids) => announcing::seen(&site, &ids, json).await,
        Articles::Unsee(ids) => announcing::unsee(&site, &ids, json).await,
        Articles::Release(of) => announcing::release(&site, &of, json).await,
    }
}
