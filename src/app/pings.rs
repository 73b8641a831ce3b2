//! Pings in a pass: rows first, requests after. All that is due is sent, each endpoint by itself:
//! one that hangs ends by its timeout, and the others go on beside it.
//!
//! A claim is committed before its request and settled after the answer. So a ping whose answer was
//! read is never sent again, and one whose sender died is: when the lease of its claim has ended.

mod attempt;
mod post;

use super::Site;
use super::report::PingReport;
use crate::articles::card::Card;
use crate::clock::{Instant, rfc3339};
use crate::config::{Config, Ping, PingKind};
use crate::pings::{self, ChangedFeed, Changes};
use crate::problem::Problem;
use crate::store::Tx;
use crate::store::pings::{INDEXNOW_PLANS, Outcome, PINGS_LOCK, PINGS_UPTO, Waiting};
use crate::telemetry::masked;
use post::{Post, Sent, send_all};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// The code of an endpoint that let nothing through for days.
pub const QUIET: &str = "ping-endpoint-quiet";

/// How often a ping that another pass is sending is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// What a pass did with pings: each that was tried or put off, and what the operator should know.
#[derive(Debug, Default)]
pub struct PingsReport {
    pub pings: Vec<PingReport>,
    pub problems: Vec<Problem>,
}

/// Enters the pings for each endpoint that follow from the feeds that changed in this pass, and from the
/// articles that are otherwise than at the last plan. What was planned before is not planned again, and
/// what waits and is old by that is taken out.
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
    let articles = match upto == told {
        true => Vec::new(),
        false => site.store.numbered(told, upto, now).await?,
    };
    let (urls, number) = changed_urls(config, &mut tx, &articles, now).await?;
    if feeds.is_empty() && upto == told && urls.is_empty() && number != 1 {
        return Ok(());
    }
    let changes = Changes {
        feeds,
        articles: &articles,
        urls: &urls,
        number,
    };
    let (planned, replaced) = pings::plan(&changes, &named(config), &tx.waiting_pings().await?);
    tx.drop_pings(&replaced).await?;
    tx.add_pings(&planned, now).await?;
    tx.set_fact(PINGS_UPTO, &upto.to_string()).await?;
    tx.commit().await?;
    Ok(())
}

/// What a search engine does not know yet, and the number of the plan that tells it. The first one tells
/// what was announced just now, and nothing of what was there before.
async fn changed_urls(
    config: &Config,
    tx: &mut Tx,
    articles: &[Card],
    now: Instant,
) -> anyhow::Result<(Vec<String>, i64)> {
    if !config.pings.iter().any(|ping| ping.kind == PingKind::Indexnow) {
        return Ok((Vec::new(), 0));
    }
    let plans: Option<i64> = tx
        .fact(INDEXNOW_PLANS)
        .await?
        .and_then(|plans| plans.parse().ok());
    let urls = match plans {
        Some(_) => tx.changed_urls(now).await?,
        None => articles.iter().map(|article| article.url.clone()).collect(),
    };
    let number = plans.unwrap_or(0) + 1;
    if plans.is_none() || !urls.is_empty() {
        tx.set_indexed(now).await?;
        tx.set_fact(INDEXNOW_PLANS, &number.to_string()).await?;
    }
    Ok((urls, number))
}

fn named(config: &Config) -> pings::Site<'_> {
    let endpoint = |ping: &'_ Ping| pings::Endpoint {
        kind: ping.kind,
        name: ping.endpoint_name(&config.root),
        key: ping.key.clone(),
    };
    pings::Site {
        title: &config.site.title,
        url: &config.site.url,
        feeds_url: &config.feeds.url,
        endpoints: config.pings.iter().map(endpoint).collect(),
    }
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
            let quiet = quiet(site).await?;
            return Ok(report(&site.config, sent, quiet));
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

/// Sends all that waits now, whatever it waits for.
///
/// # Errors
/// As [`run`].
pub async fn send(site: &Site, now: Instant) -> anyhow::Result<PingsReport> {
    site.store.hurry_pings(now).await?;
    run(site, now).await
}

/// One problem for each endpoint and way it went wrong, however many pings met it; of a quiet one, that it
/// is quiet.
fn report(config: &Config, sent: BTreeMap<i64, Sent>, quiet: Vec<Quiet>) -> PingsReport {
    let mut report = PingsReport::default();
    let mut said = HashSet::new();
    for Sent {
        kind,
        endpoint,
        outcome,
    } in sent.into_values()
    {
        let is_quiet = quiet.iter().any(|quiet| quiet.endpoint == endpoint);
        if said.insert((endpoint.clone(), outcome.state)) && !is_quiet {
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
        .problems
        .extend(quiet.into_iter().map(|quiet| quiet.problem));
    report
}

/// An endpoint that let nothing through for days.
struct Quiet {
    endpoint: String,
    problem: Problem,
}

/// What to say of the endpoints that let nothing through for days, as far as they are in the
/// configuration.
///
/// # Errors
/// Where the store fails.
pub async fn quiet_problems(site: &Site) -> anyhow::Result<Vec<Problem>> {
    let quiet = quiet(site).await?;
    Ok(quiet.into_iter().map(|quiet| quiet.problem).collect())
}

async fn quiet(site: &Site) -> anyhow::Result<Vec<Quiet>> {
    let config = &site.config;
    let failing = site.store.failing_endpoints().await?.into_iter();
    let quiet = failing.filter(|(_, health)| health.is_quiet());
    let told = quiet.filter_map(|(endpoint, health)| {
        let ping = of_endpoint(config, &endpoint)?;
        let since = health.failing.map(rfc3339).unwrap_or_default();
        let message = format!(
            "no {} ping has got through to {} since {since}: it is tried once a day",
            ping.kind.name(),
            without_key(&endpoint)
        );
        let problem = Problem::error(QUIET, message)
            .file(&config.file)
            .key(format!("pings.{}.endpoint", ping.name))
            .hint("see its answers in `tidings pings list`; correct the endpoint, or take it out");
        Some(Quiet { endpoint, problem })
    });
    Ok(told.collect())
}

fn of_endpoint<'a>(config: &'a Config, endpoint: &str) -> Option<&'a Ping> {
    let is_it = |ping: &&Ping| ping.endpoint_name(&config.root) == endpoint;
    config.pings.iter().find(is_it)
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
    Some(match of_endpoint(config, endpoint) {
        Some(ping) => problem
            .file(&config.file)
            .key(format!("pings.{}.endpoint", ping.name)),
        None => problem,
    })
}
