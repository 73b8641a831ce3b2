//! Tests that need a database, files or a server.

mod feeds;
