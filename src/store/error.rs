//! What can go wrong with the store, in words for the operator.

use sqlx::postgres::PgDatabaseError;
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

impl StoreError {
    /// Whether the same may go well in a moment without anything being mended here: the database is
    /// away, starts again, is locked or full, or takes no writes for now.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            StoreError::Database(error) => is_passing(error),
            _ => false,
        }
    }
}

fn is_passing(error: &sqlx::Error) -> bool {
    let error = match error {
        // A connection that ends in the midst of an answer is one or the other.
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut => return true,
        sqlx::Error::Database(error) => error,
        _ => return false,
    };
    let Some(code) = error.code() else { return false };
    if error.try_downcast_ref::<PgDatabaseError>().is_some() {
        is_passing_on_postgres(&code)
    } else {
        is_passing_on_sqlite(&code)
    }
}

/// By SQLSTATE: connections (08), resources (53), a shutdown or start (57P), what others hold (40, 55),
/// and a server that has become a standby (25006).
fn is_passing_on_postgres(code: &str) -> bool {
    const CLASSES: [&str; 6] = ["08", "40", "53", "55P", "57P", "25006"];
    CLASSES.iter().any(|class| code.starts_with(class))
}

/// SQLITE_BUSY, _LOCKED, _IOERR and _FULL; what stands above the lowest byte says more of them.
fn is_passing_on_sqlite(code: &str) -> bool {
    let code: i64 = code.parse().unwrap_or(0);
    matches!(code & 0xff, 5 | 6 | 10 | 13)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_away_locked_or_full_comes_back() {
        for code in ["08006", "53100", "53300", "57P01", "57P03", "40001", "25006"] {
            assert!(is_passing_on_postgres(code), "{code}");
        }
        for code in ["23505", "42P01", "22001", "28P01", "25P02"] {
            assert!(!is_passing_on_postgres(code), "{code}");
        }
        // BUSY, BUSY_SNAPSHOT, IOERR_WRITE, FULL.
        for code in ["5", "517", "778", "13"] {
            assert!(is_passing_on_sqlite(code), "{code}");
        }
        // CORRUPT, CONSTRAINT_UNIQUE, READONLY, ERROR.
        for code in ["11", "2067", "8", "1"] {
            assert!(!is_passing_on_sqlite(code), "{code}");
        }
        let away = sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into());
        assert!(StoreError::Database(away).is_passing());
        assert!(!StoreError::Database(sqlx::Error::RowNotFound).is_passing());
    }
}
