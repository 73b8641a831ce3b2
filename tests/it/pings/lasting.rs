//! Endpoints that take nothing for days: left alone but once a day, told of, and back by themselves.

use super::{announce, codes, endpoint, feed, later, listed, now, site, site_in, states};
use crate::database::Database;
use crate::http_server::{Script, Server};
use std::time::Duration;
use tidings::app::Site;
use tidings::app::pings::{plan, quiet_problems, run, send};

/// Days, in minutes.
const DAY: i64 = 24 * 60;

/// Passes every three hours for so many days, each of which has changed a feed; how often the server was asked.
async fn days(site: &Site, server: &Server, from: i64, days: i64) -> usize {
    let before = server.asked().len();
    for minute in (from..from + days * DAY).step_by(180) {
        let version = format!("{minute} x");
        let feeds = [feed("rss.xml", &version), feed("atom.xml", &version)];
        plan(site, later(minute), &feeds).await.unwrap();
        run(site, later(minute)).await.unwrap();
    }
    server.asked().len() - before
}

async fn quiet_and_back(more: &str) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([Script::status("503 Service Unavailable")]).await;
    let good = Server::start([Script::status("202 Accepted")]).await;
    let pings = [
        endpoint("hub", "websub", &server.url()),
        endpoint("good", "websub", &good.url()),
        more.to_owned(),
    ];
    let site = site_in(folder.path(), &pings.concat(), "2s").await;
    let tries = days(&site, &server, 0, 3).await;
    assert!((8..=20).contains(&tries), "{tries}");
    let open = |rows: Vec<_>| {
        let of_hub =
            |ping: &tidings::store::pings::PingRow| ping.endpoint == server.url() && ping.next_try.is_some();
        rows.into_iter().filter(of_hub).count()
    };
    assert_eq!(
        open(listed(&site).await),
        2,
        "one for each topic, however often it changed"
    );
    let problems = quiet_problems(&site).await.unwrap();
    let told: Vec<_> = problems
        .iter()
        .map(|problem| (problem.code, problem.key.as_deref()))
        .collect();
    assert_eq!(told, [("ping-endpoint-quiet", Some("pings.hub.endpoint"))]);
    assert!(problems[0].message.contains(&server.url()), "{}", problems[0]);
    // Quiet: once a day, and what a pass reports is that, once.
    assert!((7..=10).contains(&days(&site, &server, 3 * DAY, 10).await));
    let report = run(&site, later(13 * DAY + 2 * DAY)).await.unwrap();
    assert_eq!(
        (states(&report), codes(&report)),
        (vec!["deferred"; 2], vec!["ping-endpoint-quiet"])
    );
    assert_eq!(
        good.asked().len(),
        13 * 8 * 2,
        "the other was told of every change"
    );
    // It answers: all that waits goes out at once, and nothing is said of it any more.
    server.answers([Script::status("202 Accepted")]);
    let report = run(&site, later(20 * DAY)).await.unwrap();
    assert_eq!((states(&report), codes(&report)), (vec!["done"; 2], vec![]));
    assert_eq!(open(listed(&site).await), 0);
    assert!(quiet_problems(&site).await.unwrap().is_empty());
    plan(&site, later(21 * DAY), &[feed("rss.xml", "new")])
        .await
        .unwrap();
    assert_eq!(states(&run(&site, later(21 * DAY)).await.unwrap()), ["done"; 2]);
}

#[tokio::test]
async fn one_that_fails_for_days_goes_quiet_and_comes_back() {
    quiet_and_back("").await;
}

#[tokio::test]
async fn on_postgresql_too() {
    if let Some(database) = Database::new().await {
        quiet_and_back(&format!("[store]\nurl = '{}'\n", database.url())).await;
    }
}

#[tokio::test]
async fn one_that_refuses_everything_for_days_goes_quiet_too() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = Script::with("200 OK", "", "<methodResponse><params><param><value><boo");
    let server = Server::start([garbage]).await;
    let site = site(folder.path(), &endpoint("agg", "xmlrpc", &server.url())).await;
    for day in 0..10 {
        announce(&site, day + 1).await;
        plan(&site, later(day * DAY), &[]).await.unwrap();
        run(&site, later(day * DAY)).await.unwrap();
    }
    assert!(server.asked().len() < 10, "{}", server.asked().len());
    assert_eq!(quiet_problems(&site).await.unwrap().len(), 1);
    let thanks = Script::with("200 OK", "", super::THANKS);
    server.answers([thanks]);
    announce(&site, 99).await;
    plan(&site, later(12 * DAY), &[]).await.unwrap();
    let report = run(&site, later(12 * DAY)).await.unwrap();
    assert_eq!((states(&report), codes(&report)), (vec!["done"], vec![]));
}

#[tokio::test]
async fn what_an_endpoint_never_takes_keeps_nothing_else_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([Script::status("500 Internal Server Error")]).await;
    let site = site(folder.path(), &endpoint("hub", "websub", &server.url())).await;
    plan(&site, now(), &[feed("rss.xml", "poison")]).await.unwrap();
    run(&site, now()).await.unwrap();
    plan(&site, later(10), &[feed("atom.xml", "fine")]).await.unwrap();
    server.answers([
        Script::status("202 Accepted"),
        Script::status("500 Internal Server Error"),
    ]);
    assert_eq!(
        states(&run(&site, later(10)).await.unwrap()),
        ["deferred", "done"]
    );
    let mut at = 10;
    let report = loop {
        at += 300;
        // What others get meanwhile says that it is the ping's own fault.
        plan(&site, later(at), &[feed("atom.xml", &format!("{at} fine"))])
            .await
            .unwrap();
        server.answers([
            Script::status("202 Accepted"),
            Script::status("500 Internal Server Error"),
        ]);
        let report = run(&site, later(at)).await.unwrap();
        if states(&report).contains(&"failed") {
            break report;
        }
        assert!(at < 4 * DAY, "it is never given up");
    };
    assert!(
        report.problems[0].message.contains("given up"),
        "{:?}",
        report.problems
    );
}

#[tokio::test]
async fn what_waits_is_sent_when_the_operator_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let busy = Script::with(
        "503 Service Unavailable",
        "Retry-After: Fri, 15 Jan 2027 18:00:00 GMT\r\n",
        "",
    );
    let server = Server::start([busy, Script::status("202 Accepted")]).await;
    let site = site(folder.path(), &endpoint("hub", "websub", &server.url())).await;
    plan(&site, now(), &[feed("rss.xml", "0 a"), feed("atom.xml", "0 a")])
        .await
        .unwrap();
    run(&site, now()).await.unwrap();
    assert!(
        listed(&site)
            .await
            .iter()
            .all(|ping| ping.next_try == Some(later(600)))
    );
    assert!(run(&site, later(1)).await.unwrap().pings.is_empty());
    assert_eq!(states(&send(&site, later(1)).await.unwrap()), ["done"; 2]);
    assert!(send(&site, later(2)).await.unwrap().pings.is_empty());
}

/// Two processes at work on one store.
async fn one_at_a_time(store: &str) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([Script::Late(Duration::from_millis(30))]).await;
    let text = format!("{}{store}", endpoint("hub", "websub", &server.url()));
    let (one, two) = (site(folder.path(), &text).await, site(folder.path(), &text).await);
    let feeds: Vec<_> = (0..10).map(|n| feed(&format!("{n}.xml"), "0 a")).collect();
    plan(&one, now(), &feeds).await.unwrap();
    let (first, second) = tokio::join!(run(&one, now()), run(&two, now()));
    assert_eq!(first.unwrap().pings.len() + second.unwrap().pings.len(), 10);
    assert_eq!((server.asked().len(), server.most_at_once()), (10, 1));
}

#[tokio::test]
async fn two_processes_ask_an_endpoint_one_after_the_other() {
    one_at_a_time("").await;
    if let Some(database) = Database::new().await {
        one_at_a_time(&format!("[store]\nurl = '{}'\n", database.url())).await;
    }
}
