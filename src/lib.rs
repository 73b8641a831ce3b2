//! Tidings: a site's new articles become feeds, e-mail digests and pings.
//!
//! The modules stand in the order of the pipeline:
//!
//! ```text
//! sources → articles ─┬→ feeds ──→ files ──→ pings
//!                     └→ digests → delivery → readers
//! subscribers ─────────┘
//! ```
//!
//! `articles`, `feeds`, `digests`, the rules of `subscribers` and of the `hub`, and the planning of
//! `pings` are pure: values in, values out. `sources`, `store`, `delivery`, `http`, `web` and `app` touch the world.
//! `tests/house` holds these directions.

pub mod clock;
pub mod config;
pub mod files;
pub mod hash;
mod parallel;
pub mod problem;
pub mod schedule;
pub mod telemetry;

pub mod articles;
pub mod sources;

pub mod feeds;

pub mod digests;
pub mod subscribers;

pub mod delivery;

pub mod hub;
pub mod pings;

pub mod http;
pub mod store;

pub mod web;

pub mod app;
pub mod cli;
