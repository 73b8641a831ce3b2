//! Test mails of a digest and of an edition.

use crate::site::{NOW, Site};
use serde_json::Value;
use tidings::subscribers::tokens::{self, Purpose, SiteKey};

const EDITION: &str = "weekly/2026-11-23T07:00Z";

fn test_of(site: &Site, of: &str) -> Value {
    site.ask(&["editions", "test", of, "me@example.org", "you@example.org"])
}

fn message(site: &Site, to: &str) -> String {
    let mails = site.mails();
    let found = mails
        .values()
        .find(|mail| mail.contains(&format!("Delivered-To: {to}")));
    found
        .unwrap_or_else(|| panic!("no mail to {to}: {mails:?}"))
        .clone()
}

#[test]
fn a_test_mail_shows_what_the_next_edition_would_hold_and_changes_nothing() {
    let site = Site::new().with("grace = \"12h\"");
    site.publish(&[]);
    let tested = test_of(&site, EDITION);
    assert_eq!(tested["shows"], "batch");
    assert_eq!(tested["articles"].as_array().unwrap().len(), 2);
    let states: Vec<&Value> = tested["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|delivery| &delivery["state"])
        .collect();
    assert_eq!(states, ["sent", "sent"]);
    assert_eq!(tested["deliveries"][0]["kind"], "test");
    assert_eq!(site.mails().len(), 2);
    let mail = message(&site, "me@example.org");
    assert!(mail.contains("Subject: [Test] "), "{mail}");
    assert!(mail.contains("Second wind"), "{mail}");
    // The reader gets the edition as if nothing had been.
    let report = site.publish_at("2026-11-23T07:00:00Z");
    assert_eq!(report["editions"][0]["recipients"], 1);
    assert_eq!(site.mails().len(), 3);
    assert!(!message(&site, "ann@example.com").contains("[Test]"));

    // As it was made, then what is older, and in words.
    assert_eq!(test_of(&site, EDITION)["shows"], "edition");
    let older = test_of(&site, "weekly");
    assert_eq!(
        (&older["shows"], &older["edition"]),
        (&Value::from("older"), &Value::Null)
    );
    let run = site.run(&["editions", "test", "weekly", "me@example.org"]);
    assert!(
        run.stdout.starts_with(
            "Test mail of nothing is new, so older articles: 2 articles\n  sent  me@example.org"
        ),
        "{run:?}"
    );
}

#[test]
fn without_articles_it_shows_the_sample() {
    let site = Site::empty();
    site.readers("email\nann@example.com\n");
    site.publish(&[]);
    assert_eq!(test_of(&site, "weekly")["shows"], "sample");
    let mail = message(&site, "you@example.org");
    assert!(mail.contains("What the Tide Tables Leave Out"), "{mail}");
}

#[test]
fn its_links_are_of_nobody() {
    let site = Site::new();
    site.publish(&[]);
    test_of(&site, "weekly");
    let mail = message(&site, "me@example.org")
        .replace("\r\n ", "")
        .replace("=\r\n", "");
    let token = mail
        .split_once("https://tides.example/unsubscribe/")
        .map(|(_, rest)| rest.split(['>', '"', '\r']).next().unwrap().to_owned())
        .unwrap();
    let secret: [u8; 32] = std::fs::read(site.path("data/secret"))
        .unwrap()
        .try_into()
        .unwrap();
    let claim = tokens::verify(&[SiteKey::new(&secret)], Purpose::Unsubscribe, &token).unwrap();
    let known = site.ask(&["subscribers", "list"]);
    let ids = known["subscribers"].as_array().unwrap().iter();
    assert_eq!(claim.subscriber, 0);
    assert!(ids.map(|one| one["id"].as_str().unwrap()).all(|id| id != "0"));
}

#[test]
fn what_waits_for_a_pass_is_not_sent_with_it() {
    let site = Site::new();
    site.publish(&[]);
    site.write("outbox/new", "a file where a folder belongs");
    site.try_publish(&["--now", "weekly"]);
    std::fs::remove_file(site.path("outbox/new")).unwrap();
    let run = site.run(&["--json", "editions", "test", "weekly/now/1", "me@example.org"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(site.mails().len(), 1, "the edition still waits");
    site.publish(&[]);
    assert_eq!(site.mails().len(), 2);
}

#[test]
fn what_cannot_be_tested_is_said() {
    let site = Site::new();
    let run = site.run(&["--json", "editions", "test", "monthly", "me@example.org"]);
    assert_eq!((run.status, run.codes()), (2, vec!["unknown-edition".to_owned()]));
    let run = site.run(&["editions", "test", "weekly", "no address"]);
    assert_eq!(run.status, 2, "{run:?}");
    site.write("email-templates/digest/text.hbs", "{{nothing}}");
    let run = site.run(&["--json", "editions", "test", "weekly", "me@example.org"]);
    assert_eq!((run.status, run.codes()), (1, vec!["template".to_owned()]));
    site.publish_at(NOW);
    assert!(site.mails().is_empty());
}
