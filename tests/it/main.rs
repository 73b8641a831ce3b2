//! Tests that need a database, files or a server.

mod feeds;
//! Whole parts at work together: with a real store, real servers on loopback, real files.

mod http_server;
mod pings;
