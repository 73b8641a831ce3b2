//! Subscribers, their subscriptions, and the consent for each.

use super::db::{Result, Store, Tx, rows};
use crate::clock::{Instant, from_seconds};
use crate::sql;
use std::collections::{HashMap, HashSet};

/// So many readers go in one statement.
const BATCH: usize = 5_000;

/// What the store remembers of somebody whom a list may name.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Remembered {
    /// The normalised address.
    pub key: String,
    pub name: String,
    /// `FILE, line N`; `None`: no list has it.
    pub listed_in: Option<String>,
    /// The digests they have a subscription to, of whatever standing, a line each.
    digests: Option<String>,
}

impl Remembered {
    /// Whether there is a subscription, of whatever standing.
    #[must_use]
    pub fn has(&self, digest: &str) -> bool {
        self.digests
            .as_ref()
            .is_some_and(|digests| digests.lines().any(|name| name == digest))
    }
}

/// Somebody whom a list named when it was brought in last.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OnList {
    pub id: i64,
    /// The normalised address.
    pub key: String,
    pub address: String,
    /// `FILE, line N`
    pub listed_in: String,
}

/// Somebody on a list of the operator's.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The normalised address.
    pub key: String,
    pub address: String,
    /// Empty: none is stated.
    pub name: String,
    /// `FILE, line N`
    pub listed_in: String,
    /// Where the address would stand among the suppressions.
    pub suppression: String,
    pub digests: Vec<String>,
}

/// A subscriber with all subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    pub id: i64,
    pub address: String,
    pub name: String,
    /// good, bounced or complained
    pub address_state: String,
    pub created: Instant,
    pub subscriptions: Vec<Subscription>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub digest: String,
    /// pending, active, paused or unsubscribed
    pub standing: String,
    pub cadence: String,
    pub cursor: i64,
}

impl Store {
    /// Those of these normalised addresses who are known.
    ///
    /// # Errors
    /// As the database says.
    pub async fn remembered(&self, keys: &[String]) -> Result<Vec<Remembered>> {
        self.read(sql!(
            "SELECT p.key, p.name, p.listed_in, string_agg(u.digest, '\n') AS digests
             FROM jsonb_each($1) AS l JOIN subscribers AS p ON p.key = l.value->>0
               LEFT JOIN subscriptions AS u ON u.subscriber = p.id
             GROUP BY p.id, p.key, p.name, p.listed_in"
        ))
        .bind(rows(keys.iter().map(|key| (key,))))
        .all()
        .await
    }

    /// Up to `limit` of those whom a list has named, after one, by id.
    ///
    /// # Errors
    /// As the database says.
    pub async fn listed(&self, after: i64, limit: i64) -> Result<Vec<OnList>> {
        self.read(sql!(
            "SELECT id, key, address, listed_in FROM subscribers
             WHERE listed_in IS NOT NULL AND id > $1 ORDER BY id LIMIT $2"
        ))
        .bind(after)
        .bind(limit)
        .all()
        .await
    }

    /// Up to `limit` subscribers after one, by id.
    ///
    /// # Errors
    /// As the database says.
    pub async fn subscribers(&self, after: i64, limit: i64) -> Result<Vec<Subscriber>> {
        let found: Vec<SubscriberRow> = self
            .read(sql!(
                "SELECT id, address, name, address_state, created FROM subscribers
                 WHERE id > $1 AND key <> '' ORDER BY id LIMIT $2"
            ))
            .bind(after)
            .bind(limit)
            .all()
            .await?;
        self.with_subscriptions(found).await
    }

    /// The subscriber with this normalised address, or this id.
    ///
    /// # Errors
    /// As the database says.
    pub async fn subscriber(&self, key: &str, id: Option<i64>) -> Result<Option<Subscriber>> {
        let found: Vec<SubscriberRow> = self
            .read(sql!(
                "SELECT id, address, name, address_state, created FROM subscribers
                 WHERE (key = $1 OR id = $2) AND key <> '' ORDER BY id LIMIT 1"
            ))
            .bind(key.to_owned())
            .bind(id)
            .all()
            .await?;
        Ok(self.with_subscriptions(found).await?.pop())
    }

    async fn with_subscriptions(&self, found: Vec<SubscriberRow>) -> Result<Vec<Subscriber>> {
        let mut by_subscriber: HashMap<i64, Vec<Subscription>> = HashMap::new();
        for batch in found.chunks(BATCH) {
            let subscriptions: Vec<SubscriptionRow> = self
                .read(sql!(
                    "SELECT u.subscriber, u.digest, u.standing, u.cadence, u.cursor
                     FROM jsonb_each($1) AS w
                     JOIN subscriptions AS u ON u.subscriber = CAST(w.value->>0 AS BIGINT)"
                ))
                .bind(rows(batch.iter().map(|row| (row.id,))))
                .all()
                .await?;
            for row in subscriptions {
                by_subscriber
                    .entry(row.subscriber)
                    .or_default()
                    .push(Subscription {
                        digest: row.digest,
                        standing: row.standing,
                        cadence: row.cadence,
                        cursor: row.cursor,
                    });
            }
        }
        Ok(found
            .into_iter()
            .map(|row| {
                let mut subscriptions = by_subscriber.remove(&row.id).unwrap_or_default();
                subscriptions.sort_by(|a, b| a.digest.cmp(&b.digest));
                Subscriber {
                    id: row.id,
                    address: row.address,
                    name: row.name,
                    address_state: row.address_state,
                    created: from_seconds(row.created),
                    subscriptions,
                }
            })
            .collect())
    }
}

impl Tx {
    /// Enters people whom a list names for the first time, or otherwise than before; gives the keys of
    /// those entered. Who is suppressed is not.
    ///
    /// # Errors
    /// As the database says.
    pub async fn list_people(&mut self, people: &[&Listing], now: Instant) -> Result<HashSet<String>> {
        let mut entered = HashSet::new();
        for batch in people.chunks(BATCH) {
            let keys: Vec<(String,)> = self
                .query(sql!(
                    "INSERT INTO subscribers (key, address, name, listed_in, created)
                     SELECT l.value->>0, l.value->>1, l.value->>2, l.value->>3, $2
                     FROM jsonb_each($1) AS l
                     WHERE NOT EXISTS (SELECT 1 FROM suppressions AS s WHERE s.hash = l.value->>4)
                     ON CONFLICT (key) DO UPDATE SET listed_in = excluded.listed_in,
                       name = CASE WHEN excluded.name = '' THEN subscribers.name ELSE excluded.name END
                     RETURNING key"
                ))
                .bind(rows(batch.iter().map(|person| {
                    (
                        &person.key,
                        &person.address,
                        &person.name,
                        &person.listed_in,
                        &person.suppression,
                    )
                })))
                .bind(now.timestamp())
                .all()
                .await?;
            entered.extend(keys.into_iter().map(|(key,)| key));
        }
        Ok(entered)
    }

    /// Subscribes people to the digests that their list names, with the consent for each; how many
    /// subscriptions are new. Nobody who has left anything, bounced or complained is subscribed, and
    /// no standing changes.
    ///
    /// A new cursor is the last `upto` of the digest's own schedule, else of the digest, else its
    /// floor: the whole next edition, which all others get.
    ///
    /// # Errors
    /// As the database says.
    pub async fn subscribe_listed(&mut self, people: &[&Listing], now: Instant) -> Result<usize> {
        let mut new = 0;
        for batch in people.chunks(BATCH) {
            let subscribed = self.subscribe(batch, now).await?;
            new += subscribed.len();
            self.consent_listed(subscribed, now).await?;
        }
        Ok(new)
    }

    /// Inserts the subscriptions that are not there yet, and gives those. A digest that no pass has seen
    /// has no floor yet: its first one settles what comes before.
    ///
    /// # Errors
    /// As the database says.
    pub(super) async fn subscribe(
        &mut self,
        people: &[&Listing],
        now: Instant,
    ) -> Result<Vec<(i64, String)>> {
        let wanted = people.iter().flat_map(|person| {
            let digests = person.digests.iter();
            digests.map(|digest| (&person.key, digest, &person.suppression))
        });
        self.query(sql!(
            "INSERT INTO subscriptions (subscriber, digest, standing, cursor, since)
             SELECT p.id, l.value->>1, 'active', coalesce(t.upto, m.upto, d.floor, 0), $2
             FROM jsonb_each($1) AS l
             JOIN subscribers AS p ON p.key = l.value->>0
             LEFT JOIN digests AS d ON d.name = l.value->>1
             LEFT JOIN tracks AS t ON t.digest = d.name AND t.cadence = 'default'
             LEFT JOIN (SELECT digest, max(upto) AS upto FROM tracks GROUP BY digest) AS m
               ON m.digest = d.name
             WHERE p.address_state = 'good'
               AND NOT EXISTS (SELECT 1 FROM suppressions AS s WHERE s.hash = l.value->>2)
               AND NOT EXISTS (SELECT 1 FROM subscriptions AS u
                               WHERE u.subscriber = p.id AND u.standing = 'unsubscribed')
             ON CONFLICT (subscriber, digest) DO NOTHING
             RETURNING subscriber, digest"
        ))
        .bind(rows(wanted))
        .bind(now.timestamp())
        .all()
        .await
    }

    async fn consent_listed(&mut self, subscribed: Vec<(i64, String)>, now: Instant) -> Result<()> {
        self.query(sql!(
            "INSERT INTO consents (subscriber, digest, at, event, wording)
             SELECT p.id, c.value->>1, $2, 'listed', 'listed by the operator in ' || p.listed_in
             FROM jsonb_each($1) AS c JOIN subscribers AS p ON p.id = CAST(c.value->>0 AS BIGINT)"
        ))
        .bind(rows(subscribed))
        .bind(now.timestamp())
        .run()
        .await?;
        Ok(())
    }

    /// Enters that no list has these people any more. They stay subscribed.
    ///
    /// # Errors
    /// As the database says.
    pub async fn unlist(&mut self, people: &[i64]) -> Result<()> {
        for batch in people.chunks(BATCH) {
            self.query(sql!(
                "UPDATE subscribers SET listed_in = NULL
                 WHERE id IN (SELECT CAST(l.value->>0 AS BIGINT) FROM jsonb_each($1) AS l)"
            ))
            .bind(rows(batch.iter().map(|id| (id,))))
            .run()
            .await?;
        }
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct SubscriberRow {
    id: i64,
    address: String,
    name: String,
    address_state: String,
    created: i64,
}

#[derive(sqlx::FromRow)]
struct SubscriptionRow {
    subscriber: i64,
    digest: String,
    standing: String,
    cadence: String,
    cursor: i64,
}
