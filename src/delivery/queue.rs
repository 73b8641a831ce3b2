//! A lane's rows: claimed ahead of time, made into letters one by one, settled in order.

use super::committer::{Committed, Ledger, Stopped};
use super::composer::{Composer, Ready, Unfit};
use super::outcome::{Rules, Tally, masked, without_address};
use super::reply::Verdict;
use crate::clock::Clock;
use crate::store::deliveries::{Claimed, Outcome, State};
use crate::telemetry::{metrics, progress};
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// How many rows are claimed at a time.
pub const CLAIM: i64 = 50;

/// What the lanes of a worker share.
pub struct Desk {
    pub composer: Composer,
    pub rules: Rules,
    pub clock: Clock,
    held: Mutex<HashSet<i64>>,
}

impl Desk {
    #[must_use]
    pub fn new(composer: Composer, rules: Rules, clock: Clock) -> Desk {
        Desk {
            composer,
            rules,
            clock,
            held: Mutex::default(),
        }
    }

    /// Whether the row's edition was held since it was claimed.
    #[must_use]
    pub fn is_held(&self, row: &Claimed) -> bool {
        row.edition.is_some_and(|edition| self.held().contains(&edition))
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashSet<i64>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rows of one lane.
pub struct Queue {
    lane: i64,
    ledger: Ledger,
    desk: Arc<Desk>,
    waiting: VecDeque<Claimed>,
    made: VecDeque<Ready>,
    /// The claim after the one that waits, asked for early.
    more: Option<oneshot::Receiver<Vec<Claimed>>>,
    /// The promise that the last outcome is on disk, and so all before it.
    committed: Option<Committed>,
    pub tally: Tally,
}

impl Queue {
    #[must_use]
    pub fn new(lane: i64, ledger: Ledger, desk: Arc<Desk>) -> Queue {
        Queue {
            lane,
            ledger,
            desk,
            waiting: VecDeque::new(),
            made: VecDeque::new(),
            more: None,
            committed: None,
            tally: Tally::default(),
        }
    }

    /// The next mail, in the order of the claims. `None`: nothing is due.
    ///
    /// # Errors
    /// When the store can be read or written no more.
    pub async fn next(&mut self) -> Result<Option<Ready>, Stopped> {
        if self.made.is_empty() {
            self.prepare().await?;
        }
        Ok(self.made.pop_front())
    }

    /// Makes one letter ahead of time.
    ///
    /// # Errors
    /// As [`Queue::next`].
    pub async fn prepare(&mut self) -> Result<(), Stopped> {
        while let Some(row) = self.claimed().await? {
            if self.desk.is_held(&row) {
                self.put_back(row);
                continue;
            }
            match self.desk.composer.compose(row).await? {
                Ok(ready) => {
                    self.made.push_back(ready);
                    break;
                }
                Err((row, unfit)) => {
                    let outcome = self.desk.rules.unfit(&row, &unfit, self.at());
                    self.settle(&row, outcome);
                }
            }
        }
        Ok(())
    }

    async fn claimed(&mut self) -> Result<Option<Claimed>, Stopped> {
        if self.more.is_none() && self.waiting.len() as i64 <= CLAIM / 2 {
            self.more = Some(self.ledger.claim(self.lane, CLAIM));
        }
        if self.waiting.is_empty()
            && let Some(more) = self.more.take()
        {
            self.take_in(more.await?).await?;
        }
        Ok(self.waiting.pop_front())
    }

    /// The suppression list is asked again for each claim.
    async fn take_in(&mut self, rows: Vec<Claimed>) -> Result<(), Stopped> {
        let kept_out = self.desk.composer.kept_out(&rows).await?;
        for row in rows {
            if kept_out.contains(&row.id) {
                let unfit = Unfit::Suppressed("the address is on the suppression list".to_owned());
                let outcome = self.desk.rules.unfit(&row, &unfit, self.at());
                self.settle(&row, outcome);
            } else {
                self.waiting.push_back(row);
            }
        }
        Ok(())
    }

    /// Writes down what became of a mail.
    pub fn settle_tried(&mut self, row: &Claimed, verdict: &Verdict) {
        let outcome = self.desk.rules.tried(row, verdict, self.at());
        self.settle(row, outcome);
    }

    /// Gives a row back as it was.
    pub fn put_back(&mut self, row: Claimed) {
        let outcome = self.desk.rules.put_back(&row, self.at());
        self.settle(&row, outcome);
    }

    /// Gives everything back that was claimed and not tried.
    ///
    /// # Errors
    /// When the store can be written no more.
    pub async fn put_back_all(&mut self) -> Result<(), Stopped> {
        if let Some(more) = self.more.take() {
            self.waiting.extend(more.await?);
        }
        let made = std::mem::take(&mut self.made).into_iter().map(|ready| ready.row);
        let waiting = std::mem::take(&mut self.waiting);
        for row in made.chain(waiting) {
            self.put_back(row);
        }
        Ok(())
    }

    /// Waits until every outcome so far is on disk.
    ///
    /// # Errors
    /// When it never will be.
    pub async fn committed(&mut self) -> Result<(), Stopped> {
        match self.committed.take() {
            Some(committed) => Ok(committed.await?),
            None => Ok(()),
        }
    }

    fn settle(&mut self, row: &Claimed, outcome: Outcome) {
        if let Some((edition, reason)) = &outcome.hold
            && self.desk.held().insert(*edition)
        {
            tracing::error!(edition, reason, "edition held");
        }
        self.tally.count(row, &outcome);
        tell(row, &outcome, &self.desk.rules.relay);
        self.committed = Some(self.ledger.settle(outcome));
    }

    fn at(&self) -> i64 {
        self.desk.clock.now().timestamp()
    }
}

/// Logs and counts what became of a mail.
fn tell(row: &Claimed, outcome: &Outcome, relay: &str) {
    let state = outcome.state.name();
    if outcome.state != State::Queued {
        metrics::mail(state, relay);
        progress::mail_done();
    }
    let (delivery, edition) = (row.id, row.edition_name.as_deref());
    let (attempts, code) = (row.attempts + i64::from(outcome.tried), outcome.code);
    let reader = || masked(&row.address);
    let why = || without_address(outcome.reply.as_deref().unwrap_or_default(), &row.address);
    match outcome.state {
        State::Sent | State::Queued | State::Suppressed | State::Dropped => {
            tracing::debug!(
                delivery,
                edition,
                reader = reader(),
                attempts,
                state,
                "mail settled"
            );
        }
        State::Deferred | State::Failed | State::Unknown => tracing::info!(
            delivery,
            edition,
            reader = reader(),
            attempts,
            code,
            why = why(),
            next_try = outcome.next_try,
            state,
            "mail settled"
        ),
    }
}
