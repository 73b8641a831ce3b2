//! The two databases behind one face: a statement has one text, a function one body. Only this file,
//! `open` and `journal` know that there are two; every other file of the store speaks through [`Store`],
//! [`Tx`] and [`Query`].
//!
//! What counts for speed is one statement a batch: all rows travel as one parameter ([`rows`]) and
//! are read with `jsonb_each($1)`, which both have.

use super::error::StoreError;
use crate::telemetry::metrics;
use serde::{Serialize, Serializer, ser::SerializeMap};
use sqlx::pool::MaybePoolConnection;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::types::Json;
use sqlx::{
    Database, Encode, Execute, Executor, FromRow, Pool, Postgres, SqlSafeStr, Sqlite, Transaction, Type,
};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Who may give numbers and plan editions now: taken with [`Tx::lock`] before either, so that
/// numbers commit in their order.
pub const PLANNER_LOCK: i64 = 1;

/// What both take as a parameter: `i64`, `&str`, `bool`, `Json<T>`, `Option` of these …
pub trait Value:
    for<'a> Encode<'a, Sqlite> + Type<Sqlite> + for<'a> Encode<'a, Postgres> + Type<Postgres>
{
}
impl<T> Value for T where
    T: for<'a> Encode<'a, Sqlite> + Type<Sqlite> + for<'a> Encode<'a, Postgres> + Type<Postgres>
{
}

/// What a row of either becomes: tuples, and structs with `#[derive(sqlx::FromRow)]`.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> {}
impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> {}

/// A statement's text. [`sql!`](crate::sql) makes it and enters it in a register, so that every
/// statement of the program can be prepared ([`Store::prepare_all`]).
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    pub sqlite: &'static str,
    pub postgres: &'static str,
    /// `file:line`
    pub at: &'static str,
}
inventory::collect!(Sql);

/// A statement: `sql!("text")`, or where the two databases differ: `sql!("text ", ["only SQLite" | "only PostgreSQL"], " text")`.
#[macro_export]
macro_rules! sql {
    ($text:literal) => {
        $crate::sql!($text, ["" | ""], "")
    };
    ($before:literal, [$lite:literal | $pg:literal], $after:literal) => {{
        const SQL: $crate::store::db::Sql = $crate::store::db::Sql {
            sqlite: concat!($before, $lite, $after),
            postgres: concat!($before, $pg, $after),
            at: concat!(file!(), ":", line!()),
        };
        inventory::submit! { SQL }
        SQL
    }};
}

/// The store. A clone is the same store.
#[derive(Debug, Clone)]
pub enum Store {
    /// One connection that writes and several that read: readers wait for the writer only while it fills
    /// an empty store.
    Sqlite {
        read: Pool<Sqlite>,
        write: Pool<Sqlite>,
        /// Whether what is written does not go to the log now: [`Store::begin_much`].
        without_log: Arc<AtomicBool>,
    },
    Postgres(Pool<Postgres>),
}

/// Several statements that happen together or not at all. Dropped without [`Tx::commit`], nothing
/// has happened. Nothing that waits for a network or a person may run while one is open: on SQLite
/// it keeps all other writers waiting.
#[derive(Debug)]
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A statement with its parameters so far, and where it will run.
#[must_use]
pub enum Query<'c> {
    Sqlite(
        On<'c, Sqlite>,
        &'static str,
        sqlx::query::Query<'static, Sqlite, SqliteArguments>,
    ),
    Postgres(
        On<'c, Postgres>,
        sqlx::query::Query<'static, Postgres, PgArguments>,
    ),
}

/// Where a statement runs: in a transaction, or on any connection of a pool.
pub enum On<'c, DB: Database> {
    Tx(&'c mut DB::Connection),
    Pool(&'c Pool<DB>),
}

/// How long somebody else's lock is waited for.
pub(super) const LONGEST_LOCK: Duration = Duration::from_secs(30);
/// How long SQLite itself waits. It looks ever more rarely, up to ten times a second, and two looks
/// would miss the moments between one transaction of a busy process and the next.
pub(super) const SHORT_WAIT: Duration = Duration::from_millis(5);
/// Between two of its waits.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Runs a statement on SQLite, again and again while another process has the lock that it needs: then
/// nothing of it has happened.
macro_rules! patiently {
    ($on:ident, $sql:ident, $query:ident, $run:ident) => {{
        match $on {
            // Its transaction has the lock.
            On::Tx(connection) => $query.$run(connection).await?,
            On::Pool(pool) => {
                let (mut connection, mut query) = (pool.acquire().await?, $query);
                let arguments = query.take_arguments().map_err(sqlx::Error::Encode)?;
                let arguments = arguments.unwrap_or_default();
                let began = Instant::now();
                loop {
                    let query = sqlx::query_with($sql, arguments.clone());
                    match query.$run(&mut *connection).await {
                        Err(error) if is_locked(&error) && began.elapsed() < LONGEST_LOCK => {
                            tokio::time::sleep(LOOK_AGAIN).await;
                        }
                        other => break other?,
                    }
                }
            }
        }
    }};
}

impl<'c, DB: Database> On<'c, DB> {
    async fn get(self) -> Result<MaybePoolConnection<'c, DB>> {
        Ok(match self {
            On::Tx(connection) => MaybePoolConnection::Connection(connection),
            On::Pool(pool) => MaybePoolConnection::PoolConnection(pool.acquire().await?),
        })
    }
}

impl Store {
    /// One statement that reads, on its own.
    pub fn read(&self, sql: Sql) -> Query<'_> {
        match self {
            Store::Sqlite { read, .. } => Query::Sqlite(On::Pool(read), sql.sqlite, sqlx::query(sql.sqlite)),
            Store::Postgres(pool) => Query::Postgres(On::Pool(pool), sqlx::query(sql.postgres)),
        }
    }

    /// One statement that writes, on its own: it is its own transaction.
    pub fn write(&self, sql: Sql) -> Query<'_> {
        match self {
            Store::Sqlite { write, .. } => {
                Query::Sqlite(On::Pool(write), sql.sqlite, sqlx::query(sql.sqlite))
            }
            Store::Postgres(pool) => Query::Postgres(On::Pool(pool), sqlx::query(sql.postgres)),
        }
    }

    /// Several statements that write. On SQLite it holds the write lock from the start: a
    /// transaction that reads first and writes later would fail at once if another had written since.
    ///
    /// # Errors
    /// Where the lock is not to be had for half a minute.
    pub async fn begin(&self) -> Result<Tx> {
        // What filled the store may have been stopped before its end.
        self.end_much().await;
        self.begin_as_it_is().await
    }

    /// As [`Store::begin`], with or without the log.
    pub(super) async fn begin_as_it_is(&self) -> Result<Tx> {
        Ok(match self {
            Store::Sqlite { write, .. } => Tx::Sqlite(begin_immediate(write).await?),
            Store::Postgres(pool) => Tx::Postgres(begin_to_its_end(pool.clone()).await?),
        })
    }

    /// Leaves the database to others for as long as was written to it before, where there is one writer
    /// at a time: another process is not told when it is free, and only looks now and then.
    pub async fn let_others_write(&self, held: Duration) {
        if let Store::Sqlite { .. } = self {
            tokio::time::sleep(held).await;
        }
    }

    /// Prepares every statement of the program, without running any: where each stands, and whether
    /// the database takes it.
    pub async fn prepare_all(&self) -> Vec<(&'static str, Result<()>)> {
        let mut prepared = Vec::new();
        for sql in inventory::iter::<Sql> {
            let taken = match self {
                Store::Sqlite { write, .. } => write.prepare(sql.sqlite.into_sql_str()).await.map(drop),
                Store::Postgres(pool) => pool.prepare(sql.postgres.into_sql_str()).await.map(drop),
            };
            prepared.push((sql.at, taken.map_err(StoreError::from)));
        }
        prepared
    }
}

impl Tx {
    /// One statement of this transaction.
    pub fn query(&mut self, sql: Sql) -> Query<'_> {
        match self {
            Tx::Sqlite(tx) => Query::Sqlite(On::Tx(&mut **tx), sql.sqlite, sqlx::query(sql.sqlite)),
            Tx::Postgres(tx) => Query::Postgres(On::Tx(&mut **tx), sqlx::query(sql.postgres)),
        }
    }

    /// One holder of a lock at a time, until the end of the transaction. SQLite has one writer
    /// anyway.
    ///
    /// # Errors
    /// As the database says.
    pub async fn lock(&mut self, lock: i64) -> Result<()> {
        if let Tx::Postgres(tx) = self {
            sqlx::query("SELECT pg_advisory_xact_lock($1)")
                .bind(lock)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// All statements that follow see the same rows, whatever others commit meanwhile; where one of
    /// them changes what others changed, it fails with 40001. Must be the first. SQLite is so anyway.
    pub async fn freeze_view(&mut self) -> Result<()> {
        if let Tx::Postgres(tx) = self {
            sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// Makes it happen.
    ///
    /// # Errors
    /// As the database says; then nothing has happened.
    pub async fn commit(self) -> Result<()> {
        let began = Instant::now();
        match self {
            Tx::Sqlite(tx) => tx.commit().await?,
            Tx::Postgres(tx) => tx.commit().await?,
        }
        metrics::store_written(began.elapsed());
        Ok(())
    }
}

impl Query<'_> {
    /// The next parameter: `$1`, `$2`, …
    pub fn bind(self, value: impl Value) -> Self {
        match self {
            Query::Sqlite(on, sql, q) => Query::Sqlite(on, sql, q.bind(value)),
            Query::Postgres(on, q) => Query::Postgres(on, q.bind(value)),
        }
    }

    /// Runs it; how many rows changed.
    ///
    /// # Errors
    /// As the database says.
    pub async fn run(self) -> Result<u64> {
        Ok(match self {
            Query::Sqlite(on, sql, q) => patiently!(on, sql, q, execute).rows_affected(),
            Query::Postgres(on, q) => q.execute(&mut *on.get().await?).await?.rows_affected(),
        })
    }

    /// All rows.
    ///
    /// # Errors
    /// As the database says. A row of another shape, too.
    pub async fn all<T: Record>(self) -> Result<Vec<T>> {
        match self {
            Query::Sqlite(on, sql, q) => patiently!(on, sql, q, fetch_all)
                .iter()
                .map(|row| Ok(T::from_row(row)?))
                .collect(),
            Query::Postgres(on, q) => q
                .fetch_all(&mut *on.get().await?)
                .await?
                .iter()
                .map(|row| Ok(T::from_row(row)?))
                .collect(),
        }
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// As the database says. A row of another shape, too.
    pub async fn maybe<T: Record>(self) -> Result<Option<T>> {
        match self {
            Query::Sqlite(on, sql, q) => {
                let row = patiently!(on, sql, q, fetch_optional);
                Ok(row.as_ref().map(T::from_row).transpose()?)
            }
            Query::Postgres(on, q) => {
                let row = q.fetch_optional(&mut *on.get().await?).await?;
                Ok(row.as_ref().map(T::from_row).transpose()?)
            }
        }
    }

    /// The first row.
    ///
    /// # Errors
    /// As the database says. No row, too.
    pub async fn one<T: Record>(self) -> Result<T> {
        self.maybe()
            .await?
            .ok_or(StoreError::Database(sqlx::Error::RowNotFound))
    }
}

/// SQLite's write lock, however long others have it up to [`LONGEST_LOCK`].
async fn begin_immediate(write: &Pool<Sqlite>) -> Result<Transaction<'static, Sqlite>> {
    Ok(while_locked(|| write.begin_with("BEGIN IMMEDIATE")).await?)
}

/// Tries again and again while others have the lock that is needed, up to [`LONGEST_LOCK`].
pub(super) async fn while_locked<T, F>(mut attempt: impl FnMut() -> F) -> sqlx::Result<T>
where
    F: Future<Output = sqlx::Result<T>>,
{
    let began = Instant::now();
    loop {
        match attempt().await {
            Err(error) if is_locked(&error) && began.elapsed() < LONGEST_LOCK => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            other => return other,
        }
    }
}

/// Whether another process has the lock that was wanted.
pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == "5" || code == "261")
}

/// In a task of its own: a caller that is cancelled meanwhile must not cancel it. sqlx 0.9.0 would
/// give the connection back to the pool inside a transaction that nobody ends, and whoever got it
/// next would write into that (transact-rs/sqlx#4393).
async fn begin_to_its_end(pool: Pool<Postgres>) -> Result<Transaction<'static, Postgres>> {
    match tokio::spawn(async move { pool.begin().await }).await {
        Ok(begun) => Ok(begun?),
        Err(stopped) => Err(sqlx::Error::Io(std::io::Error::other(stopped)).into()),
    }
}

/// Many rows as one parameter, for `jsonb_each($1)`: `{"1": [a, b], "2": [a, b] …}`. Each item must
/// serialise as a list (a tuple does, also `(a,)`); its parts are read with `value->>0`, numbers with
/// `CAST(value->>0 AS BIGINT)`.
pub fn rows<T: Serialize>(items: impl IntoIterator<Item = T>) -> Json<Rows<T>> {
    Json(Rows(items.into_iter().collect()))
}

/// The rows of [`rows`].
pub struct Rows<T>(Vec<T>);

impl<T: Serialize> Serialize for Rows<T> {
    fn serialize<S: Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(Some(self.0.len()))?;
        for (n, item) in (1u64..).zip(&self.0) {
            map.serialize_entry(&n, item)?;
        }
        map.end()
    }
}
