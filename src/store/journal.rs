//! When SQLite moves what was written from its journal to its place: by itself with each commit that
//! follows a few megabytes, which then takes twice as long; after a great deal, beside other work.

use super::db::{Result, Store, Tx};
use sqlx::{Pool, Sqlite};

impl Tx {
    /// As [`Tx::commit`], of a great deal: SQLite leaves it in its journal until [`Store::tidy`].
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

impl Store {
    /// What SQLite has in its journal it moves to its place, from now on, while others go on.
    pub fn tidy(&self) {
        if let Store::Sqlite { write, .. } = self {
            tokio::spawn(move_to_its_place(write.clone()));
        }
    }
}

/// Empties SQLite's journal into the file. Where that fails it is done with a later commit.
async fn move_to_its_place(write: Pool<Sqlite>) {
    let Ok(mut connection) = write.acquire().await else {
        return;
    };
    for pragma in [
        "PRAGMA wal_autocheckpoint = 1000",
        "PRAGMA wal_checkpoint(PASSIVE)",
    ] {
        if let Err(why) = sqlx::query(pragma).execute(&mut *connection).await {
            tracing::debug!(%why, "the journal stays as it is for now");
        }
    }
}
