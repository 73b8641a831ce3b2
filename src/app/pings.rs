//! Pings in a pass: rows first, requests after. All that is due is sent, each endpoint by itself:
//! one that hangs ends by its timeout, and the others go on beside it.
//!
//! A claim is committed before its request and settled after the answer. So a ping whose answer was
//! read is never sent again, and one whose sender died is: when the lease of its claim has ended.

mod post;

use super::Site;
use super::report::PingReport;
use crate::clock::Instant;
use crate::config::{Config, PingKind};
use crate::pings::{self, ChangedFeed, Changes};
use crate::problem::Problem;
use crate::store::pings::{Outcome, PINGS_LOCK, PINGS_UPTO, Waiting};
use crate::telemetry::masked;
use post::{Post, Sent, send_all};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// How often a ping that another pass is sending is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// What a pass did with pings: each that was tried or put off, and what the operator should know.
#[derive(Debug, Default)]
pub struct PingsReport {
    pub pings: Vec<PingReport>,
    pub problems: Vec<Problem>,
}

/// Enters one ping for each endpoint and change: the feeds that changed in this pass, and all
/// articles announced since the last plan. What was planned before is not planned again.
///
/// # Errors
/// Where the store fails; then nothing was entered.
pub async fn plan(site: &Site, now: Instant, feeds: &[ChangedFeed]) -> anyhow::Result<()> {
    let config = &site.config;
    let mut tx = site.store.begin().await?;
    tx.lock(PINGS_LOCK).await?;
    let told: i64 = tx
        .fact(PINGS_UPTO)
        .await?
        .and_then(|upto| upto.parse().ok())
        .unwrap_or(0);
    let upto = tx.highest_number().await?;
    if feeds.is_empty() && upto == told {
        return Ok(());
    }
    let articles = site.store.numbered(told, upto, now).await?;
    let named = pings::Site {
        title: &config.site.title,
        url: &config.site.url,
        feeds_url: &config.feeds.url,
        endpoints: config
            .pings
            .iter()
            .map(|ping| (ping.kind, ping.endpoint_name(&config.root)))
            .collect(),
    };
    let planned = pings::plan(
        &Changes {
            feeds,
            articles: &articles,
        },
        &named,
    );
    tx.add_pings(&planned, now).await?;
    tx.set_fact(PINGS_UPTO, &upto.to_string()).await?;
    tx.commit().await?;
    Ok(())
}

/// Sends all that is due, also what earlier passes left, and waits for what another is sending or
/// left when it died. Ends when nothing is due.
///
/// # Errors
/// Where the store fails, or this machine has no usable TLS.
pub async fn run(site: &Site, now: Instant) -> anyhow::Result<PingsReport> {
    let mut sent = BTreeMap::new();
    let mut post: Option<Arc<Post>> = None;
    loop {
        let due = site.store.due_pings(now).await?;
        if due.is_empty() {
            return Ok(report(&site.config, sent));
        }
        let post = match &post {
            Some(post) => post.clone(),
            None => post.insert(Arc::new(Post::new(site, now)?)).clone(),
        };
        let tried = send_all(&post, due).await?;
        // What is left is in the hands of others: of another pass, or of a dead one's lease.
        if tried.is_empty() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        sent.extend(tried);
    }
}

/// What [`run`] would try now, and tries nothing.
///
/// # Errors
/// Where the store fails.
pub async fn only_list(site: &Site, now: Instant) -> anyhow::Result<PingsReport> {
    let due = site.store.due_pings(now).await?;
    let waiting = |ping: Waiting| PingReport {
        endpoint: ping.endpoint,
        state: "queued".to_owned(),
        answer: None,
    };
    Ok(PingsReport {
        pings: due.into_iter().map(waiting).collect(),
        problems: Vec::new(),
    })
}

/// One problem for each endpoint and way it went wrong, however many pings met it.
fn report(config: &Config, sent: BTreeMap<i64, Sent>) -> PingsReport {
    let mut report = PingsReport::default();
    let mut said = HashSet::new();
    for Sent {
        kind,
        endpoint,
        outcome,
    } in sent.into_values()
    {
        if said.insert((endpoint.clone(), outcome.state)) {
            report
                .problems
                .extend(problem(config, &kind, &endpoint, &outcome));
        }
        report.pings.push(PingReport {
            endpoint,
            state: outcome.state.to_owned(),
            answer: Some(outcome.answer),
        });
    }
    report
}

/// An endpoint as people are shown it: what stands behind the `?` may be a key.
#[must_use]
pub fn without_key(endpoint: &str) -> &str {
    endpoint.split('?').next().unwrap_or(endpoint)
}

fn problem(config: &Config, kind: &str, endpoint: &str, outcome: &Outcome) -> Option<Problem> {
    let (to, answer) = (without_key(endpoint), masked(&outcome.answer));
    let what = |word: &str| format!("the {kind} ping to {to} {word}: {answer}");
    let problem = match outcome.state {
        "failed" if kind == PingKind::Heartbeat.name() => {
            let message = format!("the heartbeat was not taken: {answer}");
            return Some(
                Problem::warning("heartbeat-failed", message)
                    .file(&config.file)
                    .key("operator.heartbeat")
                    .hint("the next good pass asks again"),
            );
        }
        "failed" if kind == PingKind::Webhook.name() => {
            let message = format!("the operator's webhook failed: {answer}");
            return Some(
                Problem::error("alert-failed", message)
                    .file(&config.file)
                    .key("operator.webhook")
                    .hint("see `tidings pings list`; correct operator.webhook"),
            );
        }
        "failed" => Problem::error("ping-failed", what("failed"))
            .hint("see `tidings pings list`; look at pings in the configuration"),
        "deferred" => {
            Problem::warning("ping-deferred", what("is put off")).hint("it is tried again by itself")
        }
        _ => return None,
    };
    let named = config
        .pings
        .iter()
        .find(|ping| ping.endpoint_name(&config.root) == endpoint);
    Some(match named {
        Some(ping) => problem
            .file(&config.file)
            .key(format!("pings.{}.endpoint", ping.name)),
        None => problem,
    })
}
