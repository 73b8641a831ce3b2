//! Carrying pings: each endpoint by itself, one request after another, every claim committed before
//! its request and settled after its answer.

use super::attempt::Attempt;
use crate::app::Site;
use crate::clock::Instant;
use crate::config::values::Endpoint;
use crate::config::{Config, Ping, PingKind};
use crate::files::{Draft, private_folder};
use crate::http::{self, Ask, Client, End, Limits, Whose};
use crate::pings::{self, Answer, Request};
use crate::store::Store;
use crate::store::pings::{Outcome, Reached, Waiting};
use crate::telemetry::metrics;
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinSet;
use tracing::Instrument;
use url::Url;

/// More of an answer than so many bytes is not read.
const ANSWER: usize = 64 * 1024;
/// So long after its timeout a request still has its lease, in seconds: time to settle it.
const MARGIN: i64 = 5;

/// Why the rest of an endpoint's pings wait.
const IN_TROUBLE: &str = "waits, because the endpoint is in trouble";
const SLOW: &str = "waits, because the endpoint is slow";
const QUIET: &str = "waits, because nothing has got through for days";

/// A ping after its try.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) kind: String,
    pub(super) endpoint: String,
    pub(super) outcome: Outcome,
}

/// What every request of a pass needs.
pub(super) struct Post {
    config: Arc<Config>,
    store: Store,
    client: Client,
    now: Instant,
}

/// What became of pings, by their ids.
pub(super) type Tried = Vec<(i64, Sent)>;

/// Every endpoint has a task of its own.
pub(super) async fn send_all(post: &Arc<Post>, due: Vec<Waiting>) -> anyhow::Result<Tried> {
    let mut by_endpoint: BTreeMap<String, Vec<Waiting>> = BTreeMap::new();
    for ping in due {
        by_endpoint.entry(ping.endpoint.clone()).or_default().push(ping);
    }
    let mut tasks = JoinSet::new();
    for pings in by_endpoint.into_values() {
        let post = post.clone();
        tasks.spawn(async move { post.send_one_by_one(pings).await }.in_current_span());
    }
    let mut tried = Vec::new();
    while let Some(done) = tasks.join_next().await {
        tried.extend(done??);
    }
    Ok(tried)
}

impl Post {
    pub(super) fn new(site: &Site, now: Instant) -> anyhow::Result<Post> {
        Ok(Post {
            config: site.config.clone(),
            store: site.store.clone(),
            client: Client::new(&site.config.http_client, &site.config.site.url)?,
            now,
        })
    }

    /// The pings of one endpoint. Where it is in trouble, the rest waits as long as the one that
    /// found out. One that answers, but so slowly that its answers together have taken half as long as
    /// a single one may, goes on in a later pass: so no endpoint costs much more than one time limit.
    async fn send_one_by_one(&self, pings: Vec<Waiting>) -> anyhow::Result<Tried> {
        let mut tried = Vec::new();
        let began = tokio::time::Instant::now();
        let mut pings = pings.into_iter();
        while let Some(ping) = pings.next() {
            // Another process is sending to it.
            let Some(outcome) = self.send(&ping).await? else {
                break;
            };
            let later = match outcome.endpoint {
                Reached::No { health, next_try } if health.is_quiet() => next_try.map(|until| (until, QUIET)),
                _ if outcome.state == "deferred" => outcome.next_try.map(|until| (until, IN_TROUBLE)),
                _ if began.elapsed() < self.client.timeout() / 2 => None,
                _ => Some((self.now + TimeDelta::minutes(1), SLOW)),
            };
            tried.push((ping.id, sent(&ping, outcome)));
            if let Some((until, why)) = later {
                tried.extend(self.put_off(pings.by_ref().collect(), until, why).await?);
            }
        }
        Ok(tried)
    }

    /// One try; `None` where another pass has the ping.
    async fn send(&self, ping: &Waiting) -> anyhow::Result<Option<Outcome>> {
        let lease = i64::try_from(self.client.timeout().as_secs()).unwrap_or(i64::MAX / 2) + MARGIN;
        let Some(claimed) = self.store.claim_ping(ping.id, self.now, lease).await? else {
            return Ok(None);
        };
        let began = tokio::time::Instant::now();
        let found = self.endpoint(ping);
        let attempt = Attempt {
            // A ping whose endpoint was taken out is no matter of its kind.
            kind: found.map_or(PingKind::Webhook, |(kind, _)| kind),
            number: claimed.attempt,
            created: ping.created,
            health: claimed.health,
            who: &format!("{} {}", self.config.site.url, ping.endpoint),
            now: self.now,
        };
        let outcome = match found {
            None => attempt.unknown("the endpoint is no longer in the configuration"),
            Some((_, Endpoint::Url(url))) => self.post(&attempt, url, &claimed.request).await,
            Some((_, Endpoint::Folder(folder))) => {
                self.write(&attempt, ping, folder, claimed.request).await?
            }
        };
        let kept = self
            .store
            .settle_ping(ping.id, claimed.attempt, &outcome, self.now)
            .await?;
        metrics::ping(&ping.kind, outcome.state);
        let duration_ms = began.elapsed().as_millis() as u64;
        let (ping, kind, state, status) = (ping.id, &ping.kind, outcome.state, outcome.status);
        tracing::info!(ping, kind, state, status, duration_ms, "ping answered");
        Ok(kept.then_some(outcome))
    }

    fn endpoint(&self, ping: &Waiting) -> Option<(PingKind, &Endpoint)> {
        let operator = &self.config.operator;
        for (kind, endpoint) in [
            (PingKind::Webhook, &operator.webhook),
            (PingKind::Heartbeat, &operator.heartbeat),
        ] {
            if kind.name() == ping.kind {
                return endpoint.as_ref().map(|endpoint| (kind, endpoint));
            }
        }
        let is_it =
            |of: &&Ping| of.kind.name() == ping.kind && of.endpoint_name(&self.config.root) == ping.endpoint;
        let found = self.config.pings.iter().find(is_it);
        found.map(|of| (of.kind, &of.endpoint))
    }

    async fn post(&self, attempt: &Attempt<'_>, url: &Url, request: &Request) -> Outcome {
        let kind = attempt.kind;
        let ask = match kind {
            PingKind::Heartbeat => Ask::Get,
            _ => Ask::Post {
                media_type: &request.media_type,
                body: &request.body,
            },
        };
        let limits = Limits {
            body: ANSWER,
            redirects: 0,
        };
        let answer = match self.client.ask(url, Whose::Operator, ask, limits).await {
            Ok(answer) => answer,
            Err(error) if kind == PingKind::Heartbeat => return attempt.failed(None, error.to_string()),
            Err(error) => return attempt.later(None, error.to_string(), None),
        };
        let read = Answer {
            status: answer.status,
            retry_after: answer.header("retry-after"),
            location: answer.header("location"),
            body: &answer.body,
            whole: answer.end != End::Broken,
        };
        attempt.answered(answer.status, pings::judge(kind, request, &read, self.now))
    }

    /// What would have been sent, as a file. Its name comes from the ping, so that a repeat
    /// overwrites.
    async fn write(
        &self,
        attempt: &Attempt<'_>,
        ping: &Waiting,
        folder: &Path,
        request: Request,
    ) -> anyhow::Result<Outcome> {
        let agent = http::user_agent(&self.config.site.url);
        let Request { media_type, body, .. } = request;
        let text = format!(
            "POST {} HTTP/1.1\r\nUser-Agent: {agent}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{body}",
            ping.endpoint,
            body.len(),
        );
        let (folder, name) = (folder.to_owned(), format!("{:08}-{}.http", ping.id, ping.kind));
        let written = tokio::task::spawn_blocking(move || write_whole(&folder, &name, &text)).await?;
        Ok(match written {
            Ok(()) => attempt.done(None, "written".to_owned()),
            Err(error) => attempt.later(None, format!("cannot be written: {error}"), None),
        })
    }

    async fn put_off(&self, pings: Vec<Waiting>, until: Instant, why: &str) -> anyhow::Result<Tried> {
        if pings.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<i64> = pings.iter().map(|ping| ping.id).collect();
        self.store.put_off_pings(&ids, until, why).await?;
        let outcome = Outcome {
            state: "deferred",
            status: None,
            answer: why.to_owned(),
            next_try: Some(until),
            request: None,
            endpoint: Reached::Unknown,
        };
        Ok(pings
            .iter()
            .map(|ping| (ping.id, sent(ping, outcome.clone())))
            .collect())
    }
}

fn sent(ping: &Waiting, outcome: Outcome) -> Sent {
    Sent {
        kind: ping.kind.clone(),
        endpoint: ping.endpoint.clone(),
        outcome,
    }
}

/// A private file, whole or not at all.
fn write_whole(folder: &Path, name: &str, text: &str) -> std::io::Result<()> {
    private_folder(folder)?;
    let mut draft = Draft::beside(&folder.join(name))?;
    draft.file().write_all(text.as_bytes())?;
    draft.replace()
}
