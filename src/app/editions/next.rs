//! When the next editions come, with what in them, to how many: as things stand now.

use super::hold::Hold;
use super::judged::rules_of;
use crate::articles::card::Card;
use crate::clock::{Instant, from_seconds, rfc3339};
use crate::config::Digest;
use crate::digests::plan::{Group, Outcome, judge};
use crate::store::Store;
use crate::store::editions::{DEFAULT_CADENCE, Edition};
use chrono::SecondsFormat;
use serde::Serialize;
use std::collections::HashSet;

/// A slot to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextSlot {
    pub digest: String,
    pub cadence: String,
    /// RFC 3339 with the offset of the digest's timezone.
    pub local: String,
    pub utc: String,
    /// How many articles it would hold, if nothing else came until then.
    pub articles: usize,
    pub recipients: i64,
    /// Those articles.
    pub article_ids: Vec<String>,
    /// Its edition, where that is planned already.
    pub edition: Option<String>,
    /// What holds that edition.
    pub hold: Option<Hold>,
}

/// The next `count` slots of each of these digests after an instant, the soonest first. Each slot is
/// told what the one before leaves to it, and so is the first one what an edition that is under way
/// leaves to it. Reads no source.
///
/// # Errors
/// Those of the database.
pub async fn next_slots(
    store: &Store,
    digests: &[&Digest],
    after: Instant,
    count: usize,
) -> anyhow::Result<Vec<NextSlot>> {
    let mut slots = Vec::new();
    for digest in digests {
        let mut waiting = Waiting::read(store, digest, after).await?;
        let mut at = after;
        let mut coming = Vec::new();
        if let Some(edition) = store.unfinished(&digest.name, DEFAULT_CADENCE).await? {
            let slot = edition.slot.map(from_seconds);
            let told = waiting.edition(digest, slot.unwrap_or(after), Some(&edition));
            if let Some(slot) = slot.filter(|slot| *slot > after) {
                at = slot;
                coming.push((slot, told));
            }
        }
        let gone = store
            .slots_gone_early(&digest.name, DEFAULT_CADENCE, after)
            .await?;
        while coming.len() < count {
            let Some(slot) = digest.schedule.next_after(at, digest.timezone) else {
                break;
            };
            at = slot;
            if !gone.contains(&slot.timestamp()) {
                coming.push((slot, waiting.edition(digest, slot, None)));
            }
        }
        slots.extend(coming);
    }
    slots.sort_by(|(one, a), (other, b)| one.cmp(other).then_with(|| a.digest.cmp(&b.digest)));
    Ok(slots.into_iter().map(|(_, slot)| slot).collect())
}

/// The readers of a track, and the articles that wait for some of them.
struct Waiting {
    groups: Vec<(Group, i64)>,
    cards: Vec<Card>,
    upto: i64,
}

impl Waiting {
    async fn read(store: &Store, digest: &Digest, now: Instant) -> anyhow::Result<Waiting> {
        let groups = store.reachable_readers(&digest.name, DEFAULT_CADENCE).await?;
        let upto = store.highest_number().await?;
        let lowest = groups.iter().map(|(group, _)| group.window_start).min();
        let cards = match lowest {
            Some(lowest) => {
                store
                    .numbered_for(&digest.name, DEFAULT_CADENCE, lowest, upto, now)
                    .await?
            }
            None => Vec::new(),
        };
        Ok(Waiting { groups, cards, upto })
    }

    /// What an edition would hold now; the readers are then where it would leave them. `planned`: the
    /// one that is there already.
    fn edition(&mut self, digest: &Digest, slot: Instant, planned: Option<&Edition>) -> NextSlot {
        let rules = rules_of(digest, planned);
        let upto = planned.map_or(self.upto, |edition| edition.upto);
        let mut known = HashSet::new();
        let mut article_ids = Vec::new();
        let mut recipients = 0;
        for (group, readers) in &mut self.groups {
            let verdict = judge(&rules, &self.cards, upto, group);
            if let Outcome::Mail(selection) = &verdict.outcome {
                recipients += *readers;
                article_ids.extend(selection.ids().filter(|id| known.insert((*id).clone())).cloned());
            }
            group.window_start = verdict.cursor;
        }
        let local = slot.with_timezone(&digest.timezone);
        NextSlot {
            digest: digest.name.clone(),
            cadence: DEFAULT_CADENCE.to_owned(),
            local: local.to_rfc3339_opts(SecondsFormat::Secs, false),
            utc: rfc3339(slot),
            articles: article_ids.len(),
            recipients,
            article_ids,
            edition: planned.map(|edition| edition.name.clone()),
            hold: planned.and_then(Hold::of),
        }
    }
}
