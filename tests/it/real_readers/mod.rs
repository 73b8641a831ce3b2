//! What real feed readers make of all feeds of a real service: they see what was published, the second
//! time nothing new, then one new article and one edited one, and nothing twice.

mod newsboat;
mod rss2email;

use crate::service::running::Service;
use crate::site::Site;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// What a reader has of each feed: by the feed's URL, the titles of its items by their ids.
type Read = BTreeMap<String, BTreeMap<String, String>>;

/// A reader of feeds with a memory of its own.
trait Reader {
    /// Looks at all feeds; what it has then of each.
    ///
    /// # Panics
    /// Where it says that something is wrong, or has an item twice.
    fn look(&self, feeds: &[String]) -> Read;
}

/// Whether a program is installed; else that is said.
fn is_here(program: &str, package: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        assert!(
            std::env::var("TIDINGS_TEST_STRICT").as_deref() != Ok("1"),
            "{program} is missing (Debian's package {package})"
        );
        println!("left out: {program} is missing (Debian's package {package})");
    }
    found
}

fn article(site: &Site, name: &str, title: &str, day: u32, text: &str) {
    let category = if name == "three" {
        "Boats"
    } else {
        "Größe & <Maß>"
    };
    let head =
        format!("title: {title:?}\ndate: 2026-11-{day}\ncategories: [{category:?}]\nauthor: Ann Ferry");
    site.write(
        &format!("articles/{name}.md"),
        format!("---\n{head}\n---\n\n{text}\n"),
    );
}

/// The feeds in XML that a site has, by URL. Neither reader knows JSON Feed in the version that is old
/// enough to be in Debian.
fn feeds(site: &Site, service: &Service) -> Vec<String> {
    let list = site.ask(&["feeds", "list"]);
    let paths = list["feeds"].as_array().unwrap().iter().filter(|feed| {
        let kind = feed["type"].as_str().unwrap();
        kind == "application/rss+xml" || kind == "application/atom+xml"
    });
    let url = |feed: &Value| {
        let path = feed["path"].as_str().unwrap();
        let url = url::Url::parse(&format!("http://{}/", service.address.unwrap())).unwrap();
        url.join(path).unwrap().to_string()
    };
    paths.map(url).collect()
}

/// What is published now: the same from the documents themselves.
fn published(feeds: &[String], folder: &Path) -> Read {
    let read = |feed: &String| {
        let path = url::Url::parse(feed).unwrap().path().to_owned();
        let path = percent_encoding::percent_decode_str(&path)
            .decode_utf8()
            .unwrap()
            .into_owned();
        let text = fs::read(folder.join(path.trim_start_matches('/'))).unwrap();
        let parsed = feed_rs::parser::parse(text.as_slice()).unwrap();
        let items = parsed.entries.into_iter().map(|entry| {
            let title = entry.title.unwrap();
            let plain = match title.content_type.subty().as_str() {
                "html" => tidings::articles::text::from_html(&title.content),
                _ => title.content,
            };
            (entry.id, plain)
        });
        (feed.clone(), items.collect())
    };
    feeds.iter().map(read).collect()
}

/// The whole story for one reader.
fn follows(reader: &dyn Reader, remembers_titles: bool) {
    let site = Site::empty();
    article(
        &site,
        "one",
        "First light & \"quotes\", 1 < 2",
        20,
        "The *first* one.",
    );
    article(&site, "two", "Zweiter Wind, 港の夜, שלום", 21, "The second one.");
    assert_eq!(site.run(&["publish"]).status, 0);
    let service = Service::start(&site);
    let folder = site.path("feeds");
    let all = feeds(&site, &service);
    assert!(all.len() >= 6, "the site's, a category's, an author's: {all:?}");
    let first = published(&all, &folder);
    assert_eq!(reader.look(&all), first);
    assert_eq!(reader.look(&all), first, "nothing is new");

    article(&site, "three", "Third time", 22, "New.");
    article(
        &site,
        "one",
        "First light, again",
        20,
        "The *first* one, and a word more.",
    );
    let began = Instant::now();
    let has_come = |read: &Read| {
        let titles = read.values().flat_map(BTreeMap::values);
        titles.filter(|title| *title == "Third time").count() >= 4
    };
    let now = loop {
        let now = published(&all, &folder);
        if has_come(&now) && now != first {
            break now;
        }
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "it is not published: {now:?}"
        );
        std::thread::sleep(Duration::from_millis(50));
    };
    let third = reader.look(&all);
    let mut seen = third.clone();
    if remembers_titles {
        // It told of that article before, and does not do so again.
        for (feed, items) in &mut seen {
            for (id, title) in items.iter_mut().filter(|(id, _)| first[feed].contains_key(*id)) {
                assert_eq!(*title, first[feed][id]);
                title.clone_from(&now[feed][id]);
            }
        }
    }
    assert_eq!(seen, now, "one new, one edited, nothing twice");
    assert_eq!(reader.look(&all), third, "nothing is new again");
    let ended = service.stop();
    assert_eq!(ended.status, Some(0));
}
