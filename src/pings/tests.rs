//! What is planned, and what answers mean.

use super::*;
use crate::articles::card::Card;
use chrono::TimeDelta;
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
        authors: [].into(),
        categories: ["Boats & Birds".to_owned(), format!("c{number}"), "a|b".to_owned()].into(),
        published: now(),
        modified: now(),
        commented: None,
        hash: String::new(),
        number: Some(number),
    }
}

fn planned(feeds: &[&str], articles: i64, kinds: &[PingKind]) -> Vec<Planned> {
    planned_after(feeds, articles, kinds, &[]).0
}

/// With pings that wait already.
fn planned_after(
    feeds: &[&str],
    articles: i64,
    kinds: &[PingKind],
    waiting: &[Waiting],
) -> (Vec<Planned>, Vec<i64>) {
    let url = site_url();
    let feeds: Vec<_> = feeds.iter().map(|path| feed(path)).collect();
    let articles: Vec<_> = (1..=articles).map(card).collect();
    let urls: Vec<String> = articles.iter().map(|article| article.url.clone()).collect();
    let endpoint = |kind: &PingKind| Endpoint {
        kind: *kind,
        name: "https://hub.example/".to_owned(),
        key: (*kind == PingKind::Indexnow).then(|| "0123-abcdef".to_owned()),
    };
    let endpoints = kinds.iter().map(endpoint).collect();
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
            urls: &urls,
            number: 7,
        },
        &site,
        waiting,
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

/// Minutes from now, without the jitter.
fn waited(tried: &Tried<'_>, now: Instant) -> Option<i64> {
    Some((next_try(tried, now)? - now).num_minutes())
}

fn tried(attempts: i64) -> Tried<'static> {
    Tried {
        attempts,
        created: now(),
        asked: None,
        health: Health::default(),
        who: "https://example.org/ https://hub.example/",
    }
}

#[test]
fn waits_grow_are_capped_and_end() {
    for (attempts, minutes) in (1..).zip([1, 5, 15, 60, 120, 240, 240, 240]) {
        let waited = waited(&tried(attempts), now()).unwrap();
        assert!(
            (minutes..=minutes + minutes / 4).contains(&waited),
            "{attempts}: {waited}"
        );
    }
    let asking = |minutes| Tried {
        asked: Some(now() + TimeDelta::minutes(minutes)),
        ..tried(1)
    };
    assert_eq!(waited(&asking(30), now()), Some(30));
    assert_eq!(waited(&asking(-30), now()), waited(&tried(1), now()));
    assert_eq!(waited(&asking(i64::from(u32::MAX)), now()), Some(24 * 60));
    assert_eq!(next_try(&tried(9), now() + TimeDelta::days(2)), None);
}

#[test]
fn who_failed_together_does_not_come_back_together() {
    let waits: std::collections::BTreeSet<_> = (0..50)
        .map(|site| {
            let who = format!("https://{site}.example/ https://hub.example/");
            next_try(
                &Tried {
                    who: &who,
                    ..tried(6)
                },
                now(),
            )
            .unwrap()
        })
        .collect();
    assert!(waits.len() > 40, "{}", waits.len());
    let spread = *waits.last().unwrap() - *waits.first().unwrap();
    assert!(
        spread > TimeDelta::minutes(40) && spread <= TimeDelta::minutes(60),
        "{spread}"
    );
    assert_eq!(next_try(&tried(6), now()), next_try(&tried(6), now()));
}

#[test]
fn an_endpoint_that_takes_nothing_for_days_is_tried_once_a_day() {
    let mut health = Health::default();
    let (mut at, mut tries) = (now(), 0);
    while !health.is_quiet() {
        health = health.failed(at);
        tries += 1;
        at = next_try(
            &Tried {
                health,
                ..tried(tries)
            },
            at,
        )
        .expect("it is not given up");
        assert!(at < now() + TimeDelta::days(4), "it never goes quiet");
    }
    assert_eq!(health.failing, Some(now()));
    for _ in 0..100 {
        health = health.failed(at);
        let next = next_try(&Tried { health, ..tried(1) }, at).expect("it is not given up");
        assert!((24..=30).contains(&(next - at).num_hours()), "{}", next - at);
        at = next;
    }
    // Two failures say little, and so do many in one hour.
    let month = now() + TimeDelta::days(30);
    assert!(!Health::default().failed(now()).failed(month).is_quiet());
    let in_an_hour = (0..60).fold(Health::default(), |health, n| {
        health.failed(now() + TimeDelta::minutes(n))
    });
    assert!(!in_an_hour.is_quiet());
}

#[test]
fn what_waits_is_told_with_what_is_new() {
    let wait = |id: i64, kind: PingKind, subjects: &[&str]| Waiting {
        id,
        kind,
        endpoint: "https://hub.example/".to_owned(),
        change: format!("an earlier change {id}"),
        subjects: subjects.iter().map(|subject| (*subject).to_owned()).collect(),
    };
    let waiting = [
        wait(1, PingKind::Websub, &["https://example.org/rss.xml"]),
        wait(2, PingKind::Websub, &["https://example.org/other.xml"]),
        wait(3, PingKind::Xmlrpc, &["https://example.org/old"]),
        wait(
            4,
            PingKind::Indexnow,
            &["https://example.org/old", "https://example.org/1"],
        ),
        Waiting {
            endpoint: "https://elsewhere.example/".to_owned(),
            ..wait(5, PingKind::Websub, &["https://example.org/rss.xml"])
        },
    ];
    let kinds = [PingKind::Websub, PingKind::Xmlrpc, PingKind::Indexnow];
    let (planned, replaced) = planned_after(&["rss.xml"], 1, &kinds, &waiting);
    assert_eq!(replaced, [1, 3, 4]);
    assert_eq!(
        planned[1].subjects,
        ["https://example.org/old", "https://example.org/1"]
    );
    assert!(
        planned[1]
            .request
            .body
            .contains("<string>https://example.org/</string>")
    );
    assert_eq!(
        planned[2].subjects,
        ["https://example.org/1", "https://example.org/old"]
    );
    // Where nothing is new, nothing is taken out.
    assert_eq!(planned_after(&[], 0, &kinds, &waiting), (Vec::new(), Vec::new()));
    // The same change once more stands for itself.
    let same = Waiting {
        change: planned[0].change.clone(),
        ..waiting[0].clone()
    };
    assert_eq!(planned_after(&["rss.xml"], 0, &kinds, &[same]).1, [0; 0]);
}

#[test]
fn search_engines_are_told_in_batches_of_what_the_key_speaks_for() {
    let url = Url::parse("https://example.org/blog/").unwrap();
    let mut urls: Vec<String> = (0..10_001)
        .map(|n| format!("https://example.org/blog/{n:05}"))
        .collect();
    urls.extend(
        [
            "https://example.org/other",
            "https://other.example/blog/x",
            "mailto:a@b.org",
            "no url",
        ]
        .map(str::to_owned),
    );
    let changes = Changes {
        urls: &urls,
        number: 3,
        ..Changes::default()
    };
    let site = Site {
        title: "T",
        url: &url,
        feeds_url: &url,
        endpoints: vec![Endpoint {
            kind: PingKind::Indexnow,
            name: "https://api.example/indexnow".to_owned(),
            key: Some("0123-abcdef".to_owned()),
        }],
    };
    let (planned, _) = plan(&changes, &site, &[]);
    let sizes: Vec<usize> = planned.iter().map(|ping| ping.subjects.len()).collect();
    assert_eq!(sizes, [10_000, 1]);
    assert_eq!(planned[1].request.media_type, "application/json; charset=utf-8");
    insta::assert_snapshot!(planned[1].request.body, @r#"{"host":"example.org","key":"0123-abcdef","keyLocation":"https://example.org/blog/0123-abcdef.txt","urlList":["https://example.org/blog/10000"]}"#);
    assert_ne!(planned[0].change, planned[1].change);
}

#[test]
fn a_cloud_is_told_of_rss_and_its_result_decides() {
    let all = planned(&["rss.xml", "atom.xml", "feed.json"], 0, &[PingKind::Rsscloud]);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].request.body, "url=https%3A%2F%2Fexample.org%2Frss.xml");
    let (yes, no) = (
        "<result success='true' msg='x'/>",
        "<result success='false' msg='x'/>",
    );
    for (status, body, verdict) in [
        (200, yes, Verdict::Done),
        (400, yes, Verdict::Done),
        (200, no, Verdict::Failed),
        (503, no, Verdict::Later(None)),
        (503, "away", Verdict::Later(None)),
        (404, "", Verdict::Failed),
        (200, "<html>Welcome</html>", Verdict::Failed),
        (301, yes, Verdict::Failed),
    ] {
        let request = all[0].request.clone();
        let judged = judge(
            PingKind::Rsscloud,
            &request,
            &answer(status, body.as_bytes()),
            now(),
        )
        .0;
        assert_eq!(judged, verdict, "{status} {body}");
    }
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
