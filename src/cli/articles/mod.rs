//! `tidings articles …`: one file a subcommand.

pub mod extract;

use super::Global;
use super::output::Exit;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Articles {
    /// Show what a source would make of files
    Extract(extract::Extract),
}

/// Runs one of them.
///
/// # Errors
/// As each of them.
pub async fn run(command: Articles, global: &Global) -> anyhow::Result<Exit> {
    match command {
        Articles::Extract(arguments) => extract::run(&arguments, global),
    }
}
