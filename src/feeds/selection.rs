//! Which articles stand in which feed: the site's, each category's, each author's.

use super::clean;
use super::document::Format;
use super::paths;
use super::slugs::{Kind, Slugs, key};
use crate::articles::Author;
use crate::articles::card::Card;
use crate::config::{self, Content};
use std::cmp::Reverse;
use std::collections::HashMap;

/// A category or author that articles name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    pub kind: Kind,
    /// As its oldest article writes it; names that differ only in case are one.
    pub name: String,
    /// Its newest articles, newest first.
    ids: Vec<String>,
}

/// What a feed is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Site,
    Topic(Kind, String),
    /// The operator's own choice, by the title that it has.
    Own(String),
}

/// Where a document stands in the archive (RFC 5005, section 4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// The page with what comes before it.
    pub older: Option<i64>,
    /// Of the oldest page: the one after it.
    pub newer: Option<i64>,
    /// Whether it is a page itself, and not the feed that goes on in them.
    pub is_page: bool,
}

/// One feed, in all its formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Relative to `feeds.dir`, with `/` at the end; empty for the site's own.
    pub folder: String,
    pub subject: Subject,
    pub content: Content,
    pub archive: Place,
    /// Its newest articles, newest first.
    pub ids: Vec<String>,
}

impl Selection {
    /// A page of the archive with these articles, newest first.
    #[must_use]
    pub fn archived(number: i64, archive: Place, ids: Vec<String>, content: Content) -> Selection {
        Selection {
            folder: paths::of_page(number),
            subject: Subject::Site,
            content,
            archive,
            ids,
        }
    }

    /// Where its document of that format is, relative to `feeds.dir`.
    #[must_use]
    pub fn path(&self, format: Format) -> String {
        format!("{}{}", self.folder, format.file_name())
    }

    /// `The Site`, or `The Site: Travel`.
    #[must_use]
    pub fn title(&self, site: &config::Site) -> String {
        match &self.subject {
            Subject::Site => site.title.clone(),
            Subject::Topic(_, name) => format!("{}: {name}", clean::line(&site.title)),
            Subject::Own(title) => title.clone(),
        }
    }
}

/// Who wrote it: those it names, else the author that the site's configuration names for such.
pub(crate) fn authors(stated: &[Author], site: &config::Site) -> Vec<Author> {
    let named = |author: &&Author| !key(&author.name).is_empty();
    let stated: Vec<Author> = stated.iter().filter(named).cloned().collect();
    if !stated.is_empty() {
        return stated;
    }
    let author = |name: &String| Author {
        name: name.clone(),
        url: None,
    };
    site.author
        .iter()
        .map(author)
        .filter(|author| named(&author))
        .collect()
}

/// All categories and authors that have feeds of their own, in the order of their oldest articles:
/// in that order they are given their slugs.
#[must_use]
pub fn topics(cards: &[Card], site: &config::Site, feeds: &config::Feeds) -> Vec<Topic> {
    let mut topics = Topics::default();
    for card in newest_first(cards).into_iter().rev() {
        if feeds.by_category {
            for name in &*card.categories {
                topics.note(Kind::Category, name, &card.id);
            }
        }
        if feeds.by_author {
            let mut has_author = false;
            for author in &*card.authors {
                has_author |= topics.note(Kind::Author, &author.name, &card.id);
            }
            if let Some(author) = site.author.as_ref().filter(|_| !has_author) {
                topics.note(Kind::Author, author, &card.id);
            }
        }
    }
    let newest = |ids: Vec<&str>| {
        ids.into_iter()
            .rev()
            .take(feeds.items)
            .map(str::to_owned)
            .collect()
    };
    let with_ids = topics.list.into_iter().zip(topics.ids);
    with_ids
        .map(|(topic, ids)| Topic {
            ids: newest(ids),
            ..topic
        })
        .collect()
}

#[derive(Default)]
struct Topics<'a> {
    list: Vec<Topic>,
    /// By place in the list: all articles of the topic, oldest first.
    ids: Vec<Vec<&'a str>>,
    places: HashMap<(Kind, String), usize>,
    /// The same by the names as they are written, most of them again and again.
    written: HashMap<(Kind, &'a str), Option<usize>>,
}

impl<'a> Topics<'a> {
    /// An article with a name it gives, older ones before newer ones; whether that is a name.
    fn note(&mut self, kind: Kind, name: &'a str, id: &'a str) -> bool {
        let place = match self.written.get(&(kind, name)) {
            Some(place) => *place,
            None => {
                let place = self.place(kind, name);
                self.written.insert((kind, name), place);
                place
            }
        };
        let Some(place) = place else {
            return false;
        };
        let ids = &mut self.ids[place];
        // An article may give one name twice, in two cases.
        if ids.last().is_none_or(|last| *last != id) {
            ids.push(id);
        }
        true
    }

    fn place(&mut self, kind: Kind, name: &str) -> Option<usize> {
        let key = key(name);
        if key.is_empty() {
            return None;
        }
        Some(*self.places.entry((kind, key)).or_insert_with(|| {
            self.list.push(Topic {
                kind,
                name: super::clean::line(name),
                ids: Vec::new(),
            });
            self.ids.push(Vec::new());
            self.list.len() - 1
        }))
    }
}

/// All feeds: the site's first, then those of the topics that have a slug, by name.
#[must_use]
pub fn selections(
    cards: &[Card],
    topics: Vec<Topic>,
    slugs: &Slugs,
    feeds: &config::Feeds,
) -> Vec<Selection> {
    let newest = newest_first(cards).into_iter().take(feeds.items);
    let site = Selection {
        folder: String::new(),
        subject: Subject::Site,
        content: feeds.content,
        archive: Place::default(),
        ids: newest.map(|card| card.id.clone()).collect(),
    };
    let mut topics = topics;
    topics.sort_by_cached_key(|topic| (topic.kind, key(&topic.name)));
    let of_topic = |topic: Topic| {
        let slug = slugs.get(topic.kind, &topic.name)?;
        Some(Selection {
            folder: format!("{}/{slug}/", topic.kind.name()),
            subject: Subject::Topic(topic.kind, topic.name),
            content: feeds.content,
            archive: Place::default(),
            ids: topic.ids,
        })
    };
    std::iter::once(site)
        .chain(topics.into_iter().filter_map(of_topic))
        .collect()
}

/// By publication, newest first; those of one second by id.
fn newest_first(cards: &[Card]) -> Vec<&Card> {
    let mut cards: Vec<&Card> = cards.iter().collect();
    cards.sort_by_key(|card| (Reverse(card.published), &card.id));
    cards
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::tests::example::{self, card};

    fn select(cards: &[Card], site: &crate::feeds::FeedSite) -> Vec<Selection> {
        let topics = topics(cards, &site.site, &site.feeds);
        let mut slugs = Slugs::default();
        for topic in &topics {
            slugs.add(topic.kind, &topic.name);
        }
        selections(cards, topics, &slugs, &site.feeds)
    }

    #[test]
    fn the_site_each_category_and_each_author() {
        let cards = [
            card("b", 20, &["Rust", "travel", "rust"], &["Ann"]),
            card("a", 20, &["RUST"], &[]),
            card("c", 10, &["rust"], &["ann", " "]),
            card("d", 30, &["  "], &["Bob"]),
        ];
        let mut site = example::site();
        site.site.author = Some("The Editors".to_owned());
        let found: Vec<_> = select(&cards, &site)
            .into_iter()
            .map(|s| (s.folder.clone(), s.title(&site.site), s.ids.join(" ")))
            .collect();
        let expected = [
            ("", "Tidewater", "d a b c"),
            ("category/rust/", "Tidewater: rust", "a b c"),
            ("category/travel/", "Tidewater: travel", "b"),
            ("author/ann/", "Tidewater: ann", "b c"),
            ("author/bob/", "Tidewater: Bob", "d"),
            ("author/the-editors/", "Tidewater: The Editors", "a"),
        ];
        assert_eq!(
            found,
            expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
        );
    }

    #[test]
    fn switches_and_the_number_of_items() {
        let cards = [card("a", 1, &["x"], &["n"]), card("b", 2, &["x"], &["n"])];
        let mut site = example::site();
        site.feeds.items = 1;
        site.feeds.by_author = false;
        let found = select(&cards, &site);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|selection| selection.ids == ["b"]));
        site.feeds.by_category = false;
        assert_eq!(select(&cards, &site).len(), 1);
    }

    #[test]
    fn the_oldest_article_has_the_plain_slug() {
        let cards = [card("new", 9, &["C"], &[]), card("old", 1, &["C++"], &[])];
        let folders: Vec<_> = select(&cards, &example::site())
            .into_iter()
            .map(|s| s.folder)
            .collect();
        assert_eq!(folders, ["", "category/c-2/", "category/c/"]);
    }
}
