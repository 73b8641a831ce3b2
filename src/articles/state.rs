//! What has become of an article: the marks it carries and the state they amount to. Pure.

use super::Article;
use crate::clock::Instant;
use serde::{Deserialize, Serialize};

/// Since when something is so; `None`: it is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// The source says it is a draft.
    pub draft: Option<Instant>,
    /// It was there before anybody could have been told of it: never announced.
    pub baseline: Option<Instant>,
    /// It came in a burst, and waits for the operator to release it.
    pub held: Option<Instant>,
    /// The operator keeps it out of mails.
    pub seen: Option<Instant>,
    /// Its source no longer has it.
    pub removed: Option<Instant>,
    /// Its source has it, but it cannot be read: it stays as it was.
    pub failing: Option<Instant>,
}

/// What an article is now, in one word: the first of these that holds, [`State::Public`] last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Removed,
    Error,
    Draft,
    Expired,
    /// Its date is still to come.
    Scheduled,
    Held,
    Seen,
    Baseline,
    Public,
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            State::Removed => "removed",
            State::Error => "error",
            State::Draft => "draft",
            State::Expired => "expired",
            State::Scheduled => "scheduled",
            State::Held => "held",
            State::Seen => "seen",
            State::Baseline => "baseline",
            State::Public => "public",
        })
    }
}

/// What the state of an article depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub marks: Marks,
    /// As stated, else when it was first seen.
    pub published: Instant,
    pub expires: Option<Instant>,
    /// The announcement number.
    pub number: Option<i64>,
}

impl Standing {
    /// The state at an instant. An article with a number has been announced: it is neither held nor
    /// baseline any more.
    #[must_use]
    pub fn state(&self, now: Instant) -> State {
        let unannounced = self.number.is_none();
        let states = [
            (self.marks.removed.is_some(), State::Removed),
            (self.marks.failing.is_some(), State::Error),
            (self.marks.draft.is_some(), State::Draft),
            (self.expires.is_some_and(|end| end <= now), State::Expired),
            (self.published > now, State::Scheduled),
            (unannounced && self.marks.held.is_some(), State::Held),
            (self.marks.seen.is_some(), State::Seen),
            (unannounced && self.marks.baseline.is_some(), State::Baseline),
        ];
        states
            .into_iter()
            .find_map(|(holds, state)| holds.then_some(state))
            .unwrap_or(State::Public)
    }

    /// Whether it is to get its announcement number now.
    #[must_use]
    pub fn is_announceable(&self, now: Instant) -> bool {
        self.number.is_none() && self.state(now) == State::Public
    }
}

/// An article with what the store knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// `article.published` is what the source states; [`Stored::published`] is never absent.
    pub article: Article,
    pub first_seen: Instant,
    /// The last edit that was seen.
    pub changed: Instant,
    /// The announcement number.
    pub number: Option<i64>,
    /// When it got the number.
    pub announced: Option<Instant>,
    pub marks: Marks,
}

impl Stored {
    /// As stated, else when it was first seen.
    #[must_use]
    pub fn published(&self) -> Instant {
        self.article.published.map_or(self.first_seen, |stated| stated.at)
    }

    /// The last change that the source states, else the publication.
    #[must_use]
    pub fn updated(&self) -> Instant {
        self.article.updated.unwrap_or_else(|| self.published())
    }

    /// What it is at an instant.
    #[must_use]
    pub fn state(&self, now: Instant) -> State {
        Standing {
            marks: self.marks,
            published: self.published(),
            expires: self.article.expires,
            number: self.number,
        }
        .state(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_seconds;

    fn standing() -> Standing {
        Standing {
            marks: Marks::default(),
            published: from_seconds(100),
            expires: None,
            number: None,
        }
    }

    #[test]
    fn dates_decide_at_their_second() {
        let mut article = standing();
        assert_eq!(article.state(from_seconds(99)), State::Scheduled);
        assert_eq!(article.state(from_seconds(100)), State::Public);
        article.expires = Some(from_seconds(200));
        assert_eq!(article.state(from_seconds(199)), State::Public);
        assert_eq!(article.state(from_seconds(200)), State::Expired);
    }

    #[test]
    fn each_mark_has_its_state_and_the_stronger_one_is_shown() {
        let since = Some(from_seconds(1));
        let mut article = standing();
        let now = from_seconds(150);
        article.marks.baseline = since;
        assert_eq!(article.state(now), State::Baseline);
        article.marks.seen = since;
        assert_eq!(article.state(now), State::Seen);
        article.marks.held = since;
        assert_eq!(article.state(now), State::Held);
        article.marks.draft = since;
        assert_eq!(article.state(now), State::Draft);
        article.marks.failing = since;
        assert_eq!(article.state(now), State::Error);
        article.marks.removed = since;
        assert_eq!(article.state(now), State::Removed);
    }

    #[test]
    fn a_number_ends_holding_and_baseline() {
        let now = from_seconds(150);
        let mut article = standing();
        article.marks.held = Some(now);
        article.marks.baseline = Some(now);
        article.number = Some(7);
        assert_eq!(article.state(now), State::Public);
        assert!(!article.is_announceable(now), "it has its number");
    }
}
