//! Every fault at every step, with and without PIPELINING: nobody is lost, and the only second copies
//! are those of mails whose answer was lost.

use crate::post_office::{NOW, PostOffice, Setup, now, private_postgres};
use crate::smtp_server::{Fault, Script, Security, SmtpServer, What};
use std::collections::BTreeMap;
use std::time::Duration;
use tidings::app::delivery::{DeliveryReport, list};
use tidings::app::report::DeliveryCounts as Counts;
use tidings::clock::from_seconds;
use tidings::sql;
use tidings::store::deliveries::Wanted;

const READERS: i64 = 21;

fn script(step: &'static str, what: What, pipelining: bool) -> Script {
    Script {
        pipelining,
        fault: Some(Fault { step, what }),
        ..Script::default()
    }
}

/// An edition to 21 readers, to a server that misbehaves at every seventh mail, in one pass.
async fn one_pass(script: Script) -> (SmtpServer, PostOffice, DeliveryReport) {
    let server = SmtpServer::start(script).await;
    let office = PostOffice::open(Setup::to(server.port)).await;
    office.seed(READERS).await;
    let report = office.pass().await;
    (server, office, report)
}

/// How many copies each reader has, all of one reader's with one Message-ID.
fn copies(server: &SmtpServer) -> BTreeMap<String, usize> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for taken in server.taken() {
        ids.entry(taken.to).or_default().push(taken.message_id);
    }
    for (reader, ids) in &ids {
        assert!(
            !ids[0].is_empty() && ids.iter().all(|id| *id == ids[0]),
            "{reader} {ids:?}"
        );
    }
    ids.into_iter().map(|(reader, ids)| (reader, ids.len())).collect()
}

fn extra(server: &SmtpServer) -> usize {
    copies(server).values().map(|copies| copies - 1).sum()
}

fn codes(report: &DeliveryReport) -> Vec<&str> {
    report.problems.iter().map(|problem| problem.code).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_get_it_over_one_connection() {
    for pipelining in [true, false] {
        let (server, office, report) = one_pass(Script {
            pipelining,
            ..Script::default()
        })
        .await;
        assert_eq!(
            report.counts,
            Counts {
                sent: 21,
                ..Counts::default()
            }
        );
        assert_eq!(
            (server.connections(), copies(&server).len(), extra(&server)),
            (1, 21, 0)
        );
        assert!(report.problems.is_empty());
        let again = office.pass().await;
        assert_eq!((again.counts, server.count()), (Counts::default(), 21));
    }
}

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

#[tokio::test(flavor = "multi_thread")]
async fn one_reader_who_breaks_every_connection_stops_nobody() {
    let (server, office, report) = one_pass(Script {
        only: Some("reader5@"),
        ..script("rcpt", What::Drop, true)
    })
    .await;
    assert_eq!(
        report.counts,
        Counts {
            sent: 20,
            queued: 1,
            ..Counts::default()
        }
    );
    assert_eq!((copies(&server).len(), extra(&server)), (20, 0));
    assert_eq!(office.states().await["queued"], 1);
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
async fn a_mail_that_is_too_large_or_an_address_the_server_cannot_take_fails_cleanly() {
    let (server, _office, report) = one_pass(Script {
        size: Some(500),
        ..Script::default()
    })
    .await;
    assert_eq!(
        report.counts,
        Counts {
            failed: 21,
            ..Counts::default()
        }
    );
    assert!(server.lines().iter().all(|line| !line.starts_with("MAIL")));

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
async fn an_address_with_a_command_never_reaches_the_wire() {
    let bad = [
        "a@x.example>\r\nRCPT TO:<victim@example.net",
        "a\r\nDATA@x.example",
        "a@x.example\nMAIL FROM:<b@example.net>",
        "<a>@x.example",
        "a b@x.example",
        "",
    ];
    let server = SmtpServer::start(Script::default()).await;
    let office = PostOffice::open(Setup::to(server.port)).await;
    office.seed(7).await;
    for (id, address) in (2_i64..).zip(bad) {
        office
            .site
            .store
            .write(sql!(
                "UPDATE subscribers SET address = $2, name = $2 WHERE id = $1"
            ))
            .bind(id)
            .bind(address)
            .run()
            .await
            .unwrap();
    }
    let report = office.pass().await;
    assert_eq!((report.counts.sent, report.counts.failed), (1, 6));
    assert_eq!(
        copies(&server).keys().collect::<Vec<_>>(),
        ["reader1@example.com"]
    );
    for line in server.lines() {
        assert!(
            !line.contains("victim") && !line.contains("example.net"),
            "{line}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_cannot_leave_its_header() {
    let server = SmtpServer::start(Script::default()).await;
    let office = PostOffice::open(Setup::to(server.port)).await;
    office.seed(1).await;
    let rename = sql!("UPDATE subscribers SET name = $1");
    let name = "Ann\r\nBcc: victim@example.net\r\n\r\n.\r\nMAIL FROM:<x@example.net> <b>&\"";
    office.site.store.write(rename).bind(name).run().await.unwrap();
    office.pass().await;
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    let (head, _) = taken[0].message.split_once("\r\n\r\n").unwrap();
    assert!(head.lines().all(|line| !line.starts_with("Bcc")), "{head}");
    let message = mail_parser::MessageParser::default()
        .parse(taken[0].message.as_bytes())
        .unwrap();
    let html = message.body_html(0).unwrap();
    assert!(
        html.contains("&lt;b&gt;&amp;&quot;") && !html.contains("<b>"),
        "{html}"
    );
    let shown = message
        .to()
        .and_then(|to| to.first())
        .and_then(|to| to.name())
        .unwrap();
    assert!(shown.starts_with("Ann") && shown.ends_with("<b>&\""), "{shown}");
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

#[tokio::test(flavor = "multi_thread")]
async fn starttls_and_tls_with_login() {
    for security in [Security::StartTls, Security::Implicit] {
        for mechanisms in ["PLAIN LOGIN", "LOGIN"] {
            let server = secured(security, (mechanisms, "ann", "secret")).await;
            let report = secured_pass(&server, security, true).await;
            assert_eq!(
                report.counts,
                Counts {
                    sent: 3,
                    ..Counts::default()
                },
                "{security:?} {mechanisms}"
            );
        }
        let server = secured(security, ("PLAIN", "ann", "other")).await;
        let report = secured_pass(&server, security, true).await;
        assert_eq!(codes(&report), ["relay-refused"]);
        assert!(!format!("{:?}", report.problems).contains("secret"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_that_fits_nothing_is_said() {
    for (security, trusted) in [
        (Security::StartTls, false),
        (Security::Implicit, false),
        (Security::Plain, true),
        (Security::StartTlsWithInjection, true),
    ] {
        let server = secured(security, ("PLAIN", "ann", "secret")).await;
        let report = secured_pass(&server, security, trusted).await;
        assert_eq!(codes(&report), ["relay-refused"], "{security:?}");
        let said = server.lines();
        let secret = |line: &String| line.starts_with("AUTH") || line.starts_with("MAIL");
        assert!(!said.iter().any(secret), "{said:?}");
    }
}

async fn secured(security: Security, login: (&'static str, &'static str, &'static str)) -> SmtpServer {
    SmtpServer::start(Script {
        security,
        login: Some(login),
        ..Script::default()
    })
    .await
}

/// Asks for TLS, whatever the server does.
async fn secured_pass(server: &SmtpServer, security: Security, trusted: bool) -> DeliveryReport {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), &server.certificate).unwrap();
    let (scheme, port) = match security {
        Security::Implicit => ("smtps", server.port),
        _ => ("smtp", server.port),
    };
    let office = PostOffice::open_in(
        folder.path(),
        Setup {
            smtp: match trusted {
                true => "connections = 1\ntls = \"required\"\npassword = \"secret\"\nca = \"ca.pem\"",
                false => "connections = 1\ntls = \"required\"\npassword = \"secret\"",
            },
            ..Setup::with(format!("{scheme}://ann@localhost:{port}"))
        },
    )
    .await;
    office.seed(3).await;
    office.pass().await
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

#[tokio::test(flavor = "multi_thread")]
async fn the_message_is_one_that_mail_programs_read() {
    let (server, office, _) = one_pass(Script::default()).await;
    let taken = &server.taken()[0];
    let message = mail_parser::MessageParser::default()
        .parse(taken.message.as_bytes())
        .unwrap();
    assert_eq!(message.subject(), Some("What is new – this week"));
    assert_eq!(message.text_bodies().count(), 1);
    assert_eq!(message.html_bodies().count(), 1);
    let text = message.body_text(0).unwrap();
    assert!(
        text.starts_with("Hello Reader 1,\r\n.\r\n..two\r\nhttps://news.example.org/unsubscribe/"),
        "{text}"
    );
    for header in [
        "List-Id: Weekly News <weekly.news.example.org>",
        "List-Unsubscribe: <https://news.example.org/unsubscribe/",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Precedence: bulk",
        "Feedback-ID: 1:weekly:tidings",
        "MIME-Version: 1.0",
        "Date: Mon, 30 Nov 2026 07:00:00 +0000",
        "To: \"Reader 1\" <reader1@example.com>",
    ] {
        assert!(
            taken.message.contains(&format!("\r\n{header}")),
            "{header} in {}",
            taken.message
        );
    }
    let listed = list(
        &office.site,
        &Wanted {
            limit: 1,
            ..Wanted::default()
        },
    )
    .await
    .unwrap();
    assert_eq!(listed[0].message_id.as_deref(), Some(taken.message_id.as_str()));
    assert_eq!(
        (listed[0].state.as_str(), listed[0].code, listed[0].attempts),
        ("sent", Some(250), 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_can_be_asked_for() {
    let (_server, office, _) = one_pass(script("rcpt", What::Say("550 5.1.1 no such user"), true)).await;
    let count = async |wanted: Wanted| list(&office.site, &wanted).await.unwrap().len();
    let all = Wanted {
        limit: 100,
        ..Wanted::default()
    };
    assert_eq!(count(all.clone()).await, 21);
    assert_eq!(
        count(Wanted {
            state: Some("failed".to_owned()),
            ..all.clone()
        })
        .await,
        3
    );
    assert_eq!(
        count(Wanted {
            code: Some(550),
            ..all.clone()
        })
        .await,
        3
    );
    assert_eq!(
        count(Wanted {
            domain: Some("EXAMPLE.com".to_owned()),
            ..all.clone()
        })
        .await,
        21
    );
    assert_eq!(
        count(Wanted {
            domain: Some("ample.com".to_owned()),
            ..all.clone()
        })
        .await,
        0
    );
    assert_eq!(
        count(Wanted {
            domain: Some("%".to_owned()),
            ..all.clone()
        })
        .await,
        0
    );
    assert_eq!(
        count(Wanted {
            edition: Some("weekly/2026-11-30T07:00Z".to_owned()),
            ..all.clone()
        })
        .await,
        21
    );
    assert_eq!(
        count(Wanted {
            edition: Some("x".to_owned()),
            ..all.clone()
        })
        .await,
        0
    );
    assert_eq!(count(Wanted { after: 20, ..all }).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maildir_holds_one_file_a_delivery() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let outbox = folder.path().join("outbox");
    let office = PostOffice::open(Setup::with(format!("maildir:{}", outbox.display()))).await;
    office.seed(3).await;
    assert_eq!(
        office.pass().await.counts,
        Counts {
            sent: 3,
            ..Counts::default()
        }
    );
    let files = |part: &str| {
        let mut files: Vec<_> = std::fs::read_dir(outbox.join(part))
            .unwrap()
            .map(|f| f.unwrap().path())
            .collect();
        files.sort();
        files
    };
    let new = files("new");
    assert_eq!((new.len(), files("tmp").len(), files("cur").len()), (3, 0, 0));
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&new[0]), mode(&outbox), mode(&outbox.join("new"))),
        (0o600, 0o700, 0o700)
    );
    let first = std::fs::read_to_string(&new[0]).unwrap();
    let start = "Return-Path: <news@news.example.org>\nDelivered-To: reader1@example.com\n";
    assert!(first.starts_with(start) && !first.contains('\r'), "{first}");

    // A repeat overwrites.
    let again = sql!("UPDATE deliveries SET state = 'queued', next_try = 0 WHERE id = 1");
    office.site.store.write(again).run().await.unwrap();
    assert_eq!(office.pass().await.counts.sent, 1);
    assert_eq!(files("new"), new);
    assert_eq!(std::fs::read_to_string(&new[0]).unwrap(), first);
}

/// Root may write anywhere, so the way is barred with a file where a folder must be.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_takes_no_mail_keeps_it_queued() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = folder.path().join("outbox");
    std::fs::write(&outbox, "in the way").unwrap();
    let office = PostOffice::open(Setup::with(format!("maildir:{}", outbox.display()))).await;
    office.seed(3).await;
    let report = office.pass().await;
    assert_eq!(codes(&report), ["maildir-unwritable"]);
    assert_eq!(report.problems[0].file.as_deref(), outbox.to_str());
    assert_eq!(
        report.counts,
        Counts {
            queued: 3,
            ..Counts::default()
        }
    );
    std::fs::remove_file(&outbox).unwrap();
    assert_eq!(
        office.pass().await.counts,
        Counts {
            sent: 3,
            ..Counts::default()
        }
    );
}

/// The core of it on the other database: faults, a hold, a worker that died and one that lives.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_postgresql() {
    let Some(database) = private_postgres().await else {
        return;
    };
    let server = SmtpServer::start(Script {
        only: Some("reader7@"),
        ..script("dot", What::Drop, true)
    })
    .await;
    let office = PostOffice::open(Setup {
        database: Some(database),
        smtp: "connections = 3",
        ..Setup::to(server.port)
    })
    .await;
    office.seed(200).await;
    let store = &office.site.store;
    // A worker that died with two claims, the first of them in doubt, and with a lease that goes on.
    store.begin_worker("dead", 2).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.claim("dead", 0, 1, NOW, 2).await.unwrap().len(), 2);
    tx.commit().await.unwrap();
    let report = office.pass().await;
    assert_eq!(report.counts.sent, 199, "{report:?}");
    assert_eq!((copies(&server).len(), extra(&server)), (200, 1));
    // Reader 7's answer never comes: tried twice, then it waits. The third is the dead worker's.
    assert_eq!((report.counts.in_doubt, report.counts.queued), (3, 1));
    assert_eq!(store.workers().await.unwrap(), []);
    assert_eq!(office.pass_at(now()).await.counts.sent, 0);
    let listed = list(
        &office.site,
        &Wanted {
            limit: 3,
            ..Wanted::default()
        },
    )
    .await
    .unwrap();
    assert_eq!(listed[0].attempts, 2, "the one in doubt is counted");
    assert_eq!(listed[1].attempts, 1, "the other was never begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_outcome_changes_no_row() {
    for postgres in [false, true] {
        let database = if postgres { private_postgres().await } else { None };
        if postgres && database.is_none() {
            return;
        }
        let office = PostOffice::open(Setup {
            database,
            ..Setup::to(1)
        })
        .await;
        office.seed(2).await;
        let store = &office.site.store;
        store.begin_worker("slow", 0).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let claimed = tx.claim("slow", 0, 1, NOW, 2).await.unwrap();
        assert!(tx.bury("slow", true).await.unwrap());
        let taken = tx.take_over("slow", NOW, false).await.unwrap();
        assert_eq!((taken.in_doubt, taken.put_back), (1, 1));
        assert!(!tx.is_worker("slow").await.unwrap());
        let again = tx.claim("quick", 0, 1, NOW, 1).await.unwrap();
        assert_eq!(
            (again[0].id, again[0].attempts, again[0].doubts),
            (claimed[0].id, 1, 1)
        );
        let outcome = tidings::store::deliveries::Outcome {
            id: claimed[0].id,
            turn: claimed[0].turn,
            state: tidings::store::deliveries::State::Failed,
            tried: true,
            in_doubt: false,
            code: Some(550),
            reply: Some("no".to_owned()),
            relay: None,
            next_try: None,
            at: NOW,
            hold: None,
        };
        assert_eq!(tx.settle("slow", &[&outcome]).await.unwrap(), 0);
        assert_eq!(tx.settle("quick", &[&outcome]).await.unwrap(), 1);
        tx.commit().await.unwrap();
    }
}
