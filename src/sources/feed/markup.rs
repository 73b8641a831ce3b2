//! Texts of feeds: which are HTML and which are not, whatever they say, and HTML that was written
//! right into the document.

use super::addresses::join;
use super::tree::{Element, Node};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

/// A text of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Markup {
    Plain(String),
    Html(String),
}

/// Attributes that hold an address.
const ADDRESSES: [&str; 8] = [
    "href",
    "src",
    "cite",
    "poster",
    "longdesc",
    "data",
    "action",
    "background",
];
/// Elements by which HTML is known that closes none.
const OPENING: [&str; 6] = ["<br", "<p>", "<p ", "<img", "<hr", "<a "];

impl Markup {
    pub(super) fn is_empty(&self) -> bool {
        let (Markup::Plain(text) | Markup::Html(text)) = self;
        text.trim().is_empty()
    }

    /// A text of which nobody says what it is.
    pub(super) fn guess(text: String) -> Markup {
        match looks_like_html(&text) {
            true => Markup::Html(text),
            false => Markup::Plain(text),
        }
    }

    /// What a text construct holds (RFC 4287, 3.1 and 4.1.3; Atom 0.3; RSS); `None`: it is no text, or
    /// is elsewhere. `base`: what addresses in it are relative to, where that is stated.
    pub(super) fn of(element: &Element, base: Option<&Url>) -> Option<Markup> {
        if element.attribute("src").is_some() {
            return None;
        }
        if element.elements().next().is_some() {
            return Some(Markup::Html(inner(element, base)));
        }
        let kind = element.attribute("type").unwrap_or_default().to_ascii_lowercase();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let is_html = matches!(kind, "html" | "xhtml" | "text/html" | "application/xhtml+xml");
        let is_base64 = element
            .attribute("mode")
            .is_some_and(|mode| mode.eq_ignore_ascii_case("base64"));
        let text = match is_base64 {
            true => decoded(&element.text())?,
            false => element.text(),
        };
        match kind {
            _ if is_html => Some(Markup::Html(text)),
            "text" => Some(Markup::Plain(text)),
            // Atom 0.3 says so of everything that it says nothing of.
            "" | "text/plain" => Some(Markup::guess(text)),
            _ if kind.starts_with("text/") || kind.ends_with("xml") => Some(Markup::guess(text)),
            // Without a slash it is not even wrong.
            _ if !kind.contains('/') => Some(Markup::guess(text)),
            _ => decoded(&text).map(Markup::guess),
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    String::from_utf8(STANDARD.decode(packed).ok()?).ok()
}

/// Whether a text has tags or character references in it.
fn looks_like_html(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let closes = lower
        .match_indices("</")
        .any(|(at, _)| lower[at + 2..].starts_with(|c: char| c.is_ascii_alphabetic()));
    closes || OPENING.iter().any(|tag| lower.contains(tag)) || super::entities::resolve(text) != text
}

/// Plain text as HTML: a blank line ends a paragraph.
pub(super) fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").map(str::trim).filter(|text| !text.is_empty());
    paragraphs
        .map(|text| format!("<p>{}</p>\n", escape(text)))
        .collect()
}

pub(super) fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

/// The HTML that stands in an element. Where parts of it state another base (`xml:base`) their
/// addresses become absolute.
fn inner(element: &Element, base: Option<&Url>) -> String {
    let mut html = String::new();
    write(element, base, false, &mut html);
    html.trim().to_owned()
}

fn write(parent: &Element, base: Option<&Url>, resolves: bool, html: &mut String) {
    for node in &parent.children {
        let element = match node {
            Node::Text(text) => {
                html.push_str(&escape(text));
                continue;
            }
            Node::Element(element) => element,
        };
        let own = element
            .attribute("xml:base")
            .and_then(|stated| join(base, stated));
        let resolves = resolves || own.is_some();
        let base = own.as_ref().or(base);
        let name = local(&element.name);
        html.push('<');
        html.push_str(name);
        for (attribute, value) in &element.attributes {
            if !attribute.contains(':') {
                let address = ADDRESSES
                    .contains(&attribute.as_str())
                    .then(|| join(base, value))
                    .flatten();
                let value = address
                    .filter(|_| resolves)
                    .map_or_else(|| value.clone(), String::from);
                html.push_str(&format!(" {attribute}=\"{}\"", escape(&value)));
            }
        }
        html.push('>');
        write(element, base, resolves, html);
        if !matches!(name, "br" | "hr" | "img" | "wbr" | "input") {
            html.push_str(&format!("</{name}>"));
        }
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}
