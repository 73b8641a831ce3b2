//! What a reader shows of a published document, and what must hold of it: read with parsers that have
//! no part in the writing.

#[path = "../../../fuzz/src/allowed.rs"]
mod allowed;

use chrono::DateTime;
use roxmltree::Node;
use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

const CONTENT: &str = "http://purl.org/rss/1.0/modules/content/";

/// One article, as any of the three formats shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) title: String,
    pub(crate) url: String,
    /// Seconds since 1970.
    pub(crate) published: i64,
    pub(crate) html: Option<String>,
    pub(crate) categories: Vec<String>,
}

/// The articles of a folder's three documents, which must be the same, after all else that must hold.
pub(crate) fn folder(folder: &Path) -> Vec<Shown> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let (rss, atom, json) = (
        rss(&read("rss.xml")),
        atom(&read("atom.xml")),
        json(&read("feed.json")),
    );
    for ((a, b), c) in rss.iter().zip(&atom).zip(&json) {
        assert_eq!(a, b, "RSS and Atom in {}", folder.display());
        assert_eq!(a, c, "RSS and JSON in {}", folder.display());
    }
    assert_eq!((rss.len(), rss.len()), (atom.len(), json.len()));
    for shown in &rss {
        allowed::whole_line("title", &shown.title, 500);
        assert!(!shown.title.is_empty());
        address(&shown.url);
        if let Some(html) = &shown.html {
            allowed::html(html);
        }
        assert!(shown.categories.iter().all(|name| !name.is_empty()));
    }
    rss
}

/// Every folder below that has feeds in it.
pub(crate) fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(root).sort_by_file_name().into_iter();
    entries
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.join("rss.xml").is_file())
        .collect()
}

fn rss(text: &str) -> Vec<Shown> {
    let document = parsed(text);
    let items = all(document.root_element(), "item");
    unique(items.iter().map(|item| child(*item, "guid")));
    items
        .into_iter()
        .map(|item| Shown {
            title: child(item, "title"),
            url: child(item, "link"),
            published: DateTime::parse_from_rfc2822(&child(item, "pubDate"))
                .unwrap()
                .timestamp(),
            html: item
                .children()
                .find(|node| node.has_tag_name((CONTENT, "encoded")))
                .map(text_of),
            categories: all(item, "category").into_iter().map(text_of).collect(),
        })
        .collect()
}

fn atom(text: &str) -> Vec<Shown> {
    let document = parsed(text);
    let entries = all(document.root_element(), "entry");
    unique(entries.iter().map(|entry| child(*entry, "id")));
    unique(entries.iter().map(|entry| child(*entry, "updated")));
    entries
        .into_iter()
        .map(|entry| {
            let date = |name: &str| DateTime::parse_from_rfc3339(&child(entry, name)).unwrap();
            assert!(date("published") <= date("updated"));
            assert!(url::Url::parse(&child(entry, "id")).is_ok());
            let link = all(entry, "link")
                .into_iter()
                .find(|link| link.attribute("rel") == Some("alternate"));
            let content = all(entry, "content").into_iter().next();
            assert!(content.is_none_or(|content| content.attribute("type") == Some("html")));
            Shown {
                title: plain(all(entry, "title")[0]),
                url: link.unwrap().attribute("href").unwrap().to_owned(),
                published: date("published").timestamp(),
                html: content.map(text_of),
                categories: all(entry, "category")
                    .into_iter()
                    .map(|category| category.attribute("term").unwrap().to_owned())
                    .collect(),
            }
        })
        .collect()
}

fn json(text: &str) -> Vec<Shown> {
    let document: Value = serde_json::from_str(text).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = document["items"].as_array().unwrap();
    unique(items.iter().map(|item| text(&item["id"])));
    items
        .iter()
        .map(|item| {
            let date = |name: &str| DateTime::parse_from_rfc3339(item[name].as_str().unwrap()).unwrap();
            assert!(date("date_published") <= date("date_modified"));
            assert!(item["content_html"].is_string() != item["content_text"].is_string());
            let tags = item["tags"].as_array().into_iter().flatten();
            for key in ["url", "image"] {
                item[key].as_str().into_iter().for_each(address);
            }
            Shown {
                title: text(&item["title"]),
                url: text(&item["url"]),
                published: date("date_published").timestamp(),
                html: item["content_html"].as_str().map(str::to_owned),
                categories: tags.map(text).collect(),
            }
        })
        .collect()
}

/// XML that a strict parser takes, whose addresses are absolute and of the web, and whose text has no
/// character that moves a cursor.
pub(crate) fn parsed(text: &str) -> roxmltree::Document<'_> {
    let stray = |c: char| matches!(c, '\u{0}'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{9F}');
    assert!(!text.contains(stray), "a control character");
    let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    for node in document.descendants().filter(Node::is_element) {
        // Of `cloud` it is a host.
        for attribute in node.attributes().filter(|_| !node.has_tag_name("cloud")) {
            if matches!(
                attribute.name(),
                "href" | "url" | "src" | "domain" | "scheme" | "xmlUrl" | "htmlUrl"
            ) {
                address(attribute.value());
            }
        }
        if matches!(
            node.tag_name().name(),
            "link" | "uri" | "logo" | "docs" | "loc" | "comments"
        ) && let Some(url) = node
            .text()
            .filter(|_| node.tag_name().namespace() != Some("slash"))
            && url.parse::<u32>().is_err()
        {
            address(url.trim());
        }
    }
    document
}

/// An absolute address of the web in the characters of RFC 3986.
fn address(url: &str) {
    allowed::http("address", url);
    let strict = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
    assert!(url.chars().all(strict), "{url:?}");
}

fn unique(names: impl Iterator<Item = String>) {
    let mut seen = HashSet::new();
    for name in names {
        assert!(!name.is_empty(), "no id");
        assert!(seen.insert(name.clone()), "twice: {name}");
    }
}

/// The plain text of a text construct of Atom.
fn plain(node: Node) -> String {
    match node.attribute("type") {
        Some("html") => quick_xml::escape::unescape(&text_of(node)).unwrap().into_owned(),
        _ => text_of(node),
    }
}

fn text_of(node: Node) -> String {
    node.text().unwrap_or_default().to_owned()
}

/// Children of that name in no namespace or Atom's.
fn all<'a>(node: Node<'a, 'a>, name: &str) -> Vec<Node<'a, 'a>> {
    let known = |space: Option<&str>| space.is_none_or(|space| space == "http://www.w3.org/2005/Atom");
    node.descendants()
        .filter(|inner| inner.tag_name().name() == name && known(inner.tag_name().namespace()))
        .collect()
}

fn child(node: Node, name: &str) -> String {
    let found = node
        .children()
        .find(|inner| inner.tag_name().name() == name)
        .unwrap_or_else(|| panic!("no {name}"));
    text_of(found)
}
