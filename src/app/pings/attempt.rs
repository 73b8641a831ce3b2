//! One try of a ping, and what each end of it means for the ping and for its endpoint.

use crate::clock::Instant;
use crate::config::PingKind;
use crate::pings::{self, Health, Request, Tried, Verdict};
use crate::store::pings::{Outcome, Reached};

/// A try that was claimed.
pub(super) struct Attempt<'a> {
    pub(super) kind: PingKind,
    pub(super) number: i64,
    pub(super) created: Instant,
    /// The endpoint's, before.
    pub(super) health: Health,
    /// Tells this site and endpoint from all others.
    pub(super) who: &'a str,
    pub(super) now: Instant,
}

impl Attempt<'_> {
    /// What an answer leads to.
    pub(super) fn answered(&self, status: u16, (verdict, text): (Verdict, String)) -> Outcome {
        let status = Some(status);
        match verdict {
            Verdict::Done => self.done(status, text),
            Verdict::Failed => self.failed(status, text),
            Verdict::Later(asked) => self.later(status, text, asked),
            Verdict::Simpler(simpler) => Outcome {
                state: "queued",
                next_try: Some(self.now),
                ..self.outcome(status, text, Some(simpler), Reached::Unknown)
            },
        }
    }

    pub(super) fn done(&self, status: Option<u16>, text: String) -> Outcome {
        let reached = self.reached(|| Reached::Yes);
        Outcome {
            state: "done",
            ..self.outcome(status, text, None, reached)
        }
    }

    /// It is not tried again.
    pub(super) fn failed(&self, status: Option<u16>, why: String) -> Outcome {
        let reached = self.reached(|| {
            let health = self.health.failed(self.now);
            let wait = || self.now + pings::quiet_wait(self.who, health);
            let next_try = health.is_quiet().then(wait);
            Reached::No { health, next_try }
        });
        self.outcome(status, why, None, reached)
    }

    /// It is tried again, unless it was for long.
    pub(super) fn later(&self, status: Option<u16>, why: String, asked: Option<Instant>) -> Outcome {
        let health = match self.is_operators() {
            true => Health::default(),
            false => self.health.failed(self.now),
        };
        let tried = Tried {
            attempts: self.number,
            created: self.created,
            asked,
            health,
            who: self.who,
        };
        let Some(next_try) = pings::next_try(&tried, self.now) else {
            return self.failed(status, format!("given up after {} tries: {why}", self.number));
        };
        let next_try = Some(next_try);
        let reached = self.reached(|| Reached::No { health, next_try });
        Outcome {
            state: "deferred",
            next_try,
            ..self.outcome(status, why, None, reached)
        }
    }

    /// It says nothing of the endpoint.
    pub(super) fn unknown(&self, why: &str) -> Outcome {
        self.outcome(None, why.to_owned(), None, Reached::Unknown)
    }

    fn outcome(
        &self,
        status: Option<u16>,
        answer: String,
        request: Option<Request>,
        endpoint: Reached,
    ) -> Outcome {
        Outcome {
            state: "failed",
            status,
            answer,
            next_try: None,
            request,
            endpoint,
        }
    }

    /// The operator's own are told of by their alerts, and never quiet.
    fn reached(&self, reached: impl FnOnce() -> Reached) -> Reached {
        match self.is_operators() {
            true => Reached::Unknown,
            false => reached(),
        }
    }

    fn is_operators(&self) -> bool {
        matches!(self.kind, PingKind::Webhook | PingKind::Heartbeat)
    }
}
