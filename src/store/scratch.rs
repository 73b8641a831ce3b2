//! A copy of the store to try things on: a pass made on it shows what a real one would do.

use super::db::{Result, Store};
use super::error::StoreError;
use crate::config::values::StoreUrl;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Executor};
use std::path::Path;
use std::str::FromStr;

/// Copies all tables into a schema of their own. Identity columns go on where the originals are.
const COPY_SCHEMA: &str = "
DO $$
DECLARE
  home TEXT := current_schema();
  copied TEXT;
  counted TEXT;
BEGIN
  EXECUTE 'CREATE SCHEMA SCRATCH';
  FOR copied IN SELECT table_name FROM information_schema.tables
                WHERE table_schema = home AND table_type = 'BASE TABLE' LOOP
    EXECUTE format('CREATE TABLE SCRATCH.%I (LIKE %I.%I INCLUDING ALL)', copied, home, copied);
    EXECUTE format('INSERT INTO SCRATCH.%I SELECT * FROM %I.%I', copied, home, copied);
    FOR counted IN SELECT column_name FROM information_schema.columns
                   WHERE table_schema = home AND table_name = copied AND is_identity = 'YES' LOOP
      EXECUTE format('SELECT setval(pg_get_serial_sequence(''SCRATCH.%I'', ''%s''),
                        (SELECT coalesce(max(%I), 1) FROM SCRATCH.%I))', copied, counted, counted, copied);
    END LOOP;
  END LOOP;
END $$";

impl Store {
    /// A copy of the store as it is now: on SQLite a file in `folder`, on PostgreSQL a schema called
    /// `name` (letters, digits and `_`) beside the real one.
    ///
    /// # Errors
    /// As the database says.
    pub async fn copy(&self, url: &StoreUrl, folder: &Path, name: &str) -> Result<Store> {
        match (self, url) {
            (Store::Postgres(pool), StoreUrl::Postgres(url)) => {
                let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
                tx.execute(AssertSqlSafe(COPY_SCHEMA.replace("SCRATCH", name)))
                    .await?;
                tx.commit().await?;
                let options = PgConnectOptions::from_str(url.reveal())?.options([("search_path", name)]);
                Ok(Store::Postgres(
                    PgPoolOptions::new()
                        .max_connections(4)
                        .connect_with(options)
                        .await?,
                ))
            }
            (Store::Sqlite { write, .. }, _) => {
                let file = folder.join("tidings.db");
                sqlx::query("VACUUM INTO $1")
                    .bind(file.display().to_string())
                    .execute(write)
                    .await?;
                Store::open(&StoreUrl::Sqlite(file)).await
            }
            (Store::Postgres(_), StoreUrl::Sqlite(_)) => Err(StoreError::Database(
                sqlx::Error::InvalidArgument("a copy is made where the store is".to_owned()),
            )),
        }
    }

    /// Takes away the schema that [`Store::copy`] made. Its files go with their folder.
    ///
    /// # Errors
    /// As the database says.
    pub async fn drop_copy(&self, name: &str) -> Result<()> {
        if let Store::Postgres(pool) = self {
            pool.execute(AssertSqlSafe(format!("DROP SCHEMA IF EXISTS {name} CASCADE")))
                .await?;
        }
        Ok(())
    }
}
