//! All tests that need a server, a database or a process.

mod delivery;
mod delivery_kill;
mod post_office;
mod smtp_server;
