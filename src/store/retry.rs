//! Deliveries that the operator has tried again.

use super::db::{Result, Store, rows};
use super::deliveries::domain_pattern;
use crate::clock::Instant;
use crate::sql;

/// Rows of one transaction: few enough that nobody waits long for the writer.
const CHUNK: i64 = 20_000;

/// Which deliveries are tried again; what is empty asks for nothing.
#[derive(Debug, Default, Clone)]
pub struct Again {
    /// Of deferred, failed and unknown: any of these.
    pub states: Vec<String>,
    /// By its name.
    pub edition: Option<String>,
    /// Of the address.
    pub domain: Option<String>,
    pub code: Option<i64>,
    pub ids: Vec<i64>,
}

impl Store {
    /// Makes deliveries due: deferred ones as they are, failed and unknown ones queued as if for the
    /// first time. Their edition is open again. Whoever must not be mailed stays out, and so does a
    /// dropped edition. How many there are.
    ///
    /// # Errors
    /// As the database says.
    pub async fn try_again(&self, again: &Again, due: Instant) -> Result<u64> {
        let mut after = 0;
        let mut retried = 0;
        loop {
            let some = self.try_some_again(again, after, due).await?;
            let Some(last) = some.iter().max() else {
                return Ok(retried);
            };
            after = *last;
            retried += some.len() as u64;
        }
    }

    async fn try_some_again(&self, again: &Again, after: i64, due: Instant) -> Result<Vec<i64>> {
        let mut tx = self.begin().await?;
        let changed: Vec<(i64, Option<i64>)> = tx
            .query(sql!(
                "UPDATE deliveries SET
                   state = CASE WHEN state = 'deferred' THEN 'deferred' ELSE 'queued' END,
                   first_try = CASE WHEN state = 'deferred' THEN first_try END,
                   next_try = CASE WHEN kind = 'edition' THEN CAST($1 AS BIGINT) ELSE 0 END
                 WHERE state IN ('deferred', 'failed', 'unknown') AND id IN (
                   SELECT d.id FROM deliveries AS d
                   LEFT JOIN editions AS e ON e.id = d.edition
                   LEFT JOIN subscribers AS s ON s.id = d.subscriber
                   LEFT JOIN subscriptions AS n ON n.subscriber = d.subscriber AND n.digest = e.digest
                   WHERE d.id > $2 AND d.state IN (SELECT w.value->>0 FROM jsonb_each($3) AS w)
                     AND (CAST($4 AS TEXT) IS NULL OR e.name = CAST($4 AS TEXT))
                     AND (CAST($5 AS TEXT) IS NULL
                       OR lower(COALESCE(d.address, s.address)) LIKE CAST($5 AS TEXT) ESCAPE '!')
                     AND (CAST($6 AS BIGINT) IS NULL OR d.code = CAST($6 AS BIGINT))
                     AND ($7 OR d.id IN (SELECT CAST(i.value->>0 AS BIGINT) FROM jsonb_each($8) AS i))
                     AND COALESCE(e.state, '') <> 'dropped'
                     AND COALESCE(s.address_state, 'good') = 'good'
                     AND (d.kind <> 'edition' OR n.standing = 'active')
                   ORDER BY d.id LIMIT $9)
                 RETURNING id, edition"
            ))
            .bind(due.timestamp())
            .bind(after)
            .bind(rows(again.states.iter().map(|state| (state,))))
            .bind(again.edition.clone())
            .bind(again.domain.as_deref().map(domain_pattern))
            .bind(again.code)
            .bind(again.ids.is_empty())
            .bind(rows(again.ids.iter().map(|id| (id,))))
            .bind(CHUNK)
            .all()
            .await?;
        let mut editions: Vec<i64> = changed.iter().filter_map(|(_, edition)| *edition).collect();
        editions.sort_unstable();
        editions.dedup();
        tx.query(sql!(
            "UPDATE editions SET state = 'sending', finished = NULL, revision = revision + 1
             WHERE state IN ('sending', 'done') AND id IN (SELECT CAST(i.value->>0 AS BIGINT) FROM jsonb_each($1) AS i)"
        ))
        .bind(rows(editions.iter().map(|id| (id,))))
        .run()
        .await?;
        tx.commit().await?;
        Ok(changed.into_iter().map(|(id, _)| id).collect())
    }

    /// The states of deliveries, those that there are.
    ///
    /// # Errors
    /// As the database says.
    pub async fn delivery_states(&self, ids: &[i64]) -> Result<Vec<(i64, String)>> {
        self.read(sql!(
            "SELECT d.id, d.state FROM jsonb_each($1) AS i JOIN deliveries AS d ON d.id = CAST(i.value->>0 AS BIGINT)"
        ))
        .bind(rows(ids.iter().map(|id| (id,))))
        .all()
        .await
    }
}
