//! What selecting articles needs of them. Pure.

use super::Author;
use crate::clock::Instant;

/// A light row: an article without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub id: String,
    pub source: String,
    pub url: String,
    pub title: String,
    pub authors: Vec<Author>,
    pub categories: Vec<String>,
    pub published: Instant,
    /// Of the whole document.
    pub hash: String,
    pub number: Option<i64>,
}
