//! RSS 2.0, after the specification and the RSS Advisory Board's profile.

use super::clean;
use super::document::{Format, HOLE, WriteError, rfc2822};
use super::model::{Feed, GENERATOR, HISTORY, Item, archive_links, enclosures};
use super::podcast;
use crate::articles::Image;
use ::rss::extension::atom::{AtomExtension, Link};
use ::rss::extension::dublincore::DublinCoreExtension;
use ::rss::extension::{Extension, ExtensionMap};
use ::rss::{Category, Channel, Cloud, Enclosure, Guid};
use quick_xml::escape::partial_escape;
use std::collections::BTreeMap;
use url::Url;

/// How long a reader may rest between two looks, in minutes.
const TTL: &str = "60";

/// The crate declares `content`, `dc` and `atom` by itself, and these not.
const NAMESPACES: [(&str, &str); 2] = [
    ("media", "http://search.yahoo.com/mrss/"),
    ("slash", "http://purl.org/rss/1.0/modules/slash/"),
];

/// Where a comment has a feed.
const COMMENTS: (&str, &str) = ("wfw", "http://wellformedweb.org/CommentAPI/");

/// Two characters that XML forbids, so that no text here holds them: they stand for `<` and `&` in
/// plain text until the document is written. The profile wants these two as hexadecimal
/// references, the one form that no reader takes for markup; the crate would write `&lt;`.
const LESS: char = '\u{FFFE}';
const AND: char = '\u{FFFF}';

pub(crate) fn write(feed: &Feed, self_url: &Url) -> Result<String, WriteError> {
    let mut bytes = channel(feed, self_url).pretty_write_to(feed.room(), b' ', 2)?;
    bytes.push(b'\n');
    let text = String::from_utf8(bytes)?;
    Ok(clean::put_in(text, &[(LESS, "&#x3C;"), (AND, "&#x26;")]))
}

/// Text that is no HTML, as the profile wants it.
fn plain(text: &str) -> String {
    text.replace('<', LESS.encode_utf8(&mut [0; 4]))
        .replace('&', AND.encode_utf8(&mut [0; 4]))
}

fn channel(feed: &Feed, self_url: &Url) -> Channel {
    let title = plain(&feed.title);
    Channel {
        image: feed.logo.clone().map(|url| ::rss::Image {
            url,
            title: title.clone(),
            link: feed.home.clone(),
            ..Default::default()
        }),
        title,
        link: feed.home.clone(),
        description: plain(&feed.description),
        language: feed.language.clone(),
        last_build_date: Some(rfc2822(HOLE)),
        generator: Some(GENERATOR.to_owned()),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        ttl: Some(TTL.to_owned()),
        cloud: feed.cloud.as_ref().map(cloud),
        atom_ext: Some(AtomExtension {
            links: links(feed, self_url),
        }),
        itunes_ext: feed
            .show
            .as_ref()
            .map(|show| podcast::of_channel(feed, show, plain)),
        namespaces: namespaces(feed),
        extensions: marks(feed, self_url),
        items: feed.items.iter().map(|item| item_of(item, feed)).collect(),
        ..Default::default()
    }
}

fn namespaces(feed: &Feed) -> BTreeMap<String, String> {
    let history = feed.current.as_ref().map(|_| HISTORY);
    let has_comments = feed.items.iter().any(|item| item.replies.is_some());
    let all = NAMESPACES
        .into_iter()
        .chain(history)
        .chain(has_comments.then_some(COMMENTS))
        .chain(feed.show.as_ref().map(|_| podcast::NAMESPACE));
    all.map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned()))
        .collect()
}

/// RFC 5005 has each page of an archive say that it is one; a podcast is known by a guid.
fn marks(feed: &Feed, self_url: &Url) -> ExtensionMap {
    let mut map = ExtensionMap::new();
    if let Some(show) = &feed.show {
        let of_feed = feed.current.as_ref();
        let of_feed = of_feed.and_then(|folder| folder.join(Format::Rss.file_name()).ok());
        let guid = show.guid(of_feed.as_ref().unwrap_or(self_url));
        let guid = element("podcast:guid", BTreeMap::new(), Some(guid));
        map.entry("podcast".to_owned())
            .or_default()
            .insert("guid".to_owned(), vec![guid]);
    }
    if feed.current.is_some() {
        let mark = element("fh:archive", BTreeMap::new(), None);
        map.entry("fh".to_owned())
            .or_default()
            .insert("archive".to_owned(), vec![mark]);
    }
    map
}

/// Where a reader registers to be told of changes.
fn cloud(url: &Url) -> Cloud {
    Cloud {
        domain: url.host_str().unwrap_or_default().to_owned(),
        port: url.port_or_known_default().unwrap_or(80).to_string(),
        path: url.path().to_owned(),
        register_procedure: String::new(),
        protocol: format!("{}-post", url.scheme()),
    }
}

fn links(feed: &Feed, self_url: &Url) -> Vec<Link> {
    let own = Link {
        href: self_url.to_string(),
        rel: "self".to_owned(),
        mime_type: Some(Format::Rss.media_type().to_owned()),
        ..Default::default()
    };
    let hub = |hub: &String| Link {
        href: hub.clone(),
        rel: "hub".to_owned(),
        ..Default::default()
    };
    let archive = archive_links(feed, Format::Rss).map(|(rel, href)| Link {
        href,
        rel: rel.to_owned(),
        mime_type: Some(Format::Rss.media_type().to_owned()),
        ..Default::default()
    });
    std::iter::once(own)
        .chain(feed.hubs.iter().map(hub))
        .chain(archive)
        .collect()
}

fn item_of(item: &Item, feed: &Feed) -> ::rss::Item {
    let creators = match item.authors.as_slice() {
        [] if feed.author_stated => vec![plain(&feed.author.name)],
        authors => authors.iter().map(|author| plain(&author.name)).collect(),
    };
    ::rss::Item {
        title: Some(plain(&item.title)),
        link: item.url.clone(),
        // A description is HTML, and the summary is not.
        description: Some(partial_escape(item.summary.as_str()).into_owned()),
        content: item.html.clone(),
        guid: Some(Guid {
            value: item.guid.clone(),
            permalink: false,
        }),
        pub_date: Some(rfc2822(item.published)),
        comments: item.comments.and(item.url.clone()),
        categories: item
            .categories
            .iter()
            .map(|category| Category {
                name: plain(&category.name),
                domain: category.folder.as_ref().map(Url::to_string),
            })
            .collect(),
        // RSS has one, and wants a length: 0 says that nobody knows it.
        enclosure: enclosures(item).next().map(|file| Enclosure {
            url: file.url.to_owned(),
            length: file.length.unwrap_or_default().to_string(),
            mime_type: file.media_type.to_owned(),
        }),
        itunes_ext: podcast::of_item(item),
        extensions: extensions(item),
        dublin_core_ext: Some(DublinCoreExtension {
            creators,
            languages: item.language.iter().cloned().collect(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The picture, with its size where it is known, and the number of comments and where they have a feed.
fn extensions(item: &Item) -> ExtensionMap {
    let mut map = ExtensionMap::new();
    if let Some(image) = &item.image {
        let media = map.entry("media".to_owned()).or_default();
        media.insert("content".to_owned(), vec![media_content(image)]);
        media.insert(
            "thumbnail".to_owned(),
            vec![element("media:thumbnail", size(image), None)],
        );
    }
    if let Some(count) = item.comments {
        let comments = element("slash:comments", BTreeMap::new(), Some(count.to_string()));
        map.entry("slash".to_owned())
            .or_default()
            .insert("comments".to_owned(), vec![comments]);
    }
    for (name, url, media_type) in item.audio.iter().flat_map(podcast::beside) {
        let attrs = [("url", url), ("type", media_type)];
        let attrs = attrs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let file = element(&format!("podcast:{name}"), BTreeMap::from(attrs), None);
        map.entry("podcast".to_owned())
            .or_default()
            .insert(name.to_owned(), vec![file]);
    }
    if let Some((folder, _)) = &item.replies
        && let Ok(url) = folder.join(Format::Rss.file_name())
    {
        let feed = element("wfw:commentRss", BTreeMap::new(), Some(url.into()));
        map.entry("wfw".to_owned())
            .or_default()
            .insert("commentRss".to_owned(), vec![feed]);
    }
    map
}

fn media_content(image: &Image) -> Extension {
    let mut attrs = size(image);
    attrs.insert("medium".to_owned(), "image".to_owned());
    if let Some(media_type) = &image.media_type {
        attrs.insert("type".to_owned(), media_type.clone());
    }
    if let Some(length) = image.length {
        attrs.insert("fileSize".to_owned(), length.to_string());
    }
    let mut content = element("media:content", attrs, None);
    if !image.alt.is_empty() {
        let alt = clean::as_html(&image.alt);
        let kind = if alt == image.alt { "plain" } else { "html" };
        let attrs = BTreeMap::from([("type".to_owned(), kind.to_owned())]);
        let alt = element("media:description", attrs, Some(plain(&alt)));
        content.children.insert("description".to_owned(), vec![alt]);
    }
    content
}

fn size(image: &Image) -> BTreeMap<String, String> {
    let number = |name: &str, pixels: Option<u32>| Some((name.to_owned(), pixels?.to_string()));
    [
        Some(("url".to_owned(), image.url.clone())),
        number("width", image.width),
        number("height", image.height),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn element(name: &str, attrs: BTreeMap<String, String>, value: Option<String>) -> Extension {
    Extension {
        name: name.to_owned(),
        // Without any text at all the crate would break the line inside the element.
        value: Some(value.unwrap_or_default()),
        attrs,
        ..Default::default()
    }
}
