//! Editions from a slot to its deliveries: plan, start, fill, close.
//!
//! This is about what is to be done next; `press` does it. Two passes at once, here or on two
//! machines, share the work and never do it twice.

mod batch;
mod choose;
mod chunks;
mod due;
mod hold;
mod judged;
mod next;
mod operator;
mod press;
mod progress;
mod reasons;
mod report;
mod views;

pub use batch::{Batch, would_hold};
pub use choose::{Chosen, Place, defer, exclude, include};
pub use chunks::Chunks;
pub use due::next_due;
pub use hold::Hold;
pub use judged::{Facts, Render, filter};
pub use next::{NextSlot, next_slots};
pub use operator::{WAITING, drop, hold, named, release, waiting};
pub use press::{CHUNK, Press, Step};
pub use progress::{Progress, progress};
pub use reasons::Reason;
pub use report::{EditionLine, EditionsReport, PlannedLine, Skipped};
pub use views::{EditionView, view};

use crate::app::Site;
use crate::app::backup::restore;
use crate::clock::Instant;
use crate::config::Digest;
use crate::digests::plan::{Outcome, judge};
use crate::store::Store;
use crate::store::editions::{DEFAULT_CADENCE, Edition};
use anyhow::Context;
use judged::{by_hand, rules};
use report::tell_planned;
use tokio::sync::watch;

/// How often a step is begun again because another process was at it at the same time.
const ATTEMPTS: u32 = 100;

/// Carries on what earlier passes left, then plans and fills what is due; with `now_digest` an
/// edition of that digest at once; while a restored store is not accepted, nothing. `filled` is told of
/// each chunk whose mails may be sent.
///
/// # Errors
/// Those of the database; a digest that is not in the configuration. An edition that cannot be
/// rendered is no error but a problem of the report.
pub async fn plan_and_fill(
    site: &Site,
    now: Instant,
    now_digest: Option<&str>,
    render: &Render<'_>,
    filled: &watch::Sender<()>,
) -> anyhow::Result<EditionsReport> {
    if let Some(problem) = restore::held(site).await? {
        return Ok(EditionsReport {
            problems: vec![problem],
            ..EditionsReport::default()
        });
    }
    let press = Press {
        store: &site.store,
        digests: &site.config.digests,
        key: &site.key,
        now,
        chunks: Chunks::up_to(CHUNK),
        render,
        filled,
    };
    press.run(now_digest).await
}

/// Ends the editions whose deliveries are all settled. To be called after deliveries were made.
///
/// # Errors
/// Those of the database.
pub async fn close(store: &Store, now: Instant) -> anyhow::Result<Vec<String>> {
    let done = store.close_editions(now).await.context("closing editions")?;
    for edition in &done {
        tracing::info!(edition, "edition done");
    }
    Ok(done)
}

impl Press<'_> {
    /// As [`plan_and_fill`].
    ///
    /// # Errors
    /// As there.
    pub async fn run(&self, now_digest: Option<&str>) -> anyhow::Result<EditionsReport> {
        let mut report = EditionsReport::default();
        for digest in self.digests {
            self.store
                .ensure_track(&digest.name, DEFAULT_CADENCE, self.now)
                .await?;
            if let Some(edition) = self.store.unfinished(&digest.name, DEFAULT_CADENCE).await? {
                self.finish(digest, edition, &mut report).await?;
            }
            self.plan_due(digest, &mut report).await?;
            if now_digest == Some(&digest.name) {
                self.edition_now(digest, &mut report).await?;
            }
        }
        close(self.store, self.now).await?;
        Ok(report)
    }

    /// An edition at once, outside the schedule, where something waits for some reader.
    async fn edition_now(&self, digest: &Digest, report: &mut EditionsReport) -> anyhow::Result<()> {
        for _ in 0..ATTEMPTS {
            if let Some(edition) = self.store.unfinished(&digest.name, DEFAULT_CADENCE).await? {
                let name = edition.name.clone();
                // One that is planned ahead goes out now: that is what was asked for.
                self.store.start_early(edition.id, self.now).await?;
                let edition = self.store.edition(edition.id).await?.unwrap_or(edition);
                self.finish(digest, edition, report).await?;
                if self
                    .store
                    .unfinished(&digest.name, DEFAULT_CADENCE)
                    .await?
                    .is_some()
                {
                    let why = format!("{name} is held, and must be finished or dropped first");
                    report.skip(&digest.name, DEFAULT_CADENCE, None, &why);
                    return Ok(());
                }
            }
            let newest = self.store.newest_edition(&digest.name, DEFAULT_CADENCE).await?;
            if let Some(why) = self.why_none(digest).await? {
                report.skip(&digest.name, DEFAULT_CADENCE, None, why);
                return Ok(());
            }
            if let Some(edition) = self.store.plan_now(&digest.name, newest, self.now).await? {
                tell_planned(&edition);
                return self.finish(digest, edition, report).await;
            }
        }
        anyhow::bail!("other processes keep planning editions of \"{}\"", digest.name)
    }

    /// Why no reader's window holds an article for them; `None` where one does.
    async fn why_none(&self, digest: &Digest) -> anyhow::Result<Option<&'static str>> {
        let groups = self.store.groups(&digest.name, DEFAULT_CADENCE).await?;
        let Some(lowest) = groups.iter().map(|group| group.window_start).min() else {
            return Ok(Some("it has no readers"));
        };
        let upto = self.store.highest_number().await?;
        let cards = self
            .store
            .numbered_for(&digest.name, DEFAULT_CADENCE, lowest, upto, self.now)
            .await?;
        let rules = by_hand(rules(digest));
        let some_mail = groups.into_iter().any(|group| {
            let verdict = judge(&rules, &cards, upto, &group);
            matches!(verdict.outcome, Outcome::Mail(_))
        });
        Ok(if some_mail { None } else { Some("nothing new") })
    }

    /// Takes an edition as far as it goes: filled, skipped, or held.
    async fn finish(
        &self,
        digest: &Digest,
        edition: Edition,
        report: &mut EditionsReport,
    ) -> anyhow::Result<()> {
        let id = edition.id;
        let mut current = edition;
        let mut stalled = 0;
        loop {
            match self.step(digest, &current).await? {
                Step::Stopped => break,
                Step::Held(problem) => {
                    report.problems.push(problem);
                    break;
                }
                Step::Moved | Step::Again if stalled < ATTEMPTS => {}
                Step::Moved | Step::Again => anyhow::bail!("{} does not get any further", current.name),
            }
            let Some(next) = self.store.edition(id).await? else {
                break;
            };
            stalled = if next == current { stalled + 1 } else { 0 };
            current = next;
        }
        report.add(self.store, id).await
    }
}
