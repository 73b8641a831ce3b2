//! What a pass says of editions.

use super::hold::Hold;
use crate::clock::{Instant, from_seconds, rfc3339};
use crate::problem::Problem;
use crate::schedule::Slots;
use crate::store::Store;
use crate::store::editions::Edition;
use crate::store::tracks::Slot;
use serde::Serialize;

/// What a pass did about editions.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EditionsReport {
    /// Those that go to readers.
    pub editions: Vec<EditionLine>,
    /// Those that are there and have not started.
    pub planned: Vec<PlannedLine>,
    pub skipped: Vec<Skipped>,
    /// Editions that cannot go out.
    pub problems: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EditionLine {
    pub id: String,
    pub digest: String,
    pub cadence: String,
    /// RFC 3339; `None`: made by hand.
    pub slot: Option<String>,
    /// The union of all variants.
    pub articles: Vec<String>,
    pub recipients: i64,
}

/// An edition that goes to readers later: its slot comes, or it is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedLine {
    pub id: String,
    pub digest: String,
    pub cadence: String,
    pub slot: Option<String>,
    pub starts_at: String,
    pub hold: Option<Hold>,
}

/// A slot, or a wish for an edition at once, that came to nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    pub digest: String,
    pub cadence: String,
    pub slot: Option<String>,
    pub reason: String,
}

impl EditionsReport {
    pub(super) fn skip(&mut self, digest: &str, cadence: &str, slot: Option<Instant>, reason: &str) {
        self.skipped.push(Skipped {
            digest: digest.to_owned(),
            cadence: cadence.to_owned(),
            slot: slot.map(rfc3339),
            reason: reason.to_owned(),
        });
    }

    /// The slots before the last one that is due.
    pub(super) fn missed(&mut self, slot: Slot<'_>, slots: &Slots, reason: &str) {
        for missed in &slots.earlier {
            self.skip(slot.digest, slot.cadence, Some(*missed), reason);
        }
        if slots.more {
            self.skip(
                slot.digest,
                slot.cadence,
                None,
                &format!("more slots after these: {reason}"),
            );
        }
    }

    /// Adds an edition as it is now, in place of what was said of it before.
    pub(super) async fn add(&mut self, store: &Store, id: i64) -> anyhow::Result<()> {
        let Some(edition) = store.edition(id).await? else {
            return Ok(());
        };
        self.planned.retain(|other| other.id != edition.name);
        match edition.state.as_str() {
            "skipped" => {
                let slot = edition.slot.map(from_seconds);
                let reason = edition.reason.as_deref().unwrap_or_default();
                self.skip(&edition.digest, &edition.cadence, slot, reason);
            }
            "planned" => self.planned.push(planned(edition)),
            "filling" | "sending" | "done" => {
                let line = line(store, &edition).await?;
                self.editions.retain(|other| other.id != line.id);
                self.editions.push(line);
            }
            _ => {}
        }
        Ok(())
    }
}

fn planned(edition: Edition) -> PlannedLine {
    PlannedLine {
        hold: Hold::of(&edition),
        id: edition.name,
        digest: edition.digest,
        cadence: edition.cadence,
        slot: edition.slot.map(from_seconds).map(rfc3339),
        starts_at: rfc3339(from_seconds(edition.starts)),
    }
}

async fn line(store: &Store, edition: &Edition) -> anyhow::Result<EditionLine> {
    let counts = store.edition_counts(edition.id).await?;
    Ok(EditionLine {
        id: edition.name.clone(),
        digest: edition.digest.clone(),
        cadence: edition.cadence.clone(),
        slot: edition.slot.map(from_seconds).map(rfc3339),
        articles: all_articles(store, edition.id).await?,
        recipients: counts.recipients(),
    })
}

/// Logs that an edition was planned.
pub(super) fn tell_planned(edition: &Edition) {
    let starts_at = rfc3339(from_seconds(edition.starts));
    tracing::info!(
        edition = edition.name,
        starts_at,
        upto = edition.upto,
        "edition planned"
    );
}

/// The articles of all variants, each once: those of the longest first, in the order shown.
///
/// # Errors
/// Those of the database.
pub(super) async fn all_articles(store: &Store, edition: i64) -> anyhow::Result<Vec<String>> {
    let mut known = std::collections::HashSet::new();
    let lists = store.variant_articles(edition).await?;
    Ok(lists
        .into_iter()
        .flatten()
        .filter(|id| known.insert(id.clone()))
        .collect())
}
