//! IndexNow and rssCloud, against servers that answer as real ones do.

use super::{announce, codes, endpoint, feed, later, listed, now, site, states};
use crate::http_server::{Script, Server};
use crate::site::Site as Program;
use serde_json::Value;
use tidings::app::Site;
use tidings::app::pings::{plan, run};

const KEY: &str = "key = 'a1b2-c3d4e5'\n";

/// What the article of that number becomes, as an intake leaves it.
async fn change(site: &Site, number: i64, set: &str) {
    let sql = match set {
        "edited" => tidings::sql!("UPDATE articles SET hash = hash || 'x' WHERE number = $1"),
        "moved" => tidings::sql!("UPDATE articles SET url = url || '-moved' WHERE number = $1"),
        "removed" => tidings::sql!("UPDATE articles SET removed = 1 WHERE number = $1"),
        _ => panic!("{set}"),
    };
    site.store.write(sql).bind(number).run().await.unwrap();
}

/// The URLs of the newest request.
fn urls(server: &Server) -> Vec<String> {
    let asked = server.asked();
    let body: Value = serde_json::from_str(&asked.last().unwrap().body).unwrap();
    let path = |url: &Value| {
        url.as_str()
            .unwrap()
            .strip_prefix("https://tides.example")
            .unwrap()
            .to_owned()
    };
    body["urlList"].as_array().unwrap().iter().map(path).collect()
}

#[tokio::test]
async fn search_engines_hear_of_what_is_new_edited_moved_and_gone_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([Script::status("202 Accepted")]).await;
    let indexnow = endpoint("engines", "indexnow", &server.url()) + KEY;
    let site = site(folder.path(), &indexnow).await;
    for number in 1..=4 {
        announce(&site, number).await;
    }
    let mut minute = 0;
    let mut pass = async || {
        minute += 1;
        plan(&site, later(minute), &[]).await.unwrap();
        states(&run(&site, later(minute)).await.unwrap()).len()
    };
    assert_eq!(pass().await, 1);
    assert_eq!(urls(&server), ["/1", "/2", "/3", "/4"]);
    let asked = server.asked();
    assert!(
        asked[0]
            .head
            .contains("content-type: application/json; charset=utf-8\r\n")
    );
    let body: Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(body["host"], "tides.example");
    assert_eq!(body["key"], "a1b2-c3d4e5");
    assert_eq!(body["keyLocation"], "https://tides.example/a1b2-c3d4e5.txt");
    // Nothing has changed.
    assert_eq!(pass().await, 0);
    change(&site, 2, "edited").await;
    announce(&site, 5).await;
    assert_eq!(pass().await, 1);
    assert_eq!(urls(&server), ["/2", "/5"]);
    change(&site, 3, "moved").await;
    change(&site, 4, "removed").await;
    assert_eq!(pass().await, 1);
    assert_eq!(urls(&server), ["/3", "/3-moved", "/4"]);
    assert_eq!(pass().await, 0);
    // The same content as once before is a change again.
    change(&site, 2, "edited").await;
    assert_eq!(pass().await, 1);
    assert_eq!(urls(&server), ["/2"]);
}

#[tokio::test]
async fn what_was_there_before_indexnow_is_no_news() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([Script::status("200 OK")]).await;
    let before = site(folder.path(), "").await;
    announce(&before, 1).await;
    plan(&before, now(), &[feed("rss.xml", "0 a")]).await.unwrap();
    let with = site(
        folder.path(),
        &(endpoint("engines", "indexnow", &server.url()) + KEY),
    )
    .await;
    plan(&with, later(1), &[]).await.unwrap();
    assert!(run(&with, later(1)).await.unwrap().pings.is_empty());
    announce(&with, 2).await;
    change(&with, 1, "edited").await;
    plan(&with, later(2), &[]).await.unwrap();
    run(&with, later(2)).await.unwrap();
    assert_eq!(urls(&server), ["/1", "/2"]);
}

#[tokio::test]
async fn what_waits_for_search_engines_goes_in_one_request() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start([Script::status("429 Too Many Requests")]).await;
    let site = site(
        folder.path(),
        &(endpoint("engines", "indexnow", &server.url()) + KEY),
    )
    .await;
    for number in 1..=3 {
        announce(&site, number).await;
        plan(&site, now(), &[]).await.unwrap();
        run(&site, now()).await.unwrap();
    }
    server.answers([Script::status("200 OK")]);
    assert_eq!(states(&run(&site, later(600)).await.unwrap()), ["done"]);
    assert_eq!(urls(&server), ["/1", "/2", "/3"]);
    assert_eq!(listed(&site).await.len(), 1);
    server.answers([Script::with("403 Forbidden", "", "key not valid")]);
    announce(&site, 4).await;
    plan(&site, later(601), &[]).await.unwrap();
    let report = run(&site, later(601)).await.unwrap();
    assert_eq!(
        (states(&report), codes(&report)),
        (vec!["failed"], vec!["ping-failed"])
    );
}

#[tokio::test]
async fn a_cloud_is_told_of_rss_and_says_in_words_whether_it_took_it() {
    let folder = tempfile::tempdir().unwrap();
    let yes = Script::with(
        "200 OK",
        "",
        "<?xml version=\"1.0\"?><result success=\"true\" msg=\"Thanks.\"/>",
    );
    let server = Server::start([yes]).await;
    let site = site(folder.path(), &endpoint("cloud", "rsscloud", &server.url())).await;
    plan(&site, now(), &[feed("rss.xml", "0 a"), feed("atom.xml", "0 a")])
        .await
        .unwrap();
    let report = run(&site, now()).await.unwrap();
    assert_eq!(states(&report), ["done"]);
    assert_eq!(report.pings[0].answer.as_deref(), Some("Thanks."));
    assert_eq!(
        server.asked()[0].body,
        "url=https%3A%2F%2Ftides.example%2Frss.xml"
    );
    let no = "<?xml version=\"1.0\"?><result success=\"false\" msg=\"No such feed.\"/>";
    for (n, script, text) in [
        (1, Script::with("200 OK", "", no), "No such feed."),
        (
            2,
            Script::with("200 OK", "", "<result success="),
            "no answer of rssCloud",
        ),
        (3, Script::Endless, "no answer of rssCloud"),
    ] {
        server.answers([script]);
        plan(&site, later(n), &[feed("rss.xml", &format!("{n} a"))])
            .await
            .unwrap();
        let report = run(&site, later(n)).await.unwrap();
        assert_eq!(
            (states(&report), codes(&report)),
            (vec!["failed"], vec!["ping-failed"]),
            "{text}"
        );
        assert!(report.problems[0].message.contains(text), "{:?}", report.problems);
    }
    server.answers([Script::HangInBody]);
    plan(&site, later(4), &[feed("rss.xml", "4 a")]).await.unwrap();
    assert_eq!(states(&run(&site, later(4)).await.unwrap()), ["deferred"]);
}

/// The program itself, to a folder: what would have been sent.
#[test]
fn all_kinds_write_to_a_folder() {
    let mut site = Program::new();
    for (name, kind, more) in [("a", "indexnow", KEY), ("b", "rsscloud", "")] {
        site.add(&(endpoint(name, kind, "file:outbox/pings") + more));
    }
    site.publish(&[]);
    let sent = |kind: &str| -> Vec<String> {
        let files = std::fs::read_dir(site.path("outbox/pings"))
            .unwrap()
            .map(|file| file.unwrap().path());
        let of_kind = files.filter(|file| file.to_string_lossy().contains(kind));
        of_kind
            .map(|file| std::fs::read_to_string(file).unwrap())
            .collect()
    };
    let indexnow = sent("indexnow");
    assert_eq!(indexnow.len(), 1);
    assert!(indexnow[0].contains(r#""keyLocation":"https://tides.example/a1b2-c3d4e5.txt","urlList":["https://tides.example/first""#), "{}", indexnow[0]);
    assert!(sent("rsscloud")[0].ends_with("url=https%3A%2F%2Ftides.example%2Frss.xml"));
    // What waits no more is not sent again.
    let again = site.ask(&["pings", "send"]);
    assert_eq!(again["pings"].as_array().unwrap().len(), 0, "{again}");
}
