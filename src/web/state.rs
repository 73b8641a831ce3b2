//! What handlers work with. A reload of the configuration makes a new one; requests that are under
//! way keep the old one to their end.

use super::feeds::Shelf;
use super::health::Health;
use super::readership::Readership;
use super::throttle::Throttle;
use super::tls;
use crate::clock::Clock;
use crate::config::Config;
use crate::problem::Problem;
use crate::store::Store;
use crate::subscribers::tokens::SiteKey;
use std::sync::Arc;
use tokio::sync::{Notify, watch};
use tokio_rustls::TlsAcceptor;

/// One configuration at work.
pub struct State {
    pub(super) config: Arc<Config>,
    pub(super) store: Store,
    pub(super) keys: Vec<SiteKey>,
    pub(super) clock: Clock,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) shelf: Arc<Shelf>,
    pub(super) throttle: Arc<Throttle>,
    /// Of requests to the hub.
    pub(super) hub_throttle: Arc<Throttle>,
    /// Who is told that something was asked of the hub.
    pub(super) hub_asked: Arc<Notify>,
    pub(super) readership: Arc<Readership>,
    health: watch::Receiver<Health>,
}

impl State {
    /// Reads the certificate, where there is one. `keys` are the site's own, the present one first:
    /// links made with an older one still work while it is among them.
    ///
    /// # Errors
    /// `http-tls`: a certificate or key that cannot be read, or that do not belong together.
    pub fn new(
        config: Arc<Config>,
        store: Store,
        keys: Vec<SiteKey>,
        clock: Clock,
        health: watch::Receiver<Health>,
    ) -> Result<State, Problem> {
        let tls = config.http.tls.as_ref().map(tls::acceptor).transpose()?;
        Ok(State {
            config,
            store,
            keys,
            clock,
            tls,
            shelf: Arc::default(),
            throttle: Arc::default(),
            hub_throttle: Arc::default(),
            hub_asked: Arc::default(),
            readership: Arc::default(),
            health,
        })
    }

    /// Tells somebody when something was asked of the hub.
    #[must_use]
    pub fn telling(self, hub_asked: Arc<Notify>) -> State {
        State { hub_asked, ..self }
    }

    /// Carries on what another configuration had in memory: who has asked how often, who reads what,
    /// and the documents, where they lie in the same place and say the same of themselves.
    #[must_use]
    pub fn after(self, before: &State) -> State {
        let place = |state: &State| (state.config.feeds.dir.clone(), state.config.links(""));
        State {
            shelf: match place(&self) == place(before) {
                true => before.shelf.clone(),
                false => Arc::default(),
            },
            throttle: before.throttle.clone(),
            hub_throttle: before.hub_throttle.clone(),
            readership: before.readership.clone(),
            ..self
        }
    }

    /// Who reads which feed, as far as it was not taken away.
    #[must_use]
    pub fn readership(&self) -> Arc<Readership> {
        self.readership.clone()
    }

    pub(super) fn health(&self) -> Health {
        self.health.borrow().clone()
    }
}
