//! The story of a subscriber: finds the hub, subscribes, gets each change once, renews, leaves; through a
//! kill of the service.

use super::subscriber::{Asked, Came, Subscriber, get, linked};
use super::{HUB, RSS, ask, publish, site};
use crate::service::everywhere;
use crate::service::running::{Service, until};
use crate::site::Site;
use aws_lc_rs::hmac;
use serde_json::Value;
use std::collections::BTreeSet;

/// Whether a delivery comes from somebody who has the secret.
fn is_signed(came: &Came, secret: &str) -> bool {
    let Some(hex) = came.header("x-hub-signature").strip_prefix("sha256=") else {
        return false;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag: String = hmac::sign(&key, &came.body)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    tag == hex
}

async fn wait_until_verified(service: &Service, count: usize) {
    until("the verification", || {
        service.log().matches("hub request verified").count() >= count
    })
    .await;
}

/// A hub is named by the document, and the same by the answer's head.
#[tokio::test(flavor = "multi_thread")]
async fn the_hub_is_found_by_the_head_and_by_the_document() {
    let site = site().with("[pings.other]\nkind = \"websub\"\nendpoint = \"http://127.0.0.1:1/other\"");
    let service = Service::start(&site);
    until("the feeds", || site.path("feeds/rss.xml").exists()).await;
    let at = service.address.unwrap();
    let hubs = [HUB.to_owned(), "http://127.0.0.1:1/other".to_owned()];
    for name in ["rss.xml", "atom.xml", "feed.json"] {
        let url = format!("http://tides.example/{name}");
        let mut answer = get(at, &url).await;
        while answer.status == 404 {
            answer = get(at, &url).await;
        }
        assert_eq!(linked(&answer), (hubs.to_vec(), url.clone()), "{name}");
        let found: Vec<String> = if name == "feed.json" {
            let feed: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(feed["feed_url"], url.as_str());
            let of = |hub: &Value| hub["url"].as_str().unwrap().to_owned();
            feed["hubs"].as_array().unwrap().iter().map(of).collect()
        } else {
            let text = answer.text();
            let xml = roxmltree::Document::parse(&text).unwrap();
            let links = |rel: &str| -> Vec<String> {
                let is_it = |node: &roxmltree::Node<'_, '_>| {
                    node.has_tag_name(("http://www.w3.org/2005/Atom", "link"))
                        && node.attribute("rel") == Some(rel)
                };
                let found = xml.root_element().descendants().filter(is_it);
                found
                    .map(|node| node.attribute("href").unwrap().to_owned())
                    .collect()
            };
            assert_eq!(links("self"), [url]);
            links("hub")
        };
        assert_eq!(found, hubs, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_hub_there_is_none() {
    let site = site().with("[hub]\nenabled = false");
    let service = Service::start(&site);
    let at = service.address.unwrap();
    until("the feeds", || service.get("/rss.xml").0 == 200).await;
    let answer = get(at, RSS).await;
    assert_eq!(linked(&answer), (Vec::new(), RSS.to_owned()));
    assert!(!answer.text().contains("rel=\"hub\"") && !answer.text().contains("<cloud"));
    assert_eq!(
        ask(at, "subscribe", RSS, "http://127.0.0.1:9999/", &[])
            .await
            .status,
        404
    );
}

/// What has come, each by the newest article that it names.
fn newest(came: &[Came]) -> Vec<String> {
    let titles = |came: &Came| {
        let text = String::from_utf8(came.body.clone()).unwrap();
        let item = text.split("<item>").nth(1).unwrap().to_owned();
        item.split("<title>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    came.iter().map(titles).collect()
}

async fn story(on: &str, site: &Site) {
    let service = Service::start(site);
    until("the feeds", || service.get("/rss.xml").0 == 200).await;
    let at = service.address.unwrap();
    let (hubs, topic) = linked(&get(at, RSS).await);
    assert_eq!(hubs, [HUB], "{on}");
    let subscriber = Subscriber::start().await;
    let callback = subscriber.callback("/call?id=7&x=%20y");
    let secret = [
        ("hub.secret", "first secret"),
        ("hub.lease_seconds", "7200"),
        ("hub.verify", "sync"),
    ];

    // It subscribes, and is asked whether that was itself.
    let answer = ask(at, "subscribe", &topic, &callback, &secret).await;
    assert_eq!(answer.status, 202, "{on}: {}", answer.text());
    let asked = subscriber.wait_for("GET", 1).await;
    assert!(
        asked.target.starts_with("/call?id=7&x=%20y&hub.mode=subscribe&"),
        "{on}: {}",
        asked.target
    );
    assert_eq!(asked.query("hub.topic").as_deref(), Some(RSS));
    assert_eq!(asked.query("hub.lease_seconds").as_deref(), Some("7200"));
    assert!(asked.query("hub.challenge").unwrap().len() >= 32);
    wait_until_verified(&service, 1).await;

    // A change is delivered, whole and signed.
    publish(site, "One");
    let came = subscriber.wait_for("POST", 1).await;
    assert_eq!(came.target, "/call?id=7&x=%20y", "{on}");
    assert!(is_signed(&came, "first secret"), "{on}: {came:?}");
    let served = get(at, RSS).await;
    assert_eq!(came.body, served.body, "{on}");
    assert_eq!(came.header("content-type"), served.headers["content-type"]);
    assert_eq!(
        came.header("link"),
        format!("<{HUB}>; rel=\"hub\", <{RSS}>; rel=\"self\"")
    );

    // The service is killed; another process writes; the next service tells of it.
    drop(service);
    publish(site, "Two");
    site.ask(&["publish"]);
    let service = Service::start(site);
    let at = service.address.unwrap();
    subscriber.wait_for("POST", 2).await;
    // And while a service runs, too.
    publish(site, "Three");
    site.ask(&["publish"]);
    subscriber.wait_for("POST", 3).await;

    // It renews with another secret; what somebody else asks in its name changes nothing.
    let answer = ask(
        at,
        "subscribe",
        &topic,
        &callback,
        &[("hub.secret", "second secret")],
    )
    .await;
    assert_eq!(answer.status, 202);
    let asked = subscriber.wait_for("GET", 2).await;
    assert_eq!(asked.query("hub.lease_seconds").as_deref(), Some("864000"));
    wait_until_verified(&service, 1).await;
    for manners in [Asked::Wrong, Asked::Refuse] {
        subscriber.when_asked(manners);
        let before = subscriber.came("GET").len();
        ask(at, "subscribe", &topic, &callback, &[("hub.secret", "a thief's")]).await;
        ask(at, "unsubscribe", &topic, &subscriber.callback("/nobody"), &[]).await;
        subscriber.wait_for("GET", before + 2).await;
    }
    wait_until_verified(&service, 5).await;
    subscriber.when_asked(Asked::Refuse);
    assert_eq!(ask(at, "unsubscribe", &topic, &callback, &[]).await.status, 202);
    wait_until_verified(&service, 6).await;
    subscriber.when_asked(Asked::Agree);
    publish(site, "Four");
    let came = subscriber.wait_for("POST", 4).await;
    assert!(is_signed(&came, "second secret"), "{on}");

    // It leaves. Another one, who stays, tells when the next change is out.
    let stays = Subscriber::start().await;
    super::subscribe(&service, &stays, "/").await;
    assert_eq!(ask(at, "unsubscribe", &topic, &callback, &[]).await.status, 202);
    let asked = subscriber.came("GET").last().unwrap().clone();
    assert_eq!(
        asked.query("hub.lease_seconds").is_some(),
        asked.query("hub.mode").as_deref() == Some("subscribe")
    );
    wait_until_verified(&service, 8).await;
    publish(site, "Five");
    stays.wait_for("POST", 1).await;
    assert!(stays.came("POST")[0].header("x-hub-signature").is_empty());
    let told = newest(&subscriber.came("POST"));
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), 4, "{on}: {told:?}");
    assert_eq!(told, ["One", "Two", "Three", "Four"], "{on}: each change once");
    let ended = service.stop();
    assert_eq!(ended.status, Some(0), "{on}: {}", ended.log);
    assert!(!ended.log.contains("secret"), "{on}: {}", ended.log);
    assert!(!ended.log.contains("/call"), "{on}: {}", ended.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_gets_each_change_once_renews_and_leaves() {
    for (on, site, _database) in everywhere(site).await {
        story(on, &site).await;
    }
}
