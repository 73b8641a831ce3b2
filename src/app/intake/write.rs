//! What the sources have now becomes what the store knows, in one transaction.

use crate::app::Site;
use crate::articles::intake::{self, Before, Document, Hashed, Known, Outcome, Reading, Rules};
use crate::clock::Instant;
use crate::config;
use crate::parallel;
use crate::sources::Notes;
use crate::store::{PLANNER_LOCK, Result as Stored, Tx};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc;

/// So many articles at once are a great deal for the store.
const MUCH: usize = 1000;

/// What the readings leave behind, beside articles.
#[derive(Default)]
pub(super) struct Left {
    /// The names of the sources that were read.
    pub(super) read: Vec<String>,
    pub(super) notes: Vec<(String, Notes)>,
}

/// Everything that has to do with numbers in one transaction, under the planner's lock.
///
/// # Errors
/// As the store says.
pub(super) async fn write(
    site: &Site,
    readings: Vec<Reading>,
    left: Left,
    now: Instant,
) -> anyhow::Result<Outcome> {
    let articles: usize = readings.iter().map(|reading| reading.articles.len()).sum();
    if articles < MUCH {
        return write_in(site.store.begin().await?, site, readings, left, now).await;
    }
    let written = write_in(site.store.begin_much().await?, site, readings, left, now).await;
    site.store.end_much().await;
    written
}

async fn write_in(
    mut tx: Tx,
    site: &Site,
    readings: Vec<Reading>,
    left: Left,
    now: Instant,
) -> anyhow::Result<Outcome> {
    let digests = &site.config.digests;
    let rules = Rules {
        now,
        site: site.id,
        first_edition: digests
            .iter()
            .map(|digest| digest.first_edition)
            .max()
            .unwrap_or(0),
    };
    tx.lock(PLANNER_LOCK).await?;
    let last_pass = tx.last_passes().await?;
    let before = Before {
        known: known(&mut tx, &readings, &last_pass).await?,
        last_pass,
        highest: tx.highest_number().await?,
    };
    let (hashed, written) = hash(&mut tx, readings, &before.known).await?;
    let mut outcome = intake::reconcile(hashed, &before, rules);
    let changes = std::mem::take(&mut outcome.changes);
    tx.write_articles(changes, &written, now).await?;
    tx.mark_articles(&outcome.marks).await?;
    tx.number_articles(&outcome.numbers, now).await?;
    set_floors(&mut tx, digests, &before, &outcome, &left.read, now).await?;
    tx.enter_readings(&left.read, now).await?;
    tx.remember(left.notes).await?;
    tx.enter_pass(now).await?;
    tx.commit_much().await?;
    Ok(outcome)
}

/// Hashes the articles. While some are, the documents of those before them that nobody knows are written;
/// these are given by id, each with its hash.
async fn hash(
    tx: &mut Tx,
    readings: Vec<Reading>,
    known: &[Known],
) -> anyhow::Result<(Hashed, HashMap<String, String>)> {
    let known: HashSet<String> = known.iter().map(|known| known.id.clone()).collect();
    let (made, mut ready) = mpsc::channel(4);
    let hashing = tokio::task::spawn_blocking(move || {
        let written = Mutex::new(HashMap::new());
        let take = |mut documents: Vec<Document>| {
            if documents.is_empty() {
                return;
            }
            let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
            // Of several with one id at most one is taken in, and which is not decided yet.
            documents.retain_mut(|document| match written.entry(document.id.clone()) {
                Entry::Occupied(_) => false,
                Entry::Vacant(new) => {
                    new.insert(std::mem::take(&mut document.hash));
                    true
                }
            });
            drop(written);
            let texts = documents.into_iter().map(|document| (document.id, document.text));
            // Nobody waits for them where one could not be written.
            let _ = made.blocking_send(texts.collect());
        };
        let hashed = intake::hash_all(readings, |id| !known.contains(id), take);
        (
            hashed,
            written.into_inner().unwrap_or_else(PoisonError::into_inner),
        )
    });
    while let Some(documents) = ready.recv().await {
        tx.write_documents(documents).await?;
    }
    Ok(parallel::joined(hashing).await?)
}

/// The articles known, as far as they can decide anything in this pass.
async fn known(
    tx: &mut Tx,
    readings: &[Reading],
    last_pass: &HashMap<String, Instant>,
) -> Stored<Vec<Known>> {
    if let Some(names) = intake::concerned(readings, last_pass) {
        let sources: Vec<&str> = readings.iter().map(|reading| &*reading.source).collect();
        let some = tx.known_among(&names, &sources).await?;
        if intake::are_enough(readings, &some) {
            return Ok(some);
        }
    }
    tx.known_articles().await
}

/// At the store's first pass a digest's floor lets its own `first_edition` through. One that is added
/// later begins with what is numbered from now on.
async fn set_floors(
    tx: &mut Tx,
    digests: &[config::Digest],
    before: &Before,
    outcome: &Outcome,
    read: &[String],
    now: Instant,
) -> Stored<()> {
    let highest = outcome
        .numbers
        .last()
        .map_or(before.highest, |(_, number)| *number);
    if before.last_pass.is_empty() && !read.is_empty() {
        let floors: Vec<(String, i64)> = digests
            .iter()
            .map(|digest| {
                let first = i64::try_from(digest.first_edition).unwrap_or(i64::MAX);
                (digest.name.clone(), (highest - first).max(0))
            })
            .collect();
        return tx.set_first_floors(&floors, now).await;
    }
    let names: Vec<String> = digests.iter().map(|digest| digest.name.clone()).collect();
    tx.add_floors(&names, before.highest, now).await
}
