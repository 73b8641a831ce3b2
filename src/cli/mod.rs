//! The command line: one file a command. Each takes its arguments, calls the library and prints
//! either one JSON document on standard output or lines for people.

pub mod articles;
pub mod backup;
pub mod check;
pub mod deliveries;
pub mod digests;
pub mod editions;
pub mod feeds;
mod global;
pub mod init;
pub mod manual;
pub mod output;
pub mod pings;
pub mod publish;
pub mod serve;
pub mod site;
pub mod subscribers;

use crate::app::Site;
use crate::clock::Clock;
use clap::{CommandFactory, Parser, Subcommand};
pub use global::Global;
use output::Exit;
use std::process::ExitCode;
use tokio::runtime::{Builder, Runtime};

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
    /// Make a new site: configuration, templates, a first article
    Init(init::Init),
    /// One pass: read the sources, write feeds, make and send what is due, ping
    Publish(publish::Publish),
    /// Run for ever: passes when they are due, mail, pings
    Serve,
    /// Run for ever, and only send what others have planned (PostgreSQL)
    Worker,
    /// Say what is wrong before a pass meets it
    Check(check::Check),
    /// Look at articles, and decide what becomes of them
    #[command(subcommand)]
    Articles(articles::ArticlesCommand),
    /// When the next editions go out
    #[command(subcommand)]
    Digests(digests::DigestsCommand),
    /// What went out, and what did not, and why
    #[command(subcommand)]
    Editions(editions::EditionsCommand),
    /// What became of each mail
    #[command(subcommand)]
    Deliveries(deliveries::DeliveriesCommand),
    /// Look at the subscribers, and how far each has got
    #[command(subcommand)]
    Subscribers(subscribers::SubscribersCommand),
    /// Look at what is published, and how many read it
    #[command(subcommand)]
    Feeds(feeds::FeedsCommand),
    /// Look at the pings, and how each was answered
    #[command(subcommand)]
    Pings(pings::PingsCommand),
    /// Write store, secret, configuration and templates to one file
    Backup(backup::Backup),
    /// Make the store again from a backup
    Restore(backup::Restore),
    /// Print a script that completes commands and options in a shell
    Completions(manual::Completions),
    /// Write a manual page for each command
    Man(manual::Man),
}

/// Runs a command to its end.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let goes_on = matches!(cli.command, Command::Serve | Command::Worker);
    output::start_log(&cli.global, goes_on);
    let json = cli.global.json;
    let runtime = match runtime(&cli.command) {
        Ok(runtime) => runtime,
        Err(error) => {
            output::tell(&error);
            return Exit::Failed.into();
        }
    };
    // Spawned, not blocked on: the store's statements run better on a worker thread.
    let done = runtime.block_on(async { tokio::spawn(dispatch(cli)).await });
    match done {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(error)) => output::failed(&error, json).into(),
        Err(error) => {
            output::tell(&format_args!("a bug: {error}"));
            Exit::Failed.into()
        }
    }
}

/// Of each thread, in bytes; what is not used is not taken.
const STACK: usize = 8 * 1024 * 1024;

/// What does little but send is fastest on one thread: mails on many connections wake each other less
/// often across threads, which is a sixth of the processor time of a mail. Files are read, and the
/// store works, on threads beside it. Where HTTP is answered too, a turn must not keep that waiting.
fn runtime(command: &Command) -> std::io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    // Templates are rendered by a parser that calls itself, deep within a pass.
    builder.thread_stack_size(STACK);
    if matches!(command, Command::Publish(_) | Command::Worker) {
        builder.worker_threads(1);
    }
    builder.enable_all().build()
}

async fn dispatch(cli: Cli) -> anyhow::Result<Exit> {
    let global = &cli.global;
    let json = global.json;
    match &cli.command {
        Command::Init(init) => init::run(init, json, global.quiet).await,
        Command::Backup(wanted) => backup::backup(&opened(global).await?, wanted, json, global.quiet).await,
        Command::Restore(wanted) => backup::restore(global, wanted).await,
        Command::Completions(wanted) => manual::completions(wanted, Cli::command()),
        Command::Man(wanted) => manual::man(wanted, Cli::command(), global.quiet),
        Command::Publish(publish) => publish::run(global, publish).await,
        Command::Serve => serve::serve(global).await,
        Command::Worker => serve::worker(global).await,
        Command::Check(check) => check::run(global, check).await,
        Command::Articles(command) => articles::run(global, command).await,
        Command::Digests(command) => digests::run(&opened(global).await?, command, json).await,
        Command::Editions(command) => editions::run(&opened(global).await?, command, json).await,
        Command::Deliveries(command) => deliveries::run(&opened(global).await?, command, json).await,
        Command::Subscribers(command) => subscribers::run(&opened(global).await?, command, json).await,
        Command::Feeds(command) => feeds::run(&opened(global).await?, command, json).await,
        Command::Pings(command) => pings::run(&opened(global).await?, command, json).await,
    }
}

async fn opened(global: &Global) -> anyhow::Result<Site> {
    site::open(global, Clock::System).await
}
