//! Deliveries that are tried again.

use crate::database::Database;
use crate::post_office::{PostOffice, SMTP, Setup, now};
use crate::smtp_server::{Fault, Script, SmtpServer, What};
use std::collections::BTreeMap;
use tidings::app::delivery;
use tidings::app::editions::close;
use tidings::app::retry::{resend_failed, retry};
use tidings::problem::Problem;
use tidings::sql;
use tidings::store::deliveries::Wanted;
use tidings::store::restored::RESTORED;
use tidings::store::retry::Again;

const EDITION: &str = "weekly/2026-11-30T07:00Z";

async fn offices(port: u16) -> Vec<PostOffice> {
    let mut offices = vec![PostOffice::open(Setup::to(port)).await];
    if let Some(database) = Database::new().await {
        let setup = Setup {
            database: Some(database),
            smtp: SMTP,
            ..Setup::to(port)
        };
        offices.push(PostOffice::open(setup).await);
    }
    offices
}

async fn states(office: &PostOffice) -> BTreeMap<i64, String> {
    let list = delivery::list(
        &office.site,
        &Wanted {
            limit: i64::MAX,
            ..Wanted::default()
        },
    )
    .await
    .unwrap();
    list.into_iter()
        .map(|shown| (shown.id.parse().unwrap(), shown.state))
        .collect()
}

/// Readers 1 and 2 sent, 3 failed, 4 deferred, 5 unknown, 6 failed and left, 7 failed and bounced.
async fn with_outcomes(office: &PostOffice) {
    office.seed(7).await;
    for statement in [
        sql!("UPDATE deliveries SET state = 'sent', next_try = NULL, sent_at = 5 WHERE subscriber <= 2"),
        sql!(
            "UPDATE deliveries SET state = 'failed', code = 550, next_try = NULL WHERE subscriber IN (3, 6, 7)"
        ),
        sql!(
            "UPDATE deliveries SET state = 'deferred', code = 451, first_try = 5, next_try = 9999999999 WHERE subscriber = 4"
        ),
        sql!("UPDATE deliveries SET state = 'unknown', next_try = NULL WHERE subscriber = 5"),
        sql!("UPDATE subscriptions SET standing = 'unsubscribed' WHERE subscriber = 6"),
        sql!("UPDATE subscribers SET address_state = 'bounced' WHERE id = 7"),
    ] {
        office.site.store.write(statement).run().await.unwrap();
    }
}

fn again(states: &[&str]) -> Again {
    Again {
        states: states.iter().map(|&state| state.to_owned()).collect(),
        ..Again::default()
    }
}

async fn refused(done: impl Future<Output = anyhow::Result<u64>>) -> &'static str {
    done.await.unwrap_err().downcast::<Problem>().unwrap().code
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_of_an_edition_is_sent_again_with_its_message_id() {
    let server = SmtpServer::start(Script::default()).await;
    for office in offices(server.port).await {
        with_outcomes(&office).await;
        let site = &office.site;
        let id_of = async |subscriber: i64| {
            let list = delivery::list(
                site,
                &Wanted {
                    limit: 99,
                    ..Wanted::default()
                },
            )
            .await
            .unwrap();
            let wanted = Some(subscriber.to_string());
            let shown = list.into_iter().find(|shown| shown.subscriber == wanted).unwrap();
            shown.message_id.unwrap()
        };
        let before = id_of(3).await;
        let rest = again(&["deferred"]);
        assert_eq!(retry(site, &rest).await.unwrap(), 1);
        office.pass().await;
        close(&site.store, now()).await.unwrap();
        assert_eq!(site.store.edition(1).await.unwrap().unwrap().state, "done");

        assert_eq!(resend_failed(site, EDITION, false).await.unwrap(), 1);
        let open = site.store.edition(1).await.unwrap().unwrap();
        assert_eq!((open.state.as_str(), open.finished), ("sending", None));
        let sent = office.pass().await.counts.sent;
        assert_eq!(sent, 1);
        assert_eq!(id_of(3).await, before);
        assert_eq!(resend_failed(site, EDITION, false).await.unwrap(), 0);
        assert_eq!(resend_failed(site, EDITION, true).await.unwrap(), 1);
        assert_eq!(office.pass().await.counts.sent, 1);
        close(&site.store, now()).await.unwrap();
        assert_eq!(site.store.edition(1).await.unwrap().unwrap().state, "done");
        let states = states(&office).await.into_values().collect::<Vec<_>>();
        // Whoever left or bounced stays out.
        assert_eq!(
            states,
            ["sent", "sent", "sent", "sent", "sent", "failed", "failed"]
        );
        assert_eq!(
            refused(resend_failed(site, "weekly/none", false)).await,
            "unknown-edition"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_chosen_by_what_is_known_of_them() {
    let server = SmtpServer::start(Script::default()).await;
    for office in offices(server.port).await {
        with_outcomes(&office).await;
        let site = &office.site;
        let all = ["deferred", "failed", "unknown"];
        let by = |change: fn(&mut Again)| {
            let mut again = again(&all);
            change(&mut again);
            again
        };
        for (again, expected) in [
            (by(|again| again.domain = Some("example.org".to_owned())), 0),
            (by(|again| again.code = Some(451)), 1),
            (by(|again| again.edition = Some(EDITION.to_owned())), 3),
        ] {
            assert_eq!(retry(site, &again).await.unwrap(), expected, "{again:?}");
        }
        // A deferred one keeps its state and its first try; it is due now.
        assert_eq!(office.pass().await.counts.sent, 3);
        let ids: Vec<i64> = states(&office).await.into_keys().collect();
        let of = |id: i64| Again {
            ids: vec![id],
            ..again(&all)
        };
        assert_eq!(refused(retry(site, &of(ids[0]))).await, "delivery-settled");
        assert_eq!(refused(retry(site, &of(4711))).await, "unknown-delivery");
        // One of a dropped edition stays where it is.
        for statement in [
            sql!("UPDATE deliveries SET state = 'failed' WHERE subscriber = 3"),
            sql!("UPDATE editions SET state = 'dropped' WHERE id = 1"),
        ] {
            site.store.write(statement).run().await.unwrap();
        }
        assert_eq!(retry(site, &again(&all)).await.unwrap(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_again_is_failed_again() {
    let no = Fault {
        step: "rcpt",
        what: What::Say("550 5.1.1 nobody here"),
    };
    let script = Script {
        fault: Some(no),
        every: 1,
        ..Script::default()
    };
    let server = SmtpServer::start(script).await;
    for office in offices(server.port).await {
        office.seed(1).await;
        assert_eq!(office.pass().await.counts.failed, 1);
        assert_eq!(retry(&office.site, &again(&["failed"])).await.unwrap(), 1);
        assert_eq!(office.pass().await.counts.failed, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_after_its_edition_was_dropped_is_not_sent() {
    let server = SmtpServer::start(Script::default()).await;
    for office in offices(server.port).await {
        office.seed(3).await;
        // They were in a worker's hands when it was dropped: put back, put off, taken over.
        for statement in [
            sql!("UPDATE deliveries SET state = 'deferred' WHERE subscriber = 2"),
            sql!("UPDATE editions SET state = 'dropped', finished = 5 WHERE id = 1"),
        ] {
            office.site.store.write(statement).run().await.unwrap();
        }
        assert_eq!(office.pass().await.counts.sent, 0);
        let states: Vec<String> = states(&office).await.into_values().collect();
        assert_eq!(states, ["dropped", "dropped", "dropped"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restored_store_holds_back_is_not_due() {
    let server = SmtpServer::start(Script::default()).await;
    for office in offices(server.port).await {
        let store = &office.site.store;
        office.seed(1).await;
        assert!(store.next_delivery().await.unwrap().is_some());
        store.set_fact(RESTORED, "restored").await.unwrap();
        assert_eq!(store.next_delivery().await.unwrap(), None);
    }
}
