//! What one reading may take, and how the next goes on: in parts, after a kill, in the service; on both
//! databases.

use super::server::{Reply, Web};
use super::{article, site, source, states, titles, urlset};
use crate::service::everywhere;
use std::time::Duration;

/// A site of so many articles, each a minute older than the one before it.
fn large(count: usize) -> (Web, Vec<(String, String)>) {
    let web = Web::start();
    let pages: Vec<(String, String)> = (0..count)
        .map(|n| {
            (
                format!("/post-{n:04}/"),
                format!(
                    "2026-11-{:02}T{:02}:{:02}:00Z",
                    20 - n / 1440,
                    n / 60 % 24,
                    n % 60
                ),
            )
        })
        .collect();
    for (path, date) in &pages {
        web.set(path, Reply::html(article(path, date, path)));
    }
    list(&web, &pages);
    (web, pages)
}

fn list(web: &Web, pages: &[(String, String)]) {
    let pages: Vec<(&str, &str)> = pages
        .iter()
        .map(|(path, date)| (path.as_str(), date.as_str()))
        .collect();
    web.set("/sitemap.xml", Reply::with("", urlset(web, &pages)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_site_comes_in_parts_and_nobody_is_told_of_what_was_there() {
    let (web, mut pages) = large(1_030);
    for (label, site, _database) in everywhere(|| site(&web, "/sitemap.xml")).await {
        list(&web, &pages[..1_030]);
        web.asked();
        let report = site.publish_at("2026-11-23T06:00:00Z");
        assert_eq!(source(&report)["new"], 1_000, "{label}");
        let first = web.asked();
        assert_eq!(
            first.len(),
            1_002,
            "{label}: robots.txt, the sitemap, a thousand pages"
        );
        // Before the second part comes, one is published, and one that was there is dropped.
        pages.truncate(1_030);
        pages.push(("/new/".to_owned(), "2026-11-23T06:30:00Z".to_owned()));
        web.set(
            "/new/",
            Reply::html(article("/new/", "2026-11-23T06:30:00Z", "New.")),
        );
        let dropped = first[2].clone();
        let listed: Vec<_> = pages
            .iter()
            .filter(|(path, _)| *path != dropped)
            .cloned()
            .collect();
        list(&web, &listed);
        let report = site.publish_at("2026-11-23T07:00:00Z");
        assert_eq!(
            (&source(&report)["new"], &source(&report)["removed"]),
            (&31.into(), &1.into()),
            "{label}"
        );
        assert_eq!(source(&report)["held"], 0, "{label}");
        let second = web.asked();
        assert_eq!(
            second.len(),
            32,
            "{label}: the sitemap, the new one, thirty old ones"
        );
        assert!(second[1..].iter().all(|path| !first.contains(path)), "{label}");
        // The first pass tells of the newest ten; after that only the new one is told of.
        let public: Vec<String> = states(&site)
            .into_iter()
            .filter(|(_, state)| state == "public")
            .map(|(title, _)| title)
            .collect();
        assert!(
            public.len() <= 11 && public.contains(&"/new/".to_owned()),
            "{label}: {public:?}"
        );
        // All is read: nothing more is asked for.
        site.publish_at("2026-11-23T07:10:00Z");
        assert_eq!(web.asked(), ["/sitemap.xml"], "{label}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_repeats_what_was_not_taken_in_and_loses_nothing() {
    let (web, mut pages) = large(30);
    for (label, site, _database) in everywhere(|| site(&web, "/sitemap.xml")).await {
        for (n, (path, date)) in pages.iter_mut().enumerate() {
            *date = format!("2026-11-20T10:00:{n:02}Z");
            web.set(path, Reply::html(article(path, date, path)));
        }
        list(&web, &pages);
        web.asked();
        site.publish_at("2026-11-23T06:00:00Z");
        assert_eq!(titles(&site).len(), 30, "{label}");
        for (path, date) in &mut pages {
            *date = date.replace("11-20", "11-22");
            let page = Reply::html(article(path, "2026-11-20T10:00:00Z", "Another text."));
            web.set(path, Reply::Late(Duration::from_millis(30), Box::new(page)));
        }
        list(&web, &pages);
        web.asked();
        let mut child = site.start(&["publish", "--at", "2026-11-23T07:00:00Z"]);
        web.wait_for(12);
        child.kill().unwrap();
        child.wait().unwrap();
        web.asked();
        let report = site.publish_at("2026-11-23T08:00:00Z");
        assert_eq!(
            (&source(&report)["updated"], &source(&report)["removed"]),
            (&30.into(), &0.into()),
            "{label}"
        );
        assert_eq!(web.asked().len(), 31, "{label}");
        assert_eq!(titles(&site).len(), 30, "{label}");
    }
}

#[test]
fn the_service_goes_on_at_once() {
    let (web, _) = large(1_010);
    let site = site(&web, "/sitemap.xml").with("[http]\nlisten = \"127.0.0.1:0\"");
    let mut child = site.start(&["serve"]);
    web.wait_for(1_012);
    child.kill().unwrap();
    child.wait().unwrap();
    let asked = web.asked();
    let pages: Vec<&String> = asked.iter().filter(|path| !path.contains('.')).collect();
    let mut once = pages.clone();
    once.sort();
    once.dedup();
    assert_eq!((pages.len(), once.len()), (1_010, 1_010), "each page once");
    assert_eq!(web.most_open(), 1);
}

#[test]
fn a_host_is_asked_by_one_at_a_time_and_as_slowly_as_it_wants() {
    let web = Web::start();
    for source in ["a", "b"] {
        let paths: Vec<String> = (0..4).map(|n| format!("/{source}/{n}")).collect();
        let pages: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "2026-11-20")).collect();
        web.set(&format!("/{source}.xml"), Reply::with("", urlset(&web, &pages)));
        for path in &paths {
            let page = Reply::html(article(path, "2026-11-20T08:00:00Z", path));
            web.set(path, Reply::Late(Duration::from_millis(20), Box::new(page)));
        }
    }
    let second = format!(
        "[sources.second]\nkind = \"sitemap\"\nurl = \"{}\"",
        web.url("/b.xml")
    );
    let site = site(&web, "/a.xml").with(&second);
    site.publish_at("2026-11-23T06:00:00Z");
    assert_eq!(titles(&site).len(), 8);
    assert_eq!(web.most_open(), 1);

    let slow = Web::start();
    slow.set(
        "/robots.txt",
        Reply::with("", "User-agent: *\nCrawl-delay: 0.3\n"),
    );
    slow.set(
        "/sitemap.xml",
        Reply::with("", urlset(&slow, &[("/x/a", ""), ("/x/b", "")])),
    );
    let site = super::site(&slow, "/sitemap.xml");
    site.publish_at("2026-11-23T06:00:00Z");
    let heads = slow.heads();
    assert_eq!(heads.len(), 4);
    for pair in heads.windows(2) {
        assert!(
            pair[1].2 - pair[0].2 >= Duration::from_millis(290),
            "{:?}",
            pair[1].2 - pair[0].2
        );
    }
}
