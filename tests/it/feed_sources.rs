//! Feeds as sources: over real HTTP, into a real store, on both databases.

use crate::database::Database;
use crate::http_server::{Asked, Script, Server};
use crate::site::{NOW, Site};
use serde_json::Value;
use std::io::Write;

/// A day and more after `NOW`, at which any back-off is over.
const LATER: &str = "2026-11-25T06:00:00Z";

fn item(n: usize, guid: &str) -> String {
    format!(
        "<item><title>Title {n}</title><link>https://old.example/{n}</link><guid isPermaLink=\"false\">{guid}</guid>\
         <description>The text of number {n}.</description><pubDate>Sun, {:02} Nov 2026 10:00:00 GMT</pubDate></item>",
        10 + n
    )
}

fn rss(items: &[String]) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>Old</title><link>https://old.example/</link>{}</channel></rss>",
        items.concat()
    )
}

fn good(items: &[String]) -> Script {
    Script::with(
        "200 OK",
        "Content-Type: application/rss+xml\r\nETag: W/\"v1\"\r\nLast-Modified: Sun, 22 Nov 2026 10:00:00 GMT\r\n",
        &rss(items),
    )
}

/// A site without articles of its own, whose source is the server.
fn site(server: &Server, store: &str) -> Site {
    let mut site = Site::empty();
    site.replace(
        "kind = \"markdown\"\npath = \"articles\"",
        &format!("kind = \"feed\"\nurl = \"{}\"", server.url()),
    );
    site.add(&format!("[http_client]\ntimeout = \"3s\"\n{store}"));
    site
}

async fn publish(site: &Site, at: &str) -> Value {
    let run = run(site, &["publish", "--json", "--at", at]).await;
    serde_json::from_str(&run.1).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

/// On a thread of its own: the server answers on this one.
async fn run(site: &Site, arguments: &[&str]) -> (i32, String) {
    let mut command = site.command(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

fn counts(report: &Value) -> [u64; 4] {
    ["new", "updated", "held", "removed"].map(|key| report["sources"][0][key].as_u64().unwrap())
}

fn codes(report: &Value) -> Vec<&str> {
    let errors = report["errors"].as_array().map_or(&[][..], Vec::as_slice);
    errors
        .iter()
        .map(|error| error["code"].as_str().unwrap())
        .collect()
}

fn header<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    asked
        .head
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_followed() {
    follow("").await;
    if let Some(database) = Database::new().await {
        follow(&format!("[store]\nurl = \"{}\"", database.url())).await;
    }
}

async fn follow(store: &str) {
    let first: Vec<String> = (0..6).rev().map(|n| item(n, &format!("g{n}"))).collect();
    let server = Server::start([good(&first)]).await;
    let site = site(&server, store);
    assert_eq!(counts(&publish(&site, NOW).await), [6, 0, 0, 0]);
    let published = std::fs::read_to_string(site.path("feeds/rss.xml")).unwrap();
    assert!(
        published.contains(">g5</guid>") && published.contains("https://old.example/5"),
        "{published}"
    );
    // It has not changed.
    server.answers([Script::status("304 Not Modified")]);
    assert_eq!(
        counts(&publish(&site, "2026-11-23T06:20:00Z").await),
        [0, 0, 0, 0]
    );
    let asked = server.asked();
    assert_eq!(header(&asked[1], "if-none-match"), Some("w/\"v1\""));
    assert_eq!(
        header(&asked[1], "if-modified-since"),
        Some("sun, 22 nov 2026 10:00:00 gmt")
    );
    assert!(
        header(&asked[0], "if-none-match").is_none()
            && header(&asked[0], "accept-encoding").unwrap().contains("gzip")
    );
    // What drops out of it stays, and all guids that change at once are no news.
    let second: Vec<String> = (2..7).rev().map(|n| item(n, &format!("urn:new:{n}"))).collect();
    server.answers([good(&second)]);
    let report = publish(&site, "2026-11-23T06:40:00Z").await;
    assert_eq!(counts(&report)[0], 1, "number 6 alone: {report:#}");
    assert_eq!(counts(&report)[3], 0, "{report:#}");
    let published = std::fs::read_to_string(site.path("feeds/rss.xml")).unwrap();
    assert!(
        published.contains("Title 0") && published.contains(">g5</guid>"),
        "{published}"
    );
    // Guids and URLs change at once: each is known by what it says, and when it said it.
    let elsewhere = |n| item(n, &format!("x{n}")).replace("old.example/", "new.example/p/");
    let third: Vec<String> = (2..7).rev().map(elsewhere).collect();
    server.answers([good(&third)]);
    let report = publish(&site, "2026-11-23T06:50:00Z").await;
    assert_eq!(counts(&report), [0, 5, 0, 0], "{report:#}");
    // The texts change too: held, and nobody is told.
    let otherwise = |n| {
        elsewhere(n)
            .replace("The text", "Another text")
            .replace("/p/", "/q/")
    };
    let fourth: Vec<String> = (2..7).rev().map(|n| otherwise(n).replace(">x", ">y")).collect();
    server.answers([good(&fourth)]);
    let report = publish(&site, "2026-11-23T06:55:00Z").await;
    assert_eq!(counts(&report)[2], 5, "{report:#}");
    assert_eq!(codes(&report), ["articles-held"]);
}

/// What was there at the first reading is no news, whenever it can be read.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_first_reading_could_not_read_is_announced_to_nobody() {
    let all: Vec<String> = (0..9).rev().map(|n| item(n, &format!("g{n}"))).collect();
    let cut = rss(&all).split("<title>Title 2<").next().unwrap().to_owned();
    let server = Server::start([Script::with("200 OK", "", &cut)]).await;
    let mut site = site(&server, "");
    site.replace(
        "title = \"The weekly tide\"",
        "title = \"The weekly tide\"\nfirst_edition = 0",
    );
    site.write(
        "articles/whole.md",
        "---\ntitle: Whole\ndate: 2026-11-01\n---\n\nText.\n",
    );
    site.write(
        "articles/bad.md",
        "---\ntitle: [\ndate: 2026-11-02\n---\n\nBad.\n",
    );
    site.add("[sources.files]\nkind = \"markdown\"\npath = \"articles\"");
    let report = publish(&site, NOW).await;
    assert_eq!(counts(&report), [6, 0, 0, 0], "{report:#}");
    let next = "2026-11-23T16:00:00Z";
    let new = item(9, "g9").replace("Sun, 19 Nov", "Mon, 23 Nov");
    let late = item(10, "g10").replace("Sun, 20 Nov", "Sat, 21 Nov");
    let more = [vec![new.replace("10:00:00", "15:00:00")], vec![late], all].concat();
    server.answers([good(&more)]);
    site.write(
        "articles/bad.md",
        "---\ntitle: Good\ndate: 2026-11-02\n---\n\nGood.\n",
    );
    let report = publish(&site, next).await;
    assert_eq!(counts(&report)[0], 5, "{report:#}");
    assert_eq!(announced(&site).await, ["Title 9"]);
    // Once it has all been read, an older date is a late article's own business.
    let later = item(11, "g11").replace("Tue, 21 Nov", "Sat, 21 Nov");
    server.answers([good(&[more, vec![later]].concat())]);
    let report = publish(&site, "2026-11-23T17:00:00Z").await;
    assert_eq!(counts(&report)[0], 1, "{report:#}");
    assert_eq!(announced(&site).await, ["Title 9", "Title 11"]);
}

/// The titles of what readers are told of, newest first.
async fn announced(site: &Site) -> Vec<String> {
    let (_, listed) = run(site, &["articles", "list", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let articles = listed["articles"].as_array().unwrap().iter();
    articles
        .filter(|article| !article["announced"].is_null())
        .map(|article| article["title"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_fails_is_told_of_and_all_else_goes_on() {
    for (script, code, words) in [
        (Script::Hang, "source-unreachable", "no answer within"),
        (Script::HangInBody, "source-unreachable", "did not end"),
        (Script::Close, "source-unreachable", "the connection"),
        (Script::status("500 Oh"), "source-unreachable", "500"),
        (
            Script::with("302 Found", "Location: file:///etc/passwd\r\n", ""),
            "source-unreachable",
            "file:///etc/passwd",
        ),
        (
            Script::with("302 Found", "Location: http://127.0.0.1:1/\r\n", ""),
            "source-unreachable",
            "127.0.0.1",
        ),
        (
            Script::with("302 Found", "Location: /hub\r\n", ""),
            "source-unreachable",
            "redirects",
        ),
        (
            Script::with(
                "200 OK",
                "Content-Type: text/html\r\n",
                "<html><link rel=alternate type=application/rss+xml href=/f.xml>",
            ),
            "feed",
            "HTML",
        ),
        (bomb(), "too-large", "50 MiB"),
    ] {
        let server = Server::start([script.clone()]).await;
        let mut site = site(&server, "");
        site.add("[sources.own]\nkind = \"markdown\"\npath = \"articles\"");
        site.article("one.md", "One", "2026-11-20", "Text.");
        site.readers("email\nann@example.com\n");
        let first = [
            "publish",
            "--json",
            "--now",
            "weekly",
            "--at",
            "2026-11-23T06:00:00Z",
        ];
        let (status, text) = run(&site, &first).await;
        let report: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((status, codes(&report)), (1, vec![code]), "{script:?}");
        assert_eq!(report["deliveries"]["sent"], 1, "{text}");
        let message = report["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}: {words}");
        assert_eq!(report["errors"][0]["file"], server.url());
        assert_eq!(report["sources"][1]["new"], 1);
        // It is told until it is mended, and newly failed only once; meanwhile it is left in peace.
        let asked = server.asked().len();
        let (status, text) = run(&site, &["publish", "--json", "--at", "2026-11-23T06:01:00Z"]).await;
        let again: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((status, codes(&again)), (0, vec![code]), "{text}");
        assert!(code == "feed" || server.asked().len() == asked);
        server.answers([good(&[item(1, "a")])]);
        let report = publish(&site, LATER).await;
        assert_eq!(
            (codes(&report).len(), &report["sources"][0]["new"]),
            (0, &Value::from(1)),
            "{report:#}"
        );
    }
}

/// A body that is little as it is sent, and more than is read as it is meant.
fn bomb() -> Script {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..60 {
        packed.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let packed = packed.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        packed.len()
    );
    Script::Raw([head.into_bytes(), packed].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_moves_for_good_is_remembered() {
    let feed = good(&[item(1, "a")]);
    let server = Server::start([Script::with("301 Moved", "Location: /new\r\n", ""), feed.clone()]).await;
    let site = site(&server, "");
    let report = publish(&site, NOW).await;
    assert_eq!((counts(&report)[0], codes(&report)), (1, vec!["source-moved"]));
    server.answers([feed]);
    publish(&site, "2026-11-23T06:20:00Z").await;
    let asked = server.asked();
    assert!(asked.last().unwrap().head.starts_with("get /new "), "{asked:?}");
    // It fails there: the next try is where the operator said.
    server.answers([Script::status("404 Not Found")]);
    publish(&site, "2026-11-23T06:40:00Z").await;
    publish(&site, LATER).await;
    assert!(server.asked().last().unwrap().head.starts_with("get /hub "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_moves_to_something_else_has_not_moved() {
    let page = Script::with(
        "200 OK",
        "Content-Type: text/html\r\n",
        "<!doctype html><title>Away</title>",
    );
    let server = Server::start([Script::with("301 Moved", "Location: /away\r\n", ""), page]).await;
    let site = site(&server, "");
    let report = publish(&site, NOW).await;
    assert_eq!(codes(&report), ["feed"], "{report}");
    server.answers([good(&[item(1, "a")])]);
    let report = publish(&site, "2026-11-23T06:20:00Z").await;
    assert!(server.asked().last().unwrap().head.starts_with("get /hub "));
    assert_eq!(counts(&report)[0], 1, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_for_peace_gets_it() {
    let server = Server::start([Script::with("429 Slow down", "Retry-After: 7200\r\n", "")]).await;
    let site = site(&server, "");
    publish(&site, "2026-11-23T06:00:00Z").await;
    publish(&site, "2026-11-23T07:59:00Z").await;
    assert_eq!(server.asked().len(), 1);
    server.answers([good(&[item(1, "a")])]);
    assert_eq!(counts(&publish(&site, "2026-11-23T08:01:00Z").await)[0], 1);
    assert_eq!(server.asked().len(), 2);
}
