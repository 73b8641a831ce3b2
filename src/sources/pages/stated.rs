//! What a page states to machines, wherever it states it.

use crate::articles::{Author, Comment, Published};
use crate::clock::Instant;

/// What was found; each part from the first that states it.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) authors: Vec<Author>,
    pub(super) categories: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) published: Option<Published>,
    pub(super) updated: Option<Instant>,
    pub(super) image: Option<(String, String)>,
    pub(super) language: Option<String>,
    pub(super) site_name: Option<String>,
    /// As written: canonical, else `og:url`.
    pub(super) url: Option<String>,
    pub(super) comments: Vec<Comment>,
    pub(super) comment_count: Option<u32>,
}
