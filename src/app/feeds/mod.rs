//! Feeds in a pass: what is in the store becomes documents on disk, and what changed is told.
//!
//! A document's row is settled last, after its pings are planned: a pass that is killed between
//! the two finds the document changed once more, and tells of it once more.

mod archive;
mod comments;
mod folder;
mod make;
mod own;
mod report;
mod select;
mod write;

use super::Site;
use crate::articles::card::Card;
use crate::clock::Instant;
use crate::config::Config;
use crate::feeds::archive::{Archive, Page};
use crate::feeds::{self, FeedSite, Selection, paths};
use crate::problem::Problem;
pub use report::FeedsReport;
use std::collections::HashSet;
use std::sync::Arc;
use write::Pass;

/// What is to be published.
struct Plan {
    site: FeedSite,
    /// All that stands in feeds, newest first.
    cards: Vec<Card>,
    selections: Vec<Selection>,
    archive: Archive,
}

impl Plan {
    async fn of(site: &Site, now: Instant) -> anyhow::Result<Plan> {
        let cards = site.store.cards(now).await?;
        let (feed_site, mut selections) = select::select(site, &cards).await?;
        let archive = archive::plan(site, &cards).await?;
        if let Some(whole_site) = selections.first_mut() {
            whole_site.archive.older = archive.newest();
        }
        Ok(Plan {
            site: feed_site,
            cards,
            selections,
            archive,
        })
    }

    /// The paths of the feeds that are to stand, whether or not they can be written now.
    fn paths(&self) -> HashSet<String> {
        let pages = self.archive.pages.iter().map(|page| paths::of_page(page.number));
        let folders = self.selections.iter().map(|selection| selection.folder.clone());
        folders
            .chain(pages)
            .flat_map(|folder| paths::of_feed(&folder))
            .collect()
    }
}

/// Writes all documents that changed, were altered or are missing, and takes away those whose
/// articles are gone. What fails is reported, and the rest goes on; the next pass tries again.
///
/// Call [`settle`] with the report once the pings for `changed` are planned.
///
/// # Errors
/// Where the store fails.
pub async fn run(site: &Site, now: Instant) -> anyhow::Result<FeedsReport> {
    let plan = Plan::of(site, now).await?;
    let known = site.store.feed_rows().await?.into_iter();
    // What was taken in finds its place while the documents are made.
    site.store.tidy();
    let pass = Arc::new(Pass {
        dir: site.config.feeds.dir.clone(),
        known: known.map(|row| (row.path.clone(), row)).collect(),
        now,
    });
    let mut report = FeedsReport::default();
    let mut wanted = plan.paths();
    let Plan {
        site: feed_site,
        cards,
        selections,
        archive,
    } = plan;
    let feed_site = Arc::new(feed_site);
    let pages = archive::to_write(&archive, &pass, site);
    report.unchanged += 3 * (archive.pages.len() - pages.len());
    let all: Vec<Selection> = selections.iter().cloned().chain(pages).collect();
    make::feeds(site, &pass, &feed_site, all, &mut report).await?;
    comments::feeds(site, &pass, &feed_site, &cards, &mut wanted, &mut report).await?;
    let rest = tokio::task::spawn_blocking(move || {
        let lists = feeds::lists(&selections, &cards, &feed_site, now);
        wanted.extend(lists.iter().filter_map(path_of));
        let written: Vec<_> = lists
            .into_iter()
            .map(|list| list.map(|list| pass.write(list)))
            .collect();
        (written, pass.remove_all_but(&wanted))
    });
    let (lists, (removed, failed)) = rest.await?;
    lists.into_iter().for_each(|written| report.enter(written));
    report.removed = removed;
    report.problems.extend(failed);
    report.archive = archive;
    report.log();
    Ok(report)
}

/// Of a document that could not be made, too.
fn path_of(made: &Result<feeds::Document, Problem>) -> Option<String> {
    match made {
        Ok(document) => Some(document.path.clone()),
        Err(problem) => problem.file.clone(),
    }
}

/// Keeps what a pass wrote: from now on it counts as told.
///
/// # Errors
/// Where the store fails; then the next pass finds the documents changed again.
pub async fn settle(site: &Site, report: &FeedsReport) -> anyhow::Result<()> {
    let pages = &report.archive;
    let is_settled = pages.written.is_empty() && pages.dropped.is_empty();
    if report.rows.is_empty() && report.removed.is_empty() && is_settled {
        return Ok(());
    }
    let mut tx = site.store.begin().await?;
    tx.settle_feeds(&report.rows, &report.removed).await?;
    if site.config.feeds.archive {
        archive::settle(site, &mut tx, pages, &report.problems).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The site's feeds as its pages name them.
#[must_use]
pub fn named(config: &Config) -> serde_json::Value {
    let all = feeds::alternates(&config.site, &config.feeds);
    serde_json::json!(all)
}

/// The published documents that carry an article now, relative to `feeds.dir`.
///
/// # Errors
/// Where the store fails.
pub async fn carrying(site: &Site, article: &str, now: Instant) -> anyhow::Result<Vec<String>> {
    let plan = Plan::of(site, now).await?;
    let in_feed = |selection: &&Selection| selection.ids.iter().any(|id| id == article);
    let in_page = |page: &&Page| page.items.iter().any(|item| item.article == article);
    let feeds = plan
        .selections
        .iter()
        .filter(in_feed)
        .map(|selection| selection.folder.clone());
    let pages = plan
        .archive
        .pages
        .iter()
        .filter(in_page)
        .map(|page| paths::of_page(page.number));
    let carrying: HashSet<String> = feeds
        .chain(pages)
        .flat_map(|folder| paths::of_feed(&folder))
        .collect();
    let published = site.store.feed_rows().await?.into_iter().map(|row| row.path);
    Ok(published.filter(|path| carrying.contains(path)).collect())
}
