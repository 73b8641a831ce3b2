//! What is counted and measured, for Prometheus: one function a metric, called where it happens. Until
//! [`record`] is called all of this costs next to nothing.
//!
//! Labels are words of the program and names of the configuration: never a reader, an article or an
//! address, so there are few of them.

use metrics::{
    Counter, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;

/// Upper bounds, in seconds, for what takes milliseconds: a write to the store, an SMTP transaction.
const SHORT: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];
/// And for a pass.
const LONG: &[f64] = &[
    0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14400.0,
];

const PASSES: &str = "tidings_passes_total";
const PASS_SECONDS: &str = "tidings_pass_duration_seconds";
const GOOD_PASS: &str = "tidings_last_good_pass_timestamp_seconds";
const SOURCES: &str = "tidings_sources_read_total";
const FEEDS: &str = "tidings_feed_documents_written_total";
const MAILS: &str = "tidings_mails_total";
const CONNECTIONS: &str = "tidings_smtp_connections_total";
const TRANSACTION: &str = "tidings_smtp_transaction_duration_seconds";
const PINGS: &str = "tidings_pings_total";
const HUB_TOLD: &str = "tidings_hub_deliveries_total";
const HUB_ASKED: &str = "tidings_hub_verifications_total";
const HUB_SUBSCRIPTIONS: &str = "tidings_hub_subscriptions";
const REQUESTS: &str = "tidings_http_requests_total";
const REQUEST_SECONDS: &str = "tidings_http_request_duration_seconds";
const STORE_WRITE: &str = "tidings_store_write_duration_seconds";
const BUILD: &str = "tidings_build_info";
const WAITING: &str = "tidings_mails_waiting";
const OLDEST: &str = "tidings_oldest_due_mail_age_seconds";
const EDITIONS: &str = "tidings_editions";
const ARTICLES: &str = "tidings_articles";
const PINGS_WAITING: &str = "tidings_pings_waiting";

/// Begins to record, for the whole process; what is recorded is read through the [`Recording`].
///
/// # Errors
/// Where somebody records already.
pub fn record() -> Result<Recording, BuildError> {
    let buckets = |builder: PrometheusBuilder, name: &str, bounds| {
        builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds)
    };
    let builder = buckets(PrometheusBuilder::new(), PASS_SECONDS, LONG)?;
    let builder = [TRANSACTION, REQUEST_SECONDS, STORE_WRITE]
        .into_iter()
        .try_fold(builder, |builder, name| buckets(builder, name, SHORT))?;
    let recording = Recording(builder.install_recorder()?);
    describe();
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(recording)
}

/// What has been recorded so far.
#[derive(Clone)]
pub struct Recording(PrometheusHandle);

impl Recording {
    /// In the text format of Prometheus.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.render()
    }

    /// Puts measurements into their buckets. To be called now and then, or they pile up where nobody
    /// asks for them.
    pub fn tidy(&self) {
        self.0.run_upkeep();
    }
}

fn describe() {
    describe_counter!(PASSES, "Passes that have ended, by outcome: good or failed.");
    describe_histogram!(PASS_SECONDS, "How long passes took.");
    describe_gauge!(GOOD_PASS, "When the last good pass ended, as seconds since 1970.");
    describe_counter!(SOURCES, "Sources read, by outcome: whole or failed.");
    describe_counter!(FEEDS, "Feed documents written.");
    describe_counter!(
        MAILS,
        "What became of mails, by state and relay: each try that ended in it."
    );
    describe_counter!(
        CONNECTIONS,
        "Connections to relays, by outcome: opened or failed."
    );
    describe_histogram!(
        TRANSACTION,
        "From the envelope of a mail to the answer after its final dot."
    );
    describe_counter!(
        PINGS,
        "Pings that were tried, by kind and by the state it led to."
    );
    describe_counter!(
        HUB_TOLD,
        "Subscribers told of a change, by protocol and outcome: told, failed or gone."
    );
    describe_counter!(
        HUB_ASKED,
        "Requests to the hub that were verified, by protocol and outcome: agreed or refused."
    );
    describe_gauge!(HUB_SUBSCRIPTIONS, "Subscriptions at the hub, by protocol.");
    describe_counter!(REQUESTS, "HTTP requests answered, by route and status.");
    describe_histogram!(
        REQUEST_SECONDS,
        "How long answers to HTTP requests took, by route."
    );
    describe_histogram!(
        STORE_WRITE,
        "How long commits and single writes to the store took."
    );
    describe_gauge!(BUILD, "1, with the version as a label.");
    describe_gauge!(
        WAITING,
        "Mails that wait, by state: queued or deferred; as of the last look."
    );
    describe_gauge!(
        OLDEST,
        "For how long the mail that is due longest has been due; 0: none is."
    );
    describe_gauge!(
        EDITIONS,
        "Editions by state; one that is held counts as held alone."
    );
    describe_gauge!(ARTICLES, "Articles that are known.");
    describe_gauge!(
        PINGS_WAITING,
        "Pings that wait, by state: queued, sending or deferred."
    );
}

/// A pass has ended; `at` is when, by its clock, in seconds since 1970.
pub fn pass_ended(good: bool, took: Duration, at: i64) {
    counter!(PASSES, "outcome" => if good { "good" } else { "failed" }).increment(1);
    histogram!(PASS_SECONDS).record(took);
    if good {
        gauge!(GOOD_PASS).set(at as f64);
    }
}

/// A source was read, or not to its end.
pub fn source_read(whole: bool) {
    counter!(SOURCES, "outcome" => if whole { "whole" } else { "failed" }).increment(1);
}

/// Documents were written.
pub fn feeds_written(documents: u64) {
    counter!(FEEDS).increment(documents);
}

/// A try of a mail ended in this state.
pub fn mail(state: &'static str, relay: &str) {
    counter!(MAILS, "state" => state, "relay" => relay.to_owned()).increment(1);
}

/// A connection to a relay was opened, or could not be.
pub fn connection(opened: bool, relay: &str) {
    let outcome = if opened { "opened" } else { "failed" };
    counter!(CONNECTIONS, "outcome" => outcome, "relay" => relay.to_owned()).increment(1);
}

/// A mail was answered.
pub fn transaction(took: Duration, relay: &str) {
    histogram!(TRANSACTION, "relay" => relay.to_owned()).record(took);
}

/// A ping was tried.
pub fn ping(kind: &str, state: &'static str) {
    counter!(PINGS, "kind" => kind.to_owned(), "state" => state).increment(1);
}

/// A subscriber was told, or not.
pub fn hub_told(protocol: &str, outcome: &'static str) {
    counter!(HUB_TOLD, "protocol" => protocol.to_owned(), "outcome" => outcome).increment(1);
}

/// A callback was asked whether it wants what was asked for.
pub fn hub_asked(protocol: &str, agreed: bool) {
    let outcome = if agreed { "agreed" } else { "refused" };
    counter!(HUB_ASKED, "protocol" => protocol.to_owned(), "outcome" => outcome).increment(1);
}

/// An HTTP request was answered. `route` is a pattern, never the path that was asked for.
pub fn request(route: &str, status: u16, took: Duration) {
    Requests::of(route, status).answered(took);
}

/// Requests of one route that are answered with one status. Who answers many of them keeps it: finding it
/// takes longer than some answers do. To be made when it is settled whether anybody [records](record).
pub struct Requests {
    count: Counter,
    seconds: Histogram,
}

impl Requests {
    /// `route` is a pattern, never the path that was asked for.
    #[must_use]
    pub fn of(route: &str, status: u16) -> Requests {
        let route = route.to_owned();
        Requests {
            count: counter!(REQUESTS, "route" => route.clone(), "status" => status.to_string()),
            seconds: histogram!(REQUEST_SECONDS, "route" => route),
        }
    }

    /// One of them was answered.
    pub fn answered(&self, took: Duration) {
        self.count.increment(1);
        self.seconds.record(took);
    }
}

/// The store was written to.
pub fn store_written(took: Duration) {
    histogram!(STORE_WRITE).record(took);
}

/// What only the store knows, as of now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels {
    /// Mails that wait, by state.
    pub mails: Vec<(String, i64)>,
    /// Seconds.
    pub oldest_due: i64,
    pub editions: Vec<(String, i64)>,
    pub articles: i64,
    pub pings: Vec<(String, i64)>,
    /// By protocol.
    pub subscriptions: Vec<(String, i64)>,
}

/// Every state is told, those too that nothing is in: a gauge that is left out keeps its last value.
pub fn levels(levels: &Levels) {
    let by_state = |name: &'static str, states: &[&'static str], counts: &[(String, i64)]| {
        for state in states {
            let count = counts.iter().find(|(known, _)| known == state);
            gauge!(name, "state" => *state).set(count.map_or(0, |(_, count)| *count) as f64);
        }
    };
    by_state(WAITING, &["queued", "deferred"], &levels.mails);
    by_state(EDITIONS, &EDITION_STATES, &levels.editions);
    by_state(PINGS_WAITING, &["queued", "sending", "deferred"], &levels.pings);
    for protocol in ["websub", "rsscloud"] {
        let count = levels.subscriptions.iter().find(|(known, _)| known == protocol);
        gauge!(HUB_SUBSCRIPTIONS, "protocol" => protocol).set(count.map_or(0, |(_, count)| *count) as f64);
    }
    gauge!(OLDEST).set(levels.oldest_due as f64);
    gauge!(ARTICLES).set(levels.articles as f64);
}

const EDITION_STATES: [&str; 7] = [
    "planned", "held", "filling", "sending", "done", "dropped", "skipped",
];
