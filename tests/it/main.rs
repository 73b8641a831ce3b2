//! Tests that need a database, files or a server.

mod store;
