//! Editions in the browser: what everybody may see of them.

use super::{House, PUBLIC};
use tidings::sql;
use tidings::web::Limits;

const SLOT: &str = "2026-11-23T07:00:00Z";
const NAME: &str = "weekly/2026-11-23T07:00Z";

/// The links of a mail that lead to a page of an edition.
fn views(mail: &str) -> Vec<String> {
    let plain = mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
    let places = plain.split("https://mail.tides.example").skip(1);
    let mut links: Vec<String> = places
        .map(|rest| rest.split(['"', '<', '\n', '\r', ' ']).next().unwrap().to_owned())
        .filter(|path| path.starts_with("/editions/"))
        .collect();
    links.dedup();
    links
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_leads_to_its_own_page_and_that_names_nobody() {
    for database in super::databases().await {
        let house = House::open_on(database, PUBLIC, Limits::default()).await;
        house.pass().await;
        assert_eq!(
            house.get(&format!("/editions/{NAME}")).await.status,
            404,
            "before it is due"
        );
        house.pass_at(SLOT).await;
        let mail = house.folder.mails().into_values().next().unwrap();
        let links = views(&mail);
        assert_eq!(
            links.len(),
            1,
            "text and HTML lead to the same: {links:?}\n{mail}"
        );
        assert!(
            links[0].starts_with(&format!("/editions/{NAME}/variant-")),
            "{links:?}"
        );
        let page = house.get(&links[0]).await;
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.body.contains("First light") && page.body.contains("Second wind"));
        for absent in [
            "Ann",
            "ann@example.com",
            "unsubscribe",
            "Unsubscribe",
            "preferences",
            "Change what you get",
            "because you subscribed",
            "View in browser",
            "href=\"\"",
            "attacker.example",
            "<script",
        ] {
            assert!(!page.body.contains(absent), "{absent}: {}", page.body);
        }
        assert!(page.body.contains("1 Quay Street"), "the sender is named");
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("script"),
            "{policy}"
        );
        assert_eq!(page.header("cache-control"), "public, max-age=300");
        let public = house.get(&format!("/editions/{NAME}")).await;
        assert_eq!((public.status, public.body), (200, page.body.clone()));
        // What becomes of articles and templates since changes nothing.
        house
            .folder
            .article("first.md", "Another title", "2026-11-20", "Other words.");
        house
            .folder
            .write("email-templates/digest/html.hbs", "<p>nothing</p>");
        house.pass_at("2026-11-23T08:00:00Z").await;
        assert_eq!(house.get(&links[0]).await.body, page.body);
        let head = house.ask("HEAD", &links[0], "", "").await;
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        assert_eq!(house.post(&links[0], "a=b").await.status, 405);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_with_other_articles_have_another_page() {
    let house = House::open(PUBLIC).await;
    house
        .folder
        .readers("email,name\nann@example.com,Ann\nbob@example.com,Bob\n");
    house.pass().await;
    // Bob has had the first one.
    let store = &house.site.store;
    let ahead = sql!(
        "UPDATE subscriptions SET cursor = cursor + 1
         WHERE subscriber = (SELECT id FROM subscribers WHERE key = 'bob@example.com')"
    );
    store.write(ahead).run().await.unwrap();
    house.pass_at(SLOT).await;
    let mails = house.folder.mails();
    let of = |who: &str| {
        let mail = mails
            .values()
            .find(|mail| mail.contains(&format!("Delivered-To: {who}")));
        views(mail.unwrap()).remove(0)
    };
    let (anns, bobs) = (of("ann@example.com"), of("bob@example.com"));
    assert_ne!(anns, bobs);
    let (ann, bob) = (house.get(&anns).await.body, house.get(&bobs).await.body);
    assert!(ann.contains("First light") && !bob.contains("First light"));
    assert!(ann.contains("Second wind") && bob.contains("Second wind"));
    let public = house.get(&format!("/editions/{NAME}")).await;
    assert_eq!(public.body, ann, "the one with the most articles");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_goes_out_is_shown() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    house.pass_at(SLOT).await;
    let path = format!("/editions/{NAME}");
    let store = &house.site.store;
    for (state, held, status) in [
        ("done", None, 200),
        ("sending", None, 200),
        ("filling", None, 200),
        ("sending", Some(1), 404),
        ("planned", None, 404),
        ("skipped", None, 404),
        ("dropped", None, 410),
    ] {
        store
            .write(sql!("UPDATE editions SET state = $1, held = $2"))
            .bind(state)
            .bind(held)
            .run()
            .await
            .unwrap();
        assert_eq!(house.get(&path).await.status, status, "{state} {held:?}");
    }
    for path in [
        "/editions/",
        "/editions/weekly",
        "/editions/%ff",
        &format!("{path}/variant-"),
        &format!("{path}/variant-0123456789abcdef"),
        &format!("{path}/variant-%25"),
        &format!("{path}/"),
    ] {
        assert_eq!(house.get(path).await.status, 404, "{path}");
    }
}

/// Articles are strangers' work, and a template may forget that there is a page without a reader.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_articles_and_forgetful_templates_do_no_harm() {
    let house = House::open(PUBLIC).await;
    house.folder.article(
        "third.md",
        "<script>alert(1)</script>",
        "2026-11-22",
        "<script>alert(2)</script><a href=\"javascript:alert(3)\">x</a><img src=x onerror=alert(4)>",
    );
    house.folder.write(
        "email-templates/digest/html.hbs",
        "<html><head><title>x</title></head><body>{{#each articles}}<h1>{{title}}</h1>{{{content_html}}}{{/each}}\
         <p>Hi {{reader.name}} <a href=\"{{reader.unsubscribe_url}}\">Leave</a> {{edition.view_url}}</p></body></html>",
    );
    house.pass().await;
    house.pass_at(SLOT).await;
    let page = house.get(&format!("/editions/{NAME}")).await;
    assert_eq!(page.status, 200);
    for absent in ["<script", "javascript:", "onerror", "Leave", "href=\"\""] {
        assert!(!page.body.contains(absent), "{absent}: {}", page.body);
    }
    assert!(page.body.contains("&lt;script&gt;alert(1)"), "{}", page.body);
    let mail = house.folder.mails().into_values().next().unwrap();
    assert!(mail.contains("Leave"), "its mails have the link");
}
