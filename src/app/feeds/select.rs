//! Which feeds there are, with the folder of each.

use super::own;
use crate::app::Site;
use crate::articles::card::Card;
use crate::feeds::{self, FeedSite, Kind, Selection, Slug, Slugs, Topic};
use crate::store::feeds::SlugRow;

/// What stands in which feed, each with its folder.
pub(super) async fn select(site: &Site, cards: &[Card]) -> anyhow::Result<(FeedSite, Vec<Selection>)> {
    let config = &site.config;
    let topics = feeds::topics(cards, &config.site, &config.feeds);
    let slugs = slugs(site, &topics).await?;
    let mut selections = feeds::selections(cards, topics, &slugs, &config.feeds);
    selections.extend(own::selections(site, cards).await?);
    let feed_site = FeedSite {
        id: site.id,
        site: config.site.clone(),
        feeds: config.feeds.clone(),
        hubs: config.hubs(),
        cloud: config.cloud(),
        slugs,
    };
    Ok((feed_site, selections))
}

/// The slugs of all topics. New ones are given under a lock, so that two passes give the same.
async fn slugs(site: &Site, topics: &[Topic]) -> anyhow::Result<Slugs> {
    let slugs = remembered(site.store.feed_slugs().await?);
    let unnamed = |topic: &Topic| slugs.get(topic.kind, &topic.name).is_none();
    if !topics.iter().any(unnamed) {
        return Ok(slugs);
    }
    let mut tx = site.store.begin().await?;
    let mut slugs = remembered(tx.lock_feed_slugs().await?);
    let new: Vec<SlugRow> = topics
        .iter()
        .filter_map(|topic| slugs.add(topic.kind, &topic.name))
        .map(|slug| SlugRow {
            kind: slug.kind.name().to_owned(),
            name: slug.key,
            slug: slug.slug,
        })
        .collect();
    tx.add_feed_slugs(&new).await?;
    tx.commit().await?;
    Ok(slugs)
}

fn remembered(rows: Vec<SlugRow>) -> Slugs {
    Slugs::new(rows.into_iter().filter_map(|row| {
        Some(Slug {
            kind: Kind::named(&row.kind)?,
            key: row.name,
            slug: row.slug,
        })
    }))
}
