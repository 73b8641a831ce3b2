//! All mails of a reader on one page.

use super::{House, PUBLIC};
use tidings::sql;
use tidings::subscribers::tokens::Purpose;
use tidings::web::Limits;

const TWO: &str = "\n[digests.daily]\ntitle = \"The <daily> tide\"\nschedule = \"0 7 * * *\"\nfrom = \"news@tides.example\"\n";

async fn standings(house: &House) -> Vec<(String, String)> {
    let subscriptions = house.ann().await.subscriptions;
    subscriptions
        .into_iter()
        .map(|s| (s.digest, s.standing))
        .collect()
}

fn are(daily: &str, weekly: &str) -> Vec<(String, String)> {
    vec![
        ("daily".to_owned(), daily.to_owned()),
        ("weekly".to_owned(), weekly.to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_leaves_each_or_all_and_comes_back() {
    for database in super::databases().await {
        let house = House::open_on(database, &format!("{TWO}{PUBLIC}"), Limits::default()).await;
        house.pass().await;
        let link = house.link(Purpose::Preferences).await;
        let page = house.get(&link).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("The &lt;daily&gt; tide"), "{page:?}");
        assert!(page.body.contains("a…@example.com") && page.body.contains("leave-all"));
        assert_eq!(
            (page.header("cache-control"), page.header("referrer-policy")),
            ("no-store", "no-referrer")
        );
        assert_eq!(standings(&house).await, are("active", "active"));

        let left = house.post(&link, "digest=daily&action=leave").await;
        assert!(
            left.body.contains("You no longer get The &lt;daily&gt; tide."),
            "{left:?}"
        );
        assert_eq!(standings(&house).await, are("unsubscribed", "active"));
        assert!(!left.body.contains("leave-all"), "one is left to leave");
        let back = house.post(&link, "digest=daily&action=rejoin").await;
        assert!(
            back.body.contains("You get The &lt;daily&gt; tide again."),
            "{back:?}"
        );
        assert_eq!(standings(&house).await, are("active", "active"));
        house.post(&link, "action=leave-all").await;
        assert_eq!(standings(&house).await, are("unsubscribed", "unsubscribed"));
        house.post(&link, "digest=weekly&action=rejoin").await;
        assert_eq!(standings(&house).await, are("unsubscribed", "active"));
        for nonsense in ["", "action=destroy&digest=daily", "action=leave", "digest=weekly"] {
            assert_eq!(house.post(&link, nonsense).await.status, 400, "{nonsense}");
        }
        let unknown = house.post(&link, "action=rejoin&digest=%3Cb%3E").await;
        assert!(
            unknown.status == 200 && !unknown.body.contains("<b>"),
            "{unknown:?}"
        );
        assert_eq!(standings(&house).await, are("unsubscribed", "active"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_honest() {
    let house = House::open(PUBLIC).await;
    house.pass().await;
    let link = house.link(Purpose::Preferences).await;
    let wrong = house
        .link(Purpose::Unsubscribe)
        .await
        .replace("/unsubscribe/", "/preferences/");
    assert_eq!(house.get(&wrong).await.status, 404);
    assert_eq!(house.ask("PUT", &link, "", "").await.status, 405);
    let store = &house.site.store;
    let bounced = sql!("UPDATE subscribers SET address_state = 'bounced'");
    store.write(bounced).run().await.unwrap();
    let page = house.get(&link).await;
    assert!(
        page.body.contains("Nothing is sent to you at present"),
        "{page:?}"
    );
    house.post(&link, "digest=weekly&action=leave").await;
    let page = house.post(&link, "digest=weekly&action=rejoin").await;
    assert!(
        page.body.contains("Nothing was changed") && !page.body.contains("rejoin"),
        "{page:?}"
    );
    assert_eq!(house.standing().await, "unsubscribed");
    store
        .write(sql!("DELETE FROM subscriptions"))
        .run()
        .await
        .unwrap();
    assert!(house.get(&link).await.body.contains("No mails go to you"));
}
