//! Requests that are wrong, and callbacks that hang, lie, send elsewhere, or are not to be asked.

use super::subscriber::{Asked, Subscriber, exchange, post};
use super::{HUB, RSS, ask, publish, site, subscribe};
use crate::service::running::{Service, until};
use crate::site::Site;
use std::time::{Duration, Instant};

async fn ready(site: &Site) -> Service {
    let service = Service::start(site);
    until("the feeds", || service.get("/rss.xml").0 == 200).await;
    service
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_request_has_its_status_and_says_why() {
    let site = site();
    let service = ready(&site).await;
    let at = service.address.unwrap();
    let good = [
        ("hub.mode", "subscribe"),
        ("hub.topic", RSS),
        ("hub.callback", "http://127.0.0.1:9999/"),
    ];
    let long_secret = "s".repeat(200);
    let long_callback = format!("http://example.org:8080/{}", "c".repeat(1100));
    let cases: &[(&str, Option<&str>, u16, &str)] = &[
        ("hub.mode", None, 400, "hub.mode is missing"),
        ("hub.mode", Some("publish"), 400, "hub.mode must be"),
        ("hub.mode", Some("SUBSCRIBE"), 400, "hub.mode must be"),
        ("hub.topic", None, 400, "hub.topic is missing"),
        (
            "hub.topic",
            Some("http://elsewhere.example/rss.xml"),
            404,
            "no document",
        ),
        (
            "hub.topic",
            Some("http://tides.example/feeds.opml"),
            404,
            "no document",
        ),
        (
            "hub.topic",
            Some("http://tides.example/none/rss.xml"),
            404,
            "no such document",
        ),
        (
            "hub.topic",
            Some("http://tides.example/../../etc/passwd"),
            404,
            "no document",
        ),
        (
            "hub.topic",
            Some("http://tides.example/%00/rss.xml"),
            404,
            "no document",
        ),
        ("hub.topic", Some("rss.xml"), 404, "no document"),
        ("hub.callback", None, 400, "hub.callback is missing"),
        ("hub.callback", Some("/relative"), 400, "no absolute URL"),
        (
            "hub.callback",
            Some("ftp://example.org/"),
            400,
            "not http or https",
        ),
        (
            "hub.callback",
            Some("file:///etc/passwd"),
            400,
            "not http or https",
        ),
        (
            "hub.callback",
            Some("http://a:b@example.org/"),
            400,
            "user or password",
        ),
        ("hub.callback", Some("http://example.org/#x"), 400, "fragment"),
        ("hub.callback", Some("http:///x"), 400, "no absolute URL"),
        ("hub.callback", Some("http:good"), 400, "no absolute URL"),
        (
            "hub.callback",
            Some("http://example.org\\@evil/"),
            400,
            "no absolute URL",
        ),
        (
            "hub.callback",
            Some("http://example.org/a\r\nb"),
            400,
            "no absolute URL",
        ),
        ("hub.callback", Some("http://example.org:25/"), 400, "port"),
        ("hub.callback", Some("http://example.org:6667/"), 400, "port"),
        ("hub.callback", Some(&long_callback), 400, "1024"),
        ("hub.callback", Some("http://10.0.0.1/"), 400, "not public"),
        ("hub.callback", Some("http://[::1]:8080/"), 400, "not public"),
        (
            "hub.callback",
            Some("http://169.254.169.254/latest"),
            400,
            "not public",
        ),
        ("hub.callback", Some("http://0x0a.1/"), 400, "not public"),
        ("hub.secret", Some(&long_secret), 400, "200 bytes"),
        ("hub.lease_seconds", Some("-1"), 400, "number of seconds"),
        ("hub.lease_seconds", Some("1e9"), 400, "number of seconds"),
        ("hub.lease_seconds", Some("soon"), 400, "number of seconds"),
    ];
    for (name, value, status, text) in cases {
        let mut pairs: Vec<(&str, &str)> = good.iter().copied().filter(|(known, _)| known != name).collect();
        pairs.extend(value.map(|value| (*name, value)));
        let answer = post(at, HUB, &pairs).await;
        assert_eq!(answer.status, *status, "{name} {value:?}: {}", answer.text());
        assert!(
            answer.text().contains(text),
            "{name} {value:?}: {}",
            answer.text()
        );
        assert!(
            answer.headers["content-type"].starts_with("text/plain"),
            "{answer:?}"
        );
    }
    for (method, headers, body, status) in [
        ("GET", "", "", 405),
        ("PUT", "", "", 405),
        ("POST", "", "", 400),
        ("POST", "Content-Type: application/json\r\n", "{}", 415),
        ("POST", "", "%%%&&&===;;;\u{0}", 400),
        ("POST", "", &"x".repeat(20_000), 413),
    ] {
        let answer = exchange(at, method, HUB, headers, body).await;
        assert_eq!(answer.status, status, "{method} {headers} {}", answer.text());
    }
    // Nobody was asked anything.
    assert!(
        !service.log().contains("hub request verified"),
        "{}",
        service.log()
    );
    assert_eq!(service.stop().status, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_does_not_give_the_challenge_back_is_not_subscribed() {
    let site = site();
    let service = ready(&site).await;
    let at = service.address.unwrap();
    let other = Subscriber::start().await;
    let mut liars = Vec::new();
    let elsewhere = other.callback("/elsewhere");
    for manners in [
        Asked::Wrong,
        Asked::Refuse,
        Asked::Garbage,
        Asked::Hang,
        Asked::Late(Duration::from_secs(4)),
        Asked::Redirect(elsewhere),
    ] {
        let liar = Subscriber::start().await;
        liar.when_asked(manners);
        assert_eq!(
            ask(at, "subscribe", RSS, &liar.callback("/"), &[]).await.status,
            202
        );
        liars.push(liar);
    }
    let good = Subscriber::start().await;
    let began = Instant::now();
    subscribe(&service, &good, "/").await;
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "who hangs holds up nobody else"
    );
    publish(&site, "News");
    good.wait_for("POST", 1).await;
    // Those that said something wrong are asked no more; what they were asked is not theirs to choose.
    for liar in &liars {
        liar.wait_for("GET", 1).await;
        assert_eq!(liar.came("POST").len(), 0);
    }
    assert_eq!(
        other.came("GET").len() + other.came("POST").len(),
        0,
        "no redirect is followed"
    );
    assert_eq!(service.stop().status, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn private_callbacks_are_not_asked_unless_the_operator_allows_them() {
    let strict = site().replacing("allow = [\"127.0.0.0/8\"]", "allow = []");
    let service = ready(&strict).await;
    let at = service.address.unwrap();
    let subscriber = Subscriber::start().await;
    let literal = ask(at, "subscribe", RSS, &subscriber.callback("/"), &[]).await;
    assert_eq!(literal.status, 400, "{}", literal.text());
    // A name is taken, and what it leads to is looked at when it is asked.
    let name = format!("http://localhost:{}/", subscriber.address.port());
    assert_eq!(ask(at, "subscribe", RSS, &name, &[]).await.status, 202);
    until("its end", || service.log().contains("may not reach")).await;
    assert_eq!(subscriber.came("GET").len(), 0);
    // An operator who takes the network away again takes it from who is subscribed already.
    assert_eq!(service.stop().status, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_in_trouble_is_kept_and_holds_up_nobody() {
    let site = site();
    let service = ready(&site).await;
    let names = ["hangs", "moves", "fails", "leaves", "good"];
    let mut all = Vec::new();
    for name in names {
        let one = Subscriber::start().await;
        subscribe(&service, &one, &format!("/{name}")).await;
        all.push(one);
    }
    let other = Subscriber::start().await;
    all[0].when_told(0, "");
    all[1].when_told(307, &format!("Location: {}\r\n", other.callback("/x")));
    all[2].when_told(500, "Retry-After: 1\r\n");
    all[3].when_told(410, "");
    let began = Instant::now();
    publish(&site, "First news");
    all[4].wait_for("POST", 1).await;
    for one in &all {
        one.wait_for("POST", 1).await;
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    until("the end of all", || {
        let log = service.log();
        log.matches("could not be told").count() == 3 && log.contains("wants no more")
    })
    .await;
    // A minute at least: what is told meanwhile is the newest alone, once they are tried again.
    publish(&site, "Second news");
    all[4].wait_for("POST", 2).await;
    for one in &all[..4] {
        assert_eq!(one.came("POST").len(), 1);
        one.when_told(200, "");
    }
    assert_eq!(other.came("POST").len(), 0, "no redirect is followed");
    let ended = service.stop();
    assert_eq!(ended.status, Some(0));
    assert_eq!(
        ended.log.matches("could not be told").count(),
        3,
        "said once: {}",
        ended.log
    );
}
