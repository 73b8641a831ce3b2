//! Fetching what a source is made of, politely: what has not changed is not sent again, a server that
//! asks for peace gets it, one that fails is asked less and less often.

use super::past::Past;
use crate::clock::{Instant, from_seconds, retry_after};
use crate::http::{Answer, Ask, Client, End, Limits, NoAnswer, Whose};
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use std::path::Path;
use url::Url;

/// So many redirects are followed.
const REDIRECTS: u8 = 5;
/// The first wait after a failure, in seconds; it doubles with each one …
pub(crate) const FIRST_WAIT: i64 = 5 * 60;
/// … up to a day; no server can ask for more than a week.
pub(crate) const LONGEST_WAIT: i64 = 24 * 3600;
const LONGEST_PEACE: i64 = 7 * 24 * 3600;

/// What is remembered of a URL between two readings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Visit {
    /// When it was asked last, in seconds since 1970.
    pub(crate) asked: i64,
    /// `ETag` and `Last-Modified` of the last whole answer that was taken in.
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// Where it has moved to for good.
    pub(crate) moved: Option<Url>,
    /// It said 410.
    pub(crate) gone: bool,
    /// So many failures, one after the other.
    pub(crate) failures: u32,
    /// Not to be asked before, in seconds since 1970.
    pub(crate) not_before: i64,
}

/// What is wanted of a URL.
#[derive(Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub(crate) url: &'a Url,
    pub(crate) whose: Whose,
    /// The media types that are understood.
    pub(crate) accept: &'a str,
    /// The most bytes that are read.
    pub(crate) limit: usize,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Fetched {
    /// A whole answer with a status of success.
    New(Box<Answer>),
    /// As at the last time.
    Same,
    /// It was not asked: it is too early.
    Early,
    /// Nothing that can be used.
    Failed(Problem),
}

impl Visit {
    /// As if nothing had come: what could not be used is sent again the next time.
    pub(crate) fn unused(self) -> Visit {
        Visit {
            etag: None,
            last_modified: None,
            ..self
        }
    }

    /// As if nothing had come, and it had not moved: what came is nothing that can be read, so where it
    /// came from may be wrong.
    pub(crate) fn unreadable(self) -> Visit {
        Visit {
            moved: None,
            ..self.unused()
        }
    }

    /// Told where it has moved to for good, so that the operator can write it down.
    pub(crate) fn has_moved(&self, url: &Url) -> Option<Problem> {
        let moved = self.moved.as_ref().filter(|moved| *moved != url)?;
        Some(
            Problem::warning("source-moved", format!("it has moved for good to {moved}"))
                .file(Path::new(url.as_str()))
                .hint(format!("write url = \"{moved}\"; until then it is asked there")),
        )
    }
}

/// Asks for a URL. With what came comes what is to be remembered of it.
pub(crate) async fn fetch(client: &Client, wish: Wish<'_>, past: &Past, now: Instant) -> (Fetched, Visit) {
    let mut visit: Visit = past.recall(wish.url.as_str()).unwrap_or_default();
    if is_early(visit.not_before, now, LONGEST_PEACE) {
        let fetched = match visit.gone {
            true => Fetched::Failed(gone(wish.url)),
            false => Fetched::Early,
        };
        return (fetched, visit);
    }
    visit.asked = now.timestamp();
    let limits = Limits {
        body: wish.limit,
        redirects: REDIRECTS,
    };
    // Nothing is known from it: then it does not help that it has not changed.
    if past.known.is_empty() {
        visit = visit.unused();
    }
    let ask = Ask::Fetch {
        accept: wish.accept,
        etag: visit.etag.as_deref(),
        last_modified: visit.last_modified.as_deref(),
    };
    let target = visit.moved.clone().unwrap_or_else(|| wish.url.clone());
    // A server of the operator's may send us anywhere, and we remember that; but not with its rights.
    let whose = match target.origin() == wish.url.origin() {
        true => wish.whose,
        false => Whose::Stranger,
    };
    let answer = client.ask(&target, whose, ask, limits).await;
    let fetched = judge(answer, wish, &mut visit, now);
    (fetched, visit)
}

/// Whether something is not to be asked yet. A time that is further off than the longest wait was
/// written by a clock that was wrong, and says nothing.
pub(crate) fn is_early(not_before: i64, now: Instant, longest: i64) -> bool {
    let wait = not_before.saturating_sub(now.timestamp());
    (1..=longest).contains(&wait)
}

fn judge(answer: Result<Answer, NoAnswer>, wish: Wish, visit: &mut Visit, now: Instant) -> Fetched {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return failed(visit, now, None, unreachable(wish.url, &error.to_string())),
    };
    let asked_whether = visit.etag.is_some() || visit.last_modified.is_some();
    let fail = |visit: &mut Visit, why: &str| failed(visit, now, None, unreachable(wish.url, why));
    match (answer.status, answer.end) {
        (304, _) if asked_whether => {
            settled(visit, &answer);
            Fetched::Same
        }
        (304, _) => fail(visit, "it answers 304, and nobody asked whether it has changed"),
        // Whoever has no content today is asked again.
        (204 | 205, _) => fail(visit, "it answers without any content"),
        (200..=299, End::Whole) => {
            settled(visit, &answer);
            visit.etag = answer.header("etag").map(str::to_owned);
            visit.last_modified = answer.header("last-modified").map(str::to_owned);
            Fetched::New(Box::new(answer))
        }
        (200..=299, End::Cut) => failed(visit, now, None, too_large(wish.url, wish.limit)),
        (200..=299, End::Broken) => fail(visit, "the answer broke off, or did not end in time"),
        (410, _) => {
            visit.gone = true;
            visit.not_before = now.timestamp() + LONGEST_WAIT;
            Fetched::Failed(gone(wish.url))
        }
        (300..=399, _) => {
            let to = answer.header("location").unwrap_or("nowhere");
            let why = format!(
                "it answers {} and leads to {to:?}, where nothing can be fetched",
                answer.status
            );
            fail(visit, &why)
        }
        (status, _) => {
            let peace = answer
                .header("retry-after")
                .and_then(|text| retry_after(text, now));
            let problem = unreachable(wish.url, &format!("it answers {status}"));
            failed(visit, now, peace, problem)
        }
    }
}

fn settled(visit: &mut Visit, answer: &Answer) {
    if let Some(moved) = &answer.moved {
        visit.moved = Some(moved.clone());
    }
    visit.failures = 0;
    visit.not_before = 0;
    visit.gone = false;
}

fn failed(visit: &mut Visit, now: Instant, peace: Option<Instant>, problem: Problem) -> Fetched {
    let doubled = wait(visit.failures);
    visit.failures = visit.failures.saturating_add(1);
    let until = peace.unwrap_or(from_seconds(now.timestamp() + doubled));
    visit.not_before = until.timestamp().min(now.timestamp() + LONGEST_PEACE);
    // Where it has moved to may have been wrong: the next try asks where the operator says.
    visit.moved = None;
    Fetched::Failed(problem)
}

/// How long to wait after a failure that so many came before, in seconds.
pub(crate) fn wait(failures: u32) -> i64 {
    (FIRST_WAIT << failures.min(10)).min(LONGEST_WAIT)
}

/// It cannot be asked, or gives nothing that can be used.
pub(crate) fn unreachable(url: &Url, why: &str) -> Problem {
    Problem::error("source-unreachable", format!("cannot be fetched: {why}"))
        .file(Path::new(url.as_str()))
        .hint("it is tried again later; what is known from it stays")
}

fn too_large(url: &Url, limit: usize) -> Problem {
    Problem::error(
        "too-large",
        format!("its answer has more than {} MiB", limit >> 20),
    )
    .file(Path::new(url.as_str()))
    .hint("what is known from it stays")
}

fn gone(url: &Url) -> Problem {
    Problem::error("source-gone", "its server says that it is gone for good (410)")
        .file(Path::new(url.as_str()))
        .hint("take the source out, or correct its url; what is known from it stays")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_beyond_all_waits_is_none() {
        let now = from_seconds(1_795_456_800);
        let early = |wait: i64| is_early(now.timestamp() + wait, now, LONGEST_PEACE);
        assert!(early(1) && early(LONGEST_PEACE));
        assert!(!early(0) && !early(-1) && !early(LONGEST_PEACE + 1));
        assert!(!is_early(i64::MAX, now, LONGEST_PEACE) && !is_early(i64::MIN, now, LONGEST_PEACE));
    }
}
