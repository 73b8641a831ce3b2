//! WebSub (W3C Recommendation): telling a hub that topics changed. The way of publishing is the
//! hub's own; all known ones take PubSubHubbub's form. Any 2xx is success.

use super::{Changes, Planned, Request, Site};
use crate::config::PingKind;
use url::form_urlencoded::Serializer;

/// One ping a changed document that readers may subscribe to.
pub(super) fn plan(changes: &Changes, site: &Site<'_>, endpoint: &str) -> Vec<Planned> {
    let topics = changes.feeds.iter().filter(|feed| is_topic(&feed.path));
    topics
        .filter_map(|feed| {
            let topic = site.feeds_url.join(&feed.path).ok()?.to_string();
            Some(Planned {
                kind: PingKind::Websub,
                endpoint: endpoint.to_owned(),
                change: format!("websub {} {} {}", feed.path, feed.changed.timestamp(), feed.hash),
                request: publish(&topic),
                subjects: vec![topic],
            })
        })
        .collect()
}

/// RSS, Atom and JSON Feed say where their hub is; a list of feeds does not.
fn is_topic(path: &str) -> bool {
    path.ends_with(".xml") || path.ends_with(".json")
}

/// Some hubs read `hub.url`, others `hub.topic`: both are sent.
fn publish(topic: &str) -> Request {
    let body = Serializer::new(String::new())
        .append_pair("hub.mode", "publish")
        .append_pair("hub.url", topic)
        .append_pair("hub.topic", topic)
        .finish();
    Request {
        media_type: "application/x-www-form-urlencoded".to_owned(),
        body,
        simpler: None,
    }
}
