//! What a page says of itself to machines: JSON-LD, OpenGraph, microdata, `<meta>`, `rel`.

use super::json_ld;
use super::stated::Metadata;
use crate::articles::text::one_line;
use crate::articles::{Author, Published};
use crate::sources::dates::{self, Reading};
use crate::sources::people;
use crate::sources::visible::words;
use dom_query::{Document, NodeRef};

const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:published_time",
    "datepublished",
    "date",
    "pubdate",
    "publishdate",
    "publish_date",
    "publish-date",
    "publication_date",
    "dc.date",
    "dc.date.issued",
    "dc.date.created",
    "dcterms.date",
    "dcterms.created",
    "dcterms.issued",
    "parsely-pub-date",
    "sailthru.date",
    "article.published",
    "originaldate",
    "citation_publication_date",
    "cxenseparse:recs:publishtime",
];
const UPDATED: &[&str] = &[
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
    "lastmod",
    "article.updated",
];
const IMAGES: &[&str] = &[
    "og:image",
    "og:image:url",
    "og:image:secure_url",
    "twitter:image",
    "twitter:image:src",
];
const AUTHORS: &[&str] = &[
    "author",
    "article:author",
    "article:author_name",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "citation_author",
    "byl",
    "twitter:creator:name",
];

/// Reads a page: JSON-LD first, because it says which of its parts is the article.
pub(super) fn read(document: &Document, reading: Reading) -> Metadata {
    let mut found = json_ld::read(document, reading);
    let other = in_elements(document, reading);
    let or = |mine: Option<String>, other: Option<String>| mine.or(other);
    found.title = or(found.title, other.title);
    found.description = or(found.description, other.description);
    // What the whole page says of itself is surer here than what one script says of one node.
    found.language = or(other.language, found.language);
    found.url = or(other.url, found.url);
    found.site_name = other.site_name;
    found.tags = other.tags;
    found.published = found.published.or(other.published);
    found.updated = found.updated.or(other.updated);
    found.image = found.image.or(other.image);
    if found.authors.is_empty() {
        found.authors = other.authors;
    }
    if found.categories.is_empty() {
        found.categories = other.categories;
    }
    found
}

/// What `<meta>`, `<link>`, microdata and `rel` say.
fn in_elements(document: &Document, reading: Reading) -> Metadata {
    let meta = Meta::collect(document);
    let attribute = |selector: &str, name: &str| {
        let value = document.select_single(selector).attr(name)?;
        Some(value.to_string()).filter(|value| !value.trim().is_empty())
    };
    let date = |keys: &[&str], property: &str| {
        meta.all(keys)
            .find_map(|text| dates::parse(text, reading))
            .or_else(|| property_date(document, property, reading))
    };
    let tags = meta.every(&["article:tag"]);
    Metadata {
        title: meta.first(&["og:title", "twitter:title", "dc.title", "headline"]),
        description: meta.first(&[
            "og:description",
            "description",
            "twitter:description",
            "dc.description",
        ]),
        authors: authors(document, &meta),
        categories: categories(document, &meta),
        tags: if tags.is_empty() {
            links(document, "a[rel~='tag']")
        } else {
            tags
        },
        published: date(PUBLISHED, "datePublished"),
        updated: date(UPDATED, "dateModified").map(|date| date.at),
        image: meta.first(IMAGES).map(|address| {
            let alt = meta.first(&["og:image:alt", "twitter:image:alt"]);
            (address, alt.unwrap_or_default())
        }),
        language: attribute("html[lang]", "lang")
            .or_else(|| attribute("html[xml\\:lang]", "xml:lang"))
            .or_else(|| meta.first(&["og:locale", "content-language", "language", "dc.language"])),
        site_name: meta.first(&["og:site_name", "application-name"]),
        url: attribute("link[rel~='canonical'][href]", "href").or_else(|| meta.first(&["og:url"])),
        ..Metadata::default()
    }
}

/// The `<meta>` elements of a page, by name or property in lower case, in order.
struct Meta(Vec<(String, String)>);

impl Meta {
    fn collect(document: &Document) -> Meta {
        let elements = document.select("meta[content]");
        let read = |node: &NodeRef| {
            let name = ["property", "name", "itemprop", "http-equiv"]
                .iter()
                .find_map(|key| node.attr(key))?;
            let content = one_line(&node.attr("content")?);
            (!content.is_empty()).then(|| (name.trim().to_lowercase(), content))
        };
        Meta(elements.nodes().iter().filter_map(read).collect())
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
}

fn property_date(document: &Document, property: &str, reading: Reading) -> Option<Published> {
    // The classes are those of microformats, which many themes still write.
    let classes = match property {
        "datePublished" => ".dt-published, time.published, abbr.published, time.entry-date, time[pubdate]",
        _ => ".dt-updated, time.updated, abbr.updated",
    };
    let nodes = [format!("[itemprop~='{property}']"), classes.to_owned()].map(|any| document.select(&any));
    let mut nodes = nodes.iter().flat_map(|selected| selected.nodes());
    nodes.find_map(|node| {
        if is_in_comment(node) {
            return None;
        }
        let machine = ["datetime", "content"].iter().find_map(|name| node.attr(name));
        dates::parse(&machine.unwrap_or_else(|| node.text()), reading)
    })
}

fn authors(document: &Document, meta: &Meta) -> Vec<Author> {
    let stated: Vec<Author> = meta
        .every(AUTHORS)
        .iter()
        .flat_map(|line| people::names(line.trim_start_matches("By ").trim_start_matches("by ")))
        .filter(|name| !name.contains("://") && !name.starts_with('@'))
        .map(people::person)
        .collect();
    if !stated.is_empty() {
        return stated;
    }
    for selector in [
        "[itemprop~='author']",
        ".p-author, .vcard .fn, .author.vcard",
        "a[rel~='author']",
    ] {
        let found: Vec<Author> = document
            .select(selector)
            .nodes()
            .iter()
            .filter_map(marked_author)
            .collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn is_in_comment(node: &NodeRef) -> bool {
    let named = |ancestor: NodeRef| {
        ["class", "itemprop", "id"].iter().any(|name| {
            ancestor
                .attr(name)
                .is_some_and(|value| value.to_lowercase().contains("comment"))
        })
    };
    node.ancestors_it(None)
        .filter(|n| !n.has_name("body") && !n.has_name("html"))
        .any(named)
}

/// The person an element names: its `name` property, else all its text.
fn marked_author(node: &NodeRef) -> Option<Author> {
    // Who wrote a comment did not write the article.
    if is_in_comment(node) {
        return None;
    }
    let inner = node.descendants_it().find(|inner| {
        inner
            .attr("itemprop")
            .is_some_and(|value| value.split_whitespace().any(|v| v == "name"))
    });
    let named = inner.unwrap_or(*node);
    let text = named
        .attr("content")
        .map_or_else(|| named.text().to_string(), |content| content.to_string());
    let text = one_line(&text);
    let name = text
        .strip_prefix("By ")
        .or_else(|| text.strip_prefix("by "))
        .unwrap_or(&text)
        .trim();
    let link = std::iter::once(*node)
        .chain(node.descendants_it())
        .find(|n| n.has_name("a"));
    let url = link
        .and_then(|link| link.attr("href"))
        .map(|href| href.to_string());
    words::is_name(name, true).then(|| Author {
        name: name.to_owned(),
        url,
    })
}

fn categories(document: &Document, meta: &Meta) -> Vec<String> {
    let stated = meta.every(&[
        "article:section",
        "og:section",
        "section",
        "articlesection",
        "parsely-section",
        "dc.subject",
    ]);
    if !stated.is_empty() {
        return stated;
    }
    let marked = document.select("[itemprop~='articleSection']");
    let marked: Vec<String> = marked
        .nodes()
        .iter()
        .map(|node| one_line(&node.text()))
        .filter(|t| short(t))
        .collect();
    if !marked.is_empty() {
        return marked;
    }
    links(
        document,
        "a[rel~='category'], .cat-links a, .post-categories a, .entry-categories a, a.p-category",
    )
}

fn links(document: &Document, selector: &str) -> Vec<String> {
    let nodes = document.select(selector);
    nodes
        .nodes()
        .iter()
        .map(|node| one_line(&node.text()).trim_start_matches('#').to_owned())
        .filter(|text| short(text))
        .take(12)
        .collect()
}

fn short(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= 60
}
