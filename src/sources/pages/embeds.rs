//! Films, sounds and posts of elsewhere that a page shows in frames: kept, so that they become links.

use crate::articles::html;
use dom_query::{Document, NodeRef};
use url::Url;

/// Where frames of content come from. What else is framed is mostly advertising.
const HOSTS: &[&str] = &[
    "archive.org",
    "bandcamp.com",
    "bilibili.com",
    "codepen.io",
    "codesandbox.io",
    "dailymotion.com",
    "figma.com",
    "flickr.com",
    "giphy.com",
    "gist.github.com",
    "instagram.com",
    "jsfiddle.net",
    "loom.com",
    "maps.google.com",
    "mixcloud.com",
    "openstreetmap.org",
    "podcasts.apple.com",
    "reddit.com",
    "scribd.com",
    "slideshare.net",
    "soundcloud.com",
    "speakerdeck.com",
    "spotify.com",
    "stackblitz.com",
    "ted.com",
    "tiktok.com",
    "twitch.tv",
    "twitter.com",
    "vimeo.com",
    "wistia.com",
    "x.com",
    "youtu.be",
    "youtube-nocookie.com",
    "youtube.com",
];
/// The library that weighs a page keeps frames by an attribute that names such a place.
const KEPT: &str = "//archive.org";

/// Settles the frames of a page before it is weighed.
pub(super) fn settle(document: &Document, base: &Url) {
    for (element, attribute) in [("lite-youtube", "videoid"), ("amp-youtube", "data-videoid")] {
        for player in document.select(element).nodes() {
            let id = player.attr(attribute).unwrap_or_default();
            if id.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
                put_frame(player, &format!("https://www.youtube.com/watch?v={id}"));
            }
        }
    }
    for frame in document.select("iframe, embed, object, amp-iframe").nodes() {
        let late = ["src", "data-src", "data-lazy-src", "data"];
        let stated = late
            .iter()
            .find_map(|name| html::absolute(&frame.attr(name)?, base));
        match stated.filter(|url| is_content(url)) {
            Some(url) => put_frame(frame, &url),
            None => frame.remove_from_parent(),
        }
    }
}

fn is_content(address: &str) -> bool {
    let Some(url) = Url::parse(address).ok() else {
        return false;
    };
    let of = |host: &str| {
        let before = host_of(&url).strip_suffix(host);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let path = url.path();
    HOSTS.iter().any(|host| of(host)) || path.contains("/embed") || path.contains("/player")
}

fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// A frame of its address and its title alone: what else it says may trouble those who weigh it.
fn put_frame(old: &NodeRef, url: &str) {
    let frame = old.tree.new_element("iframe");
    frame.set_attr("src", url);
    frame.set_attr("data-kept", KEPT);
    if let Some(title) = old
        .attr("title")
        .filter(|title| title.is_ascii() || !title.contains('.'))
    {
        frame.set_attr("title", &title);
    }
    old.replace_with(&frame);
}
