//! Connections that break, hang, or say what nobody asked: only a mail whose answer was lost may have a
//! second copy.

use super::{READERS, codes, copies, extra, one_pass, script};
use crate::post_office::{NOW, PostOffice, Setup};
use crate::smtp_server::{Script, SmtpServer, What};
use std::time::Duration;
use tidings::app::delivery::list;
use tidings::app::report::DeliveryCounts as Counts;
use tidings::clock::from_seconds;
use tidings::store::deliveries::Wanted;

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_before_the_dot_costs_nothing() {
    for pipelining in [true, false] {
        for step in ["mail", "rcpt", "data"] {
            for what in [
                What::Drop,
                What::Hang,
                What::Garbage,
                What::Say("421 4.3.2 closing"),
            ] {
                let (server, _office, report) = one_pass(script(step, what, pipelining)).await;
                assert_eq!(
                    report.counts,
                    Counts {
                        sent: 21,
                        ..Counts::default()
                    },
                    "{step} {what:?}"
                );
                assert_eq!(extra(&server), 0, "{step} {what:?}");
                assert!(server.connections() >= 4, "{step} {what:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_mail_whose_answer_was_lost_is_sent_twice() {
    for pipelining in [true, false] {
        for what in [What::Drop, What::Hang, What::Garbage] {
            let (server, _office, report) = one_pass(script("dot", what, pipelining)).await;
            let expected = Counts {
                sent: 21,
                in_doubt: 3,
                ..Counts::default()
            };
            assert_eq!(report.counts, expected, "{what:?}");
            assert_eq!((copies(&server).len(), extra(&server)), (21, 3), "{what:?}");
        }
        let (server, _office, report) =
            one_pass(script("dot", What::Say("421 4.3.2 closing"), pipelining)).await;
        assert_eq!(
            report.counts,
            Counts {
                sent: 18,
                deferred: 3,
                ..Counts::default()
            }
        );
        assert_eq!(extra(&server), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_doubt_can_be_left() {
    let server = SmtpServer::start(script("dot", What::Drop, true)).await;
    let office = PostOffice::open(Setup {
        delivery: "in_doubt = \"leave\"",
        ..Setup::to(server.port)
    })
    .await;
    office.seed(READERS).await;
    let report = office.pass().await;
    let expected = Counts {
        sent: 18,
        unknown: 3,
        in_doubt: 3,
        ..Counts::default()
    };
    assert_eq!((report.counts, extra(&server)), (expected, 0));
    assert_eq!(
        office.pass_at(from_seconds(NOW + 90_000)).await.counts,
        Counts::default()
    );
}

/// Text that is not UTF-8, a code without text, a bare LF: replies that real servers give.
#[tokio::test(flavor = "multi_thread")]
async fn odd_replies_are_replies() {
    for step in ["greeting", "mail", "rcpt", "data", "dot"] {
        for what in [What::Latin1, What::Bare, What::Lf] {
            let (server, _office, report) = one_pass(script(step, what, true)).await;
            assert_eq!(
                report.counts,
                Counts {
                    sent: 21,
                    ..Counts::default()
                },
                "{step} {what:?}"
            );
            assert_eq!((server.connections(), extra(&server)), (1, 0), "{step} {what:?}");
        }
    }
}

/// "354 go ahead" with a "250 taken" behind it: taken for the answer to the dot, a refused mail would
/// count as sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_reply_nobody_asked_for_is_no_answer() {
    for pipelining in [true, false] {
        let what = What::SayMore("250 2.0.0 taken");
        let (server, _office, report) = one_pass(script("data", what, pipelining)).await;
        assert_eq!(
            report.counts,
            Counts {
                sent: 21,
                ..Counts::default()
            }
        );
        assert_eq!((copies(&server).len(), extra(&server)), (21, 0));
        assert!(server.connections() >= 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_not_there_ends_the_pass_and_nobody_is_blamed() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let office = PostOffice::open(Setup {
        smtp: "connections = 4",
        ..Setup::to(port)
    })
    .await;
    office.seed(READERS).await;
    let began = std::time::Instant::now();
    let report = office.pass().await;
    assert!(began.elapsed() >= Duration::from_secs(4));
    assert_eq!(
        report.counts,
        Counts {
            queued: 21,
            ..Counts::default()
        }
    );
    assert_eq!(codes(&report), ["relay-unreachable"]);
    let all = list(
        &office.site,
        &Wanted {
            limit: 100,
            ..Wanted::default()
        },
    )
    .await
    .unwrap();
    assert!(
        all.iter()
            .all(|delivery| delivery.attempts == 0 && delivery.state == "queued")
    );
}

/// It accepts connections and mail, and never says what it thinks of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_ends_the_pass() {
    for (step, in_doubt) in [("greeting", false), ("mail", false), ("dot", true)] {
        let server = SmtpServer::start(Script {
            every: 1,
            ..script(step, What::Hang, true)
        })
        .await;
        let office = PostOffice::open(Setup::to(server.port)).await;
        office.seed(READERS).await;
        let report = office.pass().await;
        assert_eq!(codes(&report), ["relay-unreachable"], "{step}");
        assert_eq!((report.counts.sent, report.counts.queued), (0, 21), "{step}");
        assert_eq!(report.counts.in_doubt > 0, in_doubt, "{step}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_breaks_every_connection_is_named() {
    for (step, doubts) in [("mail", 0), ("rcpt", 0), ("data", 0), ("dot", 2 * 21)] {
        let (_server, _office, report) = one_pass(Script {
            every: 1,
            ..script(step, What::Drop, true)
        })
        .await;
        assert_eq!(codes(&report), ["relay-unreachable"], "{step}");
        let counts = (report.counts.queued, report.counts.in_doubt);
        assert_eq!(counts, (21, doubts), "{step}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_wants_nothing_of_us_ends_the_pass_at_once() {
    let (_server, _office, report) = one_pass(script("greeting", What::Say("554 5.7.1 go away"), true)).await;
    assert_eq!(codes(&report), ["relay-refused"]);
    assert_eq!(
        report.counts,
        Counts {
            queued: 21,
            ..Counts::default()
        }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lmtp_takes_mail_too() {
    let server = SmtpServer::start(Script {
        lmtp: true,
        ..Script::default()
    })
    .await;
    let office = PostOffice::open(Setup::with(format!("lmtp://127.0.0.1:{}", server.port))).await;
    office.seed(3).await;
    assert_eq!(office.pass().await.counts.sent, 3);
    assert!(server.lines().contains(&"LHLO client.example".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_and_pace_are_bounded() {
    let server = SmtpServer::start(Script::default()).await;
    let office = PostOffice::open(Setup {
        smtp: "connections = 4\nrate = 100",
        ..Setup::to(server.port)
    })
    .await;
    office.seed(120).await;
    let began = std::time::Instant::now();
    assert_eq!(office.pass().await.counts.sent, 120);
    assert!(
        began.elapsed() >= Duration::from_millis(1150),
        "{:?}",
        began.elapsed()
    );
    assert!(server.connections() <= 4);
}
