//! `tidings backup`: the store, its secret, the configuration and the templates as they are at one
//! instant, in one file that is there whole or not at all. The service goes on meanwhile.

mod archive;
pub mod restore;

use super::Site;
use super::open::secret_file;
use crate::clock::rfc3339;
use crate::files::Draft;
use crate::hash::hex;
use crate::problem::Problem;
use crate::store::dump::{Snapshot, Table};
use anyhow::Context;
use archive::{Header, Writer};
use serde::Serialize;
use std::io::ErrorKind;
use std::path::Path;

/// Rows are written in pieces of about so many bytes.
const PIECE: usize = 1024 * 1024;

/// Where things stand in the archive.
const SECRET: &str = "secret";
const CONFIG: &str = "config.toml";
const TEMPLATES: &str = "email-templates";
const STORE: &str = "store";

/// What a backup holds.
#[derive(Debug, Serialize)]
pub struct BackupReport {
    pub file: String,
    pub made: String,
    pub bytes: u64,
    /// Which secret is in it.
    pub key_id: String,
    pub tables: Vec<TableReport>,
    /// Beside the store.
    pub files: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableReport {
    pub name: String,
    pub rows: u64,
}

/// Makes a backup. `overwrite`: also in place of a file that is there.
///
/// # Errors
/// A file that is there (`file-there`) or cannot be written; those of the store.
pub async fn run(site: &Site, file: &Path, overwrite: bool) -> anyhow::Result<BackupReport> {
    if file.exists() && !overwrite {
        return Err(there(file).into());
    }
    let context = || format!("the backup {} cannot be written", file.display());
    let now = site.clock.now();
    let mut draft = Draft::beside(file).with_context(context)?;
    let mut snapshot = site.store.snapshot().await?;
    let tables = snapshot.tables.clone();
    let key_id = hex(&site.key.id());
    let made = rfc3339(now);
    let header = Header::new(
        made.clone(),
        site.id.to_string(),
        key_id.clone(),
        snapshot.schema,
        tables.clone(),
    );
    let out = draft.file().try_clone().with_context(context)?;
    let mut writer = Writer::begin(out, &header, now).with_context(context)?;
    let files = add_files(site, &mut writer).with_context(context)?;
    let mut counted = Vec::with_capacity(tables.len());
    for table in &tables {
        let rows = add_table(&mut snapshot, table, &mut writer)
            .await
            .with_context(context)?;
        let name = table.name.clone();
        counted.push(TableReport { name, rows });
    }
    drop(snapshot);
    writer.finish().with_context(context)?;
    let bytes = draft.file().metadata().with_context(context)?.len();
    place(draft, file, overwrite)?;
    Ok(BackupReport {
        file: file.display().to_string(),
        made,
        bytes,
        key_id,
        tables: counted,
        files,
    })
}

fn place(draft: Draft, file: &Path, overwrite: bool) -> anyhow::Result<()> {
    let placed = match overwrite {
        true => draft.replace(),
        false => draft.place_new(),
    };
    match placed {
        Err(why) if why.kind() == ErrorKind::AlreadyExists => Err(there(file).into()),
        other => other.with_context(|| format!("the backup {} cannot be written", file.display())),
    }
}

fn there(file: &Path) -> Problem {
    Problem::error("file-there", "a file of that name is there")
        .file(file)
        .hint("choose another name, or add --overwrite")
}

/// The secret, the configuration, the templates.
fn add_files(site: &Site, writer: &mut Writer) -> anyhow::Result<Vec<String>> {
    let config = &site.config;
    let mut files = vec![
        (SECRET.to_owned(), secret_file(config)),
        (CONFIG.to_owned(), config.file.clone()),
    ];
    // Links are followed, as when a mail is made.
    let templates = walkdir::WalkDir::new(&config.templates).follow_links(true);
    for entry in templates.sort_by_file_name() {
        let entry = match entry {
            // A folder that is not there is an empty one.
            Err(why) if why.depth() == 0 && is_missing(&why) => continue,
            other => other?,
        };
        let relative = entry.path().strip_prefix(&config.templates)?;
        if let Some(name) = relative.to_str().filter(|_| entry.file_type().is_file()) {
            files.push((format!("{TEMPLATES}/{name}"), entry.path().to_owned()));
        }
    }
    let mut names = Vec::with_capacity(files.len());
    for (name, path) in files {
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        writer.add(&name, &bytes)?;
        names.push(name);
    }
    Ok(names)
}

fn is_missing(why: &walkdir::Error) -> bool {
    why.io_error()
        .is_some_and(|why| why.kind() == ErrorKind::NotFound)
}

/// All rows of a table, a row a line; how many they are.
async fn add_table(snapshot: &mut Snapshot, table: &Table, writer: &mut Writer) -> anyhow::Result<u64> {
    let mut rows = snapshot.rows(table);
    let mut piece = String::new();
    let (mut count, mut pieces) = (0, 0);
    loop {
        let row = rows.next().await?;
        if let Some(row) = &row {
            // No line break stands in JSON but between its tokens.
            piece.push_str(&row.replace('\n', " "));
            piece.push('\n');
            count += 1;
        }
        if piece.len() >= PIECE || (row.is_none() && !piece.is_empty()) {
            pieces += 1;
            writer.add(
                &format!("{STORE}/{}/{pieces:06}.jsonl", table.name),
                piece.as_bytes(),
            )?;
            piece.clear();
        }
        if row.is_none() {
            return Ok(count);
        }
    }
}
