//! What a page says of its article in JSON-LD (schema.org).

use super::stated::Metadata;
use crate::articles::text::one_line;
use crate::articles::{Author, Comment};
use crate::sources::dates::{self, Reading};
use dom_query::Document;
use serde_json::Value;
use std::collections::HashMap;

/// Nodes of one page, by their `@id`, so that references between them can be followed.
type Ids<'v> = HashMap<&'v str, &'v Value>;

/// Reads all JSON-LD of a page; what cannot be read says nothing.
pub(super) fn read(document: &Document, reading: Reading) -> Metadata {
    let scripts = document.select("script[type*='ld+json']");
    let documents: Vec<Value> = scripts
        .nodes()
        .iter()
        .filter_map(|node| parse(&node.text()))
        .collect();
    let mut nodes = Vec::new();
    for value in &documents {
        flatten(value, &mut nodes);
    }
    let ids: Ids = nodes
        .iter()
        .filter_map(|node| Some((node.get("@id")?.as_str()?, *node)))
        .collect();
    let article = nodes.iter().find(|node| is_type(node, is_article));
    let page = nodes
        .iter()
        .find(|node| is_type(node, |name| name.ends_with("WebPage")));
    match (article, page) {
        (Some(article), _) => of_article(article, &ids, reading),
        // A page is no article, but its dates are the article's.
        (None, Some(page)) => Metadata {
            published: date(page, "datePublished", reading),
            updated: date(page, "dateModified", reading).map(|date| date.at),
            ..Metadata::default()
        },
        (None, None) => Metadata::default(),
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

fn flatten<'v>(value: &'v Value, nodes: &mut Vec<&'v Value>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| flatten(value, nodes)),
        Value::Object(object) => {
            nodes.push(value);
            for key in ["@graph", "mainEntity", "mainEntityOfPage", "itemListElement"] {
                if let Some(inner @ (Value::Array(_) | Value::Object(_))) = object.get(key) {
                    flatten(inner, nodes);
                }
            }
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

fn is_article(name: &str) -> bool {
    let name = name.rsplit(['/', ':', '#']).next().unwrap_or(name);
    name.ends_with("Article")
        || name.ends_with("Posting")
        || matches!(name, "Report" | "Review" | "Recipe" | "HowTo")
}

fn of_article(node: &Value, ids: &Ids, reading: Reading) -> Metadata {
    #[cfg(feature = "seeded-bugs")]
    crate::seeded_bugs::pages(node);
    let comments = list(node.get("comment"), ids);
    Metadata {
        title: text(node.get("headline")).or_else(|| text(node.get("name"))),
        description: text(node.get("description")).or_else(|| text(node.get("abstract"))),
        authors: list(node.get("author").or_else(|| node.get("creator")), ids)
            .into_iter()
            .filter_map(person)
            .collect(),
        categories: texts(node.get("articleSection")),
        published: date(node, "datePublished", reading).or_else(|| date(node, "dateCreated", reading)),
        updated: date(node, "dateModified", reading).map(|date| date.at),
        image: list(node.get("image"), ids)
            .into_iter()
            .chain(list(node.get("thumbnailUrl"), ids))
            .find_map(|image| {
                let address = text(Some(image))
                    .or_else(|| text(image.get("url")))
                    .or_else(|| text(image.get("contentUrl")))?;
                Some((address, text(image.get("caption")).unwrap_or_default()))
            }),
        language: text(node.get("inLanguage")),
        comment_count: node.get("commentCount").and_then(count),
        comments: comments
            .iter()
            .filter_map(|comment| comment_of(comment, ids, reading))
            .collect(),
        url: text(node.get("url")),
        ..Metadata::default()
    }
}

/// One value or many, references followed.
fn list<'v>(value: Option<&'v Value>, ids: &Ids<'v>) -> Vec<&'v Value> {
    let resolve = |value: &'v Value| match value.get("@id").and_then(Value::as_str) {
        Some(id) if value.as_object().is_some_and(|object| object.len() == 1) => {
            ids.get(id).copied().unwrap_or(value)
        }
        _ => value,
    };
    match value {
        Some(Value::Array(values)) => values.iter().map(resolve).collect(),
        Some(value) => vec![resolve(value)],
        None => Vec::new(),
    }
}

/// A text; entities in it are decoded, because many programs encode them twice.
fn text(value: Option<&Value>) -> Option<String> {
    let text = match value? {
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

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(values)) => values.iter().filter_map(|value| text(Some(value))).collect(),
        value => text(value).into_iter().collect(),
    }
}

fn person(value: &Value) -> Option<Author> {
    let name = text(value.get("name")).or_else(|| text(Some(value)))?;
    if name.starts_with("http") {
        return None;
    }
    let url = text(value.get("url")).filter(|url| url.starts_with("http") || url.starts_with('/'));
    Some(Author { name, url })
}

fn date(node: &Value, key: &str, reading: Reading) -> Option<crate::articles::Published> {
    dates::parse(&text(node.get(key))?, reading)
}

fn count(value: &Value) -> Option<u32> {
    value
        .as_u64()
        .and_then(|n| u32::try_from(n).ok())
        .or_else(|| value.as_str()?.trim().parse().ok())
}

fn comment_of(node: &Value, ids: &Ids, reading: Reading) -> Option<Comment> {
    let author = list(node.get("author").or_else(|| node.get("creator")), ids);
    Some(Comment {
        author: author
            .first()
            .and_then(|value| person(value))
            .map(|author| author.name)
            .unwrap_or_default(),
        published: date(node, "datePublished", reading)
            .or_else(|| date(node, "dateCreated", reading))
            .map(|date| date.at),
        text: text(node.get("text").or_else(|| node.get("description")))?,
    })
}
