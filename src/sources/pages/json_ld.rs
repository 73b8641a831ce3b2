//! What a page says of its article in JSON-LD (schema.org).

use super::stated::{Metadata, Picture, is_article, keywords, pixels, sections};
use crate::articles::audio::seconds;
use crate::articles::text::one_line;
use crate::articles::{Audio, Author, Comment};
use crate::sources::audio::is_audio;
use crate::sources::dates::{self, Reading};
use dom_query::NodeRef;
use serde_json::Value;
use std::collections::HashMap;

/// The longest script that is read, in bytes: in memory JSON takes many times its length.
const MAX_BYTES: usize = 1024 * 1024;

/// Nodes of one page, by their `@id`, so that references between them can be followed.
struct Ids<'v>(HashMap<&'v str, &'v Value>);

impl<'v> Ids<'v> {
    /// What a node says itself, else what the node of its `@id` says.
    fn get(&self, node: &'v Value, key: &str) -> Option<&'v Value> {
        node.get(key).or_else(|| {
            let id = node.get("@id").and_then(Value::as_str)?;
            self.0.get(id)?.get(key)
        })
    }

    /// One value or many of a node.
    fn list(&self, node: &'v Value, key: &str) -> Vec<&'v Value> {
        match self.get(node, key) {
            Some(Value::Array(values)) => values.iter().collect(),
            Some(value) => vec![value],
            None => Vec::new(),
        }
    }

    fn text(&self, node: &'v Value, key: &str) -> Option<String> {
        text(self.get(node, key)?)
    }
}

/// Reads all JSON-LD of a page; what cannot be read says nothing.
pub(super) fn read(scripts: &[NodeRef], reading: Reading) -> Metadata {
    let texts = scripts
        .iter()
        .map(NodeRef::text)
        .filter(|text| text.len() <= MAX_BYTES);
    let documents: Vec<Value> = texts.filter_map(|text| parse(&text)).collect();
    let (mut nodes, mut listed) = (Vec::new(), Vec::new());
    for value in &documents {
        flatten(value, &mut nodes, &mut listed);
    }
    let all = || nodes.iter().chain(&listed);
    let mut ids = Ids(HashMap::new());
    for node in all() {
        if let Some(id) = node.get("@id").and_then(Value::as_str) {
            // A bare reference is not what it refers to.
            let known = ids.0.entry(id).or_insert(node);
            if known.as_object().map(|o| o.len()) < node.as_object().map(|o| o.len()) {
                *known = node;
            }
        }
    }
    // What stands in a list may be somebody else's: further articles, for one.
    let article = all().find(|node| is_type(node, is_article));
    let page = all().find(|node| is_type(node, |name| name.ends_with("WebPage")));
    let of_page = page.map(|page| of_page(page, &ids, reading)).unwrap_or_default();
    let site = all().find(|node| is_type(node, |name| name == "WebSite"));
    let site_name = site.and_then(|site| ids.text(site, "name"));
    let found = match article {
        Some(article) => of_article(article, &ids, reading).or(of_page),
        None => of_page,
    };
    Metadata {
        site_name: found.site_name.or(site_name),
        ..found
    }
}

fn parse(text: &str) -> Option<Value> {
    let text = text.trim().trim_start_matches("<!--").trim_end_matches("-->");
    let text = text
        .trim()
        .trim_start_matches("//<![CDATA[")
        .trim_start_matches("<![CDATA[");
    let text = text
        .trim_end_matches("//]]>")
        .trim_end_matches("]]>")
        .trim()
        .trim_end_matches(';');
    // Line breaks within strings are no JSON, and common.
    serde_json::from_str(text).ok().or_else(|| {
        let plain: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        serde_json::from_str(&plain).ok()
    })
}

fn flatten<'v>(value: &'v Value, nodes: &mut Vec<&'v Value>, listed: &mut Vec<&'v Value>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| flatten(value, nodes, listed)),
        Value::Object(object) => {
            nodes.push(value);
            let mut inner = |key: &str, into: &mut Vec<&'v Value>| {
                if let Some(inner @ (Value::Array(_) | Value::Object(_))) = object.get(key) {
                    let mut own = Vec::new();
                    flatten(inner, &mut own, listed);
                    into.extend(own);
                }
            };
            for key in ["@graph", "mainEntity", "mainEntityOfPage", "isPartOf"] {
                inner(key, nodes);
            }
            let mut further = Vec::new();
            inner("itemListElement", &mut further);
            listed.extend(further);
        }
        _ => {}
    }
}

fn is_type(node: &Value, matches: impl Fn(&str) -> bool) -> bool {
    match node.get("@type") {
        Some(Value::String(name)) => matches(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(matches),
        _ => false,
    }
}

fn of_article<'v>(node: &'v Value, ids: &Ids<'v>, reading: Reading) -> Metadata {
    let authors = match ids.list(node, "author") {
        none if none.is_empty() => ids.list(node, "creator"),
        authors => authors,
    };
    let terms = |key: &str| {
        ids.list(node, key)
            .into_iter()
            .filter_map(|value| named(value, ids))
    };
    let publisher = ids
        .get(node, "publisher")
        .and_then(|publisher| named(publisher, ids));
    let comments = ids.list(node, "comment");
    Metadata {
        title: ids.text(node, "headline").or_else(|| ids.text(node, "name")),
        description: ids
            .text(node, "description")
            .or_else(|| ids.text(node, "abstract")),
        authors: authors
            .into_iter()
            .filter_map(|author| person(author, ids))
            .collect(),
        categories: sections(terms("articleSection").collect()),
        tags: terms("keywords")
            .flat_map(|words| keywords(&words).collect::<Vec<_>>())
            .collect(),
        published: date(node, "datePublished", ids, reading)
            .or_else(|| date(node, "dateCreated", ids, reading)),
        updated: date(node, "dateModified", ids, reading).map(|date| date.at),
        image: ["image", "primaryImageOfPage", "thumbnailUrl"]
            .iter()
            .flat_map(|key| ids.list(node, key))
            .find_map(|image| picture(image, ids)),
        audio: ["audio", "associatedMedia"]
            .iter()
            .flat_map(|key| ids.list(node, key))
            .find_map(|media| recording(media, ids)),
        language: ids.text(node, "inLanguage"),
        site_name: publisher,
        url: ids.text(node, "url"),
        comment_count: ids
            .get(node, "commentCount")
            .and_then(count)
            .or_else(|| counted(node, ids)),
        comments: comments
            .into_iter()
            .filter_map(|comment| comment_of(comment, ids, reading))
            .collect(),
        paid: ids.get(node, "isAccessibleForFree").is_some_and(is_false),
    }
}

/// A page is no article, but its dates and its image are the article's.
fn of_page<'v>(page: &'v Value, ids: &Ids<'v>, reading: Reading) -> Metadata {
    let found = of_article(page, ids, reading);
    Metadata {
        published: found.published,
        updated: found.updated,
        image: found.image,
        paid: found.paid,
        ..Metadata::default()
    }
}

/// `false`, in whichever way it is written.
fn is_false(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::String(text) => text
            .trim()
            .rsplit('/')
            .next()
            .is_some_and(|end| end.eq_ignore_ascii_case("false")),
        _ => false,
    }
}

/// A text; entities in it are decoded, because many programs encode them twice.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        object @ Value::Object(_) => object.get("@value")?.as_str()?.to_owned(),
        _ => return None,
    };
    let text = if text.contains('&') || text.contains('<') {
        crate::articles::text::from_html(&text)
    } else {
        text
    };
    Some(one_line(&text)).filter(|text| !text.is_empty())
}

/// A text, or the name of a thing.
fn named<'v>(value: &'v Value, ids: &Ids<'v>) -> Option<String> {
    text(value).or_else(|| ids.text(value, "name"))
}

fn picture<'v>(value: &'v Value, ids: &Ids<'v>) -> Option<Picture> {
    let address = text(value)
        .or_else(|| ids.text(value, "url"))
        .or_else(|| ids.text(value, "contentUrl"))?;
    let size = |key: &str| {
        let stated = ids.get(value, key)?;
        pixels(&text(stated).or_else(|| ids.text(stated, "value"))?)
    };
    Some(Picture {
        address,
        alt: ids.text(value, "caption").unwrap_or_default(),
        width: size("width"),
        height: size("height"),
    })
}

/// Of the media of an article one that can be heard.
fn recording<'v>(value: &'v Value, ids: &Ids<'v>) -> Option<Audio> {
    let url = ids.text(value, "contentUrl").or_else(|| ids.text(value, "url"))?;
    let media_type = ids.text(value, "encodingFormat").unwrap_or_default();
    is_audio(&url, &media_type).then(|| Audio {
        duration: ids.text(value, "duration").and_then(|text| seconds(&text)),
        url,
        media_type,
        ..Audio::default()
    })
}

fn person<'v>(value: &'v Value, ids: &Ids<'v>) -> Option<Author> {
    let name = ids.text(value, "name").or_else(|| text(value))?;
    if name.starts_with("http") {
        return None;
    }
    let url = ids
        .text(value, "url")
        .filter(|url| url.starts_with("http") || url.starts_with('/'));
    Some(Author { name, url })
}

fn date<'v>(
    node: &'v Value,
    key: &str,
    ids: &Ids<'v>,
    reading: Reading,
) -> Option<crate::articles::Published> {
    dates::parse(&ids.text(node, key)?, reading)
}

fn count(value: &Value) -> Option<u32> {
    value
        .as_u64()
        .and_then(|n| u32::try_from(n).ok())
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// The number of comments among the statistics of an article.
fn counted<'v>(node: &'v Value, ids: &Ids<'v>) -> Option<u32> {
    ids.list(node, "interactionStatistic")
        .into_iter()
        .find_map(|statistic| {
            let kind = ids.get(statistic, "interactionType")?;
            let kind = kind.as_str().or_else(|| kind.get("@type")?.as_str())?;
            kind.ends_with("CommentAction")
                .then(|| count(ids.get(statistic, "userInteractionCount")?))?
        })
}

fn comment_of<'v>(node: &'v Value, ids: &Ids<'v>, reading: Reading) -> Option<Comment> {
    let mut authors = ids
        .list(node, "author")
        .into_iter()
        .chain(ids.list(node, "creator"));
    Some(Comment {
        author: authors
            .find_map(|value| person(value, ids))
            .map(|author| author.name)
            .unwrap_or_default(),
        published: date(node, "datePublished", ids, reading)
            .or_else(|| date(node, "dateCreated", ids, reading))
            .map(|date| date.at),
        text: ids.text(node, "text").or_else(|| ids.text(node, "description"))?,
    })
}
