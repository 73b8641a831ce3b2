//! How many read each feed: counted by the real service, kept in the store, told by `feeds stats`.

use crate::service::everywhere;
use crate::service::running::Service;
use crate::site::Site;
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use tidings::config::Config;
use tidings::config::environment::Environment;
use tidings::store::Store;
use tidings::store::feed_readers::{ReaderRow, VisitorRow};

const PROXY: &str = "\n[http]\ntrusted_proxies = [\"127.0.0.1\"]\n";

/// Asks as a reader at an address does; the status.
fn ask(service: &Service, method: &str, path: &str, address: &str, user_agent: &str, more: &str) -> u16 {
    let mut stream = TcpStream::connect(service.address.unwrap()).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: {address}\r\n\
         User-Agent: {user_agent}\r\n{more}\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

fn day_of(document: &Value, path: &str) -> Value {
    let feeds = document["feeds"].as_array().unwrap();
    let feed = feeds.iter().find(|feed| feed["path"] == path);
    let days = feed.expect(path)["days"].as_array().unwrap();
    assert_eq!(days.len(), 1, "{document}");
    let mut day = days[0].clone();
    assert!(day["day"].as_str().unwrap().starts_with("20"));
    day.as_object_mut().unwrap().remove("day");
    day
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_are_counted_by_document_and_day() {
    for (database, site, _guard) in everywhere(|| Site::new().with(PROXY)).await {
        assert_eq!(site.run(&["publish"]).status, 0);
        let feedly = |n: u32| format!("Feedly/1.0 (+http://www.feedly.com/fetcher.html; {n} subscribers)");
        let feedbin = |id: u32, n: u32| format!("Feedbin feed-id:{id} - {n} subscribers");
        let service = Service::start(&site);
        let get = |path: &str, address: &str, agent: &str| {
            assert_eq!(
                ask(&service, "GET", path, address, agent, ""),
                200,
                "{database}: {path}"
            );
        };
        get("/rss.xml", "192.0.2.1", "newsboat/2.36");
        get("/rss.xml", "192.0.2.1", "newsboat/2.36");
        get("/rss.xml", "192.0.2.2", "newsboat/2.36");
        get("/rss.xml", "198.51.100.1", &feedly(40));
        get("/rss.xml", "198.51.100.2", &feedly(42));
        get("/rss.xml", "198.51.100.3", &feedbin(1, 5));
        get("/rss.xml", "198.51.100.3", &feedbin(2, 2));
        get("/atom.xml", "192.0.2.1", "newsboat/2.36");
        // Nobody reads anything.
        let opened = "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n";
        assert_eq!(
            ask(&service, "GET", "/rss.xml", "192.0.2.3", "Mozilla/5.0", opened),
            200
        );
        assert_eq!(ask(&service, "HEAD", "/rss.xml", "192.0.2.4", "x", ""), 200);
        assert_eq!(ask(&service, "GET", "/nothing.xml", "192.0.2.5", "x", ""), 404);
        service.stop();
        // It goes on after a restart, and knows whom it has counted.
        let service = Service::start(&site);
        let known = "If-None-Match: *\r\n";
        assert_eq!(
            ask(&service, "GET", "/rss.xml", "192.0.2.1", "newsboat/2.36", known),
            304
        );
        assert_eq!(
            ask(&service, "GET", "/rss.xml", "192.0.2.6", "NetNewsWire", known),
            304
        );
        service.stop();

        let stats = site.ask(&["feeds", "stats"]);
        assert_eq!(stats["schema"], 1);
        let expected = json!({
            "subscribers": 52, "direct": 3, "requests": 9,
            "services": [
                {"name": "Feedbin", "subscribers": 7, "requests": 2},
                {"name": "Feedly", "subscribers": 42, "requests": 2},
            ],
        });
        assert_eq!(day_of(&stats, "rss.xml"), expected, "{database}");
        assert_eq!(day_of(&stats, "atom.xml")["direct"], 1);
        assert_eq!(stats["feeds"].as_array().unwrap().len(), 2);
        let one = site.ask(&["feeds", "stats", "atom.xml", "--days", "1"]);
        assert_eq!(one["feeds"].as_array().unwrap().len(), 1);
        let text = site.run(&["feeds", "stats", "--after", "atom.xml"]).stdout;
        assert!(
            text.contains("rss.xml") && text.contains("52 subscribers") && text.contains("Feedly 42"),
            "{text}"
        );
        assert!(!text.contains("atom.xml"), "{text}");
        for file in ["data/tidings.db", "data/tidings.db-wal"] {
            let bytes = fs::read(site.path(file)).unwrap_or_default();
            assert!(
                !bytes.windows(7).any(|seven| seven == b"192.0.2"),
                "{file} holds an address"
            );
        }

        let list = site.ask(&["feeds", "list", "--limit", "2", "--after", "feed.json"]);
        let list = list["feeds"].as_array().unwrap();
        assert_eq!(list.len(), 2);
        let all = site.ask(&["feeds", "list"]);
        let all = all["feeds"].as_array().unwrap();
        let rss = all.iter().find(|feed| feed["path"] == "rss.xml").unwrap();
        assert_eq!(rss["url"], "https://tides.example/rss.xml");
        assert_eq!(rss["type"], "application/rss+xml");
        assert!(rss["changed"].as_str().unwrap().ends_with('Z'));
    }
}

#[tokio::test]
async fn days_that_are_over_keep_their_numbers_and_nothing_else() {
    for (database, site, _guard) in everywhere(Site::new).await {
        let config = Config::load(&site.path("config.toml"), &Environment::new()).unwrap();
        let store = Store::open(&config.store).await.unwrap();
        let visitor = |day: i64, name: &str| VisitorRow {
            path: "rss.xml".to_owned(),
            day,
            visitor: name.to_owned(),
        };
        let direct = |day: i64| ReaderRow {
            path: "rss.xml".to_owned(),
            day,
            service: String::new(),
            feed_id: String::new(),
            readers: 0,
            requests: 1,
        };
        let readers = async |from: i64| -> Vec<(i64, i64)> {
            let rows = store.feed_readers(from).await.unwrap();
            rows.into_iter().map(|row| (row.day, row.readers)).collect()
        };
        let count = async |days: &[i64], names: &[&str], today: i64| {
            let rows: Vec<_> = days.iter().map(|day| direct(*day)).collect();
            let visitors = days
                .iter()
                .flat_map(|day| names.iter().map(|name| visitor(*day, name)));
            let visitors: Vec<_> = visitors.collect();
            store
                .count_feed_readers(&rows, &visitors, today, today - 10)
                .await
                .unwrap();
        };
        count(&[1], &["a", "b"], 1).await;
        count(&[1, 2], &["b", "c"], 2).await;
        assert_eq!(readers(0).await, [(1, 3), (2, 2)], "{database}");
        // The visitors of day 1 are gone now; its number stays.
        count(&[3], &["a"], 3).await;
        count(&[3], &["a"], 3).await;
        assert_eq!(readers(0).await, [(1, 3), (2, 2), (3, 1)]);
        assert_eq!(readers(2).await, [(2, 2), (3, 1)]);
        count(&[12], &["a"], 12).await;
        assert_eq!(readers(0).await, [(2, 2), (3, 1), (12, 1)], "ten days are kept");
    }
}
