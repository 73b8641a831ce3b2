//! Which of the articles found is which of the articles known.
//!
//! An article stays the same when its text is edited, when its file is renamed and when it moves to
//! another source, as long as one of these holds: it states the same id, it is at the same path, it
//! has the same URL, or it has the same content.

use super::clashes::{Clashes, clashes};
use super::hashed::{Found, Hashed};
use super::kept::Kept;
use super::model::{Before, Finding, Known};
use crate::articles::{Article, identity};
use std::collections::HashMap;
use uuid::Uuid;

/// Which known article each found one is.
pub(super) struct Identified {
    /// Each article that is taken in, with the place of the known one that it is; `None`: it is new.
    pub taken: Vec<(Found, Option<usize>)>,
    /// The places of the known articles that no source has any more.
    pub gone: Vec<usize>,
    /// The places of the known articles that are there and could not be taken in.
    pub failing: Vec<usize>,
    /// How many articles of each reading were left out for a clash.
    pub left_out: Vec<usize>,
    pub findings: Vec<Finding>,
}

/// Finds out which is which.
pub(super) fn identify(hashed: Hashed, before: &Before, site: Uuid) -> Identified {
    let Hashed { mut readings, found } = hashed;
    let mut kept = Kept::of(&mut readings);
    kept.hold(before);
    let is_derived =
        |article: &Article| identity::article_id(site, &article.source, &article.path) == article.id;
    let clashes = clashes(&found, &kept.held, before, &is_derived);
    let mut left_out = vec![0; readings.len()];
    let again = !clashes.left_out.is_empty();
    for &place in &clashes.left_out {
        let Found { article, reading, .. } = &found[place];
        let paths = kept.failed.entry(article.source.clone()).or_default();
        paths.insert(article.path.clone());
        left_out[*reading] += 1;
    }
    if again {
        kept.hold(before);
    }
    kept.held.retain(|place, _| !clashes.lost.contains(place));
    let matches = Matching::new(&found, &clashes, before, &kept, site).run();
    let gone = (0..before.known.len())
        .filter(|&place| matches.is_gone(place))
        .collect();
    let failing = (0..before.known.len())
        .filter(|&place| matches.is_failing(place))
        .collect();
    let matched = matches.known_of;
    let taken = found
        .into_iter()
        .zip(matched)
        .enumerate()
        .filter(|(place, _)| clashes.is_taken_in(*place))
        .map(|(_, pair)| pair)
        .collect();
    Identified {
        taken,
        gone,
        failing,
        left_out,
        findings: clashes.findings,
    }
}

/// Matching goes from the surest sign to the weakest; what is matched is out of the search.
struct Matching<'a> {
    found: &'a [Found],
    clashes: &'a Clashes,
    known: &'a [Known],
    kept: &'a Kept,
    site: Uuid,
    /// By place among the found.
    known_of: Vec<Option<usize>>,
    /// By place among the known.
    claimed: Vec<bool>,
    by_id: HashMap<&'a str, usize>,
    by_path: HashMap<(&'a str, &'a str), Vec<usize>>,
    /// By source and URL: those held of sources that were not read whole.
    by_url_in_part: HashMap<(&'a str, &'a str), Vec<usize>>,
    /// The same by their pages: without the place on it.
    by_page_in_part: HashMap<(&'a str, &'a str), Vec<usize>>,
    /// The same by what they say.
    by_likeness_in_part: HashMap<(&'a str, &'a str), Vec<usize>>,
}

/// A URL without the place on its page.
fn page(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

/// What [`Matching`] came to.
struct Matches<'a> {
    known: &'a [Known],
    kept: &'a Kept,
    known_of: Vec<Option<usize>>,
    claimed: Vec<bool>,
}

impl Matches<'_> {
    fn is_gone(&self, place: usize) -> bool {
        let known = &self.known[place];
        known.standing.marks.removed.is_none() && !self.claimed[place] && !self.kept.held.contains_key(&place)
    }

    fn is_failing(&self, place: usize) -> bool {
        let known = &self.known[place];
        known.standing.marks.removed.is_none() && !self.claimed[place] && self.kept.has_failed(known)
    }
}

impl<'a> Matching<'a> {
    fn new(
        found: &'a [Found],
        clashes: &'a Clashes,
        before: &'a Before,
        kept: &'a Kept,
        site: Uuid,
    ) -> Matching<'a> {
        let known = before.known.as_slice();
        let mut by_path: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (place, article) in known.iter().enumerate() {
            by_path
                .entry((&article.source, &article.path))
                .or_default()
                .push(place);
        }
        for places in by_path.values_mut() {
            // Several articles may have stood at one path, one after the other.
            places.sort_by_key(|&place| {
                let article = &known[place];
                (
                    article.standing.marks.removed.is_some(),
                    std::cmp::Reverse(article.first_seen),
                )
            });
        }
        let mut by_url_in_part: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        let (mut by_page_in_part, mut by_likeness_in_part) = (by_url_in_part.clone(), by_url_in_part.clone());
        for &place in kept.held.keys() {
            let Known {
                source,
                url,
                likeness,
                ..
            } = &known[place];
            if kept.incomplete.contains(source) {
                by_url_in_part.entry((source, url)).or_default().push(place);
                let on_page = by_page_in_part.entry((source, page(url))).or_default();
                on_page.push(place);
                let alike = by_likeness_in_part.entry((source, likeness)).or_default();
                alike.push(place);
            }
        }
        Matching {
            by_url_in_part,
            by_page_in_part,
            by_likeness_in_part,
            by_id: (0..)
                .zip(known)
                .map(|(place, k)| (k.id.as_str(), place))
                .collect(),
            by_path,
            known_of: vec![None; found.len()],
            claimed: vec![false; known.len()],
            found,
            clashes,
            known,
            kept,
            site,
        }
    }

    fn run(mut self) -> Matches<'a> {
        if !self.known.is_empty() {
            self.search_all();
        }
        Matches {
            known: self.known,
            kept: self.kept,
            known_of: self.known_of,
            claimed: self.claimed,
        }
    }

    fn search_all(&mut self) {
        self.search(|search, article, _| search.by_stated_id(article));
        self.search(|search, article, likeness| search.by_path(article, likeness));
        self.search(|search, article, _| search.by_url_in_part(article));
        self.search(|search, article, likeness| {
            search.by_page_in_part(article, |known| known.likeness == likeness)
        });
        self.search(|search, article, _| {
            let published = article.published.map(|published| published.at);
            search.by_page_in_part(article, |known| {
                let same_time = published.is_none_or(|at| at == known.standing.published);
                known.title == article.title && same_time
            })
        });
        self.search(|search, article, likeness| search.by_content_in_part(article, likeness));
        self.search(|search, article, _| search.by_derived_id(article));
        self.search_gone(|article, _| article.url.clone(), |known| known.url.clone());
        self.search_gone(|_, likeness| likeness.to_owned(), |known| known.likeness.clone());
    }

    fn claim(&mut self, found: usize, known: usize) {
        self.known_of[found] = Some(known);
        self.claimed[known] = true;
    }

    fn open(&self) -> Vec<usize> {
        (0..self.found.len())
            .filter(|&place| self.known_of[place].is_none() && self.clashes.is_taken_in(place))
            .collect()
    }

    fn search(&mut self, look: impl Fn(&Self, &Article, &str) -> Option<usize>) {
        for place in self.open() {
            let Found {
                article, likeness, ..
            } = &self.found[place];
            if let Some(known) = look(self, article, likeness) {
                self.claim(place, known);
            }
        }
    }

    fn is_derived(&self, id: &str, source: &str, path: &str) -> bool {
        identity::article_id(self.site, source, path) == id
    }

    fn by_stated_id(&self, article: &Article) -> Option<usize> {
        let &place = self.by_id.get(article.id.as_str())?;
        let derived = self.is_derived(&article.id, &article.source, &article.path);
        (!derived && !self.claimed[place]).then_some(place)
    }

    /// A stated id that is new at an old path is another article, unless the old one stated none, or
    /// the two are alike: then the scheme of the ids has changed.
    fn by_path(&self, article: &Article, likeness: &str) -> Option<usize> {
        let places = self.by_path.get(&(&article.source, &article.path))?;
        let stated = !self.is_derived(&article.id, &article.source, &article.path);
        places.iter().copied().find(|&place| {
            let known = &self.known[place];
            let alike = known.likeness == likeness || known.title == article.title;
            let same = !stated || alike || self.is_derived(&known.id, &known.source, &known.path);
            same && !self.claimed[place]
        })
    }

    /// In a source of which only a part is read an article cannot be seen to move: one URL is one
    /// article, whatever id it states now.
    fn by_url_in_part(&self, article: &Article) -> Option<usize> {
        let places = self.by_url_in_part.get(&(&article.source, &article.url))?;
        places.iter().copied().find(|&place| !self.claimed[place])
    }

    /// What had a page alone gets a place on it when another one comes to the same page, and has it
    /// alone again when that one goes.
    fn by_page_in_part(&self, article: &Article, is_same: impl Fn(&Known) -> bool) -> Option<usize> {
        let places = self.by_page_in_part.get(&(&article.source, page(&article.url)))?;
        let is_whole = |url: &str| page(url) == url;
        places.iter().copied().find(|&place| {
            let known = &self.known[place];
            let changes = is_whole(&known.url) != is_whole(&article.url);
            !self.claimed[place] && changes && is_same(known)
        })
    }

    /// One whose address and id have both changed: what says the same under the same title and was
    /// published at the same time.
    fn by_content_in_part(&self, article: &Article, likeness: &str) -> Option<usize> {
        let published = article.published?.at;
        let places = self.by_likeness_in_part.get(&(&article.source, likeness))?;
        places.iter().copied().find(|&place| {
            let known = &self.known[place];
            let same = known.title == article.title && known.standing.published == published;
            same && !self.claimed[place]
        })
    }

    /// One that had moved away from its first path is back there.
    fn by_derived_id(&self, article: &Article) -> Option<usize> {
        let &place = self.by_id.get(article.id.as_str())?;
        (!self.claimed[place] && !self.kept.held.contains_key(&place)).then_some(place)
    }

    /// Looks among the articles whose path is gone in this very pass. Of several the one with the
    /// same title, of the same source, is taken first.
    fn search_gone(
        &mut self,
        of_found: impl Fn(&Article, &str) -> String,
        of_known: impl Fn(&Known) -> String,
    ) {
        let mut gone: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, known) in self.known.iter().enumerate() {
            let there = known.standing.marks.removed.is_none();
            if there && !self.claimed[place] && !self.kept.held.contains_key(&place) {
                gone.entry(of_known(known)).or_default().push(place);
            }
        }
        for place in self.open() {
            let Found {
                article, likeness, ..
            } = &self.found[place];
            let Some(places) = gone.get_mut(&of_found(article, likeness)) else {
                continue;
            };
            let best = (0..places.len()).min_by_key(|&n| {
                let known = &self.known[places[n]];
                (
                    known.title != article.title,
                    known.source != article.source,
                    known.id.clone(),
                )
            });
            if let Some(best) = best {
                let known = places.swap_remove(best);
                self.claim(place, known);
            }
        }
    }
}
