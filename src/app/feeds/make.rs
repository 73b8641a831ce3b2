//! Making the documents of feeds, several at once.

use super::report::FeedsReport;
use super::write::{Pass, Written};
use crate::app::Site;
use crate::feeds::{self, FeedSite, Selection};
use crate::problem::Problem;
use futures_util::StreamExt;
use futures_util::stream;
use std::sync::Arc;

/// So many feeds are made at once: enough that the disk is never waited for by all.
const AT_ONCE: usize = 4;

/// Makes the documents of all selections and brings them to disk.
///
/// # Errors
/// Where the store fails.
pub(super) async fn feeds(
    site: &Site,
    pass: &Arc<Pass>,
    feed_site: &Arc<FeedSite>,
    selections: Vec<Selection>,
    report: &mut FeedsReport,
) -> anyhow::Result<()> {
    let making = selections
        .into_iter()
        .map(|selection| tokio::spawn(make(site.clone(), pass.clone(), feed_site.clone(), selection)));
    let mut made = stream::iter(making).buffered(AT_ONCE);
    while let Some(made) = made.next().await {
        for written in made?? {
            report.enter(written);
        }
    }
    Ok(())
}

async fn make(
    site: Site,
    pass: Arc<Pass>,
    feed_site: Arc<FeedSite>,
    selection: Selection,
) -> anyhow::Result<Vec<Result<Written, Problem>>> {
    let articles = site.store.articles(&selection.ids).await?;
    let write = move || pass.write_all(feeds::documents(&selection, &articles, &feed_site));
    Ok(tokio::task::spawn_blocking(write).await?)
}
