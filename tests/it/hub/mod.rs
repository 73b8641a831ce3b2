//! The built-in hub: the real service, and subscribers that know it from outside alone.

mod cloud;
mod hostile;
mod lasting;
pub(crate) mod subscriber;
mod websub;

use crate::service::running::Service;
use crate::site::Site;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use subscriber::{Answer, Subscriber, post};

/// The host of the site stands for the service's own address.
pub(crate) const HUB: &str = "http://tides.example/hub";
pub(crate) const RSS: &str = "http://tides.example/rss.xml";

/// A site with a hub that may reach this machine.
pub(crate) fn site() -> Site {
    Site::new()
        .replacing("https://tides.example/", "http://tides.example/")
        .with("[http]\npublic_url = \"http://tides.example/\"")
        .with("[http_client]\nallow = [\"127.0.0.0/8\"]\ntimeout = \"2s\"")
}

/// A new article, newer than all before, which changes the feeds.
pub(crate) fn publish(site: &Site, name: &str) {
    static MINUTE: AtomicU32 = AtomicU32::new(0);
    let minute = MINUTE.fetch_add(1, Ordering::Relaxed);
    site.article(
        &format!("{name}.md"),
        name,
        &format!("2026-11-22T{:02}:{:02}:00Z", minute / 60, minute % 60),
        &format!("This is {name}."),
    );
}

/// Subscribes the callback to a topic, with more parameters.
pub(crate) async fn ask(
    at: SocketAddr,
    mode: &str,
    topic: &str,
    callback: &str,
    more: &[(&str, &str)],
) -> Answer {
    let basic = [
        ("hub.mode", mode),
        ("hub.topic", topic),
        ("hub.callback", callback),
    ];
    post(at, HUB, &[&basic, more].concat()).await
}

/// Subscribes to the RSS feed of the site, and waits until that is so.
pub(crate) async fn subscribe(service: &Service, subscriber: &Subscriber, path: &str) {
    let before = subscriber.came("GET").len();
    let at = service.address.unwrap();
    let answer = ask(at, "subscribe", RSS, &subscriber.callback(path), &[]).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    subscriber.wait_for("GET", before + 1).await;
    settled(service).await;
}

/// Waits until nothing waits to be verified, as the log tells.
pub(crate) async fn settled(service: &Service) {
    // The answer is on its way; what follows it is one transaction.
    let verified = || service.log().matches("hub request verified").count();
    let began = std::time::Instant::now();
    let before = verified();
    while verified() == before && began.elapsed() < std::time::Duration::from_millis(500) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
