//! A live site read by its sitemaps: the real program, and a server that counts what it is asked.

mod bounds;
mod hostile;
mod listing;
pub(crate) mod server;

use crate::site::Site;
use serde_json::Value;
use server::{Reply, Web};

/// A page that is an article.
pub(crate) fn article(title: &str, date: &str, text: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><title>{title}</title>\
         <meta property=\"og:type\" content=\"article\">\
         <meta property=\"article:published_time\" content=\"{date}\"></head>\
         <body><article><h1>{title}</h1><p>{text} {}</p></article></body></html>",
        "The tide comes in, and the tide goes out again, and nobody minds. ".repeat(4)
    )
}

/// A page without a date that is none.
pub(crate) fn plain(title: &str) -> String {
    format!(
        "<!doctype html><html><head><title>{title}</title><meta property=\"og:type\" content=\"website\">\
         </head><body><h1>{title}</h1><p>Who we are, and where. {}</p></body></html>",
        "Come and see us at the quay, where the boats are. ".repeat(4)
    )
}

/// A sitemap of paths, each with its `lastmod` or none.
pub(crate) fn urlset(web: &Web, pages: &[(&str, &str)]) -> String {
    let entries: Vec<String> = pages
        .iter()
        .map(|(path, lastmod)| {
            let lastmod = match lastmod.is_empty() {
                true => String::new(),
                false => format!("<lastmod>{lastmod}</lastmod>"),
            };
            let loc = if path.starts_with('/') {
                web.url(path)
            } else {
                (*path).to_owned()
            };
            format!("<url><loc>{loc}</loc>{lastmod}</url>\n")
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{}</urlset>\n",
        entries.concat()
    )
}

/// A site with one source: the sitemap of a server, or another URL of it.
pub(crate) fn site(web: &Web, path: &str) -> Site {
    let source = format!("kind = \"sitemap\"\nurl = \"{}\"", web.url(path));
    Site::empty().replacing("kind = \"markdown\"\npath = \"articles\"", &source)
}

/// Three articles, an "about" page and the home page.
pub(crate) fn blog() -> Web {
    let web = Web::start();
    let pages = [
        ("/", ""),
        ("/2026/wind/", "2026-11-20T10:00:00Z"),
        ("/2026/fog/", "2026-11-21T10:00:00Z"),
        ("/2026/rain/", ""),
        ("/who/", "2026-11-01T10:00:00Z"),
        ("/tags/sea/", ""),
    ];
    web.set("/sitemap.xml", Reply::with("", urlset(&web, &pages)));
    for (path, title, day) in [("wind", "Wind", 20), ("fog", "Fog", 21), ("rain", "Rain", 19)] {
        let page = article(
            title,
            &format!("2026-11-{day}T08:00:00Z"),
            &format!("All about {title}."),
        );
        web.set(&format!("/2026/{path}/"), Reply::html(page));
    }
    web.set("/who/", Reply::html(plain("Who we are")));
    web
}

pub(crate) fn source(report: &Value) -> &Value {
    &report["sources"][0]
}

pub(crate) fn titles(site: &Site) -> Vec<String> {
    let list = site.ask(&["articles", "list", "--limit", "5000"]);
    let mut titles: Vec<String> = list["articles"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|article| article["state"] != "removed")
        .map(|article| article["title"].as_str().unwrap().to_owned())
        .collect();
    titles.sort();
    titles
}

fn states(site: &Site) -> Vec<(String, String)> {
    let list = site.ask(&["articles", "list", "--limit", "5000"]);
    let articles = list["articles"].as_array().unwrap().iter();
    let mut states: Vec<(String, String)> = articles
        .map(|article| ["title", "state"].map(|key| article[key].as_str().unwrap().to_owned()))
        .map(|[title, state]| (title, state))
        .collect();
    states.sort();
    states
}

#[test]
fn a_site_is_read_page_by_page_and_then_only_what_changed() {
    let web = blog();
    let site = site(&web, "/sitemap.xml");
    let report = site.publish_at("2026-11-23T06:00:00Z");
    assert_eq!(
        (&source(&report)["new"], &source(&report)["failed"]),
        (&3.into(), &0.into()),
        "{report:#}"
    );
    assert_eq!(titles(&site), ["Fog", "Rain", "Wind"]);
    // Newest first, those without a date last; the home page and the list of a tag not at all.
    let asked = web.asked();
    assert_eq!(
        asked,
        [
            "/robots.txt",
            "/sitemap.xml",
            "/2026/fog/",
            "/2026/wind/",
            "/who/",
            "/2026/rain/"
        ]
    );
    assert_eq!(web.most_open(), 1);

    // Nothing has changed: the sitemap alone is asked for.
    let report = site.publish_at("2026-11-23T06:10:00Z");
    assert_eq!(web.asked(), ["/sitemap.xml"]);
    assert_eq!(
        (&source(&report)["unchanged"], &source(&report)["removed"]),
        (&3.into(), &0.into())
    );

    // One has changed, one is new, one without a date is due again after an hour.
    let pages = [
        ("/2026/wind/", "2026-11-23T07:00:00Z"),
        ("/2026/fog/", "2026-11-21T10:00:00Z"),
        ("/2026/rain/", ""),
        ("/2026/hail/", "2026-11-23T07:30:00Z"),
        ("/who/", "2026-11-01T10:00:00Z"),
    ];
    web.set("/sitemap.xml", Reply::with("", urlset(&web, &pages)));
    web.set(
        "/2026/wind/",
        Reply::html(article("Wind", "2026-11-20T08:00:00Z", "Stronger now.")),
    );
    web.set(
        "/2026/hail/",
        Reply::html(article("Hail", "2026-11-23T07:30:00Z", "Hail it was.")),
    );
    let report = site.publish_at("2026-11-23T08:00:00Z");
    assert_eq!(
        web.asked(),
        ["/sitemap.xml", "/2026/hail/", "/2026/wind/", "/2026/rain/"]
    );
    let counts = ["new", "updated", "unchanged", "removed"].map(|key| source(&report)[key].as_u64().unwrap());
    assert_eq!(counts, [1, 1, 2, 0], "{report:#}");
    assert_eq!(
        states(&site)
            .iter()
            .filter(|(_, state)| state == "public")
            .count(),
        4
    );
}

#[test]
fn what_the_sitemap_drops_is_removed_and_what_fails_is_not() {
    let web = blog();
    let site = site(&web, "/sitemap.xml");
    site.publish_at("2026-11-23T06:00:00Z");
    // Listed still, and not there: it may be back.
    let pages = [
        ("/2026/wind/", "2026-11-23T06:30:00Z"),
        ("/2026/fog/", "2026-11-23T06:30:00Z"),
        ("/2026/rain/", "2026-11-23T06:30:00Z"),
    ];
    web.set("/sitemap.xml", Reply::with("", urlset(&web, &pages)));
    web.unset("/2026/wind/");
    web.set("/2026/fog/", Reply::status("500 Oops"));
    web.set(
        "/2026/rain/",
        Reply::html("<html><title>Page not found</title><p>Nothing here."),
    );
    let run = site.run(&["--json", "publish", "--at", "2026-11-23T07:00:00Z"]);
    assert_eq!(
        (run.status, run.codes()),
        (0, vec!["pages-missing".to_owned()]),
        "{run:?}"
    );
    assert_eq!(titles(&site), ["Fog", "Rain", "Wind"]);
    // Gone for good, and dropped.
    web.set("/2026/wind/", Reply::status("410 Gone"));
    web.set("/sitemap.xml", Reply::with("", urlset(&web, &pages[..2])));
    site.run(&["publish", "--at", "2026-11-23T09:00:00Z"]);
    assert_eq!(titles(&site), ["Fog"]);
    // Back again: the same articles, told to nobody.
    web.set(
        "/2026/rain/",
        Reply::html(article("Rain", "2026-11-19T08:00:00Z", "All about Rain.")),
    );
    web.set("/sitemap.xml", Reply::with("", urlset(&web, &pages)));
    let report = site
        .run(&["--json", "publish", "--at", "2026-11-23T10:00:00Z"])
        .json();
    assert_eq!(source(&report)["new"], 0);
    assert_eq!(titles(&site), ["Fog", "Rain"]);
}

#[test]
fn pages_answer_conditional_requests() {
    let web = Web::start();
    web.set(
        "/sitemap.xml",
        Reply::with("ETag: \"s1\"\r\n", urlset(&web, &[("/a/", ""), ("/b/", "")])),
    );
    for name in ["a", "b"] {
        let page = article(name, "2026-11-20T08:00:00Z", name);
        let headers = format!("ETag: \"{name}\"\r\nContent-Type: text/html\r\n");
        web.set(&format!("/{name}/"), Reply::with(&headers, page));
    }
    let site = site(&web, "/sitemap.xml");
    site.publish_at("2026-11-23T06:00:00Z");
    web.heads();
    let report = site.publish_at("2026-11-23T08:00:00Z");
    let heads = web.heads();
    assert_eq!(heads.len(), 3, "{heads:?}");
    for (path, head, _) in &heads {
        assert!(head.contains("if-none-match:"), "{path}: {head}");
        assert!(head.contains("user-agent: tidings/"), "{head}");
    }
    assert_eq!(source(&report)["unchanged"], 2);
    // Twice as long until the next.
    site.publish_at("2026-11-23T09:30:00Z");
    assert_eq!(web.asked(), ["/sitemap.xml"]);
    site.publish_at("2026-11-23T10:00:00Z");
    assert_eq!(web.asked().len(), 3);
}
