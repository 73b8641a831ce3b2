//! What can go wrong with the store, in words for the operator.

use std::path::PathBuf;

/// Why the store did not do what it was asked. Each text is whole: what lies below stands in it, and
/// is no source that a report would add again.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "the store {path} cannot be made or protected: {why} (the user who runs Tidings must be able to write it and its folder)"
    )]
    File { path: PathBuf, why: std::io::Error },
    #[error("the store {name} cannot be opened: {why}")]
    Open { name: String, why: sqlx::Error },
    #[error(
        "the store has schema {found}, and this Tidings knows schemas up to {known}: run the newer \
         Tidings that wrote it, or restore a backup from before it"
    )]
    Newer { found: i64, known: i64 },
    #[error("a store is there already")]
    There,
    #[error("this Tidings knows no {0}, which stands in the backup")]
    NoTable(String),
    #[error("the store's tables cannot be brought up to date: {0}")]
    Migrate(sqlx::migrate::MigrateError),
    #[error("the store holds {what} that cannot be read: {why}")]
    Document { what: String, why: serde_json::Error },
    #[error("the store: {0}")]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> StoreError {
        StoreError::Database(error)
    }
}
