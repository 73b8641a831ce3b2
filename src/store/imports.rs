//! Readers whom the operator brings in or takes out by hand.

use super::db::{Result, Store, Tx, rows};
use super::subscribers::Listing;
use crate::clock::Instant;
use crate::sql;
use std::collections::HashMap;

/// What the store knows of somebody whom an import names.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Met {
    /// The normalised address.
    pub key: String,
    /// `None`: nothing.
    pub name: Option<String>,
    pub address_state: Option<String>,
    /// On the list of those never to be mailed.
    pub suppressed: bool,
    /// Of whatever standing, a line each.
    digests: Option<String>,
    /// Those they left, with commas.
    pub left: Option<String>,
}

impl Met {
    /// Whether there is a subscription, of whatever standing.
    #[must_use]
    pub fn has(&self, digest: &str) -> bool {
        let digests = self.digests.as_deref().unwrap_or_default();
        digests.lines().any(|name| name == digest)
    }
}

impl Tx {
    /// What is known of these people, in any order.
    ///
    /// # Errors
    /// As the database says.
    pub async fn meet(&mut self, people: &[Listing]) -> Result<Vec<Met>> {
        self.query(sql!(
            "SELECT l.value->>0 AS key, p.name, p.address_state,
               EXISTS (SELECT 1 FROM suppressions AS s WHERE s.hash = l.value->>1) AS suppressed,
               (SELECT string_agg(u.digest, '\n') FROM subscriptions AS u
                WHERE u.subscriber = p.id) AS digests,
               (SELECT string_agg(u.digest, ', ') FROM subscriptions AS u
                WHERE u.subscriber = p.id AND u.standing = 'unsubscribed') AS left
             FROM jsonb_each($1) AS l LEFT JOIN subscribers AS p ON p.key = l.value->>0"
        ))
        .bind(rows(
            people.iter().map(|person| (&person.key, &person.suppression)),
        ))
        .all()
        .await
    }

    /// Enters people who are new or have another name, and the subscriptions that they do not have,
    /// each with its consent: `wording` and the place that names them.
    ///
    /// # Errors
    /// As the database says.
    pub async fn import(&mut self, people: &[&Listing], wording: &str, now: Instant) -> Result<()> {
        self.query(sql!(
            "INSERT INTO subscribers (key, address, name, created)
             SELECT l.value->>0, l.value->>1, l.value->>2, $2 FROM jsonb_each($1) AS l WHERE true
             ON CONFLICT (key) DO UPDATE SET name = excluded.name WHERE excluded.name <> ''"
        ))
        .bind(rows(
            people
                .iter()
                .map(|person| (&person.key, &person.address, &person.name)),
        ))
        .bind(now.timestamp())
        .run()
        .await?;
        let subscribed = self.subscribe(people, now).await?;
        let places = self.places(people).await?;
        let consents = subscribed.into_iter().map(|(subscriber, digest)| {
            let place = places.get(&subscriber).copied().unwrap_or_default();
            (subscriber, digest, format!("{wording}{place}"))
        });
        self.query(sql!(
            "INSERT INTO consents (subscriber, digest, at, event, wording)
             SELECT CAST(c.value->>0 AS BIGINT), c.value->>1, $2, 'imported', c.value->>2
             FROM jsonb_each($1) AS c"
        ))
        .bind(rows(consents))
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    /// By subscriber, the place that names them.
    async fn places<'p>(&mut self, people: &[&'p Listing]) -> Result<HashMap<i64, &'p str>> {
        let ids: Vec<(String, i64)> = self
            .query(sql!(
                "SELECT p.key, p.id FROM jsonb_each($1) AS l JOIN subscribers AS p ON p.key = l.value->>0"
            ))
            .bind(rows(people.iter().map(|person| (&person.key,))))
            .all()
            .await?;
        let ids: HashMap<String, i64> = ids.into_iter().collect();
        let place = |person: &&'p Listing| Some((*ids.get(&person.key)?, person.listed_in.as_str()));
        Ok(people.iter().filter_map(place).collect())
    }
}

impl Store {
    /// Unsubscribes somebody from digests, also from those they never had: so no list brings them back.
    ///
    /// # Errors
    /// As the database says.
    pub async fn take_out(&self, subscriber: i64, digests: &[String], now: Instant) -> Result<()> {
        let mut tx = self.begin().await?;
        let left: Vec<(String,)> = tx
            .query(sql!(
                "INSERT INTO subscriptions (subscriber, digest, standing, cursor, since)
                 SELECT $2, d.value->>0, 'unsubscribed', 0, $3 FROM jsonb_each($1) AS d WHERE true
                 ON CONFLICT (subscriber, digest) DO UPDATE SET standing = 'unsubscribed', since = excluded.since
                   WHERE subscriptions.standing <> 'unsubscribed'
                 RETURNING digest"
            ))
            .bind(rows(digests.iter().map(|digest| (digest,))))
            .bind(subscriber)
            .bind(now.timestamp())
            .all()
            .await?;
        tx.query(sql!(
            "INSERT INTO consents (subscriber, digest, at, event, wording)
             SELECT $2, d.value->>0, $3, 'removed', 'removed by the operator' FROM jsonb_each($1) AS d"
        ))
        .bind(rows(left))
        .bind(subscriber)
        .bind(now.timestamp())
        .run()
        .await?;
        tx.commit().await
    }
}
