//! Backups: whole, of one instant, restored into either database, and nobody is mailed twice after.

use crate::database::Database;
use crate::site::{NOW, Run, Site};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Both, the second where a server is named.
async fn sites() -> Vec<(Site, Option<Database>)> {
    let mut sites = vec![(Site::new(), None)];
    if let Some(database) = Database::new().await {
        let site = Site::new().with(&format!("[store]\nurl = \"{}\"", database.url()));
        sites.push((site, Some(database)));
    }
    sites
}

/// Where a site's store is from now on: nowhere.
async fn forget(site: Site, database: &mut Option<Database>) -> Site {
    match database {
        None => {
            let aside = format!("lost-{}", site.snapshot("").len());
            std::fs::rename(site.path("data"), site.path(&aside)).unwrap();
            site
        }
        Some(old) => {
            let new = Database::new().await.unwrap();
            let site = site.replacing(&old.url(), &new.url());
            std::fs::remove_file(site.path("data/secret")).unwrap();
            *database = Some(new);
            site
        }
    }
}

fn pass_at(site: &Site, at: &str) -> Run {
    site.run(&["--json", "publish", "--at", at])
}

/// By reader, the titles that were in their mails, in order.
fn received(site: &Site, titles: &[&str]) -> BTreeMap<(String, String), usize> {
    let mut received = BTreeMap::new();
    for mail in site.mails().values() {
        let reader = mail.split("Delivered-To: ").nth(1).unwrap();
        let reader = reader.lines().next().unwrap().to_owned();
        for title in titles.iter().filter(|title| mail.contains(**title)) {
            *received.entry((reader.clone(), (*title).to_owned())).or_default() += 1;
        }
    }
    received
}

#[tokio::test]
async fn nobody_gets_anything_twice_after_a_restore() {
    for (site, mut database) in sites().await {
        site.readers("email,name\nann@example.com,Ann\nbo@example.org,\n");
        site.publish(&["--now", "weekly"]);
        site.article("third.md", "Third time", "2026-11-24", "x");
        let backup = site.ask(&["backup", "b.tar.gz"]);
        assert_eq!(backup["files"][0], "secret", "{backup:#}");
        // What the backup does not know: an article of its time, two later ones, and a reader.
        site.article("fourth.md", "Fourth wall", "2026-11-25", "x");
        site.readers("email,name\nann@example.com,Ann\nbo@example.org,\ncy@example.net,\n");
        let sent = pass_at(&site, "2026-11-30T07:00:00Z").json();
        assert_eq!(sent["deliveries"]["sent"], 3, "{sent:#}");
        let site = forget(site, &mut database).await;

        let refused = site.run(&["restore", "nothing.tar.gz"]);
        assert_eq!(refused.status, 1, "{refused:?}");
        let restored = site.ask(&["restore", "b.tar.gz", "--at", "2026-12-01T00:00:00Z"]);
        assert_eq!(
            (&restored["held"], &restored["accepted"]),
            (&json!(true), &json!(false))
        );
        let before = site.mails();
        for more in [&[][..], &["--now", "weekly"]] {
            let held = site.run(&[&["--json", "publish", "--at", "2026-12-01T07:00:00Z"], more].concat());
            assert_eq!(
                (held.status, held.codes()),
                (1, vec!["sending-held".to_owned()]),
                "{held:?}"
            );
            assert_eq!(held.json()["editions"], json!([]));
        }
        // Feeds go on meanwhile.
        site.article("fifth.md", "Fifth column", "2026-11-26", "x");
        let pass = pass_at(&site, "2026-12-02T07:00:00Z").json();
        assert!(pass["feeds"]["written"].as_array().unwrap().len() > 2, "{pass:#}");
        assert_eq!(before, site.mails());

        let accepted = site.ask(&["restore", "--accept", "--at", "2026-12-02T08:00:00Z"]);
        assert_eq!(
            (&accepted["held"], &accepted["accepted"]),
            (&json!(false), &json!(true))
        );
        let quiet = pass_at(&site, "2026-12-07T07:00:00Z");
        assert_eq!(
            (quiet.status, &quiet.json()["editions"]),
            (0, &json!([])),
            "{quiet:?}"
        );
        assert_eq!(before, site.mails());
        site.article("sixth.md", "Sixth sense", "2026-12-08", "x");
        let sent = pass_at(&site, "2026-12-14T07:00:00Z").json();
        assert_eq!(sent["deliveries"]["sent"], 3, "{sent:#}");
        // Earlier mails are where they were: no id was given a second time.
        let after = site.mails();
        assert!(before.iter().all(|(name, mail)| after.get(name) == Some(mail)));
        let titles = [
            "First light",
            "Second wind",
            "Third time",
            "Fourth wall",
            "Sixth sense",
        ];
        let got = received(&site, &titles);
        assert!(got.values().all(|times| *times == 1), "{got:#?}");
        assert_eq!(got.len(), 2 * 4 + 1 + 2 + 3 - 1, "{got:#?}");
        let ids = site.ask(&["deliveries", "list"]);
        let message_ids: std::collections::HashSet<&str> = ids["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|delivery| delivery["message_id"].as_str().unwrap())
            .collect();
        assert_eq!(message_ids.len(), ids["deliveries"].as_array().unwrap().len());
        drop(database);
    }
}

/// Accepted at once, before any pass: what the sources have may have been sent already.
#[tokio::test]
async fn what_was_published_before_the_acceptance_counts_as_sent() {
    let site = Site::new();
    site.publish(&["--now", "weekly"]);
    site.ask(&["backup", "b.tar.gz"]);
    site.article("third.md", "Third time", "2026-11-25", "x");
    assert_eq!(
        pass_at(&site, "2026-11-30T07:00:00Z").json()["deliveries"]["sent"],
        1
    );
    let site = forget(site, &mut None).await;
    // An article that cannot be read now would look new later.
    site.write("articles/broken.md", "---\ntitle: [\n---\nx\n");
    let at = ["--at", "2026-12-01T00:00:00Z"];
    let refused = site.run(&[&["--json", "restore", "b.tar.gz", "--accept"], &at[..]].concat());
    assert_eq!(
        (refused.status, refused.codes()),
        (1, vec!["restore-unread".to_owned()]),
        "{refused:?}"
    );
    assert_eq!(pass_at(&site, "2026-12-01T00:00:00Z").status, 1);
    std::fs::remove_file(site.path("articles/broken.md")).unwrap();
    let accepted = site.ask(&[&["restore", "--accept"], &at[..]].concat());
    assert_eq!(accepted["accepted"], true);
    let again = site.ask(&[&["restore", "--accept"], &at[..]].concat());
    assert_eq!(
        (&again["accepted"], &again["held"]),
        (&json!(false), &json!(false))
    );
    let pass = pass_at(&site, "2026-12-07T07:00:00Z");
    assert_eq!(
        (pass.status, &pass.json()["deliveries"]["sent"]),
        (0, &json!(0)),
        "{pass:?}"
    );
    assert_eq!(site.mails().len(), 2);
}

/// Mails on their way when the backup was made may have been sent since.
#[test]
fn what_was_on_its_way_is_dropped() {
    let site = Site::new();
    site.write("outbox", "in the way");
    assert_eq!(site.try_publish(&["--now", "weekly"]).status, 1);
    site.ask(&["backup", "b.tar.gz"]);
    std::fs::remove_file(site.path("outbox")).unwrap();
    std::fs::rename(site.path("data"), site.path("lost")).unwrap();
    site.ask(&["restore", "b.tar.gz", "--accept", "--at", NOW]);
    let deliveries = site.ask(&["deliveries", "list"]);
    assert_eq!(deliveries["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(deliveries["deliveries"][0]["state"], "dropped");
    assert_eq!(site.ask(&["editions", "list"])["editions"][0]["state"], "dropped");
    assert_eq!(site.publish(&["--now", "weekly"])["deliveries"]["sent"], 0);
    assert!(site.mails().is_empty());
}

fn lists(site: &Site) -> Vec<Value> {
    [
        &["articles", "list"][..],
        &["editions", "list"],
        &["deliveries", "list"],
        &["subscribers", "list"],
        &["pings", "list"],
    ]
    .map(|list| site.ask(list))
    .into()
}

/// A backup of one database is restored into the other, and back, and is the same.
#[tokio::test]
async fn a_store_moves_from_one_database_to_the_other() {
    let Some(database) = Database::new().await else {
        return;
    };
    let site = Site::new().with("[pings.hub]\nkind = \"websub\"\nendpoint = \"file:outbox/pings\"\n");
    site.readers("email,name\nann@example.com,Ann\nzo@example.org,\"Zoë \u{1F600} \"\"x\"\"\"\n");
    site.article(
        "odd.md",
        "Tabs \t, \"quotes\" & \\ \u{1F600}",
        "2026-11-22",
        "é\n\n<b>x</b>",
    );
    site.publish(&["--now", "weekly"]);
    let before = lists(&site);
    site.ask(&["backup", "one.tar.gz"]);
    let site = site.with(&format!("[store]\nurl = \"{}\"", database.url()));
    site.ask(&["restore", "one.tar.gz"]);
    assert_eq!(before, lists(&site));
    site.ask(&["backup", "two.tar.gz"]);
    std::fs::remove_dir_all(site.path("data")).unwrap();
    let site = site.replacing(&format!("[store]\nurl = \"{}\"", database.url()), "");
    site.ask(&["restore", "two.tar.gz"]);
    assert_eq!(before, lists(&site));
    // And it can be used.
    site.ask(&["restore", "--accept", "--at", NOW]);
    site.article("third.md", "Third time", "2026-11-23", "x");
    assert_eq!(site.publish(&["--now", "weekly"])["deliveries"]["sent"], 2);
}

#[test]
fn a_backup_alone_makes_a_site_again() {
    let site = Site::new();
    site.write("email-templates/digest/subject.hbs", "{{digest.title}}!");
    site.publish(&["--now", "weekly"]);
    let file = site.path("b.tar.gz");
    site.ask(&["backup", file.to_str().unwrap()]);
    let other = Site::bare("");
    std::fs::remove_file(other.path("config.toml")).unwrap();
    let restored = other.ask(&["restore", file.to_str().unwrap()]);
    assert_eq!(restored["written"].as_array().unwrap().len(), 3, "{restored:#}");
    for name in ["config.toml", "data/secret", "email-templates/digest/subject.hbs"] {
        assert_eq!(
            std::fs::read(other.path(name)).unwrap(),
            std::fs::read(site.path(name)).unwrap(),
            "{name}"
        );
    }
    assert_eq!(lists(&site), lists(&other));
    // What is there is never touched.
    let again = other.run(&["--json", "restore", file.to_str().unwrap()]);
    assert_eq!((again.status, again.codes()), (1, vec!["store-there".to_owned()]));
}

#[cfg(unix)]
#[test]
fn a_template_behind_a_link_is_in_the_backup() {
    let site = Site::new();
    site.write("shared/digest/subject.hbs", "{{digest.title}}!");
    site.write("shared/footer.hbs", "by us");
    site.write("email-templates/partials/own.hbs", "ours");
    for (to, link) in [
        ("shared/digest", "email-templates/digest"),
        ("shared/footer.hbs", "email-templates/partials/footer.hbs"),
    ] {
        std::os::unix::fs::symlink(site.path(to), site.path(link)).unwrap();
    }
    site.publish(&[]);
    let backup = site.ask(&["backup", "b.tar.gz"]);
    let templates = ["digest/subject.hbs", "partials/footer.hbs", "partials/own.hbs"];
    let files: Vec<String> = templates.map(|name| format!("email-templates/{name}")).into();
    assert_eq!(backup["files"].as_array().unwrap()[2..], files, "{backup:#}");
    // What is not in it is said.
    std::fs::remove_file(site.path("shared/footer.hbs")).unwrap();
    let broken = site.run(&["backup", "c.tar.gz"]);
    assert_eq!(broken.status, 1, "{broken:?}");
    assert!(broken.stderr.contains("footer.hbs"), "{broken:?}");
}

#[cfg(unix)]
#[test]
fn a_backup_is_its_owners_alone_and_overwrites_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let site = Site::new();
    site.publish(&[]);
    site.ask(&["backup", "b.tar.gz"]);
    assert_eq!(mode(&site.path("b.tar.gz")), 0o600);
    let again = site.run(&["--json", "backup", "b.tar.gz"]);
    assert_eq!((again.status, again.codes()), (1, vec!["file-there".to_owned()]));
    let before = std::fs::read(site.path("b.tar.gz")).unwrap();
    site.article("third.md", "Third time", "2026-11-25", "x");
    site.publish(&[]);
    site.ask(&["backup", "b.tar.gz", "--overwrite"]);
    assert_ne!(before, std::fs::read(site.path("b.tar.gz")).unwrap());
    let nowhere = site.run(&["backup", "no/such/folder/b.tar.gz"]);
    assert_eq!(nowhere.status, 1, "{nowhere:?}");
    std::fs::rename(site.path("data"), site.path("lost")).unwrap();
    site.ask(&["restore", "b.tar.gz"]);
    for name in ["data/tidings.db", "data/secret"] {
        assert_eq!(mode(&site.path(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&site.path("data")), 0o700);
}

#[test]
fn what_is_no_whole_backup_changes_nothing() {
    let site = Site::new();
    site.publish(&["--now", "weekly"]);
    site.ask(&["backup", "good.tar.gz"]);
    let good = std::fs::read(site.path("good.tar.gz")).unwrap();
    let before = lists(&site);
    std::fs::rename(site.path("data"), site.path("lost")).unwrap();
    let codes = ["backup-damaged", "backup-foreign"];
    let restore = |bytes: &[u8]| {
        site.write("bad.tar.gz", bytes);
        let run = site.run(&["--json", "restore", "bad.tar.gz"]);
        if run.status == 0 {
            return true;
        }
        assert!(codes.contains(&run.codes()[0].as_str()), "{run:?}");
        assert!(!site.path("data/tidings.db").exists() && !site.path("data/secret").exists());
        false
    };
    assert!(!restore(b"") && !restore(b"SQLite format 3\0") && !restore(&[good[0]; 4096]));
    let step = (good.len() / 60).max(1);
    let mut flips_refused = 0;
    for cut in (0..good.len() - 1).step_by(step) {
        assert!(!restore(&good[..cut]), "{cut} of {}", good.len());
        let mut flipped = good.clone();
        flipped[cut] ^= 0x10;
        // A few bits of the compression say nothing; then all of it is as it was.
        if restore(&flipped) {
            assert_eq!(before, lists(&site));
            std::fs::remove_dir_all(site.path("data")).unwrap();
        } else {
            flips_refused += 1;
        }
    }
    assert!(flips_refused > 50, "{flips_refused}");
    site.ask(&["restore", "good.tar.gz"]);
}

/// A backup holds one instant: while passes write, what it has fits together.
#[test]
fn a_backup_is_of_one_instant() {
    let site = Site::new();
    let readers: String = (0..3000).map(|n| format!("r{n}@example.com\n")).collect();
    site.readers(&format!("email\n{readers}"));
    site.publish(&[]);
    let mut writer = site.start(&["publish", "--at", "2026-11-23T07:00:00Z"]);
    let mut seen = Vec::new();
    for round in 0..6 {
        let file = format!("b{round}.tar.gz");
        site.ask(&["backup", &file]);
        let other = Site::bare("");
        std::fs::remove_file(other.path("config.toml")).unwrap();
        let restored = other.ask(&["restore", site.path(&file).to_str().unwrap()]);
        let rows = |name: &str| {
            let tables = restored["tables"].as_array().unwrap();
            let table = tables.iter().find(|table| table["name"] == name).unwrap();
            table["rows"].as_u64().unwrap()
        };
        // The cursors move in the transaction that inserts the deliveries.
        let subscribers = other.ask(&["subscribers", "list"]);
        let moved = subscribers["subscribers"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|reader| reader["subscriptions"][0]["cursor"].as_u64().unwrap() > 0)
            .count();
        assert_eq!(rows("deliveries"), moved as u64);
        seen.push(moved);
    }
    writer.wait().unwrap();
    assert!(seen.windows(2).all(|pair| pair[0] <= pair[1]), "{seen:?}");
}
