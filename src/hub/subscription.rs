//! What a subscriber of WebSub asks, and how it is asked whether that was itself (W3C Recommendation,
//! sections 5 and 6).

use super::callback::{self, with};
use super::form::Form;
use super::model::{Mode, Protocol, Refused, Wanted};
use crate::feeds::paths::is_followed;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use percent_encoding::percent_decode_str;
use url::Url;

/// How long a subscription lasts where none is asked for, and the shortest and longest, in seconds.
const LEASE: i64 = 10 * 86_400;
const SHORTEST_LEASE: i64 = 60;
const LONGEST_LEASE: i64 = 30 * 86_400;
/// A secret is shorter than so many bytes.
const SECRET: usize = 200;

/// Reads a subscription or unsubscription request; `feeds` is where documents are published. Parameters
/// that are not known are left alone.
///
/// # Errors
/// What is wrong with it. Whether there is such a document is not known here.
pub fn read(body: &[u8], feeds: &Url) -> Result<Wanted, Refused> {
    let form = Form::read(body);
    let need = |name: &str| {
        let missing = || Refused::new(400, format!("{name} is missing"));
        form.get(name).ok_or_else(missing)
    };
    let mode = match need("hub.mode")? {
        "subscribe" => Mode::Subscribe,
        "unsubscribe" => Mode::Unsubscribe,
        _ => return Err(Refused::new(400, "hub.mode must be subscribe or unsubscribe")),
    };
    let callback = callback::parse(need("hub.callback")?)
        .map_err(|why| Refused::new(400, format!("hub.callback {why}")))?;
    let topic = need("hub.topic")?;
    let path = topic_path(topic, feeds)
        .ok_or_else(|| Refused::new(404, "hub.topic is no document that is published here"))?;
    let secret = form.get("hub.secret");
    if secret.is_some_and(|secret| secret.len() >= SECRET) {
        return Err(Refused::new(400, "hub.secret must be shorter than 200 bytes"));
    }
    Ok(Wanted {
        protocol: Protocol::Websub,
        mode,
        path,
        topic: topic.to_owned(),
        callback,
        secret: secret.map(str::to_owned),
        lease: lease(form.get("hub.lease_seconds"))?,
    })
}

/// The hub decides: what is asked for counts within reason, and nothing lasts for ever.
fn lease(asked: Option<&str>) -> Result<i64, Refused> {
    let Some(asked) = asked else {
        return Ok(LEASE);
    };
    if asked.is_empty() || !asked.chars().all(|c| c.is_ascii_digit()) {
        return Err(Refused::new(400, "hub.lease_seconds must be a number of seconds"));
    }
    // One that no number holds is longer than any.
    let asked = asked.parse().unwrap_or(LONGEST_LEASE);
    Ok(asked.clamp(SHORTEST_LEASE, LONGEST_LEASE))
}

/// Which document a topic is, relative to `feeds.dir`, where it can be one that readers follow.
#[must_use]
pub fn topic_path(topic: &str, feeds: &Url) -> Option<String> {
    let url = Url::parse(topic).ok().filter(|_| topic.len() <= 1024)?;
    if url.origin() != feeds.origin() || url.query().is_some() || url.fragment().is_some() {
        return None;
    }
    let path = url.path().strip_prefix(feeds.path())?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    (is_followed(&path) && !path.contains('\0')).then(|| path.into_owned())
}

/// The URL by which a callback is asked whether it wants what was asked for.
#[must_use]
pub fn verification(wanted: &Wanted, challenge: &str) -> Url {
    let lease = wanted.lease.to_string();
    match (wanted.protocol, wanted.mode) {
        (Protocol::Rsscloud, _) => with(
            &wanted.callback,
            &[("url", &wanted.topic), ("challenge", challenge)],
        ),
        (Protocol::Websub, Mode::Subscribe) => with(
            &wanted.callback,
            &[
                ("hub.mode", "subscribe"),
                ("hub.topic", &wanted.topic),
                ("hub.challenge", challenge),
                ("hub.lease_seconds", &lease),
            ],
        ),
        (Protocol::Websub, mode) => with(
            &wanted.callback,
            &[
                ("hub.mode", mode.name()),
                ("hub.topic", &wanted.topic),
                ("hub.challenge", challenge),
            ],
        ),
    }
}

/// The URL by which a callback is told that it has no subscription.
#[must_use]
pub fn denial(wanted: &Wanted, reason: &str) -> Url {
    with(
        &wanted.callback,
        &[
            ("hub.mode", "denied"),
            ("hub.topic", &wanted.topic),
            ("hub.reason", reason),
        ],
    )
}

/// Whether an answer to a challenge agrees.
#[must_use]
pub fn is_agreed(status: u16, body: &[u8], challenge: &str) -> bool {
    (200..300).contains(&status) && verify_slices_are_equal(body, challenge.as_bytes()).is_ok()
}
