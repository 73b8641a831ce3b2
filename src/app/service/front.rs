//! The side of the service that answers over HTTP, as long as the process runs: a reload of the
//! configuration goes on under it.

use super::readership;
use crate::app::Site;
use crate::problem::Problem;
use crate::web::health::Health;
use crate::web::{Server, State};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A running server.
pub(super) struct Front {
    address: SocketAddr,
    listen: SocketAddr,
    states: watch::Sender<Arc<State>>,
    health: watch::Receiver<Health>,
    /// Who is told that something was asked of the hub.
    hub: Arc<Notify>,
    stop: CancellationToken,
    task: JoinHandle<()>,
    /// Ends after the last answer.
    counted: CancellationToken,
    counting: JoinHandle<()>,
}

impl Front {
    /// Listens where the configuration says, and answers from now on.
    ///
    /// # Errors
    /// `http-listen`, `http-tls`: as [`Server::bind`] and [`State::new`] say.
    pub(super) async fn open(
        site: &Site,
        health: watch::Receiver<Health>,
        hub: Arc<Notify>,
    ) -> Result<Front, Problem> {
        let listen = site.config.http.listen;
        let state = Arc::new(state(site, health.clone(), &hub)?);
        let server = Server::bind(listen)
            .await
            .map_err(|problem| problem.file(&site.config.file))?;
        let address = server.address();
        let counted = CancellationToken::new();
        let counting = readership::run(site.clone(), state.readership(), counted.clone());
        let counting = tokio::spawn(counting);
        let (states, newest) = watch::channel(state);
        let stop = CancellationToken::new();
        let task = tokio::spawn(server.run(newest, stop.clone().cancelled_owned()));
        Ok(Front {
            address,
            listen,
            states,
            health,
            hub,
            stop,
            task,
            counted,
            counting,
        })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers by another configuration from now on; gives another front where it is to listen
    /// somewhere else.
    ///
    /// # Errors
    /// As [`Front::open`]; then it answers as before.
    pub(super) async fn reload(&self, site: &Site) -> Result<Option<Front>, Problem> {
        if site.config.http.listen != self.listen {
            return Front::open(site, self.health.clone(), self.hub.clone())
                .await
                .map(Some);
        }
        let next = state(site, self.health.clone(), &self.hub)?.after(&self.states.borrow());
        self.states.send_replace(Arc::new(next));
        Ok(None)
    }

    /// By which it answers, now and after a reload.
    pub(super) fn states(&self) -> watch::Receiver<Arc<State>> {
        self.states.subscribe()
    }

    /// Lets answers under way end, and keeps who got them.
    pub(super) async fn close(self) {
        self.stop.cancel();
        let _ = self.task.await;
        self.counted.cancel();
        let _ = self.counting.await;
    }
}

fn state(site: &Site, health: watch::Receiver<Health>, hub: &Arc<Notify>) -> Result<State, Problem> {
    let keys = vec![site.key.clone()];
    let state = State::new(site.config.clone(), site.store.clone(), keys, site.clock, health)?;
    Ok(state.telling(hub.clone()))
}
