//! When SQLite moves what was written from its log to its place: by itself with each commit that follows
//! a few megabytes, which then takes twice as long; after a great deal, beside other work. What fills an
//! empty store needs no log.

use super::article_rows;
use super::db::{LONGEST_LOCK, Result, SHORT_WAIT, Store, Tx, while_locked};
use sqlx::{AssertSqlSafe, Pool, Sqlite};
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Store {
    /// As [`Store::begin`], for a great deal. What a store without articles gets, SQLite writes to its
    /// place at once where nobody else has the file open, instead of to its log and from there: half as
    /// much. Whoever wants to read meanwhile waits. [`Store::end_much`] follows, whatever comes of it.
    ///
    /// # Errors
    /// As there.
    pub async fn begin_much(&self) -> Result<Tx> {
        if let Store::Sqlite {
            read,
            write,
            without_log,
        } = self
        {
            // Asked of the connection that writes: one that reads would be open still.
            let one: Option<(String,)> = self.write(article_rows::ANY).maybe().await?;
            if one.is_none() {
                without_log.store(true, Ordering::Relaxed);
                if let Err(why) = leave_log(read, write).await {
                    tracing::debug!(%why, "the store is filled through its log");
                }
            }
        }
        self.begin_as_it_is().await
    }

    /// What follows is written to the log again. Where that cannot be, since others read without a pause,
    /// the next who begins to write tries again.
    pub async fn end_much(&self) {
        if let Store::Sqlite {
            write, without_log, ..
        } = self
            && without_log.load(Ordering::Relaxed)
        {
            match return_to_log(write).await {
                Ok(()) => without_log.store(false, Ordering::Relaxed),
                Err(why) => tracing::warn!(%why, "the store is written without a log for now"),
            }
        }
    }

    /// What SQLite has in its log it moves to its place, from now on, while others go on.
    pub fn tidy(&self) {
        if let Store::Sqlite { write, .. } = self {
            tokio::spawn(move_to_its_place(write.clone()));
        }
    }
}

impl Tx {
    /// As [`Tx::commit`], of a great deal: SQLite leaves it in its log until [`Store::tidy`].
    ///
    /// # Errors
    /// As there.
    pub async fn commit_much(mut self) -> Result<()> {
        if let Tx::Sqlite(tx) = &mut self {
            sqlx::query("PRAGMA wal_autocheckpoint = 0")
                .execute(&mut **tx)
                .await?;
        }
        self.commit().await
    }
}

/// Ends SQLite's use of its log, which it does only for one who is alone.
async fn leave_log(read: &Pool<Sqlite>, write: &Pool<Sqlite>) -> sqlx::Result<()> {
    while let Some(idle) = read.try_acquire() {
        idle.close().await?;
    }
    sqlx::query("PRAGMA journal_mode = DELETE").execute(write).await?;
    // Without the log a commit waits until nobody reads.
    wait_for_locks(write, LONGEST_LOCK).await
}

async fn return_to_log(write: &Pool<Sqlite>) -> sqlx::Result<()> {
    wait_for_locks(write, SHORT_WAIT).await?;
    // Of two who make it a log at once, SQLite tells one that it is locked without waiting.
    while_locked(|| sqlx::query("PRAGMA journal_mode = WAL").execute(write)).await?;
    Ok(())
}

async fn wait_for_locks(write: &Pool<Sqlite>, longest: Duration) -> sqlx::Result<()> {
    let pragma = format!("PRAGMA busy_timeout = {}", longest.as_millis());
    sqlx::query(AssertSqlSafe(pragma)).execute(write).await?;
    Ok(())
}

/// Empties SQLite's log into the file. Where that fails it is done with a later commit.
async fn move_to_its_place(write: Pool<Sqlite>) {
    let Ok(mut connection) = write.acquire().await else {
        return;
    };
    for pragma in [
        "PRAGMA wal_autocheckpoint = 1000",
        "PRAGMA wal_checkpoint(PASSIVE)",
    ] {
        if let Err(why) = sqlx::query(pragma).execute(&mut *connection).await {
            tracing::debug!(%why, "the log stays as it is for now");
        }
    }
}
