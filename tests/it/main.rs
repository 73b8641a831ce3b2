//! Whole parts at work together: the real program, real stores, real servers on loopback, real files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod alerts;
mod backup;
mod bad_input;
mod check;
mod contract;
mod database;
mod delivery;
mod delivery_kill;
mod editions;
mod faults;
mod feeds;
mod http_server;
mod logs;
mod manual;
mod metrics;
mod month;
mod moving;
mod operator;
mod pings;
mod post_office;
mod problems;
mod progress;
mod publish;
mod readme;
mod service;
mod site;
mod smtp_server;
mod smtp_sink;
mod sources;
mod store;
mod subscribers;
mod thousand;
mod trap;
mod web;
