//! The one file that knows there are two databases. Above it: one statement, one text.
use serde::{Serialize, Serializer, ser::SerializeMap};
use sqlx::migrate::{Migration, Migrator};
use sqlx::pool::MaybePoolConnection;
use sqlx::postgres::{PgArguments, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Database, Encode, FromRow, Pool, Postgres, SqlSafeStr, Sqlite, Transaction, Type};
use std::time::Duration;

pub type Result<T, E = sqlx::Error> = std::result::Result<T, E>;

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

/// A statement's text. `sql!` makes it, and a test prepares every one of them on both databases.
#[derive(Clone, Copy)]
pub struct Sql {
    pub sqlite: &'static str,
    pub postgres: &'static str,
    pub at: &'static str,
}
inventory::collect!(Sql);

/// `sql!("text")`, or where the two differ: `sql!("text ", ["only SQLite" | "only PostgreSQL"], " text")`.
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

#[derive(Clone)]
pub enum Store {
    Sqlite { read: Pool<Sqlite>, write: Pool<Sqlite> },
    Postgres(Pool<Postgres>),
}

pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A statement with its parameters so far, and where it will run.
#[must_use]
pub enum Query<'c> {
    Sqlite(
        On<'c, Sqlite>,
        sqlx::query::Query<'static, Sqlite, SqliteArguments>,
    ),
    Postgres(
        On<'c, Postgres>,
        sqlx::query::Query<'static, Postgres, PgArguments>,
    ),
}

pub enum On<'c, DB: Database> {
    Tx(&'c mut DB::Connection),
    Pool(&'c Pool<DB>),
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
    pub async fn open(url: &str) -> Result<Store> {
        if !url.starts_with("sqlite:") {
            return Ok(Store::Postgres(
                PgPoolOptions::new().max_connections(8).connect(url).await?,
            ));
        }
        let options = url
            .parse::<SqliteConnectOptions>()?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .pragma("cache_size", "-8192")
            .pragma("journal_size_limit", "67108864");
        Ok(Store::Sqlite {
            write: SqlitePoolOptions::new()
                .test_before_acquire(false)
                .max_connections(1)
                .connect_with(options.clone())
                .await?,
            read: SqlitePoolOptions::new()
                .max_connections(4)
                .connect_with(options.read_only(true))
                .await?,
        })
    }

    pub async fn migrate(&self) -> std::result::Result<(), sqlx::migrate::MigrateError> {
        static FILES: Migrator = sqlx::migrate!();
        match self {
            Store::Sqlite { write, .. } => FILES.run(write).await,
            Store::Postgres(pool) => {
                Migrator::with_migrations(FILES.iter().map(for_postgres).collect())
                    .run(pool)
                    .await
            }
        }
    }

    /// One statement that reads, on its own.
    pub fn read(&self, sql: Sql) -> Query<'_> {
        match self {
            Store::Sqlite { read, .. } => Query::Sqlite(On::Pool(read), sqlx::query(sql.sqlite)),
            Store::Postgres(pool) => Query::Postgres(On::Pool(pool), sqlx::query(sql.postgres)),
        }
    }

    /// One statement that writes, on its own: it is its own transaction.
    pub fn write(&self, sql: Sql) -> Query<'_> {
        match self {
            Store::Sqlite { write, .. } => Query::Sqlite(On::Pool(write), sqlx::query(sql.sqlite)),
            Store::Postgres(pool) => Query::Postgres(On::Pool(pool), sqlx::query(sql.postgres)),
        }
    }

    /// Several statements that write. On SQLite it holds the write lock from the start.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Store::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Store::Postgres(pool) => Tx::Postgres(begin_to_its_end(pool.clone()).await?),
        })
    }
}

impl Tx {
    pub fn query(&mut self, sql: Sql) -> Query<'_> {
        match self {
            Tx::Sqlite(tx) => Query::Sqlite(On::Tx(&mut **tx), sqlx::query(sql.sqlite)),
            Tx::Postgres(tx) => Query::Postgres(On::Tx(&mut **tx), sqlx::query(sql.postgres)),
        }
    }

    /// One holder of `name` at a time, until the end of the transaction. SQLite has one writer anyway.
    pub async fn lock(&mut self, name: i64) -> Result<()> {
        if let Tx::Postgres(tx) = self {
            sqlx::query("SELECT pg_advisory_xact_lock($1)")
                .bind(name)
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

    pub async fn commit(self) -> Result<()> {
        match self {
            Tx::Sqlite(tx) => tx.commit().await,
            Tx::Postgres(tx) => tx.commit().await,
        }
    }
}

impl Query<'_> {
    pub fn bind(self, value: impl Value) -> Self {
        match self {
            Query::Sqlite(on, q) => Query::Sqlite(on, q.bind(value)),
            Query::Postgres(on, q) => Query::Postgres(on, q.bind(value)),
        }
    }

    /// Runs it; how many rows changed.
    pub async fn run(self) -> Result<u64> {
        Ok(match self {
            Query::Sqlite(on, q) => q.execute(&mut *on.get().await?).await?.rows_affected(),
            Query::Postgres(on, q) => q.execute(&mut *on.get().await?).await?.rows_affected(),
        })
    }

    pub async fn all<T: Record>(self) -> Result<Vec<T>> {
        match self {
            Query::Sqlite(on, q) => q
                .fetch_all(&mut *on.get().await?)
                .await?
                .iter()
                .map(T::from_row)
                .collect(),
            Query::Postgres(on, q) => q
                .fetch_all(&mut *on.get().await?)
                .await?
                .iter()
                .map(T::from_row)
                .collect(),
        }
    }

    pub async fn maybe<T: Record>(self) -> Result<Option<T>> {
        match self {
            Query::Sqlite(on, q) => q
                .fetch_optional(&mut *on.get().await?)
                .await?
                .as_ref()
                .map(T::from_row)
                .transpose(),
            Query::Postgres(on, q) => q
                .fetch_optional(&mut *on.get().await?)
                .await?
                .as_ref()
                .map(T::from_row)
                .transpose(),
        }
    }

    pub async fn one<T: Record>(self) -> Result<T> {
        self.maybe().await?.ok_or(sqlx::Error::RowNotFound)
    }
}

/// In a task of its own: a caller that is cancelled meanwhile must not cancel it. sqlx 0.9.0 would
/// give the connection back to the pool inside a transaction that nobody ends, and whoever got it
/// next would write into that (transact-rs/sqlx#4393).
async fn begin_to_its_end(pool: Pool<Postgres>) -> Result<Transaction<'static, Postgres>> {
    match tokio::spawn(async move { pool.begin().await }).await {
        Ok(begun) => begun,
        Err(stopped) => Err(sqlx::Error::Io(std::io::Error::other(stopped))),
    }
}

/// Many rows as one parameter, for `jsonb_each($1)`: `{"1": [a, b], "2": [a, b] …}`. Read it with `value->>0`.
pub fn rows<T: Serialize>(items: impl IntoIterator<Item = T>) -> Json<Rows<T>> {
    Json(Rows(items.into_iter().collect()))
}

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
