//! What the service answers over HTTP: feeds, the pages behind a reader's links, editions in the
//! browser, keys of IndexNow, health. Handlers read and write the store; they never send anything.
//!
//! ```text
//! server → connections → routes ─┬→ feeds (throttle), editions
//!   (limits, tls)   (proxies)    ├→ unsubscribe, preferences
//!                                └→ health
//! ```
//!
//! HTTP/1.1 only: a proxy in front of it speaks what else there is. Links and forms never follow a
//! Host header.

mod asked;
mod connections;
mod editions;
mod errors;
mod feeds;
pub mod health;
mod host;
mod hub;
mod indexnow;
mod limits;
pub mod metrics;
mod pages;
mod patience;
mod preferences;
mod probes;
mod protection;
mod proxies;
mod readers;
pub mod readership;
mod routes;
mod server;
mod state;
mod throttle;
mod tls;
mod unsubscribe;

pub use feeds::make_ready;
pub use limits::Limits;
pub use server::Server;
pub use state::State;
pub use tls::tls_problem;
