//! Telling one subscriber of one change.

use super::documents::Document;
use crate::clock::Clock;
use crate::config::Signature;
use crate::http::{Answer, Ask, Client, Limits, NoAnswer, Whose};
use crate::hub::{self, Outcome, Protocol};
use crate::store::hub::{End, Settled, Subscription};
use std::sync::Arc;
use url::Url;

/// Nothing that a subscriber says matters.
const LIMITS: Limits = Limits {
    body: 1024,
    redirects: 0,
};

/// What telling takes.
#[derive(Clone)]
pub(super) struct Teller {
    pub(super) client: Client,
    pub(super) clock: Clock,
    pub(super) signature: Signature,
}

impl Teller {
    /// Tells, unless the subscriber has these very bytes.
    pub(super) async fn tell(&self, subscription: &Subscription, document: &Arc<Document>) -> Settled {
        let is_websub = subscription.protocol == Protocol::Websub.name();
        if is_websub && subscription.body.as_ref() == Some(&document.hash) {
            return settled(subscription, "had it".to_owned(), told(subscription, document));
        }
        let Ok(callback) = Url::parse(&subscription.callback) else {
            return settled(subscription, "no URL".to_owned(), End::Gone);
        };
        let answer = match is_websub {
            true => self.deliver(&callback, subscription, document).await,
            false => self.notify(&callback, subscription).await,
        };
        let now = self.clock.now();
        let (outcome, text) = match answer {
            Ok(answer) => (
                hub::judge(answer.status, answer.header("retry-after"), now),
                answer.status.to_string(),
            ),
            Err(error) => (Outcome::Failed(None), error.to_string()),
        };
        let end = match outcome {
            Outcome::Told => told(subscription, document),
            Outcome::Gone => End::Gone,
            Outcome::Failed(asked) => {
                let who = format!("{} {}", subscription.callback, subscription.path);
                End::Later(hub::next_try(subscription.attempts, asked, &who, now))
            }
        };
        settled(subscription, text, end)
    }

    async fn deliver(
        &self,
        callback: &Url,
        subscription: &Subscription,
        document: &Document,
    ) -> Result<Answer, NoAnswer> {
        let mut fields = vec![("Link", document.links.clone())];
        if let Some(secret) = &subscription.secret {
            let signature = hub::signature(self.signature, secret, &document.bytes);
            fields.push(("X-Hub-Signature", signature));
        }
        let ask = Ask::Deliver {
            media_type: &document.media_type,
            fields: &fields,
            body: &document.bytes,
        };
        self.client.ask(callback, Whose::Stranger, ask, LIMITS).await
    }

    async fn notify(&self, callback: &Url, subscription: &Subscription) -> Result<Answer, NoAnswer> {
        let notice = hub::notification(&subscription.topic);
        let ask = Ask::Post {
            media_type: &notice.media_type,
            body: &notice.body,
        };
        self.client.ask(callback, Whose::Stranger, ask, LIMITS).await
    }
}

fn told(subscription: &Subscription, document: &Document) -> End {
    End::Told {
        version: subscription.version.clone(),
        body: document.hash.clone(),
    }
}

fn settled(subscription: &Subscription, answer: String, end: End) -> Settled {
    Settled {
        id: subscription.id,
        attempts: subscription.attempts,
        answer,
        end,
    }
}
