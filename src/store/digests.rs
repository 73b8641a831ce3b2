//! The floors of the digests: nothing numbered at or below one is ever mailed by that digest.

use super::db::{Result, Store, Tx, rows};
use crate::clock::Instant;
use crate::sql;

impl Store {
    /// A digest's floor; `None`: no pass has seen the digest yet.
    ///
    /// # Errors
    /// As the database says.
    pub async fn floor(&self, digest: &str) -> Result<Option<i64>> {
        let row: Option<(i64,)> = self
            .read(sql!("SELECT floor FROM digests WHERE name = $1"))
            .bind(digest.to_owned())
            .maybe()
            .await?;
        Ok(row.map(|(floor,)| floor))
    }
}

impl Tx {
    /// By digest, how many active readers have settled a number: what it stands for never reaches
    /// them.
    ///
    /// # Errors
    /// As the database says.
    pub async fn readers_past(&mut self, number: i64) -> Result<Vec<(String, i64)>> {
        self.query(sql!(
            "SELECT d.name, count(*) FROM digests AS d JOIN subscriptions AS s ON s.digest = d.name
             WHERE s.standing = 'active' AND (s.cursor >= $1 OR d.floor >= $1)
             GROUP BY d.name ORDER BY d.name"
        ))
        .bind(number)
        .all()
        .await
    }

    /// Sets the floors of the store's first pass, also where a pass that could read nothing has set
    /// some before.
    ///
    /// # Errors
    /// As the database says.
    pub async fn set_first_floors(&mut self, floors: &[(String, i64)], now: Instant) -> Result<()> {
        self.query(sql!(
            "INSERT INTO digests (name, floor, created)
             SELECT d.value->>0, CAST(d.value->>1 AS BIGINT), $2 FROM jsonb_each($1) AS d WHERE true
             ON CONFLICT (name) DO UPDATE SET floor = excluded.floor"
        ))
        .bind(rows(floors.iter().cloned()))
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    /// Gives the digests that have no floor yet this one.
    ///
    /// # Errors
    /// As the database says.
    pub async fn add_floors(&mut self, digests: &[String], floor: i64, now: Instant) -> Result<()> {
        self.query(sql!(
            "INSERT INTO digests (name, floor, created)
             SELECT d.value->>0, $2, $3 FROM jsonb_each($1) AS d WHERE true
             ON CONFLICT (name) DO NOTHING"
        ))
        .bind(rows(digests.iter().map(|name| (name.clone(),))))
        .bind(floor)
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }
}
