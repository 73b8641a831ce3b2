//! Every SQL statement, written once for SQLite and PostgreSQL. `db` and `open` alone know that
//! there are two; each of the others holds the statements of one table family.

pub mod alerts;
pub mod archive;
mod article_rows;
pub mod articles;
pub mod cards;
pub mod choices;
pub mod db;
pub mod deliveries;
pub mod digests;
pub mod drop;
pub mod dump;
pub mod edition_views;
pub mod editions;
pub mod error;
pub mod facts;
pub mod feed_readers;
pub mod feed_versions;
pub mod feeds;
pub mod fill;
pub mod hands;
pub mod holds;
pub mod hub;
pub mod hub_requests;
pub mod imports;
mod indexed;
mod journal;
pub mod journeys;
pub mod open;
pub mod outage;
mod ping_endpoints;
pub mod pings;
pub mod reported;
pub mod restored;
pub mod retry;
pub mod scratch;
pub mod sources;
pub mod standing;
pub mod subscribers;
pub mod suppressions;
pub mod test_mails;
pub mod tracks;
pub mod workers;

pub use db::{PLANNER_LOCK, Result, Store, Tx};
pub use error::StoreError;
pub use outage::Patience;
