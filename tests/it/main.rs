//! Whole parts at work together: the real program, real stores, real servers on loopback, real files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod editions;
mod feeds;
mod http_server;
mod pings;
