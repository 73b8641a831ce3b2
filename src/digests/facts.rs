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
    /// The variant's key: its page in the browser is told by the beginning of it.
    pub variant: &'a str,
    /// Of the variant; empty: the site's.
    pub language: &'a str,
    /// The edition's instant: the date of its mails, however late they go out.
    pub starts: Instant,
    /// When the edition before started; `None`: this is the first one.
    pub period_from: Option<Instant>,
    pub period_to: Instant,
    /// The site's feeds, as the pages of an edition name them: a list of `type`, `title` and `url`.
    pub feeds: &'a serde_json::Value,
}

/// What the last part of the path of a variant's page begins with.
const VARIANT: &str = "variant-";
/// So much of a variant's key tells it from all others of its edition.
const VARIANT_KEY: usize = 16;

impl<'a> EditionFacts<'a> {
    /// Where the variant is to be seen in a browser, by everybody:
    /// `{public_url}editions/weekly/2026-11-30T07:00Z/variant-0123456789abcdef`. Without its last part
    /// it is the page of the variant with the most articles.
    #[must_use]
    pub fn view_url(&self) -> String {
        let (public_url, name) = (self.public_url, self.name);
        let key = self.variant.get(..VARIANT_KEY).unwrap_or(self.variant);
        format!("{public_url}editions/{name}/{VARIANT}{key}")
    }

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

/// Takes the path of a page below `editions/` apart: the edition's name, and the beginning of its
/// variant's key where there is one.
#[must_use]
pub fn viewed(path: &str) -> (&str, Option<&str>) {
    let last = path.rsplit_once('/');
    match last.and_then(|(name, last)| Some((name, last.strip_prefix(VARIANT)?))) {
        Some((name, key)) => (name, Some(key)),
        None => (path, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_of_an_edition_or_of_one_of_its_variants() {
        assert_eq!(
            viewed("weekly/2026-11-30T07:00Z"),
            ("weekly/2026-11-30T07:00Z", None)
        );
        assert_eq!(viewed("weekly/now/1/variant-ab"), ("weekly/now/1", Some("ab")));
        assert_eq!(viewed("variant-x/each/1"), ("variant-x/each/1", None));
        assert_eq!(viewed("variant-ab"), ("variant-ab", None));
    }
}
