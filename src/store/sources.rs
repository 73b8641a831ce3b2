//! Which sources have been read, when last, and what that left for the next reading.

use super::article_rows::unreadable;
use super::db::{Result, Store, Tx, rows};
use crate::clock::{Instant, from_seconds};
use crate::sources::{Notes, Past};
use crate::sql;
use std::collections::HashMap;

/// So many notes go in one statement.
const NOTES: usize = 2_000;

impl Tx {
    /// When each source was read last.
    ///
    /// # Errors
    /// As the database says.
    pub async fn last_passes(&mut self) -> Result<HashMap<String, Instant>> {
        let passes: Vec<(String, i64)> = self
            .query(sql!("SELECT name, last_pass FROM sources"))
            .all()
            .await?;
        Ok(passes
            .into_iter()
            .map(|(name, at)| (name, from_seconds(at)))
            .collect())
    }

    /// Enters that these sources were read.
    ///
    /// # Errors
    /// As the database says.
    pub async fn enter_readings(&mut self, sources: &[String], now: Instant) -> Result<()> {
        self.query(sql!(
            "INSERT INTO sources (name, first_pass, last_pass)
             SELECT s.value->>0, $2, $2 FROM jsonb_each($1) AS s WHERE true
             ON CONFLICT (name) DO UPDATE SET last_pass = excluded.last_pass"
        ))
        .bind(rows(sources.iter().map(|name| (name.clone(),))))
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    /// Keeps what readings want to be told the next time, each with its source's name.
    ///
    /// # Errors
    /// As the database says.
    pub async fn remember(&mut self, notes: Vec<(String, Notes)>) -> Result<()> {
        let all = notes.into_iter().flat_map(|(source, notes)| {
            notes
                .0
                .into_iter()
                .map(move |(key, value)| (source.clone(), key, value))
        });
        let (kept, forgotten): (Vec<_>, Vec<_>) = all.partition(|(_, _, value)| value.is_some());
        for batch in forgotten.chunks(NOTES) {
            self.query(sql!(
                "DELETE FROM memory WHERE EXISTS (SELECT 1 FROM jsonb_each($1) AS m
                   WHERE memory.source = m.value->>0 AND memory.key = m.value->>1)"
            ))
            .bind(rows(batch.iter()))
            .run()
            .await?;
        }
        for batch in kept.chunks(NOTES) {
            self.query(sql!(
                "INSERT INTO memory (source, key, value)
                 SELECT m.value->>0, m.value->>1, m.value->>2 FROM jsonb_each($1) AS m WHERE true
                 ON CONFLICT (source, key) DO UPDATE SET value = excluded.value"
            ))
            .bind(rows(batch.iter()))
            .run()
            .await?;
        }
        Ok(())
    }
}

impl Store {
    /// What earlier readings of a source left.
    ///
    /// # Errors
    /// As the database says.
    pub async fn past(&self, source: &str) -> Result<Past> {
        let memory: Vec<(String, String)> = self
            .read(sql!("SELECT key, value FROM memory WHERE source = $1"))
            .bind(source)
            .all()
            .await?;
        let mut known = Vec::new();
        loop {
            let after = known.last().map(|(path, _): &(String, _)| path.clone());
            let page = self.known_after(source, after.unwrap_or_default()).await?;
            if page.is_empty() {
                break;
            }
            known.extend(page);
        }
        let read: Option<(i64,)> = self
            .read(sql!("SELECT last_pass FROM sources WHERE name = $1"))
            .bind(source)
            .maybe()
            .await?;
        let failing = known.iter().filter(|(_, failing)| failing.is_some());
        Ok(Past {
            was_read: read.is_some(),
            memory: memory.into_iter().collect(),
            failing: failing.map(|(path, _)| path.clone()).collect(),
            known: known.into_iter().map(|(path, _)| path).collect(),
        })
    }

    /// Some of the paths of a source's articles, and since when each fails, as one row: one by one, most
    /// of the time would go into handing them over.
    async fn known_after(&self, source: &str, path: String) -> Result<Vec<(String, Option<i64>)>> {
        let (page,): (String,) = self
            .read(sql!(
                "SELECT CAST(COALESCE(",
                ["json_group_array(json_array(" | "json_agg(json_build_array("],
                "p.path, p.failing)), '[]') AS TEXT)
                 FROM (SELECT path, failing FROM articles
                   WHERE source = $1 AND removed IS NULL AND path > $2 ORDER BY path LIMIT 2000) AS p"
            ))
            .bind(source.to_owned())
            .bind(path)
            .one()
            .await?;
        serde_json::from_str(&page).map_err(|why| unreadable("unnamed", why))
    }
}
