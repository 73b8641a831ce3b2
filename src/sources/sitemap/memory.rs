//! What is remembered of a site between two readings, and what follows from it: which pages are to be
//! asked for. Pure.

use super::document::may_hide;
use super::list::Entry;
use crate::clock::Instant;
use crate::sources::dates::Reading;
use crate::sources::fetch::{LONGEST_WAIT, is_early, wait};
use serde::{Deserialize, Serialize};
use url::Url;

/// The key of [`Crawl`].
pub(super) const CRAWL: &str = "crawl";

/// A page that does not say when it changed is asked for again after an hour, and each time that it has
/// not changed after twice as long …
const FIRST_INTERVAL: i64 = 3600;
/// … up to a week.
const LONGEST_INTERVAL: i64 = 7 * 24 * 3600;
/// After so many times a `lastmod` that says a page has changed, and it has not, is believed no more.
const CRIED_WOLF: u32 = 3;
/// Of the whole crawl.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Crawl {
    /// All that it listed at its first reading is remembered.
    pub(super) begun: bool,
    /// When that was, in seconds since 1970, where that list was cut: not all was known then that was
    /// there.
    pub(super) cut: Option<i64>,
    /// When the site was read last, in seconds since 1970.
    pub(super) asked: i64,
    /// There were pages left to be asked for.
    pub(super) more: bool,
    /// The site is left alone until then.
    pub(super) not_before: i64,
    /// So many readings ended because the site did not answer, one after the other.
    pub(super) failures: u32,
    /// Where its sitemap was found, where the source's URL is that of a site.
    pub(super) roots: Vec<Url>,
}

/// What a page was found to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Verdict {
    /// It was not had yet.
    #[default]
    New,
    Article,
    /// No article.
    Other,
    /// It says that it is another page.
    Elsewhere,
    /// It wants to be in no index.
    Noindex,
    /// It said 410.
    Gone,
    /// robots.txt keeps us off.
    Forbidden,
}

/// Of one page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Page {
    pub(super) verdict: Verdict,
    /// When it was asked for last, in seconds since 1970.
    pub(super) asked: i64,
    /// It was there when the source was read first: nobody is told of it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) old: bool,
    /// What the sitemap said when it was asked for.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) lastmod: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) etag: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) last_modified: Option<String>,
    /// Of its bytes, where it has neither.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) hash: Option<String>,
    /// So often it came as it was, one time after the other.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) steady: u32,
    /// So often it could not be had, one time after the other.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) failures: u32,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) not_before: i64,
    /// The key of the page that it says it is, where that is another one.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) is: Option<String>,
    /// What stands in for its date, in seconds since 1970: it does not say one.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) dated: Option<i64>,
    /// Only documents that hold the newest alone listed it: when they drop it, it is not gone.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) newest_only: bool,
}

/// Why a page is asked for, what is most wanted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// It is new, or is said to have changed.
    Now,
    /// Nobody knows whether it has changed, and it was not asked for long.
    Again,
}

impl Page {
    /// Whether it is to be asked for. `known`: its article is there as it was taken in.
    pub(super) fn due(&self, entry: &Entry, known: bool, now: Instant, reading: Reading) -> Option<Due> {
        if is_early(self.not_before, now, LONGEST_WAIT) {
            return None;
        }
        let now = now.timestamp();
        if matches!(self.verdict, Verdict::New | Verdict::Forbidden) {
            return Some(Due::Now);
        }
        let interval = (FIRST_INTERVAL << self.steady.min(10)).min(LONGEST_INTERVAL);
        // A clock that was set back says nothing.
        let again = (now < self.asked || now - self.asked >= interval).then_some(Due::Again);
        match &entry.lastmod {
            None => again,
            changed if *changed != self.lastmod => match self.steady < CRIED_WOLF {
                true => Some(Due::Now),
                false => again,
            },
            _ if self.failures > 0 => again,
            _ if self.verdict == Verdict::Article && !known => again,
            // A day that was not over yet.
            Some(day) if may_hide(day, self.asked, reading) => again,
            Some(_) => None,
        }
    }

    /// It was had, and is as it was, or is not.
    pub(super) fn had(&mut self, entry: &Entry, changed: bool, now: Instant) {
        self.asked = now.timestamp();
        self.lastmod.clone_from(&entry.lastmod);
        self.steady = if changed { 0 } else { self.steady.saturating_add(1) };
        self.failures = 0;
        self.not_before = 0;
    }

    /// It was had, and is no article.
    pub(super) fn is_now(&mut self, verdict: Verdict, entry: &Entry, now: Instant) {
        self.had(entry, self.verdict != verdict, now);
        self.verdict = verdict;
        (self.hash, self.is, self.etag, self.last_modified) = (None, None, None, None);
    }

    /// It could not be had; what is known of it stays.
    pub(super) fn failed(&mut self, now: Instant) {
        self.not_before = now.timestamp() + wait(self.failures);
        self.failures = self.failures.saturating_add(1);
    }
}

impl Crawl {
    /// Whether the site is not to be asked yet.
    pub(super) fn is_left_alone(&self, now: Instant) -> bool {
        is_early(self.not_before, now, LONGEST_WAIT)
    }

    /// The server is not asked until then, or until longer and longer.
    pub(super) fn leave_alone(&mut self, until: Option<i64>, now: Instant) {
        self.not_before = until.unwrap_or(now.timestamp() + wait(self.failures));
        self.failures = self.failures.saturating_add(1);
    }

    /// Whether a page that nothing is known of was there when the site was read first, as far as can be
    /// told.
    pub(super) fn had(&self, entry: &Entry) -> bool {
        let was_cut_off = |cut| entry.date.is_none_or(|date| date.at.timestamp() <= cut);
        !self.begun || entry.owed || self.cut.is_some_and(was_cut_off)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_seconds;
    use crate::sources::fetch::FIRST_WAIT;

    fn entry(lastmod: Option<&str>) -> Entry {
        Entry::new("/a", "https://example.org/a", lastmod)
    }

    const NOON: i64 = 1_795_435_200; // 2026-11-23T12:00:00Z

    fn due(page: &Page, lastmod: Option<&str>, after: i64) -> Option<Due> {
        let reading = Reading::new(chrono_tz::Tz::UTC, "en");
        page.due(&entry(lastmod), true, from_seconds(NOON + after), reading)
    }

    fn article(lastmod: Option<&str>) -> Page {
        let mut page = Page {
            verdict: Verdict::Article,
            ..Page::default()
        };
        page.had(&entry(lastmod), true, from_seconds(NOON));
        page
    }

    #[test]
    fn what_a_cut_list_left_out_was_there_before() {
        let day = |day: &str| Entry::new("/a", "https://example.org/a", Some(day));
        let (older, later) = (day("2026-11-20"), day("2026-11-25"));
        let had = |begun, cut, entry: &Entry| {
            let crawl = Crawl {
                begun,
                cut,
                ..Crawl::default()
            };
            crawl.had(entry)
        };
        assert!(had(false, None, &later), "the first list");
        assert!(!had(true, None, &older) && !had(true, None, &entry(None)));
        assert!(had(true, Some(NOON), &older) && had(true, Some(NOON), &entry(None)));
        assert!(!had(true, Some(NOON), &later));
    }

    #[test]
    fn a_lastmod_that_stays_asks_for_nothing() {
        assert_eq!(due(&Page::default(), None, 0), Some(Due::Now));
        let page = article(Some("2026-11-20"));
        assert_eq!(due(&page, Some("2026-11-20"), 1_000_000), None);
        assert_eq!(due(&page, Some("2026-11-21"), 1), Some(Due::Now));
        let today = article(Some("2026-11-23"));
        assert_eq!(due(&today, Some("2026-11-23"), 60), None);
        assert_eq!(
            due(&today, Some("2026-11-23"), 3600),
            Some(Due::Again),
            "the day went on"
        );
        let second = article(Some("2026-11-23T11:00:00Z"));
        assert_eq!(due(&second, Some("2026-11-23T11:00:00Z"), 1_000_000), None);
    }

    #[test]
    fn without_lastmod_the_intervals_grow_as_it_stays() {
        let mut page = article(None);
        assert_eq!(due(&page, None, 3599), None);
        assert_eq!(due(&page, None, 3600), Some(Due::Again));
        page.had(&entry(None), false, from_seconds(NOON));
        assert_eq!(due(&page, None, 3600), None);
        assert_eq!(due(&page, None, 7200), Some(Due::Again));
        for _ in 0..40 {
            page.had(&entry(None), false, from_seconds(NOON));
        }
        assert_eq!(due(&page, None, LONGEST_INTERVAL), Some(Due::Again));
    }

    #[test]
    fn a_lastmod_that_is_new_at_each_build_is_believed_three_times() {
        let mut page = article(Some("2026-11-23T01:00:00Z"));
        for hour in 2..5 {
            let lastmod = format!("2026-11-23T{hour:02}:00:00Z");
            assert_eq!(due(&page, Some(&lastmod), 1), Some(Due::Now));
            page.had(&entry(Some(&lastmod)), false, from_seconds(NOON));
        }
        assert_eq!(due(&page, Some("2026-11-23T09:00:00Z"), 1), None);
        assert_eq!(
            due(&page, Some("2026-11-23T09:00:00Z"), 8 * 3600),
            Some(Due::Again)
        );
    }

    #[test]
    fn a_clock_that_was_wrong_once_stops_nothing() {
        let years_on = from_seconds(NOON + 4 * 365 * 24 * 3600);
        let mut page = Page::default();
        page.failed(years_on);
        assert_eq!(due(&page, None, 0), Some(Due::Now));
        let mut crawl = Crawl::default();
        crawl.leave_alone(None, years_on);
        assert!(crawl.is_left_alone(years_on) && !crawl.is_left_alone(from_seconds(NOON)));
    }

    #[test]
    fn what_fails_is_asked_for_less_and_less() {
        let mut page = Page::default();
        page.failed(from_seconds(NOON));
        assert_eq!(due(&page, None, FIRST_WAIT - 1), None);
        assert_eq!(due(&page, None, FIRST_WAIT), Some(Due::Now));
        page.failed(from_seconds(NOON));
        assert_eq!(due(&page, None, FIRST_WAIT), None);
        for _ in 0..70 {
            page.failed(from_seconds(NOON));
        }
        assert_eq!(due(&page, None, LONGEST_WAIT), Some(Due::Now));
    }
}
