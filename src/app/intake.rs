//! The first step of a pass: what the sources have now becomes what the store knows, and what is new
//! gets its announcement number.

mod write;

use super::Site;
use crate::articles::intake::{Counts, Finding, Reading};
use crate::clock::{Clock, Instant, rfc3339};
use crate::config::{self, Origin};
use crate::http::Client;
use crate::problem::Problem;
use crate::sources::remote::Web;
use crate::sources::{self, Scan};
use crate::store::facts;
use crate::telemetry::{metrics, progress};
use serde::Serialize;
use std::time::Duration;
use tokio::task::JoinHandle;
use write::{Left, write};

/// What a source's reading came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceReport {
    pub name: String,
    pub read: usize,
    pub new: usize,
    pub updated: usize,
    pub unchanged: usize,
    pub held: usize,
    pub removed: usize,
    pub failed: usize,
}

/// How often sources on the web are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// Whenever there is a pass: somebody wants one.
    EachPass,
    /// As often as each source's `every` says.
    Every,
}

/// What an intake did.
#[derive(Debug, Clone, Default)]
pub struct IntakeReport {
    /// In the order of the configuration.
    pub sources: Vec<SourceReport>,
    pub problems: Vec<Problem>,
    /// The ids of the articles that got their number, in its order.
    pub announced: Vec<String>,
    /// Whether a source has more to read at once.
    pub more: bool,
    /// The names of the sources that could not be read to their end now.
    pub unread: Vec<String>,
}

/// Reads every source and takes in what it has.
///
/// # Errors
/// Where the store fails, and where the pass is run as if it were before the newest one.
pub async fn run(site: &Site, now: Instant, rhythm: Rhythm) -> anyhow::Result<IntakeReport> {
    refuse_the_past(site, now).await?;
    let scans = read_all(site, now, rhythm).await?;
    let mut report = IntakeReport::default();
    let mut readings = Vec::with_capacity(scans.len());
    let mut left = Left::default();
    for scan in scans {
        if scan.readable {
            left.read.push(scan.source.clone());
        }
        left.notes.push((scan.source.clone(), scan.notes));
        report.more |= scan.more;
        if scan.more || scan.behind || !scan.readable {
            report.unread.push(scan.source.clone());
        }
        report.problems.extend(scan.warnings);
        readings.push(Reading {
            source: scan.source,
            articles: scan.articles,
            failed: scan.failed.iter().map(|failed| failed.path.clone()).collect(),
            unchanged: scan.unchanged,
            baseline: scan.baseline,
            partial: scan.partial,
            all_there: scan.all_there,
            readable: scan.readable,
        });
        report
            .problems
            .extend(scan.failed.into_iter().map(|failed| failed.problem));
    }
    let outcome = write(site, readings, left, now).await?;
    let findings = outcome.findings.iter();
    report
        .problems
        .extend(findings.map(|finding| problem(finding, &site.config)));
    report.announced = outcome.numbers.into_iter().map(|(id, _)| id).collect();
    report.sources = site
        .config
        .sources
        .iter()
        .zip(outcome.counts)
        .map(|(source, counts)| source_report(&source.name, &counts))
        .collect();
    Ok(report)
}

/// A pass as if it were then must not come before what has happened. A clock that is behind is no
/// reason to stop: the numbers keep the order.
async fn refuse_the_past(site: &Site, now: Instant) -> anyhow::Result<()> {
    let Clock::Fixed(_) = site.clock else {
        return Ok(());
    };
    if let Some(newest) = site.store.fact_instant(facts::NEWEST_PASS).await?
        && now < newest
    {
        let newest = rfc3339(newest);
        return Err(Problem::error(
            "at-before-newest-pass",
            format!(
                "a pass as of {} would come before the newest one, of {newest}",
                rfc3339(now)
            ),
        )
        .key("--at")
        .hint(format!("give {newest} or later"))
        .into());
    }
    Ok(())
}

/// All sources at once, in the order of the configuration.
async fn read_all(site: &Site, now: Instant, rhythm: Rhythm) -> anyhow::Result<Vec<Scan>> {
    progress::sources(site.config.sources.len());
    let mut readings = Vec::with_capacity(site.config.sources.len());
    let is_on_the_web = |source: &config::Source| matches!(source.origin, Origin::Url(_));
    let client = match site.config.sources.iter().any(is_on_the_web) {
        true => Some(Client::new(&site.config.http_client, &site.config.site.url)?),
        false => None,
    };
    for (place, source) in site.config.sources.iter().enumerate() {
        readings.push(match (&source.origin, &client) {
            (Origin::Url(_), Some(client)) => on_the_web(site, place, client.clone(), now, rhythm).await?,
            _ => on_disk(site, place, now).await?,
        });
    }
    let mut scans = Vec::with_capacity(readings.len());
    for (reading, source) in readings.into_iter().zip(&site.config.sources) {
        let died = |error| (broken(source, &error), Duration::ZERO);
        let (scan, took) = reading.await.unwrap_or_else(died);
        tell(&scan, took);
        scans.push(scan);
    }
    Ok(scans)
}

/// A source's scan, and how long it took.
type Scanning = JoinHandle<(Scan, Duration)>;

async fn on_disk(site: &Site, place: usize, now: Instant) -> anyhow::Result<Scanning> {
    let config = site.config.clone();
    let id = site.id;
    let past = site.store.past(&config.sources[place].name).await?;
    Ok(tokio::task::spawn_blocking(move || {
        let began = std::time::Instant::now();
        let source = &config.sources[place];
        let mut scan = sources::read(source, &config.site, id, &past);
        sources::unread::settle(&mut scan, source, &past, now);
        progress::source_read();
        (scan, began.elapsed())
    }))
}

async fn on_the_web(
    site: &Site,
    place: usize,
    client: Client,
    now: Instant,
    rhythm: Rhythm,
) -> anyhow::Result<Scanning> {
    let config = site.config.clone();
    let site_id = site.id;
    let past = site.store.past(&config.sources[place].name).await?;
    Ok(tokio::spawn(async move {
        let began = std::time::Instant::now();
        let web = Web {
            client: &client,
            site: &config.site,
            site_id,
            past: &past,
            now,
            by_every: rhythm == Rhythm::Every,
        };
        let source = &config.sources[place];
        let mut scan = sources::remote::read(source, web).await;
        sources::unread::settle(&mut scan, source, &past, now);
        progress::source_read();
        (scan, began.elapsed())
    }))
}

fn tell(scan: &Scan, took: Duration) {
    metrics::source_read(scan.readable);
    let (source, articles, failed) = (&scan.source, scan.articles.len(), scan.failed.len());
    let duration_ms = took.as_millis() as u64;
    if scan.readable || failed == 0 {
        tracing::info!(source, articles, failed, duration_ms, "source read");
    } else {
        tracing::warn!(source, duration_ms, "source cannot be read");
    }
}

/// A source whose reading came to no end: as if its folder could not be listed.
fn broken(source: &config::Source, error: &tokio::task::JoinError) -> Scan {
    Scan {
        source: source.name.clone(),
        warnings: vec![
            Problem::error("source", format!("the source was not read to its end: {error}"))
                .file(source.origin.shown())
                .hint("a bug: report it; its articles stay as they were"),
        ],
        ..Scan::default()
    }
}

fn source_report(name: &str, counts: &Counts) -> SourceReport {
    SourceReport {
        name: name.to_owned(),
        read: counts.read,
        new: counts.new,
        updated: counts.updated,
        unchanged: counts.unchanged,
        held: counts.held,
        removed: counts.removed,
        failed: counts.failed,
    }
}

fn problem(finding: &Finding, config: &config::Config) -> Problem {
    let file = |source: &str, path: &str| {
        let found = config.sources.iter().find(|configured| configured.name == source);
        found.map_or_else(
            || path.into(),
            |source| match &source.origin {
                Origin::Path(folder) if folder.is_dir() => folder.join(path),
                origin => origin.shown().to_owned(),
            },
        )
    };
    match finding {
        Finding::SameUrl {
            source,
            url,
            kept,
            left_out,
        } => Problem::error(
            "same-url",
            format!("{left_out} and {kept} would both be {url}: {kept} stays, this one is left out"),
        )
        .file(&file(source, left_out))
        .hint("give one of them another slug or url"),
        Finding::SameId {
            source,
            id,
            kept,
            left_out,
        } => Problem::error(
            "same-id",
            format!("{left_out} and {kept} both state the id {id}: {kept} stays, this one is left out"),
        )
        .file(&file(source, left_out))
        .hint("an id belongs to one article for ever: give this one its own, or none"),
        Finding::Emptied { source, articles } => Problem::warning(
            "source-emptied",
            format!("none of the {articles} articles of {source} is there any more: they are out of all feeds"),
        )
        .key(format!("sources.{source}"))
        .hint(
            "if that is not meant, look whether its folder is mounted, or what its site lists; when they come \
             back they stand in the feeds again, and nobody is told of them twice",
        ),
        Finding::Held { source, articles } => Problem::warning(
            "articles-held",
            format!(
                "{articles} articles of {source} are held: they came together and most of them look like \
                 known ones or are old, so nobody is told of them"
            ),
        )
        .key(format!("sources.{source}"))
        .hint(format!("tidings articles release {source}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_source_whose_reading_dies_is_named() {
        let source = config::Source {
            name: "posts".to_owned(),
            kind: config::SourceKind::Markdown,
            origin: Origin::Path("articles".into()),
            key: None,
            url_template: None,
            include: Vec::new(),
            exclude: Vec::new(),
            every: std::time::Duration::from_secs(900),
        };
        let died = tokio::spawn(async { panic!("a bug") }).await;
        let scan = broken(&source, &died.unwrap_err());
        assert!(!scan.readable, "nothing of it counts as removed");
        let problem = &scan.warnings[0];
        assert_eq!(
            (problem.code, problem.file.as_deref()),
            ("source", Some("articles"))
        );
    }
}
