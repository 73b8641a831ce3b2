//! Pings: planned before anything is sent, claimed before each request, settled after its answer.

use super::db::{Result, Store, Tx, rows};
use super::error::StoreError;
use crate::clock::{Instant, from_seconds};
use crate::pings::{self, Health, Planned, Request};
use crate::sql;

/// Who may plan pings now.
pub const PINGS_LOCK: i64 = 0x7069_6e67;
/// How many plans IndexNow was told of; none: it never was.
pub const INDEXNOW_PLANS: &str = "indexnow_plans";
/// The fact that says up to which announcement number articles were pinged.
pub const PINGS_UPTO: &str = "pings_upto";

/// A ping that waits, or that somebody is sending.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub id: i64,
    pub kind: String,
    pub endpoint: String,
    pub created: Instant,
}

/// A ping that is ours to send, once. Nobody else sends to its endpoint meanwhile.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub request: Request,
    /// This one counted. Nobody else's claim has the same number.
    pub attempt: i64,
    /// The endpoint's, before this try.
    pub health: Health,
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// `done`, `deferred`, `failed`, or `queued`: at once, with another request.
    pub state: &'static str,
    /// Of HTTP, where there was an answer.
    pub status: Option<u16>,
    pub answer: String,
    /// `None`: it is settled.
    pub next_try: Option<Instant>,
    /// In place of the one that was sent.
    pub request: Option<Request>,
    pub endpoint: Reached,
}

/// What a try has said of its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// It takes pings.
    Yes,
    /// It took none. Nothing is sent there before the next try.
    No {
        health: Health,
        next_try: Option<Instant>,
    },
    /// Nothing.
    Unknown,
}

/// A ping, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PingRow {
    pub id: i64,
    pub kind: String,
    pub endpoint: String,
    pub subjects: Vec<String>,
    pub change: String,
    pub state: String,
    pub attempts: i64,
    pub status: Option<i64>,
    pub answer: Option<String>,
    pub next_try: Option<Instant>,
    pub created: Instant,
    pub finished: Option<Instant>,
}

#[derive(sqlx::FromRow)]
struct Listed {
    id: i64,
    kind: String,
    endpoint: String,
    subjects: String,
    change: String,
    state: String,
    attempts: i64,
    status: Option<i64>,
    answer: Option<String>,
    next_try: Option<i64>,
    created: i64,
    finished: Option<i64>,
}

impl Tx {
    /// Enters pings; one that an endpoint has for the same change already is left as it is. Those to an
    /// endpoint in trouble wait as long as it does.
    ///
    /// # Errors
    /// As the database says.
    pub async fn add_pings(&mut self, planned: &[Planned], now: Instant) -> Result<()> {
        let mut new = Vec::with_capacity(planned.len());
        for ping in planned {
            new.push((
                ping.endpoint.clone(),
                ping.kind.name(),
                ping.change.clone(),
                json("subjects", &ping.subjects)?,
                json("a request", &ping.request)?,
            ));
        }
        self.query(sql!(
            "INSERT INTO pings (endpoint, kind, change, subjects, request, next_try, created)
             SELECT p.value->>0, p.value->>1, p.value->>2, p.value->>3, p.value->>4,
               CASE WHEN e.next_try > $2 THEN e.next_try ELSE $2 END, $2
             FROM jsonb_each($1) AS p LEFT JOIN ping_endpoints AS e ON e.endpoint = p.value->>0 WHERE true
             ON CONFLICT (endpoint, change) DO NOTHING"
        ))
        .bind(rows(new))
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    /// The pings about changes that nobody is sending and no answer has settled.
    ///
    /// # Errors
    /// As the database says.
    pub async fn waiting_pings(&mut self) -> Result<Vec<pings::Waiting>> {
        let found: Vec<(i64, String, String, String, String)> = self
            .query(sql!(
                "SELECT id, kind, endpoint, change, subjects FROM pings
                 WHERE next_try IS NOT NULL AND state <> 'sending' ORDER BY id"
            ))
            .all()
            .await?;
        let mut waiting = Vec::with_capacity(found.len());
        for (id, kind, endpoint, change, subjects) in found {
            let subjects = parsed("the subjects of a ping", &subjects)?;
            waiting.extend(pings::Waiting::of_change(id, &kind, endpoint, change, subjects));
        }
        Ok(waiting)
    }

    /// Takes out pings that others stand for, unless somebody has begun to send them.
    ///
    /// # Errors
    /// As the database says.
    pub async fn drop_pings(&mut self, ids: &[i64]) -> Result<()> {
        self.query(sql!(
            "DELETE FROM pings WHERE next_try IS NOT NULL AND state <> 'sending'
               AND id IN (SELECT CAST(p.value->>0 AS BIGINT) FROM jsonb_each($1) AS p)"
        ))
        .bind(rows(ids.iter().map(|id| (*id,))))
        .run()
        .await?;
        Ok(())
    }
}

impl Tx {
    /// Enters the one row of the heartbeat, or lets it be sent again.
    ///
    /// # Errors
    /// As the database says.
    pub async fn beat(&mut self, planned: &Planned, now: Instant) -> Result<()> {
        self.add_pings(std::slice::from_ref(planned), now).await?;
        self.query(sql!(
            "UPDATE pings SET state = 'queued', next_try = $3, created = $3, finished = NULL
             WHERE endpoint = $1 AND change = $2 AND state <> 'sending'"
        ))
        .bind(planned.endpoint.clone())
        .bind(planned.change.clone())
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }
}

impl Store {
    /// All that is due, and all that somebody is sending, or was when they died. What was tried least
    /// comes first: one that an endpoint never takes keeps no other from it.
    ///
    /// # Errors
    /// As the database says.
    pub async fn due_pings(&self, now: Instant) -> Result<Vec<Waiting>> {
        let found: Vec<(i64, String, String, i64)> = self
            .read(sql!(
                "SELECT id, kind, endpoint, created FROM pings
                 WHERE next_try IS NOT NULL AND (next_try <= $1 OR state = 'sending')
                 ORDER BY attempts, id"
            ))
            .bind(now.timestamp())
            .all()
            .await?;
        let waiting = |(id, kind, endpoint, created)| Waiting {
            id,
            kind,
            endpoint,
            created: from_seconds(created),
        };
        Ok(found.into_iter().map(waiting).collect())
    }

    /// Takes a ping to send it, for `lease` seconds. `None`: another has it, or settled it, or is sending
    /// another to its endpoint.
    ///
    /// # Errors
    /// As the database says.
    pub async fn claim_ping(&self, id: i64, now: Instant, lease: i64) -> Result<Option<Claimed>> {
        let mut tx = self.begin().await?;
        tx.lock(PINGS_LOCK).await?;
        let claimed: Option<(String, i64, String)> = tx
            .query(sql!(
                "WITH clock (seconds) AS (SELECT ",
                ["unixepoch()" | "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"],
                ")
                 UPDATE pings SET state = 'sending', attempts = attempts + 1,
                   leased_until = clock.seconds + $3
                 FROM clock
                 WHERE id = $1 AND next_try IS NOT NULL
                   AND (state <> 'sending' AND next_try <= $2
                     OR state = 'sending' AND leased_until < clock.seconds)
                   AND NOT EXISTS (SELECT 1 FROM pings AS other
                     WHERE other.endpoint = pings.endpoint AND other.id <> pings.id
                       AND other.next_try IS NOT NULL AND other.state = 'sending'
                       AND other.leased_until >= clock.seconds)
                 RETURNING request, attempts, endpoint"
            ))
            .bind(id)
            .bind(now.timestamp())
            .bind(lease)
            .maybe()
            .await?;
        let Some((request, attempt, endpoint)) = claimed else {
            return Ok(None);
        };
        let health = tx.ping_health(&endpoint).await?;
        tx.commit().await?;
        Ok(Some(Claimed {
            request: parsed("the request of a ping", &request)?,
            attempt,
            health,
        }))
    }

    /// Keeps what became of a try; `false` where the ping has meanwhile become another's.
    ///
    /// # Errors
    /// As the database says.
    pub async fn settle_ping(&self, id: i64, attempt: i64, outcome: &Outcome, now: Instant) -> Result<bool> {
        let request = match &outcome.request {
            Some(request) => Some(json("a request", request)?),
            None => None,
        };
        let mut tx = self.begin().await?;
        let settled: Option<(String,)> = tx
            .query(sql!(
                "UPDATE pings SET state = $3, status = $4, answer = $5, next_try = $6, finished = $7,
                   request = coalesce($8, request), leased_until = NULL
                 WHERE id = $1 AND attempts = $2 AND state = 'sending' RETURNING endpoint"
            ))
            .bind(id)
            .bind(attempt)
            .bind(outcome.state.to_owned())
            .bind(outcome.status.map(i64::from))
            .bind(outcome.answer.clone())
            .bind(outcome.next_try.map(|at| at.timestamp()))
            .bind(outcome.next_try.is_none().then_some(now.timestamp()))
            .bind(request)
            .maybe()
            .await?;
        let Some((endpoint,)) = settled else {
            return Ok(false);
        };
        match &outcome.endpoint {
            Reached::Yes => tx.endpoint_answers(&endpoint, now).await?,
            Reached::No { health, next_try } => tx.endpoint_fails(&endpoint, *health, *next_try).await?,
            Reached::Unknown => {}
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Lets pings wait that were not tried, because their endpoint is in trouble.
    ///
    /// # Errors
    /// As the database says.
    pub async fn put_off_pings(&self, ids: &[i64], until: Instant, why: &str) -> Result<()> {
        self.write(sql!(
            "UPDATE pings SET state = 'deferred', next_try = $2, answer = $3
             WHERE next_try IS NOT NULL AND state <> 'sending'
               AND id IN (SELECT CAST(p.value->>0 AS BIGINT) FROM jsonb_each($1) AS p)"
        ))
        .bind(rows(ids.iter().map(|id| (*id,))))
        .bind(until.timestamp())
        .bind(why.to_owned())
        .run()
        .await?;
        Ok(())
    }

    /// All pings from after an id on, oldest first.
    ///
    /// # Errors
    /// As the database says.
    pub async fn pings(&self, after: i64, limit: i64) -> Result<Vec<PingRow>> {
        let found: Vec<Listed> = self
            .read(sql!(
                "SELECT id, kind, endpoint, subjects, change, state, attempts, status, answer,
                   next_try, created, finished
                 FROM pings WHERE id > $1 ORDER BY id LIMIT $2"
            ))
            .bind(after)
            .bind(limit)
            .all()
            .await?;
        found.into_iter().map(row).collect()
    }
}

fn row(listed: Listed) -> Result<PingRow> {
    Ok(PingRow {
        id: listed.id,
        kind: listed.kind,
        endpoint: listed.endpoint,
        subjects: parsed("the subjects of a ping", &listed.subjects)?,
        change: listed.change,
        state: listed.state,
        attempts: listed.attempts,
        status: listed.status,
        answer: listed.answer,
        next_try: listed.next_try.map(from_seconds),
        created: from_seconds(listed.created),
        finished: listed.finished.map(from_seconds),
    })
}

fn json<T: serde::Serialize>(what: &str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|why| StoreError::Document {
        what: what.to_owned(),
        why,
    })
}

fn parsed<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|why| StoreError::Document {
        what: what.to_owned(),
        why,
    })
}
