//! How a site is asked: by its robots.txt, with a pause between two requests, within a time.

use super::robots::{self, Robots};
use crate::clock::Instant;
use crate::config::values::is_loopback;
use crate::http::{Answer, Ask, End, Limits, NoAnswer, Whose};
use crate::sources::past::Notes;
use crate::sources::web::Web;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time;
use url::Url;

/// The shortest pause, where nobody asks for a longer one: four requests a second at most. A server
/// that is slow to answer has as long to itself as it took.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause, whatever `Crawl-delay` says: else one page would take a reading.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A robots.txt is asked for again after a day (RFC 9309, 2.4) …
const ROBOTS_AGE: i64 = 24 * 3600;
/// … and an older one holds as long as the server fails, for a month.
const ROBOTS_STALE: i64 = 30 * 24 * 3600;
const ROBOTS_LIMITS: Limits = Limits {
    body: robots::MOST_BYTES,
    redirects: 5,
};

/// What is remembered of a robots.txt.
#[derive(Serialize, Deserialize)]
struct Remembered {
    asked: i64,
    robots: Robots,
}

/// One reading's way with the servers it asks.
pub(super) struct Agent<'a> {
    pub(super) web: Web<'a>,
    /// The source's own URL: what the operator wrote.
    own: &'a Url,
    robots: HashMap<String, Result<Arc<Robots>, String>>,
    /// When each host answered last, and how long that took.
    last: HashMap<String, (time::Instant, Duration)>,
    /// When the reading's time is over.
    until: time::Instant,
}

impl<'a> Agent<'a> {
    pub(super) fn new(web: Web<'a>, own: &'a Url, time: Duration) -> Agent<'a> {
        Agent {
            web,
            own,
            robots: HashMap::new(),
            last: HashMap::new(),
            until: time::Instant::now() + time,
        }
    }

    /// Whether a share of the time is over.
    pub(super) fn is_over(&self, share_left: Duration) -> bool {
        time::Instant::now() + share_left >= self.until
    }

    /// Only the server that the operator named may be a private one.
    pub(super) fn whose(&self, url: &Url) -> Whose {
        match url.origin() == self.own.origin() {
            true => Whose::Operator,
            false => Whose::Stranger,
        }
    }

    /// What the server of a URL says in its robots.txt.
    ///
    /// # Errors
    /// It fails to say: then nothing of it may be asked for (RFC 9309, 2.3.1.4).
    pub(super) async fn robots(&mut self, url: &Url, notes: &mut Notes) -> Result<Arc<Robots>, String> {
        let origin = url.origin().ascii_serialization();
        if let Some(known) = self.robots.get(&origin) {
            return known.clone();
        }
        let key = format!("robots {origin}");
        let now = self.web.now.timestamp();
        let remembered: Option<Remembered> = self.web.past.recall(&key);
        let age = remembered.as_ref().map(|old| now - old.asked);
        let found = match (remembered, age) {
            (Some(old), Some(0..ROBOTS_AGE)) => Ok(old.robots),
            (old, age) => match self.ask_robots(url).await {
                Ok(robots) => {
                    let new = Remembered { asked: now, robots };
                    notes.keep(&key, &new);
                    Ok(new.robots)
                }
                Err(why) => old
                    .filter(|_| age.is_some_and(|age| age < ROBOTS_STALE))
                    .map(|old| old.robots)
                    .ok_or(why),
            },
        };
        let found = found.map(Arc::new);
        self.robots.insert(origin, found.clone());
        found
    }

    async fn ask_robots(&mut self, url: &Url) -> Result<Robots, String> {
        let url = url.join("/robots.txt").map_err(|error| error.to_string())?;
        let ask = Ask::Fetch {
            accept: "text/plain, */*;q=0.1",
            etag: None,
            last_modified: None,
        };
        match self.ask(&url, ask, ROBOTS_LIMITS).await {
            Ok(answer) if matches!(answer.status, 200..=299) && answer.end != End::Broken => {
                Ok(Robots::parse(&answer.body))
            }
            Ok(answer) if matches!(answer.status, 300..=428 | 430..=499) => Ok(Robots::default()),
            Err(NoAnswer::Redirects) => Ok(Robots::default()),
            Ok(answer) => Err(format!("its robots.txt answers {}", answer.status)),
            Err(error) => Err(format!("its robots.txt cannot be read: {error}")),
        }
    }

    /// Asks when the server's pause is over.
    ///
    /// # Errors
    /// Where there is no answer.
    pub(super) async fn ask(&mut self, url: &Url, ask: Ask<'_>, limits: Limits) -> Result<Answer, NoAnswer> {
        self.pause(url).await;
        let began = time::Instant::now();
        let answer = self.web.client.ask(url, self.whose(url), ask, limits).await;
        self.asked(url, began);
        answer
    }

    /// Waits until the server of a URL may be asked.
    pub(super) async fn pause(&self, url: &Url) {
        if let Some((end, took)) = self.last.get(host(url)) {
            time::sleep_until(*end + self.rest(url, *took)).await;
        }
    }

    /// The server was asked, from `began` on until now.
    pub(super) fn asked(&mut self, url: &Url, began: time::Instant) {
        let now = time::Instant::now();
        self.last.insert(host(url).to_owned(), (now, now - began));
    }

    /// How long a server rests after it took so long to answer.
    fn rest(&self, url: &Url, took: Duration) -> Duration {
        let own = match is_loopback(host(url).trim_matches(['[', ']'])) {
            // This machine's own server is nobody's burden.
            true => Duration::ZERO,
            false => took.max(SHORTEST_PAUSE),
        };
        let robots = self.robots.get(&url.origin().ascii_serialization());
        let wished = robots.and_then(|robots| robots.as_ref().ok()?.delay);
        let pause = own.max(wished.map(Duration::from_millis).unwrap_or_default());
        pause.min(LONGEST_PAUSE)
    }
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// An instant as seconds, no further away than so many seconds.
pub(super) fn within(at: Option<Instant>, now: Instant, most: i64) -> Option<i64> {
    at.map(|at| at.timestamp().clamp(now.timestamp(), now.timestamp() + most))
}
