//! HTML on its way into an article: sanitised once, every address absolute. Pure.
//!
//! What comes out holds no script, no style, no address but `http`, `https` and `mailto`, and no
//! character that XML 1.0 cannot hold.

use super::text::xml_safe;
use ammonia::{Builder, UrlRelative};
use dom_query::{Document, NodeRef};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use url::Url;

/// How deep elements may stand in one another. Browsers stop at 512; what is deeper is no article.
pub const MAX_DEPTH: usize = 500;

/// Makes HTML from anywhere safe to publish: keeps what articles are made of, drops the rest and
/// resolves every address against `base`. Embedded frames and objects become links.
///
/// HTML nested deeper than [`MAX_DEPTH`] comes out as its text alone: no reader could show it.
#[must_use]
pub fn sanitize(html: &str, base: &Url) -> String {
    let html = xml_safe(html);
    if depth(&html) > MAX_DEPTH {
        return ammonia::clean_text(&strip_tags(&html));
    }
    let prepared = prepare(&html, base);
    let clean = builder(base).clean(&prepared).to_string();
    // Once more: character references such as `&#1;` have become characters.
    xml_safe(&clean).into_owned()
}

/// An address as it may stand in an article: absolute `http` or `https`, or `mailto`; else `None`.
#[must_use]
pub fn absolute(address: &str, base: &Url) -> Option<String> {
    let address = address.trim();
    if address.is_empty() {
        return None;
    }
    let url = base.join(address).ok()?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Some(url.into()),
        "mailto" => Some(url.into()),
        _ => None,
    }
}

/// How deep the elements of some HTML stand in one another, by counting tags, not by parsing:
/// parsing deep HTML is what this guards against. Elements that need no end tag count nothing.
#[must_use]
pub fn depth(html: &str) -> usize {
    let mut open: HashMap<String, usize> = HashMap::new();
    let (mut now, mut deepest) = (0_usize, 0);
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end..]);
            continue;
        }
        let closing = rest.starts_with('/');
        let name = tag_name(rest.strip_prefix('/').unwrap_or(rest));
        if name.is_empty() || needs_no_end(&name) {
            continue;
        }
        let count = open.entry(name.clone()).or_default();
        if closing && *count > 0 {
            *count -= 1;
            now -= 1;
        } else if !closing {
            *count += 1;
            now += 1;
            deepest = deepest.max(now);
            if holds_raw_text(&name) {
                rest = after_raw_text(rest, &name);
                *count -= 1;
                now -= 1;
            }
        }
    }
    deepest
}

fn tag_name(text: &str) -> String {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == ':'))
        .unwrap_or(text.len());
    text[..end.min(32)].to_ascii_lowercase()
}

fn needs_no_end(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "body"
            | "br"
            | "col"
            | "colgroup"
            | "dd"
            | "dt"
            | "embed"
            | "head"
            | "hr"
            | "html"
            | "img"
            | "input"
            | "li"
            | "link"
            | "meta"
            | "optgroup"
            | "option"
            | "p"
            | "param"
            | "rb"
            | "rp"
            | "rt"
            | "rtc"
            | "source"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "track"
            | "wbr"
            | "path"
            | "circle"
            | "rect"
            | "line"
            | "polygon"
            | "polyline"
            | "ellipse"
            | "use"
            | "stop"
    ) || !name.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn holds_raw_text(name: &str) -> bool {
    matches!(
        name,
        "script" | "style" | "textarea" | "title" | "iframe" | "noembed" | "noframes" | "xmp"
    )
}

/// What follows the end tag of an element whose content is text whatever it looks like.
fn after_raw_text<'a>(html: &'a str, name: &str) -> &'a str {
    let mut rest = html;
    while let Some(at) = rest.find("</") {
        rest = &rest[at + 2..];
        if tag_name(rest) == name {
            return rest;
        }
    }
    ""
}

/// All outside of `<…>`: crude, for HTML that is not worth parsing.
fn strip_tags(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

/// What the sanitiser cannot say: frames become links, images load from where they really are, and
/// one that has no address goes.
fn prepare<'a>(html: &'a str, base: &Url) -> Cow<'a, str> {
    if !["<i", "<I", "<e", "<E", "<o", "<O"]
        .iter()
        .any(|tag| html.contains(tag))
    {
        return Cow::Borrowed(html);
    }
    let document = Document::fragment(html);
    for frame in document.select("iframe, embed, object").nodes() {
        replace_frame(frame, base);
    }
    for image in document.select("img").nodes() {
        settle_image(image, base);
    }
    Cow::Owned(document.root().inner_html().to_string())
}

fn replace_frame(frame: &NodeRef, base: &Url) {
    let address = ["src", "data-src", "data"]
        .iter()
        .find_map(|name| frame.attr(name));
    let Some(url) = address
        .and_then(|a| absolute(&a, base))
        .filter(|u| u.starts_with("http"))
    else {
        frame.remove_from_parent();
        return;
    };
    let label = frame.attr("title").map(|t| super::text::one_line(&t));
    let host = || base.join(&url).ok().and_then(|u| u.host_str().map(str::to_owned));
    let label = label
        .filter(|t| !t.is_empty())
        .or_else(host)
        .unwrap_or_else(|| url.clone());
    let link = frame.tree.new_element("a");
    link.set_attr("href", &url);
    link.set_text(label);
    frame.replace_with(&link);
}

/// Images that load late keep their address elsewhere, with a placeholder in `src`.
fn settle_image(image: &NodeRef, base: &Url) {
    let fits = |name: &str| {
        let url = absolute(&image.attr(name)?, base)?;
        url.starts_with("http").then_some(url)
    };
    let late = ["data-src", "data-original", "data-lazy-src"];
    let stated = fits("src");
    let placeholder = image
        .attr("src")
        .is_none_or(|src| src.trim_start().starts_with("data:"));
    let found = match stated {
        Some(url) if !placeholder => Some(url),
        stated => late.iter().find_map(|name| fits(name)).or(stated),
    };
    if !image.has_attr("srcset")
        && let Some(srcset) = image.attr("data-srcset")
    {
        image.set_attr("srcset", &srcset);
    }
    match found.or_else(|| first_of_srcset(&image.attr("srcset")?, base)) {
        Some(url) => image.set_attr("src", &url),
        None => image.remove_from_parent(),
    }
}

fn first_of_srcset(srcset: &str, base: &Url) -> Option<String> {
    let srcset = absolute_srcset(srcset, base)?;
    srcset
        .split_whitespace()
        .next()
        .map(|url| url.trim_end_matches(',').to_owned())
}

/// The candidates of a `srcset`, each absolute; those that cannot be are left out.
fn absolute_srcset(srcset: &str, base: &Url) -> Option<String> {
    let mut kept = Vec::new();
    let mut rest = srcset.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    while !rest.is_empty() {
        // An address ends at white space; commas within it belong to it, one at its end does not.
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (address, tail) = rest.split_at(end);
        let bare = address.trim_end_matches(',');
        let (size, tail) = if bare.len() < address.len() {
            ("", tail)
        } else {
            tail.split_once(',').unwrap_or((tail, ""))
        };
        if let Some(url) = absolute(bare, base).filter(|u| u.starts_with("http")) {
            // A comma would be read as the end of the candidate.
            let url = url.replace(',', "%2C");
            let size = size.trim();
            kept.push(if size.is_empty() {
                url
            } else {
                format!("{url} {size}")
            });
        }
        rest = tail.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }
    (!kept.is_empty()).then(|| kept.join(", "))
}

fn builder(base: &Url) -> Builder<'static> {
    let mut builder = Builder::default();
    builder
        .add_tags(["picture", "source", "video", "audio", "section", "main"])
        .add_generic_attributes(["dir"])
        .add_tag_attributes("img", ["srcset", "sizes", "loading"])
        .add_tag_attributes("source", ["src", "srcset", "sizes", "type", "media"])
        .add_tag_attributes("video", ["src", "poster", "controls", "width", "height"])
        .add_tag_attributes("audio", ["src", "controls"])
        .add_tag_attributes("code", ["class"])
        .add_tag_attributes("pre", ["class"])
        .add_tag_attributes("time", ["datetime"])
        .add_tag_attributes("ol", ["reversed", "type"])
        .add_tag_attributes("li", ["value"])
        .add_tag_attributes("details", ["open"])
        .rm_tags(["map", "area", "nav"])
        .add_clean_content_tags([
            "nav", "noscript", "template", "button", "select", "textarea", "svg", "math",
        ])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None);
    let base = base.clone();
    builder.attribute_filter(move |tag, attribute, value| settle_attribute(tag, attribute, value, &base));
    builder
}

fn settle_attribute<'v>(tag: &str, attribute: &str, value: &'v str, base: &Url) -> Option<Cow<'v, str>> {
    match (tag, attribute) {
        (_, "srcset") => absolute_srcset(value, base).map(Cow::Owned),
        (_, "src" | "poster") => absolute(value, base)
            .filter(|u| u.starts_with("http"))
            .map(Cow::Owned),
        (_, "href" | "cite") => absolute(value, base).map(Cow::Owned),
        (_, "class") => {
            let kept: Vec<&str> = value
                .split_whitespace()
                .filter(|class| class.starts_with("language-"))
                .collect();
            (!kept.is_empty()).then(|| Cow::Owned(kept.join(" ")))
        }
        ("img" | "video", "width" | "height") => {
            value.trim().parse::<u32>().ok().map(|n| n.to_string().into())
        }
        _ => Some(Cow::Borrowed(value)),
    }
}
