//! A site that moves here: whatever it was, its articles are known and nobody is told of them.

use crate::site::Site;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const FEED: &str = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>The Old Quay</title>
<link>https://quay.example/</link><description>News of the quay</description><language>en-gb</language>
<item><title>Tides</title><link>https://quay.example/tides</link><guid isPermaLink="false">quay-1</guid>
<pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate><description>High and low.</description></item>
<item><title>Boats</title><link>https://quay.example/boats</link><guid isPermaLink="false">quay-2</guid>
<pubDate>Tue, 06 Jan 2026 10:00:00 GMT</pubDate><description>Afloat.</description></item>
</channel></rss>"#;

/// Makes a site from something, publishes it with an edition wished for, and sees that there is none.
fn moved(site: &Site, from: &str) -> serde_json::Value {
    let report = site.ask(&["init", "new", "--from", from]);
    site.write("new/subscribers/readers.csv", "email\nann@readers.example\n");
    let passed = site.ask(&["--config", "new/config.toml", "publish", "--now", "weekly"]);
    assert_eq!(
        passed["editions"],
        serde_json::json!([]),
        "nobody is told of what was there"
    );
    assert_eq!(passed["errors"].as_array().map(Vec::len), Some(0), "{passed}");
    report
}

#[test]
fn a_feed_in_a_file() {
    let site = Site::bare("");
    site.write("old.xml", FEED);
    let report = moved(&site, "old.xml");
    assert_eq!(report["found"]["kind"], "feed");
    assert_eq!(report["found"]["title"], "The Old Quay");
    assert_eq!(report["sources"][0]["read"], 2);
    let config = std::fs::read_to_string(site.path("new/config.toml")).unwrap();
    for line in [
        "title = \"The Old Quay\"",
        "url = \"https://quay.example/\"",
        "description = \"News of the quay\"",
        "language = \"en-gb\"",
        "path = \"import/old.xml\"",
        "first_edition = 0 ",
    ] {
        assert!(config.contains(line), "{line}: {config}");
    }
    // The file stays in the site, whatever becomes of the one it was copied from.
    std::fs::remove_file(site.path("old.xml")).unwrap();
    let again = site.ask(&["--config", "new/config.toml", "publish"]);
    assert_eq!(again["sources"][0]["removed"], 0);
    let rss = std::fs::read_to_string(site.path("new/feeds/rss.xml")).unwrap();
    assert_eq!(rss.matches("<item>").count(), 2);
}

#[test]
fn what_comes_after_the_move_is_told() {
    let site = Site::bare("");
    site.write(
        "old/a.md",
        "---\ntitle: A\ndate: 2026-01-05\n---\nThe first text of all.\n",
    );
    let report = moved(&site, "old");
    assert_eq!(report["found"]["what"], "a folder of Markdown files");
    site.write(
        "old/b.md",
        "---\ntitle: B\ndate: 2026-11-20\n---\nAnother text, and a new one.\n",
    );
    let passed = site.ask(&["--config", "new/config.toml", "publish", "--now", "weekly"]);
    assert_eq!(
        passed["editions"][0]["articles"].as_array().map(Vec::len),
        Some(1),
        "{passed}"
    );
}

#[test]
fn a_site_of_a_generator() {
    let site = Site::bare("");
    site.write(
        "hugo/hugo.toml",
        "baseURL = 'https://quay.example/'\ntitle = 'The Quay'\nlanguageCode = 'en-gb'\n[permalinks]\nposts = '/:year/:slug/'\n",
    );
    site.write(
        "hugo/content/posts/tides.md",
        "---\ntitle: Tides\ndate: 2026-01-05\n---\nHigh and low.\n",
    );
    site.write("hugo/content/posts/_index.md", "---\ntitle: Posts\n---\n");
    let report = moved(&site, "hugo");
    assert_eq!(
        (
            report["found"]["system"].as_str(),
            report["sources"][0]["read"].as_u64()
        ),
        (Some("Hugo"), Some(1))
    );
    let config = std::fs::read_to_string(site.path("new/config.toml")).unwrap();
    assert!(config.contains("old_urls = [\"hugo\"]"), "{config}");
    let rss = std::fs::read_to_string(site.path("new/feeds/rss.xml")).unwrap();
    assert!(
        rss.contains("<link>https://quay.example/2026/tides/</link>"),
        "{rss}"
    );
}

/// What the old site hides stays hidden, and where it had its articles they are.
#[test]
fn a_site_keeps_its_addresses_and_what_it_hides() {
    let site = Site::bare("");
    site.write(
        "old/_config.yml",
        "url: https://quay.example\nbaseurl: /blog\nexclude: [_posts/notes]\ndefaults:\n\
         - {scope: {path: '', type: posts}, values: {permalink: '/:categories/:title/'}}\n\
         - {scope: {path: _posts/hidden}, values: {published: false}}\n",
    );
    let post = "---\ntitle: A\n---\nText of a post.\n";
    site.write("old/_posts/2026-01-05-tides.md", post);
    site.write("old/_posts/notes/2026-01-05-note.md", post);
    site.write("old/_posts/hidden/2026-01-05-hidden.md", post);
    site.write("old/boats/_posts/2026-01-05-keel.md", post);
    site.write("old/about.md", "---\ntitle: About\n---\nWho we are.\n");
    let report = moved(&site, "old");
    let told: Vec<&str> = report["errors"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|problem| problem["code"] == "init-from")
        .map(|problem| problem["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        told,
        [
            "what its `exclude` hides is left out: _posts/notes",
            "what its `defaults` hides is left out: _posts/hidden"
        ]
    );
    let config = std::fs::read_to_string(site.path("new/config.toml")).unwrap();
    assert!(config.contains("include = [\"**/_posts/**\"]"), "{config}");
    let rss = std::fs::read_to_string(site.path("new/feeds/rss.xml")).unwrap();
    let mut links: Vec<&str> = rss
        .split("<link>")
        .skip(2)
        .map(|rest| rest.split('<').next().unwrap())
        .collect();
    links.sort_unstable();
    assert_eq!(
        links,
        [
            "https://quay.example/blog/boats/keel/",
            "https://quay.example/blog/tides/"
        ],
        "{rss}"
    );
}

#[test]
fn a_site_that_cannot_be_read_is_not_moved() {
    let site = Site::bare("");
    site.write("old/hugo.toml", "title = 'A\n");
    site.write("old/content/a.md", "---\ntitle: A\n---\nText.\n");
    let run = site.run(&["--json", "init", "new", "--from", "old"]);
    assert_eq!(
        (run.status, run.codes()),
        (2, vec!["init-from".to_owned()]),
        "{run:?}"
    );
    assert!(!site.path("new").exists());
}

#[test]
fn what_is_nothing_makes_nothing() {
    let site = Site::bare("");
    std::fs::create_dir(site.path("empty")).unwrap();
    site.write("a.zip", b"PK\x03\x04");
    site.write("sitemap.xml", "<urlset></urlset>");
    for from in [
        "empty",
        "a.zip",
        "nowhere",
        "sitemap.xml",
        "https://",
        "http://127.0.0.1:9/",
    ] {
        let run = site.run(&["--json", "init", "new", "--from", from]);
        assert_eq!(
            (run.status, run.codes()),
            (2, vec!["init-from".to_owned()]),
            "{from}: {run:?}"
        );
        assert!(!site.path("new").exists(), "{from}");
    }
}

/// A live site of these paths, each with its media type and body.
async fn live(pages: &[(&str, &str, String)]) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let pages: HashMap<String, (String, String)> = pages
        .iter()
        .map(|(path, kind, body)| {
            (
                (*path).to_owned(),
                ((*kind).to_owned(), body.replace("{URL}", &url)),
            )
        })
        .collect();
    let pages = Arc::new(pages);
    let app = axum::Router::new().fallback(move |request: Request| {
        let pages = pages.clone();
        async move {
            let asked = request
                .uri()
                .path_and_query()
                .map_or("", |asked| asked.as_str())
                .to_owned();
            match pages.get(&asked) {
                Some((kind, body)) => ([(header::CONTENT_TYPE, kind.clone())], body.clone()).into_response(),
                None => Response::from(StatusCode::NOT_FOUND.into_response()),
            }
        }
    });
    let task = tokio::spawn(async move {
        let service = hyper_util::service::TowerToHyperService::new(app);
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let stream = hyper_util::rt::TokioIo::new(stream);
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(stream, service)
                    .await;
            });
        }
    });
    (url, task)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_site_with_a_feed() {
    let home = "<html lang=en><head><title>The Quay</title><meta name=generator content='Hugo 0.111'>\
        <link rel=alternate type='application/rss+xml' href='/index.xml'></head><body>x</body></html>";
    let (url, task) = live(&[
        ("/", "text/html", home.to_owned()),
        ("/index.xml", "application/rss+xml", FEED.to_owned()),
    ])
    .await;
    let report = tokio::task::spawn_blocking(move || {
        let site = Site::bare("");
        let report = moved(&site, &url);
        let config = std::fs::read_to_string(site.path("new/config.toml")).unwrap();
        assert!(config.contains(&format!("url = \"{url}index.xml\"")), "{config}");
        assert!(config.contains("old_urls = [\"hugo\"]"), "{config}");
        report
    })
    .await
    .unwrap();
    task.abort();
    assert_eq!(
        (
            report["found"]["kind"].as_str(),
            report["sources"][0]["read"].as_u64()
        ),
        (Some("feed"), Some(2))
    );
    assert_eq!(
        report["errors"][0]["code"], "init-from",
        "that it is only the newest is told"
    );
}
