//! The pages that a site's sitemaps list, each once. Pure.

use super::address::{clean, key, same_host};
use super::document::{self, Listed, News};
use crate::articles::Published;
use crate::problem::Problem;
use crate::sources::dates::Reading;
use std::collections::HashMap;
use std::path::Path;
use url::Url;

/// The most pages of a site. Each is remembered.
const MOST_PAGES: usize = 100_000;

/// A page that is listed.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) url: Url,
    /// As written.
    pub(super) lastmod: Option<String>,
    /// Of the news, else of the last change.
    pub(super) date: Option<Published>,
    pub(super) news: Option<Box<News>>,
    /// As written.
    pub(super) image: Option<String>,
    /// It stands only in documents that hold the newest alone.
    pub(super) newest_only: bool,
    /// It stands only in documents whose name says that they hold what are no articles.
    pub(super) plain: bool,
    /// A document lists it that was there at the first reading and could not be read then.
    pub(super) owed: bool,
}

/// What one document is, as far as it counts for its pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct From {
    pub(super) newest_only: bool,
    pub(super) plain: bool,
    pub(super) owed: bool,
}

/// What was gathered.
#[derive(Debug)]
pub(super) struct List<'s> {
    source: &'s Url,
    /// The place of a page, by its key.
    places: HashMap<String, usize>,
    pub(super) pages: Vec<Entry>,
    /// Whether nothing may be missing.
    pub(super) whole: bool,
    /// Whether it lists more than is read.
    pub(super) is_cut: bool,
    /// How many addresses of other hosts there were, and such that nobody can ask for.
    pub(super) foreign: usize,
    pub(super) warnings: Vec<Problem>,
}

impl List<'_> {
    pub(super) fn new(source: &Url) -> List<'_> {
        List {
            source,
            places: HashMap::new(),
            pages: Vec::new(),
            whole: true,
            is_cut: false,
            foreign: 0,
            warnings: Vec::new(),
        }
    }

    /// An address as it is asked for, where it is one of the site's own host.
    pub(super) fn own(&self, url: &Url) -> Option<Url> {
        let mut url = clean(url.clone()).filter(|url| same_host(url, self.source))?;
        // Sitemaps keep saying http long after their site does not.
        url.set_scheme(self.source.scheme()).ok()?;
        Some(url)
    }

    /// Adds a page; what several documents say of one page goes together.
    pub(super) fn add(&mut self, url: Url, listed: Listed, from: From, reading: Reading) {
        let key = key(&url, self.source);
        let news_date = listed.news.as_ref().and_then(|news| news.published.as_deref());
        let date = [news_date, listed.lastmod.as_deref()];
        let date = date
            .into_iter()
            .flatten()
            .find_map(|text| document::instant(text, reading));
        if let Some(&place) = self.places.get(&key) {
            let entry = &mut self.pages[place];
            entry.newest_only &= from.newest_only;
            entry.plain &= from.plain;
            entry.owed |= from.owed;
            // The date of the news is that of the page, and so is the later of two changes.
            if listed.news.is_some()
                || (entry.news.is_none() && entry.date.map(|date| date.at) < date.map(|date| date.at))
            {
                entry.date = date.or(entry.date);
            }
            entry.news = entry.news.take().or(listed.news);
            entry.image = entry.image.take().or(listed.image);
            entry.lastmod = entry.lastmod.take().max(listed.lastmod);
            return;
        }
        if self.pages.len() == MOST_PAGES {
            if self.whole {
                self.cut(self.source, &format!("more than {MOST_PAGES} pages"));
            }
            self.whole = false;
            return;
        }
        self.places.insert(key.clone(), self.pages.len());
        self.pages.push(Entry {
            key,
            url,
            lastmod: listed.lastmod,
            date,
            news: listed.news,
            image: listed.image,
            newest_only: from.newest_only,
            plain: from.plain,
            owed: from.owed,
        });
    }

    /// Says that not all of it is read.
    pub(super) fn cut(&mut self, url: &Url, what: &str) {
        self.is_cut = true;
        self.warnings.push(
            Problem::warning("sitemap-cut", format!("{what}: the rest is not read"))
                .file(Path::new(url.as_str()))
                .hint("make several sources of it, each with the sitemap of one part"),
        );
    }

    pub(super) fn place(&self, key: &str) -> Option<&Entry> {
        self.places.get(key).map(|&place| &self.pages[place])
    }
}

#[cfg(test)]
impl Entry {
    /// One with a key, a URL and perhaps a `lastmod`.
    pub(super) fn new(key: &str, url: &str, lastmod: Option<&str>) -> Entry {
        let reading = Reading::new(chrono_tz::Tz::UTC, "en");
        Entry {
            key: key.to_owned(),
            url: Url::parse(url).unwrap(),
            lastmod: lastmod.map(str::to_owned),
            date: lastmod.and_then(|text| document::instant(text, reading)),
            news: None,
            image: None,
            newest_only: false,
            plain: false,
            owed: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_with_too_many_pages_is_cut() {
        let source = Url::parse("https://example.org/sitemap.xml").unwrap();
        let mut list = List::new(&source);
        let from = From {
            newest_only: false,
            plain: false,
            owed: false,
        };
        let reading = Reading::new(chrono_tz::Tz::UTC, "en");
        for page in 0..=MOST_PAGES {
            assert!(!list.is_cut && list.whole);
            let url = source.join(&format!("/{page}")).unwrap();
            let listed = Listed {
                url: url.clone(),
                lastmod: None,
                news: None,
                image: None,
            };
            list.add(url, listed, from, reading);
        }
        assert!(list.is_cut && !list.whole);
    }
}
