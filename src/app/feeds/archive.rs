//! The archive in a pass: which pages it has, and which of them have to be written.

use super::write::Pass;
use crate::app::Site;
use crate::articles::card::Card;
use crate::feeds::archive::{Archive, Page, archive};
use crate::feeds::{Place, Selection, paths};
use crate::problem::Problem;
use crate::store::Tx;
use crate::store::facts::ARCHIVE_URL;

/// The archive as this pass leaves it; without any page where it is switched off.
///
/// # Errors
/// Where the store fails.
pub(super) async fn plan(site: &Site, cards: &[Card]) -> anyhow::Result<Archive> {
    let feeds = &site.config.feeds;
    if !feeds.archive {
        return Ok(Archive::default());
    }
    let pages = site.store.archive_pages().await?;
    // All addresses in the pages begin with it.
    let moved =
        !pages.is_empty() && site.store.fact(ARCHIVE_URL).await?.as_deref() != Some(feeds.url.as_str());
    Ok(archive(pages, cards, feeds.items, moved))
}

/// The pages that have to be written: those that are another than before, and those that are missing on
/// disk. Blocks.
pub(super) fn to_write(archive: &Archive, pass: &Pass, site: &Site) -> Vec<Selection> {
    let content = site.config.feeds.content;
    let is_there = |page: &Page| {
        let documents = paths::of_feed(&paths::of_page(page.number));
        documents.iter().all(|path| pass.has(path, None))
    };
    let wanting = archive
        .chain()
        .filter(|(page, _)| archive.written.contains(&page.number) || !is_there(page));
    let selection = |(page, place): (&Page, Place)| {
        let ids = page.items.iter().rev().map(|item| item.article.clone()).collect();
        Selection::archived(page.number, place, ids, content)
    };
    wanting.map(selection).collect()
}

/// Keeps the pages that were written. One from which something was withdrawn, and which could not be
/// written, is planned once more; a new one of which a document is missing is made again by itself.
///
/// # Errors
/// Where the store fails.
pub(super) async fn settle(
    site: &Site,
    tx: &mut Tx,
    archive: &Archive,
    problems: &[Problem],
) -> anyhow::Result<()> {
    let failed = |number: i64| {
        let folder = paths::of_page(number);
        let is_of_it = |problem: &Problem| problem.file.as_ref().is_some_and(|file| file.contains(&folder));
        archive.cut.contains(&number) && problems.iter().any(is_of_it)
    };
    let written = archive
        .pages
        .iter()
        .filter(|page| archive.written.contains(&page.number) && !failed(page.number));
    tx.settle_archive(written, &archive.dropped).await?;
    tx.set_fact(ARCHIVE_URL, site.config.feeds.url.as_str()).await?;
    Ok(())
}
