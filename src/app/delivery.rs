//! A pass's deliveries: take over from the dead, then send all that is due, and say what came of it.

use super::Site;
use super::report::DeliveryCounts;
use crate::clock::{self, Instant};
use crate::config::values::StoreUrl;
use crate::delivery::committer::{CommitError, Stopped};
use crate::delivery::composer::{Composer, Identity, message_id};
use crate::delivery::due::Due;
use crate::delivery::health::{Cause, Ended};
use crate::delivery::outcome::{Failure, Rules};
use crate::delivery::queue::Desk;
use crate::delivery::relay::Transport;
use crate::delivery::stop::Stop;
use crate::delivery::takeover::{Vital, VitalError};
use crate::delivery::worker::{self, Done, Manners, More, WorkError};
use crate::digests::mail::Frozen;
use crate::files::folder_of;
use crate::problem::Problem;
use crate::store::deliveries::{Listed, Wanted};
use serde::Serialize;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

/// A relay that answers about no mail for so long ends the pass.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two tries to reach the relay, at first.
const PAUSE: Duration = Duration::from_secs(1);

/// What a pass did about deliveries.
#[derive(Debug, Default)]
pub struct DeliveryReport {
    /// `queued` still wait at the pass's end.
    pub counts: DeliveryCounts,
    pub problems: Vec<Problem>,
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    pub patience: Duration,
    pub pause: Duration,
}

impl Default for Waits {
    fn default() -> Waits {
        Waits {
            patience: PATIENCE,
            pause: PAUSE,
        }
    }
}

/// What is to be sent, and until when.
pub struct Orders {
    pub due: Due,
    pub waits: Waits,
    pub stop: Stop,
    /// While it is open there may be more to send.
    pub more: Option<More>,
}

impl Orders {
    /// All that is due at the instant of a pass.
    #[must_use]
    pub fn of_a_pass(now: Instant) -> Orders {
        Orders {
            due: Due::At(now),
            waits: Waits::default(),
            stop: Stop::default(),
            more: None,
        }
    }
}

/// Sends all that is due. Deferred mails are not waited for, the leases of dead workers are.
///
/// # Errors
/// When the store cannot be used. A relay that cannot be reached is a problem in the report.
pub async fn run(site: &Site, mut orders: Orders) -> anyhow::Result<DeliveryReport> {
    let store = &site.store;
    let due = orders.due;
    let mut report = DeliveryReport::default();
    if something_to_do(site, &mut orders).await? {
        match Transport::new(&site.config.smtp) {
            Ok(transport) => send(site, &transport, orders, &mut report).await?,
            Err(problem) => report.problems.push(problem.blocking_mail()),
        }
    }
    // Only a pass has an end at which mails still wait.
    if matches!(due, Due::At(_)) {
        report.counts.queued = u64::try_from(store.queued_deliveries().await?)?;
    }
    Ok(report)
}

/// Whether something is due, or somebody may have died over it; where more may come it is waited for.
async fn something_to_do(site: &Site, orders: &mut Orders) -> anyhow::Result<bool> {
    let store = &site.store;
    loop {
        if store.is_delivery_due(orders.due.upto()).await? || !store.workers().await?.is_empty() {
            return Ok(true);
        }
        let Some(more) = &mut orders.more else {
            return Ok(false);
        };
        if more.changed().await.is_err() {
            orders.more = None;
        }
    }
}

async fn send(
    site: &Site,
    transport: &Transport,
    orders: Orders,
    report: &mut DeliveryReport,
) -> anyhow::Result<()> {
    let config = &site.config;
    let composer = Composer::new(
        site.store.clone(),
        site.key.clone(),
        config.http.public_url.clone(),
        config.delivery.lease,
    );
    let rules = Rules {
        retry: config.delivery.retry.clone(),
        give_up: config.delivery.give_up,
        in_doubt: config.delivery.in_doubt,
        relay: transport.name(),
        due: orders.due,
    };
    let manners = Manners {
        vital: vital(&config.store, config.delivery.lease),
        patience: orders.waits.patience,
        store_patience: config.delivery.lease,
        pause: orders.waits.pause,
        connections: config.smtp.connections,
        rate: config.smtp.rate,
        stop: orders.stop,
    };
    let desk = Arc::new(Desk::new(composer, rules, site.clock));
    let done = worker::work(&site.store, transport, desk, &manners, orders.more)
        .await
        .map_err(gone_wrong)?;
    report.counts = DeliveryCounts {
        queued: 0,
        sent: done.tally.sent,
        deferred: done.tally.deferred,
        failed: done.tally.failed,
        suppressed: done.tally.suppressed,
        unknown: done.tally.unknown,
        in_doubt: done.tally.in_doubt,
    };
    let ended = ended(transport, &done).map(Problem::blocking_mail);
    report.problems.extend(ended);
    report.problems.extend(done.tally.failures.iter().map(failed));
    Ok(())
}

/// A delivery as `deliveries list` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    pub id: String,
    pub kind: String,
    pub edition: Option<String>,
    pub subscriber: Option<String>,
    pub address: Option<String>,
    pub state: String,
    pub attempts: i64,
    /// As the header has it, with `<>`.
    pub message_id: Option<String>,
    pub code: Option<i64>,
    pub reply: Option<String>,
    pub next_try: Option<String>,
    pub sent_at: Option<String>,
    pub relay: Option<String>,
}

/// The deliveries that are wanted, by id.
///
/// # Errors
/// When the store cannot be read.
pub async fn list(site: &Site, wanted: &Wanted) -> anyhow::Result<Vec<Shown>> {
    let listed = site.store.list_deliveries(wanted).await?;
    let mut domains = HashMap::new();
    for row in &listed {
        if let Entry::Vacant(vacant) = domains.entry(row.variant) {
            let message = site.store.frozen_message(row.variant).await?;
            let frozen = message.and_then(|message| serde_json::from_str::<Frozen>(&message).ok());
            vacant.insert(frozen.map(|frozen| frozen.head.domain));
        }
    }
    let shown = |row: Listed| {
        let domain = domains.get(&row.variant).and_then(Option::as_deref);
        show(site, row, domain)
    };
    Ok(listed.into_iter().map(shown).collect())
}

fn show(site: &Site, row: Listed, domain: Option<&str>) -> Shown {
    let identity = Identity {
        delivery: row.id,
        kind: &row.kind,
        edition: row.edition.as_deref(),
    };
    let instant = |seconds: Option<i64>| seconds.map(|at| clock::rfc3339(clock::from_seconds(at)));
    Shown {
        message_id: domain.map(|domain| format!("<{}>", message_id(&site.key, identity, domain))),
        id: row.id.to_string(),
        kind: row.kind,
        edition: row.edition,
        subscriber: row.subscriber.map(|id| id.to_string()),
        address: row.address,
        state: row.state,
        attempts: row.attempts,
        code: row.code,
        reply: row.reply,
        next_try: instant(row.next_try),
        sent_at: instant(row.sent_at),
        relay: row.relay,
    }
}

/// Beside SQLite's file a lock says who lives.
fn vital(store: &StoreUrl, lease: Duration) -> Vital {
    match store {
        StoreUrl::Sqlite(file) => Vital::Locks(folder_of(file).to_owned()),
        StoreUrl::Postgres(_) => Vital::Leases(lease),
    }
}

/// Why deliveries could not be written down, in the form that names itself.
fn gone_wrong(error: WorkError) -> anyhow::Error {
    match error {
        WorkError::Store(error)
        | WorkError::Vital(VitalError::Store(error))
        | WorkError::Commit(CommitError::Store(error))
        | WorkError::Stopped(Stopped::Store(error)) => error.into(),
        WorkError::Commit(CommitError::Buried) | WorkError::Stopped(Stopped::Lease) => Problem::error(
            "lease-lost",
            "this process has not been able to say for delivery.lease that it lives, so that another may \
             take over its mails; it sends no more",
        )
        .key("delivery.lease")
        .hint("nothing: the next pass sends what is left")
        .into(),
        error => error.into(),
    }
}

fn ended(transport: &Transport, done: &Done) -> Option<Problem> {
    let relay = transport.name();
    Some(match done.ended.as_ref()? {
        Ended::Stopped => return None,
        Ended::Unreachable(why) => Problem::error(
            "relay-unreachable",
            format!("{relay} answers about no mail: {why}"),
        )
        .key("smtp.url")
        .hint("the mails stay queued, and the next pass sends them"),
        Ended::Refused(cause, why) => refused(*cause, &relay, why),
        Ended::Unwritable(why) => {
            let problem = Problem::error(
                "maildir-unwritable",
                format!("no mail can be written to {relay}: {why}"),
            )
            .key("smtp.url")
            .hint("make room, or make the folder writable; the mails stay queued for the next pass");
            match transport {
                Transport::Maildir(folder) => problem.file(folder),
                Transport::Relay(_) => problem,
            }
        }
    })
}

fn refused(cause: Cause, relay: &str, why: &str) -> Problem {
    let problem = match cause {
        Cause::Login => {
            Problem::error("smtp-login", format!("{relay} does not let us in: {why}")).key("smtp.password")
        }
        Cause::Tls => {
            Problem::error("smtp-tls", format!("no safe connection to {relay}: {why}")).key("smtp.tls")
        }
        Cause::Sender => {
            Problem::error("relay-refused", format!("{relay} does not take our mail: {why}")).key("smtp.url")
        }
    };
    problem.hint("the mails stay queued; correct [smtp], and the next pass sends them")
}

fn failed(failure: &Failure) -> Problem {
    let Failure {
        delivery,
        reader,
        reason,
        is_alert,
        ..
    } = failure;
    if *is_alert {
        return Problem::error(
            "alert-failed",
            format!("the operator's alert {delivery} failed: {reason}"),
        )
        .key("operator.mail")
        .hint("correct operator.mail or operator.from");
    }
    Problem::error(
        "delivery-failed",
        format!("{reader} did not get delivery {delivery}: {reason}"),
    )
    .hint("`tidings deliveries list --state failed` shows them all")
}
