//! The hub at work: callbacks are asked whether they want what was asked for, and told what changed.
//!
//! What is to be done stands in the store, so that a kill loses nothing: a claim is committed before a
//! callback is asked or told, and settled after its answer. Somebody who has been told and whose answer
//! was not settled is told once more.

mod asking;
mod documents;
mod lanes;
mod telling;

use super::Site;
use crate::clock::Instant;
use crate::config::HttpClient;
use crate::http::Client;
use crate::store::hub::{End, Settled, Subscription};
use crate::store::hub_requests::HubRequest;
use crate::telemetry::metrics;
use asking::Said;
use chrono::TimeDelta;
use documents::Documents;
use lanes::{Lane, Lanes, Place};
use std::collections::HashMap;
use std::time::Duration;
use telling::Teller;
use tokio::task::{JoinError, JoinSet};

/// A callback has at most so long to answer.
const LONGEST_ANSWER: Duration = Duration::from_secs(10);
/// So much longer than that a claim lasts, in seconds.
const MARGIN: i64 = 5;
/// So many requests are looked at together.
const REQUESTS: i64 = 1000;
/// Requests that nobody has verified for so long are forgotten.
const STALE_HOURS: i64 = 6;

/// A hub at work, and what it is doing.
pub struct Hub {
    site: Site,
    teller: Teller,
    lanes: Lanes,
    documents: Documents,
    tasks: JoinSet<(Place, Done)>,
    /// What is not in the store yet.
    settled: Vec<Settled>,
    verified: Vec<(HubRequest, Said)>,
}

/// What a task comes to.
enum Done {
    Told(String, Settled),
    Asked(HubRequest, Said),
}

impl Hub {
    /// A hub that does nothing yet.
    ///
    /// # Errors
    /// Where this machine has no usable TLS.
    pub fn new(site: &Site) -> anyhow::Result<Hub> {
        let config = &site.config;
        let patience = HttpClient {
            timeout: config.http_client.timeout.min(LONGEST_ANSWER),
            ..config.http_client.clone()
        };
        Ok(Hub {
            site: site.clone(),
            teller: Teller {
                client: Client::new(&patience, &config.site.url)?,
                clock: site.clock,
                signature: config.hub.signature,
            },
            lanes: Lanes::default(),
            documents: Documents::default(),
            tasks: JoinSet::new(),
            settled: Vec::new(),
            verified: Vec::new(),
        })
    }

    /// Forgets what is over.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn tidy(&self) -> anyhow::Result<()> {
        let now = self.site.clock.now();
        self.site
            .store
            .tidy_hub(now, now - TimeDelta::hours(STALE_HOURS))
            .await?;
        Ok(())
    }

    /// Looks at what is due.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn look(&mut self) -> anyhow::Result<()> {
        let (store, now) = (&self.site.store, self.site.clock.now());
        let requests = store.due_hub_requests(now, REQUESTS).await?;
        self.lanes.set(requests, store.due_subscriptions(now).await?);
        Ok(())
    }

    /// Keeps what has come to its end, and begins as much as there is room for.
    ///
    /// # Errors
    /// Where the store fails; then it can be tried again.
    pub async fn turn(&mut self) -> anyhow::Result<()> {
        self.settle_requests().await?;
        let places = self.lanes.take();
        if places.is_empty() && self.settled.is_empty() {
            return Ok(());
        }
        let of = |verify: bool| {
            let of_lane = places
                .iter()
                .filter(move |place| (place.lane == Lane::Verify) == verify);
            of_lane.map(|place| place.id).collect::<Vec<i64>>()
        };
        let lease = self.teller.client.timeout().as_secs() as i64 + MARGIN;
        let turned = self
            .site
            .store
            .turn_hub(&self.settled, (&of(true), &of(false)), lease)
            .await;
        let by_id = |place: Place| ((place.lane == Lane::Verify, place.id), place);
        let mut places: HashMap<(bool, i64), Place> = places.into_iter().map(by_id).collect();
        if let Ok((requests, subscriptions)) = turned {
            self.settled.clear();
            for request in requests {
                if let Some(place) = places.remove(&(true, request.id)) {
                    self.ask(place, request);
                }
            }
            for subscription in subscriptions {
                if let Some(place) = places.remove(&(false, subscription.id)) {
                    self.tell(place, subscription).await;
                }
            }
            // Somebody else was quicker with these, or they are not wanted any more.
            places.values().for_each(|place| self.lanes.give_back(place));
            return Ok(());
        }
        places.values().for_each(|place| self.lanes.give_back(place));
        Ok(turned.map(drop)?)
    }

    fn ask(&mut self, place: Place, request: HubRequest) {
        let (client, now) = (self.teller.client.clone(), self.site.clock.now());
        self.tasks.spawn(async move {
            let said = asking::ask(&client, &request, now).await;
            (place, Done::Asked(request, said))
        });
    }

    async fn tell(&mut self, place: Place, subscription: Subscription) {
        let document = self
            .documents
            .get(&self.site, &subscription.path, &subscription.version)
            .await;
        let document = match document {
            Ok(document) => document,
            // A pass writes it anew, and says why it cannot.
            Err(_) => {
                self.lanes.give_back(&place);
                self.settled.push(unread(&subscription, self.site.clock.now()));
                return;
            }
        };
        let teller = self.teller.clone();
        self.tasks.spawn(async move {
            let settled = teller.tell(&subscription, &document).await;
            (place, Done::Told(subscription.protocol, settled))
        });
    }

    /// Waits until something has come to its end, and takes all that has. At once, where nothing is under
    /// way. May be given up at any time.
    ///
    /// # Errors
    /// Where a task broke.
    pub async fn next(&mut self) -> anyhow::Result<()> {
        if let Some(done) = self.tasks.join_next().await {
            self.enter(done)?;
        }
        while let Some(done) = self.tasks.try_join_next() {
            self.enter(done)?;
        }
        Ok(())
    }

    /// Whether something is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Begins nothing more, and waits for what is under way.
    ///
    /// # Errors
    /// As [`Hub::turn`].
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.lanes.set(Vec::new(), Vec::new());
        while self.is_busy() {
            self.next().await?;
            self.turn().await?;
        }
        self.turn().await
    }

    fn enter(&mut self, done: Result<(Place, Done), JoinError>) -> anyhow::Result<()> {
        let (place, done) = done?;
        self.lanes.give_back(&place);
        match done {
            Done::Told(protocol, settled) => {
                log_told(&place.host, &settled);
                let state = match settled.end {
                    End::Told { .. } => "told",
                    End::Gone => "gone",
                    End::Later(_) => "failed",
                };
                metrics::hub_told(&protocol, state);
                self.settled.push(settled);
            }
            Done::Asked(request, said) => {
                log_asked(&request, &said);
                self.verified.push((request, said));
            }
        }
        Ok(())
    }

    async fn settle_requests(&mut self) -> anyhow::Result<()> {
        let store = &self.site.store;
        while let Some((request, said)) = self.verified.last() {
            match said {
                Said::Nothing(next_try, _) => store.defer_hub_request(request, *next_try).await?,
                said => {
                    let (agreed, now) = (*said == Said::Yes, self.site.clock.now());
                    store.settle_hub_request(request, agreed, now).await?;
                }
            }
            self.verified.pop();
        }
        Ok(())
    }
}

fn unread(subscription: &Subscription, now: Instant) -> Settled {
    Settled {
        id: subscription.id,
        attempts: subscription.attempts,
        answer: "the document could not be read".to_owned(),
        end: End::Later(now + TimeDelta::minutes(1)),
    }
}

/// The host alone: the rest of a callback may be a secret.
fn log_told(host: &str, settled: &Settled) {
    match &settled.end {
        End::Told { .. } => tracing::debug!(host, "a subscriber was told"),
        End::Gone => tracing::info!(host, why = settled.answer, "a subscriber wants no more"),
        // Once, and not at each try.
        End::Later(_) if settled.attempts == 1 => {
            tracing::info!(
                host,
                why = settled.answer,
                "a subscriber could not be told, and is tried again"
            );
        }
        End::Later(_) => tracing::debug!(host, why = settled.answer, "a subscriber could not be told again"),
    }
}

fn log_asked(request: &HubRequest, said: &Said) {
    let (host, mode, protocol) = (&request.host, &request.mode, &request.protocol);
    let (agreed, why) = match said {
        Said::Yes => (true, ""),
        Said::No(why) => (false, why.as_str()),
        Said::Nothing(_, why) => {
            tracing::debug!(host, mode, protocol, why, "a callback is asked again");
            return;
        }
    };
    tracing::info!(host, mode, protocol, agreed, why, "hub request verified");
    metrics::hub_asked(protocol, agreed);
}
