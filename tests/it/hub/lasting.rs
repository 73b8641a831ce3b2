//! Many subscribers, several services, subscriptions that end.

use super::subscriber::{Subscriber, post};
use super::{HUB, RSS, ask, publish, site, subscribe};
use crate::database::Database;
use crate::service::running::{Service, until};
use crate::site::Site;
use std::collections::BTreeMap;
use tidings::config::values::StoreUrl;
use tidings::sql;
use tidings::store::Store;

async fn ready(site: &Site) -> Service {
    let service = Service::start(site);
    until("the feeds", || service.get("/rss.xml").0 == 200).await;
    service
}

/// How often each callback was told.
fn told(subscriber: &Subscriber) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for came in subscriber.came("POST") {
        *told.entry(came.target).or_default() += 1;
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn several_services_tell_each_subscriber_once() {
    const SUBSCRIBERS: usize = 60;
    let Some(database) = Database::new().await else {
        return;
    };
    let site = site().with(&format!("[store]\nurl = \"{}\"", database.url()));
    let (one, two) = (ready(&site).await, ready(&site).await);
    let subscriber = Subscriber::start().await;
    for n in 0..SUBSCRIBERS {
        let service = if n % 2 == 0 { &one } else { &two };
        let callback = subscriber.callback(&format!("/{n}"));
        let answer = ask(service.address.unwrap(), "subscribe", RSS, &callback, &[]).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }
    let verified = |service: &Service| service.log().matches("hub request verified").count();
    until("all to be verified", || {
        verified(&one) + verified(&two) == SUBSCRIBERS
    })
    .await;
    for round in 1..=3 {
        publish(&site, &format!("News {round}"));
        subscriber.wait_for("POST", round * SUBSCRIBERS).await;
    }
    let told = told(&subscriber);
    assert_eq!(told.len(), SUBSCRIBERS);
    assert!(told.values().all(|count| *count == 3), "{told:?}");
    assert_eq!((one.stop().status, two.stop().status), (Some(0), Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_ends_with_its_lease() {
    let site = site();
    let service = ready(&site).await;
    let (ends, stays) = (Subscriber::start().await, Subscriber::start().await);
    subscribe(&service, &ends, "/ends").await;
    subscribe(&service, &stays, "/stays").await;
    let store = Store::connect(&StoreUrl::Sqlite(site.path("data/tidings.db")))
        .await
        .unwrap();
    let rows = async || -> Vec<(String,)> {
        let all = sql!("SELECT callback FROM hub_subscriptions ORDER BY id");
        store.read(all).all().await.unwrap()
    };
    assert_eq!(rows().await.len(), 2);
    let over = sql!("UPDATE hub_subscriptions SET expires = 1 WHERE callback LIKE $1");
    store.write(over).bind("%/ends").run().await.unwrap();
    publish(&site, "News");
    stays.wait_for("POST", 1).await;
    assert!(ends.came("POST").is_empty());
    // It is forgotten with the next start at the latest.
    assert_eq!(service.stop().status, Some(0));
    let service = ready(&site).await;
    publish(&site, "More news");
    stays.wait_for("POST", 2).await;
    assert_eq!(rows().await, [(stays.callback("/stays"),)]);
    drop(service);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_a_document_that_is_gone_is_told_so() {
    let site = site();
    site.write(
        "articles/boat.md",
        "---\ntitle: A boat\ndate: 2026-11-21\ncategories: [Boats]\n---\n\nIt floats.\n",
    );
    let service = ready(&site).await;
    let boats = "http://tides.example/category/boats/rss.xml";
    until("the category", || service.get("/category/boats/rss.xml").0 == 200).await;
    let subscriber = Subscriber::start().await;
    let answer = ask(
        service.address.unwrap(),
        "subscribe",
        boats,
        &subscriber.callback("/?a=b"),
        &[],
    )
    .await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    subscriber.wait_for("GET", 1).await;
    until("the subscription", || {
        service.log().contains("hub request verified")
    })
    .await;
    std::fs::remove_file(site.path("articles/boat.md")).unwrap();
    until("its end", || service.get("/category/boats/rss.xml").0 == 404).await;
    // With the next tidying, which a start begins with.
    assert_eq!(service.stop().status, Some(0));
    let service = ready(&site).await;
    let told = subscriber.wait_for("GET", 2).await;
    assert_eq!(told.query("a").as_deref(), Some("b"));
    assert_eq!(told.query("hub.mode").as_deref(), Some("denied"));
    assert_eq!(told.query("hub.topic").as_deref(), Some(boats));
    assert!(told.query("hub.challenge").is_none() && told.query("hub.reason").is_some());
    let again = ask(
        service.address.unwrap(),
        "subscribe",
        boats,
        &subscriber.callback("/"),
        &[],
    )
    .await;
    assert_eq!(again.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_may_ask_so_often() {
    let site = site();
    let service = ready(&site).await;
    let at = service.address.unwrap();
    let mut refused = None;
    for _ in 0..2_500 {
        let answer = post(at, HUB, &[("hub.mode", "x")]).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status, 400);
    }
    assert!(refused.unwrap().headers["retry-after"].parse::<u32>().unwrap() >= 1);
    assert_eq!(service.get("/rss.xml").0, 200, "feeds are counted apart");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_is_seen_in_metrics_and_keys_are_served() {
    let site = site()
        .with("[metrics]\nlisten = \"127.0.0.1:0\"")
        .with("[pings.i]\nkind = \"indexnow\"\nendpoint = \"file:outbox/pings\"\nkey = \"a1b2-c3d4e5\"");
    let service = ready(&site).await;
    assert_eq!(service.get("/a1b2-c3d4e5.txt"), (200, "a1b2-c3d4e5".to_owned()));
    assert_eq!(service.get("/a1b2-c3d4e6.txt").0, 404);
    let subscriber = Subscriber::start().await;
    subscribe(&service, &subscriber, "/").await;
    publish(&site, "News");
    subscriber.wait_for("POST", 1).await;
    let metrics = service.metrics.unwrap();
    let has = |text: &str, line: &str| text.lines().any(|seen| seen == line);
    let began = std::time::Instant::now();
    loop {
        let text = super::subscriber::get(metrics, "http://x/metrics").await.text();
        if has(&text, "tidings_hub_subscriptions{protocol=\"websub\"} 1")
            && has(
                &text,
                "tidings_hub_verifications_total{protocol=\"websub\",outcome=\"agreed\"} 1",
            )
            && has(
                &text,
                "tidings_hub_deliveries_total{protocol=\"websub\",outcome=\"told\"} 1",
            )
        {
            break;
        }
        assert!(began.elapsed().as_secs() < 30, "{text}");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}
