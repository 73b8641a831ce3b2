//! What kind of source a file or an answer is, by its content.

use crate::config::SourceKind;
use dom_query::Document;
use url::Url;

/// So much of a document is looked at, in bytes: what it is stands at its beginning.
const HEAD: usize = 64 * 1024;

/// The kind of source that reads a document of this name; `None`: none does.
#[must_use]
pub fn document(bytes: &[u8], name: &str) -> Option<SourceKind> {
    let head = &bytes[..bytes.len().min(HEAD)];
    // Of UTF-16 the letters are left, which is enough for names of elements.
    let text: String = String::from_utf8_lossy(head)
        .chars()
        .filter(|c| *c != '\0')
        .collect();
    let text = text.trim_start_matches(|c: char| c == '\u{FEFF}' || c == '\u{FFFD}' || c.is_whitespace());
    let extension = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_ascii_lowercase();
    match extension.as_str() {
        "md" | "markdown" | "mdx" => return Some(SourceKind::Markdown),
        "txt" => return Some(SourceKind::Text),
        _ => {}
    }
    if text.starts_with('{') {
        return json(text);
    }
    match root(text)?.to_ascii_lowercase().as_str() {
        "rss" | "rdf:rdf" | "feed" | "channel" if text.contains("wordpress.org/export/") => {
            Some(SourceKind::Wordpress)
        }
        "rss" | "rdf:rdf" | "feed" | "channel" => Some(SourceKind::Feed),
        "urlset" | "sitemapindex" => Some(SourceKind::Sitemap),
        "html" | "head" | "body" => Some(SourceKind::Pages),
        _ if text.to_ascii_lowercase().starts_with("<!doctype html") => Some(SourceKind::Pages),
        _ => None,
    }
}

fn json(text: &str) -> Option<SourceKind> {
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let has = |part: &str| packed.contains(part);
    if has("jsonfeed.org") || (has("\"items\":[") && has("\"version\":")) {
        return Some(SourceKind::Feed);
    }
    let is_ghost = packed.starts_with("{\"db\":[") || has("\"exported_on\":") || has("\"posts\":[");
    is_ghost.then_some(SourceKind::Ghost)
}

/// The name of the first element.
fn root(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = &rest[rest.find('<')? + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = &comment[comment.find("-->")?..];
        } else if !rest.starts_with(['?', '!']) {
            let end = rest
                .find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
                .unwrap_or(rest.len());
            return Some(&rest[..end]);
        }
    }
}

/// What a page says of where its site can be read by machines.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Signs {
    pub title: Option<String>,
    pub description: Option<String>,
    pub language: Option<String>,
    /// As `WordPress 6.4`.
    pub generator: Option<String>,
    /// Its feeds, in its order.
    pub feeds: Vec<Url>,
    /// Where WordPress answers programs.
    pub wordpress: Option<Url>,
}

/// Reads the signs of a page that is at `url`; `link` is the header of that name.
#[must_use]
pub fn signs(page: &str, url: &Url, link: Option<&str>) -> Signs {
    let head = page.get(..page.len().min(4 * HEAD)).unwrap_or(page);
    let document = Document::from(head);
    let content = |selector: &str, attribute: &str| {
        let value = document.select(selector).attr(attribute)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    let to = |selector: &str| {
        let nodes = document.select(selector);
        let links = nodes
            .nodes()
            .iter()
            .filter_map(|node| url.join(node.attr("href")?.trim()).ok());
        links.collect::<Vec<Url>>()
    };
    let title = document.select("title").text();
    let feeds = "link[rel~=alternate][type='application/rss+xml'], link[rel~=alternate][type='application/atom+xml'], link[rel~=alternate][type='application/feed+json']";
    let in_header = link.and_then(|link| {
        let entry = link
            .split(',')
            .find(|entry| entry.contains("https://api.w.org/"))?;
        url.join(entry.split_once('<')?.1.split_once('>')?.0).ok()
    });
    Signs {
        title: content("meta[property='og:site_name']", "content")
            .or_else(|| Some(title.trim().to_owned()).filter(|title| !title.is_empty())),
        description: content("meta[name=description]", "content"),
        language: content("html[lang]", "lang"),
        generator: content("meta[name=generator]", "content"),
        feeds: to(feeds),
        wordpress: in_header.or_else(|| to("link[rel='https://api.w.org/']").into_iter().next()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_known_by_its_beginning() {
        use SourceKind::{Feed, Ghost, Markdown, Pages, Sitemap, Text, Wordpress};
        for (text, name, expected) in [
            (
                "<?xml version='1.0'?>\n<!-- a <b> -->\n<rss version='2.0'>",
                "x",
                Some(Feed),
            ),
            (
                "\u{FEFF}<feed xmlns='http://www.w3.org/2005/Atom'>",
                "x.xml",
                Some(Feed),
            ),
            ("<rdf:RDF xmlns:rdf='x'>", "x.rdf", Some(Feed)),
            (
                "<rss xmlns:wp=\"http://wordpress.org/export/1.2/\">",
                "x.xml",
                Some(Wordpress),
            ),
            ("<?xml-stylesheet href='x'?><urlset>", "x.xml", Some(Sitemap)),
            ("<sitemapindex>", "", Some(Sitemap)),
            ("<!DOCTYPE html><html lang=en>", "", Some(Pages)),
            ("<!doctype html>\n<title>x</title>", "x.html", Some(Pages)),
            (
                "{\"version\": \"https://jsonfeed.org/version/1.1\"",
                "x.json",
                Some(Feed),
            ),
            ("{ \"db\": [ {\"meta\":", "x.json", Some(Ghost)),
            ("{\"a\": 1}", "x.json", None),
            ("# Title", "x.md", Some(Markdown)),
            ("Title", "x.txt", Some(Text)),
            ("PK\u{3}\u{4}", "x.zip", None),
            ("<svg>", "x.svg", None),
            ("", "", None),
        ] {
            assert_eq!(document(text.as_bytes(), name), expected, "{text}");
        }
        let wide: Vec<u8> = "\u{FEFF}<rss>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(document(&wide, ""), Some(Feed));
    }

    #[test]
    fn a_page_says_where_its_feeds_are() {
        let page = "<html lang=de><head><title>The Quay</title><meta name=generator content='WordPress 6.4'>\
            <link rel='alternate' type='application/rss+xml' href='/feed/'>\
            <link rel='https://api.w.org/' href='/wp-json/'></head>";
        let url = Url::parse("https://quay.example/").unwrap();
        let found = signs(page, &url, None);
        assert_eq!(found.title.as_deref(), Some("The Quay"));
        assert_eq!(found.feeds, [url.join("feed/").unwrap()]);
        assert_eq!(found.wordpress, url.join("wp-json/").ok());
        let header = "<https://quay.example/?rest_route=/>; rel=\"https://api.w.org/\"";
        assert_eq!(
            signs("", &url, Some(header)).wordpress.map(String::from),
            Some("https://quay.example/?rest_route=/".to_owned())
        );
    }
}
