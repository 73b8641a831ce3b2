//! Everything that can be known to be wrong before a pass meets it. Nothing is written but the
//! store's own tables where the store is there already; nothing is sent.
//!
//! Each check is a small function that gives problems; `offline` and `online` are their lists.

mod folders;
mod online;

use super::{Site, editions, pings, subscribers, templates};
use crate::articles::identity;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::environment::Environment;
use crate::config::values::StoreUrl;
use crate::delivery::relay::Transport;
use crate::digests;
use crate::problem::{Problem, Severity};
use crate::sources::{self, Past};
use crate::web;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// A problem of this run, or one that an earlier pass has kept.
pub type Found = Problem<String>;

/// What a check has found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// The worst first.
    pub problems: Vec<Found>,
    /// Whether the configuration could be read.
    pub is_configured: bool,
}

impl CheckReport {
    /// Whether something is wrong that stops something.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }
}

/// Runs all checks. `online`: those too that ask others.
///
/// # Errors
/// Where a check itself ends badly; what it looks at is in the report.
pub async fn run(
    file: &Path,
    environment: &Environment,
    clock: Clock,
    online: bool,
) -> anyhow::Result<CheckReport> {
    let config = match Config::load(file, environment) {
        Ok(config) => Arc::new(config),
        Err(problems) => return Ok(report(problems.into_iter().map(Into::into).collect(), false)),
    };
    let (id, mut found) = store(&config, clock).await;
    let of = config.clone();
    let offline = tokio::task::spawn_blocking(move || offline(&of, id)).await?;
    let mut fresh = [config.warnings.clone(), offline].concat();
    if online {
        fresh.extend(online::all(&config, id, clock.now()).await?);
    }
    found.retain(|kept| !is_consequence(kept, &fresh));
    found.splice(0..0, fresh.into_iter().map(Into::into));
    Ok(report(found, true))
}

/// Whether a pass has only met what a folder that cannot be written leads to.
fn is_consequence(kept: &Found, fresh: &[Problem]) -> bool {
    let Some(file) = kept
        .file
        .as_deref()
        .filter(|_| kept.code.ends_with("-unwritable"))
    else {
        return false;
    };
    fresh
        .iter()
        .filter(|problem| problem.code == "unwritable-folder")
        .filter_map(|problem| problem.file.as_deref())
        .any(|folder| Path::new(file).starts_with(folder))
}

/// The worst first; what is said twice, once.
fn report(problems: Vec<Found>, is_configured: bool) -> CheckReport {
    let mut said = HashSet::new();
    let mut problems: Vec<Found> = problems
        .into_iter()
        .filter(|problem| {
            said.insert((
                problem.code.clone(),
                problem.file.clone(),
                problem.message.clone(),
            ))
        })
        .collect();
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    CheckReport {
        problems,
        is_configured,
    }
}

/// All that needs neither the store nor the network. Blocks.
fn offline(config: &Config, id: Uuid) -> Vec<Problem> {
    [
        addresses(config),
        nothing_to_do(config),
        folders::all(config),
        articles(config, id),
        mails(config),
        relay(config),
        config.http.tls.iter().filter_map(web::tls_problem).collect(),
        subscribers::problems(config),
    ]
    .concat()
}

/// The store: whether it opens, and what passes have reported and not seen mended. One that is not
/// there yet is made by the first pass, not here.
async fn store(config: &Arc<Config>, clock: Clock) -> (Uuid, Vec<Found>) {
    let wanted = config
        .site
        .id
        .unwrap_or_else(|| identity::site_id(&config.site.url));
    if matches!(&config.store, StoreUrl::Sqlite(file) if !file.exists()) {
        return (wanted, Vec::new());
    }
    let (site, problems) = match Site::open(config.as_ref().clone(), clock).await {
        Ok(opened) => opened,
        Err(error) => return (wanted, vec![unopened(error).into()]),
    };
    let mut found: Vec<Found> = problems.into_iter().map(Into::into).collect();
    match kept(&site).await {
        Ok(kept) => found.extend(kept),
        Err(error) => found.push(unopened(error).into()),
    }
    (site.id, found)
}

/// What passes have reported, and what is so now, whatever passes have said of it: the editions that wait
/// for the operator, the endpoints that let nothing through.
async fn kept(site: &Site) -> anyhow::Result<Vec<Found>> {
    let reported = site.store.reported().await?.into_iter();
    let is_now =
        |found: &Found| editions::WAITING.contains(&found.code.as_str()) || found.code == pings::QUIET;
    let mut kept: Vec<Found> = reported.filter(|found| !is_now(found)).collect();
    kept.extend(editions::waiting(site).await?.into_iter().map(Into::into));
    let quiet = pings::quiet_problems(site).await?;
    kept.extend(quiet.into_iter().map(Into::into));
    Ok(kept)
}

fn unopened(error: anyhow::Error) -> Problem {
    match error.downcast::<Problem>() {
        Ok(problem) => problem,
        Err(error) => Problem::error("store", format!("{error:#}"))
            .key("store.url")
            .hint("nothing can be published until it opens"),
    }
}

/// What readers see of the site's addresses.
fn addresses(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    if config.digests.is_empty() {
        return problems;
    }
    if config.http.public_url.scheme() != "https" {
        let message = format!(
            "{} is not https: mails go without one-click unsubscribe",
            config.http.public_url
        );
        problems.push(
            Problem::warning("public-url", message)
                .file(&config.file)
                .key("http.public_url")
                .hint("large mailbox providers ask for it in bulk mail: put the service behind https"),
        );
    }
    if config.site.postal_address.is_none() {
        problems.push(
            Problem::warning("postal-address", "mails do not say where their sender is")
                .file(&config.file)
                .key("site.postal_address")
                .hint("many countries ask for it in bulk mail"),
        );
    }
    problems
}

fn nothing_to_do(config: &Config) -> Vec<Problem> {
    if !config.sources.is_empty() {
        return Vec::new();
    }
    let problem = Problem::warning("no-source", "there is no source, so there are no articles")
        .file(&config.file)
        .key("sources");
    vec![problem.hint("write [sources.posts] with kind = \"markdown\" and path = \"articles\"")]
}

/// Reads every source as a pass would.
fn articles(config: &Config, id: Uuid) -> Vec<Problem> {
    let scans = config
        .sources
        .iter()
        .map(|source| sources::read(source, &config.site, id, &Past::default()));
    scans
        .flat_map(|scan| {
            let failed = scan.failed.into_iter().map(|failed| failed.problem);
            failed.chain(scan.warnings).collect::<Vec<_>>()
        })
        .collect()
}

/// Whether mail could leave as the configuration says.
fn relay(config: &Config) -> Vec<Problem> {
    Transport::new(&config.smtp).err().into_iter().collect()
}

/// Renders every digest's templates with samples.
fn mails(config: &Config) -> Vec<Problem> {
    let of_digests = templates::of_digests(config).into_values();
    let mut problems: Vec<Problem> = of_digests
        .flat_map(|read| read.map_or_else(|problems| problems, |read| digests::check::check(&read)))
        .collect();
    if config.operator.mail.is_some() {
        let read = templates::read(&config.templates, "alert");
        problems.extend(read.map_or_else(|problems| problems, |read| digests::alert::check(&read)));
    }
    problems
}
