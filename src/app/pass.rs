//! A pass: one run through all that is due. Each step is durable by itself and can be begun again,
//! so a pass that is stopped anywhere is carried on by the next one.

use super::delivery::DeliveryReport;
use super::editions::{EditionsReport, Facts};
use super::pings::PingsReport;
use super::report::{FeedsWritten, PassReport, PingReport, Verdict};
use super::{Site, delivery, editions, feeds, intake, pings, scratch, subscribers, templates};
use crate::articles::state::Stored;
use crate::clock::Instant;
use crate::config::Config;
use crate::config::values::{Endpoint, TransportUrl};
use crate::digests::templates::Templates;
use crate::digests::{self, EditionFacts};
use crate::problem::{Problem, Severity};
use crate::store::pings::Waiting;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// While one of these lasts, mail waits: every pass says so by its exit status, not the first alone.
const BLOCKS_MAIL: [&str; 8] = [
    "edition-held",
    "maildir-unwritable",
    "relay-refused",
    "relay-unreachable",
    "smtp-ca",
    "smtp-login",
    "smtp-tls",
    "template",
];

/// What the operator wishes beside what is due.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// An edition of this digest at once.
    pub now: Option<String>,
    /// Only say what would be done.
    pub dry_run: bool,
}

/// Makes one pass. `problems` are those that opening the site has found.
///
/// # Errors
/// Where the store fails, or the wish cannot be understood; all else is in the report.
pub async fn publish(site: &Site, problems: Vec<Problem>, wish: &Wish) -> anyhow::Result<PassReport> {
    if !wish.dry_run {
        return run(site, problems, wish).await;
    }
    let scratch = scratch::Scratch::of(site).await?;
    let report = run(&scratch.site, problems, wish).await;
    scratch.remove().await?;
    report
}

async fn run(site: &Site, problems: Vec<Problem>, wish: &Wish) -> anyhow::Result<PassReport> {
    let now = site.clock.now();
    let taken_in = intake::run(site, now).await?;
    let readers = subscribers::run(site, now).await?;
    let written = feeds::run(site, now).await?;
    pings::plan(site, now, &written.changed).await?;
    feeds::settle(site, &written).await?;
    let planned = plan_editions(site, now, wish.now.as_deref()).await?;
    let (delivered, pinged) = if wish.dry_run {
        waiting(site, now).await?
    } else {
        let (delivered, pinged) = tokio::join!(delivery::run(site, now), pings::run(site, now));
        (delivered?, pinged?)
    };
    editions::close(&site.store, now).await?;
    let found = [
        problems,
        taken_in.problems,
        readers.problems,
        written.problems,
        planned.problems,
        delivered.problems,
        pinged.problems,
    ]
    .concat();
    let verdict = judge(site, &found, now).await?;
    let mut report = PassReport {
        sources: taken_in.sources,
        feeds: FeedsWritten {
            written: written.written,
            unchanged: written.unchanged,
        },
        editions: planned.editions,
        skipped: planned.skipped,
        deliveries: delivered.counts,
        pings: pinged.pings,
        look_at: Vec::new(),
        errors: found,
        verdict,
    };
    report.look_at = places(site, &report);
    Ok(report)
}

/// What would be sent and pinged now, for a dry run.
async fn waiting(site: &Site, now: Instant) -> anyhow::Result<(DeliveryReport, PingsReport)> {
    let mut delivered = DeliveryReport::default();
    delivered.counts.queued = u64::try_from(site.store.queued_deliveries().await?)?;
    let due = site.store.due_pings(now).await?;
    let queued = |ping: Waiting| PingReport {
        endpoint: ping.endpoint,
        state: "queued".to_owned(),
        answer: None,
    };
    let pinged = PingsReport {
        pings: due.into_iter().map(queued).collect(),
        ..PingsReport::default()
    };
    Ok((delivered, pinged))
}

/// Plans and fills what is due. Where the templates cannot be read no edition is touched.
async fn plan_editions(site: &Site, now: Instant, wish: Option<&str>) -> anyhow::Result<EditionsReport> {
    let config = &site.config;
    let sets = read_templates(config).await?;
    let render = |facts: &Facts<'_>, articles: &[Stored], headlines: &[Stored], language: &str| {
        let templates = set(&sets, &facts.digest.template)?;
        let edition = EditionFacts {
            digest: facts.digest,
            site: &config.site,
            public_url: &config.http.public_url,
            number: facts.number,
            name: facts.name,
            language,
            starts: facts.starts,
            period_from: facts.previous,
            period_to: facts.starts,
        };
        let frozen = digests::render(templates, &edition, articles, headlines)?;
        serde_json::to_string(&frozen)
            .map_err(|error| Problem::error("template", format!("the mail cannot be kept: {error}")))
    };
    editions::plan_and_fill(site, now, wish, &render).await
}

/// The templates of each digest by name. What is wrong with them matters only to their editions.
type Sets = HashMap<String, Result<Templates, Problem>>;

async fn read_templates(config: &Config) -> anyhow::Result<Sets> {
    let folder = config.templates.clone();
    let names: HashSet<String> = config
        .digests
        .iter()
        .map(|digest| digest.template.clone())
        .collect();
    let read = move || {
        names
            .into_iter()
            .map(|name| (name.clone(), read_set(&folder, &name)))
            .collect()
    };
    Ok(tokio::task::spawn_blocking(read).await?)
}

/// An edition is held for one reason: the first problem; `check` lists them all.
fn read_set(folder: &Path, name: &str) -> Result<Templates, Problem> {
    let missing = || Problem::error("template", format!("the template \"{name}\" cannot be read"));
    templates::read(folder, name).map_err(|problems| problems.into_iter().next().unwrap_or_else(missing))
}

fn set<'a>(sets: &'a Sets, name: &str) -> Result<&'a Templates, Problem> {
    match sets.get(name) {
        Some(read) => read.as_ref().map_err(Problem::clone),
        None => Err(Problem::error(
            "template",
            format!("the template \"{name}\" was not read"),
        )),
    }
}

/// What of it is new decides the exit status; an unchanged failure was told before.
async fn judge(site: &Site, found: &[Problem], now: Instant) -> anyhow::Result<Verdict> {
    let new = site.store.report(found, now).await?;
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    let newly_failed = found
        .iter()
        .zip(new)
        .filter(|(problem, new)| *new && is_error(problem))
        .count();
    let mail_is_blocked = found
        .iter()
        .any(|problem| is_error(problem) && BLOCKS_MAIL.contains(&problem.code));
    Ok(Verdict {
        newly_failed,
        mail_is_blocked,
    })
}

/// Where to look for what this pass has made.
fn places(site: &Site, report: &PassReport) -> Vec<String> {
    let config = &site.config;
    let mut places = Vec::new();
    if !report.feeds.written.is_empty() {
        places.push(config.feeds.dir.clone());
    }
    if let TransportUrl::Maildir(folder) = &config.smtp.url
        && report.deliveries.sent > 0
    {
        places.push(folder.join("new"));
    }
    for ping in &config.pings {
        if let Endpoint::Folder(folder) = &ping.endpoint
            && !report.pings.is_empty()
            && !places.contains(folder)
        {
            places.push(folder.clone());
        }
    }
    places.iter().map(|place| place.display().to_string()).collect()
}
