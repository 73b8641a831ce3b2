//! What readers choose themselves: to leave a digest, and to come back. Each choice is kept as a
//! consent beside those before it.

use super::db::{Result, Store, rows};
use crate::clock::Instant;
use crate::sql;

/// A reader left, by their own hand.
const WITHDRAWN: &str = "withdrawn";

/// Where a reader stands with one digest.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Standing {
    pub digest: String,
    /// pending, active, paused or unsubscribed
    pub standing: String,
    /// What was said of it last: listed, withdrawn, undone …; `None`: nothing is known.
    pub last: Option<String>,
}

impl Standing {
    /// Whether mails go there, or will once it is confirmed or no longer paused.
    #[must_use]
    pub fn is_subscribed(&self) -> bool {
        self.standing != "unsubscribed"
    }

    /// Who left by their own hand may come back by it.
    #[must_use]
    pub fn may_return(&self) -> bool {
        !self.is_subscribed() && self.last.as_deref() == Some(WITHDRAWN)
    }
}

/// A choice that a reader makes.
#[derive(Debug, Clone)]
pub struct Choice {
    pub subscriber: i64,
    /// `None`: of all their digests.
    pub digest: Option<String>,
    pub at: Instant,
    /// What they were shown when they chose.
    pub wording: String,
    /// Where the request came from.
    pub ip: String,
}

impl Store {
    /// All digests that a reader has ever subscribed to, by name.
    ///
    /// # Errors
    /// As the database says.
    pub async fn standings(&self, subscriber: i64) -> Result<Vec<Standing>> {
        self.read(sql!(
            "SELECT u.digest, u.standing,
               (SELECT c.event FROM consents AS c WHERE c.subscriber = u.subscriber AND c.digest = u.digest
                ORDER BY c.id DESC LIMIT 1) AS last
             FROM subscriptions AS u WHERE u.subscriber = $1 ORDER BY u.digest"
        ))
        .bind(subscriber)
        .all()
        .await
    }

    /// Unsubscribes a reader; how many digests they have left by it. Mails that are queued for them
    /// are suppressed when their turn comes. Done twice it changes nothing more.
    ///
    /// # Errors
    /// As the database says; then nothing has happened.
    pub async fn leave(&self, choice: &Choice) -> Result<usize> {
        let mut tx = self.begin().await?;
        let left: Vec<(String,)> = tx
            .query(sql!(
                "UPDATE subscriptions SET standing = 'unsubscribed', since = $3
                 WHERE subscriber = $1 AND (CAST($2 AS TEXT) IS NULL OR digest = CAST($2 AS TEXT))
                   AND standing <> 'unsubscribed'
                 RETURNING digest"
            ))
            .bind(choice.subscriber)
            .bind(choice.digest.clone())
            .bind(choice.at.timestamp())
            .all()
            .await?;
        let digests = left.iter().map(|(digest,)| digest.clone()).collect();
        consent(&mut tx, choice, WITHDRAWN, digests).await?;
        tx.commit().await?;
        Ok(left.len())
    }

    /// Subscribes a reader again to the digest of the choice, which they left by their own hand;
    /// `false`: there is nothing to come back to, or mail must not go there. What was announced since
    /// they left is still to come: their cursor stays. `suppression` is where the address would stand
    /// among the suppressions.
    ///
    /// # Errors
    /// As the database says; then nothing has happened.
    pub async fn rejoin(&self, choice: &Choice, suppression: &str) -> Result<bool> {
        let mut tx = self.begin().await?;
        let back: Vec<(String,)> = tx
            .query(sql!(
                "UPDATE subscriptions SET standing = 'active', since = $3
                 WHERE subscriber = $1 AND digest = $2 AND standing = 'unsubscribed'
                   AND (SELECT c.event FROM consents AS c WHERE c.subscriber = $1 AND c.digest = $2
                        ORDER BY c.id DESC LIMIT 1) = $4
                   AND EXISTS (SELECT 1 FROM subscribers AS p WHERE p.id = $1 AND p.address_state = 'good')
                   AND NOT EXISTS (SELECT 1 FROM suppressions AS x WHERE x.hash = $5)
                 RETURNING digest"
            ))
            .bind(choice.subscriber)
            .bind(choice.digest.clone())
            .bind(choice.at.timestamp())
            .bind(WITHDRAWN)
            .bind(suppression.to_owned())
            .all()
            .await?;
        let digests: Vec<String> = back.into_iter().map(|(digest,)| digest).collect();
        let is_back = !digests.is_empty();
        consent(&mut tx, choice, "undone", digests).await?;
        tx.commit().await?;
        Ok(is_back)
    }
}

async fn consent(
    tx: &mut super::db::Tx,
    choice: &Choice,
    event: &'static str,
    digests: Vec<String>,
) -> Result<()> {
    if digests.is_empty() {
        return Ok(());
    }
    tx.query(sql!(
        "INSERT INTO consents (subscriber, digest, at, event, wording, ip)
         SELECT $2, d.value->>0, $3, $4, $5, $6 FROM jsonb_each($1) AS d"
    ))
    .bind(rows(digests.into_iter().map(|digest| (digest,))))
    .bind(choice.subscriber)
    .bind(choice.at.timestamp())
    .bind(event)
    .bind(choice.wording.clone())
    .bind(choice.ip.clone())
    .run()
    .await?;
    Ok(())
}
