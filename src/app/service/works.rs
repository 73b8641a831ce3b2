//! The parts of a service, started and stopped together.

use super::pulse::Pulse;
use super::turns::Turns;
use super::watching::Watching;
use super::{hubbing, mail, pinging, rounds};
use crate::app::Site;
use crate::delivery::stop::Stop;
use crate::web::State;
use crate::web::health::Health;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

/// What has begun gets so long to end by itself; all of it can be carried on by the next start.
const LONGEST_END: Duration = Duration::from_secs(25);

/// Running parts.
pub(super) struct Works {
    stop: Stop,
    parts: JoinSet<()>,
    _watching: Option<Watching>,
}

impl Works {
    /// Everything a service does; `hub` is told when the hub may have something to do.
    pub(super) fn all(
        site: &Site,
        served: watch::Receiver<Arc<State>>,
        pulse: &Arc<Pulse>,
        health: &watch::Sender<Health>,
        hub: &Arc<Notify>,
    ) -> Works {
        let stop = Stop::default();
        let (filled, more) = watch::channel(());
        let changed = Arc::new(Notify::new());
        let planned = Arc::new(Notify::new());
        let turns = Turns {
            site: site.clone(),
            stop: stop.clone(),
            pulse: pulse.clone(),
            changed: changed.clone(),
            filled,
            planned: planned.clone(),
            written: hub.clone(),
            served,
        };
        let mut parts = JoinSet::new();
        parts.spawn(turns.run());
        parts.spawn(pinging::run(site.clone(), planned, stop.clone(), pulse.clone()));
        parts.spawn(hubbing::run(
            site.clone(),
            hub.clone(),
            stop.clone(),
            pulse.clone(),
        ));
        let watching = Watching::begin(&site.config, changed);
        Works {
            _watching: Some(watching),
            ..Works::with_mail(site, pulse, health, stop, parts, more)
        }
    }

    /// Only what a worker does: mail that others have planned.
    pub(super) fn only_mail(site: &Site, pulse: &Arc<Pulse>, health: &watch::Sender<Health>) -> Works {
        let (_, more) = watch::channel(());
        Works::with_mail(site, pulse, health, Stop::default(), JoinSet::new(), more)
    }

    fn with_mail(
        site: &Site,
        pulse: &Arc<Pulse>,
        health: &watch::Sender<Health>,
        stop: Stop,
        mut parts: JoinSet<()>,
        more: watch::Receiver<()>,
    ) -> Works {
        parts.spawn(mail::run(site.clone(), more, stop.clone(), pulse.clone()));
        parts.spawn(rounds::run(
            site.clone(),
            stop.clone(),
            pulse.clone(),
            health.clone(),
        ));
        Works {
            stop,
            parts,
            _watching: None,
        }
    }

    /// Ends when a part has ended that nobody asked to: a bug, whatever it was.
    pub(super) async fn broken(&mut self) -> anyhow::Error {
        match self.parts.join_next().await {
            Some(Err(error)) => anyhow::anyhow!("a part of the service broke: {error}"),
            Some(Ok(())) | None => anyhow::anyhow!("a part of the service ended by itself"),
        }
    }

    /// Asks all parts to stop, and waits for them.
    pub(super) async fn end(mut self) {
        self.stop.ask();
        let all = async { while self.parts.join_next().await.is_some() {} };
        if tokio::time::timeout(LONGEST_END, all).await.is_err() {
            tracing::warn!(
                seconds = LONGEST_END.as_secs(),
                "not everything ended in time; the next start carries on"
            );
        }
    }
}
