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

    /// Begins as much as there is room for.
    ///
    /// # Errors
    /// Where the store fails; what is claimed then waits for the end of its claim.
    pub async fn begin(&mut self) -> anyhow::Result<()> {
        let places = self.lanes.take();
        let (ask, tell): (Vec<Place>, Vec<Place>) =
            places.into_iter().partition(|place| place.lane == Lane::Verify);
        let lease = self.teller.client.timeout().as_secs() as i64 + MARGIN;
        let (asked, told) = (ids(&ask), ids(&tell));
        let mut places: HashMap<(bool, i64), Place> = ask
            .into_iter()
            .chain(tell)
            .map(|place| ((place.lane == Lane::Verify, place.id), place))
            .collect();
        let begun = self.claim(&asked, &told, lease, &mut places).await;
        // Somebody else was quicker, or it was taken back.
        places.values().for_each(|place| self.lanes.give_back(place));
        begun
    }

    async fn claim(
        &mut self,
        ask: &[i64],
        tell: &[i64],
        lease: i64,
        places: &mut HashMap<(bool, i64), Place>,
    ) -> anyhow::Result<()> {
        let store = self.site.store.clone();
        if !ask.is_empty() {
            for request in store.claim_hub_requests(ask, lease).await? {
                if let Some(place) = places.remove(&(true, request.id)) {
                    self.ask(place, request);
                }
            }
        }
        if !tell.is_empty() {
            for subscription in store.claim_subscriptions(tell, lease).await? {
                if let Some(place) = places.remove(&(false, subscription.id)) {
                    self.tell(place, subscription).await;
                }
            }
        }
        Ok(())
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
            Err(why) => {
                // A pass writes it anew, and says why it cannot.
                self.lanes.give_back(&place);
                self.settled
                    .push(unread(&subscription, &why, self.site.clock.now()));
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

    /// Keeps what has come of all that.
    ///
    /// # Errors
    /// Where the store fails; then it can be tried again.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        let store = &self.site.store;
        while let Some((request, said)) = self.verified.last() {
            match said {
                Said::Yes => {
                    store
                        .settle_hub_request(request, true, self.site.clock.now())
                        .await?
                }
                Said::No(_) => {
                    store
                        .settle_hub_request(request, false, self.site.clock.now())
                        .await?
                }
                Said::Nothing(next_try, _) => store.defer_hub_request(request, *next_try).await?,
            }
            self.verified.pop();
        }
        if !self.settled.is_empty() {
            store.settle_subscriptions(&self.settled).await?;
            self.settled.clear();
        }
        Ok(())
    }
}

fn ids(places: &[Place]) -> Vec<i64> {
    places.iter().map(|place| place.id).collect()
}

fn unread(subscription: &Subscription, why: &std::io::Error, now: Instant) -> Settled {
    let path = &subscription.path;
    tracing::warn!(%path, %why, "a document cannot be read for its subscribers");
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
