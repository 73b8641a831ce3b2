//! Feeds as programs ask for them: compressed, again and again, changes alone, too often, and in ways that
//! no standard knows.

use super::{Answer, House, PUBLIC, parse};
use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The answer to a request, with its body as it came.
async fn raw(house: &House, method: &str, path: &str, headers: &[u8]) -> (Answer, Vec<u8>) {
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    let start = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    let request = [start.as_bytes(), headers, b"\r\n"].concat();
    stream.write_all(&request).await.unwrap();
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes));
    read.await.unwrap().unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let body = bytes[end + 4..].to_vec();
    (parse(&bytes).unwrap(), body)
}

fn decoded(coding: &str, body: &[u8]) -> String {
    let mut reader: Box<dyn Read> = match coding {
        "gzip" => Box::new(flate2::read::GzDecoder::new(body)),
        "br" => Box::new(brotli::Decompressor::new(body, 4096)),
        "zstd" => Box::new(zstd::Decoder::new(body).unwrap()),
        _ => Box::new(body),
    };
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn each_coding_is_the_same_document() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    for path in ["/rss.xml", "/atom.xml", "/feed.json", "/feeds.opml"] {
        let file = fs::read_to_string(house.folder.path(&format!("feeds{path}"))).unwrap();
        let (plain, _) = raw(&house, "GET", path, b"").await;
        assert_eq!(plain.header("content-encoding"), "");
        for (accepted, coding) in [
            ("gzip", "gzip"),
            ("gzip, deflate, br, zstd", "br"),
            ("zstd, gzip;q=0.5", "zstd"),
            ("br;q=0.1, identity", ""),
            ("identity;q=0, gzip;q=0.001", "gzip"),
        ] {
            let accept = format!("Accept-Encoding: {accepted}\r\n");
            // The second time it is ready.
            for time in [1, 2] {
                let (answer, body) = raw(&house, "GET", path, accept.as_bytes()).await;
                assert_eq!((answer.status, answer.header("content-encoding")), (200, coding));
                assert_eq!(answer.header("content-length"), body.len().to_string());
                assert!(decoded(coding, &body) == file, "{path}, {accepted}, {time}");
                for same in ["etag", "last-modified", "content-type", "cache-control", "vary"] {
                    assert_eq!(answer.header(same), plain.header(same), "{path}, {accepted}");
                }
                let (head, nothing) = raw(&house, "HEAD", path, accept.as_bytes()).await;
                assert_eq!(nothing, b"");
                assert_eq!(head.headers.len(), answer.headers.len());
                assert_eq!(head.header("content-length"), answer.header("content-length"));
                assert_eq!(head.header("content-encoding"), coding);
            }
        }
        assert_eq!(
            plain.header("vary"),
            "Accept-Encoding, Sec-Fetch-Dest, Sec-Fetch-Mode"
        );
        let (answer, _) = raw(&house, "GET", path, b"Accept-Encoding: *;q=0\r\n").await;
        assert_eq!(answer.status, 406);
    }
}

/// RFC 9110 §13.1.1 and §13.1.4, RFC 9112 §3.2.
#[tokio::test(flavor = "multi_thread")]
async fn who_wants_another_version_or_says_no_host_is_refused() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    for (headers, status) in [
        ("If-Match: \"x\"\r\n", 412),
        ("If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n", 412),
        ("Host: another\r\n", 400),
    ] {
        let answer = house.ask("GET", "/rss.xml", headers, "").await;
        assert_eq!(answer.status, status, "{headers}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    for (request, status) in [
        ("GET /rss.xml HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        (
            "POST /hub HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n",
            400,
        ),
        ("GET /rss.xml HTTP/1.0\r\n\r\n", 200),
    ] {
        assert_eq!(house.say(request).await.unwrap().status, status, "{request}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_nobody_understands_get_the_document() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    let long = format!("If-None-Match: {}\"x\"\r\n", "\"abc\", ".repeat(2_000));
    for headers in [
        b"If-None-Match: \xff\xfe\"\r\n".as_slice(),
        b"If-None-Match: \r\n",
        b"If-None-Match: W/\r\n",
        b"If-None-Match: \"\r\nIf-None-Match: ,,,\r\n",
        b"If-Modified-Since: \xe9\r\n",
        b"If-Modified-Since: Thu, 99 Foo 20x6 25:61:61 GMT\r\n",
        b"If-Modified-Since: -1\r\n",
        b"If-Modified-Since: 0\r\nIf-Modified-Since: 1\r\n",
        b"Accept-Encoding: \xff, ;;;q=, =\r\n",
        b"Accept-Encoding: gzip;q=1e999\r\n",
        b"A-IM: \xff\r\nIf-None-Match: \xff\r\n",
        b"A-IM: feed\r\nIf-None-Match: W/\"00000000000000000000000000000000\"\r\n",
        b"If-Match: *\r\n",
        b"If-Unmodified-Since: never\r\n",
        b"Range: bytes=0-3\r\n",
        long.as_bytes(),
    ] {
        for path in ["/rss.xml", "/feed.json"] {
            let (answer, body) = raw(&house, "GET", path, headers).await;
            let shown = String::from_utf8_lossy(&headers[..headers.len().min(60)]);
            assert_eq!(
                (answer.status, answer.header("content-encoding")),
                (200, ""),
                "{shown}"
            );
            assert_eq!(
                body,
                fs::read(house.folder.path(&format!("feeds{path}"))).unwrap(),
                "{shown}"
            );
        }
    }
    let huge = format!("If-None-Match: {}\r\n", "\"x\", ".repeat(6_000));
    assert_eq!(
        raw(&house, "GET", "/rss.xml", huge.as_bytes()).await.0.status,
        431
    );
    assert_eq!(house.get("/rss.xml").await.status, 200);
}

/// Whoever goes by dates alone sees each change, and no change where there is none.
#[tokio::test(flavor = "multi_thread")]
async fn validators_are_those_of_the_content() {
    let house = House::open(PUBLIC).await;
    house.pass_at("2026-11-23T05:00:00Z").await;
    let first = house.get("/rss.xml").await;
    fs::remove_file(house.folder.path("feeds/rss.xml")).unwrap();
    house.pass_at("2026-11-23T05:30:00Z").await;
    let again = house.get("/rss.xml").await;
    for same in ["etag", "last-modified"] {
        assert_eq!(again.header(same), first.header(same), "written again: {same}");
    }
    let since = |answer: &Answer| format!("If-Modified-Since: {}\r\n", answer.header("last-modified"));
    let asked = async |headers: String| house.ask("GET", "/rss.xml", &headers, "").await.status;
    assert_eq!(asked(since(&first)).await, 304);
    house
        .folder
        .article("third.md", "Third time", "2026-11-22", "New.");
    house.pass_at("2026-11-23T05:30:00Z").await;
    assert_eq!(asked(since(&first)).await, 200);
    let third = house.get("/rss.xml").await;
    // Within the same second.
    house
        .folder
        .article("fourth.md", "Fourth time", "2026-11-22", "Newer.");
    house.pass_at("2026-11-23T05:30:00Z").await;
    let fourth = house.get("/rss.xml").await;
    assert_ne!(fourth.header("etag"), third.header("etag"));
    assert_ne!(fourth.header("last-modified"), third.header("last-modified"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_changes_gets_them_alone() {
    for database in super::databases().await {
        let mut house = House::open_on(database, PUBLIC, tidings::web::Limits::default()).await;
        house.pass_at("2026-11-23T05:59:59Z").await;
        for path in ["/rss.xml", "/atom.xml", "/feed.json"] {
            let ask = async |house: &House, tag: &str, more: &str| {
                let headers = format!("A-IM: feed, gzip\r\nIf-None-Match: {tag}\r\n{more}");
                raw(house, "GET", path, headers.as_bytes()).await
            };
            let before = house.get(path).await.header("etag").to_owned();
            let (first, _) = ask(&house, "\"none\"", "").await;
            assert_eq!(
                (first.status, first.header("im")),
                (200, ""),
                "{path}: nothing is known of it"
            );
            assert_eq!(ask(&house, &before, "").await.0.status, 304);
            let title = format!("Third time, {}", &path[1..]);
            let (first, third) = ("articles/first.md", format!("third-{}.md", &path[1..5]));
            house.folder.article(&third, &title, "2026-11-22", "New.");
            let edited = fs::read_to_string(house.folder.path(first)).unwrap() + "\nA word more.\n";
            house.folder.write(first, &edited);
            house.pass().await;
            // Its versions are written down beside the answers.
            let patience = std::time::Instant::now() + Duration::from_secs(10);
            let (news, body) = loop {
                let (news, body) = ask(&house, &before, "").await;
                if news.status == 226 {
                    break (news, String::from_utf8(body).unwrap());
                }
                assert!(std::time::Instant::now() < patience, "{path}: {news:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            };
            let whole = house.get(path).await;
            assert_eq!(news.header("im"), "feed");
            assert_eq!(news.header("etag"), whole.header("etag"));
            assert_eq!(news.header("content-type"), whole.header("content-type"));
            assert_eq!(news.header("cache-control"), "no-store, im, max-age=900");
            assert_eq!(news.header("delta-base"), before);
            assert!(body.contains(&title) && body.contains("A word more."), "{body}");
            assert!(
                !body.contains("Second wind") && whole.body.contains("Second wind"),
                "{body}"
            );
            let parsed = feed_rs::parser::parse(body.as_bytes()).unwrap();
            let ids: HashSet<String> = parsed.entries.into_iter().map(|entry| entry.id).collect();
            assert_eq!(ids.len(), 2, "{path}: new, and edited: {body}");
            // A restart forgets nothing.
            house.reload().unwrap();
            let (news, coded) = ask(&house, &before, "Accept-Encoding: gzip\r\n").await;
            assert_eq!((news.status, news.header("content-encoding")), (226, "gzip"));
            assert_eq!(decoded("gzip", &coded), body);
            assert_eq!(ask(&house, whole.header("etag"), "").await.0.status, 304);
            let (unasked, _) = raw(
                &house,
                "GET",
                path,
                format!("If-None-Match: {before}\r\n").as_bytes(),
            )
            .await;
            assert_eq!(unasked.status, 200);
        }
        let (list, _) = raw(
            &house,
            "GET",
            "/feeds.opml",
            b"A-IM: feed\r\nIf-None-Match: \"x\"\r\n",
        )
        .await;
        assert_eq!(list.status, 200, "a list of feeds has no items");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_of_one_address_have_to_wait() {
    let toml = format!("{PUBLIC}trusted_proxies = [\"127.0.0.1\"]\nrate = 1\nburst = 3\n");
    let house = House::open(&toml).await;
    house.pass().await;
    let ask = async |client: &str, path: &str| {
        let headers = format!("X-Forwarded-For: {client}\r\n");
        house.ask("GET", path, &headers, "").await
    };
    for path in ["/rss.xml", "/atom.xml", "/nothing"] {
        assert_ne!(ask("192.0.2.1", path).await.status, 429, "{path}");
    }
    for path in ["/rss.xml", "/nothing"] {
        let answer = ask("192.0.2.1", path).await;
        assert_eq!(answer.status, 429, "{path}");
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!((30..=60).contains(&wait), "{wait}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(ask("192.0.2.2", "/rss.xml").await.status, 200, "another address");
    for last in 1..=3 {
        assert_eq!(ask(&format!("2001:db8::{last}"), "/rss.xml").await.status, 200);
    }
    assert_eq!(
        ask("2001:db8::4", "/rss.xml").await.status,
        429,
        "a network of IPv6"
    );
    assert_eq!(
        ask("192.0.2.1", "/health/live").await.status,
        200,
        "only feeds are counted"
    );
    let free = House::open(&format!("{PUBLIC}rate = 0\nburst = 1\n")).await;
    free.pass().await;
    for _ in 0..20 {
        assert_eq!(free.get("/rss.xml").await.status, 200);
    }
}
