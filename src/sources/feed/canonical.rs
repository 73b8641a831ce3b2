//! The repair: an item of any kind of RSS or Atom, however it is written, as one plain Atom entry,
//! which `feed-rs` reads without stumbling. What it has no place for is kept beside.

use super::addresses::web_address;
use super::item::Beside;
use super::markup::{Markup, escape};
use super::recordings;
use super::scope::Scope;
use super::tree::Element;
use crate::articles::Author;
use crate::sources::dates::{self, Reading};
use std::collections::HashSet;
use url::Url;

const ENTRY: &str = "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:media=\"http://search.yahoo.com/mrss/\">\
                     <id>feed</id><entry><id>entry</id>";

const TITLES: &[&str] = &["title", "dc:title", "itunes:title", "media:title"];
const CONTENTS: &[&str] = &[
    "content:encoded",
    "content",
    "xhtml:body",
    "body",
    "fullitem",
    "xhtml:div",
    "content_encoded",
];
const SUMMARIES: &[&str] = &[
    "description",
    "summary",
    "abstract",
    "dc:description",
    "itunes:summary",
    "dcterms:abstract",
    "media:description",
];
const CATEGORIES: &[&str] = &["category", "dc:subject", "subject"];
const ORIGINALS: &[&str] = &["feedburner:origlink", "pheedo:origlink"];
const PUBLISHED: &[&str] = &[
    "published",
    "issued",
    "pubdate",
    "dcterms:issued",
    "dc:date",
    "created",
    "dcterms:created",
    "date",
];
const UPDATED: &[&str] = &[
    "updated",
    "modified",
    "dcterms:modified",
    "lastbuilddate",
    "lastmod",
];
const AUTHORS: &[&str] = &["dc:creator", "author", "itunes:author", "dc:author", "creator"];
const COUNTS: &[&str] = &["slash:comments", "thr:total"];

/// The schemes of categories that are none: what kind of an entry of Blogger's it is.
const KIND_SCHEME: &str = "http://schemas.google.com/g/2005#kind";

/// An item as a document of one entry, and what has no place in it.
pub(super) fn entry(item: &Element, around: &Scope, reading: Reading) -> (String, Beside) {
    let scope = around.within(item);
    let mut xml = ENTRY.to_owned();
    text(
        &mut xml,
        "title",
        first(item, TITLES, &scope).map(|(markup, _)| markup),
    );
    let content = first(item, CONTENTS, &scope);
    let summary = first(item, SUMMARIES, &scope);
    let of_text = content
        .as_ref()
        .or(summary.as_ref())
        .map(|(_, scope)| scope.clone());
    text(&mut xml, "content", content.map(|(markup, _)| markup));
    text(&mut xml, "summary", summary.map(|(markup, _)| markup));
    links(&mut xml, item, &scope);
    categories(&mut xml, item);
    images(&mut xml, item, &scope);
    let beside = beside(item, &scope, of_text.as_ref().unwrap_or(&scope), reading);
    xml.push_str("</entry></feed>");
    (xml, beside)
}

/// The first of these that holds a text, and the scope of that.
fn first(item: &Element, names: &[&str], scope: &Scope) -> Option<(Markup, Scope)> {
    let found = names.iter().flat_map(|name| item.all(name));
    let mut texts = found.filter_map(|element| {
        let scope = scope.within(element);
        let markup = Markup::of(element, scope.base.as_ref())?;
        (!markup.is_empty()).then_some((markup, scope))
    });
    texts.next()
}

fn text(xml: &mut String, name: &str, markup: Option<Markup>) {
    match markup {
        Some(Markup::Plain(text)) => element(xml, name, &[("type", "text")], &text),
        Some(Markup::Html(html)) => element(xml, name, &[("type", "html")], &html),
        None => {}
    }
}

fn element(xml: &mut String, name: &str, attributes: &[(&str, &str)], text: &str) {
    xml.push('<');
    xml.push_str(name);
    for (name, value) in attributes.iter().filter(|(_, value)| !value.is_empty()) {
        xml.push_str(&format!(" {name}=\"{}\"", escape(value)));
    }
    xml.push('>');
    xml.push_str(&escape(text));
    xml.push_str(&format!("</{name}>"));
}

fn links(xml: &mut String, item: &Element, scope: &Scope) {
    for link in item.all("link") {
        let text = link.text();
        let address = link.attribute("href").unwrap_or(&text);
        let scope = scope.within(link);
        if let Some(url) = scope.address(address).filter(|_| !address.is_empty()) {
            let attributes = [
                ("href", url.as_str()),
                ("rel", link.attribute("rel").unwrap_or_default()),
                ("type", link.attribute("type").unwrap_or_default()),
            ];
            element(xml, "link", &attributes, "");
        }
    }
    // CDF has it as an attribute.
    if let Some(url) = item.attribute("href").and_then(|href| scope.address(href)) {
        element(xml, "link", &[("href", url.as_str())], "");
    }
}

fn categories(xml: &mut String, item: &Element) {
    for category in CATEGORIES.iter().flat_map(|name| item.all(name)) {
        let text = category.text();
        let term = category.attribute("term").unwrap_or(&text);
        let scheme = category
            .attribute("scheme")
            .or(category.attribute("domain"))
            .unwrap_or_default();
        let label = category.attribute("label").unwrap_or_default();
        if !(term.is_empty() && label.is_empty()) && scheme != KIND_SCHEME {
            let attributes = [
                ("term", if term.is_empty() { label } else { term }),
                ("scheme", scheme),
                ("label", label),
            ];
            element(xml, "category", &attributes, "");
        }
    }
}

/// All that may be the image: as Media RSS, which says of each what it is.
fn images(xml: &mut String, item: &Element, scope: &Scope) {
    let mut media: Vec<&Element> = Vec::new();
    for child in item.elements() {
        match child.name.as_str() {
            "media:group" => media.extend(child.elements()),
            "media:content" | "media:thumbnail" | "enclosure" | "itunes:image" | "image" => media.push(child),
            "link" if child.attribute("rel") == Some("enclosure") => media.push(child),
            _ => {}
        }
    }
    let nested: Vec<&Element> = media
        .iter()
        .flat_map(|element| element.all("media:thumbnail"))
        .collect();
    for found in media.into_iter().chain(nested) {
        let url = found.first_text(&["url"]).unwrap_or_default();
        let stated = found.attribute("url").or(found.attribute("href")).unwrap_or(&url);
        let Some(url) = scope.within(found).address(stated).filter(|_| !stated.is_empty()) else {
            continue;
        };
        let kind = found.attribute("type").unwrap_or_default().to_ascii_lowercase();
        let is_image = match found.name.as_str() {
            "media:thumbnail" | "itunes:image" | "image" => {
                element(xml, "media:thumbnail", &[("url", url.as_str())], "");
                continue;
            }
            _ => {
                kind.starts_with("image/")
                    || found.attribute("medium") == Some("image")
                    || (kind.is_empty() && has_image_name(&url))
            }
        };
        if is_image {
            let kind = if kind.starts_with("image/") {
                &kind
            } else {
                "image/jpeg"
            };
            element(xml, "media:content", &[("url", url.as_str()), ("type", kind)], "");
        }
    }
}

fn has_image_name(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"]
        .iter()
        .any(|extension| path.ends_with(extension))
}

fn beside(item: &Element, scope: &Scope, of_text: &Scope, reading: Reading) -> Beside {
    let date = |names: &[&str]| item.texts(names).find_map(|text| dates::parse(&text, reading));
    let updated = date(UPDATED).or_else(|| dates::parse(item.attribute("lastmod")?, reading));
    let is_none = |guid: &Element| {
        guid.attribute("ispermalink")
            .is_some_and(|value| value.eq_ignore_ascii_case("false"))
    };
    let is_permalink = !item.all("guid").any(is_none);
    let stated = item.first_text(&["guid", "id"]);
    let stated = stated.or_else(|| {
        item.attribute("rdf:about")
            .or(item.attribute("about"))
            .map(str::to_owned)
    });
    let language = item.first_text(&["dc:language", "language"]);
    let source = item.all("source").next();
    let mut authors = people(item);
    if let Some(source) = source.filter(|_| authors.is_empty()) {
        authors = people(source);
    }
    if authors.is_empty() {
        authors.clone_from(&scope.authors);
    }
    Beside {
        permalink: stated.as_deref().filter(|_| is_permalink).and_then(web_address),
        guid: stated.or_else(|| item.first_text(&["dc:identifier"])),
        original: item.texts(ORIGINALS).find_map(|text| scope.address(&text)),
        published: date(PUBLISHED).or(updated),
        updated: updated.map(|updated| updated.at),
        language: language.or_else(|| of_text.language.clone()),
        base: of_text.base.clone(),
        comment_count: comment_count(item),
        audio: recordings::of(item, scope),
        authors,
    }
}

fn comment_count(item: &Element) -> Option<u32> {
    let stated = item.texts(COUNTS).find_map(|text| text.parse().ok());
    let of_links = || {
        let mut replies = item
            .all("link")
            .filter(|link| link.attribute("rel") == Some("replies"));
        replies.find_map(|link| link.attribute("thr:count")?.parse().ok())
    };
    stated.or_else(of_links)
}

/// The authors that an element names itself. Addresses for mail are left out: nobody gave them to us.
pub(super) fn people(element: &Element) -> Vec<Author> {
    let mut people: Vec<Author> = Vec::new();
    let mut seen = HashSet::new();
    for author in AUTHORS.iter().flat_map(|name| element.all(name)) {
        let stated = author.first_text(&["name", "foaf:name"]);
        let structured = author.elements().next().is_some();
        let name = match stated {
            Some(name) => Some(name),
            None if structured => author.attribute("name").map(str::to_owned),
            None => Some(author.text()),
        };
        let Some(name) = name.and_then(|name| name_alone(&name)) else {
            continue;
        };
        if seen.insert(name.clone()) {
            let url = author
                .first_text(&["uri", "url", "homepage"])
                .and_then(|url| web_address(&url));
            people.push(Author {
                name,
                url: url.map(String::from),
            });
        }
    }
    people
}

/// The name in `mail@example.org (Name)`, `Name <mail@example.org>` or `mail@example.org Name`.
pub(super) fn name_alone(text: &str) -> Option<String> {
    let words = text.split_whitespace();
    let bare = |word: &str| word.trim_start_matches("mailto:").to_owned();
    let is_mail = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
    };
    let kept: Vec<String> = words.map(bare).filter(|word| !is_mail(word)).collect();
    let name = kept.join(" ");
    let has_mail = text.contains('@');
    let name = match name.strip_prefix('(').and_then(|name| name.strip_suffix(')')) {
        Some(inner) if has_mail => inner,
        _ => &name,
    };
    let name = name.trim().trim_matches(['"', ',', ';']).trim();
    name.contains(char::is_alphanumeric).then(|| name.to_owned())
}
