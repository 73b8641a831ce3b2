//! The pages of one reading: those that may be new or other than they were, newest first, one after the
//! other, as far as the reading's measure goes.

use super::agent::{Agent, within};
use super::list::{Entry, List};
use super::memory::{Crawl, Due, Page, Verdict};
use super::page::{self, Around, Got, Made};
use crate::articles::Article;
use crate::articles::intake::{hash, likeness};
use crate::clock::Instant;
use crate::http::Answer;
use crate::problem::Problem;
use crate::sources::dates::Reading;
use crate::sources::fetch::unreachable;
use crate::sources::scan::Scan;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The most pages that one reading asks for …
const MOST_PAGES: usize = 1_000;
/// … and the most bytes: all its articles are held until they are taken in together.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// A server that fails so often, one time after the other, is left alone.
const MOST_SILENCE: usize = 3;
/// The longest that a server can ask to be left alone, in seconds.
const LONGEST_PEACE: i64 = 24 * 3600;
/// So many pages with the same title and the same words are no articles: a wall, or a page that says that there is nothing.
const SAME_WORDS: usize = 3;

/// What a reading of the pages works with.
pub(super) struct Crawling<'c, 'a> {
    pub(super) agent: &'c mut Agent<'a>,
    pub(super) source: &'c Url,
    pub(super) around: Arc<Around>,
    pub(super) scan: &'c mut Scan,
    pub(super) reading: Reading,
    /// What is known of the pages that are listed and chosen, by key.
    pub(super) pages: HashMap<String, Page>,
    /// The keys of those of which something else is known now.
    pub(super) changed: HashSet<String>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Crawled {
    /// How many pages were asked for.
    pub(super) asked: usize,
    /// How many more are new, or said to have changed.
    pub(super) left: usize,
    pub(super) articles: Vec<Article>,
    /// How many pages could not be had, and the first of them.
    pub(super) missing: usize,
    pub(super) first_missing: Option<(Url, String)>,
    bytes: usize,
    silent: usize,
}

impl Crawling<'_, '_> {
    /// Asks for the pages.
    pub(super) async fn run(&mut self, list: &List<'_>, crawl: &mut Crawl) -> Crawled {
        let mut crawled = Crawled::default();
        let wanted = self.wanted(list);
        let now = |rest: &[(Due, &Entry)]| rest.iter().filter(|(due, _)| *due == Due::Now).count();
        for (place, (_, entry)) in wanted.iter().enumerate() {
            let full = crawled.asked == MOST_PAGES || crawled.bytes >= MOST_BYTES;
            if full || self.agent.is_over(Duration::ZERO) {
                crawled.left = now(&wanted[place..]);
                break;
            }
            if !self.one(entry, crawl, &mut crawled).await {
                crawled.left = now(&wanted[place + 1..]);
                break;
            }
        }
        self.drop_walls(&mut crawled);
        crawled
    }

    /// The pages to ask for: what is new or has changed, the newest first; then what may have changed,
    /// those first that were asked for longest ago.
    fn wanted<'l>(&self, list: &'l List<'_>) -> Vec<(Due, &'l Entry)> {
        let web = self.agent.web;
        let due = |entry: &'l Entry| {
            let page = self.pages.get(&entry.key)?;
            let due = page.due(entry, web.past.known.contains(&entry.key), web.now, self.reading)?;
            let newest = Reverse(entry.date.map(|date| date.at).filter(|_| due == Due::Now));
            Some(((due, newest, page.asked), entry))
        };
        let mut wanted: Vec<_> = list.pages.iter().filter_map(due).collect();
        wanted.sort_by_key(|(order, _)| *order);
        wanted
            .into_iter()
            .map(|((due, ..), entry)| (due, entry))
            .collect()
    }

    /// Asks for one page; `false`: the server is to be left alone.
    async fn one(&mut self, entry: &Entry, crawl: &mut Crawl, crawled: &mut Crawled) -> bool {
        let now = self.agent.web.now;
        let known = self.agent.web.past.known.contains(&entry.key);
        let mut page = self.pages.remove(&entry.key).unwrap_or_default();
        // That an article is as it was says nothing to whoever does not have it.
        let had = match page.verdict {
            Verdict::New | Verdict::Forbidden => false,
            Verdict::Article => known,
            _ => true,
        };
        let notes = &mut self.scan.notes;
        let got = page::fetch(self.agent, self.source, entry, had.then_some(&page), notes).await;
        crawled.asked += usize::from(!matches!(got, Got::Forbidden));
        if !matches!(got, Got::Silent(_) | Got::Forbidden) {
            crawled.silent = 0;
        }
        let mut goes_on = true;
        match got {
            Got::New(answer) => self.take(answer, entry, &mut page, crawled).await,
            Got::Same => page.had(entry, false, now),
            Got::Missing(why) => missing(entry, &mut page, why, crawled, now),
            Got::Gone => page.is_now(Verdict::Gone, entry, now),
            Got::Elsewhere => page.is_now(Verdict::Elsewhere, entry, now),
            Got::Forbidden if page.verdict == Verdict::New => page.verdict = Verdict::Forbidden,
            Got::Forbidden => {}
            Got::Bad(problem) => {
                page.failed(now);
                self.scan.warnings.push(problem);
            }
            Got::Silent(why) => {
                crawled.silent += 1;
                goes_on = crawled.silent < MOST_SILENCE;
                if !goes_on {
                    crawl.leave_alone(None, now);
                    self.scan.warnings.push(unreachable(&entry.url, &why));
                }
                missing(entry, &mut page, why, crawled, now);
            }
            Got::Peace(until) => {
                crawl.leave_alone(within(until, now, LONGEST_PEACE), now);
                self.scan.warnings.push(peace(&entry.url));
                goes_on = false;
            }
        }
        self.changed.insert(entry.key.clone());
        self.pages.insert(entry.key.clone(), page);
        goes_on
    }

    /// Takes a page that came.
    async fn take(&mut self, answer: Box<Answer>, entry: &Entry, page: &mut Page, crawled: &mut Crawled) {
        let now = self.agent.web.now;
        crawled.bytes += answer.body.len();
        let [etag, last_modified] =
            ["etag", "last-modified"].map(|name| answer.header(name).map(str::to_owned));
        let (around, of_entry, of_page) = (self.around.clone(), entry.clone(), page.clone());
        let making = move || page::make(&answer, &of_entry, &of_page, &around);
        let made = match tokio::task::spawn_blocking(making).await {
            Ok(made) => made,
            Err(error) => Ok(Made::Missing(error.to_string())),
        };
        match made {
            Ok(Made::Article { is: Some(is), .. }) if self.is_taken(&is, &entry.key) => {
                page.is_now(Verdict::Elsewhere, entry, now);
            }
            Ok(Made::Article {
                article,
                warnings,
                is,
                dated,
            }) => {
                let hash = Some(hash(&article));
                page.had(entry, page.hash != hash, now);
                (page.verdict, page.hash, page.is, page.dated) = (Verdict::Article, hash, is, dated);
                self.scan.warnings.extend(warnings);
                crawled.articles.push(*article);
            }
            // An article that looks like none today is one all the same, as long as it does not say so.
            Ok(Made::Not(Verdict::Other)) if page.verdict == Verdict::Article => page.had(entry, false, now),
            Ok(Made::Not(verdict)) => page.is_now(verdict, entry, now),
            Ok(Made::Missing(why)) => return missing(entry, page, why, crawled, now),
            Err(problem) => {
                page.failed(now);
                self.scan.warnings.push(problem);
                return;
            }
        }
        (page.etag, page.last_modified) = (etag, last_modified);
    }

    /// Whether another page says already that it is that page.
    fn is_taken(&self, is: &str, key: &str) -> bool {
        let mut pages = self.pages.iter();
        pages.any(|(other, page)| {
            other != key && page.verdict == Verdict::Article && page.is.as_deref() == Some(is)
        })
    }

    /// Leaves out what came with the same words several times: what a login, a consent or a maintenance
    /// page says, whose server says that all is well.
    fn drop_walls(&mut self, crawled: &mut Crawled) {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let words = |article: &Article| format!("{}\n{}", likeness(article), article.title);
        let alike: Vec<String> = crawled.articles.iter().map(words).collect();
        for words in &alike {
            *counts.entry(words.clone()).or_default() += 1;
        }
        let mut alike = alike.into_iter();
        let (known, now) = (&self.agent.web.past.known, self.agent.web.now);
        crawled.articles.retain(|article| {
            let kept = alike.next().is_none_or(|words| counts[&words] < SAME_WORDS);
            if let Some(page) = self.pages.get_mut(&article.path).filter(|_| !kept) {
                let verdict = page.verdict;
                *page = Page {
                    old: page.old,
                    newest_only: page.newest_only,
                    verdict: if known.contains(&article.path) {
                        verdict
                    } else {
                        Verdict::New
                    },
                    ..Page::default()
                };
                page.failed(now);
            }
            kept
        });
        let walls: usize = counts.values().filter(|count| **count >= SAME_WORDS).sum();
        if walls > 0 {
            self.scan.warnings.push(
                Problem::warning(
                    "same-words",
                    format!("{walls} pages hold the same words, so they are no articles"),
                )
                .file(Path::new(self.source.as_str()))
                .hint("look whether the site shows a login, a consent or an error page instead of them"),
            );
        }
    }
}

/// A page cannot be had; what is known of it stays.
fn missing(entry: &Entry, page: &mut Page, why: String, crawled: &mut Crawled, now: Instant) {
    page.failed(now);
    crawled.missing += 1;
    crawled
        .first_missing
        .get_or_insert_with(|| (entry.url.clone(), why));
}

fn peace(url: &Url) -> Problem {
    Problem::warning(
        "source-unreachable",
        "its server asks to be left alone for a while",
    )
    .file(Path::new(url.as_str()))
    .hint("the next reading after that goes on; what is known from it stays")
}
