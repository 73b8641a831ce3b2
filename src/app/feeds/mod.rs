//! Feeds in a pass: what is in the store becomes documents on disk, and what changed is told.
//!
//! A document's row is settled last, after its pings are planned: a pass that is killed between
//! the two finds the document changed once more, and tells of it once more.

mod folder;
mod own;

use super::Site;
use crate::articles::card::Card;
use crate::clock::Instant;
use crate::config::values::Endpoint;
use crate::config::{Config, PingKind};
use crate::feeds::{self, Document, FeedSite, Format, Kind, Selection, Slug, Slugs, Topic};
use crate::pings::ChangedFeed;
use crate::problem::Problem;
use crate::store::feeds::{FeedRow, SlugRow};
use crate::telemetry::metrics;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;

/// What a pass did to the feeds.
#[derive(Debug, Default)]
pub struct FeedsReport {
    /// What was written, relative to `feeds.dir`.
    pub written: Vec<String>,
    /// How many documents were on disk as they should be.
    pub unchanged: usize,
    /// What was taken away, relative to `feeds.dir`: nothing is in that category any more.
    pub removed: Vec<String>,
    /// The RSS, Atom and JSON documents whose content changed, where they are published.
    pub changed: Vec<ChangedFeed>,
    /// The documents that could not be written or removed.
    pub problems: Vec<Problem>,
    rows: Vec<FeedRow>,
}

/// Writes all documents that changed, were altered or are missing, and takes away those whose
/// articles are gone. What fails is reported, and the rest goes on; the next pass tries again.
///
/// Call [`settle`] with the report once the pings for `changed` are planned.
///
/// # Errors
/// Where the store fails.
pub async fn run(site: &Site, now: Instant) -> anyhow::Result<FeedsReport> {
    let cards = site.store.cards(now).await?;
    let known: HashMap<String, FeedRow> = site
        .store
        .feed_rows()
        .await?
        .into_iter()
        .map(|row| (row.path.clone(), row))
        .collect();
    let (feed_site, selections) = select(site, &cards).await?;
    // What was taken in finds its place while the documents are made.
    site.store.tidy();
    let feed_site = Arc::new(feed_site);
    let wanted = wanted(&selections);
    let pass = Arc::new(Pass {
        dir: site.config.feeds.dir.clone(),
        known,
        now,
    });
    let mut report = FeedsReport::default();
    for some in selections.chunks(AT_ONCE) {
        let making: Vec<_> = some
            .iter()
            .map(|selection| make(site.clone(), pass.clone(), feed_site.clone(), selection.clone()))
            .map(tokio::spawn)
            .collect();
        for made in making {
            for written in made.await?? {
                report.enter(written);
            }
        }
    }
    let (of, writer) = (feed_site.clone(), pass.clone());
    let list = move || feeds::list(&selections, &of).map(|list| writer.write(list));
    report.enter(tokio::task::spawn_blocking(list).await?);
    pass.remove_all_but(&wanted, &mut report).await?;
    let (written, unchanged) = (report.written.len(), report.unchanged);
    let (removed, failed) = (report.removed.len(), report.problems.len());
    tracing::info!(written, unchanged, removed, failed, "feeds written");
    metrics::feeds_written(written as u64);
    Ok(report)
}

/// Keeps what a pass wrote: from now on it counts as told.
///
/// # Errors
/// Where the store fails; then the next pass finds the documents changed again.
pub async fn settle(site: &Site, report: &FeedsReport) -> anyhow::Result<()> {
    site.store.settle_feeds(&report.rows, &report.removed).await?;
    Ok(())
}

/// The published documents that carry an article now, relative to `feeds.dir`.
///
/// # Errors
/// Where the store fails.
pub async fn carrying(site: &Site, article: &str, now: Instant) -> anyhow::Result<Vec<String>> {
    let cards = site.store.cards(now).await?;
    let (_, selections) = select(site, &cards).await?;
    let with_it: Vec<Selection> = selections
        .into_iter()
        .filter(|selection| selection.ids.iter().any(|id| id == article))
        .collect();
    let wanted = wanted(&with_it);
    let published = site.store.feed_rows().await?.into_iter().map(|row| row.path);
    Ok(published
        .filter(|path| path != Format::Opml.file_name() && wanted.contains(path))
        .collect())
}

/// What stands in which feed, each with its folder.
async fn select(site: &Site, cards: &[Card]) -> anyhow::Result<(FeedSite, Vec<Selection>)> {
    let config = &site.config;
    let topics = feeds::topics(cards, &config.site, &config.feeds);
    let slugs = slugs(site, &topics).await?;
    let mut selections = feeds::selections(cards, topics, &slugs, &config.feeds);
    selections.extend(own::selections(site, cards).await?);
    let feed_site = FeedSite {
        id: site.id,
        site: config.site.clone(),
        feeds: config.feeds.clone(),
        hubs: hubs(config),
        slugs,
    };
    Ok((feed_site, selections))
}

/// The paths of all documents that are to stand, whether or not they can be written now.
fn wanted(selections: &[Selection]) -> HashSet<String> {
    let formats = [Format::Rss, Format::Atom, Format::Json];
    let documents = selections
        .iter()
        .flat_map(|selection| formats.map(|format| selection.path(format)));
    documents.chain([Format::Opml.file_name().to_owned()]).collect()
}

/// The hubs that are told of changes, for readers to subscribe at.
fn hubs(config: &Config) -> Vec<Url> {
    config
        .pings
        .iter()
        .filter(|ping| ping.kind == PingKind::Websub)
        .filter_map(|ping| match &ping.endpoint {
            Endpoint::Url(url) => Some(url.clone()),
            Endpoint::Folder(_) => None,
        })
        .collect()
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

/// So many feeds are made at once: enough that the disk is never waited for by all.
const AT_ONCE: usize = 4;

/// Makes the documents of a selection and brings them to disk.
async fn make(
    site: Site,
    pass: Arc<Pass>,
    feed_site: Arc<FeedSite>,
    selection: Selection,
) -> anyhow::Result<Vec<Result<Written, Problem>>> {
    let articles = site.store.articles(&selection.ids).await?;
    let write = move || match feeds::documents(&selection, &articles, &feed_site) {
        Ok(documents) => documents
            .into_iter()
            .map(|document| Ok(pass.write(document)))
            .collect(),
        Err(problem) => vec![Err(problem)],
    };
    Ok(tokio::task::spawn_blocking(write).await?)
}

/// What a pass writes, and what it found there.
struct Pass {
    dir: PathBuf,
    known: HashMap<String, FeedRow>,
    now: Instant,
}

/// A document that was brought to disk.
struct Written {
    path: String,
    hash: String,
    changed_at: Instant,
    /// Whether it was not on disk as it should be.
    anew: Result<bool, Problem>,
    /// Whether its content is another than before.
    changed: bool,
    /// For a feed that changed: who has to be told.
    told: Option<ChangedFeed>,
}

impl Pass {
    /// Writes a document where it is not on disk as it should be. Blocks.
    fn write(&self, document: Document) -> Written {
        let row = self.known.get(&document.path);
        let changed = row.is_none_or(|row| row.hash != document.hash);
        let at = match row {
            Some(row) if !changed => row.changed,
            // Later than before, though the clock was put back: by this alone some readers tell that
            // there is another version.
            Some(row) => self.now.max(row.changed + chrono::Duration::seconds(1)),
            None => self.now,
        };
        let before = row.map_or(0, |row| row.changed.timestamp());
        Written {
            anew: folder::put(&self.dir.join(&document.path), &document.at(at), at),
            told: (changed && document.format.is_feed()).then(|| ChangedFeed {
                url: document.self_url,
                version: format!("{before} {}", document.hash),
            }),
            path: document.path,
            hash: document.hash,
            changed_at: at,
            changed,
        }
    }

    /// Takes away what earlier passes wrote and nothing stands in any more.
    async fn remove_all_but(&self, wanted: &HashSet<String>, report: &mut FeedsReport) -> anyhow::Result<()> {
        let mut gone: Vec<&String> = self.known.keys().filter(|path| !wanted.contains(*path)).collect();
        gone.sort();
        for path in gone {
            let (dir, relative) = (self.dir.clone(), path.clone());
            match tokio::task::spawn_blocking(move || folder::remove(&dir, &relative)).await? {
                Ok(()) => report.removed.push(path.clone()),
                Err(problem) => report.problems.push(problem),
            }
        }
        Ok(())
    }
}

impl FeedsReport {
    /// Enters a document that was written, or why not.
    fn enter(&mut self, written: Result<Written, Problem>) {
        let anew = written.and_then(|written| match written.anew {
            Ok(anew) => Ok((anew, written)),
            Err(problem) => Err(problem),
        });
        let (anew, written) = match anew {
            Ok(written) => written,
            Err(problem) => return self.problems.push(problem),
        };
        if anew {
            self.written.push(written.path.clone());
        } else {
            self.unchanged += 1;
        }
        self.changed.extend(written.told);
        if written.changed {
            self.rows.push(FeedRow {
                path: written.path,
                hash: written.hash,
                changed: written.changed_at,
            });
        }
    }
}
