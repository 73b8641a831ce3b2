//! What follows for a row from what became of its mail, and the count of it all. Pure.

use super::backoff;
use super::blame::{Judgement, judge};
use super::composer::Unfit;
use super::due::Due;
use super::reply::{Refusal, Verdict};
use crate::config::InDoubt;
use crate::store::deliveries::{Claimed, Outcome, State};
use crate::subscribers::address::Address;
use std::time::Duration;

/// So many failures a report names one by one.
const NAMED: usize = 20;

/// What `[delivery]` says, and where it goes.
#[derive(Debug, Clone)]
pub struct Rules {
    pub retry: Vec<Duration>,
    pub give_up: Duration,
    pub in_doubt: InDoubt,
    /// The relay's name in rows.
    pub relay: String,
    /// What is put back is due again then.
    pub due: Due,
}

/// What a worker has done.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    pub sent: u64,
    pub deferred: u64,
    pub failed: u64,
    pub suppressed: u64,
    pub unknown: u64,
    /// How many answers were not read; counted beside.
    pub in_doubt: u64,
    /// The first failures.
    pub failures: Vec<Failure>,
    pub connections: u64,
}

/// A reader who does not get a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub delivery: i64,
    pub edition: Option<i64>,
    /// It was to tell the operator something.
    pub is_alert: bool,
    /// `a…@example.org`
    pub reader: String,
    pub reason: String,
}

impl Rules {
    /// The row's fate after a mail was tried at `at`.
    #[must_use]
    pub fn tried(&self, row: &Claimed, verdict: &Verdict, at: i64) -> Outcome {
        let outcome = Outcome {
            tried: true,
            relay: Some(self.relay.clone()),
            ..self.put_back(row, at)
        };
        match verdict {
            Verdict::Accepted(code, text) => Outcome {
                state: State::Sent,
                code: Some(*code),
                reply: Some(text.clone()),
                next_try: None,
                ..outcome
            },
            Verdict::Refused(refusal) => self.refused(row, refusal, outcome),
            Verdict::InDoubt(why) => self.in_doubt(row, why, outcome),
            Verdict::Breaks(why) => self.broken(row, why, outcome),
            Verdict::Gone(why) => Outcome {
                tried: false,
                reply: Some(why.clone()),
                next_try: Some(later(at, backoff::wait(&self.retry, row.id, 0))),
                ..outcome
            },
        }
    }

    /// The row as if it had not been claimed.
    #[must_use]
    pub fn put_back(&self, row: &Claimed, at: i64) -> Outcome {
        Outcome {
            id: row.id,
            turn: row.turn,
            state: State::Queued,
            tried: false,
            in_doubt: false,
            code: None,
            reply: None,
            relay: None,
            next_try: Some(if row.kind == "edition" { self.due.now() } else { 0 }),
            at,
            hold: None,
        }
    }

    /// The row's fate where there is nothing to send.
    #[must_use]
    pub fn unfit(&self, row: &Claimed, unfit: &Unfit, at: i64) -> Outcome {
        let outcome = self.put_back(row, at);
        let (state, reason) = match unfit {
            Unfit::Dropped => {
                return Outcome {
                    state: State::Dropped,
                    next_try: None,
                    ..outcome
                };
            }
            Unfit::Suppressed(reason) => (State::Suppressed, reason),
            Unfit::Reader(reason) => (State::Failed, reason),
            Unfit::Content(reason) => match row.edition {
                Some(edition) => return hold(edition, reason.clone(), outcome),
                None => (State::Failed, reason),
            },
        };
        Outcome {
            state,
            reply: Some(reason.clone()),
            next_try: None,
            ..outcome
        }
    }

    fn refused(&self, row: &Claimed, refusal: &Refusal, outcome: Outcome) -> Outcome {
        let too_late = self.is_too_late(row, outcome.at);
        let outcome = Outcome {
            code: Some(refusal.code),
            reply: Some(refusal.to_string()),
            ..outcome
        };
        match (judge(refusal), row.edition) {
            (Judgement::Holds, Some(edition)) => hold(
                edition,
                without_address(&refusal.to_string(), &row.address),
                outcome,
            ),
            (Judgement::Fails, _) => fail(outcome),
            (_, _) if too_late => fail(outcome),
            // A mail of no edition has none to hold: it waits.
            (Judgement::Later | Judgement::Holds, _) => self.defer(row, outcome),
        }
    }

    /// As if the server had said "not now".
    fn broken(&self, row: &Claimed, why: &str, outcome: Outcome) -> Outcome {
        let too_late = self.is_too_late(row, outcome.at);
        let outcome = Outcome {
            reply: Some(format!("connections break at this mail: {why}")),
            ..outcome
        };
        match too_late {
            true => fail(outcome),
            false => self.defer(row, outcome),
        }
    }

    fn defer(&self, row: &Claimed, outcome: Outcome) -> Outcome {
        let wait = backoff::wait(&self.retry, row.id, row.attempts - row.doubts);
        Outcome {
            state: State::Deferred,
            next_try: Some(later(outcome.at, wait)),
            ..outcome
        }
    }

    fn is_too_late(&self, row: &Claimed, at: i64) -> bool {
        at - row.first_try.unwrap_or(at) >= seconds(self.give_up)
    }

    /// Tried again until an answer is read, or it is given up: then nobody will ever know.
    fn in_doubt(&self, row: &Claimed, why: &str, outcome: Outcome) -> Outcome {
        let outcome = Outcome {
            in_doubt: true,
            reply: Some(why.to_owned()),
            ..outcome
        };
        if self.in_doubt == InDoubt::Leave || self.is_too_late(row, outcome.at) {
            return Outcome {
                state: State::Unknown,
                next_try: None,
                ..outcome
            };
        }
        let wait = backoff::wait_in_doubt(&self.retry, row.id, row.doubts);
        match wait.is_zero() {
            true => outcome,
            false => Outcome {
                next_try: Some(later(outcome.at, wait)),
                ..outcome
            },
        }
    }
}

fn fail(outcome: Outcome) -> Outcome {
    Outcome {
        state: State::Failed,
        next_try: None,
        ..outcome
    }
}

/// The row itself goes back to the others.
fn hold(edition: i64, reason: String, outcome: Outcome) -> Outcome {
    Outcome {
        hold: Some((edition, reason)),
        ..outcome
    }
}

fn later(at: i64, wait: Duration) -> i64 {
    at.saturating_add(seconds(wait).max(1))
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

impl Tally {
    /// How many rows have moved on.
    #[must_use]
    pub fn settled(&self) -> u64 {
        self.sent + self.deferred + self.failed + self.suppressed + self.unknown + self.in_doubt
    }

    /// Counts what was settled.
    pub fn count(&mut self, row: &Claimed, outcome: &Outcome) {
        match outcome.state {
            State::Sent => self.sent += 1,
            State::Deferred => self.deferred += 1,
            State::Failed => self.failed += 1,
            State::Suppressed => self.suppressed += 1,
            State::Unknown => self.unknown += 1,
            State::Queued | State::Dropped => {}
        }
        self.in_doubt += u64::from(outcome.in_doubt);
        if outcome.state == State::Failed && self.failures.len() < NAMED {
            self.failures.push(Failure {
                delivery: row.id,
                edition: row.edition,
                is_alert: row.kind == "alert",
                reader: masked(&row.address),
                reason: without_address(outcome.reply.as_deref().unwrap_or_default(), &row.address),
            });
        }
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, more: Tally) {
        self.sent += more.sent;
        self.deferred += more.deferred;
        self.failed += more.failed;
        self.suppressed += more.suppressed;
        self.unknown += more.unknown;
        self.in_doubt += more.in_doubt;
        self.connections += more.connections;
        self.failures.extend(more.failures);
        self.failures.truncate(NAMED);
    }
}

/// As logs and reports show an address, also one that is none.
pub(super) fn masked(address: &str) -> String {
    Address::parse(address).map_or_else(|_| "…".to_owned(), |address| address.masked())
}

/// Servers like to repeat the address in what they say.
pub(super) fn without_address(text: &str, address: &str) -> String {
    match address.is_empty() {
        true => text.to_owned(),
        false => text.replace(address, &masked(address)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::reply::Step;
    use super::*;
    use crate::clock::from_seconds;

    const NOW: i64 = 1_000_000;

    fn rules() -> Rules {
        Rules {
            retry: [60, 300].map(Duration::from_secs).to_vec(),
            give_up: Duration::from_secs(3600),
            in_doubt: InDoubt::Retry,
            relay: "mail.example.org:25".to_owned(),
            due: Due::At(from_seconds(NOW)),
        }
    }

    fn row() -> Claimed {
        Claimed {
            id: 7,
            turn: 1,
            kind: "edition".to_owned(),
            edition: Some(3),
            edition_name: Some("weekly/2026-11-30T07:00Z".to_owned()),
            digest: Some("weekly".to_owned()),
            edition_state: Some("sending".to_owned()),
            variant: 1,
            subscriber: Some(9),
            address: "reader@example.com".to_owned(),
            name: String::new(),
            address_state: Some("good".to_owned()),
            standing: Some("active".to_owned()),
            attempts: 0,
            doubts: 0,
            first_try: None,
        }
    }

    fn refused(code: u16, text: &str) -> Verdict {
        Verdict::Refused(Refusal {
            step: Step::Rcpt,
            code,
            text: text.to_owned(),
        })
    }

    #[test]
    fn a_deferred_mail_waits_longer_each_time_and_is_given_up() {
        let mut row = row();
        let first = rules().tried(&row, &refused(450, "later"), NOW);
        assert_eq!(first.state, State::Deferred);
        assert!((NOW + 60..=NOW + 72).contains(&first.next_try.unwrap()));
        (row.attempts, row.first_try) = (1, Some(NOW));
        let second = rules().tried(&row, &refused(450, "later"), NOW + 60);
        assert!((NOW + 360..=NOW + 420).contains(&second.next_try.unwrap()));
        let last = rules().tried(&row, &refused(450, "later"), NOW + 3600);
        assert_eq!((last.state, last.next_try), (State::Failed, None));
        assert!(last.reply.unwrap().contains("later"));
    }

    #[test]
    fn a_lost_answer_is_tried_again_or_left() {
        let mut row = row();
        let lost = Verdict::InDoubt("no answer in time".to_owned());
        let first = rules().tried(&row, &lost, NOW);
        assert_eq!(
            (first.state, first.next_try, first.in_doubt),
            (State::Queued, Some(NOW), true)
        );
        row.doubts = 1;
        assert!(rules().tried(&row, &lost, NOW).next_try.unwrap() >= NOW + 60);
        let leave = Rules {
            in_doubt: InDoubt::Leave,
            ..rules()
        };
        let left = leave.tried(&row, &lost, NOW);
        assert_eq!((left.state, left.next_try), (State::Unknown, None));
    }

    #[test]
    fn a_broken_connection_is_nobodys_fault() {
        let gone = rules().tried(&row(), &Verdict::Gone("reset".to_owned()), NOW);
        assert_eq!((gone.state, gone.tried, gone.code), (State::Queued, false, None));
        assert!(gone.next_try.unwrap() > NOW);
        let put_back = rules().put_back(&row(), NOW);
        assert_eq!((put_back.next_try, put_back.reply), (Some(NOW), None));
        let waited_for = Claimed {
            kind: "confirm".to_owned(),
            ..row()
        };
        assert_eq!(rules().put_back(&waited_for, NOW).next_try, Some(0));
    }

    #[test]
    fn a_mail_that_breaks_connections_is_given_up_like_one_that_is_deferred() {
        let mut row = row();
        let breaks = Verdict::Breaks("reset".to_owned());
        let first = rules().tried(&row, &breaks, NOW);
        assert_eq!((first.state, first.tried), (State::Deferred, true));
        (row.attempts, row.first_try) = (1, Some(NOW));
        assert!(rules().tried(&row, &breaks, NOW).next_try.unwrap() >= NOW + 300);
        assert_eq!(rules().tried(&row, &breaks, NOW + 3600).state, State::Failed);
    }

    #[test]
    fn a_mail_never_answered_is_left_in_the_end() {
        let row = Claimed {
            attempts: 5,
            doubts: 5,
            first_try: Some(NOW),
            ..row()
        };
        let lost = Verdict::InDoubt("no answer in time".to_owned());
        assert_eq!(rules().tried(&row, &lost, NOW + 3599).state, State::Queued);
        assert_eq!(rules().tried(&row, &lost, NOW + 3600).state, State::Unknown);
    }

    #[test]
    fn the_senders_fault_holds_the_edition_and_names_no_reader() {
        let verdict = refused(554, "5.7.1 <reader@example.com>: Relay access denied");
        let outcome = rules().tried(&row(), &verdict, NOW);
        assert_eq!((outcome.state, outcome.next_try), (State::Queued, Some(NOW)));
        let (edition, reason) = outcome.hold.unwrap();
        assert_eq!(edition, 3);
        assert!(
            reason.contains("r…@example.com") && !reason.contains("reader@"),
            "{reason}"
        );
        let no_edition = Claimed {
            edition: None,
            ..row()
        };
        assert_eq!(rules().tried(&no_edition, &verdict, NOW).state, State::Deferred);
    }
}
