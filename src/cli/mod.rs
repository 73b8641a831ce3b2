//! The command line: one file a command. Each takes its arguments, calls the library and prints
//! either one JSON document on standard output or lines for people.

pub mod articles;
pub mod global;
pub mod digests;
pub mod editions;
pub mod output;
pub mod site;
pub mod subscribers;

use crate::clock::Clock;
use clap::{Parser, Subcommand};
pub use global::Global;
use output::Exit;
use std::process::ExitCode;

/// Turns a site's new articles into feeds, e-mail digests and pings.
#[derive(Debug, Parser)]
#[command(
    name = "tidings",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at articles, and decide what becomes of them
    #[command(subcommand)]
    Articles(articles::Articles),
    /// Look at who reads
    #[command(subcommand)]
    Subscribers(subscribers::SubscribersCommand),
}

/// Runs a command to its end.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    output::start_log(&cli.global);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("tidings: {error}");
            return Exit::Failed.into();
        }
    };
    // Spawned, not blocked on: the store's statements run better on a worker thread.
    let done = runtime.block_on(async { tokio::spawn(dispatch(cli)).await });
    match done {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(error)) => output::failed(&error).into(),
        Err(error) => {
            eprintln!("tidings: a bug: {error}");
            Exit::Failed.into()
        }
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<Exit> {
    match cli.command {
        Command::Articles(command) => articles::run(command, &cli.global).await,
        Command::Subscribers(command) => {
            let site = site::open(&cli.global, Clock::System).await?;
            subscribers::run(&site, &command, cli.global.json).await
        }
    }
}
