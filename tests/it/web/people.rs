//! A feed opened in a browser: a page for people, at the address that programs read the feed from.

use super::{Answer, House, PUBLIC};
use dom_query::Document;
use std::collections::HashMap;
use std::fs;
use tidings::web::Limits;

/// What a browser says when somebody opens an address.
const OPENED: &str = "Accept: text/html\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n";
const VARY: &str = "Accept-Encoding, Sec-Fetch-Dest, Sec-Fetch-Mode";

async fn opened(house: &House, path: &str) -> Answer {
    house.ask("GET", path, OPENED, "").await
}

fn texts(page: &Document, selector: &str) -> Vec<String> {
    let found = page.select(selector);
    found.iter().map(|one| one.text().trim().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_a_page_and_programs_the_feed() {
    for database in super::databases().await {
        let house = House::open_on(database, PUBLIC, Limits::default()).await;
        house.pass().await;
        for (path, format) in [
            ("/rss.xml", "RSS"),
            ("/atom.xml", "Atom"),
            ("/feed.json", "JSON Feed"),
        ] {
            let answer = opened(&house, path).await;
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (200, "text/html; charset=utf-8")
            );
            assert_eq!((answer.header("vary"), answer.header("etag")), (VARY, ""));
            let page = Document::from(answer.body.as_str());
            assert_eq!(texts(&page, "h1"), ["Test Tides"]);
            assert_eq!(texts(&page, ".kicker"), [format!("Web feed, {format}")]);
            assert_eq!(texts(&page, "title"), ["Test Tides"]);
            assert_eq!(texts(&page, ".news h3 a"), ["Second wind", "First light"]);
            assert_eq!(
                texts(&page, ".news time"),
                ["21 November 2026", "20 November 2026"]
            );
            let address = page.select("input#address").attr("value").unwrap();
            assert_eq!(*address, *format!("https://mail.tides.example{path}"));
            let forms = page.select(".forms a");
            let forms: Vec<_> = forms
                .iter()
                .map(|link| link.attr("href").unwrap().to_string())
                .collect();
            assert_eq!(
                forms,
                ["rss.xml", "atom.xml", "feed.json"].map(|name| format!("https://mail.tides.example/{name}"))
            );
            assert!(
                answer.body.contains("Monday, 23 November 2026, 07:00 (UTC)"),
                "by mail"
            );
            assert!(!answer.body.contains("mailto:"), "nobody is said to read answers");
            let head = house.ask("HEAD", path, OPENED, "").await;
            assert_eq!(
                (head.header("content-type"), head.body.as_str()),
                ("text/html; charset=utf-8", "")
            );
            // Everybody else reads the feed, browsers at other work among them.
            for headers in [
                "",
                "Accept: text/html,*/*\r\nUser-Agent: Mozilla/5.0 Firefox/150.0\r\n",
                "Sec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\n",
                "Sec-Fetch-Dest: document\r\n",
                "Sec-Fetch-Mode: navigate\r\n",
                "Sec-Fetch-Dest: iframe\r\nSec-Fetch-Mode: navigate\r\n",
            ] {
                let feed = house.ask("GET", path, headers, "").await;
                let file = fs::read_to_string(house.folder.path(&format!("feeds{path}"))).unwrap();
                assert!(
                    feed.body == file && feed.header("vary") == VARY,
                    "{path}: {headers}"
                );
            }
        }
        let list = opened(&house, "/feeds.opml").await;
        assert_eq!(list.header("content-type"), "text/x-opml; charset=utf-8");
        assert_eq!(opened(&house, "/README.md").await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_articles_say_is_text_and_nothing_else() {
    let reply = "\n[digests.daily]\ntitle = \"Day & <night>\"\nschedule = \"0 7 * * *\"\n\
         from = \"news@tides.example\"\nreply_to = \"The <eds> <eds+news@tides.example>\"\n";
    let house = House::open(&format!("{reply}{PUBLIC}")).await;
    let title = "<script>alert(1)</script> & \"quotes' {{title}} \u{202e}x";
    house.folder.article(
        "third.md",
        title,
        "2026-11-22",
        "See <img src=x onerror=alert(2)> & <b>this</b>.",
    );
    let hebrew =
        "---\ntitle: שלום עולם\nlanguage: he\ndate: 2026-11-22\ncategories: [\"a<b>\"]\n---\n\nטקסט.\n";
    house.folder.write("articles/fourth.md", hebrew);
    house.folder.article(
        "fifth.md",
        &"Donaudampfschiff".repeat(30),
        "2026-11-22",
        &"word ".repeat(300),
    );
    house.pass().await;
    for path in ["/rss.xml", "/atom.xml", "/feed.json", "/category/a-b/rss.xml"] {
        let answer = opened(&house, path).await;
        assert_eq!(answer.status, 200, "{path}");
        let page = Document::from(answer.body.as_str());
        assert_eq!(
            page.select("script, img, iframe, object, link[rel=stylesheet], [onerror], [src]")
                .length(),
            0
        );
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(
            !policy.contains("script-src") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(
            page.select(".news > li[dir=auto] > h3[lang=he]").length(),
            1,
            "{path}"
        );
        if !path.contains("category") {
            let titles = texts(&page, ".news h3");
            assert!(
                titles
                    .iter()
                    .any(|found| found.contains("<script>alert(1)</script> & \"quotes' {{title}}"))
            );
            assert!(
                texts(&page, ".news p")
                    .iter()
                    .all(|text| text.chars().count() < 300)
            );
        }
        let links = page.select("a");
        for link in links.iter() {
            let href = link.attr("href").unwrap();
            assert!(
                href.starts_with("https://") || href.starts_with("mailto:"),
                "{href}"
            );
        }
        let mailto = page.select(".digests a").attr("href").unwrap();
        assert_eq!(
            *mailto,
            *"mailto:eds%2Bnews@tides.example?subject=Subscribe%3A%20Day%20%26%20%3Cnight%3E"
        );
    }
}

/// What people who cannot see, or see badly, need of a page, as far as it can be counted.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_sound() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    let answer = opened(&house, "/rss.xml").await;
    let page = Document::from(answer.body.as_str());
    assert_eq!(page.select("html").attr("lang").as_deref(), Some("en"));
    for (selector, count) in [("title", 1), ("main", 1), ("h1", 1), ("header", 1)] {
        assert_eq!(page.select(selector).length(), count, "{selector}");
    }
    let headings = page.select("h1, h2, h3, h4");
    let levels: Vec<u8> = headings
        .iter()
        .map(|heading| heading.nodes()[0].node_name().unwrap().as_bytes()[1] - b'0')
        .collect();
    assert!(
        levels[0] == 1 && levels.windows(2).all(|two| two[1] <= two[0] + 1),
        "{levels:?}"
    );
    for input in page.select("input").iter() {
        let id = input.attr("id").unwrap();
        assert_eq!(page.select(&format!("label[for={id}]")).length(), 1);
    }
    let links = page.select("a");
    assert!(
        links.iter().all(|link| !link.text().trim().is_empty()),
        "each link has a name"
    );
    assert_eq!(page.select("ol > :not(li), ul > :not(li)").length(), 0);
    assert_eq!(page.select("meta[name=viewport]").length(), 1);
    assert!(!answer.body.contains("user-scalable") && !answer.body.contains("url("));

    let style = page.select("style").text().to_string();
    let (light, dark) = style.split_once("@media (prefers-color-scheme: dark)").unwrap();
    for (theme, css) in [("light", light), ("dark", dark)] {
        let colours = colours(css);
        for (ink, paper, least) in [
            ("ink", "sheet", 4.5),
            ("ink", "paper", 4.5),
            ("soft", "sheet", 4.5),
            ("soft", "paper", 4.5),
            ("accent", "sheet", 4.5),
            ("on-accent", "accent", 4.5),
            ("line", "sheet", 3.0),
            ("line", "paper", 3.0),
        ] {
            let found = contrast(colours[ink], colours[paper]);
            assert!(found >= least, "{theme}: {ink} on {paper}: {found:.2}");
        }
    }
}

/// `--name: #rrggbb` of the first rule.
fn colours(css: &str) -> HashMap<&str, [u8; 3]> {
    let rule = css.split_once(":root").unwrap().1.split_once('}').unwrap().0;
    let named = rule.split(';').filter_map(|part| {
        let (name, value) = part.split_once("--")?.1.split_once(": #")?;
        let number = u32::from_str_radix(value.trim(), 16).unwrap();
        let [_, red, green, blue] = number.to_be_bytes();
        Some((name, [red, green, blue]))
    });
    named.collect()
}

/// As WCAG 2.2 defines it.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let luminance = |colour: [u8; 3]| {
        let linear = colour.map(|part| {
            let part = f64::from(part) / 255.0;
            match part <= 0.04045 {
                true => part / 12.92,
                false => ((part + 0.055) / 1.055).powf(2.4),
            }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_to_follow_a_page_of_the_archive() {
    let house = House::open(&format!("{PUBLIC}[feeds]\nitems = 1\n")).await;
    house.pass().await;
    let rows = house.site.store.feed_rows().await.unwrap();
    let page = rows
        .iter()
        .find(|row| row.path.starts_with("archive/") && row.path.ends_with("atom.xml"));
    let answer = opened(&house, &format!("/{}", page.expect("an archive").path)).await;
    let page = Document::from(answer.body.as_str());
    let address = page.select("input#address").attr("value").unwrap();
    assert_eq!(*address, *"https://mail.tides.example/atom.xml");
    assert!(texts(&page, "h2").contains(&"In this part of the archive".to_owned()));
}
