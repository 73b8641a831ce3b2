//! What the store knows of itself: a name and a value each.

use super::db::{Result, Store, Tx};
use crate::clock::{Instant, from_seconds};
use crate::sql;

/// The site's id (a UUID).
pub const SITE_ID: &str = "site_id";
/// Which secret belongs to this store.
pub const KEY_ID: &str = "key_id";
/// The instant of the first pass, in seconds.
pub const CREATED: &str = "created";
/// The instant of the newest pass, in seconds.
pub const NEWEST_PASS: &str = "newest_pass";

/// The fact that says where the pages of the archive say that they are published.
pub const ARCHIVE_URL: &str = "archive_url";

impl Store {
    /// The value of a fact, if it has one.
    ///
    /// # Errors
    /// As the database says.
    pub async fn fact(&self, name: &str) -> Result<Option<String>> {
        let row: Option<(String,)> = self
            .read(sql!("SELECT value FROM facts WHERE name = $1"))
            .bind(name.to_owned())
            .maybe()
            .await?;
        Ok(row.map(|(value,)| value))
    }

    /// A fact that is an instant.
    ///
    /// # Errors
    /// As the database says.
    pub async fn fact_instant(&self, name: &str) -> Result<Option<Instant>> {
        Ok(self.fact(name).await?.as_deref().and_then(instant))
    }

    /// Gives a fact a value, whatever it had.
    ///
    /// # Errors
    /// As the database says.
    pub async fn set_fact(&self, name: &str, value: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.set_fact(name, value).await?;
        tx.commit().await
    }

    /// Gives a fact a value if it has none; the value that it has then. Of two who do so at once
    /// both get the same.
    ///
    /// # Errors
    /// As the database says.
    pub async fn keep_fact(&self, name: &str, value: &str) -> Result<String> {
        if let Some(there) = self.fact(name).await? {
            return Ok(there);
        }
        let mut tx = self.begin().await?;
        tx.query(sql!(
            "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
        ))
        .bind(name.to_owned())
        .bind(value.to_owned())
        .run()
        .await?;
        tx.commit().await?;
        Ok(self.fact(name).await?.unwrap_or_else(|| value.to_owned()))
    }
}

impl Tx {
    /// The value of a fact, if it has one.
    ///
    /// # Errors
    /// As the database says.
    pub async fn fact(&mut self, name: &str) -> Result<Option<String>> {
        let row: Option<(String,)> = self
            .query(sql!("SELECT value FROM facts WHERE name = $1"))
            .bind(name.to_owned())
            .maybe()
            .await?;
        Ok(row.map(|(value,)| value))
    }

    /// Gives a fact a value, whatever it had.
    ///
    /// # Errors
    /// As the database says.
    pub async fn set_fact(&mut self, name: &str, value: &str) -> Result<()> {
        self.query(sql!(
            "INSERT INTO facts (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE facts.value <> excluded.value"
        ))
        .bind(name.to_owned())
        .bind(value.to_owned())
        .run()
        .await?;
        Ok(())
    }

    /// Enters a pass: the first one is the store's creation, and the newest one is remembered.
    ///
    /// # Errors
    /// As the database says.
    pub async fn enter_pass(&mut self, now: Instant) -> Result<()> {
        let seconds = now.timestamp().to_string();
        if self.fact(CREATED).await?.is_none() {
            self.set_fact(CREATED, &seconds).await?;
        }
        let newest = self.fact(NEWEST_PASS).await?.as_deref().and_then(instant);
        if newest.is_none_or(|newest| newest < now) {
            self.set_fact(NEWEST_PASS, &seconds).await?;
        }
        Ok(())
    }
}

fn instant(seconds: &str) -> Option<Instant> {
    seconds.parse().ok().map(from_seconds)
}
