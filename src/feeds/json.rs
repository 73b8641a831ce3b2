//! JSON Feed 1.1.

use super::document::{Format, WriteError};
use super::model::{self, archive_links, enclosures};
use crate::articles::Author;
use crate::clock::rfc3339;
use serde::Serialize;
use url::Url;

const VERSION: &str = "https://jsonfeed.org/version/1.1";

#[derive(Serialize)]
struct Feed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<String>,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<&'a str>,
    authors: [Person<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Person<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Hub<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    summary: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Person<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a str,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_in_seconds: Option<u32>,
}

pub(crate) fn write(feed: &model::Feed, self_url: &Url) -> Result<String, WriteError> {
    let document = Feed {
        version: VERSION,
        title: &feed.title,
        home_page_url: &feed.home,
        feed_url: self_url.as_str(),
        next_url: archive_links(feed, Format::Json)
            .find_map(|(rel, url)| (rel == "prev-archive").then_some(url)),
        description: &feed.description,
        icon: feed.logo.as_deref(),
        authors: [person(&feed.author)],
        language: feed.language.as_deref(),
        hubs: feed.hubs.iter().map(|url| Hub { kind: "WebSub", url }).collect(),
        items: feed.items.iter().map(item).collect(),
    };
    let mut bytes = feed.room();
    serde_json::to_writer_pretty(&mut bytes, &document)?;
    bytes.push(b'\n');
    Ok(String::from_utf8(bytes)?)
}

fn person(author: &Author) -> Person<'_> {
    Person {
        name: &author.name,
        url: author.url.as_deref(),
    }
}

fn item(item: &model::Item) -> Item<'_> {
    Item {
        id: &item.guid,
        url: item.url.as_deref(),
        title: &item.title,
        content_html: item.html.as_deref(),
        // One of the two must be there.
        content_text: item.html.is_none().then_some(item.summary.as_str()),
        summary: &item.summary,
        image: item.image.as_ref().map(|image| image.url.as_str()),
        date_published: rfc3339(item.published),
        date_modified: rfc3339(item.updated),
        authors: item.authors.iter().map(person).collect(),
        tags: item
            .categories
            .iter()
            .map(|category| category.name.as_str())
            .collect(),
        language: item.language.as_deref(),
        attachments: enclosures(item)
            .map(|file| Attachment {
                url: file.url,
                mime_type: file.media_type,
                size_in_bytes: file.length,
                duration_in_seconds: file.duration,
            })
            .collect(),
    }
}
