//! Tables that are never closed: all that follows one in the page stands in its last cell, for a browser too,
//! which shows it there. Whoever weighs the page would find that cell and nothing of what stands before.

use super::lines::is_within;
use dom_query::{Document, NodeRef};

/// So many characters of paragraphs before a table are a text, and no heading of a page that is a table.
const TEXT: usize = 200;
/// What begins the text that follows.
const BLOCKS: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "blockquote",
    "pre",
    "figure",
    "div",
    "section",
];

/// Of a page with such a table: ends it where its last cell has its own words, and puts what follows
/// behind it.
pub(super) fn close(document: &Document) {
    let Some(body) = document.body() else { return };
    let Some(table) = around_the_end(&body) else {
        return;
    };
    let Some(cell) = last_cell(&table) else { return };
    if text_before(&table, &body) < TEXT {
        return;
    }
    let is_block = |node: &NodeRef| BLOCKS.iter().any(|name| node.has_name(name));
    let children: Vec<NodeRef> = cell.children_it(false).collect();
    let Some(first) = children.iter().position(is_block) else {
        return;
    };
    for node in children[first..].iter().rev() {
        table.insert_after(node);
    }
}

/// The outermost table that holds the last words of the page.
fn around_the_end<'a>(body: &NodeRef<'a>) -> Option<NodeRef<'a>> {
    let says = |node: &NodeRef| node.is_text() && !node.text().trim().is_empty();
    let last = body.descendants_it().filter(says).last()?;
    last.ancestors_it(None)
        .filter(|around| around.has_name("table"))
        .last()
}

fn last_cell<'a>(table: &NodeRef<'a>) -> Option<NodeRef<'a>> {
    let cells = table
        .descendants_it()
        .filter(|node| node.has_name("td") || node.has_name("th"));
    // Not of a table within, which ends.
    let own = cells.filter(|cell| {
        let mut around = cell.ancestors_it(None);
        around.find(|node| node.has_name("table")).map(|node| node.id) == Some(table.id)
    });
    own.last()
}

/// How many characters stand in paragraphs before a table and beside it.
fn text_before(table: &NodeRef, body: &NodeRef) -> usize {
    let paragraphs = body.descendants_it().filter(|node| node.has_name("p"));
    let before = paragraphs.take_while(|node| !is_within(node, table));
    before.map(|node| node.normalized_char_count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::articles::nesting;

    fn closed(html: &str) -> String {
        let document = Document::from(html);
        if nesting::survey(html).unwrap().has_open_table {
            close(&document);
        }
        document.body().unwrap().inner_html().to_string()
    }

    #[test]
    fn what_follows_an_open_table_stands_behind_it() {
        let before = format!("<p>{}</p>", "Words before. ".repeat(20));
        let html =
            format!("<div>{before}<table><tr><th>a<tr><td>1<td>2<p>After.</p>More.<h2>End</h2></div><p>Foot");
        let shut = format!(
            "<div>{before}<table><tbody><tr><th>a</th></tr><tr><td>1</td><td>2</td></tr></tbody></table>\
             <p>After.</p>More.<h2>End</h2><p>Foot</p></div>"
        );
        assert_eq!(closed(&html), shut);
    }

    #[test]
    fn tables_that_end_stay() {
        let before = format!("<p>{}</p>", "Words before. ".repeat(20));
        for html in [
            format!("{before}<table><tbody><tr><td>1<p>2</p></td></tr></tbody></table><p>After.</p>"),
            format!("<p>Short.</p><table><tbody><tr><td>{before}</td></tr></tbody></table>"),
            format!("{before}<table><tbody><tr><td>1</td></tr></tbody></table>"),
            format!("{before}<table><tbody><tr><td><p>1</p></td></tr></tbody></table>"),
        ] {
            assert_eq!(
                closed(&html),
                Document::from(html.as_str())
                    .body()
                    .unwrap()
                    .inner_html()
                    .to_string()
            );
        }
    }
}
