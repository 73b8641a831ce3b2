//! The main job, from articles to inboxes, through the real program.

use crate::database::Database;
use crate::site::{NOW, Site};
use serde_json::{Value, json};

fn ids(report: &Value) -> Vec<&str> {
    report["editions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["id"].as_str().unwrap())
        .collect()
}

#[test]
fn the_first_edition_reaches_every_reader() {
    let site = Site::new();
    site.readers("email,name\nann@example.com,Ann\nbo@example.org,\n");
    let report = site.publish(&["--now", "weekly"]);
    assert_eq!(report["schema"], 1);
    assert_eq!(ids(&report), ["weekly/now/1"]);
    assert_eq!(report["editions"][0]["articles"].as_array().unwrap().len(), 2);
    assert_eq!(report["deliveries"]["sent"], 2);
    let mails = site.mails();
    assert_eq!(mails.len(), 2);
    for mail in mails.values() {
        assert!(mail.starts_with("Return-Path: <news@tides.example>\n"), "{mail}");
        assert!(mail.contains("\nDelivered-To: "), "{mail}");
        assert!(
            mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
            "{mail}"
        );
    }
    for file in ["rss.xml", "atom.xml", "feed.json", "feeds.opml"] {
        assert!(site.path("feeds").join(file).exists(), "{file}");
    }
}

#[test]
fn a_second_pass_changes_no_byte() {
    let site = Site::new().with("[pings.hub]\nkind = \"websub\"\nendpoint = \"file:outbox/pings\"\n");
    site.publish(&["--now", "weekly"]);
    let folders = ["feeds", "outbox", "articles", "subscribers"];
    let before: Vec<_> = folders.map(|folder| site.snapshot(folder)).into();
    let lists = [
        &["articles", "list"][..],
        &["editions", "list"],
        &["deliveries", "list"],
        &["pings", "list"],
    ];
    let listed: Vec<_> = lists.map(|list| site.ask(list)).into();
    let again = site.publish(&["--now", "weekly"]);
    assert_eq!(again["feeds"]["written"], json!([]));
    assert_eq!(again["editions"], json!([]));
    assert_eq!(again["pings"], json!([]));
    assert_eq!(again["sources"][0]["new"], 0);
    assert_eq!(again["deliveries"]["sent"], 0);
    assert_eq!(before, folders.map(|folder| site.snapshot(folder)));
    assert_eq!(listed, lists.map(|list| site.ask(list)));
}

#[test]
fn a_slot_sends_what_came_since_the_last_and_an_edit_sends_nothing() {
    let site = Site::new();
    site.publish(&["--now", "weekly"]);
    let next = |more: &[&str]| site.run(&[&["--json", "publish"], more].concat());
    // A week passes with one new article and one edit.
    site.article("third.md", "Third time", "2026-11-25", "New.");
    site.article(
        "first.md",
        "First light, corrected",
        "2026-11-20",
        "The *first* one, mended.",
    );
    let run = next(&["--at", "2026-11-30T07:00:05Z"]);
    assert_eq!(run.status, 0, "{run:?}");
    let report = run.json();
    assert_eq!(ids(&report), ["weekly/2026-11-30T07:00Z"]);
    let shown = site.ask(&["editions", "show", "weekly/2026-11-30T07:00Z"]);
    let titles: Vec<_> = shown["editions"][0]["articles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| &a["title"])
        .collect();
    assert_eq!(titles, ["Third time"]);
    assert_eq!(report["sources"][0]["updated"], 1);
    // Another week with nothing: no mail, and the report says why.
    let empty = next(&["--at", "2026-12-07T07:00:05Z"]).json();
    assert_eq!(empty["deliveries"]["sent"], 0);
    assert_eq!(empty["skipped"][0]["digest"], "weekly", "{empty}");
    assert_eq!(site.mails().len(), 2);
}

#[test]
fn drafts_and_future_dates_wait() {
    let site = Site::new();
    site.write(
        "articles/draft.md",
        "---\ntitle: Not yet\ndraft: true\ndate: 2026-11-22\n---\n\nx\n",
    );
    site.article("future.md", "From the future", "2026-12-24", "x");
    site.publish(&["--now", "weekly"]);
    let mail = site.mails().into_values().next().unwrap();
    assert!(!mail.contains("Not yet") && !mail.contains("From the future"));
    let rss = std::fs::read_to_string(site.path("feeds/rss.xml")).unwrap();
    assert!(!rss.contains("Not yet") && !rss.contains("From the future"));
    let report = site
        .run(&["--json", "publish", "--at", "2026-12-28T07:00:01Z"])
        .json();
    assert_eq!(
        report["editions"][0]["articles"].as_array().unwrap().len(),
        1,
        "{report}"
    );
}

#[test]
fn a_dry_run_leaves_no_trace() {
    let site = Site::new();
    let report = site.publish(&["--now", "weekly", "--dry-run"]);
    assert_eq!(report["editions"][0]["recipients"], 1);
    assert_eq!(report["deliveries"]["queued"], 1);
    assert!(site.mails().is_empty());
    assert!(site.snapshot("feeds").is_empty());
    let real = site.publish(&["--now", "weekly"]);
    assert_eq!(real["deliveries"]["sent"], 1);
    let again = site.publish(&["--now", "weekly", "--dry-run"]);
    assert_eq!(again["editions"], json!([]));
}

#[test]
fn without_readers_the_report_says_so() {
    let site = Site::new();
    site.readers("email\n");
    let reason = |report: Value| report["skipped"][0]["reason"].clone();
    assert_eq!(reason(site.publish(&["--now", "weekly"])), "it has no readers");
    site.readers("email\nann@example.com\n");
    assert_eq!(ids(&site.publish(&["--now", "weekly"])), ["weekly/now/1"]);
    assert_eq!(reason(site.publish(&["--now", "weekly"])), "nothing new");
}

#[test]
fn the_past_is_refused() {
    let site = Site::new();
    site.publish(&[]);
    let run = site.run(&["publish", "--at", "2026-11-22T00:00:00Z"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains(NOW), "{run:?}");
}

#[test]
fn a_digest_that_is_not_there_is_refused_before_anything_is_done() {
    let site = Site::new();
    let run = site.run(&[
        "--json",
        "publish",
        "--now",
        "wekly",
        "--at",
        "2026-12-01T00:00:00Z",
    ]);
    assert_eq!(run.status, 2, "{run:?}");
    assert_eq!(run.json()["errors"][0]["code"], "unknown-digest");
    assert!(site.snapshot("feeds").is_empty());
    assert_eq!(site.ask(&["articles", "list"])["articles"], json!([]));
    // Not even its instant counts: an earlier one is still taken.
    assert_eq!(ids(&site.publish(&["--now", "weekly"])), ["weekly/now/1"]);
}

#[test]
fn two_at_once_send_one_edition() {
    let site = Site::new();
    site.publish(&[]);
    let mut both = [0, 1].map(|_| site.start(&["publish", "--now", "weekly", "--at", NOW]));
    for child in &mut both {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(site.mails().len(), 1);
    let editions = site.ask(&["editions", "list"]);
    assert_eq!(editions["editions"].as_array().unwrap().len(), 1, "{editions}");
}

#[test]
fn seen_articles_stay_out_until_they_are_unseen() {
    let site = Site::new();
    site.publish(&[]);
    let listed = site.ask(&["articles", "list"]);
    let second = listed["articles"][0]["id"].as_str().unwrap();
    assert_eq!(
        site.ask(&["articles", "seen", second])["articles"][0]["state"],
        "seen"
    );
    let report = site.publish(&["--now", "weekly"]);
    assert_eq!(report["editions"][0]["articles"].as_array().unwrap().len(), 1);
    let back = site.ask(&["articles", "unsee", second]);
    assert_eq!(back["articles"][0]["state"], "public");
    assert_eq!(
        back["articles"][0]["past"],
        json!([{"digest": "weekly", "readers": 1}])
    );
    assert_eq!(
        site.publish(&["--now", "weekly"])["editions"],
        json!([]),
        "who is past it does not get it"
    );
    let wrong = site.run(&["articles", "seen", "nobody"]);
    assert_eq!(wrong.status, 2, "{wrong:?}");
}

#[test]
fn a_burst_of_old_articles_is_held_until_it_is_released() {
    let site = Site::new();
    site.publish(&["--now", "weekly"]);
    for n in 0..6 {
        site.article(
            &format!("archive-{n}.md"),
            &format!("From the archive {n}"),
            "2019-05-01",
            "Old.",
        );
    }
    let report = site.publish(&["--now", "weekly"]);
    assert_eq!(
        (&report["sources"][0]["held"], &report["editions"]),
        (&json!(6), &json!([])),
        "{report:#}"
    );
    assert!(
        site.snapshot("feeds")["rss.xml"].contains("From the archive 3"),
        "feeds have them all the same"
    );
    assert_eq!(
        site.ask(&["articles", "release", "posts"])["articles"]
            .as_array()
            .unwrap()
            .len(),
        6
    );
    let report = site.publish(&["--now", "weekly"]);
    assert_eq!(
        report["editions"][0]["articles"].as_array().unwrap().len(),
        6,
        "{report:#}"
    );
}

#[test]
fn a_held_edition_blocks_mail_until_it_is_released_or_dropped() {
    let site = Site::new();
    // Nothing can be delivered yet: the Maildir's place is taken by a file.
    site.write("outbox", "in the way");
    assert_eq!(site.try_publish(&["--now", "weekly"]).status, 1);
    std::fs::remove_file(site.path("outbox")).unwrap();
    let held = site.ask(&["editions", "hold", "weekly/now/1", "--reason", "a wrong picture"]);
    assert_eq!(held["editions"][0]["state"], "held");
    let run = site.try_publish(&[]);
    assert_eq!(
        (run.status, run.codes()),
        (1, vec!["edition-held".to_owned()]),
        "{run:?}"
    );
    assert!(site.mails().is_empty());
    site.ask(&["editions", "release", "weekly/now/1"]);
    assert_eq!(site.publish(&[])["deliveries"]["sent"], 1);
    let over = site.run(&["editions", "drop", "weekly/now/1"]);
    assert_eq!(over.status, 2, "{over:?}");
}

#[test]
fn a_dropped_edition_reaches_nobody_and_is_settled() {
    let site = Site::new();
    site.write("outbox", "in the way");
    assert_eq!(site.try_publish(&["--now", "weekly"]).status, 1);
    std::fs::remove_file(site.path("outbox")).unwrap();
    assert_eq!(
        site.ask(&["editions", "drop", "weekly/now/1"])["editions"][0]["state"],
        "dropped"
    );
    assert_eq!(site.publish(&["--now", "weekly"])["editions"], json!([]));
    assert!(site.mails().is_empty());
    assert_eq!(
        site.ask(&["deliveries", "list"])["deliveries"][0]["state"],
        "dropped"
    );
}

#[tokio::test]
async fn all_of_it_on_postgresql() {
    let Some(database) = Database::new().await else {
        return;
    };
    let site = Site::new().with(&format!("[store]\nurl = \"{}\"", database.url()));
    let rehearsed = site.publish(&["--now", "weekly", "--dry-run"]);
    assert_eq!(rehearsed["deliveries"]["queued"], 1, "{rehearsed:#}");
    assert!(site.mails().is_empty());
    let report = site.publish(&["--now", "weekly"]);
    assert_eq!(
        (ids(&report), &report["deliveries"]["sent"]),
        (vec!["weekly/now/1"], &json!(1))
    );
    site.article("third.md", "Third time", "2026-11-25", "New.");
    let slot = ["--json", "publish", "--at", "2026-11-30T07:00:00Z"];
    let rehearsed = site.run(&[&slot[..], &["--dry-run"]].concat()).json();
    assert_eq!(ids(&rehearsed), ["weekly/2026-11-30T07:00Z"]);
    let report = site.run(&slot).json();
    assert_eq!(
        (ids(&report), &report["deliveries"]["sent"]),
        (vec!["weekly/2026-11-30T07:00Z"], &json!(1))
    );
    assert_eq!(site.run(&slot).json()["deliveries"]["sent"], 0);
    assert_eq!(site.mails().len(), 2);
}

#[test]
fn init_says_what_it_made() {
    let site = Site::new();
    let run = site.run(&["--json", "init", "other"]);
    assert_eq!(run.status, 0, "{run:?}");
    let made = run.json()["made"].as_array().unwrap().clone();
    assert_eq!(made[0], "config.toml");
    for path in &made {
        let path = path.as_str().unwrap();
        assert!(site.path("other").join(path).exists(), "{path}");
    }
}
