//! Every SQL statement, written once for SQLite and PostgreSQL. `db` is the only file that knows
//! there are two; each of the others holds the statements of one table family.

pub mod db;
pub mod deliveries;

pub use db::{Result, Store};
