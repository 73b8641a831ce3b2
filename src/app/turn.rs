//! The making half of a pass, before anything leaves: sources are read, feeds written, pings and
//! editions planned. A pass makes one turn; the service keeps making them.

use super::editions::{EditionsReport, Facts};
use super::intake::{Rhythm, SourceReport};
use super::report::FeedsWritten;
use super::templates::{self, Sets};
use super::{Site, editions, feeds, intake, pings, subscribers};
use crate::articles::state::Stored;
use crate::clock::Instant;
use crate::digests::{self, EditionFacts};
use crate::problem::Problem;
use tokio::sync::watch;

/// What taking in has come to.
#[derive(Debug, Default)]
pub struct TakenIn {
    pub sources: Vec<SourceReport>,
    pub feeds: FeedsWritten,
    pub problems: Vec<Problem>,
    /// Whether a source has more to read at once.
    pub more: bool,
}

/// Reads the sources and the lists of readers, writes the feeds that changed, and enters the pings
/// that follow from that.
///
/// # Errors
/// Where the store fails; what fails by itself is in the report.
pub async fn take_in(site: &Site, now: Instant, rhythm: Rhythm) -> anyhow::Result<TakenIn> {
    let read = intake::run(site, now, rhythm).await?;
    let readers = subscribers::run(site, now).await?;
    let written = feeds::run(site, now).await?;
    pings::plan(site, now, &written.changed).await?;
    feeds::settle(site, &written).await?;
    Ok(TakenIn {
        sources: read.sources,
        feeds: FeedsWritten {
            written: written.written,
            unchanged: written.unchanged,
        },
        more: read.more,
        problems: [read.problems, readers.problems, written.problems].concat(),
    })
}

/// Plans and fills the editions that are due, and with `wish` one of that digest at once; tells
/// `filled` of each chunk. Where the templates cannot be read no edition is touched.
///
/// # Errors
/// Where the store fails; a digest that is not in the configuration.
pub async fn plan_editions(
    site: &Site,
    now: Instant,
    wish: Option<&str>,
    filled: &watch::Sender<()>,
) -> anyhow::Result<EditionsReport> {
    let config = &site.config;
    let sets = read_templates(site).await?;
    let named = feeds::named(config);
    let render = |facts: &Facts<'_>, articles: &[Stored], headlines: &[Stored], language: &str| {
        let templates = templates::set(&sets, &facts.digest.template)?;
        let edition = EditionFacts {
            digest: facts.digest,
            site: &config.site,
            public_url: &config.http.public_url,
            number: facts.number,
            name: facts.name,
            variant: facts.variant,
            language,
            starts: facts.starts,
            period_from: facts.previous,
            period_to: facts.starts,
            feeds: &named,
        };
        let frozen = digests::render(templates, &edition, articles, headlines)?;
        serde_json::to_string(&frozen)
            .map_err(|error| Problem::error("template", format!("the mail cannot be kept: {error}")))
    };
    editions::plan_and_fill(site, now, wish, &render, filled).await
}

async fn read_templates(site: &Site) -> anyhow::Result<Sets> {
    let config = site.config.clone();
    Ok(tokio::task::spawn_blocking(move || templates::of_digests(&config)).await?)
}
