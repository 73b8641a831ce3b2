//! Every SQL statement, written once for SQLite and PostgreSQL. `db` is the only file that knows
//! there are two; each of the others holds the statements of one table family.

pub mod articles;
pub mod db;
pub mod drop;
pub mod edition_views;
pub mod editions;
pub mod fill;

pub use db::{Result, Store};
