//! The table `[feeds]`.

use crate::config::section::Section;
use crate::config::values::{self, BadValue};
use crate::config::{Content, Feeds, Http, OldSystem, OldUrl, keys};

pub(super) fn feeds(table: &mut Section, http: Option<&Http>) -> Option<Feeds> {
    let dir = table.folder("dir");
    let url = match table.is_missing("url") {
        true => http.map(|http| http.public_url.clone()),
        false => table.parse("url", values::base_url),
    };
    let items = table.number("items", 1..=10_000);
    let content = table.choice(
        "content",
        &[("full", Content::Full), ("summary", Content::Summary)],
        &[],
    );
    let by_category = table.flag("by_category");
    let by_author = table.flag("by_author");
    let old_urls = table.list("old_urls", old_url);
    Some(Feeds {
        dir: dir?,
        url: url?,
        items: items? as usize,
        content: content?,
        by_category: by_category?,
        by_author: by_author?,
        old_urls: old_urls?,
    })
}

/// The name of a system, or a path of the site with the document that it is now behind a space.
fn old_url(text: &str) -> Result<OldUrl, BadValue> {
    if let Some((_, system)) = OldSystem::ALL.iter().find(|(name, _)| *name == text) {
        return Ok(OldUrl::System(*system));
    }
    if !text.starts_with('/') {
        let names = OldSystem::ALL.map(|(name, _)| name);
        let hint = match keys::nearest(text, names) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => format!("write a path as \"/feed.xml\", or one of {}", names.join(", ")),
        };
        return Err(BadValue::new(format!("{text:?} is no system with feeds at known addresses")).hint(hint));
    }
    let (path, target) = match text.split_once(' ') {
        Some((path, target)) => (path, target.trim().trim_start_matches('/')),
        None if text.ends_with(".json") => (text, "feed.json"),
        None if text.contains("atom") => (text, "atom.xml"),
        None => (text, "rss.xml"),
    };
    if path.contains(['?', '#']) || target.is_empty() || target.contains([' ', '?', '#']) {
        return Err(BadValue::new(format!("{text:?} is no path of a feed"))
            .hint("write it as \"/old/feed.xml\", or as \"/old/feed.xml category/boats/rss.xml\""));
    }
    Ok(OldUrl::Path {
        path: path.to_owned(),
        target: target.to_owned(),
    })
}
