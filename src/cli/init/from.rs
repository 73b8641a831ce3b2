//! `tidings init --from`: a site that moves here. What there is is looked at, written down as a source,
//! and brought in as known: nobody is told of it.

use super::draft::{Document, Named, Words, drafts, make, next, text};
use crate::app::intake::{Rhythm, SourceReport};
use crate::app::moving::{self, Found};
use crate::app::{Site, turn};
use crate::cli::output::{self, Exit, WrongUse};
use crate::clock::Clock;
use crate::config::values::{base_url, below, is_language};
use crate::config::{Config, HttpClient, OldSystem, Origin, SourceKind, environment};
use crate::problem::{Problem, Severity};
use crate::sources::About;
use anyhow::Context;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What `--json` prints.
#[derive(Serialize)]
struct Moved<'a> {
    #[serde(flatten)]
    made: Document<'a>,
    found: FoundOut<'a>,
    /// As a pass reports them.
    sources: Vec<SourceReport>,
    errors: Vec<Problem>,
}

#[derive(Serialize)]
struct FoundOut<'a> {
    kind: SourceKind,
    what: &'a str,
    system: Option<&'a str>,
    title: Option<&'a str>,
    url: Option<&'a str>,
}

pub(super) async fn run(
    dir: &Path,
    from: &str,
    named: &Named,
    json: bool,
    quiet: bool,
) -> anyhow::Result<Exit> {
    let reach = HttpClient {
        allow: Vec::new(),
        timeout: std::time::Duration::from_secs(20),
    };
    let mut found = moving::look(from, &reach)
        .await
        .map_err(|problem| WrongUse(vec![problem]))?;
    if let Origin::Path(path) = &found.origin {
        found.about = told(moving::about(path, &found).await, &found.about);
    }
    let origin = settled(dir, &found)?;
    let words = words(named, &found, &origin);
    let drafts = drafts(&words)?;
    make(dir, &drafts)?;
    bring(dir, &found, &origin)?;
    let taken_in = take_in(dir).await?;
    let problems: Vec<Problem> = found.warnings.iter().cloned().chain(taken_in.problems).collect();
    let failed = problems.iter().any(|problem| problem.severity == Severity::Error);
    if json {
        output::json(&Moved {
            made: Document {
                made: drafts.iter().map(|(path, _)| path.as_path()).collect(),
            },
            found: shown(&found),
            sources: taken_in.sources,
            errors: problems,
        })?;
    } else {
        if !quiet {
            output::print(&summary(
                dir,
                &found,
                &taken_in.sources,
                taken_in.feeds.written.len(),
            ))?;
        }
        output::problems(&problems);
    }
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// What its articles say of the site counts where its configuration says nothing.
fn told(articles: About, own: &About) -> About {
    About {
        system: own.system.clone().or(articles.system),
        title: own.title.clone().or(articles.title),
        url: own.url.clone().or(articles.url),
        description: own.description.clone().or(articles.description),
        language: own.language.clone().or(articles.language),
        timezone: own.timezone.clone().or(articles.timezone),
        ..About::default()
    }
}

/// Where the source is, seen from the new site. A single file is copied into it, so that it stays.
fn settled(dir: &Path, found: &Found) -> anyhow::Result<Origin> {
    let Origin::Path(path) = &found.origin else {
        return Ok(found.origin.clone());
    };
    if path.is_file() {
        let name = path.file_name().context("the file has no name")?;
        return Ok(Origin::Path(Path::new("import").join(name)));
    }
    let real = std::fs::canonicalize(path)?;
    let inside = std::fs::canonicalize(dir)
        .ok()
        .and_then(|dir| Some(real.strip_prefix(dir).ok()?.to_owned()));
    Ok(Origin::Path(match inside {
        Some(path) if path.as_os_str().is_empty() => PathBuf::from("."),
        Some(path) => path,
        None => real,
    }))
}

fn bring(dir: &Path, found: &Found, origin: &Origin) -> anyhow::Result<()> {
    let (Origin::Path(from), Origin::Path(to)) = (&found.origin, origin) else {
        return Ok(());
    };
    if !from.is_file() {
        return Ok(());
    }
    let to = below(dir, to);
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::copy(from, &to).with_context(|| format!("{} cannot be copied into the site", from.display()))?;
    Ok(())
}

fn words(named: &Named, found: &Found, origin: &Origin) -> Words {
    let about = &found.about;
    let good = |url: &String| base_url(url).is_ok();
    let line = |text: &Option<String>| {
        text.as_deref()
            .map(crate::articles::text::one_line)
            .filter(|text| !text.is_empty())
    };
    let own = Words::of(named);
    Words {
        title: named.title.clone().or(line(&about.title)).unwrap_or(own.title),
        url: named
            .url
            .clone()
            .or(about.url.clone().filter(good))
            .unwrap_or(own.url),
        description: line(&about.description).unwrap_or_default(),
        language: about
            .language
            .clone()
            .filter(|tag| is_language(tag))
            .unwrap_or(own.language),
        timezone: about
            .timezone
            .clone()
            .filter(|name| name.parse::<chrono_tz::Tz>().is_ok())
            .unwrap_or(own.timezone),
        sources: source(found, origin),
        old_urls: OldSystem::ALL
            .iter()
            .filter(|(_, old)| found.old == Some(*old))
            .map(|(name, _)| *name)
            .collect(),
        first_edition: 0,
    }
}

/// The table of the source.
fn source(found: &Found, origin: &Origin) -> String {
    let kind = text(found.kind.name());
    let mut table = format!("[sources.{}]\nkind = {kind}\n", name(found.kind));
    match origin {
        Origin::Path(path) => table.push_str(&format!("path = {}\n", text(&path.to_string_lossy()))),
        Origin::Url(url) => table.push_str(&format!("url = {}\n", text(url.as_str()))),
    }
    if let Some(template) = &found.url_template {
        table.push_str(&format!("url_template = {}\n", text(template)));
    }
    if !found.include.is_empty() {
        let globs: Vec<String> = found.include.iter().map(|glob| text(glob)).collect();
        table.push_str(&format!("include = [{}]\n", globs.join(", ")));
    }
    table
}

fn name(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Markdown => "posts",
        kind => kind.name(),
    }
}

/// The first pass, without mail: all that is there becomes known, and the feeds are written.
async fn take_in(dir: &Path) -> anyhow::Result<turn::TakenIn> {
    let config = Config::load(&below(dir, "config.toml"), &environment::of_process()).map_err(WrongUse)?;
    let (site, _) = Site::open(config, Clock::System).await?;
    let now = site.clock.now();
    turn::take_in(&site, now, Rhythm::EachPass).await
}

fn shown(found: &Found) -> FoundOut<'_> {
    FoundOut {
        kind: found.kind,
        what: &found.what,
        system: found.about.system.as_deref(),
        title: found.about.title.as_deref(),
        url: found.about.url.as_deref(),
    }
}

fn summary(dir: &Path, found: &Found, sources: &[SourceReport], feeds: usize) -> String {
    let about = &found.about;
    let called = [&about.title, &about.url]
        .into_iter()
        .flatten()
        .map(|text| format!(", {text}"));
    let mut text = format!("Found     {}{}\n", found.what, called.collect::<String>());
    for source in sources {
        let articles = output::count(source.new as u64, "article", "articles");
        let failed = match source.failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        text.push_str(&format!(
            "Articles  {}: {articles} brought in{failed}; nobody is told of them\n",
            source.name
        ));
    }
    text.push_str(&format!("Feeds     {feeds} written\n"));
    text.push_str(&format!("A new site in {}. Next:\n{}", dir.display(), next(dir)));
    text
}
