//! What the operator takes into an edition or leaves out of it, while it is planned.
//!
//! An excluded article stays out of this edition's track for good: readers whose cursor does not move
//! with this edition (too few articles, or more than the maximum) do not get it later either. A
//! deferred one gets a number of its own for this digest, after all others, so every reader's cursor
//! is before it: it is as if it had been announced later. That would give it twice to who has it
//! already, so it can be deferred only while nobody of the digest has had it.

use super::judged::filter;
use crate::app::announcing::{announce, chosen};
use crate::app::unknown;
use crate::articles::intake::Known;
use crate::articles::state::State;
use crate::clock::Instant;
use crate::config::Digest;
use crate::problem::Problem;
use crate::store::editions::Edition;
use crate::store::{PLANNER_LOCK, Store, Tx};
use serde::Serialize;

/// What became of one article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chosen {
    pub id: String,
    pub title: String,
    /// Its announcement number in this digest.
    pub number: i64,
    /// Active readers of the track whose mails have gone past it: they do not get it.
    pub past: i64,
}

/// Where a choice is made.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub store: &'a Store,
    /// Those of the configuration.
    pub digests: &'a [Digest],
    /// The edition's name.
    pub edition: &'a str,
    pub now: Instant,
}

/// Takes articles into an edition that has not started: gives them a number if they have none, and
/// ends the edition at it, if it ended before; so it takes in all that was announced until then.
///
/// # Errors
/// No such edition (`unknown-edition`), article (`unknown-article`) or digest; an edition that has
/// started (`edition-frozen`); an article that is not public (`article-not-public`), that the digest
/// does not take or all readers are past (`article-not-in-edition`), or that was excluded from an
/// earlier edition (`article-excluded`). Then nothing is changed. Those of the store.
pub async fn include(place: Place<'_>, ids: &[String]) -> anyhow::Result<Vec<Chosen>> {
    let mut choice = Choice::begin(place, ids).await?;
    let now = place.now;
    for article in &choice.articles {
        let state = article.standing.state(now);
        if !matches!(state, State::Public | State::Baseline | State::Held) {
            return Err(not_public(article, state).into());
        }
    }
    let waits = |state| matches!(state, State::Public | State::Baseline | State::Held);
    announce(&mut choice.tx, &mut choice.articles, waits, now).await?;
    let chosen = choice.told().await?;
    for article in &chosen {
        choice.refuse_excluded(article).await?;
        choice.tx.lift_exclusion(&choice.edition, &article.id).await?;
        choice.tx.lift_upto(&choice.edition, article.number).await?;
    }
    choice.commit().await?;
    Ok(chosen)
}

/// Leaves articles out of an edition that has not started: for the readers of its track they are
/// settled.
///
/// # Errors
/// As [`include()`]; an article that the edition would not hold anyway is `article-not-in-edition` too.
pub async fn exclude(place: Place<'_>, ids: &[String]) -> anyhow::Result<Vec<Chosen>> {
    let mut choice = Choice::begin(place, ids).await?;
    let chosen = choice.in_edition().await?;
    for article in &chosen {
        choice.tx.exclude(&choice.edition, &article.id, place.now).await?;
    }
    choice.commit().await?;
    Ok(chosen)
}

/// Leaves articles out of an edition that has not started, for a later one.
///
/// # Errors
/// As [`exclude`]; an article that an edition of the digest was made with is `article-sent`.
pub async fn defer(place: Place<'_>, ids: &[String]) -> anyhow::Result<Vec<Chosen>> {
    let mut choice = Choice::begin(place, ids).await?;
    let mut chosen = choice.in_edition().await?;
    let mut number = choice.tx.highest_number().await?;
    for article in &mut chosen {
        choice.refuse_excluded(article).await?;
        let digest = &choice.edition.digest;
        if let Some(edition) = choice.tx.carried_by(digest, &article.id).await? {
            return Err(sent(article, &edition).into());
        }
        number += 1;
        article.number = number;
        choice.tx.lift_exclusion(&choice.edition, &article.id).await?;
        choice
            .tx
            .defer(&choice.edition, &article.id, number, place.now)
            .await?;
    }
    choice.commit().await?;
    Ok(chosen)
}

/// A choice under way: nothing has happened before it is committed.
struct Choice {
    tx: Tx,
    edition: Edition,
    articles: Vec<Known>,
}

impl Choice {
    async fn begin(place: Place<'_>, ids: &[String]) -> anyhow::Result<Choice> {
        let cards = place.store.cards_of(ids).await?;
        let mut tx = place.store.begin().await?;
        tx.lock(PLANNER_LOCK).await?;
        let edition = tx
            .edition_named(place.edition)
            .await?
            .ok_or_else(|| unknown::edition(place.edition))?;
        if edition.state != "planned" || edition.finished.is_some() {
            return Err(frozen(&edition).into());
        }
        let digest = place
            .digests
            .iter()
            .find(|digest| digest.name == edition.digest)
            .ok_or_else(|| unknown::digest(&edition.digest, place.digests))?;
        let articles = chosen(&mut tx, ids).await?;
        let filter = filter(digest);
        if let Some(card) = cards.iter().find(|card| !filter.takes(card)) {
            let why = format!("{} does not take articles such as it", digest.name);
            return Err(not_in(&edition, &card.title, &why).into());
        }
        Ok(Choice {
            tx,
            edition,
            articles,
        })
    }

    /// The articles that have a number, with what it is here and who is past it.
    async fn told(&mut self) -> anyhow::Result<Vec<Chosen>> {
        let mut told = Vec::with_capacity(self.articles.len());
        for article in &self.articles {
            let deferred = self.tx.deferred_to(&self.edition.digest, &article.id).await?;
            let Some(number) = deferred.or(article.standing.number) else {
                return Err(not_in(&self.edition, &article.title, "it has not been announced").into());
            };
            let (past, before) = self.tx.past_and_before(&self.edition, number).await?;
            if before == 0 && past > 0 {
                return Err(not_in(&self.edition, &article.title, "all its readers are past it").into());
            }
            told.push(Chosen {
                id: article.id.clone(),
                title: article.title.clone(),
                number,
                past,
            });
        }
        Ok(told)
    }

    /// The same, where the edition goes as far as all of them.
    async fn in_edition(&mut self) -> anyhow::Result<Vec<Chosen>> {
        let told = self.told().await?;
        let upto = self.edition.upto;
        if let Some(article) = told.iter().find(|article| article.number > upto) {
            let why = "it was announced after the edition was planned, and comes in a later one";
            return Err(not_in(&self.edition, &article.title, why).into());
        }
        Ok(told)
    }

    /// What was excluded from an edition before is settled.
    async fn refuse_excluded(&mut self, article: &Chosen) -> anyhow::Result<()> {
        let edition = self.tx.excluded_from(&self.edition, &article.id).await?;
        match edition.filter(|edition| *edition != self.edition.name) {
            Some(edition) => Err(excluded(article, &edition).into()),
            None => Ok(()),
        }
    }

    async fn commit(mut self) -> anyhow::Result<()> {
        self.tx.revise_editions(&self.edition.digest).await?;
        Ok(self.tx.commit().await?)
    }
}

fn frozen(edition: &Edition) -> Problem {
    let name = &edition.name;
    Problem::error(
        "edition-frozen",
        format!("{name} has started: what is in it is frozen"),
    )
    .hint(format!("tidings editions show {name} says what is in it"))
}

fn not_in(edition: &Edition, title: &str, why: &str) -> Problem {
    Problem::error(
        "article-not-in-edition",
        format!("\"{title}\" is not for {}: {why}", edition.name),
    )
    .hint("tidings articles explain ID tells its story")
}

fn not_public(article: &Known, state: State) -> Problem {
    let hint = match state {
        State::Seen => "take that back first: tidings articles unsee ID",
        _ => "it can be included once it is public",
    };
    Problem::error(
        "article-not-public",
        format!("\"{}\" is {state}, so no edition can hold it", article.title),
    )
    .hint(hint)
}

fn excluded(article: &Chosen, edition: &str) -> Problem {
    Problem::error(
        "article-excluded",
        format!(
            "\"{}\" was excluded from {edition}, and is settled for its readers",
            article.title
        ),
    )
    .hint("what is only to come later is deferred: tidings editions exclude EDITION ARTICLE --defer")
}

fn sent(article: &Chosen, edition: &str) -> Problem {
    Problem::error(
        "article-sent",
        format!(
            "\"{}\" is in {edition}: who has it would get it a second time",
            article.title
        ),
    )
    .hint("without --defer it is left out for good")
}
