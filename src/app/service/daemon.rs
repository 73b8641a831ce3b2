//! The process around the works: signals, reloading, systemd.

use super::front::Front;
use super::pulse::Pulse;
use super::works::Works;
use super::{log, systemd};
use crate::app::Site;
use crate::config::Config;
use crate::problem::Problem;
use crate::web::health::Health;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};

/// Reads the configuration anew.
pub type Load = Box<dyn Fn() -> Result<Config, Vec<Problem>> + Send + Sync>;

/// A process that goes on until it is told to stop.
pub struct Daemon {
    site: Site,
    load: Load,
    pulse: Arc<Pulse>,
    health: watch::Sender<Health>,
    /// The hub has something to do.
    hub: Arc<Notify>,
    /// `None`: a worker, which only sends what others have planned.
    front: Option<Front>,
    signals: Signals,
}

impl Daemon {
    /// The whole service. It listens already; from here on signals are its own.
    ///
    /// # Errors
    /// Where the system gives no signals, or nothing to listen at (a [`Problem`]).
    pub async fn service(site: Site, load: Load) -> anyhow::Result<Daemon> {
        let mut daemon = Daemon::worker(site, load)?;
        let front = Front::open(&daemon.site, daemon.health.subscribe(), daemon.hub.clone()).await?;
        daemon.front = Some(front);
        Ok(daemon)
    }

    /// A worker.
    ///
    /// # Errors
    /// Where the system gives no signals.
    pub fn worker(site: Site, load: Load) -> anyhow::Result<Daemon> {
        Ok(Daemon {
            site,
            load,
            pulse: Arc::default(),
            health: watch::Sender::default(),
            hub: Arc::default(),
            front: None,
            signals: Signals::new()?,
        })
    }

    /// Where it listens; a worker does not.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.front.as_ref().map(Front::address)
    }

    /// Runs until SIGTERM or SIGINT; reads the configuration again at SIGHUP.
    ///
    /// # Errors
    /// Where a part broke. The store has everything that the next start needs.
    pub async fn run(mut self) -> anyhow::Result<()> {
        let mut works = self.begin();
        systemd::ready();
        let watchdog = systemd::watchdog();
        let ended = loop {
            let event = tokio::select! {
                event = self.signals.next() => event,
                error = works.broken() => break Err(error),
                () = tick(watchdog) => {
                    if self.pulse.beats() {
                        systemd::alive();
                    }
                    continue;
                }
            };
            match event {
                Event::Stop => break Ok(()),
                Event::Reload => works = self.reload(works).await,
            }
        };
        systemd::stopping();
        tracing::info!("stopping");
        let all = async {
            works.end().await;
            if let Some(front) = self.front {
                front.close().await;
            }
        };
        tokio::select! {
            () = all => {}
            // Whoever asks twice means it.
            () = self.signals.stop() => {}
        }
        ended
    }

    fn begin(&self) -> Works {
        let (pulse, health) = (&self.pulse, &self.health);
        match &self.front {
            Some(front) => Works::all(&self.site, front.states(), pulse, health, &self.hub),
            None => Works::only_mail(&self.site, pulse, health),
        }
    }

    /// Goes on with the configuration as it is now; where that cannot be used, with the old one.
    async fn reload(&mut self, works: Works) -> Works {
        systemd::reloading();
        let works = match self.next_site().await {
            Ok(site) => {
                // Nobody ticks while the parts come to their end.
                systemd::alive();
                works.end().await;
                systemd::alive();
                self.site = site;
                tracing::info!("the configuration was read again");
                self.begin()
            }
            Err(problems) => {
                problems.iter().for_each(log);
                tracing::error!("the service goes on with the configuration it had");
                works
            }
        };
        systemd::ready();
        works
    }

    /// The site by the configuration as it is now; requests are answered by that already.
    async fn next_site(&mut self) -> Result<Site, Vec<Problem>> {
        let config = (self.load)()?;
        if config.store != self.site.config.store {
            return Err(vec![other_store(&config)]);
        }
        config.warnings.iter().for_each(log);
        let site = Site {
            config: Arc::new(config),
            ..self.site.clone()
        };
        if let Some(front) = &self.front
            && let Some(elsewhere) = front.reload(&site).await.map_err(|problem| vec![problem])?
            && let Some(before) = self.front.replace(elsewhere)
        {
            before.close().await;
        }
        Ok(site)
    }
}

fn other_store(config: &Config) -> Problem {
    let message = "the store cannot be another one while the service runs";
    Problem::error("reload-store", message)
        .file(&config.file)
        .key("store.url")
        .hint("restart the service, or take the change back")
}

async fn tick(every: Option<Duration>) {
    match every {
        Some(every) => tokio::time::sleep(every).await,
        None => pending().await,
    }
}

/// What a signal asks for.
enum Event {
    Stop,
    Reload,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Event {
        tokio::select! {
            _ = self.terminate.recv() => Event::Stop,
            _ = self.interrupt.recv() => Event::Stop,
            _ = self.hangup.recv() => Event::Reload,
        }
    }

    async fn stop(&mut self) {
        while !matches!(self.next().await, Event::Stop) {}
    }
}
