//! Text dumps of article pages: what stands before the title and after the labels is the page's, not
//! the article's. Everything is told by its words and its place; there is nothing else.

mod blocks;
mod body;
mod frame;

use super::dates::Reading;
use super::extract::Extract;
use super::people;
use super::visible::comments;

/// Reads a text dump.
pub(crate) fn read(file: &str, reading: Reading) -> Extract {
    let blocks = blocks::split(file);
    let frame = frame::find(&blocks, reading);
    let title = frame.title.map(|at| frame::bare_title(&blocks[at]).to_owned());
    let mut credits = frame.credits;
    if credits.categories.is_empty() {
        credits.categories = std::mem::take(&mut credits.tags);
    }
    let discussion: Vec<&str> = blocks[frame.discussion.clone()]
        .iter()
        .map(String::as_str)
        .collect();
    let comments = comments::read(&discussion, reading);
    let kept: Vec<&str> = frame.body.iter().map(|at| blocks[*at].as_str()).collect();
    Extract {
        authors: credits.authors.into_iter().map(people::person).collect(),
        categories: credits.categories,
        published: credits.published,
        updated: credits.updated.map(|date| date.at),
        html: body::html(&kept),
        comment_count: frame.comment_count,
        comments,
        title,
        ..Extract::default()
    }
}
