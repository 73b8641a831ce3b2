//! What of a page is parsed: all but its programs and style sheets, which are half of what is saved as a
//! page, and which nobody who reads it sees.

use crate::articles::nesting;
use crate::problem::Problem;
use crate::sources::extract;
use std::path::Path;

/// The HTML of a page for a parser, and whether a table of it is never closed.
///
/// # Errors
/// No reader could show it and no parser would take it: it is nested too deep (`too-deep`), or there is too
/// much of it (`too-complex`).
pub(super) fn of_page(html: &str, path: &Path) -> Result<(String, bool), Problem> {
    let survey = nesting::survey(html).map_err(|excess| extract::unparsable(excess, path))?;
    let mut seen = String::with_capacity(html.len());
    let mut from = 0;
    for unseen in survey.unseen {
        seen.push_str(&html[from..unseen.start]);
        from = unseen.end;
    }
    seen.push_str(&html[from..]);
    Ok((seen, survey.has_open_table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dom_query::{Document, NodeRef};
    use proptest::prelude::*;

    fn seen(html: &str) -> String {
        of_page(html, Path::new("a.html")).unwrap().0
    }

    #[test]
    fn programs_and_style_sheets_are_not_parsed() {
        for (html, expected) in [
            ("<script>a < b</script>c", "<script></script>c"),
            ("<SCRIPT SRC=x>a</Script >c", "<SCRIPT SRC=x></Script >c"),
            ("<style>p > a {}</style>c", "<style></style>c"),
            (
                "<p title='<style>'>a</p><style>b</style>",
                "<p title='<style>'>a</p><style></style>",
            ),
            ("<? <style> ?>a<style>b</style>", "<? <style> ?>a<style></style>"),
            ("a<script>never ended", "a<script>"),
        ] {
            assert_eq!(seen(html), expected);
        }
        for kept in [
            "<script type='application/ld+json'>{}</script>",
            "<script type=math/tex>x</script>",
            "<script><!-- <script></script> --></script>",
            "<svg><style><text>a</text></style></svg>",
            "<svg><![CDATA[</svg><style>]]></svg>a<style>b</style>",
            "<svg><p></svg><style>b</style>",
            "<select><style></select>a<style>b</style>",
            "<plaintext><style>a</style>",
            "<!-- <style> -->a<!-- </style> -->",
            "<textarea><style></textarea>a<p></style>",
        ] {
            assert_eq!(seen(kept), kept);
        }
    }

    /// The tree of some HTML as it is parsed, without what programs and style sheets hold.
    fn tree(html: &str) -> String {
        let document = Document::from(html);
        for kind in ["script", "style"] {
            for node in document.select(kind).nodes() {
                node.remove_children();
            }
        }
        shape(&document.root())
    }

    fn shape(node: &NodeRef) -> String {
        let children: String = node.children_it(false).map(|child| shape(&child)).collect();
        match node.node_name() {
            Some(name) => format!("<{name} {:?}>{children}</>", node.attrs()),
            None if node.is_text() => node.text().to_string(),
            None => children,
        }
    }

    fn piece() -> impl Strategy<Value = String> {
        let names = "(script|style|svg|math|mi|g|p|div|plaintext|title|textarea|noscript|table|td|template|iframe|select|option|b|head|body|xmp|foreignObject|desc)";
        let attributes = "( class=\"a>b\"| id='<style>'| src=x|/| type=module)?";
        let pattern = |pattern: String| proptest::string::string_regex(&pattern).unwrap();
        prop_oneof![
            4 => pattern(format!("<{names}{attributes}>")),
            4 => pattern(format!("</{names} ?>")),
            1 => pattern("(<!--|-->|--!>|<!|<\\?|</|<!doctype html>|<!\\[CDATA\\[|\\]\\]>|>|<)".to_owned()),
            2 => pattern("[a-z <>]{1,6}".to_owned()),
        ]
    }

    proptest! {
        #[test]
        fn nothing_but_they_is_missed(pieces in proptest::collection::vec(piece(), 0..14)) {
            let html = pieces.concat();
            prop_assert_eq!(tree(&seen(&html)), tree(&html), "{}", html);
        }
    }
}
