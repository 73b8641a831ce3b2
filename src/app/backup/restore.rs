//! `tidings restore`: a backup becomes the store again, in an empty place, and no reader gets mail
//! before the operator has accepted that what was sent after the backup is not known.

use super::archive::{self, Header};
use super::{CONFIG, SECRET, STORE, TEMPLATES, TableReport};
use crate::app::open::secret_file;
use crate::app::{Site, intake};
use crate::clock::{Clock, Instant, rfc3339};
use crate::config::Config;
use crate::config::environment::Environment;
use crate::config::values::StoreUrl;
use crate::files::{Draft, folder_of, private_folder};
use crate::problem::{Problem, Severity};
use crate::store::dump::Refill;
use crate::store::{StoreError, facts};
use anyhow::Context;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

/// What was restored.
#[derive(Debug, Serialize)]
pub struct RestoreReport {
    pub file: String,
    pub made: String,
    pub tables: Vec<TableReport>,
    /// Files that were missing and are there now.
    pub written: Vec<String>,
    /// Files that were there and stay as they are.
    pub left: Vec<String>,
}

/// A piece of a table on its way from the file to the store.
type Piece = (String, Vec<u8>);

/// Restores a backup into the store that the configuration names, or where there is no configuration,
/// the backup's own.
///
/// # Errors
/// What is no whole backup; a store or another secret that is there already; a wrong configuration
/// (the problems of it); those of the store. Then nothing is there that was not there before.
pub async fn run(
    config_file: &Path,
    environment: &Environment,
    clock: Clock,
    file: &Path,
) -> anyhow::Result<Result<RestoreReport, Vec<Problem>>> {
    let from = file.to_owned();
    let (header, files) = tokio::task::spawn_blocking(move || check(&from)).await??;
    let config = match configuration(config_file, environment, &files) {
        Ok(config) => config,
        Err(problems) => return Ok(Err(problems)),
    };
    let secret = secret_file(&config);
    check_secret(&secret, &files)?;
    let tables = match &config.store {
        StoreUrl::Postgres(_) => refill(&config.store, &header, file, clock).await?,
        StoreUrl::Sqlite(place) => sqlite(place, &header, file, clock).await?,
    };
    let mut report = RestoreReport {
        file: file.display().to_string(),
        made: header.made,
        tables,
        written: Vec::new(),
        left: Vec::new(),
    };
    for (name, bytes) in &files {
        let (place, is_private) = match name.as_str() {
            SECRET => (secret.clone(), true),
            CONFIG => (config.file.clone(), true),
            name => match below_templates(name) {
                Some(relative) => (config.templates.join(relative), false),
                None => continue,
            },
        };
        match put(&place, bytes, is_private).with_context(|| place.display().to_string())? {
            true => report.written.push(place.display().to_string()),
            false => report.left.push(place.display().to_string()),
        }
    }
    Ok(Ok(report))
}

/// Reads all of the file once, so that nothing is begun with one that is not whole.
fn check(file: &Path) -> anyhow::Result<(Header, BTreeMap<String, Vec<u8>>)> {
    let mut files = BTreeMap::new();
    let header = archive::read(file, |_, name, bytes| {
        if table_of(&name).is_none() {
            files.insert(name, bytes);
        }
        Ok(())
    })?;
    Ok((header, files))
}

/// The table that an entry holds a piece of.
fn table_of(name: &str) -> Option<&str> {
    let (folder, rest) = name.split_once('/')?;
    let (table, _) = rest.split_once('/')?;
    (folder == STORE).then_some(table)
}

/// Where a template goes; `None`: it would leave the folder.
fn below_templates(name: &str) -> Option<PathBuf> {
    let path = Path::new(name.strip_prefix(TEMPLATES)?.strip_prefix('/')?);
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    path.components().all(is_plain).then(|| path.to_owned())
}

fn configuration(
    file: &Path,
    environment: &Environment,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Config, Vec<Problem>> {
    let kept = files
        .get(CONFIG)
        .and_then(|bytes| std::str::from_utf8(bytes).ok());
    match kept.filter(|_| !file.exists()) {
        Some(text) => Config::read(file, text, environment),
        None => Config::load(file, environment),
    }
}

fn check_secret(place: &Path, files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    let there = match std::fs::read(place) {
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(()),
        other => other.with_context(|| place.display().to_string())?,
    };
    if files.get(SECRET) == Some(&there) {
        return Ok(());
    }
    Err(
        Problem::error("secret-there", "a secret is there that is not the backup's")
            .file(place)
            .hint("move it aside, with the store it belongs to")
            .into(),
    )
}

/// The file is made beside its place, and moved there when all of it is on disk.
async fn sqlite(
    place: &Path,
    header: &Header,
    file: &Path,
    clock: Clock,
) -> anyhow::Result<Vec<TableReport>> {
    if place.exists() {
        return Err(there(Some(place)).into());
    }
    let folder = folder_of(place);
    let context = || format!("the store {} cannot be made", place.display());
    private_folder(folder).with_context(context)?;
    let workshop = tempfile::Builder::new()
        .prefix(".tidings-restore-")
        .tempdir_in(folder)
        .with_context(context)?;
    let unfinished = workshop.path().join("tidings.db");
    let tables = refill(&StoreUrl::Sqlite(unfinished.clone()), header, file, clock).await?;
    std::fs::File::open(&unfinished)
        .and_then(|file| file.sync_all())
        .with_context(context)?;
    match std::fs::hard_link(&unfinished, place) {
        Err(why) if why.kind() == ErrorKind::AlreadyExists => return Err(there(Some(place)).into()),
        // Not every file system knows links.
        Err(_) => std::fs::rename(&unfinished, place).with_context(context)?,
        Ok(()) => {}
    }
    Ok(tables)
}

async fn refill(
    url: &StoreUrl,
    header: &Header,
    file: &Path,
    clock: Clock,
) -> anyhow::Result<Vec<TableReport>> {
    let mut refill = match Refill::begin(url, header.schema).await {
        Err(StoreError::There) => return Err(there(None).into()),
        other => other?,
    };
    let (give, mut pieces) = tokio::sync::mpsc::channel::<Piece>(2);
    let from = file.to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        archive::read(&from, |_, name, bytes| match table_of(&name) {
            Some(table) => Ok(give.blocking_send((table.to_owned(), bytes))?),
            None => Ok(()),
        })
    });
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    while let Some((name, bytes)) = pieces.recv().await {
        let table = header.tables.iter().find(|table| table.name == name);
        let table = table.ok_or(StoreError::NoTable(name))?;
        let values: Vec<serde_json::Value> = serde_json::Deserializer::from_slice(&bytes)
            .into_iter()
            .collect::<Result<_, _>>()
            .with_context(|| format!("the rows of {}", table.name))?;
        *counts.entry(table.name.clone()).or_default() += values.len() as u64;
        refill.enter(table, values).await?;
    }
    // The file may have changed since it was checked.
    reading.await??;
    let now = clock.now();
    let why = format!(
        "restored at {} from a backup made at {}",
        rfc3339(now),
        header.made
    );
    refill
        .finish(async |tx| tx.hold_restored(&why, now).await)
        .await?;
    let report = |table: &crate::store::dump::Table| TableReport {
        name: table.name.clone(),
        rows: counts.get(&table.name).copied().unwrap_or(0),
    };
    Ok(header.tables.iter().map(report).collect())
}

fn there(file: Option<&Path>) -> Problem {
    let problem =
        Problem::error("store-there", "a store is there already, and is left as it is").key("store.url");
    match file {
        Some(file) => problem
            .file(file)
            .hint("stop the service, move the folder with store and secret aside, and restore again"),
        None => problem.hint("name an empty database in store.url"),
    }
}

/// Writes a file where there is none; whether it did.
fn put(place: &Path, bytes: &[u8], is_private: bool) -> std::io::Result<bool> {
    if place.exists() {
        return Ok(false);
    }
    match is_private {
        true => private_folder(folder_of(place))?,
        false => std::fs::create_dir_all(folder_of(place))?,
    }
    let mut draft = Draft::beside(place)?;
    draft.file().write_all(bytes)?;
    match draft.place_new() {
        Err(why) if why.kind() == ErrorKind::AlreadyExists => Ok(false),
        other => other.map(|()| true),
    }
}

/// Why no reader gets mail, as every pass says it.
///
/// # Errors
/// Those of the store.
pub async fn held(site: &Site) -> anyhow::Result<Option<Problem>> {
    let why = site.store.restored().await?;
    Ok(why.map(|why| {
        Problem::error(
            "sending-held",
            format!("no reader gets mail: the store was {why}, and what was sent since then is not known"),
        )
        .hint("tidings restore --accept counts everything that is published now as sent, and lets mail go on")
        .blocking_mail()
    }))
}

/// Counts everything that is published now as sent to all readers, and lets mail go on. `false`: it was
/// not held. The sources are read first: what they have may have been sent.
///
/// # Errors
/// A source or an article that cannot be read (`restore-unread`): it would look new later. Those of the
/// store.
pub async fn accept(site: &Site) -> anyhow::Result<bool> {
    if site.store.restored().await?.is_none() {
        return Ok(false);
    }
    let newest = site.store.fact_instant(facts::NEWEST_PASS).await?;
    let now: Instant = newest.map_or(site.clock.now(), |newest| newest.max(site.clock.now()));
    let read = intake::run(site, now, intake::Rhythm::EachPass).await?;
    let mut unread = read
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error);
    if let Some(first) = unread.next() {
        let more = unread.count();
        let message = format!("{first}, and {more} more: what cannot be read now would be sent as new later");
        return Err(Problem::error("restore-unread", message)
            .hint("mend it, or leave it out with `exclude`, and accept again")
            .into());
    }
    if !read.unread.is_empty() {
        let names = read.unread.join(", ");
        let message = format!("{names}: not all of it is read yet, and the rest would be sent as new later");
        return Err(Problem::error("restore-unread", message)
            .hint("accept again: each time goes on with it; a server that asked to be left alone is asked later")
            .into());
    }
    // Accepting is no pass.
    if let Some(newest) = newest {
        let newest = newest.timestamp().to_string();
        site.store.set_fact(facts::NEWEST_PASS, &newest).await?;
    }
    Ok(site.store.accept_restored().await?)
}
