//! Atom 1.0 (RFC 4287), with the number of answers of RFC 4685.

use super::clean::{as_html, looks_like_html, put_in};
use super::document::{Format, HOLE, WriteError};
use super::model::{Feed, GENERATOR, HISTORY, Item, archive_links, enclosures};
use crate::articles::{Author, Image};
use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{Category, Content, Entry, Generator, Link, Person, Text, WriteConfig};
use quick_xml::escape::escape;
use std::borrow::Cow;
use std::collections::BTreeMap;
use url::Url;

/// The crate's own declaration names no encoding.
const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

const NAMESPACES: [(&str, &str); 2] = [
    ("media", "http://search.yahoo.com/mrss/"),
    ("thr", "http://purl.org/syndication/thread/1.0"),
];

/// A character that XML forbids, so that no text here holds it: behind it stands how many answers a link
/// leads to. RFC 4685 wants the number in an attribute, and the crate's links take none.
const COUNT: char = '\u{FFFE}';

pub(crate) fn write(feed: &Feed, self_url: &Url) -> Result<String, WriteError> {
    let config = WriteConfig {
        write_document_declaration: false,
        indent_size: Some(2),
    };
    let mut bytes = feed.room();
    bytes.extend_from_slice(DECLARATION);
    let mut bytes = feed_of(feed, self_url).write_with_config(bytes, config)?;
    bytes.push(b'\n');
    let text = put_in(String::from_utf8(bytes)?, &[(COUNT, "\" thr:count=\"")]);
    Ok(match &feed.current {
        Some(_) => marked_as_archive(text),
        None => text,
    })
}

/// RFC 5005 has each page of an archive say that it is one. The crate writes what is no Atom behind the
/// entries, and the grammar of RFC 4287 wants it before them. All text is escaped, so the first `<entry>`
/// is one.
fn marked_as_archive(mut text: String) -> String {
    if let Some(place) = text.find("  <entry>").or_else(|| text.rfind("</feed>")) {
        text.insert_str(place, "  <fh:archive/>\n");
    }
    text
}

fn feed_of(feed: &Feed, self_url: &Url) -> atom_syndication::Feed {
    atom_syndication::Feed {
        title: text(&feed.title),
        subtitle: Some(text(&feed.description)),
        id: feed.id.clone(),
        updated: HOLE.fixed_offset(),
        authors: vec![person(&feed.author)],
        generator: Some(Generator {
            value: GENERATOR.to_owned(),
            ..Default::default()
        }),
        links: links(feed, self_url),
        logo: feed.logo.clone(),
        lang: feed.language.clone(),
        namespaces: namespaces(feed),
        entries: feed.items.iter().map(entry).collect(),
        ..Default::default()
    }
}

fn namespaces(feed: &Feed) -> BTreeMap<String, String> {
    let history = feed.current.as_ref().map(|_| HISTORY);
    let all = NAMESPACES.into_iter().chain(history);
    all.map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned()))
        .collect()
}

fn links(feed: &Feed, self_url: &Url) -> Vec<Link> {
    let own = link("self", self_url.as_str(), Some(Format::Atom.media_type()));
    let home = link("alternate", &feed.home, Some("text/html"));
    [own, home]
        .into_iter()
        .chain(feed.hubs.iter().map(|hub| link("hub", hub, None)))
        .chain(
            archive_links(feed, Format::Atom)
                .map(|(rel, href)| link(rel, &href, Some(Format::Atom.media_type()))),
        )
        .collect()
}

fn link(rel: &str, href: &str, media_type: Option<&str>) -> Link {
    Link {
        rel: rel.to_owned(),
        href: href.to_owned(),
        mime_type: media_type.map(str::to_owned),
        ..Default::default()
    }
}

fn person(author: &Author) -> Person {
    Person {
        name: author.name.clone(),
        uri: author.url.clone(),
        ..Default::default()
    }
}

/// Plain text. What a reader might yet take for HTML is said to be that, and escaped once more: so
/// those that ask for the type show it as it is, and those that take all for HTML do too.
fn text(plain: &str) -> Text {
    match as_html(plain) {
        Cow::Owned(html) => Text::html(html),
        Cow::Borrowed(plain) => Text::plain(plain),
    }
}

/// The crate's entry has no `xml:lang`, so another language than the feed's stands at each text.
fn entry(item: &Item) -> Entry {
    let text = |plain: &str| Text {
        lang: item.language.clone(),
        ..text(plain)
    };
    let alternate = item
        .url
        .iter()
        .map(|url| link("alternate", url, Some("text/html")));
    let files = enclosures(item).map(|file| Link {
        length: file.length.map(|bytes| bytes.to_string()),
        ..link("enclosure", file.url, Some(file.media_type))
    });
    Entry {
        title: text(&item.title),
        id: item.id.clone(),
        published: Some(item.published.fixed_offset()),
        updated: item.updated.fixed_offset(),
        authors: item.authors.iter().map(person).collect(),
        categories: item
            .categories
            .iter()
            .map(|category| Category {
                term: category.name.clone(),
                scheme: Some(category.scheme.to_string()),
                // Without one readers show the term, and a label is taken for HTML.
                label: (!looks_like_html(&category.name)).then(|| category.name.clone()),
            })
            .collect(),
        links: alternate.chain(files).chain(replies(item)).collect(),
        summary: (!item.summary.is_empty()).then(|| text(&item.summary)),
        content: item.html.as_ref().map(|html| Content {
            lang: item.language.clone(),
            value: Some(html.clone()),
            content_type: Some("html".to_owned()),
            ..Default::default()
        }),
        extensions: extensions(item),
        ..Default::default()
    }
}

/// Where the comments have a feed.
fn replies(item: &Item) -> Option<Link> {
    let (folder, count) = item.replies.as_ref()?;
    let url = folder.join(Format::Atom.file_name()).ok()?;
    let media_type = format!("{}{COUNT}{count}", Format::Atom.media_type());
    Some(link("replies", url.as_str(), Some(&media_type)))
}

fn in_reply_to(id: &str, url: Option<&str>) -> Extension {
    let attrs = [
        Some(("ref", id)),
        url.map(|url| ("href", url)),
        url.map(|_| ("type", "text/html")),
    ];
    let attrs = attrs.into_iter().flatten();
    let attrs = attrs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    element("thr:in-reply-to", attrs, None)
}

/// The picture, with its size where it is known, and the number of comments; of a comment, what it is on.
fn extensions(item: &Item) -> ExtensionMap {
    let picture = item
        .image
        .as_ref()
        .map(|image| ("media", "thumbnail", thumbnail(image)));
    let comments = item.comments.map(|count| {
        let total = element("thr:total", BTreeMap::new(), Some(count.to_string()));
        ("thr", "total", total)
    });
    let answers = item.in_reply_to.as_ref().map(|(id, url)| {
        let to = in_reply_to(id, url.as_deref());
        ("thr", "in-reply-to", to)
    });
    [picture, comments, answers]
        .into_iter()
        .flatten()
        .map(|(prefix, name, element)| {
            (
                prefix.to_owned(),
                BTreeMap::from([(name.to_owned(), vec![element])]),
            )
        })
        .collect()
}

fn thumbnail(image: &Image) -> Extension {
    let number = |name: &str, pixels: Option<u32>| Some((name.to_owned(), pixels?.to_string()));
    let attrs = [
        Some(("url".to_owned(), image.url.clone())),
        number("width", image.width),
        number("height", image.height),
    ];
    element("media:thumbnail", attrs.into_iter().flatten().collect(), None)
}

/// An element of another vocabulary. The crate writes its attributes as they are, so they are
/// escaped here; the text it escapes itself.
fn element(name: &str, attrs: BTreeMap<String, String>, value: Option<String>) -> Extension {
    let escaped = |(name, value): (String, String)| (name, escape(value).into_owned());
    Extension {
        name: name.to_owned(),
        // Without any text at all the crate would break the line inside the element.
        value: Some(value.unwrap_or_default()),
        attrs: attrs.into_iter().map(escaped).collect(),
        ..Default::default()
    }
}
