//! What the store knows of an article beside itself.

use super::Article;
use crate::clock::Instant;

/// An article as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub article: Article,
    pub first_seen: Instant,
    /// The last edit that was seen.
    pub changed: Instant,
    /// The announcement number.
    pub number: Option<i64>,
    pub announced: Option<Instant>,
}

impl Stored {
    /// As stated, else the first time it was seen.
    #[must_use]
    pub fn published(&self) -> Instant {
        self.article
            .published
            .map_or(self.first_seen, |published| published.at)
    }

    /// The last stated change, else when it was published.
    #[must_use]
    pub fn updated(&self) -> Instant {
        self.article.updated.unwrap_or_else(|| self.published())
    }
}
