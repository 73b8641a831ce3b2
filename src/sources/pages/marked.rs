//! Comments that a page marks for machines, in microdata (schema.org `Comment`). Knows nothing of
//! discussions that only a reader would see.

use crate::articles::Comment;
use crate::articles::text::{from_html, one_line};
use crate::sources::dates::{self, Reading};
use dom_query::NodeRef;

/// Whether an item of that type is a comment.
pub(super) fn is_type(stated: &str) -> bool {
    stated.ends_with("schema.org/Comment") || stated.ends_with("schema.org/UserComments")
}

/// Reads one; `None` where it marks no text.
pub(super) fn read(item: &NodeRef, reading: Reading) -> Option<Comment> {
    let text = property(item, &["text", "commentText", "description"])?;
    let author = property(item, &["author", "creator"]).map(|author| {
        let name = property(&author, &["name"]).unwrap_or(author);
        one_line(&name.attr("content").unwrap_or_else(|| name.text()))
    });
    let date = property(item, &["datePublished", "dateCreated", "commentTime"]);
    let published = date.and_then(|node| {
        let machine = ["datetime", "content"].iter().find_map(|name| node.attr(name));
        dates::parse(&machine.unwrap_or_else(|| node.text()), reading)
    });
    let text = from_html(&text.inner_html());
    (!text.is_empty()).then(|| Comment {
        author: author.unwrap_or_default(),
        published: published.map(|date| date.at),
        text,
    })
}

/// The first element within that has a property of one of these names. What a reply within says comes
/// after what its comment says.
fn property<'a>(item: &NodeRef<'a>, names: &[&str]) -> Option<NodeRef<'a>> {
    item.descendants_it().find(|node| {
        node.attr("itemprop")
            .is_some_and(|value| value.split_whitespace().any(|name| names.contains(&name)))
    })
}
