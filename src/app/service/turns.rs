//! Makes turns: reads the sources when they changed or their time has come, and plans editions when a
//! slot comes.

use super::pulse::{Part, Pulse};
use super::{TICK, Trouble, tell};
use crate::app::intake::Rhythm;
use crate::app::report::Verdict;
use crate::app::{Site, alerts, editions, turn};
use crate::clock::{self, Instant};
use crate::config::Config;
use crate::delivery::stop::Stop;
use crate::problem::{Problem, Severity};
use crate::store::reported;
use crate::telemetry::metrics;
use crate::web::{self, State};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{self, sleep};
use tracing::Instrument;

/// Without a source, lists of readers are still read.
const WITHOUT_SOURCES: Duration = Duration::from_secs(15 * 60);
/// Whoever saves files saves several: they are read when there was quiet for so long …
const QUIET: Duration = Duration::from_millis(300);
/// … or after so long.
const LONGEST_UNREST: Duration = Duration::from_secs(3);

/// A source that has more to read is read again after so long.
const SOON: Duration = Duration::from_secs(1);

/// What was due at a turn and is due still, since another process is at it, is looked at again after so
/// many seconds.
const LOOK_AGAIN: i64 = 5;

/// Between two turns, whatever there is to do: the store has other users.
const BETWEEN: Duration = Duration::from_millis(100);

/// What a turn tells the other parts, and is told.
pub(super) struct Turns {
    pub(super) site: Site,
    pub(super) stop: Stop,
    pub(super) pulse: Arc<Pulse>,
    /// Files have changed.
    pub(super) changed: Arc<Notify>,
    /// There are mails to send.
    pub(super) filled: watch::Sender<()>,
    /// There are pings to make.
    pub(super) planned: Arc<Notify>,
    /// Documents may have changed.
    pub(super) written: Arc<Notify>,
    /// By which documents are served.
    pub(super) served: watch::Receiver<Arc<State>>,
}

/// What woke a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Woken {
    /// The sources are to be read.
    Read,
    /// Something is due that was read before.
    Plan,
    Stop,
}

/// When the next turn is.
struct Next {
    /// The sources are read then: time that has passed, whatever the clock shows.
    read: time::Instant,
    /// When they were read last, by the clock.
    read_at: Instant,
    /// When editions were planned last, by the clock.
    planned_at: Option<Instant>,
    /// What was wrong at the last reading, for as long as nothing is read.
    problems: Vec<Problem>,
}

impl Turns {
    /// Runs until it is asked to stop.
    pub(super) async fn run(self) {
        let every = every(&self.site.config);
        let mut trouble = Trouble::default();
        let mut next = Next {
            read: time::Instant::now(),
            read_at: self.site.clock.now(),
            planned_at: None,
            problems: Vec::new(),
        };
        let mut woken = Woken::Read;
        while woken != Woken::Stop {
            if woken == Woken::Read {
                next.read = time::Instant::now() + every;
            }
            match self.told(woken, &mut next).await {
                Ok(()) => {
                    trouble.is_over();
                    self.pulse.of(Part::Turns, None);
                }
                Err(error) => {
                    tracing::error!("a turn came to no end: {error:#}");
                    self.pulse.of(Part::Turns, Some(format!("{error:#}")));
                    next.read = time::Instant::now();
                    tokio::select! {
                        () = sleep(trouble.wait()) => {}
                        () = self.stop.asked() => {}
                    }
                }
            }
            woken = self.wait(&next).await;
        }
    }

    /// A turn that reads the sources is logged and counted as a pass.
    async fn told(&self, woken: Woken, next: &mut Next) -> anyhow::Result<()> {
        let now = self.site.clock.now();
        // At the level of errors, so that it stands beside all that is logged.
        let span = tracing::error_span!("pass", at = clock::rfc3339(now));
        async {
            let began = time::Instant::now();
            let done = self.turn(woken, next).await;
            if woken == Woken::Read {
                let good = done.as_ref().is_ok_and(|verdict| verdict.is_good());
                let duration_ms = began.elapsed().as_millis() as u64;
                tracing::info!(duration_ms, good, "pass ended");
                metrics::pass_ended(good, began.elapsed(), now.timestamp());
            }
            done.map(drop)
        }
        .instrument(span)
        .await
    }

    async fn turn(&self, woken: Woken, next: &mut Next) -> anyhow::Result<Verdict> {
        let site = &self.site;
        let now = site.clock.now();
        if woken == Woken::Read {
            next.read_at = now;
            let taken_in = turn::take_in(site, now, Rhythm::Every).await?;
            next.problems = taken_in.problems;
            let (served, written) = (self.served.borrow().clone(), taken_in.feeds.written);
            tokio::spawn(async move { web::make_ready(&served, &written).await });
            if taken_in.more {
                next.read = next.read.min(time::Instant::now() + SOON);
            }
            self.planned.notify_one();
            self.written.notify_one();
        }
        next.planned_at = Some(now);
        let planned = turn::plan_editions(site, now, None, &self.filled).await?;
        let found = [next.problems.clone(), planned.problems].concat();
        let verdict = tell(site, reported::Part::Turn, &found).await?.verdict;
        if woken == Woken::Read {
            self.pulse.has_read(now);
            self.beat(verdict, now).await?;
        }
        Ok(verdict)
    }

    /// A heartbeat, where all is well.
    async fn beat(&self, mut verdict: Verdict, now: Instant) -> anyhow::Result<()> {
        let facts = self.pulse.now();
        let held = editions::waiting(&self.site).await?;
        let is_held = held.iter().any(|problem| problem.severity == Severity::Error);
        verdict.mail_is_blocked |= is_held || facts.mail.is_some() || facts.relay.is_some();
        if alerts::beat(&self.site, verdict, now).await? {
            self.planned.notify_one();
        }
        Ok(())
    }

    /// Until there is something to do. Looks at the wall clock every few seconds, since that can be set.
    async fn wait(&self, next: &Next) -> Woken {
        sleep(BETWEEN).await;
        loop {
            if self.stop.is_asked() {
                return Woken::Stop;
            }
            if time::Instant::now() >= next.read {
                return Woken::Read;
            }
            let now = self.site.clock.now();
            let wake = match wake(&self.site, next, now).await {
                Ok(wake) => wake,
                // The turn itself says what is wrong with the store.
                Err(_) => return Woken::Plan,
            };
            if let Some(due) = wake.due(now) {
                return due;
            }
            let nap = wake.nap(&self.site).min(next.read - time::Instant::now());
            tokio::select! {
                () = self.stop.asked() => return Woken::Stop,
                () = self.changed.notified() => {
                    self.quiet().await;
                    return Woken::Read;
                }
                () = sleep(nap) => {}
            }
        }
    }

    /// Until nothing has changed for a little while.
    async fn quiet(&self) {
        let unrest = async { while time::timeout(QUIET, self.changed.notified()).await.is_ok() {} };
        let _ = time::timeout(LONGEST_UNREST, unrest).await;
    }
}

/// The instants at which a turn is due, as things are now.
struct Wake {
    /// An article's date comes, so that it is public.
    read: Option<Instant>,
    /// A slot comes, or an edition that can go on.
    plan: Option<Instant>,
}

impl Wake {
    fn due(&self, now: Instant) -> Option<Woken> {
        let has_come = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if has_come(self.read) {
            return Some(Woken::Read);
        }
        has_come(self.plan).then_some(Woken::Plan)
    }

    fn nap(&self, site: &Site) -> Duration {
        let soonest = self.read.into_iter().chain(self.plan).min();
        soonest.map_or(TICK, |at| site.clock.until(at).min(TICK))
    }
}

async fn wake(site: &Site, next: &Next, now: Instant) -> anyhow::Result<Wake> {
    let read = site.store.next_publication(next.read_at).await?;
    let due = editions::next_due(site).await?;
    // A clock that was set back says nothing of how long ago that was.
    let planned_at = next.planned_at.filter(|planned_at| *planned_at <= now);
    let plan = due.map(|due| match planned_at {
        Some(planned_at) if due <= planned_at => planned_at + chrono::Duration::seconds(LOOK_AGAIN),
        _ => due,
    });
    Ok(Wake {
        read: read.map(clock::from_seconds),
        plan,
    })
}

/// All sources are read together, so that what moves from one to another is seen: as often as the
/// one that is read most often.
pub(super) fn every(config: &Config) -> Duration {
    let shortest = config.sources.iter().map(|source| source.every).min();
    shortest.unwrap_or(WITHOUT_SOURCES)
}
