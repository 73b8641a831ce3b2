//! The article's own text in a page, without what the page puts around it.

use super::edges;
use super::frame::same_form;
use super::furniture;
use super::lines::{Line, lines, still_there};
use super::place::Place;
use crate::articles::html;
use crate::sources::dates::Reading;
use crate::sources::visible::words;
use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};
use url::Url;

/// So many elements before a text are looked at.
const MOST_BEFORE: usize = 10;

/// The content of a page as HTML; empty where nothing was found. It is what weighs most, in its place
/// where the page says which that is. The page is used up.
pub(super) fn extract(
    document: Document,
    place: Option<Place>,
    title: Option<&str>,
    reading: Reading,
    base: &Url,
) -> String {
    let own = place.and_then(|place| Some((place, document.tree.get(&place.node)?)));
    if let Some(picture) = own.and_then(|(_, node)| opening(&node)) {
        own.iter().for_each(|(_, node)| node.prepend_child(&picture));
    }
    if let Some((place, node)) = own.filter(|(place, _)| place.short) {
        let content = Document::fragment(node.inner_html());
        if place.whole {
            furniture::remove_around(&content.html_root());
        }
        let own = lines(&content.html_root());
        return cleaned(&content, own, title, reading, base);
    }
    if let (Some((_, node)), Some(body)) = (own, document.body()) {
        node.remove_from_parent();
        furniture::keep_boxes(&node);
        body.remove_children();
        body.append_child(&node);
    }
    keep_breaks(&document);
    let config = Config {
        keep_classes: true,
        disable_json_ld: true,
        ..Config::default()
    };
    let weighed = Readability::with_document(document, None, Some(config))
        .and_then(|mut readability| readability.parse())
        .map(|article| article.content)
        .unwrap_or_default();
    let content = Document::fragment(weighed);
    let own = lines(&content.html_root());
    cleaned(&content, own, title, reading, base)
}

/// The picture with a caption that stands between a title and the element of the text.
fn opening<'a>(text: &NodeRef<'a>) -> Option<NodeRef<'a>> {
    let captioned = |node: &NodeRef| {
        node.has_name("figure") && node.descendants_it().any(|inner| inner.has_name("figcaption"))
    };
    let mut before = std::iter::successors(text.prev_sibling(), NodeRef::prev_sibling).take(MOST_BEFORE);
    before.find_map(|node| match node.has_name("header") {
        true => node.descendants_it().find(captioned),
        false => Some(node).filter(captioned),
    })
}

/// The library takes out each `br` that a paragraph comes after, though words stand between the two. It
/// leaves the one that an element follows.
fn keep_breaks(document: &Document) {
    for paragraph in document.select("br + p").nodes() {
        let before = paragraph.prev_sibling();
        let Some(words) = before.filter(|node| node.is_text() && !node.text().trim().is_empty()) else {
            continue;
        };
        let span = words.tree.new_element("span");
        words.insert_before(&span);
        span.append_child(&words);
    }
}

fn cleaned(
    content: &Document,
    lines: Vec<Line>,
    title: Option<&str>,
    reading: Reading,
    base: &Url,
) -> String {
    let root = content.html_root();
    drop_title(&lines, title);
    // Not before the page is weighed: it would look for more where little is left.
    furniture::remove(&root);
    let lines = still_there(lines, &root);
    edges::remove(&lines, reading);
    drop_footer(&still_there(lines, &root));
    html::settle(content, base);
    drop_empty(content);
    innermost(root).inner_html().trim().to_owned()
}

/// Blocks that held only what was taken out, and links of drawings.
fn drop_empty(content: &Document) {
    const SHOW: &[&str] = &["img", "picture", "video", "audio", "iframe", "hr"];
    let shows = |inner: NodeRef| {
        let said = inner.is_text() && !inner.text().trim().is_empty();
        said || SHOW.iter().any(|name| inner.has_name(name))
    };
    let blocks = content.select("a, p, li, ul, ol, div, section, header, aside, details, h2, h3, h4, h5, h6");
    for node in blocks.nodes() {
        if !node.descendants_it().any(shows) {
            node.remove_from_parent();
        }
    }
}

/// The block that holds the content itself, without those that only hold one another.
fn innermost(mut node: NodeRef) -> NodeRef {
    loop {
        let bare = node
            .children_it(false)
            .all(|child| child.is_element() || child.text().trim().is_empty());
        let elements = node.element_children();
        match elements.as_slice() {
            [only]
                if bare
                    && ["div", "article", "section", "main"]
                        .iter()
                        .any(|name| only.has_name(name)) =>
            {
                node = *only;
            }
            _ => return node,
        }
    }
}

/// The title is not repeated in the content: neither as its heading nor as a line of its own.
fn drop_title(lines: &[Line], title: Option<&str>) {
    let Some(title) = title.map(same_form).filter(|title| !title.is_empty()) else {
        return;
    };
    for line in lines.iter().take(12) {
        if words::is_prose(&line.text) && same_form(&line.text) != title {
            break;
        }
        if same_form(&line.text) == title {
            line.nodes.iter().for_each(NodeRef::remove_from_parent);
            if line.heading.is_some() {
                line.block.remove_from_parent();
            }
            break;
        }
    }
}

/// What a page offers at the end of an article: shares, ratings, further reading.
fn drop_footer(lines: &[Line]) {
    let prose = |line: &Line| match words::is_prose(&line.text) {
        true => line.text.chars().count(),
        false => 0,
    };
    let all: usize = lines.iter().map(prose).sum();
    let mut left = all;
    let mut end = lines.len();
    for (at, line) in lines.iter().enumerate() {
        if left * 8 <= all && words::is_footer(&line.text) {
            end = at;
            break;
        }
        left -= prose(line);
    }
    for line in &lines[end..] {
        line.nodes.iter().for_each(NodeRef::remove_from_parent);
    }
}
