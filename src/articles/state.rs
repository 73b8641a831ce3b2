//! An article as the store knows it. Pure.

use super::Article;
use crate::clock::Instant;

/// Since when an article is kept back, and why. `None`: it is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    pub draft: Option<Instant>,
    pub baseline: Option<Instant>,
    pub held: Option<Instant>,
    pub seen: Option<Instant>,
    pub removed: Option<Instant>,
    pub failing: Option<Instant>,
}

/// An article with what the store knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub article: Article,
    pub first_seen: Instant,
    /// The last edit we saw.
    pub changed: Instant,
    pub number: Option<i64>,
    pub announced: Option<Instant>,
    pub marks: Marks,
}

impl Stored {
    /// As stated, else when it was first seen.
    #[must_use]
    pub fn published(&self) -> Instant {
        self.article.published.map_or(self.first_seen, |stated| stated.at)
    }

    /// The last change the source states, else the publication.
    #[must_use]
    pub fn updated(&self) -> Instant {
        self.article.updated.unwrap_or_else(|| self.published())
    }
}
