//! What text, addresses and HTML of an article may be. Written apart from the code that makes them so.

use dom_query::{Document, NodeRef};
use tidings::articles::text::is_xml_char;
use url::Url;

/// Elements that no cleaned article has.
const FORBIDDEN: &[&str] = &[
    "applet", "base", "button", "embed", "form", "frame", "frameset", "iframe", "input", "link", "math",
    "meta", "noscript", "object", "script", "select", "style", "svg", "template", "textarea", "title", "xmp",
];
const ADDRESSES: &[&str] = &[
    "href",
    "src",
    "cite",
    "poster",
    "action",
    "data",
    "formaction",
    "background",
];

/// Characters that XML can hold.
pub(crate) fn plain(what: &str, text: &str) {
    let bad = text.chars().find(|c| !is_xml_char(*c));
    assert!(bad.is_none(), "{what}: {bad:?} in {text:?}");
}

/// One line, no longer than that, with nothing around it.
pub(crate) fn whole_line(what: &str, text: &str, most: usize) {
    plain(what, text);
    assert!(
        !text.contains(['\n', '\r', '\t']),
        "{what} of several lines: {text:?}"
    );
    assert_eq!(text, text.trim(), "{what} with space around it");
    assert!(
        text.chars().count() <= most,
        "{what} is longer than {most}: {text:?}"
    );
}

/// An absolute address of the web.
pub(crate) fn http(what: &str, address: &str) {
    let url = Url::parse(address);
    let good = url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    assert!(good, "{what}: {address:?}");
}

/// An absolute address of the web, or of a mailbox.
pub(crate) fn address(what: &str, address: &str) {
    if !address.starts_with("mailto:") {
        http(what, address);
    }
}

/// HTML without anything that acts, with absolute addresses, as a browser would see it.
pub(crate) fn html(html: &str) {
    plain("content", html);
    let document = Document::fragment(html);
    document.root().descendants_it().for_each(|node| element(&node));
}

fn element(node: &NodeRef) {
    let Some(name) = node.node_name() else { return };
    assert!(!FORBIDDEN.contains(&&*name), "<{name}> in the content");
    for attribute in node.attrs() {
        let (key, value) = (&*attribute.name.local, &*attribute.value);
        assert!(
            !key.starts_with("on") && key != "style" && key != "srcdoc",
            "{key}= in the content"
        );
        if ADDRESSES.contains(&key) {
            address(&format!("{name} {key}"), value);
        }
        if key == "srcset" {
            for candidate in value.split(", ") {
                http("srcset", candidate.split(' ').next().unwrap_or_default());
            }
        }
    }
}
