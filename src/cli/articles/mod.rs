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
pub enum ArticlesCommand {
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
pub async fn run(global: &Global, command: &ArticlesCommand) -> anyhow::Result<Exit> {
    if let ArticlesCommand::Extract(files) = command {
        return extract::run(global, files);
    }
    let (site, json) = (&site::open(global, Clock::System).await?, global.json);
    match command {
        ArticlesCommand::Extract(files) => extract::run(global, files),
        ArticlesCommand::List(which) => list::run(site, which, json).await,
        ArticlesCommand::Explain(one) => explain::run(site, one, json).await,
        ArticlesCommand::Seen(ids) => announcing::seen(site, ids, json).await,
        ArticlesCommand::Unsee(ids) => announcing::unsee(site, ids, json).await,
        ArticlesCommand::Release(of) => announcing::release(site, of, json).await,
    }
}
