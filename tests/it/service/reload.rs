//! SIGHUP: the new configuration, or the old one and why.

use super::running::{Service, until};
use crate::site::Site;
use std::fs;

fn edit(site: &Site, old: &str, new: &str) {
    let file = site.path("config.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(old), "{old}");
    fs::write(file, text.replace(old, new)).unwrap();
}

fn title_is(service: &Service, title: &str) -> bool {
    let (status, feed) = service.get("/rss.xml");
    status == 200 && feed.contains(&format!("<title>{title}</title>"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_configuration_counts_from_then_on() {
    let site = Site::new();
    let service = Service::start(&site);
    until("the feed", || title_is(&service, "Test Tides")).await;
    edit(&site, "title = \"Test Tides\"", "title = \"Other Tides\"");
    service.signal("HUP");
    until("the new title", || title_is(&service, "Other Tides")).await;
    assert_eq!(service.stop().status, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_is_named_and_the_old_one_goes_on() {
    let site = Site::new();
    let service = Service::start(&site);
    until("the feed", || title_is(&service, "Test Tides")).await;
    for (old, new, said) in [
        ("title = \"Test Tides\"", "titel = \"Test Tides\"", "did you mean"),
        (
            "[sources.posts]",
            "[store]\nurl = \"sqlite:other.db\"\n[sources.posts]",
            "reload-store",
        ),
        (
            "[sources.posts]",
            "[http.tls]\ncertificate = \"none.pem\"\nkey = \"none.pem\"\n[sources.posts]",
            "none.pem",
        ),
    ] {
        edit(&site, old, new);
        let before = service.log().len();
        service.signal("HUP");
        until("the reason", || {
            let log = service.log();
            log[before..].contains(said) && log[before..].contains("the configuration it had")
        })
        .await;
        edit(&site, new, old);
    }
    site.article("third.md", "Third tide", "2026-11-22", "The third one.");
    until("the old one at work", || {
        service.get("/rss.xml").1.contains("Third tide")
    })
    .await;
    assert!(title_is(&service, "Test Tides"));
    assert_eq!(service.stop().status, Some(0));
}
