//! What was asked of the hub and is not verified yet.

use super::db::{Result, Store, Tx, rows};
use crate::clock::Instant;
use crate::sql;

/// Who may claim and settle now.
pub(super) const HUB_LOCK: i64 = 0x6875_6273;

/// Something that is due: a request to verify, or a subscription to tell.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Due {
    pub id: i64,
    pub host: String,
    pub attempts: i64,
}

/// What is asked of the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHubRequest {
    pub protocol: &'static str,
    pub mode: &'static str,
    pub path: String,
    pub topic: String,
    pub callback: String,
    pub host: String,
    pub secret: Option<String>,
    pub lease: i64,
}

/// A request that is ours to verify.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct HubRequest {
    pub id: i64,
    pub protocol: String,
    pub mode: String,
    pub path: String,
    pub topic: String,
    pub callback: String,
    pub host: String,
    pub secret: Option<String>,
    pub lease: i64,
    /// This one counted. With the id it names the claim.
    pub attempts: i64,
    /// The version of the document that is published now; `None`: it is not any more.
    pub version: Option<String>,
}

impl Store {
    /// Enters what is asked for, in place of what was asked for the same subscriptions and is not verified
    /// yet. The ids, in their order.
    ///
    /// # Errors
    /// As the database says.
    pub async fn add_hub_requests(&self, asked: &[NewHubRequest], now: Instant) -> Result<Vec<i64>> {
        let mut tx = self.begin().await?;
        tx.lock(HUB_LOCK).await?;
        let mut ids = Vec::with_capacity(asked.len());
        for asked in asked {
            ids.push(tx.add_hub_request(asked, now).await?);
        }
        tx.commit().await?;
        Ok(ids)
    }

    /// How many of these requests wait still.
    ///
    /// # Errors
    /// As the database says.
    pub async fn open_hub_requests(&self, ids: &[i64]) -> Result<i64> {
        let (open,): (i64,) = self
            .read(sql!(
                "SELECT count(*) FROM hub_requests
                 WHERE id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM jsonb_each($1) AS r)"
            ))
            .bind(rows(ids.iter().map(|id| (*id,))))
            .one()
            .await?;
        Ok(open)
    }

    /// The requests that are due, and that nobody is verifying, oldest first.
    ///
    /// # Errors
    /// As the database says.
    pub async fn due_hub_requests(&self, now: Instant, most: i64) -> Result<Vec<Due>> {
        self.read(sql!(
            "SELECT id, host, attempts FROM hub_requests
             WHERE next_try <= $1 AND (leased_until IS NULL OR leased_until < ",
            ["unixepoch()" | "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"],
            ") ORDER BY attempts, id LIMIT $2"
        ))
        .bind(now.timestamp())
        .bind(most)
        .all()
        .await
    }

    /// A request is over: done where it was agreed to. What was asked anew meanwhile is left alone.
    ///
    /// # Errors
    /// As the database says; then nothing has happened.
    pub async fn settle_hub_request(&self, request: &HubRequest, agreed: bool, now: Instant) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock(HUB_LOCK).await?;
        let ended = tx
            .query(sql!("DELETE FROM hub_requests WHERE id = $1 AND attempts = $2"))
            .bind(request.id)
            .bind(request.attempts)
            .run()
            .await?;
        if ended == 0 {
            return Ok(());
        }
        match request.mode.as_str() {
            "subscribe" | "trial" if agreed => tx.add_subscription(request, now).await?,
            "unsubscribe" if agreed => tx.remove_subscription(request).await?,
            _ => {}
        }
        tx.commit().await
    }

    /// A request is verified later.
    ///
    /// # Errors
    /// As the database says.
    pub async fn defer_hub_request(&self, request: &HubRequest, next_try: Instant) -> Result<()> {
        self.write(sql!(
            "UPDATE hub_requests SET next_try = $3, leased_until = NULL WHERE id = $1 AND attempts = $2"
        ))
        .bind(request.id)
        .bind(request.attempts)
        .bind(next_try.timestamp())
        .run()
        .await?;
        Ok(())
    }
}

impl Tx {
    /// Takes requests to verify them, for `lease` seconds: those of the ids that nobody else has.
    pub(super) async fn claim_hub_requests(&mut self, ids: &[i64], lease: i64) -> Result<Vec<HubRequest>> {
        self.query(sql!(
            "WITH clock (seconds) AS (SELECT ",
            ["unixepoch()" | "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"],
            ")
                 UPDATE hub_requests SET leased_until = clock.seconds + $2, attempts = attempts + 1
                 FROM clock
                 WHERE id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM jsonb_each($1) AS r)
                   AND (leased_until IS NULL OR leased_until < clock.seconds)
                 RETURNING id, protocol, mode, path, topic, callback, host, secret, lease, attempts,
                   (SELECT f.hash FROM feeds AS f WHERE f.path = hub_requests.path) AS version"
        ))
        .bind(rows(ids.iter().map(|id| (*id,))))
        .bind(lease)
        .all()
        .await
    }

    async fn add_hub_request(&mut self, asked: &NewHubRequest, now: Instant) -> Result<i64> {
        self.query(sql!(
            "DELETE FROM hub_requests WHERE protocol = $1 AND path = $2 AND callback = $3"
        ))
        .bind(asked.protocol)
        .bind(asked.path.clone())
        .bind(asked.callback.clone())
        .run()
        .await?;
        let (id,): (i64,) = self
            .query(sql!(
                "INSERT INTO hub_requests (protocol, mode, path, topic, callback, host, secret, lease, next_try, created)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING id"
            ))
            .bind(asked.protocol)
            .bind(asked.mode)
            .bind(asked.path.clone())
            .bind(asked.topic.clone())
            .bind(asked.callback.clone())
            .bind(asked.host.clone())
            .bind(asked.secret.clone())
            .bind(asked.lease)
            .bind(now.timestamp())
            .one()
            .await?;
        Ok(id)
    }

    /// A subscription begins or is renewed. It is told of what changes from now on.
    async fn add_subscription(&mut self, request: &HubRequest, now: Instant) -> Result<()> {
        self.query(sql!(
            "INSERT INTO hub_subscriptions (protocol, path, topic, callback, host, secret, expires, told)
             SELECT $1, $2, $3, $4, $5, $6, $7, hash FROM feeds WHERE path = $2
             ON CONFLICT (protocol, path, callback) DO UPDATE SET topic = excluded.topic,
               secret = excluded.secret, expires = excluded.expires, next_try = 0"
        ))
        .bind(request.protocol.clone())
        .bind(request.path.clone())
        .bind(request.topic.clone())
        .bind(request.callback.clone())
        .bind(request.host.clone())
        .bind(request.secret.clone())
        .bind(now.timestamp() + request.lease)
        .run()
        .await?;
        Ok(())
    }

    async fn remove_subscription(&mut self, request: &HubRequest) -> Result<()> {
        self.query(sql!(
            "DELETE FROM hub_subscriptions WHERE protocol = $1 AND path = $2 AND callback = $3"
        ))
        .bind(request.protocol.clone())
        .bind(request.path.clone())
        .bind(request.callback.clone())
        .run()
        .await?;
        Ok(())
    }
}
