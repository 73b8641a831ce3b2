//! An article without its text: what choosing articles needs of them. Pure.

use super::Author;
use crate::clock::Instant;
use std::sync::Arc;

/// A light row for selections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub id: String,
    pub source: String,
    pub url: String,
    pub title: String,
    /// Shared, like the categories, by all articles that have the same.
    pub authors: Arc<[Author]>,
    pub categories: Arc<[String]>,
    /// As stated, else when it was first seen.
    pub published: Instant,
    /// The last edit that was seen, else the publication.
    pub modified: Instant,
    /// Of the newest comment; `None`: there is none.
    pub commented: Option<Instant>,
    /// Of the whole article: another one is an edit.
    pub hash: String,
    /// The announcement number.
    pub number: Option<i64>,
}

/// Which articles a digest or a feed takes. What is empty asks for nothing; names are compared
/// without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub categories: Vec<String>,
    pub authors: Vec<String>,
    pub sources: Vec<String>,
}

impl Filter {
    /// Whether an article has one of the categories, one of the authors and one of the sources.
    #[must_use]
    pub fn takes(&self, card: &Card) -> bool {
        one_of(&self.categories, card.categories.iter().map(String::as_str))
            && one_of(
                &self.authors,
                card.authors.iter().map(|author| author.name.as_str()),
            )
            && one_of(&self.sources, std::iter::once(card.source.as_str()))
    }
}

fn one_of<'a>(wanted: &[String], mut has: impl Iterator<Item = &'a str>) -> bool {
    wanted.is_empty() || has.any(|name| wanted.iter().any(|wish| fold(wish) == fold(name)))
}

fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_seconds;

    fn card() -> Card {
        Card {
            id: "1".into(),
            source: "posts".into(),
            url: "https://example.org/1".into(),
            title: "One".into(),
            authors: [Author {
                name: "Zoë Ångström".into(),
                url: None,
            }]
            .into(),
            categories: ["News".into(), "Travel".into()].into(),
            published: from_seconds(1),
            modified: from_seconds(1),
            commented: None,
            hash: String::new(),
            number: None,
        }
    }

    fn filter(categories: &[&str], authors: &[&str], sources: &[&str]) -> Filter {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Filter {
            categories: owned(categories),
            authors: owned(authors),
            sources: owned(sources),
        }
    }

    #[test]
    fn an_empty_filter_takes_all() {
        assert!(Filter::default().takes(&card()));
    }

    #[test]
    fn one_name_of_each_kind_is_enough_in_any_case() {
        assert!(filter(&["food", "TRAVEL"], &[], &[]).takes(&card()));
        assert!(filter(&["news"], &["zoë ångström"], &["Posts"]).takes(&card()));
    }

    #[test]
    fn every_kind_that_is_asked_for_must_fit() {
        assert!(!filter(&["food"], &[], &[]).takes(&card()));
        assert!(!filter(&["news"], &["Ann"], &[]).takes(&card()));
        assert!(!filter(&["news"], &[], &["pages"]).takes(&card()));
        assert!(!filter(&["new"], &[], &[]).takes(&card()), "no part of a name");
    }
}
