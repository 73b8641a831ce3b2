//! Which slots of a track have come, and which edition is planned for them.
//!
//! A digest with `grace` has its edition planned that much before its slot. What has come without
//! being planned is planned at once: one edition for the last slot, the others before it were missed.

use super::report::tell_planned;
use super::{EditionsReport, Press};
use crate::app::Site;
use crate::clock::{Instant, from_seconds};
use crate::config::{CatchUp, Digest};
use crate::schedule::Slots;
use crate::store::Store;
use crate::store::editions::{DEFAULT_CADENCE, Planned};
use crate::store::tracks::{Slot, Track};
use chrono::Duration;

/// A slot that is found later than this was missed, where passes usually come more often.
const LATE: Duration = Duration::hours(1);

/// Two passes within so many seconds of each other are one look.
const ONE_LOOK: i64 = 60;

impl Press<'_> {
    /// Plans the last slot that has come, reports the others as skipped, and plans the next one where
    /// its time of grace has come.
    pub(super) async fn plan_due(&self, digest: &Digest, report: &mut EditionsReport) -> anyhow::Result<()> {
        let Some(track) = self.store.track(&digest.name, DEFAULT_CADENCE).await? else {
            return Ok(());
        };
        let after = dealt_with(&track);
        let due = digest.schedule.slots_between(after, self.now, digest.timezone);
        if let Some(slots) = &due {
            self.plan_last(digest, &track, slots, report).await?;
        }
        self.enter_look(digest, &track, due.is_some()).await?;
        self.plan_ahead(digest, after.max(self.now), report).await
    }

    async fn plan_last(
        &self,
        digest: &Digest,
        track: &Track,
        slots: &Slots,
        report: &mut EditionsReport,
    ) -> anyhow::Result<()> {
        let name = slot_name(&digest.name, slots.last);
        let slot = slot_of(digest, &name, slots.last);
        let missed = is_missed(track, slots.last, self.now);
        if missed && digest.catch_up == CatchUp::Skip {
            let why = "missed, and catch_up is \"skip\"; its articles roll over";
            report.missed(slot, slots, why);
            return self.skip(slot, why, report).await;
        }
        let starts = if missed { self.now } else { slots.last };
        self.take_slot(digest, slot, starts, slots, report).await
    }

    async fn take_slot(
        &self,
        digest: &Digest,
        slot: Slot<'_>,
        starts: Instant,
        slots: &Slots,
        report: &mut EditionsReport,
    ) -> anyhow::Result<()> {
        let planned = self
            .store
            .plan_slot(slot, starts, digest.approval, self.now)
            .await?;
        match planned {
            Planned::New(edition) => {
                tell_planned(&edition);
                let why = format!("missed; {} carries its articles", edition.name);
                report.missed(slot, slots, &why);
                self.finish(digest, edition, report).await
            }
            Planned::Blocked(before) if before.held.is_some() => {
                let why = format!("{} is held; its articles roll over", before.name);
                report.missed(slot, slots, &why);
                self.skip(slot, &why, report).await
            }
            // Another process is at this track: the slot stays due until its edition is there.
            Planned::Blocked(other) => self.finish(digest, other, report).await,
            Planned::Taken => match self.store.unfinished(slot.digest, slot.cadence).await? {
                Some(other) => self.finish(digest, other, report).await,
                None => Ok(()),
            },
        }
    }

    async fn skip(&self, slot: Slot<'_>, why: &str, report: &mut EditionsReport) -> anyhow::Result<()> {
        if self.store.skip_slot(slot, why, self.now).await? {
            tracing::info!(edition = slot.name, why, "edition skipped");
            report.skip(slot.digest, slot.cadence, Some(slot.slot), why);
        }
        Ok(())
    }

    /// Plans the next slot to come, if it is not farther away than the grace. While the edition before
    /// it is not filled it waits: a track has one at a time.
    async fn plan_ahead(
        &self,
        digest: &Digest,
        after: Instant,
        report: &mut EditionsReport,
    ) -> anyhow::Result<()> {
        let grace = Duration::from_std(digest.grace)?;
        let next = digest.schedule.next_after(after, digest.timezone);
        let Some(next) = next.filter(|next| *next - grace <= self.now) else {
            return Ok(());
        };
        let name = slot_name(&digest.name, next);
        let slot = slot_of(digest, &name, next);
        match self
            .store
            .plan_slot(slot, next, digest.approval, self.now)
            .await?
        {
            Planned::New(edition) => {
                tell_planned(&edition);
                report.add(self.store, edition.id).await
            }
            Planned::Blocked(_) | Planned::Taken => Ok(()),
        }
    }

    /// Remembers how far apart passes are: what is usual tells a slot that was missed.
    async fn enter_look(&self, digest: &Digest, track: &Track, dealt_with: bool) -> anyhow::Result<()> {
        let pause = (self.now.timestamp() - track.looked.unwrap_or(track.created)).max(0);
        if !dealt_with && pause < ONE_LOOK {
            return Ok(());
        }
        let longest = match track.pause {
            Some(longest) if !dealt_with => longest.max(pause),
            _ => pause,
        };
        self.store
            .enter_look(&digest.name, DEFAULT_CADENCE, longest, self.now)
            .await?;
        Ok(())
    }
}

/// Slots up to and with this instant are dealt with, or were before the track began.
fn dealt_with(track: &Track) -> Instant {
    let before_first = from_seconds(track.created) - Duration::seconds(1);
    track.slot.map_or(before_first, from_seconds).max(before_first)
}

/// Since when the planning of editions has something to do, or when it will: a slot comes, or the grace
/// before it, or an edition starts or can go on. Those that wait for the operator are not looked at, and
/// while a restored store is not accepted there is nothing to do.
///
/// # Errors
/// Those of the database.
pub async fn next_due(site: &Site) -> anyhow::Result<Option<Instant>> {
    if site.store.restored().await?.is_some() {
        return Ok(None);
    }
    let mut soonest: Option<Instant> = None;
    for digest in &site.config.digests {
        let next = next_of(&site.store, digest).await?;
        soonest = soonest.into_iter().chain(next).min();
    }
    Ok(soonest)
}

async fn next_of(store: &Store, digest: &Digest) -> anyhow::Result<Option<Instant>> {
    let unfinished = store.unfinished(&digest.name, DEFAULT_CADENCE).await?;
    if let Some(edition) = unfinished.as_ref().filter(|edition| edition.held.is_none()) {
        // A drop goes on also before the slot.
        let since = match edition.state.as_str() {
            "dropped" => edition.planned,
            _ => edition.starts,
        };
        return Ok(Some(from_seconds(since)));
    }
    let track = store.track(&digest.name, DEFAULT_CADENCE).await?;
    let slot = track.and_then(|track| digest.schedule.next_after(dealt_with(&track), digest.timezone));
    // Nothing is planned ahead while the edition before is held.
    let grace = match unfinished {
        Some(_) => Duration::zero(),
        None => Duration::from_std(digest.grace)?,
    };
    Ok(slot.map(|slot| slot - grace))
}

/// Whether nobody was running when a slot came. Somebody was who finds it within the hour, or no
/// later than passes have been apart since the slot before, the pass that found that one included.
fn is_missed(track: &Track, slot: Instant, now: Instant) -> bool {
    let usual = Duration::seconds(track.pause.unwrap_or(0));
    now - slot > usual.max(LATE)
}

fn slot_of<'a>(digest: &'a Digest, name: &'a str, slot: Instant) -> Slot<'a> {
    Slot {
        digest: &digest.name,
        cadence: DEFAULT_CADENCE,
        name,
        slot,
    }
}

/// `weekly/2026-11-30T07:00Z`; seconds only where there are some.
fn slot_name(digest: &str, slot: Instant) -> String {
    let format = if slot.timestamp() % 60 == 0 {
        "%Y-%m-%dT%H:%MZ"
    } else {
        "%Y-%m-%dT%H:%M:%SZ"
    };
    format!("{digest}/{}", slot.format(format))
}
