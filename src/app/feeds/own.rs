//! The operator's own selections of articles.

use crate::app::Site;
use crate::articles::card::Card;
use crate::config::MoreFeed;
use crate::feeds::{Place, Selection, Subject, Words};

/// So many articles are read at once to look for words in them.
const BATCH: usize = 200;

/// The feeds of `[feeds.more]`, in the order of the configuration.
///
/// # Errors
/// Where the store fails.
pub(super) async fn selections(site: &Site, cards: &[Card]) -> anyhow::Result<Vec<Selection>> {
    let mut selections = Vec::new();
    for feed in &site.config.feeds.more {
        selections.push(Selection {
            folder: feed.folder.clone(),
            subject: Subject::Own(feed.title.clone()),
            content: feed.content,
            archive: Place::default(),
            ids: newest(site, cards, feed).await?,
        });
    }
    Ok(selections)
}

/// The newest articles that a feed asks for. Texts are read only where it asks for words, newest first
/// and no more than it takes to find enough.
async fn newest(site: &Site, cards: &[Card], feed: &MoreFeed) -> anyhow::Result<Vec<String>> {
    let fit = cards.iter().filter(|card| feed.filter.takes(card));
    let fit: Vec<String> = fit.map(|card| card.id.clone()).collect();
    if feed.words.is_empty() {
        return Ok(fit.into_iter().take(feed.items).collect());
    }
    let words = Words::new(&feed.words);
    let mut found = Vec::new();
    for some in fit.chunks(BATCH) {
        let articles = site.store.articles(some).await?;
        let with_words = articles.iter().filter(|stored| words.are_in(&stored.article));
        found.extend(with_words.map(|stored| stored.article.id.clone()));
        if found.len() >= feed.items {
            break;
        }
    }
    found.truncate(feed.items);
    Ok(found)
}
