//! The article's own text in a page, without what the page puts around it.

use super::frame::{is_within, same_form, title_line};
use super::lines::lines;
use crate::sources::visible::words;
use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};

/// The content of a page as HTML; empty where nothing was found. The page is used up.
pub(super) fn extract(document: Document, title: Option<&str>) -> String {
    let note = note(&document, title);
    let config = Config {
        keep_classes: true,
        disable_json_ld: true,
        ..Config::default()
    };
    let weighed = Readability::with_document(document, None, Some(config))
        .and_then(|mut readability| readability.parse())
        .map(|article| article.content.to_string())
        .unwrap_or_default();
    let content = Document::fragment(match note {
        Some(note) if is_beside(&weighed, &note) => note,
        _ => weighed,
    });
    let root = content.html_root();
    drop_title(&root, title);
    drop_footer(&root);
    drop_empty(&content);
    innermost(root).inner_html().trim().to_owned()
}

/// Paragraphs that held only what was taken out.
fn drop_empty(content: &Document) {
    for node in content
        .select("p, li, ul, ol, header, h2, h3, h4, h5, h6")
        .nodes()
    {
        let shows = |inner: NodeRef| {
            ["img", "picture", "video", "audio", "iframe", "hr"]
                .iter()
                .any(|name| inner.has_name(name))
        };
        if node.text().trim().is_empty() && !node.descendants_it().any(shows) {
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

/// An article of a few words outweighs no menu: what stands with the title is the article then.
fn note(document: &Document, title: Option<&str>) -> Option<String> {
    let body = document.body()?;
    let lines = lines(&body);
    let mut around = lines[title_line(&lines, title)?].block;
    loop {
        let own = lines.iter().filter(|line| is_within(&line.block, &around));
        let said: usize = own
            .filter(|line| !line.link && line.heading != Some(1))
            .map(|line| line.text.chars().count())
            .sum();
        if said > 0 {
            return Some(around.inner_html().to_string());
        }
        around = around.parent().filter(|parent| !parent.has_name("html"))?;
    }
}

/// Whether what was found by weight is something else than the article: a menu, a footer, or another
/// box of the page that is hardly longer than the note.
fn is_beside(weighed: &str, note: &str) -> bool {
    let texts = |html: &str| -> Vec<String> {
        let document = Document::fragment(html);
        lines(&document.html_root())
            .iter()
            .filter(|line| !line.link && line.heading.is_none() && !words::is_footer(&line.text))
            .map(|line| line.text.clone())
            .collect()
    };
    let (weighed, note) = (texts(weighed), texts(note));
    let length = |texts: &[String]| -> usize { texts.iter().map(|text| text.chars().count()).sum() };
    !note.iter().any(|text| weighed.contains(text)) && length(&note) * 2 > length(&weighed)
}

/// The title is not repeated in the content: neither as its heading nor as a line of its own.
fn drop_title(root: &NodeRef, title: Option<&str>) {
    let Some(title) = title.map(same_form).filter(|title| !title.is_empty()) else {
        return;
    };
    for line in lines(root).iter().take(12) {
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
fn drop_footer(root: &NodeRef) {
    let lines = lines(root);
    let length = |from: usize| -> usize {
        let prose = lines[from..].iter().filter(|line| words::is_prose(&line.text));
        prose.map(|line| line.text.chars().count()).sum()
    };
    let all = length(0);
    let end = (0..lines.len()).find(|at| words::is_footer(&lines[*at].text) && length(*at) * 8 <= all);
    for line in lines.iter().skip(end.unwrap_or(lines.len())) {
        line.nodes.iter().for_each(NodeRef::remove_from_parent);
    }
}
