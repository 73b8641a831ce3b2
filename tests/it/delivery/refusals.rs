//! What a server refuses: whose fault it is, and what follows.

use super::{codes, copies, extra, one_pass, script};
use crate::post_office::{NOW, PostOffice, Setup};
use crate::site::Site;
use crate::smtp_server::{Script, SmtpServer, What};
use std::collections::BTreeMap;
use tidings::app::report::DeliveryCounts as Counts;
use tidings::clock::from_seconds;
use tidings::sql;

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_costs_one_reader_and_no_connection() {
    for pipelining in [true, false] {
        for (step, no) in [
            ("rcpt", "550 5.1.1 no such user"),
            ("data", "554 5.5.1 no valid recipients"),
            ("dot", "550 5.1.1 no such user"),
        ] {
            let (server, office, report) = one_pass(script(step, What::Say(no), pipelining)).await;
            let expected = Counts {
                sent: 18,
                failed: 3,
                ..Counts::default()
            };
            assert_eq!(report.counts, expected, "{step}");
            assert_eq!(codes(&report), ["delivery-failed"; 3], "{step}");
            assert!(
                report
                    .problems
                    .iter()
                    .all(|p| p.message.contains("r…@example.com")),
                "{step}"
            );
            assert_eq!((server.connections(), extra(&server)), (1, 0), "{step}");
            assert_eq!(
                office.states().await,
                BTreeMap::from([("failed".to_owned(), 3), ("sent".to_owned(), 18)])
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_refusal_is_tried_again_later() {
    for pipelining in [true, false] {
        for step in ["mail", "rcpt", "data", "dot"] {
            let (server, office, report) =
                one_pass(script(step, What::Say("450 4.2.1 not now"), pipelining)).await;
            let expected = Counts {
                sent: 18,
                deferred: 3,
                ..Counts::default()
            };
            assert_eq!(report.counts, expected, "{step}");
            assert!(report.problems.is_empty(), "{step}");
            assert_eq!((server.connections(), extra(&server)), (1, 0), "{step}");
            assert_eq!(
                office.pass().await.counts,
                Counts::default(),
                "{step}: it is not due yet"
            );
            let later = office.pass_at(from_seconds(NOW + 72)).await;
            assert_eq!(
                later.counts,
                Counts {
                    sent: 3,
                    ..Counts::default()
                },
                "{step}"
            );
            assert_eq!((copies(&server).len(), extra(&server)), (21, 0), "{step}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_senders_fault_holds_the_edition() {
    let refusals = [
        ("mail", "550 5.1.8 sender address rejected"),
        ("rcpt", "554 5.7.1 Relay access denied"),
        ("dot", "550 5.7.26 unauthenticated mail"),
        ("dot", "421 4.7.26 rate limited, since unauthenticated"),
        ("dot", "554 5.6.0 content refused"),
    ];
    for pipelining in [true, false] {
        for (step, no) in refusals {
            let (server, office, report) = one_pass(script(step, What::Say(no), pipelining)).await;
            let expected = Counts {
                sent: 6,
                queued: 15,
                ..Counts::default()
            };
            assert_eq!(report.counts, expected, "{step} {no}");
            assert_eq!(codes(&report), ["edition-held"], "{step} {no}");
            assert!(office.hold().await.unwrap().contains(&no[4..]), "{step} {no}");
            assert_eq!(server.count(), 6, "{step} {no}");
            let held = office.pass().await;
            assert_eq!((held.counts.sent, held.counts.queued), (0, 15), "{step} {no}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_edition_goes_on() {
    let (server, office, _) = one_pass(script("dot", What::Say("550 5.7.26 unauthenticated"), true)).await;
    let release = sql!("UPDATE editions SET held = NULL, hold_reason = NULL");
    office.site.store.write(release).run().await.unwrap();
    // The server counts envelopes that were taken back too, so it refuses a few more times.
    for _ in 0..6 {
        if office.pass().await.counts.queued == 0 {
            break;
        }
        office.site.store.write(release).run().await.unwrap();
    }
    assert_eq!(office.states().await, BTreeMap::from([("sent".to_owned(), 21)]));
    assert_eq!((copies(&server).len(), extra(&server)), (21, 0));
}

/// Also when that mail is the only one left, so that no other is answered beside it.
#[tokio::test(flavor = "multi_thread")]
async fn one_reader_who_breaks_every_connection_stops_nobody_and_is_given_up() {
    let (server, office, report) = one_pass(Script {
        only: Some("reader5@"),
        ..script("rcpt", What::Drop, true)
    })
    .await;
    let expected = Counts {
        sent: 20,
        deferred: 1,
        ..Counts::default()
    };
    assert_eq!(report.counts, expected);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!((copies(&server).len(), extra(&server)), (20, 0));
    let later = office.pass_at(from_seconds(NOW + 72)).await;
    assert_eq!((later.counts.deferred, codes(&later)), (1, vec![]));
    let last = office.pass_at(from_seconds(NOW + 3 * 86_400)).await;
    assert_eq!((last.counts.failed, codes(&last)), (1, vec!["delivery-failed"]));
    assert_eq!(office.states().await["failed"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_larger_than_the_server_takes_holds_the_edition() {
    let (server, _office, report) = one_pass(Script {
        size: Some(500),
        ..Script::default()
    })
    .await;
    assert_eq!((report.counts.queued, report.counts.failed), (21, 0));
    assert_eq!(codes(&report), ["edition-held"]);
    assert!(server.lines().iter().all(|line| !line.starts_with("MAIL")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_mail_and_takes_the_rest_gets_no_empty_mail() {
    let (server, office, report) = one_pass(Script {
        heedless: true,
        ..script("mail", What::Say("451 4.3.0 later"), true)
    })
    .await;
    assert_eq!((report.counts.sent, report.counts.deferred), (18, 3));
    assert_eq!((copies(&server).len(), extra(&server)), (18, 0));
    assert_eq!(office.states().await["deferred"], 3);
}

#[test]
fn blocked_mail_is_told_by_every_pass_until_somebody_has_looked() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let start = |step, what| {
        let script = Script {
            every: 1,
            ..script(step, what, true)
        };
        runtime.block_on(SmtpServer::start(script))
    };
    let to = |server: &SmtpServer| format!("[smtp]\nurl = \"smtp://127.0.0.1:{}\"\n", server.port);
    let refusing = start("greeting", What::Say("554 5.7.1 go away"));
    let holding = start("mail", What::Say("550 5.1.8 no such sender"));
    let willing = start("none", What::Drop);
    let site = Site::new().with(&to(&refusing));
    for more in [&["--now", "weekly"][..], &[]] {
        let run = site.try_publish(more);
        assert_eq!((run.status, run.codes()), (1, vec!["relay-refused".to_owned()]));
    }
    let site = site.replacing(&to(&refusing), &to(&holding));
    for _ in 0..2 {
        let run = site.try_publish(&[]);
        assert_eq!((run.status, run.codes()), (1, vec!["edition-held".to_owned()]));
    }
    let site = site.replacing(&to(&holding), &to(&willing));
    assert_eq!(site.try_publish(&[]).status, 1);
    let released = site.ask(&["editions", "release", "weekly/now/1"]);
    assert_eq!(released["editions"][0]["state"], "sending");
    assert_eq!(site.publish(&[])["deliveries"]["sent"], 1);
    assert_eq!(copies(&willing).len(), 1);
    assert_eq!(site.run(&["editions", "release", "weekly/now/1"]).status, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_the_server_cannot_take_fails_cleanly() {
    for utf8 in [false, true] {
        let server = SmtpServer::start(Script {
            utf8,
            ..Script::default()
        })
        .await;
        let office = PostOffice::open(Setup::to(server.port)).await;
        office.seed(3).await;
        let rename = sql!("UPDATE subscribers SET address = 'zoë@example.com' WHERE id = 2");
        office.site.store.write(rename).run().await.unwrap();
        let report = office.pass().await;
        let failed = u64::from(!utf8);
        assert_eq!((report.counts.sent, report.counts.failed), (3 - failed, failed));
        let asked = server.lines().iter().any(|line| line.ends_with("SMTPUTF8"));
        assert_eq!(
            (asked, copies(&server).contains_key("zoë@example.com")),
            (utf8, utf8)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_left_or_bounced_since_the_fill_gets_nothing() {
    let server = SmtpServer::start(Script::default()).await;
    let office = PostOffice::open(Setup::to(server.port)).await;
    office.seed(5).await;
    for change in [
        sql!("UPDATE subscriptions SET standing = 'unsubscribed' WHERE subscriber = 2"),
        sql!("UPDATE subscribers SET address_state = 'complained' WHERE id = 3"),
        sql!("DELETE FROM subscriptions WHERE subscriber = 4"),
    ] {
        office.site.store.write(change).run().await.unwrap();
    }
    let report = office.pass().await;
    assert_eq!(
        report.counts,
        Counts {
            sent: 2,
            suppressed: 3,
            ..Counts::default()
        }
    );
    assert_eq!(
        copies(&server).keys().collect::<Vec<_>>(),
        ["reader1@example.com", "reader5@example.com"]
    );
}
