//! Opening the store: its file, its pools, its tables.

use super::db::{LONGEST_LOCK, Result, SHORT_WAIT, Store, Tx, is_locked};
use super::error::StoreError;
use crate::config::values::StoreUrl;
use crate::files::{folder_of, private_folder, tighten};
use sqlx::migrate::{Migrate, MigrateError, Migration, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqlSafeStr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Who may migrate a PostgreSQL store now. Any number will do, as long as no other lock of
/// Tidings has it.
const MIGRATION_LOCK: i64 = 0x0074_6964_696e_6773;

impl Store {
    /// Opens the store and brings its tables up to date. SQLite's file and folder are made where
    /// they are missing, readable by their owner alone.
    ///
    /// # Errors
    /// Where the store cannot be reached, made or written, and where a newer Tidings has written it.
    pub async fn open(url: &StoreUrl) -> Result<Store> {
        let store = Store::connect(url).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// As [`Store::open`], but the tables stay as they are.
    ///
    /// # Errors
    /// As there.
    pub async fn connect(url: &StoreUrl) -> Result<Store> {
        match url {
            StoreUrl::Sqlite(file) => sqlite(file).await,
            StoreUrl::Postgres(url) => postgres(url.reveal()).await.map_err(|why| StoreError::Open {
                name: "on PostgreSQL".to_owned(),
                why,
            }),
        }
    }

    /// Ends all connections. SQLite leaves one file then.
    pub async fn close(&self) {
        match self {
            Store::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Store::Postgres(pool) => pool.close().await,
        }
    }

    /// Brings the tables up to date, all or nothing; of several who do so at once the others wait.
    ///
    /// # Errors
    /// [`StoreError::Newer`] where there are tables of a later version; any error of the database.
    pub async fn migrate(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.migrate(None).await?;
        tx.commit().await
    }
}

impl Tx {
    /// Makes the migrations that are missing, up to one of them or all.
    ///
    /// # Errors
    /// As [`Store::migrate`].
    pub async fn migrate(&mut self, upto: Option<i64>) -> Result<()> {
        // Of the transaction: a lock of the session breaks behind a pooler, which hands sessions
        // around.
        self.lock(MIGRATION_LOCK).await?;
        match self {
            Tx::Sqlite(tx) => apply(MIGRATIONS.iter().cloned().collect(), upto, &mut **tx).await,
            Tx::Postgres(tx) => apply(MIGRATIONS.iter().map(for_postgres).collect(), upto, &mut **tx).await,
        }
    }
}

/// Where the migrations are entered that have been made.
const ENTRIES: &str = "_sqlx_migrations";

/// Makes the migrations that are missing, within the transaction of the connection.
async fn apply<C: Migrate>(files: Vec<Migration>, upto: Option<i64>, connection: &mut C) -> Result<()> {
    let failed = StoreError::Migrate;
    connection
        .ensure_migrations_table(ENTRIES)
        .await
        .map_err(failed)?;
    let applied = connection
        .list_applied_migrations(ENTRIES)
        .await
        .map_err(failed)?;
    let known = files.iter().map(|file| file.version).max().unwrap_or(0);
    let newest = applied.last().map(|newest| newest.version).max(upto);
    if let Some(found) = newest.filter(|newest| *newest > known) {
        return Err(StoreError::Newer { found, known });
    }
    for file in files
        .iter()
        .filter(|file| upto.is_none_or(|upto| file.version <= upto))
    {
        match applied.iter().find(|entry| entry.version == file.version) {
            Some(entry) if entry.checksum != file.checksum => {
                return Err(failed(MigrateError::VersionMismatch(file.version)));
            }
            Some(_) => {}
            None => {
                connection.apply(ENTRIES, file).await.map_err(failed)?;
            }
        }
    }
    Ok(())
}

async fn sqlite(file: &Path) -> Result<Store> {
    make_private(file).map_err(|why| StoreError::File {
        path: file.to_owned(),
        why,
    })?;
    let options = SqliteConnectOptions::new()
        .filename(file)
        // As `FULL`, and without a log the folder is told at once that a commit has happened.
        .synchronous(SqliteSynchronous::Extra)
        .busy_timeout(SHORT_WAIT)
        .pragma("cache_size", "-8192")
        // Rows come from a thread of their own: whoever wakes another for each of them does little else.
        .row_buffer_size(1024)
        .pragma("journal_size_limit", "67108864")
        .disable_statement_logging();
    let mut opened = pools(&options).await;
    // Of two who make a new file a WAL at once, SQLite tells one that it is locked without waiting.
    let began = tokio::time::Instant::now();
    while opened.as_ref().is_err_and(is_locked) && began.elapsed() < LONGEST_LOCK {
        tokio::time::sleep(PAUSE).await;
        opened = pools(&options).await;
    }
    opened.map_err(|why| StoreError::Open {
        name: file.display().to_string(),
        why,
    })
}

/// Between two tries to open.
const PAUSE: Duration = Duration::from_millis(50);

async fn pools(options: &SqliteConnectOptions) -> Result<Store, sqlx::Error> {
    let write = SqlitePoolOptions::new()
        .test_before_acquire(false)
        .max_connections(1)
        // A full disk ends a transaction by itself, and sqlx 0.9.0 would believe for ever that it goes on.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
        // Room for the indexes of a hundred thousand articles: each of their pages would be written again
        // and again while they come in.
        .connect_with(
            options
                .clone()
                .journal_mode(SqliteJournalMode::Wal)
                .pragma("cache_size", "-65536"),
        )
        .await?;
    let read = SqlitePoolOptions::new()
        .test_before_acquire(false)
        .max_connections(4)
        .connect_with(options.clone().read_only(true).busy_timeout(LONGEST_LOCK))
        .await?;
    Ok(Store::Sqlite {
        read,
        write,
        without_log: Arc::default(),
    })
}

async fn postgres(url: &str) -> Result<Store, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
    let pool = PgPoolOptions::new().max_connections(8);
    match pool.connect_with(options.clone()).await {
        // A server that is about to start is waited for; of one that is not, the pool says no more
        // than that it has waited.
        Err(sqlx::Error::PoolTimedOut) => Err(why_not(&options).await),
        opened => Ok(Store::Postgres(opened?)),
    }
}

/// Why a server gives no connection.
async fn why_not(options: &PgConnectOptions) -> sqlx::Error {
    match tokio::time::timeout(Duration::from_secs(5), options.connect()).await {
        Ok(Err(why)) => why,
        Ok(Ok(_)) | Err(_) => sqlx::Error::PoolTimedOut,
    }
}

/// Makes the file (0600) and its folder (0700) where they are missing. SQLite gives the files that
/// it puts beside it (`-wal`, `-shm`, `-journal`) the same permissions.
fn make_private(file: &Path) -> std::io::Result<()> {
    private_folder(folder_of(file))?;
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?;
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        tighten(&PathBuf::from(name))?;
    }
    Ok(())
}

/// The migrations are written in SQLite's STRICT types; PostgreSQL has other names for four things.
fn for_postgres(file: &Migration) -> Migration {
    let text = file
        .sql
        .as_str()
        .replace(
            " INTEGER PRIMARY KEY",
            " BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        )
        .replace(" INTEGER", " BIGINT")
        .replace(" BLOB", " BYTEA")
        .replace(") STRICT", ")");
    Migration::new(
        file.version,
        file.description.clone(),
        file.migration_type,
        AssertSqlSafe(text).into_sql_str(),
        file.no_tx,
    )
}
