//! What the head of a page says in `<meta>` and `<link>`: OpenGraph, Twitter, Dublin Core, and what
//! publishers, libraries and analytics made up.

use super::marks::Marks;
use super::stated::{Metadata, Picture, keywords, pixels, sections};
use crate::articles::text::one_line;
use crate::articles::{Audio, Author};
use crate::sources::dates::{self, Reading};
use crate::sources::people;
use dom_query::NodeRef;

const TITLES: &[&str] = &[
    "og:title",
    "twitter:title",
    "dc.title",
    "dcterms.title",
    "citation_title",
    "headline",
    "parsely-title",
    "sailthru.title",
];
const DESCRIPTIONS: &[&str] = &[
    "og:description",
    "description",
    "twitter:description",
    "dc.description",
    "dcterms.description",
    "dcterms.abstract",
    "citation_abstract",
    "sailthru.description",
];
const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "pubdate",
    "publishdate",
    "publish_date",
    "publish-date",
    "published_time",
    "publication_date",
    "dc.date",
    "dc.date.issued",
    "dc.date.created",
    "dcterms.date",
    "dcterms.created",
    "dcterms.issued",
    "dcterms.available",
    "parsely-pub-date",
    "sailthru.date",
    "article.published",
    "originaldate",
    "citation_publication_date",
    "citation_date",
    "citation_online_date",
    "cxenseparse:recs:publishtime",
];
const UPDATED: &[&str] = &[
    "article:modified_time",
    "og:updated_time",
    "og:article:modified_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
    "lastmod",
    "revised",
    "article.updated",
];
const IMAGES: &[&str] = &[
    "og:image",
    "og:image:url",
    "og:image:secure_url",
    "twitter:image",
    "twitter:image:src",
    "image",
    "thumbnail",
    "parsely-image-url",
    "sailthru.image.full",
];
const RECORDINGS: &[&str] = &["og:audio", "og:audio:url", "og:audio:secure_url"];
const AUTHORS: &[&str] = &[
    "author",
    "article:author",
    "og:article:author",
    "article:author_name",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "citation_author",
    "citation_authors",
    "byl",
    "twitter:creator:name",
];
const SECTIONS: &[&str] = &[
    "article:section",
    "og:article:section",
    "og:section",
    "section",
    "articlesection",
    "parsely-section",
    "dc.subject",
    "dcterms.subject",
];
const TAGS: &[&str] = &[
    "article:tag",
    "og:article:tag",
    "parsely-tags",
    "citation_keywords",
];
/// What is written for search engines: worth something where nothing else is said, and there is little of it.
const KEYWORDS: &[&str] = &["news_keywords", "keywords"];
const MOST_KEYWORDS: usize = 10;
const LANGUAGES: &[&str] = &[
    "og:locale",
    "content-language",
    "language",
    "dc.language",
    "dcterms.language",
    "citation_language",
];

pub(super) fn read(marks: &Marks, reading: Reading) -> Metadata {
    let meta = Meta::collect(&marks.metas);
    let link = |relation: &str| {
        let hrefs = marks.of_relation(relation).filter(|node| node.has_name("link"));
        hrefs
            .filter_map(|node| node.attr("href"))
            .map(|href| href.trim().to_owned())
            .find(|href| !href.is_empty())
    };
    let date = |keys: &[&str]| meta.all(keys).find_map(|text| dates::parse(text, reading));
    let picture = || {
        let address = link("image_src")?;
        Some(Picture {
            address,
            ..Picture::default()
        })
    };
    Metadata {
        title: meta.first(TITLES),
        description: meta.first(DESCRIPTIONS),
        authors: authors(&meta),
        categories: sections(meta.every(SECTIONS)),
        tags: meta
            .every(TAGS)
            .iter()
            .flat_map(|words| keywords(words).collect::<Vec<_>>())
            .collect(),
        published: date(PUBLISHED),
        updated: date(UPDATED).map(|date| date.at),
        image: meta.picture().or_else(picture),
        audio: meta.recording(),
        language: meta.first(LANGUAGES),
        site_name: meta.first(&["og:site_name", "application-name", "citation_journal_title"]),
        url: url(link("canonical"), meta.first(&["og:url"])),
        ..Metadata::default()
    }
}

/// What a page tells search engines, for want of tags.
pub(super) fn for_search(marks: &Marks) -> Metadata {
    let meta = Meta::collect(&marks.metas);
    let tags: Vec<String> = meta.all(KEYWORDS).take(1).flat_map(keywords).collect();
    Metadata {
        tags: if tags.len() > MOST_KEYWORDS {
            Vec::new()
        } else {
            tags
        },
        ..Metadata::default()
    }
}

/// Where a page says it is. A canonical address that is a site's front page is a mistake of its theme
/// where another is told.
fn url(canonical: Option<String>, other: Option<String>) -> Option<String> {
    let is_front = |url: &String| {
        let path = url.split_once("://").map_or(url.as_str(), |(_, rest)| {
            rest.split_once('/').map_or("", |(_, path)| path)
        });
        path.trim_matches('/').is_empty()
    };
    match (canonical, other) {
        (Some(canonical), Some(other)) if is_front(&canonical) => Some(other),
        (canonical, other) => canonical.or(other),
    }
}

fn authors(meta: &Meta) -> Vec<Author> {
    let lists = AUTHORS.iter().map(|key| -> Vec<Author> {
        let lines = meta.all(std::slice::from_ref(key));
        let names = lines.flat_map(|line| {
            let line = line.trim_start_matches("By ").trim_start_matches("by ");
            let by_libraries = key.starts_with("citation_") || key.starts_with("dc");
            match inverted(line).filter(|_| by_libraries) {
                Some(name) => vec![name],
                None => people::names(line),
            }
        });
        let names = names.filter(|name| !name.contains("://") && !name.starts_with('@'));
        names.map(people::person).collect()
    });
    lists
        .into_iter()
        .find(|authors| !authors.is_empty())
        .unwrap_or_default()
}

/// `Lee, Ann` as libraries write it, the right way round.
fn inverted(line: &str) -> Option<String> {
    let (family, given) = line.split_once(',')?;
    let (family, given) = (family.trim(), given.trim());
    let words = |text: &str| text.split_whitespace().count();
    let one = !given.contains([',', ';']) && (words(family) == 1 || words(given) == 1);
    (one && !family.is_empty() && !given.is_empty()).then(|| format!("{given} {family}"))
}

/// The `<meta>` elements of a page, by name or property in lower case, in order.
struct Meta(Vec<(String, String)>);

impl Meta {
    fn collect(elements: &[NodeRef]) -> Meta {
        let mut found = Vec::new();
        for node in elements {
            let Some(content) = node.attr("content").map(|content| one_line(&content)) else {
                continue;
            };
            let names = ["property", "name", "itemprop", "http-equiv"]
                .iter()
                .filter_map(|key| node.attr(key));
            for name in names.filter(|_| !content.is_empty()) {
                found.extend(name.split_whitespace().map(|name| (key(name), content.clone())));
            }
        }
        Meta(found)
    }

    /// The values of the first key, then of the second…
    fn all<'m>(&'m self, keys: &'m [&str]) -> impl Iterator<Item = &'m str> {
        keys.iter().flat_map(|key| {
            let own = self.0.iter().filter(move |(name, _)| name == key);
            own.map(|(_, value)| value.as_str())
        })
    }

    fn first(&self, keys: &[&str]) -> Option<String> {
        self.all(keys).next().map(str::to_owned)
    }

    /// All values of the first key that has any.
    fn every(&self, keys: &[&str]) -> Vec<String> {
        keys.iter()
            .map(|key| self.all(&[key]).map(str::to_owned).collect::<Vec<_>>())
            .find(|values| !values.is_empty())
            .unwrap_or_default()
    }

    fn recording(&self) -> Option<Audio> {
        Some(Audio {
            url: self.first(RECORDINGS)?,
            media_type: self.first(&["og:audio:type"]).unwrap_or_default(),
            ..Audio::default()
        })
    }

    /// The first image. What follows its address in OpenGraph is about it, up to the next address.
    fn picture(&self) -> Option<Picture> {
        let key = IMAGES
            .iter()
            .find(|key| self.0.iter().any(|(name, _)| name == *key))?;
        let at = self.0.iter().position(|(name, _)| name == key)?;
        let own = self.0[at + 1..].iter().take_while(|(name, _)| name != key);
        let about: Vec<_> = own.filter(|_| key.starts_with("og:")).collect();
        let about = |name: &str| {
            about
                .iter()
                .find(|(own, _)| own == name)
                .map(|(_, value)| value.clone())
        };
        Some(Picture {
            address: self.0[at].1.clone(),
            alt: about("og:image:alt")
                .or_else(|| self.first(&["twitter:image:alt"]))
                .unwrap_or_default(),
            width: about("og:image:width").and_then(|width| pixels(&width)),
            height: about("og:image:height").and_then(|height| pixels(&height)),
        })
    }
}

/// The name of a `<meta>` in one form: Dublin Core is written with dots and with colons.
fn key(name: &str) -> String {
    let name = name.to_lowercase();
    for (written, meant) in [
        ("dc:", "dc."),
        ("dcterms:", "dcterms."),
        ("dc.terms.", "dcterms."),
    ] {
        if let Some(rest) = name.strip_prefix(written) {
            return format!("{meant}{rest}");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_turned_round_where_libraries_write_them() {
        for (line, expected) in [
            ("Lee, Ann", Some("Ann Lee")),
            ("van Dyke, Jo", Some("Jo van Dyke")),
            ("Ann Lee, Bob Ray", None),
            ("Ann Lee", None),
            ("Lee, Ann, Ray", None),
        ] {
            assert_eq!(inverted(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn the_front_page_is_no_article() {
        let url =
            |canonical: &str, other: &str| url(Some(canonical.to_owned()), Some(other.to_owned())).unwrap();
        assert_eq!(url("https://ex.org/", "https://ex.org/a"), "https://ex.org/a");
        assert_eq!(url("/", "/a"), "/a");
        assert_eq!(url("https://ex.org/b", "https://ex.org/a"), "https://ex.org/b");
    }
}
