//! `/metrics` as Prometheus reads it: strictly.

use crate::http_server::{self, Server};
use crate::service::running::{Service, until};
use crate::site::{NOW, Site};
use crate::smtp_server::{Fault, Script, SmtpServer, What};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use tidings::clock::Clock;
use tidings::config::Config;
use tidings::web::metrics::Metrics;

/// One family of metrics.
#[derive(Debug, Default)]
pub(crate) struct Family {
    kind: String,
    help: String,
    /// By name and labels, as they stand.
    samples: BTreeMap<String, f64>,
}

/// What a scrape gave, by the families' names.
#[derive(Debug)]
pub(crate) struct Scrape(BTreeMap<String, Family>);

impl Scrape {
    /// The value of a series, as `name{label="value"}`; 0 where there is none.
    pub(crate) fn value(&self, series: &str) -> f64 {
        let name = series.split('{').next().unwrap();
        let family = self.0.iter().find(|(family, _)| of_family(name, family));
        family
            .and_then(|(_, family)| family.samples.get(series))
            .copied()
            .unwrap_or(0.0)
    }
}

/// A GET of `/metrics`; head and body.
pub(crate) fn ask(address: SocketAddr, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

pub(crate) fn scrape(address: SocketAddr) -> Scrape {
    let (head, body) = ask(address, "/metrics");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(
        head.to_lowercase()
            .contains("content-type: text/plain; version=0.0.4"),
        "{head}"
    );
    parse(&body)
}

fn of_family(name: &str, family: &str) -> bool {
    name.strip_prefix(family)
        .is_some_and(|rest| ["", "_bucket", "_sum", "_count"].contains(&rest))
}

/// Each family has its HELP and TYPE, then its samples, all together; no series comes twice.
fn parse(text: &str) -> Scrape {
    assert!(text.ends_with('\n'), "the last line ends, too");
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("# ") {
            let (what, rest) = rest.split_once(' ').unwrap();
            let (name, said) = rest.split_once(' ').unwrap_or((rest, ""));
            if current != name {
                assert!(!families.contains_key(name), "{name} comes in two places");
                current = name.to_owned();
            }
            let family = families.entry(name.to_owned()).or_default();
            let place = match what {
                "HELP" => &mut family.help,
                "TYPE" => &mut family.kind,
                _ => panic!("{line}"),
            };
            assert!(place.is_empty(), "twice: {line}");
            said.clone_into(place);
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        assert!(of_family(name, &current), "{line} stands among {current}");
        check_labels(labels.strip_suffix('}').unwrap(), line);
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
        let family = families.get_mut(&current).unwrap();
        assert!(
            family.samples.insert(series.to_owned(), value).is_none(),
            "twice: {line}"
        );
    }
    for (name, family) in &families {
        check_family(name, family);
    }
    Scrape(families)
}

/// `a="x",b="y"`, in which no value needs an escape.
fn check_labels(labels: &str, line: &str) {
    let mut names = BTreeSet::new();
    for label in labels.split(',').filter(|label| !label.is_empty()) {
        let (name, value) = label.split_once('=').unwrap_or_else(|| panic!("{line}"));
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{line}");
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        assert!(
            value.is_some_and(|value| !value.contains(['"', '\\', '@'])),
            "{line}"
        );
        assert!(names.insert(name), "a label twice: {line}");
    }
}

fn check_family(name: &str, family: &Family) {
    assert!(name.starts_with("tidings_"), "{name}");
    assert!(!family.help.is_empty(), "{name} has no help");
    assert!(!family.samples.is_empty(), "{name} has no samples");
    match family.kind.as_str() {
        "counter" => assert!(name.ends_with("_total"), "{name}"),
        "gauge" => assert!(!name.ends_with("_total"), "{name}"),
        "histogram" => {
            assert!(name.ends_with("_seconds"), "{name}");
            check_histogram(name, family);
        }
        other => panic!("{name} is of type {other:?}"),
    }
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/monitoring.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    assert!(
        manual.contains(&format!("| `{name}` | {} |", family.kind)),
        "docs/monitoring.md: {name}, {}",
        family.kind
    );
}

/// Buckets are cumulative, and the last holds all.
fn check_histogram(name: &str, family: &Family) {
    let mut buckets: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for (series, value) in &family.samples {
        if let Some(labels) = series.strip_prefix(&format!("{name}_bucket{{")) {
            let le = labels.split("le=\"").nth(1).unwrap().split('"').next().unwrap();
            let bound = if le == "+Inf" {
                f64::INFINITY
            } else {
                le.parse().unwrap()
            };
            let others = labels.trim_end_matches('}').replace(&format!("le=\"{le}\""), "");
            let others = others.trim_matches(',').to_owned();
            buckets.entry(others).or_default().push((bound, *value));
        }
    }
    assert!(!buckets.is_empty(), "{name} has no buckets");
    for (labels, mut bounds) in buckets {
        bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(bounds.is_sorted_by_key(|(_, count)| *count), "{name} {labels}");
        let (last, all) = bounds[bounds.len() - 1];
        let series = |part: &str| match labels.as_str() {
            "" => format!("{name}_{part}"),
            labels => format!("{name}_{part}{{{labels}}}"),
        };
        assert!(last.is_infinite(), "{name}");
        assert_eq!(family.samples.get(&series("count")), Some(&all), "{name}");
        assert!(family.samples.contains_key(&series("sum")), "{name}");
    }
}

/// The levels of a store are those that it has; what else this process does is counted beside.
#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_is_strict_and_tells_what_the_store_holds() {
    let site = Site::new();
    site.publish(&["--now", "weekly"]);
    site.article("third.md", "Third time", "2026-11-22", "The third one.");
    std::fs::remove_dir_all(site.path("outbox")).unwrap();
    site.write("outbox", "a file where a folder belongs");
    let blocked = site.try_publish(&["--now", "weekly"]);
    assert_eq!(blocked.status, 1, "{blocked:?}");
    let config = Config::load(&site.path("config.toml"), &Default::default()).unwrap();
    let clock =
        Clock::Fixed(NOW.parse::<chrono::DateTime<chrono::Utc>>().unwrap() + chrono::Duration::hours(1));
    let (opened, _) = tidings::app::Site::open(config, clock).await.unwrap();
    let metrics = Metrics::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = metrics.address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let store = opened.store.clone();
    let running = tokio::spawn(metrics.run(store, clock, async {
        let _ = stopped.await;
    }));
    let asking = tokio::task::spawn_blocking(move || {
        assert!(ask(address, "/").0.starts_with("HTTP/1.1 404"));
        (scrape(address), scrape(address))
    });
    let (first, again) = asking.await.unwrap();
    for (series, value) in [
        ("tidings_articles", 3.0),
        ("tidings_editions{state=\"done\"}", 1.0),
        ("tidings_editions{state=\"sending\"}", 1.0),
        ("tidings_editions{state=\"held\"}", 0.0),
        ("tidings_mails_waiting{state=\"queued\"}", 1.0),
        ("tidings_mails_waiting{state=\"deferred\"}", 0.0),
        ("tidings_oldest_due_mail_age_seconds", 3600.0),
    ] {
        assert_eq!(first.value(series), value, "{series}: {first:#?}");
        assert_eq!(again.value(series), value, "{series}");
    }
    let version = format!("tidings_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(first.value(&version), 1.0);
    stop.send(()).unwrap();
    running.await.unwrap();
    assert!(TcpStream::connect(address).is_err(), "it listens no more");
}

/// What the service counts is what happened.
#[tokio::test(flavor = "multi_thread")]
async fn the_service_shows_what_it_has_done() {
    let server = SmtpServer::start(Script {
        fault: Some(Fault {
            step: "rcpt",
            what: What::Say("550 5.1.1 <ann@example.com>: no such user"),
        }),
        only: Some("ann@"),
        every: 1,
        ..Script::default()
    })
    .await;
    let hub = Server::start([http_server::Script::status("204 No Content")]).await;
    let site = Site::new().with(&format!(
        "[metrics]\nlisten = \"127.0.0.1:0\"\n[pings.hub]\nkind = \"websub\"\nendpoint = \"{}\"",
        hub.url()
    ));
    site.readers("email\nann@example.com\nbo@example.com\ncy@example.com\n");
    // An edition that is filled, and cannot be sent yet.
    site.write("outbox", "a file where a folder belongs");
    site.run(&["publish", "--now", "weekly"]);
    let site = site.with(&format!("[smtp]\nurl = \"smtp://127.0.0.1:{}\"", server.port));
    site.article("third.md", "Third time", "2026-11-22", "The third one.");
    let before = hub.asked().len();
    let service = Service::start(&site);
    let address = service.metrics.unwrap();
    let relay = format!("relay=\"127.0.0.1:{}\"", server.port);
    let sent = format!("tidings_mails_total{{state=\"sent\",{relay}}}");
    let failed = format!("tidings_mails_total{{state=\"failed\",{relay}}}");
    let good = "tidings_passes_total{outcome=\"good\"}";
    until("mail and pass", || {
        let seen = scrape(address);
        seen.value(&sent) >= 2.0
            && seen.value(good) >= 1.0
            && seen.value(&failed) >= 1.0
            // One for each of the three documents that changed.
            && seen.value("tidings_pings_total{kind=\"websub\",state=\"done\"}") >= 3.0
    })
    .await;
    assert_eq!(service.get("/health/live").0, 200);
    assert_eq!(service.get("/nothing/here?ann@example.com").0, 404);
    let seen = scrape(address);
    for (series, value) in [
        (sent.as_str(), server.count() as f64),
        (failed.as_str(), 1.0),
        (
            &format!("tidings_smtp_transaction_duration_seconds_count{{{relay}}}"),
            3.0,
        ),
        ("tidings_sources_read_total{outcome=\"failed\"}", 0.0),
        // The three, and the sitemap.
        ("tidings_feed_documents_written_total", 4.0),
        (
            "tidings_http_requests_total{route=\"/health/live\",status=\"200\"}",
            1.0,
        ),
        ("tidings_http_requests_total{route=\"feeds\",status=\"404\"}", 1.0),
        (
            "tidings_pings_total{kind=\"websub\",state=\"done\"}",
            (hub.asked().len() - before) as f64,
        ),
    ] {
        assert_eq!(seen.value(series), value, "{series}: {seen:#?}");
    }
    let opened: f64 = seen.value(&format!(
        "tidings_smtp_connections_total{{outcome=\"opened\",{relay}}}"
    ));
    assert_eq!(opened, server.connections() as f64);
    assert!(seen.value("tidings_last_good_pass_timestamp_seconds") > 1e9);
    assert!(seen.value("tidings_store_write_duration_seconds_count") > 3.0);
    let ended = service.stop();
    assert_eq!(ended.status, Some(0), "{ended:?}");
    for message in ["pass ended", "mail settled", "delivery worker ended"] {
        assert!(ended.log.contains(message), "{message}: {}", ended.log);
    }
    assert!(!ended.log.contains("ann@example.com"), "{}", ended.log);
}
