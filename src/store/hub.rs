//! Subscriptions of the hub, and what was asked of it. A delivery has no row of its own: a subscription
//! was told of some version, and there is something to deliver while `feeds` has another.

use super::db::{Result, Store, Tx, rows};
use super::hub_requests::{Due, HUB_LOCK, HubRequest};
use crate::clock::Instant;
use crate::sql;

/// A subscription that is ours to tell.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Subscription {
    pub id: i64,
    pub protocol: String,
    pub path: String,
    pub topic: String,
    pub callback: String,
    pub host: String,
    pub secret: Option<String>,
    /// The hash of the bytes that were delivered last.
    pub body: Option<String>,
    /// This one counted. With the id it names the claim.
    pub attempts: i64,
    /// What is to be delivered.
    pub version: String,
}

/// What became of a try to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub id: i64,
    /// The claim's.
    pub attempts: i64,
    pub answer: String,
    pub end: End,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It has that version, of which these are the bytes' hash.
    Told {
        version: String,
        body: String,
    },
    /// It wants no more.
    Gone,
    Later(Instant),
}

/// How full the hub is, for one subscription that somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Fill {
    /// Until when that very one is kept, in seconds since 1970; `None`: it is not there.
    pub expires: Option<i64>,
    pub subscriptions: i64,
    pub of_host: i64,
    pub requests: i64,
    pub requests_of_host: i64,
}

impl Store {
    /// How full it is.
    ///
    /// # Errors
    /// As the database says.
    pub async fn hub_fill(&self, protocol: &str, path: &str, callback: &str, host: &str) -> Result<Fill> {
        self.read(sql!(
            "SELECT
               (SELECT expires FROM hub_subscriptions
                WHERE protocol = $1 AND path = $2 AND callback = $3) AS expires,
               (SELECT count(*) FROM hub_subscriptions) AS subscriptions,
               (SELECT count(*) FROM hub_subscriptions WHERE host = $4) AS of_host,
               (SELECT count(*) FROM hub_requests) AS requests,
               (SELECT count(*) FROM hub_requests WHERE host = $4) AS requests_of_host"
        ))
        .bind(protocol.to_owned())
        .bind(path.to_owned())
        .bind(callback.to_owned())
        .bind(host.to_owned())
        .one()
        .await
    }

    /// The subscriptions that are to be told, and that nobody is telling; those first that answered last
    /// time, and those of one document together.
    ///
    /// # Errors
    /// As the database says.
    pub async fn due_subscriptions(&self, now: Instant) -> Result<Vec<Due>> {
        self.read(sql!(
            "SELECT s.id, s.host, s.attempts FROM hub_subscriptions AS s
             JOIN feeds AS f ON f.path = s.path
             WHERE s.told <> f.hash AND s.next_try <= $1 AND s.expires > $1
               AND (s.leased_until IS NULL OR s.leased_until < ",
            ["unixepoch()" | "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"],
            ") ORDER BY s.attempts, s.path, s.id"
        ))
        .bind(now.timestamp())
        .all()
        .await
    }

    /// Keeps what became of tries to tell, and takes what is to be verified and told next, for `lease`
    /// seconds: those of the ids that nobody else has. All in one write, for this is done again and again
    /// while many are told.
    ///
    /// # Errors
    /// As the database says; then nothing was kept or taken.
    pub async fn turn_hub(
        &self,
        settled: &[Settled],
        (requests, subscriptions): (&[i64], &[i64]),
        lease: i64,
    ) -> Result<(Vec<HubRequest>, Vec<Subscription>)> {
        let mut tx = self.begin().await?;
        tx.lock(HUB_LOCK).await?;
        if !settled.is_empty() {
            tx.settle_subscriptions(settled).await?;
        }
        let requests = match requests {
            [] => Vec::new(),
            ids => tx.claim_hub_requests(ids, lease).await?,
        };
        let subscriptions = match subscriptions {
            [] => Vec::new(),
            ids => tx.claim_subscriptions(ids, lease).await?,
        };
        tx.commit().await?;
        Ok((requests, subscriptions))
    }

    /// Forgets subscriptions whose time is over, and requests from before `stale`; those of documents
    /// that are published no more end, and their callbacks are to be told so.
    ///
    /// # Errors
    /// As the database says.
    pub async fn tidy_hub(&self, now: Instant, stale: Instant) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(HUB_LOCK).await?;
        tx.query(sql!("DELETE FROM hub_subscriptions WHERE expires <= $1"))
            .bind(now.timestamp())
            .run()
            .await?;
        tx.query(sql!("DELETE FROM hub_requests WHERE created <= $1"))
            .bind(stale.timestamp())
            .run()
            .await?;
        tx.query(sql!(
            "INSERT INTO hub_requests (protocol, mode, path, topic, callback, host, secret, lease, next_try, created)
             SELECT protocol, 'denied', path, topic, callback, host, NULL, 0, $1, $1 FROM hub_subscriptions
             WHERE protocol = 'websub' AND path NOT IN (SELECT path FROM feeds)
             ON CONFLICT (protocol, path, callback) DO NOTHING"
        ))
        .bind(now.timestamp())
        .run()
        .await?;
        tx.query(sql!(
            "DELETE FROM hub_subscriptions WHERE path NOT IN (SELECT path FROM feeds)"
        ))
        .run()
        .await?;
        tx.commit().await
    }
}

impl Tx {
    /// Takes subscriptions to tell them, for `lease` seconds: those of the ids that nobody else has.
    async fn claim_subscriptions(&mut self, ids: &[i64], lease: i64) -> Result<Vec<Subscription>> {
        self.query(sql!(
            "WITH clock (seconds) AS (SELECT ",
            ["unixepoch()" | "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"],
            ")
                 UPDATE hub_subscriptions SET leased_until = clock.seconds + $2, attempts = attempts + 1
                 FROM clock
                 WHERE id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM jsonb_each($1) AS r)
                   AND (leased_until IS NULL OR leased_until < clock.seconds)
                   AND told <> (SELECT f.hash FROM feeds AS f WHERE f.path = hub_subscriptions.path)
                 RETURNING id, protocol, path, topic, callback, host, secret, body, attempts,
                   (SELECT f.hash FROM feeds AS f WHERE f.path = hub_subscriptions.path) AS version"
        ))
        .bind(rows(ids.iter().map(|id| (*id,))))
        .bind(lease)
        .all()
        .await
    }

    /// Keeps what became of tries to tell. What was taken over meanwhile is left alone.
    async fn settle_subscriptions(&mut self, settled: &[Settled]) -> Result<()> {
        let kept = settled.iter().filter_map(|settled| {
            let (told, next_try) = match &settled.end {
                End::Told { version, body } => (Some((version, body)), 0),
                End::Later(at) => (None, at.timestamp()),
                End::Gone => return None,
            };
            let (version, body) = told.unzip();
            let attempts_now = if version.is_some() { 0 } else { settled.attempts };
            Some((
                settled.id,
                settled.attempts,
                version,
                body,
                attempts_now,
                next_try,
                &settled.answer,
            ))
        });
        self.query(sql!(
            "UPDATE hub_subscriptions SET told = coalesce(s.value->>2, told), body = coalesce(s.value->>3, body),
               attempts = CAST(s.value->>4 AS BIGINT), next_try = CAST(s.value->>5 AS BIGINT),
               answer = s.value->>6, leased_until = NULL
             FROM jsonb_each($1) AS s
             WHERE hub_subscriptions.id = CAST(s.value->>0 AS BIGINT)
               AND hub_subscriptions.attempts = CAST(s.value->>1 AS BIGINT)"
        ))
        .bind(rows(kept))
        .run()
        .await?;
        let gone = settled.iter().filter(|settled| settled.end == End::Gone);
        self.query(sql!(
            "DELETE FROM hub_subscriptions WHERE EXISTS (SELECT 1 FROM jsonb_each($1) AS s
               WHERE hub_subscriptions.id = CAST(s.value->>0 AS BIGINT)
                 AND hub_subscriptions.attempts = CAST(s.value->>1 AS BIGINT))"
        ))
        .bind(rows(gone.map(|settled| (settled.id, settled.attempts))))
        .run()
        .await?;
        Ok(())
    }
}
