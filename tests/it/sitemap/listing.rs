//! Which sitemaps are read, and which of their pages are articles.

use super::server::{Reply, Web};
use super::{article, plain, site, titles, urlset};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

const DAY: &str = "2026-11-20T08:00:00Z";

fn articles(web: &Web, paths: &[&str]) {
    for path in paths {
        web.set(path, Reply::html(article(path, DAY, path)));
    }
}

#[test]
fn a_site_names_its_sitemaps_in_robots_txt() {
    let web = Web::start();
    web.set(
        "/robots.txt",
        Reply::with("", format!("Sitemap: {}\n", web.url("/index.xml"))),
    );
    let child = |name: &str, lastmod: &str| {
        format!(
            "<sitemap><loc>{}</loc><lastmod>{lastmod}</lastmod></sitemap>",
            web.url(name)
        )
    };
    let index = [
        child("/post-sitemap.xml.gz", "2026-11-20T10:00:00Z"),
        child("/news.xml", "2026-11-22T10:00:00Z"),
        child("/author-sitemap.xml", "2026-11-22T10:00:00Z"),
        child("/index.xml", "2026-11-22T10:00:00Z"),
        child("/missing.xml", "2026-11-01T10:00:00Z"),
    ];
    let index = format!(
        "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{}</sitemapindex>",
        index.concat()
    );
    web.set("/index.xml", Reply::with("", index));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(urlset(&web, &[("/x/a/", DAY)]).as_bytes())
        .unwrap();
    web.set(
        "/post-sitemap.xml.gz",
        Reply::with("Content-Type: application/x-gzip\r\n", gzip.finish().unwrap()),
    );
    let news = |path: &str| {
        format!(
            "<urlset xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\"><url><loc>{}</loc><news:news>\
             <news:publication_date>2026-11-22T09:00:00Z</news:publication_date>\
             <news:title>The news</news:title></news:news></url></urlset>",
            web.url(path)
        )
    };
    web.set("/news.xml", Reply::with("", news("/x/news/")));
    articles(&web, &["/x/a/", "/x/later/"]);
    web.set(
        "/x/news/",
        Reply::html("<html><body><p>Nobody dated this, and nobody gave it a name, but it is news to us all."),
    );
    let site = site(&web, "/");
    let run = site.run(&["--json", "publish", "--at", "2026-11-23T06:00:00Z"]);
    assert_eq!(run.codes(), ["source-unreachable"], "one is missing: {run:?}");
    assert_eq!(titles(&site), ["/x/a/", "The news"]);
    assert_eq!(
        web.asked(),
        [
            "/robots.txt",
            "/index.xml",
            "/news.xml",
            "/post-sitemap.xml.gz",
            "/missing.xml",
            "/x/news/",
            "/x/a/"
        ]
    );
    // What the index calls unchanged is not asked for; what the news drop is not gone.
    web.set("/news.xml", Reply::with("", news("/x/later/")));
    site.run(&["publish", "--at", "2026-11-23T06:02:00Z"]);
    assert_eq!(web.asked(), ["/index.xml"]);
    site.run(&["publish", "--at", "2026-11-24T08:00:00Z"]);
    assert!(web.asked().contains(&"/x/later/".to_owned()));
    assert_eq!(titles(&site), ["/x/a/", "/x/later/", "The news"]);
}

#[test]
fn the_usual_places_are_tried_once() {
    let web = Web::start();
    web.set(
        "/wp-sitemap.xml",
        Reply::with("", urlset(&web, &[("/x/a/", DAY)])),
    );
    articles(&web, &["/x/a/"]);
    let site = site(&web, "/");
    site.publish_at("2026-11-23T06:00:00Z");
    assert_eq!(titles(&site), ["/x/a/"]);
    web.asked();
    site.publish_at("2026-11-23T06:30:00Z");
    assert_eq!(web.asked(), ["/wp-sitemap.xml"]);
}

#[test]
fn one_page_is_one_article_and_what_is_none_is_not_asked_for_again() {
    let web = Web::start();
    let other = "http://other.example/x/";
    let secret = format!("http://me:secret@{}/x/a/?utm_source=y#part", web.address);
    let secure = format!("https://{}/x/a", web.address);
    let pages = [
        ("/x/a/", DAY),
        (secret.as_str(), DAY),
        (secure.as_str(), DAY),
        ("/x/a?PHPSESSID=7", DAY),
        ("/x/print", DAY),
        ("/x/copy", DAY),
        ("/x/moved", DAY),
        ("/x/noindex", DAY),
        ("/x/header", DAY),
        ("/x/contact-us", DAY),
        ("/x/file.pdf", DAY),
        (other, DAY),
    ];
    web.set("/sitemap.xml", Reply::with("", urlset(&web, &pages)));
    articles(&web, &["/x/a/"]);
    let with =
        |head: &str| article("Other", DAY, "Other words.").replace("</head>", &format!("{head}</head>"));
    web.set(
        "/x/print",
        Reply::html(with("<link rel=canonical href=\"/x/a\">")),
    );
    web.set(
        "/x/copy",
        Reply::html(with("<link rel=canonical href=\"https://other.example/copy\">")),
    );
    web.set("/x/moved", Reply::to("/x/a/"));
    web.set(
        "/x/noindex",
        Reply::html(with("<meta name=robots content=\"noindex\">")),
    );
    web.set(
        "/x/header",
        Reply::with("Content-Type: text/html\r\nX-Robots-Tag: noindex\r\n", with("")),
    );
    web.set("/x/contact-us", Reply::html(plain("Contact us")));
    let site = site(&web, "/sitemap.xml");
    let report = site.publish_at("2026-11-23T06:00:00Z");
    assert_eq!(titles(&site), ["/x/a/"], "{report:#}");
    let note = &report["errors"][0];
    assert_eq!(
        (&note["code"], &note["severity"]),
        (&"pages-left-out".into(), &"note".into()),
        "{report:#}"
    );
    let said = note["message"].as_str().unwrap();
    for part in [
        "1 are lists or files",
        "1 have no date",
        "3 say that they are another page",
        "2 want to be in no index",
        "1 are of other hosts",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let asked = web.asked();
    assert_eq!(
        asked.iter().filter(|path| path.starts_with("/x/a")).count(),
        2,
        "once, and once by a redirect: {asked:?}"
    );
    site.publish_at("2026-12-23T06:00:00Z");
    assert_eq!(web.asked(), ["/robots.txt", "/sitemap.xml"]);
}

#[test]
fn with_include_undated_pages_are_articles() {
    let web = Web::start();
    let pages = [
        ("/docs/one", "2026-11-20"),
        ("/docs/old/two", ""),
        ("/who", ""),
        ("/docs/", ""),
    ];
    web.set(
        "/sitemap.txt",
        Reply::with("", pages.map(|(path, _)| web.url(path)).join("\n")),
    );
    web.set("/sitemap.xml", Reply::with("", urlset(&web, &pages)));
    for (path, _) in pages {
        web.set(path, Reply::html(plain(&format!("Page {path}"))));
    }
    let site = site(&web, "/sitemap.xml").replacing(
        "kind = \"sitemap\"",
        "kind = \"sitemap\"\ninclude = [\"/docs/**\"]\nexclude = [\"**/old/**\", \"/docs/\"]",
    );
    site.publish_at("2026-11-23T06:00:00Z");
    assert_eq!(titles(&site), ["Page /docs/one"]);
    let list = site.ask(&["articles", "list"]);
    assert_eq!(
        list["articles"][0]["published"], "2026-11-20T00:00:00Z",
        "its lastmod stands in"
    );
}
