//! What stands in a document that holds many articles: a feed, an export.

use super::extract::Extract;
use super::scan::About;
use crate::clock::Instant;
use crate::problem::Problem;

/// What stood in one document.
#[derive(Debug, Default)]
pub(crate) struct Collection {
    pub(crate) items: Vec<Item>,
    /// The keys of what is there and is no article for everybody, and when that was changed.
    pub(crate) left_out: Vec<(String, Option<Instant>)>,
    pub(crate) about: About,
    pub(crate) warnings: Vec<Problem>,
    /// Whether it breaks off.
    pub(crate) cut: bool,
    /// Whether the document holds all there is: of a feed, which shows the newest, nobody knows.
    pub(crate) whole: bool,
}

/// One article of it, or why it is none.
#[derive(Debug)]
pub(crate) struct Item {
    /// What tells it from the others of its source: becomes the article's path.
    pub(crate) key: String,
    pub(crate) extract: Result<Extract, Problem>,
}
