//! Servers and sites that mean no good, or are broken: the one thing is named, the rest goes on, nothing
//! is lost.

use super::server::{Reply, Web};
use super::{article, blog, site, source, titles, urlset};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;
use std::time::{Duration, Instant};

const DAY: &str = "2026-11-20T08:00:00Z";

fn page(title: &str) -> Reply {
    Reply::html(article(title, DAY, title))
}

#[test]
fn robots_txt_is_kept() {
    let web = blog();
    web.set(
        "/robots.txt",
        Reply::with(
            "",
            "User-agent: *\nDisallow: /\nAllow: /2026/\nDisallow: /*/fog/$\n",
        ),
    );
    let site = site(&web, "/sitemap.xml");
    site.publish_at("2026-11-23T06:00:00Z");
    assert_eq!(titles(&site), ["Rain", "Wind"]);
    let asked = web.asked();
    assert!(
        !asked.iter().any(|path| path == "/2026/fog/" || path == "/who/"),
        "{asked:?}"
    );
    // Allowed a day later: it is asked for then, and it was there before.
    web.set("/robots.txt", Reply::with("", "\u{0}\u{1}garbage\n<html>: x\n"));
    site.publish_at("2026-11-24T06:00:00Z");
    assert_eq!(titles(&site), ["Fog", "Rain", "Wind"]);
}

#[test]
fn a_sitemap_that_nobody_names_is_left_alone_where_robots_txt_says_so() {
    let web = blog();
    web.set("/robots.txt", Reply::with("", "User-agent: *\nDisallow: /\n"));
    let site = site(&web, "/");
    let run = site.run(&["--json", "publish", "--at", "2026-11-23T06:00:00Z"]);
    assert_eq!(
        (run.status, run.codes()),
        (1, vec!["sitemap".to_owned()]),
        "{run:?}"
    );
    assert!(run.stdout.contains("keeps us off the usual places"), "{run:?}");
    assert_eq!(web.asked(), ["/robots.txt"]);
}

#[test]
fn a_backup_is_not_accepted_before_a_crawl_is_read() {
    let web = blog();
    let site = site(&web, "/sitemap.xml");
    site.publish_at("2026-11-23T06:00:00Z");
    site.ask(&["backup", "b.tar.gz"]);
    std::fs::rename(site.path("data"), site.path("lost")).unwrap();
    site.ask(&["restore", "b.tar.gz"]);
    let busy = "Retry-After: 7200\r\n".to_owned();
    web.set(
        "/x/new/",
        Reply::Said("429 Slow down".to_owned(), busy, Vec::new()),
    );
    let pages = [("/2026/wind/", DAY), ("/x/new/", "2026-11-23T07:00:00Z")];
    web.set("/sitemap.xml", Reply::with("", urlset(&web, &pages)));
    for at in ["2026-11-23T08:00:00Z", "2026-11-23T08:01:00Z"] {
        let refused = site.run(&["--json", "restore", "--accept", "--at", at]);
        assert_eq!(refused.codes(), ["restore-unread"], "{refused:?}");
    }
    web.set("/x/new/", page("New"));
    let accepted = site.ask(&["restore", "--accept", "--at", "2026-11-23T10:00:00Z"]);
    assert_eq!(accepted["accepted"], true);
}

#[test]
fn a_server_that_cannot_say_what_it_allows_is_left_alone() {
    let web = blog();
    web.set("/robots.txt", Reply::status("503 Busy"));
    let site = site(&web, "/sitemap.xml");
    let run = site.run(&["--json", "publish", "--at", "2026-11-23T06:00:00Z"]);
    assert_eq!(
        (run.status, run.codes()),
        (1, vec!["source-unreachable".to_owned()]),
        "{run:?}"
    );
    assert_eq!(web.asked(), ["/robots.txt"]);
    web.set("/robots.txt", Reply::status("404 Not Found"));
    site.publish_at("2026-11-23T07:00:00Z");
    assert_eq!(titles(&site).len(), 3);
    // An older robots.txt holds as long as the server fails.
    web.set("/robots.txt", Reply::status("500 Oops"));
    let report = site.publish_at("2026-11-25T07:00:00Z");
    assert_eq!(source(&report)["unchanged"], 3);
}

#[test]
fn nobody_is_led_to_a_private_address() {
    let (web, private) = (Web::start(), Web::start());
    private.set("/secret/", page("Secret"));
    private.set(
        "/robots.txt",
        Reply::with("", format!("Sitemap: {}\n", web.url("/sitemap.xml"))),
    );
    let listed = private.url("/secret/");
    web.set(
        "/sitemap.xml",
        Reply::with(
            "",
            urlset(&web, &[("/a/", ""), ("/b/", ""), ("/c/", ""), (&listed, "")]),
        ),
    );
    web.set("/a/", Reply::to(&private.url("/secret/")));
    web.set("/b/", Reply::to("/b/"));
    web.set("/c/", page("C"));
    let site = site(&web, "/sitemap.xml");
    let report = site.publish_at("2026-11-23T06:00:00Z");
    assert_eq!(titles(&site), ["C"], "{report:#}");
    assert_eq!(private.asked(), Vec::<String>::new());
    let asked = web.asked();
    assert_eq!(
        asked.iter().filter(|path| *path == "/b/").count(),
        6,
        "round and round, and then no more"
    );
}

#[test]
fn hosts_that_fail_count_among_the_few_that_are_asked() {
    let web = Web::start();
    let others: Vec<Web> = (0..6).map(|_| Web::start()).collect();
    for other in &others {
        other.set("/robots.txt", Reply::status("503 Busy"));
    }
    let listed: Vec<String> = others.iter().map(|other| other.url("/x/")).collect();
    let pages: Vec<(&str, &str)> = listed.iter().map(|url| (url.as_str(), "")).collect();
    let pages = [&pages[..], &[("/c/", "")]].concat();
    web.set("/sitemap.xml", Reply::with("", urlset(&web, &pages)));
    web.set("/c/", page("C"));
    let site = site(&web, "/sitemap.xml").with("[http_client]\nallow = [\"127.0.0.0/8\"]");
    site.publish_at("2026-11-23T06:00:00Z");
    assert_eq!(titles(&site), ["C"]);
    let asked = others.iter().filter(|other| other.count() > 0).count();
    assert_eq!(asked, 3);
}

#[test]
fn endless_and_hanging_pages_stop_nobody() {
    let web = Web::start();
    let paths = ["/end/a", "/x/b", "/x/c", "/x/d", "/x/e", "/x/f"];
    let days: Vec<String> = (0..6).map(|n| format!("2026-11-{}", 20 - n)).collect();
    let pages: Vec<(&str, &str)> = paths
        .iter()
        .copied()
        .zip(days.iter().map(String::as_str))
        .collect();
    web.set("/sitemap.xml", Reply::with("", urlset(&web, &pages)));
    web.set("/end/a", Reply::Endless);
    web.set("/x/b", page("B"));
    for path in &paths[2..5] {
        web.set(path, Reply::Hang);
    }
    web.set("/x/f", page("F"));
    let site = site(&web, "/sitemap.xml").with("[http_client]\ntimeout = \"1s\"");
    let began = Instant::now();
    let run = site.run(&["--json", "publish", "--at", "2026-11-23T06:00:00Z"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(
        titles(&site),
        ["B"],
        "after three that hang the server is left alone"
    );
    let codes = run.codes();
    assert!(codes.contains(&"too-large".to_owned()), "{codes:?}");
    assert!(codes.contains(&"source-unreachable".to_owned()), "{codes:?}");
    web.asked();
    site.run(&["publish", "--at", "2026-11-23T06:01:00Z"]);
    assert_eq!(web.asked(), Vec::<String>::new(), "it is left alone for a while");
    for path in &paths[2..5] {
        web.set(path, page(path));
    }
    site.run(&["publish", "--at", "2026-11-23T06:30:00Z"]);
    assert_eq!(titles(&site).len(), 5);
}

#[test]
fn a_server_that_asks_for_peace_gets_it() {
    let web = blog();
    let busy = Reply::Said(
        "429 Slow down".to_owned(),
        "Retry-After: 7200\r\n".to_owned(),
        Vec::new(),
    );
    web.set("/2026/wind/", busy);
    let site = site(&web, "/sitemap.xml");
    let run = site.run(&["--json", "publish", "--at", "2026-11-23T06:00:00Z"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(titles(&site), ["Fog"]);
    web.set("/2026/wind/", page("Wind"));
    web.asked();
    site.publish_at("2026-11-23T07:59:00Z");
    assert_eq!(web.asked(), Vec::<String>::new());
    site.publish_at("2026-11-23T08:00:00Z");
    assert_eq!(titles(&site), ["Fog", "Rain", "Wind"]);
}

#[test]
fn broken_sitemaps_remove_nothing() {
    let web = blog();
    let site = site(&web, "/sitemap.xml");
    site.publish_at("2026-11-23T06:00:00Z");
    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..60 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let cut = urlset(&web, &[("/2026/wind/", "2026-11-20T10:00:00Z")]);
    let cut = cut.trim_end().strip_suffix("</urlset>").unwrap().to_owned();
    for (minute, reply, code) in [
        (10, Reply::with("", "<html><body>Maintenance"), "sitemap"),
        (20, Reply::with("", "<urlset></urlset>"), "sitemap"),
        (30, Reply::with("", cut), "sitemap"),
        (40, Reply::with("", bomb.finish().unwrap()), "too-large"),
        (50, Reply::status("500 Oops"), "source-unreachable"),
    ] {
        web.set("/sitemap.xml", reply);
        let at = format!("2026-11-23T06:{minute}:00Z");
        let run = site.run(&["--json", "publish", "--at", &at]);
        assert_eq!(
            (run.status, run.codes()),
            (1, vec![code.to_owned()]),
            "{at}: {run:?}"
        );
        assert_eq!(titles(&site), ["Fog", "Rain", "Wind"], "{at}");
    }
}

#[test]
fn pages_that_say_there_is_nothing_are_no_articles() {
    let web = Web::start();
    let paths: Vec<String> = (0..200).map(|n| format!("/x/{n}")).collect();
    let mut pages: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "2026-11-20")).collect();
    pages.extend([("/x/good", "2026-11-19"), ("/x/gone", "2026-11-18")]);
    web.set("/sitemap.xml", Reply::with("", urlset(&web, &pages)));
    for path in &paths {
        web.set(path, page("We are sorry"));
    }
    web.set("/x/good", page("Good"));
    web.set(
        "/x/gone",
        Reply::html("<html><title>404: Seite nicht gefunden</title><time datetime=2026-11-20>20.11.2026</time><p>Weg."),
    );
    let site = site(&web, "/sitemap.xml");
    site.publish_at("2026-11-23T06:00:00Z");
    assert_eq!(titles(&site), ["Good"]);
}

#[test]
fn check_online_names_a_sitemap_that_cannot_be_had() {
    let web = blog();
    let site = site(&web, "/sitemap.xml");
    let named = || {
        let run = site.run(&["--json", "check", "--online"]);
        let problems = run.json()["problems"].as_array().cloned().unwrap_or_default();
        problems
            .iter()
            .any(|problem| problem["code"] == "source-unreachable" && problem["key"] == "sources.posts.url")
    };
    assert!(!named());
    web.unset("/sitemap.xml");
    assert!(named());
}
