//! What a mail says of its edition, beside the articles.

use crate::clock::Instant;
use crate::config;
use url::Url;

#[derive(Debug, Clone, Copy)]
pub struct EditionFacts<'a> {
    pub digest: &'a config::Digest,
    pub site: &'a config::Site,
    /// `http.public_url`: whether links are https decides about one-click.
    pub public_url: &'a Url,
    /// Counted by digest, from 1.
    pub number: i64,
    /// As `weekly/2026-11-30T07:00Z`.
    pub name: &'a str,
    /// Of the variant; empty: the site's.
    pub language: &'a str,
    /// The edition's instant: the date of its mails, however late they go out.
    pub starts: Instant,
    /// When the edition before started; `None`: this is the first one.
    pub period_from: Option<Instant>,
    pub period_to: Instant,
}

impl<'a> EditionFacts<'a> {
    /// BCP 47.
    #[must_use]
    pub fn language(&self) -> &'a str {
        if self.language.is_empty() {
            &self.site.language
        } else {
            self.language
        }
    }
}
