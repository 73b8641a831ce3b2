//! What the operator decides about announcing: `articles seen`, `unsee` and `release`.

use super::{Site, unknown};
use crate::articles::intake::Known;
use crate::articles::state::{Marks, State};
use crate::clock::Instant;
use crate::store::{PLANNER_LOCK, Result as Stored, Tx};
use std::collections::{HashMap, HashSet};

/// What became of one article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub id: String,
    pub title: String,
    pub state: State,
    /// The announcement number.
    pub number: Option<i64>,
    /// Readers whose mails have gone past it already, by digest: they do not get it.
    pub past: Vec<(String, i64)>,
}

/// Keeps articles out of editions that are not filled yet.
///
/// # Errors
/// An id that no article has (`unknown-article`); then nothing was changed. Those of the store.
pub async fn seen(site: &Site, ids: &[String]) -> anyhow::Result<Vec<Decided>> {
    let now = site.clock.now();
    let mut tx = begin(site).await?;
    let mut articles = chosen(&mut tx, ids).await?;
    for article in &mut articles {
        article.standing.marks.seen.get_or_insert(now);
    }
    mark(&mut tx, &articles).await?;
    tx.commit().await?;
    Ok(articles
        .iter()
        .map(|article| decided(article, now, Vec::new()))
        .collect())
}

/// Takes `seen` back. What has no number yet gets one, baseline and held articles too; for what has
/// one it is told how many readers' mails have gone past it.
///
/// # Errors
/// As [`seen`].
pub async fn unsee(site: &Site, ids: &[String]) -> anyhow::Result<Vec<Decided>> {
    let now = site.clock.now();
    let mut tx = begin(site).await?;
    let mut articles = chosen(&mut tx, ids).await?;
    for article in &mut articles {
        article.standing.marks.seen = None;
    }
    mark(&mut tx, &articles).await?;
    let had_number: Vec<bool> = articles
        .iter()
        .map(|article| article.standing.number.is_some())
        .collect();
    let waits = |state| matches!(state, State::Public | State::Baseline | State::Held);
    announce(&mut tx, &mut articles, waits, now).await?;
    let mut all = Vec::with_capacity(articles.len());
    for (article, had_number) in articles.iter().zip(had_number) {
        let past = match article.standing.number {
            Some(number) if had_number => tx.readers_past(number).await?,
            _ => Vec::new(),
        };
        all.push(decided(article, now, past));
    }
    tx.commit().await?;
    Ok(all)
}

/// Gives held articles their numbers, of one source or of all, older ones first.
///
/// # Errors
/// Those of the store.
pub async fn release(site: &Site, source: Option<&str>) -> anyhow::Result<Vec<Decided>> {
    let now = site.clock.now();
    let mut tx = begin(site).await?;
    let mut held = tx.known_articles().await?;
    held.retain(|article| {
        article.standing.state(now) == State::Held && source.is_none_or(|source| article.source == source)
    });
    announce(&mut tx, &mut held, |state| state == State::Held, now).await?;
    tx.commit().await?;
    Ok(held
        .iter()
        .map(|article| decided(article, now, Vec::new()))
        .collect())
}

/// Numbers are given by one at a time.
async fn begin(site: &Site) -> Stored<Tx> {
    let mut tx = site.store.begin().await?;
    tx.lock(PLANNER_LOCK).await?;
    Ok(tx)
}

/// The articles of these ids, each once.
pub(super) async fn chosen(tx: &mut Tx, ids: &[String]) -> anyhow::Result<Vec<Known>> {
    let known = tx.known_articles().await?.into_iter();
    let mut known: HashMap<String, Known> = known.map(|article| (article.id.clone(), article)).collect();
    let mut articles = Vec::with_capacity(ids.len());
    let mut named = HashSet::new();
    for id in ids.iter().filter(|id| named.insert(*id)) {
        articles.push(known.remove(id).ok_or_else(|| unknown::article(id))?);
    }
    Ok(articles)
}

async fn mark(tx: &mut Tx, articles: &[Known]) -> Stored<()> {
    let marks: Vec<(String, Marks)> = articles
        .iter()
        .map(|article| (article.id.clone(), article.standing.marks))
        .collect();
    tx.mark_articles(&marks).await
}

/// Gives the next numbers to those without one that wait for nothing else.
pub(super) async fn announce(
    tx: &mut Tx,
    articles: &mut [Known],
    waits: impl Fn(State) -> bool,
    now: Instant,
) -> Stored<()> {
    let mut waiting: Vec<&mut Known> = articles
        .iter_mut()
        .filter(|article| article.standing.number.is_none() && waits(article.standing.state(now)))
        .collect();
    waiting.sort_by(|a, b| (a.standing.published, &a.id).cmp(&(b.standing.published, &b.id)));
    let mut number = tx.highest_number().await?;
    let mut numbers = Vec::with_capacity(waiting.len());
    for article in waiting {
        number += 1;
        article.standing.number = Some(number);
        numbers.push((article.id.clone(), number));
    }
    tx.number_articles(&numbers, now).await
}

fn decided(article: &Known, now: Instant, past: Vec<(String, i64)>) -> Decided {
    Decided {
        id: article.id.clone(),
        title: article.title.clone(),
        state: article.standing.state(now),
        number: article.standing.number,
        past,
    }
}
