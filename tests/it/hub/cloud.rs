//! rssCloud: who registers is asked, told that a feed has changed, and told what came of the registration.

use super::subscriber::{Asked, Subscriber, get, post};
use super::{RSS, publish, site};
use crate::service::running::{Service, until};
use tidings::clock::Clock;

const CLOUD: &str = "http://tides.example/rsscloud/pleaseNotify";

#[tokio::test(flavor = "multi_thread")]
async fn who_registers_is_told_that_a_feed_has_changed() {
    let site = site();
    let service = Service::start(&site);
    until("the feeds", || service.get("/rss.xml").0 == 200).await;
    let at = service.address.unwrap();
    let feed = get(at, RSS).await.text();
    let xml = roxmltree::Document::parse(&feed).unwrap();
    let cloud = xml.descendants().find(|node| node.has_tag_name("cloud")).unwrap();
    let of = |name: &str| cloud.attribute(name).unwrap();
    assert_eq!(
        (of("domain"), of("port"), of("path")),
        ("tides.example", "80", "/rsscloud/pleaseNotify")
    );
    assert_eq!((of("protocol"), of("registerProcedure")), ("http-post", ""));

    // With a domain there is a challenge; without one, a first notice.
    let (named, bare) = (Subscriber::start().await, Subscriber::start().await);
    let (port, other) = (named.address.port().to_string(), bare.address.port().to_string());
    let basic = |port| {
        [
            ("notifyProcedure", ""),
            ("protocol", "http-post"),
            ("port", port),
            ("url1", RSS),
        ]
    };
    let with = |port, more: &[(&'static str, &'static str)]| [&basic(port)[..], more].concat();
    let answer = post(
        at,
        CLOUD,
        &with(&port, &[("path", "/told"), ("domain", "127.0.0.1")]),
    )
    .await;
    assert!(
        answer.text().contains("<notifyResult success=\"true\" msg="),
        "{}",
        answer.text()
    );
    assert!(answer.headers["content-type"].starts_with("text/xml"));
    let asked = named.wait_for("GET", 1).await;
    assert!(
        asked
            .target
            .starts_with("/told?url=http%3A%2F%2Ftides.example%2Frss.xml&challenge="),
        "{}",
        asked.target
    );
    let answer = post(at, CLOUD, &with(&other, &[("path", "told")])).await;
    assert!(answer.text().contains("success=\"true\""), "{}", answer.text());
    let body = "url=http%3A%2F%2Ftides.example%2Frss.xml";
    assert_eq!(
        String::from_utf8(bare.wait_for("POST", 1).await.body).unwrap(),
        body
    );

    publish(&site, "News");
    let told = named.wait_for("POST", 1).await;
    assert_eq!(
        (told.target.as_str(), told.body.as_slice()),
        ("/told", body.as_bytes())
    );
    assert_eq!(told.header("content-type"), "application/x-www-form-urlencoded");
    bare.wait_for("POST", 2).await;

    // Whoever says no is told so.
    let liar = Subscriber::start().await;
    liar.when_asked(Asked::Wrong);
    liar.when_told(404, "");
    let port = liar.address.port().to_string();
    for (more, text) in [
        (vec![("path", "/"), ("domain", "127.0.0.1")], "did not take"),
        (vec![("path", "/")], "did not take"),
        (vec![("path", "/"), ("domain", "10.0.0.1")], "not public"),
        (vec![("path", "/"), ("domain", "a@b")], "name of a host"),
        (vec![], "path is missing"),
    ] {
        let answer = post(at, CLOUD, &with(&port, &more)).await;
        assert!(
            answer.text().contains("success=\"false\"") && answer.text().contains(text),
            "{more:?}: {}",
            answer.text()
        );
    }
    for (name, value, text) in [
        ("protocol", "xml-rpc", "http-post or https-post"),
        ("port", "0x50", "no port"),
        ("url1", "http://elsewhere.example/rss.xml", "no such feed"),
    ] {
        let mut pairs: Vec<(&str, &str)> = basic(&port)
            .into_iter()
            .filter(|(known, _)| *known != name)
            .collect();
        pairs.extend([(name, value), ("path", "/")]);
        let answer = post(at, CLOUD, &pairs).await;
        assert!(
            answer.text().contains("success=\"false\"") && answer.text().contains(text),
            "{}",
            answer.text()
        );
    }
    // Also one who had said yes before: the registration from before stays, and is not taken for this one.
    let before = Clock::System.now();
    until("the next second", || Clock::System.now() > before).await;
    named.when_asked(Asked::Wrong);
    let port = named.address.port().to_string();
    let again = with(&port, &[("path", "/told"), ("domain", "127.0.0.1")]);
    let answer = post(at, CLOUD, &again).await;
    assert!(answer.text().contains("success=\"false\""), "{}", answer.text());
    publish(&site, "More news");
    named.wait_for("POST", 2).await;
    assert_eq!(liar.came("POST").len(), 1, "its trial alone");
    assert_eq!(service.stop().status, Some(0));
}
