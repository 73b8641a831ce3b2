//! Sources on the web: each kind asks for what it needs, and gives the same [`Scan`] as a folder.

use super::documents::{self, Around};
use super::fetch::{self, Fetched, Visit, Wish};
use super::scan::Scan;
use super::told;
pub use super::web::Web;
use super::{ghost, sitemap, wordpress};
use crate::config::{self, Origin, SourceKind};
use crate::http::{Answer, Whose};
use url::Url;

/// The most bytes of a feed, as they are after decompression.
const FEED_BYTES: usize = 50 * 1024 * 1024;
const FEED_TYPES: &str = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1";

/// Reads a source whose origin is a URL.
pub async fn read(source: &config::Source, web: Web<'_>) -> Scan {
    let mut scan = Scan {
        source: source.name.clone(),
        readable: true,
        ..Scan::default()
    };
    let Origin::Url(url) = &source.origin else {
        return scan;
    };
    if web.by_every && !is_due(source, url, web) {
        scan.readable = false;
        scan.warnings = told::again(web.past);
        return scan;
    }
    match source.kind {
        SourceKind::Feed => document(source, url, web, &mut scan).await,
        SourceKind::Wordpress => wordpress::rest::read(source, url, web, &mut scan).await,
        SourceKind::Ghost => ghost::api::read(source, url, web, &mut scan).await,
        SourceKind::Sitemap => sitemap::read(source, url, every(source), web, &mut scan).await,
        _ => scan.readable = false,
    }
    // Nothing was asked.
    if !scan.readable && scan.failed.is_empty() && scan.warnings.is_empty() {
        scan.warnings = told::again(web.past);
    }
    told::keep(&mut scan);
    scan
}

fn is_due(source: &config::Source, url: &Url, web: Web<'_>) -> bool {
    let every = every(source);
    if source.kind == SourceKind::Sitemap {
        return sitemap::is_due(every, web);
    }
    let visit: Visit = web.past.recall(url.as_str()).unwrap_or_default();
    let since = web.now.timestamp() - visit.asked;
    since < 0 || since >= every
}

/// How often a source is asked, in seconds. The service looks every so often: a look that comes a little
/// early must not wait for the next.
fn every(source: &config::Source) -> i64 {
    i64::try_from(source.every.as_secs()).unwrap_or(i64::MAX / 2) * 9 / 10
}

/// One document that holds the articles.
async fn document(source: &config::Source, url: &Url, web: Web<'_>, scan: &mut Scan) {
    let wish = Wish {
        url,
        whose: Whose::Operator,
        accept: FEED_TYPES,
        limit: FEED_BYTES,
    };
    let (fetched, visit) = fetch::fetch(web.client, wish, web.past, web.now).await;
    match fetched {
        Fetched::New(answer) => {
            take_in(&answer, source, web, scan);
            // What failed is asked for again, so that it is told as long as it fails.
            let visit = match (scan.readable, scan.failed.is_empty()) {
                (false, _) => visit.unreadable(),
                (true, false) => visit.unused(),
                (true, true) => visit,
            };
            scan.warnings.extend(visit.has_moved(url));
            scan.notes.keep(url.as_str(), &visit);
            return;
        }
        Fetched::Same => {
            scan.partial = true;
            scan.warnings = told::again(web.past);
        }
        Fetched::Early => scan.readable = false,
        Fetched::Failed(problem) => scan.is_unreadable(problem),
    }
    scan.notes.keep(url.as_str(), &visit);
}

fn take_in(answer: &Answer, source: &config::Source, web: Web<'_>, scan: &mut Scan) {
    let around = Around::of(source, web);
    match documents::parse(&answer.body, answer.header("content-type"), around) {
        Ok(collection) => documents::take(collection, "", around, scan),
        Err(problem) => scan.is_unreadable(problem),
    }
}
