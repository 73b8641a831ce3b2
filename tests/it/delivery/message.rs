//! What reaches the wire: messages, names and addresses.

use super::{copies, one_pass, script};
use crate::post_office::{PostOffice, Setup};
use crate::smtp_server::{Script, SmtpServer, What};
use tidings::app::delivery::list;
use tidings::sql;
use tidings::store::deliveries::Wanted;

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
