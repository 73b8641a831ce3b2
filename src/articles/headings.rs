//! The headings of an article's content.

use super::simple::{self, Piece};
use super::text::{self, one_line};
use dom_query::Document;

/// A heading within an article's content.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Heading {
    /// 1 to 6, as in `h1` to `h6`.
    pub level: u8,
    pub text: String,
}

/// The headings of some HTML, in order.
#[must_use]
pub fn of_html(html: &str) -> Vec<Heading> {
    if !html.contains("<h") && !html.contains("<H") {
        return Vec::new();
    }
    match simple::pieces(html) {
        Some(pieces) => of_pieces(&pieces),
        None => of_tree(&Document::fragment(html)),
    }
}

/// How some HTML reads ([`text::from_html`]) and its headings, from one look at it.
pub(super) fn with_text(html: &str) -> (String, Vec<Heading>) {
    let from_pieces = simple::pieces(html).and_then(|pieces| text_and_headings(&pieces));
    from_pieces.unwrap_or_else(|| {
        let document = Document::fragment(html);
        (text::of_tree(&document), of_tree(&document))
    })
}

/// As [`with_text`]; `None`: the tags alone do not tell.
pub(super) fn text_and_headings(pieces: &[Piece]) -> Option<(String, Vec<Heading>)> {
    text::are_text(pieces).then(|| (text::of_pieces(pieces), of_pieces(pieces)))
}

fn of_pieces(pieces: &[Piece]) -> Vec<Heading> {
    let mut found = Vec::new();
    let mut text: Option<String> = None;
    for piece in pieces {
        match piece {
            Piece::Open { name, .. } if heading_level(name).is_some() => text = Some(String::new()),
            Piece::Close(name) if heading_level(name).is_some() => {
                found.extend(heading(name, &text.take().unwrap_or_default()));
            }
            Piece::Text(part) => {
                if let Some(text) = &mut text {
                    text.push_str(part);
                }
            }
            _ => {}
        }
    }
    found
}

fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

fn heading(name: &str, text: &str) -> Option<Heading> {
    let (level, text) = (heading_level(name)?, one_line(text));
    (!text.is_empty()).then_some(Heading { level, text })
}

fn of_tree(document: &Document) -> Vec<Heading> {
    let found = document.select("h1, h2, h3, h4, h5, h6");
    found
        .nodes()
        .iter()
        .filter_map(|node| heading(&node.node_name()?, &node.text()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::simple::samples::{markdown, rendered, tangled};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headings_in_their_order() {
        let found = of_html("<h2>A <em>b</em></h2><p>x</p><h3> </h3><h3>C</h3>");
        let found: Vec<(u8, &str)> = found.iter().map(|h| (h.level, h.text.as_str())).collect();
        assert_eq!(found, [(2, "A b"), (3, "C")]);
    }

    proptest! {
        #[test]
        fn simple_markdown_has_the_same_both_ways(markdown in markdown()) {
            let html = rendered(&markdown);
            prop_assert_eq!(of_html(&html), of_tree(&Document::fragment(html.as_str())), "{}", html);
        }

        #[test]
        fn tangled_elements_have_the_same_both_ways(html in tangled()) {
            prop_assert_eq!(of_html(&html), of_tree(&Document::fragment(html.as_str())), "{}", html);
        }
    }
}
