//! What `feed-rs` read of one item and what stood beside, put together.

use super::addresses::web_address;
use super::keys::Raw;
use super::markup::{Markup, paragraphs};
use crate::articles::{Audio, Author, Published, text};
use crate::clock::Instant;
use crate::sources::extract::Extract;
use feed_rs::model::{Entry, Link, MediaObject, Text};
use std::collections::HashSet;
use url::Url;

/// What an item says for which `feed-rs` has no place, or which it reads otherwise than we do.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    /// What its feed knows it by, as it was written.
    pub(super) guid: Option<String>,
    /// The same, where it is the item's address too.
    pub(super) permalink: Option<Url>,
    /// Its address, where its links lead to a counter first.
    pub(super) original: Option<Url>,
    pub(super) published: Option<Published>,
    pub(super) updated: Option<Instant>,
    pub(super) language: Option<String>,
    /// What addresses in its text are relative to, where that is stated.
    pub(super) base: Option<Url>,
    pub(super) comment_count: Option<u32>,
    pub(super) audio: Option<Audio>,
    pub(super) authors: Vec<Author>,
}

pub(super) fn raw(entry: Entry, beside: Beside) -> Raw {
    let link = beside
        .original
        .or_else(|| alternate(&entry.links))
        .or(beside.permalink);
    let content = entry.content.and_then(|content| {
        let is_plain = content.content_type.ty() == "text" && content.content_type.subty() == "plain";
        content.body.map(|body| {
            if is_plain {
                Markup::Plain(body)
            } else {
                Markup::Html(body)
            }
        })
    });
    let (content, summary) = longer_first(content.map(Told::of), entry.summary.map(markup).map(Told::of));
    let extract = Extract {
        title: entry.title.map(|title| plain(&markup(title))),
        authors: beside.authors,
        categories: categories(entry.categories),
        language: beside.language,
        published: beside.published,
        updated: beside.updated,
        summary: summary.map(|summary| summary.plain),
        image: image(&entry.media),
        html: content.map(|content| html(content.markup)).unwrap_or_default(),
        comment_count: beside.comment_count,
        audio: beside.audio,
        base: beside.base,
        ..Extract::default()
    };
    Raw {
        guid: beside.guid,
        link,
        extract: Ok(extract),
    }
}

fn markup(text: Text) -> Markup {
    // A text of RSS says of itself that it is plain, and seldom is.
    match text.content_type.subty().as_str() {
        "plain" => Markup::Plain(text.content),
        _ => Markup::Html(text.content),
    }
}

fn html(markup: Markup) -> String {
    match markup {
        Markup::Plain(text) => paragraphs(&text),
        Markup::Html(html) => html,
    }
}

pub(super) fn plain(markup: &Markup) -> String {
    match markup {
        Markup::Plain(text) => text::one_line(text),
        // HTML that no reader could show says nothing in short.
        Markup::Html(html) if crate::articles::nesting::excess(html).is_some() => String::new(),
        Markup::Html(html) => text::one_line(&text::from_html(html)),
    }
}

/// A text as it was written and as it reads.
struct Told {
    markup: Markup,
    plain: String,
}

impl Told {
    fn of(markup: Markup) -> Told {
        let plain = plain(&markup);
        Told { markup, plain }
    }
}

/// The longer of the two is the text, the other one says it in short.
fn longer_first(content: Option<Told>, summary: Option<Told>) -> (Option<Told>, Option<Told>) {
    let length = |told: &Option<Told>| told.as_ref().map_or(0, |told| told.plain.chars().count());
    let (content, summary) = (
        content.filter(|content| !content.markup.is_empty()),
        summary.filter(|summary| !summary.markup.is_empty()),
    );
    if content.is_none() || length(&summary) > length(&content) {
        return (summary, content);
    }
    let same = match (&content, &summary) {
        (Some(content), Some(summary)) => content.plain == summary.plain,
        _ => false,
    };
    (content, summary.filter(|_| !same))
}

/// The address among the links: a page of HTML before anything else.
fn alternate(links: &[Link]) -> Option<Url> {
    let is_page = |link: &&Link| {
        link.media_type
            .as_deref()
            .is_none_or(|kind| kind.contains("html"))
    };
    let alternates = || {
        links.iter().filter(|link| {
            link.rel
                .as_deref()
                .is_none_or(|rel| rel.eq_ignore_ascii_case("alternate"))
        })
    };
    let on_the_web = |link: &Link| web_address(&link.href);
    alternates()
        .filter(is_page)
        .find_map(on_the_web)
        .or_else(|| alternates().find_map(on_the_web))
}

fn categories(found: Vec<feed_rs::model::Category>) -> Vec<String> {
    let mut seen = HashSet::new();
    let names = found
        .into_iter()
        .map(|category| text::one_line(&category.label.unwrap_or(category.term)));
    names
        .filter(|name| !name.is_empty() && seen.insert(name.to_lowercase()))
        .collect()
}

/// An image of its own before a small one.
fn image(media: &[MediaObject]) -> Option<(String, String)> {
    let full = media
        .iter()
        .flat_map(|object| &object.content)
        .find_map(|content| content.url.clone());
    let small = || {
        media
            .iter()
            .flat_map(|object| &object.thumbnails)
            .next()
            .map(|thumbnail| thumbnail.image.uri.clone())
    };
    let url = full.map(String::from).or_else(small)?;
    Some((url, String::new()))
}
