//! Feeds of other systems: RSS, Atom and JSON Feed, through `feed-rs`.

use super::collection::{Collection, Item};
use super::dates::Reading;
use super::extract::Extract;
use super::scan::About;
use crate::articles::{Author, Precision, Published};
use crate::problem::Problem;
use std::path::Path;

/// Reads a feed.
///
/// # Errors
/// It is none: `feed`.
pub(crate) fn parse(
    bytes: &[u8],
    _content_type: Option<&str>,
    from: &Path,
    _reading: Reading,
) -> Result<Collection, Problem> {
    let feed = feed_rs::parser::parse(bytes).map_err(|error| {
        Problem::error("feed", format!("it cannot be read as a feed: {error}"))
            .file(from)
            .hint("look whether it is RSS, Atom or JSON Feed")
    })?;
    Ok(Collection {
        items: feed.entries.into_iter().map(item).collect(),
        about: About {
            title: feed.title.map(|title| title.content),
            url: feed.links.into_iter().next().map(|link| link.href),
            description: feed.description.map(|text| text.content),
            language: feed.language,
            ..About::default()
        },
        warnings: Vec::new(),
        whole: false,
    })
}

fn item(entry: feed_rs::model::Entry) -> Item {
    let url = entry.links.first().map(|link| link.href.clone());
    let html = entry
        .content
        .and_then(|content| content.body)
        .or_else(|| entry.summary.as_ref().map(|summary| summary.content.clone()));
    Item {
        key: url.clone().unwrap_or_else(|| entry.id.clone()),
        extract: Ok(Extract {
            guid: Some(entry.id),
            title: entry.title.map(|title| title.content),
            url,
            authors: entry
                .authors
                .into_iter()
                .map(|person| Author {
                    name: person.name.unwrap_or_default(),
                    url: person.uri,
                })
                .collect(),
            categories: entry
                .categories
                .into_iter()
                .map(|category| category.term)
                .collect(),
            published: entry.published.map(|at| Published {
                at,
                precision: Precision::Second,
            }),
            html: html.unwrap_or_default(),
            ..Extract::default()
        }),
    }
}
