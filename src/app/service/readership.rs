//! Brings what was counted of readers into the store, now and then and at the end.

use crate::app::Site;
use crate::store::feed_readers::{ReaderRow, VisitorRow};
use crate::web::readership::{Counted, Readership, day};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two times.
const EVERY: Duration = Duration::from_secs(60);
/// Days are kept for so long: a year and a month, to be held against each other.
const KEPT: i64 = 400;

/// Runs until it is asked to stop, and then once more.
pub(super) async fn run(site: Site, readership: Arc<Readership>, stop: CancellationToken) {
    loop {
        let stopped = tokio::time::timeout(EVERY, stop.cancelled()).await.is_ok();
        keep(&site, &readership).await;
        if stopped {
            return;
        }
    }
}

async fn keep(site: &Site, readership: &Readership) {
    let counted = readership.take();
    if counted.days.is_empty() {
        return;
    }
    let (readers, visitors) = as_rows(&counted);
    let today = day(site.clock.now());
    let kept = site
        .store
        .count_feed_readers(&readers, &visitors, today, today - KEPT);
    if let Err(error) = kept.await {
        tracing::warn!(%error, "who reads the feeds could not be kept; it is tried again");
        readership.put_back(counted);
    }
}

fn as_rows(counted: &Counted) -> (Vec<ReaderRow>, Vec<VisitorRow>) {
    let (mut rows, mut visitors) = (Vec::new(), Vec::new());
    let days = counted.days.iter();
    for (day, (path, readers)) in days.flat_map(|(day, paths)| paths.iter().map(move |path| (*day, path))) {
        let row = |service: &str, feed_id: &str, readers: i64, requests: i64| ReaderRow {
            path: path.clone(),
            day,
            service: service.to_owned(),
            feed_id: feed_id.to_owned(),
            readers,
            requests,
        };
        let services = readers.services.iter();
        rows.extend(services.map(|((name, id), (readers, requests))| row(name, id, *readers, *requests)));
        if readers.requests > 0 {
            rows.push(row("", "", 0, readers.requests));
        }
        visitors.extend(readers.visitors.iter().map(|visitor| VisitorRow {
            path: path.clone(),
            day,
            visitor: format!("{visitor:016x}"),
        }));
    }
    (rows, visitors)
}
