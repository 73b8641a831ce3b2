//! What is planned, and what answers mean.

use super::*;
use crate::articles::card::Card;
use url::Url;

fn site_url() -> Url {
    Url::parse("https://example.org/").unwrap()
}

fn now() -> Instant {
    crate::clock::from_seconds(1_800_000_000)
}

fn feed(path: &str) -> ChangedFeed {
    ChangedFeed {
        url: site_url().join(path).unwrap(),
        version: "1 abc".to_owned(),
    }
}

fn card(number: i64) -> Card {
    Card {
        id: format!("id-{number}"),
        source: "posts".to_owned(),
        url: format!("https://example.org/{number}"),
        title: "A title".to_owned(),
        authors: Vec::new(),
        categories: vec!["Boats & Birds".to_owned(), format!("c{number}"), "a|b".to_owned()],
        published: now(),
        hash: String::new(),
        number: Some(number),
    }
}

fn planned(feeds: &[&str], articles: i64, kinds: &[PingKind]) -> Vec<Planned> {
    let url = site_url();
    let feeds: Vec<_> = feeds.iter().map(|path| feed(path)).collect();
    let articles: Vec<_> = (1..=articles).map(card).collect();
    let endpoints = kinds
        .iter()
        .map(|kind| (*kind, "https://hub.example/".to_owned()))
        .collect();
    let site = Site {
        title: "Ann's <Notes>",
        url: &url,
        feeds_url: &url,
        endpoints,
    };
    plan(
        &Changes {
            feeds: &feeds,
            articles: &articles,
        },
        &site,
    )
}

fn answer(status: u16, body: &[u8]) -> Answer<'_> {
    Answer {
        status,
        retry_after: None,
        location: None,
        body,
        whole: true,
    }
}

fn judged(kind: PingKind, answer: &Answer<'_>) -> Verdict {
    let request = planned(&["rss.xml"], 1, &[kind])[0].request.clone();
    judge(kind, &request, answer, now()).0
}

#[test]
fn a_pass_that_changed_nothing_plans_nothing() {
    assert_eq!(planned(&[], 0, &[PingKind::Websub, PingKind::Xmlrpc]), []);
}

#[test]
fn a_hub_is_told_each_changed_topic() {
    let all = planned(&["rss.xml", "category/nàme/feed.json"], 0, &[PingKind::Websub]);
    let bodies: Vec<_> = all.iter().map(|ping| ping.request.body.as_str()).collect();
    let topic = "https%3A%2F%2Fexample.org%2Frss.xml";
    assert_eq!(
        bodies[0],
        format!("hub.mode=publish&hub.url={topic}&hub.topic={topic}")
    );
    assert_eq!(
        all[1].subjects,
        ["https://example.org/category/n%C3%A0me/feed.json"]
    );
    assert_eq!(all.len(), 2);
    assert_ne!(all[0].change, all[1].change);
}

#[test]
fn an_aggregator_is_told_once_what_was_announced_together() {
    let one = &planned(&["rss.xml"], 1, &[PingKind::Xmlrpc])[0];
    insta::assert_snapshot!(one.request.body, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <methodCall><methodName>weblogUpdates.extendedPing</methodName><params><param><value><string>Ann&apos;s &lt;Notes&gt;</string></value></param><param><value><string>https://example.org/</string></value></param><param><value><string>https://example.org/1</string></value></param><param><value><string>https://example.org/rss.xml</string></value></param><param><value><string>Boats &amp; Birds|c1</string></value></param></params></methodCall>
    "#);
    let many = planned(&[], 3, &[PingKind::Xmlrpc]);
    assert_eq!(many.len(), 1);
    assert_eq!(many[0].subjects.len(), 3);
    assert_eq!(many[0].change, "xmlrpc articles 1-3");
    assert!(
        many[0]
            .request
            .simpler
            .as_ref()
            .unwrap()
            .body
            .contains("<methodName>weblogUpdates.ping<")
    );
}

#[test]
fn a_hub_succeeds_with_any_2xx() {
    for status in [200, 202, 204, 299] {
        assert_eq!(judged(PingKind::Websub, &answer(status, b"")), Verdict::Done);
    }
    for status in [301, 308, 400, 401, 404, 410, 422] {
        assert_eq!(
            judged(PingKind::Websub, &answer(status, b"")),
            Verdict::Failed,
            "{status}"
        );
    }
    for status in [408, 429, 500, 502, 503] {
        assert_eq!(
            judged(PingKind::Websub, &answer(status, b"")),
            Verdict::Later(None),
            "{status}"
        );
    }
}

#[test]
fn an_endpoint_may_say_when_to_come_back() {
    let asks = |text| {
        judged(
            PingKind::Websub,
            &Answer {
                retry_after: Some(text),
                ..answer(503, b"")
            },
        )
    };
    assert_eq!(asks("120"), Verdict::Later(Some(now() + TimeDelta::seconds(120))));
    let date = "Fri, 15 Jan 2027 08:10:00 GMT";
    assert_eq!(asks(date), Verdict::Later(Some(now() + TimeDelta::minutes(10))));
    for nonsense in ["soon", "-5", "99999999999999", ""] {
        assert_eq!(asks(nonsense), Verdict::Later(None), "{nonsense}");
    }
}

#[test]
fn an_aggregator_tells_success_in_the_body() {
    let good = b"<methodResponse><params><param><value><boolean>0</boolean></value></param></params></methodResponse>";
    assert_eq!(judged(PingKind::Xmlrpc, &answer(200, good)), Verdict::Done);
    assert_eq!(judged(PingKind::Xmlrpc, &answer(200, b"OK")), Verdict::Failed);
    assert_eq!(
        judged(PingKind::Xmlrpc, &answer(200, &good[..40])),
        Verdict::Failed
    );
    let broken = Answer {
        whole: false,
        ..answer(200, &good[..40])
    };
    assert_eq!(judged(PingKind::Xmlrpc, &broken), Verdict::Later(None));
    assert_eq!(judged(PingKind::Xmlrpc, &answer(500, good)), Verdict::Later(None));
}

#[test]
fn an_aggregator_that_does_not_know_the_method_gets_the_plain_one_once() {
    let fault = |code: &str, text: &str| {
        format!(
            "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>{code}</int></value></member>\
             <member><name>faultString</name><value>{text}</value></member></struct></value></fault></methodResponse>"
        )
    };
    let request = planned(&[], 1, &[PingKind::Xmlrpc])[0].request.clone();
    for body in [fault("-32601", "?"), fault("1", "No such Method.")] {
        let (verdict, _) = judge(PingKind::Xmlrpc, &request, &answer(200, body.as_bytes()), now());
        let Verdict::Simpler(simpler) = verdict else {
            panic!("{verdict:?}")
        };
        let (verdict, text) = judge(PingKind::Xmlrpc, &simpler, &answer(200, body.as_bytes()), now());
        assert_eq!(verdict, Verdict::Failed);
        assert!(text.starts_with("fault"));
    }
    let (verdict, _) = judge(
        PingKind::Xmlrpc,
        &request,
        &answer(200, fault("4", "slow down").as_bytes()),
        now(),
    );
    assert_eq!(verdict, Verdict::Failed);
}

#[test]
fn waits_grow_are_capped_and_end() {
    let minutes = |attempts, asked: Option<i64>| {
        let asked = asked.map(|minutes| now() + TimeDelta::minutes(minutes));
        next_try(attempts, now(), now(), asked).map(|at| (at - now()).num_minutes())
    };
    let waits: Vec<_> = (1..=8).map(|attempts| minutes(attempts, None).unwrap()).collect();
    assert_eq!(waits, [1, 5, 15, 60, 120, 240, 240, 240]);
    assert_eq!(minutes(1, Some(30)), Some(30));
    assert_eq!(minutes(1, Some(-30)), Some(1));
    assert_eq!(minutes(1, Some(i64::from(u32::MAX))), Some(24 * 60));
    assert_eq!(next_try(9, now() - TimeDelta::days(2), now(), None), None);
}

#[test]
fn answers_are_kept_short_and_on_one_line() {
    let long = "word\n\u{1b}[31m ".repeat(100);
    let (_, text) = judge(
        PingKind::Websub,
        &planned(&["rss.xml"], 0, &[PingKind::Websub])[0].request,
        &answer(400, long.as_bytes()),
        now(),
    );
    assert!(text.chars().count() <= KEPT + 4 && text.ends_with('…'), "{text}");
    assert!(!text.chars().any(char::is_control));
}
