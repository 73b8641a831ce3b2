//! The whole store as rows of JSON, and back: the same rows from either database and into either.
//!
//! Tables and columns are those that are there, so one that a migration adds is in it by itself.
//! What is written stays consistent while others write: all of it is read in one transaction.

use super::db::{PLANNER_LOCK, Result, Store, Tx, rows};
use super::error::StoreError;
use crate::config::values::StoreUrl;
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Row};

/// A table of the store, with the columns in the order in which rows have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
}

/// Not in a dump: who is alive now, and which migrations were made (the dump has their number).
const LEFT_OUT: &[&str] = &["_sqlx_migrations", "workers"];

/// The tables in the order they were made: what others refer to comes first.
const COLUMNS_SQLITE: &str = "SELECT t.name, c.name, c.type = 'INTEGER'
     FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY t.rowid, c.cid";
const COLUMNS_POSTGRES: &str =
    "SELECT CAST(t.relname AS TEXT), CAST(c.attname AS TEXT), c.atttypid = 'bigint'::regtype
     FROM pg_class AS t JOIN pg_attribute AS c ON c.attrelid = t.oid
     WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::text::regnamespace
       AND c.attnum > 0 AND NOT c.attisdropped AND c.attgenerated = '' ORDER BY t.oid, c.attnum";
const COUNT_ON: &str = "
DO $$ DECLARE counted RECORD; BEGIN
  FOR counted IN SELECT table_name, column_name FROM information_schema.columns
                 WHERE table_schema = current_schema() AND is_identity = 'YES' LOOP
    EXECUTE format('SELECT setval(pg_get_serial_sequence(''%I'', ''%s''),
                      (SELECT coalesce(max(%I), 0) + 1 FROM %I), false)',
      counted.table_name, counted.column_name, counted.column_name, counted.table_name);
  END LOOP; END $$";
const SCHEMA: &str = "SELECT max(version) FROM _sqlx_migrations";

/// The store as it is at one instant, to be read from beginning to end.
pub struct Snapshot {
    tx: Tx,
    /// The newest migration that was made.
    pub schema: i64,
    pub tables: Vec<Table>,
}

/// The rows of one table, one after the other.
pub enum Rows<'s> {
    Sqlite(BoxStream<'s, sqlx::Result<SqliteRow>>),
    Postgres(BoxStream<'s, sqlx::Result<PgRow>>),
}

impl Store {
    /// Everything as it is now. Who writes does not wait for it, nor it for them.
    ///
    /// # Errors
    /// As the database says.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        let mut tx = match self {
            Store::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Store::Postgres(pool) => Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        };
        let schema = match &mut tx {
            Tx::Sqlite(tx) => sqlx::query_scalar(SCHEMA).fetch_one(&mut **tx).await?,
            Tx::Postgres(tx) => sqlx::query_scalar(SCHEMA).fetch_one(&mut **tx).await?,
        };
        let tables = tables(&mut tx).await?;
        Ok(Snapshot {
            tx,
            schema,
            tables: tables.into_iter().map(|(table, _)| table).collect(),
        })
    }
}

impl Snapshot {
    /// All rows of a table, each as a JSON list.
    pub fn rows(&mut self, table: &Table) -> Rows<'_> {
        let columns = quoted(&table.columns);
        let name = quote(&table.name);
        match &mut self.tx {
            Tx::Sqlite(tx) => {
                let sql = format!("SELECT json_array({columns}) FROM {name}");
                Rows::Sqlite(sqlx::query(AssertSqlSafe(sql)).fetch(&mut **tx))
            }
            Tx::Postgres(tx) => {
                let sql = format!("SELECT CAST(json_build_array({columns}) AS TEXT) FROM {name}");
                Rows::Postgres(sqlx::query(AssertSqlSafe(sql)).fetch(&mut **tx))
            }
        }
    }
}

impl Rows<'_> {
    /// The next row; `None`: that was all.
    ///
    /// # Errors
    /// As the database says.
    pub async fn next(&mut self) -> Result<Option<String>> {
        Ok(match self {
            Rows::Sqlite(rows) => rows.try_next().await?.map(|row| row.try_get(0)).transpose()?,
            Rows::Postgres(rows) => rows.try_next().await?.map(|row| row.try_get(0)).transpose()?,
        })
    }
}

/// A new store on its way: nothing of it is there before [`Refill::finish`].
pub struct Refill {
    store: Store,
    tx: Tx,
    /// With which columns are numbers.
    tables: Vec<(Table, Vec<bool>)>,
}

impl Refill {
    /// Begins a store in an empty place, with the tables as the migration `schema` left them.
    ///
    /// # Errors
    /// [`StoreError::There`] where a store is there already, [`StoreError::Newer`] where this program
    /// does not know the schema; any error of the database.
    pub async fn begin(url: &StoreUrl, schema: i64) -> Result<Refill> {
        let store = Store::connect(url).await?;
        let mut tx = store.begin().await?;
        if let Tx::Sqlite(tx) = &mut tx {
            sqlx::query("PRAGMA defer_foreign_keys = ON")
                .execute(&mut **tx)
                .await?;
        }
        tx.lock(PLANNER_LOCK).await?;
        if !tables(&mut tx).await?.is_empty() {
            return Err(StoreError::There);
        }
        tx.migrate(Some(schema)).await?;
        let tables = tables(&mut tx).await?;
        Ok(Refill { store, tx, tables })
    }

    /// Enters rows that [`Snapshot::rows`] gave.
    ///
    /// # Errors
    /// A table or column that is not there; any error of the database.
    pub async fn enter(&mut self, table: &Table, values: Vec<serde_json::Value>) -> Result<()> {
        let found = self.tables.iter().find(|(known, _)| known.name == table.name);
        let Some((known, numbers)) = found else {
            return Err(StoreError::NoTable(table.name.clone()));
        };
        let mut read = Vec::with_capacity(table.columns.len());
        for (place, column) in table.columns.iter().enumerate() {
            let known = known.columns.iter().position(|name| name == column);
            let Some(known) = known else {
                return Err(StoreError::NoTable(format!("{}.{column}", table.name)));
            };
            read.push(match numbers[known] {
                true => format!("CAST(r.value->>{place} AS BIGINT)"),
                false => format!("r.value->>{place}"),
            });
        }
        let sql = format!(
            "INSERT INTO {} ({}) SELECT {} FROM jsonb_each($1) AS r",
            quote(&table.name),
            quoted(&table.columns),
            read.join(", ")
        );
        let sql = AssertSqlSafe(sql);
        match &mut self.tx {
            Tx::Sqlite(tx) => {
                let query: sqlx::query::Query<'_, _, SqliteArguments> = sqlx::query(sql);
                query.bind(rows(values)).execute(&mut **tx).await?;
            }
            Tx::Postgres(tx) => {
                let query: sqlx::query::Query<'_, _, PgArguments> = sqlx::query(sql);
                query.bind(rows(values)).execute(&mut **tx).await?;
            }
        }
        Ok(())
    }

    /// Brings the tables up to date and lets `last` have its say; then the store is there.
    ///
    /// # Errors
    /// As the database says; then nothing is there.
    pub async fn finish(mut self, last: impl AsyncFnOnce(&mut Tx) -> Result<()>) -> Result<()> {
        self.tx.migrate(None).await?;
        last(&mut self.tx).await?;
        self.tx.count_on().await?;
        self.tx.commit().await?;
        self.store.close().await;
        Ok(())
    }
}

impl Tx {
    /// PostgreSQL counts by sequences of its own: each goes on after the highest id there is.
    ///
    /// # Errors
    /// As the database says.
    pub async fn count_on(&mut self) -> Result<()> {
        if let Tx::Postgres(tx) = self {
            sqlx::query(COUNT_ON).execute(&mut **tx).await?;
        }
        Ok(())
    }
}

async fn tables(tx: &mut Tx) -> Result<Vec<(Table, Vec<bool>)>> {
    let columns: Vec<(String, String, bool)> = match tx {
        Tx::Sqlite(tx) => sqlx::query_as(COLUMNS_SQLITE).fetch_all(&mut **tx).await?,
        Tx::Postgres(tx) => sqlx::query_as(COLUMNS_POSTGRES).fetch_all(&mut **tx).await?,
    };
    let mut tables: Vec<(Table, Vec<bool>)> = Vec::new();
    for (name, column, is_number) in columns {
        if LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        if tables.last().is_none_or(|(table, _)| table.name != name) {
            let columns = Vec::new();
            tables.push((Table { name, columns }, Vec::new()));
        }
        if let Some((table, numbers)) = tables.last_mut() {
            table.columns.push(column);
            numbers.push(is_number);
        }
    }
    Ok(tables)
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quote(name)).collect();
    names.join(", ")
}

/// A name as both write it.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
