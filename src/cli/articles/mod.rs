//! `tidings articles …`: one file a subcommand.

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
}

/// Runs one of them.
///
/// # Errors
/// As each of them.
pub async fn run(command: Articles, global: &Global) -> anyhow::Result<Exit> {
    match command {
        Articles::Extract(arguments) => extract::run(&arguments, global),
        Articles::List(arguments) => {
            let site = site::open(global, Clock::System).await?;
            list::run(&site, &arguments, global.json).await
        }
        Articles::Explain(arguments) => {
            let site = site::open(global, Clock::System).await?;
            explain::run(&site, &arguments, global.json).await
        }
    }
}
