//! IndexNow: telling search engines which pages are new, other than they were, or gone. The key proves
//! that the site is ours: anybody can read it in a file of the site.

use super::model::{Changes, Endpoint, Planned, Request, Site, Waiting};
use crate::config::PingKind;
use serde_json::json;
use std::collections::BTreeSet;
use url::Url;

/// So many URLs a request.
const BATCH: usize = 10_000;

/// Where the file with the key is to be found: it speaks for all that lies beside and below it.
#[must_use]
pub fn key_url(site: &Url, key: &str) -> Option<Url> {
    site.join(&format!("{key}.txt")).ok()
}

/// As few pings as hold all URLs that the key speaks for, those too of pings that were not answered yet.
pub(super) fn plan(
    changes: &Changes<'_>,
    site: &Site<'_>,
    endpoint: &Endpoint,
    waiting: &[&Waiting],
) -> Vec<Planned> {
    let Some(key) = endpoint.key.as_deref().filter(|_| !changes.urls.is_empty()) else {
        return Vec::new();
    };
    let earlier = waiting.iter().flat_map(|ping| &ping.subjects);
    let all: BTreeSet<&String> = changes.urls.iter().chain(earlier).collect();
    let ours: Vec<String> = all
        .into_iter()
        .filter(|url| is_below(site.url, url))
        .cloned()
        .collect();
    let ping = |(batch, urls): (usize, &[String])| {
        Some(Planned {
            kind: PingKind::Indexnow,
            endpoint: endpoint.name.clone(),
            change: format!("indexnow {} {batch}", changes.number),
            subjects: urls.to_vec(),
            request: request(site.url, key, urls)?,
        })
    };
    ours.chunks(BATCH).enumerate().filter_map(ping).collect()
}

fn request(site: &Url, key: &str, urls: &[String]) -> Option<Request> {
    let body = json!({
        "host": site.host_str()?,
        "key": key,
        "keyLocation": key_url(site, key)?.as_str(),
        "urlList": urls,
    });
    Some(Request {
        media_type: "application/json; charset=utf-8".to_owned(),
        body: body.to_string(),
        simpler: None,
    })
}

/// Endpoints refuse a whole request for one URL that the key does not speak for.
fn is_below(site: &Url, url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host() == site.host()
            && url.path().starts_with(site.path())
    })
}
