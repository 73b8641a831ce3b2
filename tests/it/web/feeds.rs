//! Feeds over HTTP: all that was published, and nothing else.

use super::{House, PUBLIC};
use std::fs;
use tidings::subscribers::tokens::Purpose;
use tidings::web::Limits;

#[tokio::test(flavor = "multi_thread")]
async fn every_published_document_is_served_as_what_it_is() {
    for database in super::databases().await {
        let house = House::open_on(database, PUBLIC, Limits::default()).await;
        assert_eq!(house.get("/rss.xml").await.status, 404, "before it is published");
        house.pass().await;
        for (path, kind) in [
            ("rss.xml", "application/rss+xml; charset=utf-8"),
            ("atom.xml", "application/atom+xml; charset=utf-8"),
            ("feed.json", "application/feed+json; charset=utf-8"),
            ("feeds.opml", "text/x-opml; charset=utf-8"),
        ] {
            let answer = house.get(&format!("/{path}")).await;
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (200, kind),
                "{path}"
            );
            let file = fs::read_to_string(house.folder.path(&format!("feeds/{path}"))).unwrap();
            assert_eq!(answer.body, file);
            let head = house.ask("HEAD", &format!("/{path}"), "", "").await;
            assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
            assert_eq!(head.header("content-length"), file.len().to_string());
            assert_eq!(head.header("etag"), answer.header("etag"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_it_is_told_so() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    let first = house.get("/rss.xml").await;
    assert!(first.header("etag").starts_with("W/\""), "{first:?}");
    assert_eq!(first.header("cache-control"), "public, max-age=900");
    let asked = async |headers: String| house.ask("GET", "/rss.xml", &headers, "").await.status;
    let tag = first.header("etag");
    let date = first.header("last-modified");
    assert!(date.ends_with(" GMT"), "{date}");
    assert_eq!(asked(format!("If-None-Match: {tag}\r\n")).await, 304);
    assert_eq!(asked(format!("If-None-Match: \"x\", {tag}\r\n")).await, 304);
    assert_eq!(asked(format!("If-None-Match: {}\r\n", &tag[2..])).await, 304);
    assert_eq!(asked("If-None-Match: *\r\n".to_owned()).await, 304);
    assert_eq!(asked(format!("If-Modified-Since: {date}\r\n")).await, 304);
    let old = "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n";
    assert_eq!(asked(old.to_owned()).await, 200);
    // The tag decides where both are said.
    assert_eq!(
        asked(format!("If-None-Match: \"x\"\r\nIf-Modified-Since: {date}\r\n")).await,
        200
    );
    assert_eq!(asked("If-Modified-Since: yesterday\r\n".to_owned()).await, 200);
    let same = house
        .ask("GET", "/rss.xml", &format!("If-None-Match: {tag}\r\n"), "")
        .await;
    assert_eq!((same.header("etag"), same.body.as_str()), (tag, ""));
    house
        .folder
        .article("third.md", "Third time", "2026-11-22", "New.");
    house.pass_at("2026-11-23T06:30:00Z").await;
    assert_eq!(asked(format!("If-None-Match: {tag}\r\n")).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_of_the_folder_or_beside_it_is_served() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    house.folder.write("feeds/README.md", "for the operator");
    house.folder.write("feeds/.gitignore", "*");
    house.folder.write("feeds/category/.secret", "x");
    house.folder.write("feedsbeside/rss.xml", "x");
    for path in [
        "/README.md",
        "/.gitignore",
        "/category/.secret",
        "/",
        "/category",
        "/category/",
        "/../config.toml",
        "/..%2fconfig.toml",
        "/%2e%2e/config.toml",
        "/x/../../config.toml",
        "/%2e%2e%2fdata%2fsecret",
        "/..%5cconfig.toml",
        "/%00",
        "/rss.xml%00",
        "/%ff%fe",
        "//rss.xml",
        "/./rss.xml",
        "/x/../rss.xml",
        "/..%252fconfig.toml",
        "/data/secret",
    ] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        assert!(!answer.body.contains("tides.example/]"), "{path}");
    }
    let whole = house.get(&format!("{}/etc/passwd", "/..".repeat(12))).await;
    assert_eq!(whole.status, 404);
    assert_eq!(house.ask("POST", "/rss.xml", "", "x").await.status, 405);
    assert_eq!(
        house.ask("DELETE", "/rss.xml", "", "").await.header("allow"),
        "GET,HEAD"
    );
}

/// Even where somebody who may write to the folder, or to the store, wishes it.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn links_do_not_lead_out_of_the_folder() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    house.folder.write("feeds/inside.xml", "inside");
    let rss = house.folder.path("feeds/rss.xml");
    fs::remove_file(&rss).unwrap();
    std::os::unix::fs::symlink(house.folder.path("config.toml"), &rss).unwrap();
    assert_eq!(house.get("/rss.xml").await.status, 404);
    fs::remove_file(&rss).unwrap();
    std::os::unix::fs::symlink(house.folder.path("feeds/inside.xml"), &rss).unwrap();
    assert_eq!(house.get("/rss.xml").await.body, "inside");
    let row = tidings::store::feeds::FeedRow {
        path: "../config.toml".to_owned(),
        hash: String::new(),
        changed: house.site.clock.now(),
    };
    let mut tx = house.site.store.begin().await.unwrap();
    tx.settle_feeds(&[row], &[]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(house.get("/../config.toml").await.status, 404);
    assert_eq!(house.get("/%2e%2e%2fconfig.toml").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_stand_where_their_url_says_with_and_without_the_prefix() {
    let toml = "\n[http]\npublic_url = \"https://tides.example/mail/\"\n[feeds]\nurl = \"https://tides.example/mail/feeds/\"\n";
    let house = House::open(toml).await;
    house.pass().await;
    for (path, status) in [
        ("/mail/feeds/rss.xml", 200),
        ("/feeds/rss.xml", 200),
        ("/rss.xml", 404),
        ("/mail/rss.xml", 404),
        ("/mail/health/live", 200),
        ("/health/live", 200),
    ] {
        assert_eq!(house.get(path).await.status, status, "{path}");
    }
    let above =
        "\n[http]\npublic_url = \"https://tides.example/mail/\"\n[feeds]\nurl = \"https://tides.example/\"\n";
    let house = House::open(above).await;
    house.pass().await;
    assert_eq!(house.get("/rss.xml").await.status, 200);
}

/// Slugs keep other scripts.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_another_script_is_found() {
    let house = House::open(PUBLIC).await;
    house.folder.write(
        "articles/third.md",
        "---\ntitle: Third\ndate: 2026-11-22\ncategories: [Größe, 港]\n---\n\nText.\n",
    );
    house.pass().await;
    let rows = house.site.store.feed_rows().await.unwrap();
    let foreign: Vec<_> = rows.iter().filter(|row| !row.path.is_ascii()).collect();
    assert!(!foreign.is_empty(), "{rows:?}");
    for row in foreign {
        let encoded: String = row
            .path
            .bytes()
            .map(|byte| match byte {
                b'/' | b'.' | b'a'..=b'z' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        assert_eq!(
            house.get(&format!("/{encoded}")).await.status,
            200,
            "{}",
            row.path
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_store_can_hold_is_nowhere() {
    for database in super::databases().await {
        let house = House::open_on(database, PUBLIC, Limits::default()).await;
        house.pass().await;
        for path in [
            "/%00",
            "/rss.xml%00",
            "/editions/%00",
            "/editions/weekly/now/1/variant-%00",
        ] {
            assert_eq!(house.get(path).await.status, 404, "{path}");
        }
        let link = house.link(Purpose::Preferences).await;
        let answer = house.post(&link, "action=leave&digest=week%00ly").await;
        assert_eq!(answer.status, 400);
    }
}

/// Who followed the site where it was before follows it on.
#[tokio::test(flavor = "multi_thread")]
async fn feeds_of_the_system_before_are_sent_on() {
    let old = "[feeds]\nold_urls = [\"wordpress\", \"/boats.php category/boats/atom.xml\"]\n";
    let house = House::open(&format!("{PUBLIC}{old}")).await;
    assert_eq!(
        house.get("/feed/").await.status,
        404,
        "before anything is published"
    );
    let boats = "---\ntitle: Boats\ndate: 2025-01-01\ncategory: Boats\n---\nText.\n";
    house.folder.write("articles/boats.md", boats);
    house.pass().await;
    for (path, expected) in [
        ("/feed/", Some("rss.xml")),
        ("/?feed=atom", Some("atom.xml")),
        ("/boats.php", Some("category/boats/atom.xml")),
        ("/category/boats/feed/", Some("category/boats/rss.xml")),
        ("/category/nowhere/feed/", None),
        ("/category/%2e%2e/feed/", None),
        ("/feed.xml", None),
    ] {
        let answer = house.get(path).await;
        let expected = expected.map_or((404, String::new()), |file| {
            (301, format!("https://mail.tides.example/{file}"))
        });
        let location = if answer.status == 301 {
            answer.header("location")
        } else {
            ""
        };
        assert_eq!((answer.status, location.to_owned()), expected, "{path}");
    }
    let posted = house.ask("POST", "/feed/", "", "").await;
    assert_eq!((posted.status, posted.header("allow")), (405, "GET,HEAD"));
}
