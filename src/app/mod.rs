//! Composition: what a pass and the commands are given, and the pass itself.
//!
//! Nothing imports this module but `cli` and tests.

pub mod alerts;
pub mod announcing;
pub mod backup;
pub mod check;
pub mod delivery;
pub mod editions;
pub mod feeds;
pub mod hub;
pub mod import;
pub mod intake;
pub mod moving;
pub mod open;
pub mod pass;
pub mod pings;
pub mod report;
pub mod reporting;
pub mod retry;
pub mod scratch;
pub mod service;
pub mod subscribers;
pub mod templates;
pub mod test_mail;
pub mod turn;
pub mod unknown;

use crate::clock::Clock;
use crate::config::Config;
use crate::store::Store;
use crate::subscribers::tokens::SiteKey;
use uuid::Uuid;

/// An opened site: its configuration, its store, its secret and the time.
#[derive(Clone)]
pub struct Site {
    pub config: std::sync::Arc<Config>,
    pub store: Store,
    pub clock: Clock,
    /// The store's, once it has one.
    pub id: Uuid,
    pub key: SiteKey,
}
