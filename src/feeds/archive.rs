//! The archive of the site's feed (RFC 5005, section 4): pages that never change, each linked to the one
//! before it. What the feed holds and the pages together are all articles, at any time.
//!
//! The archive is a log: an article that was edited after it was archived goes into a new page, and who
//! puts the archive together takes the newest of each. Only what is withdrawn is taken out of an old page.

use super::selection::Place;
use crate::articles::card::Card;
use std::collections::{BTreeSet, HashMap, HashSet};

/// At most so many articles a page.
const PAGE: usize = 100;
/// At least so many, where there are as many.
const SMALL_PAGE: usize = 50;

/// A page of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub number: i64,
    /// Oldest first.
    pub items: Vec<Archived>,
}

/// An article as it stands in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    pub article: String,
    /// Of its content then, shortened.
    pub hash: String,
}

impl Archived {
    fn of(card: &Card) -> Archived {
        Archived {
            article: card.id.clone(),
            hash: short(&card.hash).to_owned(),
        }
    }
}

/// Enough of a hash to tell the versions of one article apart.
fn short(hash: &str) -> &str {
    hash.get(..16).unwrap_or(hash)
}

/// The archive as it is to be.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Archive {
    /// By number.
    pub pages: Vec<Page>,
    /// The numbers of pages that are new, or from which something was withdrawn.
    pub written: BTreeSet<i64>,
    /// Those of them that were there before.
    pub cut: BTreeSet<i64>,
    /// The numbers of pages that are given up.
    pub dropped: Vec<i64>,
}

/// What becomes of the archive: `cards` are all that stands in feeds now, newest first, and `followed` are
/// the newest of them, that the feed itself holds.
///
/// `anew`: every page is given up and all is archived again, under new numbers. It also is when most of
/// what the pages hold has been edited since.
#[must_use]
pub fn archive(pages: Vec<Page>, cards: &[Card], followed: usize, anew: bool) -> Archive {
    let held: usize = pages.iter().map(|page| page.items.len()).sum();
    let mut archive = Archive {
        pages,
        ..Archive::default()
    };
    let last = archive.pages.last().map_or(0, |page| page.number);
    if anew {
        archive.give_up();
    }
    archive.withdraw(cards);
    let waiting = archive.waiting(cards, followed);
    let of_old = held.saturating_sub(PAGE) / 2;
    let alive = cards.len() - waiting.len();
    if !waiting.is_empty() && alive < of_old {
        archive.give_up();
        let waiting = archive.waiting(cards, followed);
        archive.add(&waiting, last, followed);
        return archive;
    }
    archive.add(&waiting, last, followed);
    archive
}

impl Archive {
    /// The page that the feed goes on in.
    #[must_use]
    pub fn newest(&self) -> Option<i64> {
        self.pages.last().map(|page| page.number)
    }

    /// The pages, each with its place.
    pub fn chain(&self) -> impl Iterator<Item = (&Page, Place)> {
        let number = |n: usize| self.pages.get(n).map(|page| page.number);
        self.pages.iter().enumerate().map(move |(n, page)| {
            let place = Place {
                older: n.checked_sub(1).and_then(number),
                newer: number(1).filter(|_| n == 0),
                is_page: true,
            };
            (page, place)
        })
    }

    fn give_up(&mut self) {
        self.dropped.extend(self.pages.drain(..).map(|page| page.number));
        self.written.clear();
        self.cut.clear();
    }

    /// Takes out what stands in feeds no more.
    fn withdraw(&mut self, cards: &[Card]) {
        if self.pages.is_empty() {
            return;
        }
        let public: HashSet<&str> = cards.iter().map(|card| card.id.as_str()).collect();
        for page in &mut self.pages {
            let before = page.items.len();
            page.items.retain(|item| public.contains(item.article.as_str()));
            if page.items.len() != before {
                self.written.insert(page.number);
                self.cut.insert(page.number);
            }
        }
    }

    /// What no page holds as it is now, newest first, with its place among the cards; nothing, where the
    /// feed holds all of that.
    fn waiting<'a>(&self, cards: &'a [Card], followed: usize) -> Vec<(usize, &'a Card)> {
        let items = self.pages.iter().flat_map(|page| &page.items);
        let newest: HashMap<&str, &str> = items
            .map(|item| (item.article.as_str(), item.hash.as_str()))
            .collect();
        let is_in = |card: &Card| newest.get(card.id.as_str()) == Some(&short(&card.hash));
        let waiting: Vec<_> = cards
            .iter()
            .enumerate()
            .filter(|(_, card)| !is_in(card))
            .collect();
        match waiting.last() {
            Some((place, _)) if *place >= followed => waiting,
            _ => Vec::new(),
        }
    }

    /// Puts what waits into pages, oldest first, until the feed holds the rest.
    ///
    /// The first of all is never made alone: that one has nothing before it to link to, so it links to the one
    /// after it, and no page changes later.
    fn add(&mut self, waiting: &[(usize, &Card)], last: i64, followed: usize) {
        let size = followed.clamp(SMALL_PAGE, PAGE);
        let is_wanted = |some: &&[(usize, &Card)]| some.last().is_some_and(|(place, _)| *place >= followed);
        let mut pages: Vec<_> = waiting.rchunks(size).take_while(is_wanted).collect();
        if let ([only], true) = (pages.as_slice(), self.pages.is_empty()) {
            pages = only.rchunks(only.len().div_ceil(2)).collect();
        }
        for (some, number) in pages.into_iter().zip(last + 1..) {
            self.written.insert(number);
            self.pages.push(Page {
                number,
                items: some.iter().rev().map(|(_, card)| Archived::of(card)).collect(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::tests::example::card;
    use proptest::prelude::*;

    /// Newest first, as many as that, each at its version.
    fn cards(versions: &[u32]) -> Vec<Card> {
        let each = versions.iter().enumerate().rev();
        each.map(|(n, version)| Card {
            hash: format!("{version:016}"),
            ..card(&format!("a{n}"), n as i64, &[], &[])
        })
        .collect()
    }

    fn sizes(archive: &Archive) -> Vec<usize> {
        archive.pages.iter().map(|page| page.items.len()).collect()
    }

    #[test]
    fn what_the_feed_holds_no_more_is_in_a_page() {
        assert_eq!(
            archive(Vec::new(), &cards(&[0; 50]), 50, false),
            Archive::default()
        );
        let first = archive(Vec::new(), &cards(&[0; 51]), 50, false);
        assert_eq!(
            (sizes(&first), &first.written),
            (vec![25, 25], &BTreeSet::from([1, 2]))
        );
        let ends: Vec<_> = first
            .chain()
            .map(|(_, place)| (place.older, place.newer))
            .collect();
        assert_eq!(ends, [(None, Some(2)), (Some(1), None)]);
        assert_eq!(first.pages[0].items[0].article, "a0");
        // As articles come, there is a new page each fifty, and none before it changes.
        let mut pages = first.pages;
        for count in 52..=151 {
            let next = archive(pages.clone(), &cards(&vec![0; count]), 50, false);
            assert_eq!(&next.pages[..pages.len()], &pages[..]);
            assert_eq!(next.written.is_empty(), count != 101 && count != 151, "{count}");
            pages = next.pages;
        }
        assert_eq!(pages.len(), 4);
        let many = archive(Vec::new(), &cards(&[0; 1000]), 300, false);
        assert_eq!(sizes(&many), [100; 7]);
    }

    #[test]
    fn an_edit_goes_into_a_new_page() {
        let mut versions = vec![0; 260];
        let pages = archive(Vec::new(), &cards(&versions), 50, false).pages;
        assert_eq!(pages.len(), 5);
        versions[3] = 1;
        let edited = archive(pages.clone(), &cards(&versions), 50, false);
        assert_eq!(&edited.pages[..5], &pages[..]);
        assert_eq!(edited.written, BTreeSet::from([6]));
        let items = &edited.pages[5].items;
        assert_eq!(
            (items.len(), items[0].article.as_str()),
            (11, "a3"),
            "with what waited"
        );
        // One that the feed still holds waits until it does no more.
        versions[255] = 1;
        assert!(
            archive(edited.pages, &cards(&versions), 50, false)
                .written
                .is_empty()
        );
    }

    #[test]
    fn what_is_withdrawn_leaves_its_page() {
        let all = cards(&[0; 160]);
        let pages = archive(Vec::new(), &all, 50, false).pages;
        let less: Vec<Card> = all.iter().filter(|card| card.id != "a7").cloned().collect();
        let withdrawn = archive(pages.clone(), &less, 50, false);
        assert_eq!(
            (sizes(&withdrawn), withdrawn.written.clone()),
            (vec![49, 50, 50], BTreeSet::from([1]))
        );
        // When it comes back it is in a page again.
        let back = archive(withdrawn.pages, &all, 50, false);
        assert_eq!(back.written, BTreeSet::from([4]));
    }

    #[test]
    fn numbers_are_never_given_again() {
        let versions = vec![0; 260];
        let pages = archive(Vec::new(), &cards(&versions), 50, false).pages;
        let anew = archive(pages.clone(), &cards(&versions), 50, true);
        assert_eq!(anew.dropped, [1, 2, 3, 4, 5]);
        assert_eq!(
            anew.pages.iter().map(|page| page.number).collect::<Vec<_>>(),
            [6, 7, 8, 9, 10]
        );
        let all_edited = archive(pages, &cards(&vec![1; 260]), 50, false);
        assert_eq!((all_edited.dropped.len(), all_edited.pages[0].number), (5, 6));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// Whatever happens, feed and pages together are all that is public, as it is now.
        #[test]
        fn nothing_is_ever_missing(steps in prop::collection::vec((0..400usize, 0..3u8), 1..30), followed in 1..120usize) {
            let mut versions: Vec<Option<u32>> = Vec::new();
            let mut pages = Vec::new();
            for (n, step) in steps {
                match step {
                    0 => versions.extend(std::iter::repeat_n(Some(0), n)),
                    1 => {
                        for version in versions.iter_mut().skip(n).take(7) {
                            *version = version.map(|version| version + 1).or(Some(9));
                        }
                    }
                    _ => versions.iter_mut().skip(n).take(3).for_each(|version| *version = None),
                }
                let all: Vec<u32> = versions.iter().map(|version| version.unwrap_or_default()).collect();
                let mut public = cards(&all);
                public.retain(|card| versions[card.published.timestamp() as usize].is_some());
                let next = archive(pages, &public, followed, false);
                let mut found: HashMap<String, String> = HashMap::new();
                for item in next.pages.iter().flat_map(|page| &page.items) {
                    found.insert(item.article.clone(), item.hash.clone());
                }
                for card in public.iter().take(followed) {
                    found.insert(card.id.clone(), card.hash.clone());
                }
                let wanted: HashMap<String, String> = public.iter().map(|card| (card.id.clone(), card.hash.clone())).collect();
                prop_assert_eq!(found, wanted);
                pages = next.pages;
            }
        }
    }
}
