//! The file of a backup: a tar, gzipped, whose last entry lists all others with their checksums. What
//! has no such entry is cut off.

use crate::clock::Instant;
use crate::hash::sha256;
use crate::problem::Problem;
use crate::store::dump::Table;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// The first entry.
const HEADER: &str = "backup.json";
/// The last entry.
const MANIFEST: &str = "manifest.json";
/// The form that this program writes, and the newest that it reads.
const VERSION: u32 = 1;
const FORMAT: &str = "tidings-backup";
/// No entry is longer: rows come in pieces of a megabyte, and no row is that long.
const LONGEST: u64 = 256 * 1024 * 1024;

/// What the rows are and where they come from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Header {
    pub format: String,
    pub version: u32,
    /// RFC 3339.
    pub made: String,
    /// Of the program.
    pub tidings: String,
    pub site: String,
    /// Which secret belongs to the store.
    pub key_id: String,
    /// The newest migration of the store.
    pub schema: i64,
    pub tables: Vec<Table>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    name: String,
    bytes: u64,
    sha256: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Manifest {
    entries: Vec<Entry>,
}

impl Header {
    pub(super) fn new(made: String, site: String, key_id: String, schema: i64, tables: Vec<Table>) -> Header {
        Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            made,
            tidings: env!("CARGO_PKG_VERSION").to_owned(),
            site,
            key_id,
            schema,
            tables,
        }
    }
}

/// A backup that is being written.
pub(super) struct Writer {
    tar: tar::Builder<GzEncoder<File>>,
    manifest: Manifest,
    made: u64,
}

impl Writer {
    pub(super) fn begin(file: File, header: &Header, made: Instant) -> io::Result<Writer> {
        let mut writer = Writer {
            tar: tar::Builder::new(GzEncoder::new(file, Compression::fast())),
            manifest: Manifest::default(),
            made: u64::try_from(made.timestamp()).unwrap_or(0),
        };
        writer.add(HEADER, &serde_json::to_vec_pretty(header)?)?;
        Ok(writer)
    }

    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(self.made);
        self.tar.append_data(&mut header, name, bytes)?;
        self.manifest.entries.push(entry(name, bytes));
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        let manifest = serde_json::to_vec_pretty(&self.manifest)?;
        self.add(MANIFEST, &manifest)?;
        self.tar.into_inner()?.finish()?;
        Ok(())
    }
}

fn entry(name: &str, bytes: &[u8]) -> Entry {
    Entry {
        name: name.to_owned(),
        bytes: bytes.len() as u64,
        sha256: sha256(bytes),
    }
}

/// Reads a backup to its end and holds it against its own list, entry by entry; `take` is given each
/// of them but the first and the last. Blocks.
///
/// # Errors
/// What is no backup (`backup-foreign`), of a later form (`backup-newer`), or not whole
/// (`backup-damaged`); those of `take`.
pub(super) fn read(
    file: &Path,
    mut take: impl FnMut(&Header, String, Vec<u8>) -> anyhow::Result<()>,
) -> anyhow::Result<Header> {
    let opened = File::open(file).map_err(|why| unreadable(file, &why))?;
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(opened)));
    let mut header: Option<Header> = None;
    let mut seen = Vec::new();
    let mut listed = None;
    for found in tar.entries().map_err(|why| foreign(file, &why.to_string()))? {
        let read = found.and_then(|mut entry| whole(&mut entry));
        let (name, bytes) = match (read, &header) {
            (Ok(read), _) => read,
            (Err(why), Some(_)) => return Err(damaged(file, &why.to_string()).into()),
            (Err(why), None) => return Err(foreign(file, &why.to_string()).into()),
        };
        match &header {
            None => header = Some(read_header(file, &name, &bytes)?),
            Some(_) if name == MANIFEST => {
                listed = serde_json::from_slice::<Manifest>(&bytes).ok();
                break;
            }
            Some(header) => {
                seen.push(entry(&name, &bytes));
                take(header, name, bytes)?;
                continue;
            }
        }
        seen.push(entry(&name, &bytes));
    }
    let header = header.ok_or_else(|| foreign(file, "it is empty"))?;
    // To the end: gzip's own checksum stands there, and is over all of it.
    io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(|why| damaged(file, &why.to_string()))?;
    match listed {
        Some(listed) if listed.entries == seen => Ok(header),
        Some(_) => Err(damaged(file, "its parts are not those that it lists").into()),
        None => Err(damaged(file, "its end is missing").into()),
    }
}

fn whole(entry: &mut tar::Entry<'_, impl Read>) -> io::Result<(String, Vec<u8>)> {
    let name = entry.path()?.to_str().unwrap_or_default().to_owned();
    let size = entry.size();
    if size > LONGEST {
        return Err(io::Error::other(format!("{name} has {size} bytes")));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes)?;
    if bytes.len() as u64 != size {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok((name, bytes))
}

fn read_header(file: &Path, name: &str, bytes: &[u8]) -> Result<Header, Problem> {
    #[derive(Deserialize)]
    struct Form {
        format: String,
        version: u32,
    }
    let form = serde_json::from_slice::<Form>(bytes).ok();
    let Some(form) = form.filter(|form| name == HEADER && form.format == FORMAT) else {
        return Err(foreign(file, "it is an archive of something else"));
    };
    if form.version > VERSION {
        let message = format!(
            "this backup has form {}, and this Tidings knows forms up to {VERSION}",
            form.version
        );
        return Err(Problem::error("backup-newer", message)
            .file(file)
            .hint("restore it with the Tidings that made it, or a newer one"));
    }
    serde_json::from_slice(bytes).map_err(|why| damaged(file, &why.to_string()))
}

fn unreadable(file: &Path, why: &io::Error) -> Problem {
    Problem::error("backup-foreign", format!("the backup cannot be read: {why}"))
        .file(file)
        .hint("name a file that `tidings backup` has made")
}

fn foreign(file: &Path, why: &str) -> Problem {
    Problem::error("backup-foreign", format!("this is no backup of Tidings: {why}"))
        .file(file)
        .hint("name a file that `tidings backup` has made")
}

fn damaged(file: &Path, why: &str) -> Problem {
    Problem::error("backup-damaged", format!("the backup is damaged: {why}"))
        .file(file)
        .hint("nothing was restored; take another backup, or another copy of this one")
}
