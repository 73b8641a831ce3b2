//! What is asked of the hub, and what is told.

use super::*;
use crate::clock::{Instant, from_seconds};
use crate::config::Signature;
use chrono::TimeDelta;
use url::Url;

fn feeds() -> Url {
    Url::parse("https://example.org/feeds/").unwrap()
}

fn now() -> Instant {
    from_seconds(1_800_000_000)
}

fn form(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs).finish().into_bytes()
}

fn asked(more: &[(&str, &str)]) -> Result<Wanted, Refused> {
    let basic = [
        ("hub.mode", "subscribe"),
        ("hub.topic", "https://example.org/feeds/rss.xml"),
        ("hub.callback", "https://reader.example/call?id=7&x=%20y"),
    ];
    read(&form(&[&basic, more].concat()), &feeds())
}

#[test]
fn a_lease_is_within_reason_and_a_secret_is_short() {
    for (asked_for, lease) in [
        (None, 864_000),
        (Some(""), 864_000),
        (Some("0"), 60),
        (Some("3600"), 3600),
        (Some("99999999999999999999"), 30 * 86_400),
    ] {
        let more: Vec<_> = asked_for
            .map(|lease| ("hub.lease_seconds", lease))
            .into_iter()
            .collect();
        assert_eq!(asked(&more).unwrap().lease, lease, "{asked_for:?}");
    }
    assert!(
        asked(&[("hub.secret", &"s".repeat(199))])
            .unwrap()
            .secret
            .is_some()
    );
    assert_eq!(asked(&[("hub.secret", "")]).unwrap().secret, None);
    assert_eq!(
        asked(&[("hub.secret", &"s".repeat(200))]).unwrap_err().status,
        400
    );
    assert!(asked(&[("hub.verify", "sync"), ("anything", "else")]).is_ok());
}

#[test]
fn topics_are_documents_that_readers_follow() {
    let path = |topic: &str| topic_path(topic, &feeds());
    let base = "https://example.org/feeds/";
    assert_eq!(path(&format!("{base}rss.xml")).as_deref(), Some("rss.xml"));
    assert_eq!(
        path(&format!("{base}category/b%C3%BCcher/feed.json")).as_deref(),
        Some("category/bücher/feed.json")
    );
    assert_eq!(
        path(&format!("{base}category/bücher/atom.xml")).as_deref(),
        Some("category/bücher/atom.xml")
    );
    for none in [
        "rss.xml",
        "https://example.org/rss.xml",
        "http://example.org/feeds/rss.xml",
        "https://example.org:444/feeds/rss.xml",
        "https://example.org/feeds/rss.xml?a",
        "https://example.org/feeds/rss.xml#a",
        "https://example.org/feeds/feeds.opml",
        "https://example.org/feeds/../rss.xml",
        "https://example.org/feeds/%00/rss.xml",
        "https://example.org/feeds/%ff/rss.xml",
    ] {
        assert_eq!(path(none), None, "{none}");
    }
}

#[test]
fn a_callback_keeps_its_own_query() {
    let wanted = asked(&[("hub.lease_seconds", "3600")]).unwrap();
    let topic = "hub.topic=https%3A%2F%2Fexample.org%2Ffeeds%2Frss.xml";
    assert_eq!(
        verification(&wanted, "abc").as_str(),
        format!(
            "https://reader.example/call?id=7&x=%20y&hub.mode=subscribe&{topic}&hub.challenge=abc&hub.lease_seconds=3600"
        )
    );
    assert_eq!(
        denial(&wanted, "gone for good").as_str(),
        format!("https://reader.example/call?id=7&x=%20y&hub.mode=denied&{topic}&hub.reason=gone+for+good")
    );
    let leaving = Wanted {
        mode: Mode::Unsubscribe,
        ..wanted
    };
    assert!(!verification(&leaving, "abc").as_str().contains("lease"));
}

#[test]
fn only_the_very_challenge_agrees() {
    assert!(is_agreed(200, b"abc", "abc") && is_agreed(204, b"abc", "abc"));
    for (status, body) in [
        (200, "abcd"),
        (200, "ab"),
        (200, ""),
        (200, " abc"),
        (302, "abc"),
        (404, "abc"),
        (500, "abc"),
    ] {
        assert!(!is_agreed(status, body.as_bytes(), "abc"), "{status} {body}");
    }
}

#[test]
fn deliveries_are_signed_as_others_sign() {
    // RFC 4231, case 2; RFC 2202, case 2.
    let body = b"what do ya want for nothing?";
    assert_eq!(
        signature(Signature::Sha256, "Jefe", body),
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    assert_eq!(
        signature(Signature::Sha1, "Jefe", body),
        "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    );
    assert_eq!(signature(Signature::Sha512, "k", b"").len(), 7 + 128);
}

#[test]
fn a_failure_is_whatever_is_neither_success_nor_farewell() {
    assert_eq!(judge(200, None, now()), Outcome::Told);
    assert_eq!(judge(299, None, now()), Outcome::Told);
    assert_eq!(judge(410, None, now()), Outcome::Gone);
    for status in [100, 301, 302, 307, 400, 401, 404, 429, 500, 503] {
        assert_eq!(judge(status, None, now()), Outcome::Failed(None), "{status}");
    }
    let asked = now() + TimeDelta::minutes(10);
    assert_eq!(judge(503, Some("600"), now()), Outcome::Failed(Some(asked)));
    let wait = |failures, asked| (next_try(failures, asked, "x", now()) - now()).num_minutes();
    for (failures, minutes) in (1..).zip([1, 5, 15, 60, 120, 360, 360]) {
        assert!(
            (minutes..=minutes + minutes / 4).contains(&wait(failures, None)),
            "{failures}"
        );
    }
    assert_eq!(wait(1, Some(asked)), 10);
    assert_eq!(wait(1, Some(now() + TimeDelta::days(90))), 24 * 60);
}

proptest::proptest! {
    #[test]
    fn no_form_makes_it_panic(body in proptest::collection::vec(0_u8..=255, 0..200), text in "[a-z.=&%:/0-9]{0,120}") {
        let _ = read(&body, &feeds());
        let _ = please_notify(text.as_bytes(), "192.0.2.1", &feeds());
        let _ = topic_path(&text, &feeds());
    }

    #[test]
    fn answers_of_clouds_are_xml(message in "\\PC{0,60}") {
        proptest::prop_assert!(roxmltree::Document::parse(&result(false, &message)).is_ok());
    }
}
