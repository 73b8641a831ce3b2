//! Whole parts at work together: with a real store, real servers on loopback, real files.

mod http_server;
mod pings;
