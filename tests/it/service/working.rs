//! What the service does by itself.

use super::everywhere;
use super::running::{Service, until};
use crate::site::Site;
use crate::smtp_server::{Fault, Script, SmtpServer, What, copies};
use serde_json::json;
use std::collections::BTreeSet;
use tidings::clock::Clock;

/// Every second, on the second.
const EVERY_SECOND: &str = "schedule = \"* * * * * *\"";

fn often() -> Site {
    Site::new().replacing("schedule = \"0 7 * * 1\"", EVERY_SECOND)
}

/// The titles that the readers of a Maildir were sent, each as often as it was sent.
fn titles(site: &Site, title: &str) -> usize {
    let mails = site.mails();
    mails.values().filter(|mail| mail.contains(title)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_sends_what_is_new_and_no_slot_sends_it_again() {
    for (on, site, _database) in everywhere(often).await {
        let service = Service::start(&site);
        until("the first edition", || site.mails().len() == 1).await;
        site.article("third.md", "Third tide", "2026-11-22", "The third one.");
        until("the second edition", || site.mails().len() == 2).await;
        let (status, feed) = service.get("/rss.xml");
        assert_eq!(status, 200, "{on}");
        assert!(feed.contains("Third tide"), "{on}");
        let ended = service.stop();
        assert_eq!(ended.status, Some(0), "{on}: {}", ended.log);
        assert_eq!(titles(&site, "First light"), 1, "{on}");
        assert_eq!(titles(&site, "Third tide"), 1, "{on}");
        let editions = site.ask(&["editions", "list"]);
        let editions = editions["editions"].as_array().unwrap();
        let sent: Vec<_> = editions.iter().filter(|e| e["state"] == "done").collect();
        assert_eq!(sent.len(), 2, "{on}: {editions:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_that_was_planned_ahead_starts_at_its_slot() {
    let site = || {
        Site::new().replacing(
            "schedule = \"0 7 * * 1\"",
            "schedule = \"*/10 * * * * *\"\ngrace = \"10s\"",
        )
    };
    for (on, site, _database) in everywhere(site).await {
        let service = Service::start(&site);
        until("the first edition", || site.mails().len() == 1).await;
        assert_eq!(service.stop().status, Some(0), "{on}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_that_is_released_goes_on_by_itself() {
    let approved = || often().with("approval = true");
    for (on, site, _database) in everywhere(approved).await {
        let service = Service::start(&site);
        let held = || {
            let listed = site.ask(&["editions", "list"]);
            let editions = listed["editions"].as_array().unwrap().clone();
            editions
                .into_iter()
                .find(|edition| edition["state"] == "held" || !edition["hold"].is_null())
        };
        until("an edition that waits", || held().is_some()).await;
        let name = held().unwrap()["id"].as_str().unwrap().to_owned();
        site.ask(&["editions", "release", &name]);
        until("its mail", || site.mails().len() == 1).await;
        assert_eq!(service.stop().status, Some(0), "{on}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_puts_into_the_store_is_sent() {
    let site = Site::new();
    site.publish(&[]);
    let service = Service::start(&site);
    let held = site.run(&["editions", "list"]);
    assert_eq!(held.status, 0);
    // The pass of another process plans it, and either of the two sends it.
    let run = site.run(&["publish", "--now", "weekly"]);
    assert_eq!(run.status, 0, "{run:?}");
    until("the edition", || site.mails().len() == 1).await;
    assert_eq!(service.stop().status, Some(0));
    let listed = site.ask(&["deliveries", "list"]);
    assert_eq!(listed["deliveries"][0]["state"], "sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_comes_makes_an_article_public() {
    let site = Site::new();
    site.publish(&[]);
    let soon = Clock::System.now() + chrono::Duration::seconds(3);
    site.article("later.md", "Later on", &soon.to_rfc3339(), "In a moment.");
    let service = Service::start(&site);
    let state = || {
        let listed = site.ask(&["articles", "list"]);
        let articles = listed["articles"].as_array().unwrap().clone();
        let later = articles.into_iter().find(|a| a["title"] == "Later on");
        later.map(|article| article["state"].clone())
    };
    until("its date", || state() == Some(json!("public"))).await;
    until("its feed", || service.get("/rss.xml").1.contains("Later on")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_says_how_it_is() {
    let site = Site::new();
    let service = Service::start(&site);
    assert_eq!(service.get("/health/live").0, 200);
    until("the first turn", || service.get("/health/ready").0 == 200).await;
    until("health", || service.get("/health").0 == 200).await;
    let server = SmtpServer::start(Script {
        fault: Some(Fault {
            step: "greeting",
            what: What::Say("554 not you"),
        }),
        ..Script::default()
    })
    .await;
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let refused = often();
    let service = Service::start_with(&refused, &[("TIDINGS_SMTP__URL", &url)]);
    until("a relay that refuses", || {
        let (status, body) = service.get("/health");
        status == 503 && body.contains("not you")
    })
    .await;
    assert_eq!(service.get("/health/ready").0, 200);
    until("a word in the log", || service.log().contains("not you")).await;
    assert_eq!(service.log().matches("relay-refused").count(), 1, "told once");
    // With nothing left to send, a relay that takes nothing is no trouble.
    let editions = refused.ask(&["editions", "list"]);
    let editions = editions["editions"].as_array().unwrap();
    let waiting = editions.iter().find(|edition| edition["state"] == "sending");
    let id = waiting.unwrap()["id"].as_str().unwrap();
    assert_eq!(refused.run(&["editions", "drop", id]).status, 0);
    until("health again", || service.get("/health").0 == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_share_the_mail_of_one_edition() {
    let Some(database) = crate::database::Database::new().await else {
        return;
    };
    let server = SmtpServer::start(Script {
        delay: std::time::Duration::from_millis(20),
        ..Script::default()
    })
    .await;
    let site = Site::new().with(&format!(
        "[store]\nurl = \"{}\"\n[smtp]\nurl = \"smtp://127.0.0.1:{}\"\nconnections = 2\n",
        database.url(),
        server.port
    ));
    let readers: String = (1..=600).map(|n| format!("reader{n}@example.com\n")).collect();
    site.readers(&format!("email\n{readers}"));
    let workers = [Service::worker(&site), Service::worker(&site)];
    site.publish(&["--now", "weekly"]);
    until("all of them", || copies(&server).len() == 600).await;
    for worker in workers {
        assert_eq!(worker.stop().status, Some(0));
    }
    let counts: BTreeSet<usize> = copies(&server).into_values().collect();
    assert_eq!(counts, BTreeSet::from([1]));
    assert!(server.connections() > 2, "only one of them has sent");
}

#[test]
fn a_worker_has_no_use_on_sqlite() {
    let site = Site::new();
    let run = site.run(&["--json", "worker"]);
    assert_eq!((run.status, run.codes()), (2, vec!["worker-sqlite".to_owned()]));
}

/// Whoever can reach the service can ask.
#[tokio::test(flavor = "multi_thread")]
async fn health_says_why_and_names_no_address() {
    let server = SmtpServer::start(Script {
        fault: Some(Fault {
            step: "greeting",
            what: What::Say("554 5.7.1 news@tides.example is not welcome"),
        }),
        ..Script::default()
    })
    .await;
    let site = often();
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let service = Service::start_with(&site, &[("TIDINGS_SMTP__URL", &url)]);
    until("the refusal", || {
        service.get("/health").1.contains("is not welcome")
    })
    .await;
    let (status, said) = service.get("/health");
    assert_eq!(status, 503, "{said}");
    assert!(!said.contains("news@tides.example"), "{said}");
    assert_eq!(service.stop().status, Some(0));
}
