//! `tidings serve` and `tidings worker`: what goes on until it is told to stop.

use super::Global;
use super::output::{self, Exit};
use crate::app::Site;
use crate::app::service::{Daemon, Load};
use crate::clock::Clock;
use crate::config::values::StoreUrl;
use crate::config::{Config, environment};
use crate::problem::Problem;
use serde::Serialize;
use std::net::SocketAddr;

/// What is said when it is ready.
#[derive(Serialize)]
struct Ready {
    schema: u32,
    listening: SocketAddr,
}

/// Runs the service until SIGTERM or SIGINT.
///
/// # Errors
/// Where the configuration is wrong, the store cannot be opened, there is nothing to listen at, or a
/// part of the service broke.
pub async fn serve(global: &Global) -> anyhow::Result<Exit> {
    let site = super::site::open(global, Clock::System).await?;
    let daemon = Daemon::service(site, load(global)).await?;
    if let Some(listening) = daemon.address() {
        let ready = Ready { schema: 1, listening };
        output::print(&format!("{}\n", serde_json::to_string(&ready)?))?;
    }
    daemon.run().await?;
    Ok(Exit::Done)
}

/// Runs a worker until SIGTERM or SIGINT.
///
/// # Errors
/// As [`serve`]; a store on SQLite, which has no use for more workers (`worker-sqlite`).
pub async fn worker(global: &Global) -> anyhow::Result<Exit> {
    let site = super::site::open(global, Clock::System).await?;
    refuse_sqlite(&site)?;
    Daemon::worker(site, load(global))?.run().await?;
    Ok(Exit::Done)
}

fn load(global: &Global) -> Load {
    let file = global.config.clone();
    Box::new(move || Config::load(&file, &environment::of_process()))
}

fn refuse_sqlite(site: &Site) -> Result<(), Problem> {
    match &site.config.store {
        StoreUrl::Postgres(_) => Ok(()),
        StoreUrl::Sqlite(_) => Err(Problem::error(
            "worker-sqlite",
            "more workers are of use on PostgreSQL alone: a store on SQLite has one writer",
        )
        .file(&site.config.file)
        .key("store.url")
        .hint("`tidings serve` sends by itself; smtp.connections says over how many connections")),
    }
}
