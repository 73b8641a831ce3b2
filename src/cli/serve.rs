//! `tidings serve` and `tidings worker`: what goes on until it is told to stop.

use super::Global;
use super::output::{self, Exit};
use crate::app::Site;
use crate::app::service::{Daemon, Load};
use crate::clock::Clock;
use crate::config::values::StoreUrl;
use crate::config::{Config, environment};
use crate::problem::Problem;
use crate::web::metrics::Metrics;
use serde::Serialize;
use std::future::pending;
use std::net::SocketAddr;

/// What is said when it is ready.
#[derive(Serialize)]
struct Ready {
    schema: u32,
    listening: SocketAddr,
    /// Where metrics are shown.
    metrics: Option<SocketAddr>,
}

/// Runs the service until SIGTERM or SIGINT.
///
/// # Errors
/// Where the configuration is wrong, the store cannot be opened, there is nothing to listen at, or a
/// part of the service broke.
pub async fn serve(global: &Global) -> anyhow::Result<Exit> {
    let site = super::site::open(global, Clock::System).await?;
    let shown = metrics_of(&site).await?;
    let daemon = Daemon::service(site.clone(), load(global)).await?;
    if let Some(listening) = daemon.address() {
        let ready = Ready {
            schema: 1,
            listening,
            metrics: shown.as_ref().map(Metrics::address),
        };
        output::print(&format!("{}\n", serde_json::to_string(&ready)?))?;
    }
    watched(&site, shown, daemon).await
}

/// Runs a worker until SIGTERM or SIGINT.
///
/// # Errors
/// As [`serve`]; a store on SQLite, which has no use for more workers (`worker-sqlite`).
pub async fn worker(global: &Global) -> anyhow::Result<Exit> {
    let site = super::site::open(global, Clock::System).await?;
    refuse_sqlite(&site)?;
    let shown = metrics_of(&site).await?;
    let daemon = Daemon::worker(site.clone(), load(global))?;
    watched(&site, shown, daemon).await
}

/// The listener for metrics, where there is to be one.
async fn metrics_of(site: &Site) -> Result<Option<Metrics>, Problem> {
    let Some(listen) = site.config.metrics else {
        return Ok(None);
    };
    let bound = Metrics::bind(listen).await;
    bound.map(Some).map_err(|problem| problem.file(&site.config.file))
}

/// Runs the daemon to its end, and shows metrics meanwhile.
async fn watched(site: &Site, shown: Option<Metrics>, daemon: Daemon) -> anyhow::Result<Exit> {
    let showing = shown.map(|shown| tokio::spawn(shown.run(site.store.clone(), site.clock, pending())));
    let ended = daemon.run().await;
    if let Some(showing) = showing {
        showing.abort();
    }
    ended.map(|()| Exit::Done)
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
