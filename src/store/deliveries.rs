//! The delivery rows: who is next, and what became of whom. Every statement is one batch.

use super::db::{Query, Result, Sql, Store, Tx, rows};
use crate::sql;
use crate::telemetry::metrics;
use std::time::Instant;

/// A row of ours to send. Worker, turn and id together are the fence in every later statement about
/// it: once another worker has taken the row over, our late outcome changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Claimed {
    pub id: i64,
    pub turn: i64,
    /// `edition`, `confirm` …
    pub kind: String,
    pub edition: Option<i64>,
    /// As people call it: `weekly/2026-11-30T07:00Z`.
    pub edition_name: Option<String>,
    /// The edition's digest.
    pub digest: Option<String>,
    /// Of the edition.
    pub edition_state: Option<String>,
    pub variant: i64,
    pub subscriber: Option<i64>,
    /// Empty where there is none.
    pub address: String,
    pub name: String,
    /// Of the subscriber, where there is one: `good`, `bounced`, `complained`.
    pub address_state: Option<String>,
    /// With the edition's digest: `active` …
    pub standing: Option<String>,
    pub attempts: i64,
    pub doubts: i64,
    /// When the first answer about it came.
    pub first_try: Option<i64>,
}

impl Claimed {
    /// Whether an answer about it was read in an earlier try.
    #[must_use]
    pub fn was_answered(&self) -> bool {
        self.attempts > self.doubts
    }
}

/// What a row becomes. Without `next_try` it is settled for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub id: i64,
    pub turn: i64,
    pub state: State,
    /// Whether the server was asked about it: only that counts as an attempt.
    pub tried: bool,
    /// Whether its answer was never read.
    pub in_doubt: bool,
    pub code: Option<u16>,
    /// `None`: what was there before stays.
    pub reply: Option<String>,
    pub relay: Option<String>,
    pub next_try: Option<i64>,
    pub at: i64,
    /// Why nothing more of this edition goes out.
    pub hold: Option<(i64, String)>,
}

/// The states a worker writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Queued,
    Sent,
    Deferred,
    Failed,
    Suppressed,
    Unknown,
    Dropped,
}

impl State {
    /// As it stands in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Sent => "sent",
            State::Deferred => "deferred",
            State::Failed => "failed",
            State::Suppressed => "suppressed",
            State::Unknown => "unknown",
            State::Dropped => "dropped",
        }
    }
}

/// What was found of a worker that is no more.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct TakenOver {
    pub in_doubt: u64,
    pub put_back: u64,
}

/// A row as `deliveries list` shows it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    pub id: i64,
    pub kind: String,
    /// Its name.
    pub edition: Option<String>,
    pub variant: i64,
    pub subscriber: Option<i64>,
    pub address: Option<String>,
    pub state: String,
    pub attempts: i64,
    pub code: Option<i64>,
    pub reply: Option<String>,
    pub next_try: Option<i64>,
    pub sent_at: Option<i64>,
    pub relay: Option<String>,
}

/// Which rows to list; `None` is any.
#[derive(Debug, Default, Clone)]
pub struct Wanted {
    pub edition: Option<String>,
    pub state: Option<String>,
    /// Of the address.
    pub domain: Option<String>,
    pub code: Option<i64>,
    pub after: i64,
    pub limit: i64,
}

const CLAIM: Sql = sql!(
    "WITH picked AS MATERIALIZED (
       SELECT id FROM deliveries
       WHERE next_try <= $4
         AND (edition IS NULL OR edition NOT IN (SELECT id FROM editions WHERE held IS NOT NULL))
         AND (kind IN ('alert', 'test') OR NOT EXISTS (SELECT 1 FROM facts WHERE name = 'restored'))
       ORDER BY next_try, id LIMIT $5 ",
    ["" | "FOR UPDATE SKIP LOCKED"],
    ") UPDATE deliveries SET state = 'sending', worker = $1, lane = $2, turn = $3, next_try = NULL
     FROM picked WHERE deliveries.id = picked.id
     RETURNING deliveries.id, turn, kind, edition, variant, subscriber, attempts, doubts, first_try,
       (SELECT e.name FROM editions AS e WHERE e.id = deliveries.edition) AS edition_name,
       (SELECT e.digest FROM editions AS e WHERE e.id = deliveries.edition) AS digest,
       (SELECT e.state FROM editions AS e WHERE e.id = deliveries.edition) AS edition_state,
       COALESCE(deliveries.address,
         (SELECT s.address FROM subscribers AS s WHERE s.id = deliveries.subscriber), '') AS address,
       COALESCE((SELECT s.name FROM subscribers AS s WHERE s.id = deliveries.subscriber), '') AS name,
       (SELECT s.address_state FROM subscribers AS s WHERE s.id = deliveries.subscriber) AS address_state,
       (SELECT n.standing FROM subscriptions AS n
        WHERE n.subscriber = deliveries.subscriber
          AND n.digest = (SELECT e.digest FROM editions AS e WHERE e.id = deliveries.edition)) AS standing"
);

/// No index leads over claimed rows, so that `worker` costs one comparison and no search.
const SETTLE: Sql = sql!(
    "UPDATE deliveries SET state = o.value->>2,
       attempts = attempts + CAST(o.value->>3 AS BIGINT),
       doubts = doubts + CAST(o.value->>4 AS BIGINT),
       code = CASE WHEN o.value->>6 IS NULL THEN code ELSE CAST(o.value->>5 AS BIGINT) END,
       reply = COALESCE(o.value->>6, reply),
       relay = COALESCE(o.value->>7, relay),
       next_try = CAST(o.value->>8 AS BIGINT),
       first_try = COALESCE(first_try, CAST(o.value->>9 AS BIGINT)),
       sent_at = CAST(o.value->>10 AS BIGINT),
       worker = NULL, lane = NULL, turn = NULL
     FROM jsonb_each($1) AS o
     WHERE deliveries.id = CAST(o.value->>0 AS BIGINT)
       AND deliveries.worker = $2 AND deliveries.turn = CAST(o.value->>1 AS BIGINT)"
);

impl Tx {
    /// Gives a lane its next few rows, in the order in which it must send them. `turn` grows with each
    /// claim of a worker.
    pub async fn claim(
        &mut self,
        worker: &str,
        lane: i64,
        turn: i64,
        now: i64,
        n: i64,
    ) -> Result<Vec<Claimed>> {
        let mut claimed: Vec<Claimed> = self
            .query(CLAIM)
            .bind(worker)
            .bind(lane)
            .bind(turn)
            .bind(now)
            .bind(n)
            .all()
            .await?;
        // RETURNING promises no order, and the order tells the row in doubt from the others.
        claimed.sort_unstable_by_key(|row| row.id);
        Ok(claimed)
    }

    /// Writes what became of rows of this worker; how many were still its own.
    pub async fn settle(&mut self, worker: &str, outcomes: &[&Outcome]) -> Result<u64> {
        let changed = settle(self.query(SETTLE), worker, outcomes).await?;
        for outcome in outcomes {
            if let Some((edition, reason)) = &outcome.hold {
                self.hold_refused(*edition, reason, outcome.at).await?;
            }
        }
        Ok(changed)
    }

    /// Gives back what a living worker claimed after the turn `heard`: the claims were committed, and the
    /// answer was lost.
    pub async fn put_back_unheard(&mut self, worker: &str, heard: i64, now: i64) -> Result<u64> {
        self.query(sql!(
            "UPDATE deliveries SET state = 'queued',
               next_try = CASE WHEN kind = 'edition' THEN CAST($3 AS BIGINT) ELSE 0 END,
               worker = NULL, lane = NULL, turn = NULL
             WHERE worker = $1 AND turn > $2"
        ))
        .bind(worker)
        .bind(heard)
        .bind(now)
        .run()
        .await
    }

    /// Of each lane of a dead worker the first unsettled row may have reached its reader: only for
    /// that one can a final dot have been sent. The others were never begun. `leave` makes the row in
    /// doubt `unknown`, else it is tried again.
    pub async fn take_over(&mut self, dead: &str, now: i64, leave: bool) -> Result<TakenOver> {
        let in_doubt = self
            .query(sql!(
                "UPDATE deliveries SET state = $2,
                   next_try = CASE WHEN $2 = 'unknown' THEN NULL
                     WHEN kind = 'edition' THEN CAST($3 AS BIGINT) ELSE 0 END,
                   attempts = attempts + 1, doubts = doubts + 1,
                   worker = NULL, lane = NULL, turn = NULL
                 WHERE worker = $1 AND id IN (
                   SELECT first.id FROM (
                     SELECT id, row_number() OVER (PARTITION BY lane ORDER BY turn, id) AS place
                     FROM deliveries WHERE worker = $1) AS first
                   WHERE first.place = 1)"
            ))
            .bind(dead)
            .bind(if leave { "unknown" } else { "queued" })
            .bind(now)
            .run()
            .await?;
        let put_back = self
            .query(sql!(
                "UPDATE deliveries SET state = 'queued',
                   next_try = CASE WHEN kind = 'edition' THEN CAST($2 AS BIGINT) ELSE 0 END,
                   worker = NULL, lane = NULL, turn = NULL
                 WHERE worker = $1"
            ))
            .bind(dead)
            .bind(now)
            .run()
            .await?;
        Ok(TakenOver { in_doubt, put_back })
    }
}

impl Store {
    /// Outcomes without a claim and without a hold: the statement is its own transaction, two trips
    /// to SQLite's thread fewer.
    pub async fn settle(&self, worker: &str, outcomes: &[&Outcome]) -> Result<u64> {
        let began = Instant::now();
        let settled = settle(self.write(SETTLE), worker, outcomes).await?;
        metrics::store_written(began.elapsed());
        Ok(settled)
    }

    /// Whether a delivery is due that may be claimed.
    pub async fn is_delivery_due(&self, now: i64) -> Result<bool> {
        let due = self
            .read(sql!(
                "SELECT id FROM deliveries
                 WHERE next_try <= $1
                   AND (edition IS NULL OR edition NOT IN (SELECT id FROM editions WHERE held IS NOT NULL))
                   AND (kind IN ('alert', 'test') OR NOT EXISTS (SELECT 1 FROM facts WHERE name = 'restored'))
                 LIMIT 1"
            ))
            .bind(now)
            .maybe::<(i64,)>()
            .await?;
        Ok(due.is_some())
    }

    /// When the next delivery is due, in seconds, of those that may be claimed. `None`: none waits.
    ///
    /// # Errors
    /// As the database says.
    pub async fn next_delivery(&self) -> Result<Option<i64>> {
        let next = self
            .read(sql!(
                "SELECT next_try FROM deliveries
                 WHERE next_try IS NOT NULL
                   AND (edition IS NULL OR edition NOT IN (SELECT id FROM editions WHERE held IS NOT NULL))
                   AND (kind IN ('alert', 'test') OR NOT EXISTS (SELECT 1 FROM facts WHERE name = 'restored'))
                 ORDER BY next_try, id LIMIT 1"
            ))
            .maybe::<(i64,)>()
            .await?;
        Ok(next.map(|(next,)| next))
    }

    /// How many deliveries are queued: neither tried and deferred, nor settled.
    pub async fn queued_deliveries(&self) -> Result<i64> {
        let (queued,) = self
            .read(sql!(
                "SELECT count(*) FROM deliveries WHERE next_try IS NOT NULL AND state = 'queued'"
            ))
            .one::<(i64,)>()
            .await?;
        Ok(queued)
    }

    /// The frozen message of a variant, as JSON.
    pub async fn frozen_message(&self, variant: i64) -> Result<Option<String>> {
        let found = self
            .read(sql!("SELECT message FROM variants WHERE id = $1"))
            .bind(variant)
            .maybe::<(String,)>()
            .await?;
        Ok(found.map(|(message,)| message))
    }

    /// Rows by id, those that are wanted.
    pub async fn list_deliveries(&self, wanted: &Wanted) -> Result<Vec<Listed>> {
        let domain = wanted.domain.as_deref().map(domain_pattern);
        self.read(sql!(
            "SELECT d.id, d.kind, e.name AS edition, d.variant, d.subscriber,
               COALESCE(d.address, s.address) AS address, d.state, d.attempts, d.code, d.reply,
               d.next_try, d.sent_at, d.relay
             FROM deliveries AS d
             LEFT JOIN editions AS e ON e.id = d.edition
             LEFT JOIN subscribers AS s ON s.id = d.subscriber
             WHERE d.id > $1 AND d.variant <> 0
               AND (CAST($2 AS TEXT) IS NULL OR e.name = CAST($2 AS TEXT))
               AND (CAST($3 AS TEXT) IS NULL OR d.state = CAST($3 AS TEXT))
               AND (CAST($4 AS TEXT) IS NULL
                 OR lower(COALESCE(d.address, s.address)) LIKE CAST($4 AS TEXT) ESCAPE '!')
               AND (CAST($5 AS BIGINT) IS NULL OR d.code = CAST($5 AS BIGINT))
             ORDER BY d.id LIMIT $6"
        ))
        .bind(wanted.after)
        .bind(wanted.edition.clone())
        .bind(wanted.state.clone())
        .bind(domain)
        .bind(wanted.code)
        .bind(wanted.limit)
        .all()
        .await
    }
}

/// What the addresses of a domain look like, for `LIKE … ESCAPE '!'`.
pub(super) fn domain_pattern(domain: &str) -> String {
    let domain = domain.to_lowercase();
    let escaped = domain.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%@{escaped}")
}

async fn settle(query: Query<'_>, worker: &str, outcomes: &[&Outcome]) -> Result<u64> {
    let values = rows(outcomes.iter().map(|outcome| {
        (
            outcome.id,
            outcome.turn,
            outcome.state,
            i64::from(outcome.tried),
            i64::from(outcome.in_doubt),
            outcome.code,
            &outcome.reply,
            &outcome.relay,
            outcome.next_try,
            outcome.tried.then_some(outcome.at),
            (outcome.state == State::Sent).then_some(outcome.at),
        )
    }));
    query.bind(values).bind(worker).run().await
}
