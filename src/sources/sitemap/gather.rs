//! All that a site's sitemaps list: from robots.txt or the usual places, through indexes, each document
//! asked for only where it may have changed.

use super::address::{clean, same_host};
use super::agent::Agent;
use super::choice::{holds_no_articles, holds_plain_pages};
use super::document::{self, Listed, no_sitemap};
use super::list::{From, List};
use super::memory::Crawl;
use crate::http::Answer;
use crate::problem::Problem;
use crate::sources::dates::Reading;
use crate::sources::fetch::{self, Fetched, Visit, Wish, unreachable};
use crate::sources::past::Notes;
use crate::sources::scan::guarded;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;
use std::time::Duration;
use tokio::time;
use url::Url;

/// An index may name indexes, which name pages: no site goes deeper.
const DEEPEST: u8 = 3;
/// The most documents of a site.
const MOST_DOCUMENTS: usize = 1_000;
/// So many other hosts are asked whether a sitemap may speak for them.
const MOST_HOSTS: usize = 3;
/// A document whose index says that it is as it was is believed for so long, in seconds.
const BELIEVED: i64 = 24 * 3600;
/// Where sitemaps are that no robots.txt names.
const USUAL_PLACES: &[&str] = &[
    "sitemap.xml",
    "sitemap_index.xml",
    "sitemap-index.xml",
    "wp-sitemap.xml",
    "sitemap.xml.gz",
    "sitemap.txt",
];
const TYPES: &str = "application/xml, text/xml, text/plain;q=0.9, */*;q=0.1";

/// What is remembered of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Document {
    /// What its index said of it.
    lastmod: Option<String>,
    sitemaps: Vec<Listed>,
    pages: Vec<Listed>,
    newest_only: bool,
    /// It was there at the first reading, and could not be read: what it lists was there too.
    owed: bool,
}

/// A document that is still to be read.
#[derive(Debug, Clone)]
struct Open {
    url: Url,
    lastmod: Option<String>,
    depth: u8,
    /// Nobody named it.
    guess: bool,
}

/// What a gathering needs.
pub(super) struct Gathering<'g, 's, 'a> {
    pub(super) agent: &'g mut Agent<'a>,
    pub(super) source: &'s Url,
    /// Nothing of the site was read before.
    pub(super) first: bool,
    pub(super) notes: &'g mut Notes,
    pub(super) reading: Reading,
    /// So much time is to be left for the pages.
    pub(super) reserve: Duration,
    /// A document that was asked for less than so many seconds ago is not asked for again.
    pub(super) fresh: i64,
}

impl<'s> Gathering<'_, 's, '_> {
    /// Gathers what the site lists.
    ///
    /// # Errors
    /// There is no sitemap that can be read; `None`: it is to be left alone for now.
    pub(super) async fn run(mut self, crawl: &mut Crawl) -> Result<List<'s>, Option<Problem>> {
        let mut list = List::new(self.source);
        let mut hosts = HashMap::new();
        let mut ready = HashMap::new();
        let mut open: VecDeque<Open> = self.roots(crawl, &mut ready, &mut list).await?.into();
        let mut seen: HashSet<Url> = HashSet::new();
        let mut failed = Vec::new();
        let mut read = 0;
        while let Some(next) = open.pop_front() {
            if !seen.insert(next.url.clone()) {
                continue;
            }
            if seen.len() > MOST_DOCUMENTS {
                list.whole = false;
                list.cut(self.source, &format!("more than {MOST_DOCUMENTS} sitemaps"));
                break;
            }
            let document = match ready.remove(&next.url) {
                Some(document) => Ok(document),
                None => self.document(&next, &mut list).await,
            };
            match document {
                Ok(document) => {
                    read += 1;
                    self.take(&next, document, &mut open, &mut hosts, &mut list).await;
                }
                Err(problem) => failed.push(problem),
            }
        }
        list.whole &= failed.is_empty();
        if read == 0 {
            return Err(failed.into_iter().flatten().next());
        }
        list.warnings.extend(failed.into_iter().flatten());
        Ok(list)
    }

    /// Where to begin: the sitemap that the source names; of a site those that its robots.txt names,
    /// else the first of the usual places where there is one.
    async fn roots(
        &mut self,
        crawl: &mut Crawl,
        ready: &mut HashMap<Url, Document>,
        list: &mut List<'_>,
    ) -> Result<Vec<Open>, Option<Problem>> {
        let root = |url: Url, guess| Open {
            url,
            lastmod: None,
            depth: 0,
            guess,
        };
        if !is_site(self.source) {
            return Ok(vec![root(self.source.clone(), false)]);
        }
        let robots = self.agent.robots(self.source, self.notes).await;
        let robots = robots.map_err(|why| Some(unreachable(self.source, &why)))?;
        let named = robots
            .sitemaps
            .iter()
            .filter_map(|line| self.source.join(line).ok());
        let named: Vec<Url> = named.filter_map(clean).collect();
        crawl.roots.retain(|url| robots.allows(url));
        for known in [named, crawl.roots.clone()] {
            if !known.is_empty() {
                return Ok(known.into_iter().map(|url| root(url, false)).collect());
            }
        }
        let places = USUAL_PLACES
            .iter()
            .filter_map(|place| self.source.join(place).ok());
        let (places, kept): (Vec<Url>, Vec<Url>) = places.partition(|url| robots.allows(url));
        if let Some(first) = kept.first() {
            list.warnings.push(kept_off(first));
        }
        for url in places {
            let guess = root(url.clone(), true);
            if let Ok(document) = self.document(&guess, list).await {
                ready.insert(url.clone(), document);
                crawl.roots = vec![url];
                return Ok(vec![guess]);
            }
        }
        let why = match kept.is_empty() {
            true => "its robots.txt names none, and there is none in the usual places",
            false => "its robots.txt names none, and keeps us off the usual places",
        };
        Err(Some(no_sitemap(self.source, why)))
    }

    /// A document as it is now, or as it was where it has not changed or cannot be had.
    async fn document(&mut self, open: &Open, list: &mut List<'_>) -> Result<Document, Option<Problem>> {
        let key = format!("sitemap {}", open.url);
        let known: Option<Document> = self.agent.web.past.recall(&key);
        let owed = known
            .as_ref()
            .map_or(self.first && !open.guess, |known| known.owed);
        let had = known.filter(|known| !known.owed);
        let late = self.agent.is_over(self.reserve);
        if let Some(had) = had.as_ref().filter(|had| late || self.is_settled(open, had)) {
            return Ok(had.clone());
        }
        let problem = match late {
            true => None,
            false => match self.fetch(open, list).await {
                Ok(Some(document)) => {
                    self.notes.keep(&key, &document);
                    return Ok(Document { owed, ..document });
                }
                Ok(None) => None,
                Err(problem) => Some(problem),
            },
        };
        match had {
            // What a document of an index listed is listed still.
            Some(had) if problem.is_none() || open.depth > 0 => {
                list.warnings.extend(problem);
                Ok(had)
            }
            _ => {
                if owed {
                    let owed = Document {
                        owed,
                        ..Document::default()
                    };
                    self.notes.keep(&key, &owed);
                }
                Err(problem)
            }
        }
    }

    /// Whether a document need not be asked for: it was a moment ago, or its index says that it is as it
    /// was.
    fn is_settled(&self, open: &Open, had: &Document) -> bool {
        let visit: Visit = self.agent.web.past.recall(open.url.as_str()).unwrap_or_default();
        let age = self.agent.web.now.timestamp() - visit.asked;
        let said = open.lastmod.as_deref().filter(|_| open.lastmod == had.lastmod);
        let said = said.is_some_and(|lastmod| !document::may_hide(lastmod, visit.asked, self.reading));
        (0..self.fresh).contains(&age) || (said && (0..BELIEVED).contains(&age))
    }

    /// Asks for a document; `None`: it is as it was, or it is too early to ask.
    async fn fetch(&mut self, open: &Open, list: &mut List<'_>) -> Result<Option<Document>, Problem> {
        let wish = Wish {
            url: &open.url,
            whose: self.agent.whose(&open.url),
            accept: TYPES,
            limit: document::MOST_BYTES,
        };
        self.agent.pause(&open.url).await;
        let began = time::Instant::now();
        let web = self.agent.web;
        let (fetched, visit) = fetch::fetch(web.client, wish, web.past, web.now).await;
        self.agent.asked(&open.url, began);
        let read = match fetched {
            Fetched::New(answer) => self.read(*answer, open).map(Some),
            Fetched::Same | Fetched::Early => Ok(None),
            Fetched::Failed(problem) => Err(problem),
        };
        // What could not be read is sent again, so that it is told as long as that is so.
        let good = read
            .as_ref()
            .is_ok_and(|read| read.as_ref().is_none_or(|(_, broken)| broken.is_none()));
        let visit = match (good, &read) {
            (true, _) => visit,
            (false, Ok(_)) => visit.unused(),
            (false, Err(_)) => visit.unreadable(),
        };
        self.notes.keep(open.url.as_str(), &visit);
        Ok(read?.map(|(document, broken)| {
            list.whole &= broken.is_none();
            list.is_cut |= broken.as_ref().is_some_and(|broken| broken.code == "sitemap-cut");
            list.warnings.extend(broken);
            document
        }))
    }

    /// A document, and what is wrong with it.
    fn read(&self, answer: Answer, open: &Open) -> Result<(Document, Option<Problem>), Problem> {
        let from = Path::new(open.url.as_str());
        let too_large = || {
            let text = format!("more than {} MiB come out of it", document::MOST_BYTES >> 20);
            Problem::error("too-large", text)
                .file(from)
                .hint("what is known from it stays")
        };
        let bytes = document::unpack(answer.body).ok_or_else(too_large)?;
        let read = guarded(from, || document::parse(&bytes, &answer.url, self.reading))?;
        let broken = read.broken.map(|(line, why)| {
            Problem::error(
                "sitemap",
                format!("it is read as far as this, and no further: {why}"),
            )
            .file(from)
            .line(line)
            .hint("correct it; no article counts as removed meanwhile")
        });
        let cut = read.cut.then(|| {
            Problem::warning(
                "sitemap-cut",
                "it lists more than 50000 addresses: the rest is not read",
            )
            .file(from)
            .hint("the protocol allows no more: split it, with an index of the parts")
        });
        let document = Document {
            lastmod: open.lastmod.clone(),
            sitemaps: read.sitemaps,
            pages: read.pages,
            newest_only: read.newest_only,
            owed: false,
        };
        Ok((document, broken.or(cut)))
    }

    /// Takes what a document lists: others of the same host, and pages of it or of hosts that name the
    /// document in their own robots.txt.
    async fn take(
        &mut self,
        open: &Open,
        document: Document,
        others: &mut VecDeque<Open>,
        hosts: &mut HashMap<String, bool>,
        list: &mut List<'_>,
    ) {
        let mut named: Vec<Open> = Vec::new();
        for listed in document.sitemaps {
            match clean(listed.url).filter(|url| same_host(url, &open.url) || same_host(url, self.source)) {
                Some(url) if holds_no_articles(&url) || open.depth + 1 >= DEEPEST => {}
                Some(url) => named.push(Open {
                    url,
                    lastmod: listed.lastmod,
                    depth: open.depth + 1,
                    guess: false,
                }),
                None => list.foreign += 1,
            }
        }
        // What has changed last is read first, should there not be time for all.
        named.sort_by(|a, b| b.lastmod.cmp(&a.lastmod));
        others.extend(named);
        let from = From {
            newest_only: document.newest_only,
            plain: holds_plain_pages(&open.url),
            owed: document.owed,
        };
        for listed in document.pages {
            let own = list.own(&listed.url);
            let url = match own {
                Some(url) => Some(url),
                None => self.of_another_host(&listed.url, &open.url, hosts, list).await,
            };
            match url {
                Some(url) => list.add(url, listed, from, self.reading),
                None => list.foreign += 1,
            }
        }
    }

    /// A page of another host, where that host's robots.txt names the sitemap.
    async fn of_another_host(
        &mut self,
        url: &Url,
        sitemap: &Url,
        hosts: &mut HashMap<String, bool>,
        list: &mut List<'_>,
    ) -> Option<Url> {
        let url = clean(url.clone())?;
        let origin = url.origin().ascii_serialization();
        if !hosts.contains_key(&origin) {
            if hosts.len() == MOST_HOSTS {
                return None;
            }
            if self.agent.is_over(self.reserve) {
                list.whole = false;
                return None;
            }
            // One that does not answer counts too: else a sitemap could send us to any number of them.
            let robots = self.agent.robots(&url, self.notes).await.unwrap_or_default();
            let mut named = robots.sitemaps.iter().filter_map(|line| url.join(line).ok());
            let named = named.any(|named| named == *sitemap || named == *self.source);
            hosts.insert(origin.clone(), named);
        }
        hosts[&origin].then_some(url)
    }
}

fn kept_off(url: &Url) -> Problem {
    Problem::warning("sitemap", "its robots.txt keeps us off, so it is not asked for")
        .file(Path::new(url.as_str()))
        .hint("allow it there to `Tidings`, or name the sitemap there")
}

/// Whether a source's URL is that of a site, not of a sitemap.
fn is_site(url: &Url) -> bool {
    let file = url.path().rsplit('/').next().unwrap_or_default();
    let whole = url.as_str().to_ascii_lowercase();
    !file.contains('.') && !whole.contains("sitemap") && !whole.contains("feed") && url.query().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_told_from_a_sitemap() {
        for (url, site) in [
            ("https://example.org/", true),
            ("https://example.org/blog", true),
            ("https://example.org/blog/", true),
            ("https://example.org/sitemap.xml", false),
            ("https://example.org/sitemap", false),
            ("https://example.org/map.txt", false),
            ("https://example.org/?sitemap=1", false),
            ("https://sitemaps.example.org/all.xml.gz", false),
        ] {
            assert_eq!(is_site(&Url::parse(url).unwrap()), site, "{url}");
        }
    }
}
