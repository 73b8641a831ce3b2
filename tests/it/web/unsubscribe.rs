//! One click out, and back.

use super::{House, PUBLIC};
use tidings::sql;
use tidings::subscribers::address::Address;
use tidings::subscribers::tokens::{self, Purpose, SiteKey};
use tidings::web::{Limits, State};

const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// (event, wording, ip) of all consents, in their order.
async fn consents(house: &House) -> Vec<(String, String, Option<String>)> {
    let all = house
        .site
        .store
        .read(sql!("SELECT event, wording, ip FROM consents ORDER BY id"));
    all.all().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_changes_nothing_and_the_button_acts() {
    for database in super::databases().await {
        let house = House::open_on(database, PUBLIC, Limits::default()).await;
        house.pass().await;
        let link = house.link(Purpose::Unsubscribe).await;
        for method in ["GET", "HEAD", "GET"] {
            let page = house.ask(method, &link, "", "").await;
            assert_eq!(page.status, 200, "{page:?}");
            assert_eq!(house.standing().await, "active");
        }
        let page = house.get(&link).await;
        assert!(
            page.body.contains("Unsubscribe from The weekly tide?"),
            "{page:?}"
        );
        assert!(page.body.contains("<form method=\"post\">"));
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(page.header("x-robots-tag").contains("noindex"));
        assert!(
            !page.body.contains("attacker.example"),
            "links follow no Host header"
        );
        assert!(!page.body.contains("ann@example.com") && page.body.contains("a…@example.com"));

        let done = house.post(&link, "action=unsubscribe").await;
        assert_eq!(done.status, 200, "{done:?}");
        assert!(
            done.body.contains("You no longer get The weekly tide"),
            "{done:?}"
        );
        assert!(done.body.contains("value=\"undo\""));
        assert_eq!(house.standing().await, "unsubscribed");
        let again = house.post(&link, "action=unsubscribe").await;
        assert_eq!(again.status, 200);
        let seen = house.get(&link).await;
        assert!(seen.body.contains("You do not get The weekly tide"), "{seen:?}");

        let back = house.post(&link, "action=undo").await;
        assert!(back.body.contains("You get The weekly tide again"), "{back:?}");
        assert_eq!(house.standing().await, "active");
        assert_eq!(house.post(&link, "action=undo").await.status, 200);
        let events: Vec<_> = consents(&house).await.into_iter().map(|c| c.0).collect();
        assert_eq!(events, ["listed", "withdrawn", "undone"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_as_mail_programs_do_it() {
    let multipart =
        "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    for (kind, body) in [
        ("application/x-www-form-urlencoded", ONE_CLICK),
        ("multipart/form-data; boundary=x", multipart),
        ("text/plain", ""),
    ] {
        let house = House::open(PUBLIC).await;
        house.pass().await;
        let link = house.link(Purpose::Unsubscribe).await;
        for _ in 0..2 {
            let done = house
                .ask("POST", &link, &format!("Content-Type: {kind}\r\n"), body)
                .await;
            assert_eq!(done.status, 200, "{kind}: {done:?}");
            assert_eq!((done.header("location"), done.header("set-cookie")), ("", ""));
        }
        assert_eq!(house.standing().await, "unsubscribed", "{kind}");
        let consents = consents(&house).await;
        assert_eq!(consents.len(), 2, "{consents:?}");
        let (event, wording, ip) = &consents[1];
        assert_eq!((event.as_str(), ip.as_deref()), ("withdrawn", Some("127.0.0.1")));
        assert_eq!(wording.contains("one click"), body.contains("One-Click"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_queued_already_does_not_go_out_and_undo_brings_what_is_new() {
    for database in super::databases().await {
        let toml = "\n[http]\npublic_url = \"https://mail.tides.example/\"\n[smtp]\nurl = \"smtps://localhost:1\"\nca = \"missing.pem\"\n";
        let mut house = House::open_on(database, toml, Limits::default()).await;
        house.pass().await;
        house
            .folder
            .article("third.md", "Third time", "2026-11-22", "New.");
        // The slot comes, and the way to the server is barred: the mail waits.
        let report = house.pass_at("2026-11-23T07:00:00Z").await;
        assert_eq!(report.deliveries.queued, 1, "{report:?}");
        let link = house.link(Purpose::Unsubscribe).await;
        assert_eq!(house.post(&link, ONE_CLICK).await.status, 200);
        house.folder.write("config.toml", {
            let text = std::fs::read_to_string(house.folder.path("config.toml")).unwrap();
            text.replace("smtps://localhost:1", "maildir:outbox")
                .replace("ca = \"missing.pem\"", "")
        });
        house.reload().unwrap();
        let report = house.pass_at("2026-11-23T07:30:00Z").await;
        assert_eq!(
            (report.deliveries.suppressed, report.deliveries.sent),
            (1, 0),
            "{report:?}"
        );
        assert!(house.folder.mails().is_empty());

        assert_eq!(house.post(&link, "action=undo").await.status, 200);
        house
            .folder
            .article("fourth.md", "Fourth wall", "2026-11-24", "Newer.");
        house.pass_at("2026-11-24T06:00:00Z").await;
        let report = house.pass_at("2026-11-30T07:00:00Z").await;
        assert_eq!(report.deliveries.sent, 1, "{report:?}");
        let mails: Vec<_> = house.folder.mails().into_values().collect();
        assert!(
            mails[0].contains("Fourth wall") && !mails[0].contains("Third time"),
            "{mails:?}"
        );
    }
}

/// A mail may be passed on: whoever left in another way is not brought back by its link.
#[tokio::test(flavor = "multi_thread")]
async fn only_who_left_by_a_link_comes_back_by_it() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    let link = house.link(Purpose::Unsubscribe).await;
    let store = &house.site.store;
    for statement in [
        sql!("UPDATE subscriptions SET standing = 'unsubscribed'"),
        sql!(
            "INSERT INTO consents (subscriber, digest, at, event, wording)
             SELECT id, 'weekly', 1, 'removed', 'by the operator' FROM subscribers"
        ),
    ] {
        store.write(statement).run().await.unwrap();
    }
    let page = house.post(&link, "action=undo").await;
    assert!(
        page.body.contains("You do not get") && !page.body.contains("value=\"undo\""),
        "{page:?}"
    );
    assert_eq!(house.standing().await, "unsubscribed");

    for (before, after) in [
        (
            sql!("UPDATE subscribers SET address_state = 'complained'"),
            sql!("UPDATE subscribers SET address_state = 'good'"),
        ),
        (
            sql!("INSERT INTO suppressions (hash, reason, since) VALUES ($1, 'complaint', 1)"),
            sql!("DELETE FROM suppressions WHERE hash = $1"),
        ),
    ] {
        store
            .write(sql!("UPDATE subscriptions SET standing = 'active'"))
            .run()
            .await
            .unwrap();
        house.post(&link, ONE_CLICK).await;
        let address = Address::parse("ann@example.com").unwrap();
        let hash = tidings::subscribers::suppression::hash(&house.site.key, &address);
        let query = store.write(before);
        let query = if before.sqlite.contains("$1") {
            query.bind(hash.clone())
        } else {
            query
        };
        query.run().await.unwrap();
        house.post(&link, "action=undo").await;
        assert_eq!(house.standing().await, "unsubscribed", "{}", before.sqlite);
        let query = store.write(after);
        let query = if after.sqlite.contains("$1") {
            query.bind(hash)
        } else {
            query
        };
        query.run().await.unwrap();
        house.post(&link, "action=undo").await;
        assert_eq!(house.standing().await, "active", "{}", after.sqlite);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_none_is_a_page_that_is_not_there() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    let link = house.link(Purpose::Unsubscribe).await;
    let preferences = house.link(Purpose::Preferences).await;
    let other_purpose = preferences.replace("/preferences/", "/unsubscribe/");
    let other_key = tokens::token(&SiteKey::new(&[9; 32]), Purpose::Unsubscribe, "weekly", 1);
    let mut nowhere = Vec::new();
    for path in [
        format!("{link}A"),
        link[..link.len() - 1].to_owned(),
        other_purpose,
        format!("/unsubscribe/{other_key}"),
        "/unsubscribe/x".to_owned(),
        "/unsubscribe/".to_owned(),
        "/unsubscribe/%00%ff".to_owned(),
        format!("/unsubscribe/{}", "A".repeat(5000)),
        format!("{link}/more"),
    ] {
        let got = house.get(&path).await;
        assert_eq!(got.status, 404, "{path}: {got:?}");
        assert!(
            !got.body.contains("weekly") && !got.body.contains("example.com"),
            "{got:?}"
        );
        nowhere.push(got.body);
        assert_eq!(house.post(&path, ONE_CLICK).await.status, 404, "{path}");
    }
    nowhere.dedup();
    assert_eq!(nowhere.len(), 1, "all look the same");
    assert_eq!(house.standing().await, "active");
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = house.ask(method, &link, "", "").await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, "GET,HEAD,POST"),
            "{method}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_made_with_an_old_key_work_while_it_is_kept() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    let old = SiteKey::new(&[9; 32]);
    let token = tokens::token(&old, Purpose::Unsubscribe, "weekly", house.ann().await.id);
    let link = format!("/unsubscribe/{token}");
    assert_eq!(house.get(&link).await.status, 404);
    let site = &house.site;
    let keys = vec![site.key.clone(), old];
    let health = house.health.subscribe();
    let state = State::new(site.config.clone(), site.store.clone(), keys, site.clock, health).unwrap();
    house.states.send_replace(state.into());
    assert_eq!(house.post(&link, ONE_CLICK).await.status, 200);
    assert_eq!(house.standing().await, "unsubscribed");
}

/// Who was forgotten since the mail went out is told that no mail goes to them, and one click is done.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_is_no_longer_known_is_out_already() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    let token = tokens::token(&house.site.key, Purpose::Unsubscribe, "weekly", 4711);
    let link = format!("/unsubscribe/{token}");
    assert_eq!(house.post(&link, ONE_CLICK).await.status, 200);
    let page = house.get(&link).await;
    assert!(
        page.status == 200 && page.body.contains("You do not get"),
        "{page:?}"
    );
}

/// The link that the mail carries is the one that works, through a proxy that says who asks.
#[tokio::test(flavor = "multi_thread")]
async fn the_mails_own_link_works_behind_a_proxy() {
    let toml =
        "\n[http]\npublic_url = \"https://tides.example/mail/\"\ntrusted_proxies = [\"127.0.0.0/8\"]\n";
    let house = House::open(toml).await;
    house.pass().await;
    house.pass_at("2026-11-23T07:00:00Z").await;
    let mail = house.folder.mails().into_values().next().unwrap();
    let unfolded = mail.replace("\r\n ", "").replace("\n ", "");
    let (_, rest) = unfolded
        .split_once("List-Unsubscribe: <https://tides.example")
        .unwrap();
    let (path, _) = rest.split_once('>').unwrap();
    assert!(path.starts_with("/mail/unsubscribe/"), "{path}");
    let from = "X-Forwarded-For: 203.0.113.7, 198.51.100.9\r\n";
    let answer = house.ask("POST", path, from, ONE_CLICK).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let consents = consents(&house).await;
    assert_eq!(consents.last().unwrap().2.as_deref(), Some("198.51.100.9"));
}
