//! WebSub (W3C Recommendation): telling a hub that topics changed. The way of publishing is the
//! hub's own; all known ones take PubSubHubbub's form. Any 2xx is success.

use super::model::{ChangedFeed, Changes, Endpoint, FORM, Planned, Request};
use crate::config::PingKind;
use url::form_urlencoded::Serializer;

/// One ping a changed document.
pub(super) fn plan(changes: &Changes<'_>, endpoint: &Endpoint) -> Vec<Planned> {
    let ping = |feed: &ChangedFeed| Planned {
        kind: PingKind::Websub,
        endpoint: endpoint.name.clone(),
        change: format!("websub {} {}", feed.url, feed.version),
        subjects: vec![feed.url.to_string()],
        request: publish(feed.url.as_str()),
    };
    changes.feeds.iter().map(ping).collect()
}

/// Some hubs read `hub.url`, others `hub.topic`: both are sent.
fn publish(topic: &str) -> Request {
    let body = Serializer::new(String::new())
        .append_pair("hub.mode", "publish")
        .append_pair("hub.url", topic)
        .append_pair("hub.topic", topic)
        .finish();
    Request {
        media_type: FORM.to_owned(),
        body,
        simpler: None,
    }
}
