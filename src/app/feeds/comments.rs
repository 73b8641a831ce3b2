//! The feeds of comments in a pass: of the site, and of each article that has some.

use super::report::FeedsReport;
use super::write::Pass;
use crate::app::Site;
use crate::articles::card::Card;
use crate::feeds::comments::{of_article, of_site, version};
use crate::feeds::{Document, FeedSite, paths};
use crate::problem::Problem;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// So many articles are read at once.
const BATCH: usize = 100;

/// Makes the feeds that are another than before and brings them to disk; all that are to stand are added
/// to `wanted`.
///
/// # Errors
/// Where the store fails.
pub(super) async fn feeds(
    site: &Site,
    pass: &Arc<Pass>,
    feed_site: &Arc<FeedSite>,
    cards: &[Card],
    wanted: &mut HashSet<String>,
    report: &mut FeedsReport,
) -> anyhow::Result<()> {
    if !site.config.feeds.comments {
        return Ok(());
    }
    let mut commented: Vec<&Card> = cards.iter().filter(|card| card.commented.is_some()).collect();
    if commented.is_empty() {
        return Ok(());
    }
    commented.sort_by_key(|card| (Reverse(card.commented), &card.id));
    wanted.extend(paths::of_comments(paths::COMMENTS));
    let newest: Vec<String> = commented
        .iter()
        .take(site.config.feeds.items)
        .map(|card| card.id.clone())
        .collect();
    let articles = site.store.articles(&newest).await?;
    let of = feed_site.clone();
    write(pass, report, move || of_site(&articles, &of)).await?;

    let mut stale = HashMap::new();
    for card in commented {
        let paths = paths::of_comments(&paths::comments_on(&card.id));
        let version = version(&card.hash, feed_site);
        if paths.iter().all(|path| pass.has(path, Some(&version))) {
            report.unchanged += paths.len();
        } else {
            stale.insert(card.id.clone(), version);
        }
        wanted.extend(paths);
    }
    let ids: Vec<String> = stale.keys().cloned().collect();
    for some in ids.chunks(BATCH) {
        for article in site.store.articles(some).await? {
            let of = feed_site.clone();
            let version = stale.remove(&article.article.id).unwrap_or_default();
            write(pass, report, move || of_article(&article, &of, &version)).await?;
        }
    }
    Ok(())
}

async fn write(
    pass: &Arc<Pass>,
    report: &mut FeedsReport,
    make: impl FnOnce() -> Result<Vec<Document>, Problem> + Send + 'static,
) -> anyhow::Result<()> {
    let pass = pass.clone();
    let written = tokio::task::spawn_blocking(move || pass.write_all(make()));
    written
        .await?
        .into_iter()
        .for_each(|written| report.enter(written));
    Ok(())
}
