//! One version of a published document, ready to be served: its bytes, its validators, and the same
//! bytes in each content coding, made once.

use super::coding::Coding;
use super::deltas::Deltas;
use super::heads::Heads;
use crate::clock::{Instant, from_seconds};
use crate::feeds::Format;
use crate::feeds::shown::Shown;
use crate::hash::{sha256, sha256_of};
use axum::body::{Body, Bytes};
use futures_util::stream;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Component, Path};
use std::sync::Arc;
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::spawn_blocking;

/// The bytes of a document that is larger stay on disk …
const LARGE: u64 = 8 * 1024 * 1024;
/// … and where it is larger than this, no coding of it is made either.
const HUGE: u64 = 64 * 1024 * 1024;
/// So much is read at once of a document on disk.
const CHUNK: usize = 64 * 1024;

/// What a file looks like from outside; another version of it looks different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Mark {
    fn of(metadata: &Metadata) -> Mark {
        Mark {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// How a file looks now; `None`: it is not there.
    pub(super) fn at(file: &Path) -> Option<Mark> {
        let metadata = fs::metadata(file).ok()?;
        metadata.is_file().then(|| Mark::of(&metadata))
    }
}

/// One version of a document.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) mark: Mark,
    /// Relative to `feeds.dir`.
    pub(super) path: String,
    /// `None`: it is of no format of ours.
    pub(super) format: Option<Format>,
    /// What stands between the quotes of its entity tag.
    pub(super) tag: String,
    pub(super) modified: Instant,
    pub(super) deltas: Deltas,
    pub(super) heads: Heads,
    /// What people are shown of it, once somebody has asked.
    pub(super) shown: OnceCell<Option<Shown>>,
    plain: Plain,
    coded: [OnceCell<Bytes>; Coding::ALL.len()],
}

#[derive(Debug)]
enum Plain {
    Memory(Bytes),
    /// The file stays open: whatever takes its place, this version stays whole.
    Disk(Arc<File>, u64),
}

impl Document {
    /// Reads a document, and nothing that is not below the folder, links followed. Blocks.
    ///
    /// # Errors
    /// `NotFound`, also where the file lies elsewhere; and as the system says.
    pub(super) fn read(dir: &Path, path: &str) -> io::Result<Document> {
        let format = Format::of(path);
        let (name, path) = (path, Path::new(path));
        let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        let file = fs::canonicalize(dir.join(path))?;
        if !is_plain || !file.starts_with(fs::canonicalize(dir)?) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let mut file = File::open(file)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let mark = Mark::of(&metadata);
        let modified = from_seconds(mark.modified.0);
        if mark.length > LARGE {
            let tag = sha256_of(&mut file)?;
            let plain = Plain::Disk(Arc::new(file), mark.length);
            return Ok(Document::new(mark, name, modified, (&tag, format), plain));
        }
        let mut bytes = Vec::with_capacity(mark.length as usize);
        file.read_to_end(&mut bytes)?;
        let tag = sha256(&bytes);
        let plain = Plain::Memory(Bytes::from(bytes));
        Ok(Document::new(mark, name, modified, (&tag, format), plain))
    }

    fn new(
        mark: Mark,
        path: &str,
        modified: Instant,
        (hash, format): (&str, Option<Format>),
        plain: Plain,
    ) -> Document {
        let tag = hash[..32].to_owned();
        Document {
            mark,
            path: path.to_owned(),
            format,
            tag,
            modified,
            deltas: Deltas::default(),
            heads: Heads::default(),
            shown: OnceCell::new(),
            plain,
            coded: Default::default(),
        }
    }

    /// How many bytes of memory it takes now.
    pub(super) fn weight(&self) -> usize {
        let plain = match &self.plain {
            Plain::Memory(bytes) => bytes.len(),
            Plain::Disk(..) => 0,
        };
        let coded = self.coded.iter().filter_map(OnceCell::get);
        plain + coded.map(Bytes::len).sum::<usize>() + self.deltas.weight() + size_of::<Document>()
    }

    pub(super) fn length(&self) -> u64 {
        match &self.plain {
            Plain::Memory(bytes) => bytes.len() as u64,
            Plain::Disk(_, length) => *length,
        }
    }

    /// Whether it is compressed at all.
    pub(super) fn may_be_coded(&self) -> bool {
        self.mark.length <= HUGE
    }

    /// All of it, where that is in memory.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.plain {
            Plain::Memory(bytes) => std::str::from_utf8(bytes).ok(),
            Plain::Disk(..) => None,
        }
    }

    /// As it is, as a body.
    pub(super) fn body(&self) -> Body {
        match &self.plain {
            Plain::Memory(bytes) => Body::from(bytes.clone()),
            Plain::Disk(file, length) => Body::from_stream(chunks(file.clone(), *length)),
        }
    }

    /// Compressed, where that was done already.
    pub(super) fn coded(&self, coding: Coding) -> Option<&Bytes> {
        self.coded[coding as usize].get()
    }

    /// Compresses it, where nobody has yet, when there is a place to do so; of several who ask at once
    /// one does it.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub(super) async fn code(&self, coding: Coding, places: &Semaphore) -> io::Result<&Bytes> {
        let made = async || {
            let _place = places.acquire().await.map_err(io::Error::other)?;
            let plain = match &self.plain {
                Plain::Memory(bytes) => Plain::Memory(bytes.clone()),
                Plain::Disk(file, length) => Plain::Disk(file.clone(), *length),
            };
            let coded = spawn_blocking(move || match plain {
                Plain::Memory(bytes) => coding.compress(bytes.as_ref()),
                Plain::Disk(file, _) => coding.compress(FromStart(&file, 0)),
            });
            coded.await.map_err(io::Error::other)?.map(Bytes::from)
        };
        self.coded[coding as usize].get_or_try_init(made).await
    }
}

/// Reads a file from its start, whoever else reads it at once.
struct FromStart<'a>(&'a File, u64);

impl Read for FromStart<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read_at(buffer, self.1)?;
        self.1 += count as u64;
        Ok(count)
    }
}

/// A file, a piece after the other.
fn chunks(file: Arc<File>, length: u64) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(0, move |at: u64| {
        let file = file.clone();
        async move {
            let wanted = (length - at).min(CHUNK as u64) as usize;
            if wanted == 0 {
                return Ok(None);
            }
            let read = move || {
                let mut chunk = vec![0; wanted];
                file.read_exact_at(&mut chunk, at).map(|()| chunk)
            };
            let chunk = spawn_blocking(read).await.map_err(io::Error::other)??;
            Ok(Some((Bytes::from(chunk), at + wanted as u64)))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    async fn of(body: Body) -> Vec<u8> {
        axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec()
    }

    #[tokio::test]
    async fn a_large_document_stays_on_disk_and_whole() {
        let dir = tempfile::tempdir().unwrap();
        let line = "<item>one of very many</item>\n";
        let text = format!("<rss>{}", line.repeat(LARGE as usize / line.len() + 1));
        fs::write(dir.path().join("rss.xml"), &text).unwrap();
        let document = Document::read(dir.path(), "rss.xml").unwrap();
        assert_eq!(document.format, Some(Format::Rss));
        assert_eq!(document.tag, sha256(text.as_bytes())[..32]);
        assert!(document.weight() < 10_000 && document.text().is_none());
        // Another one takes its place.
        fs::write(dir.path().join("new"), "<rss>").unwrap();
        fs::rename(dir.path().join("new"), dir.path().join("rss.xml")).unwrap();
        assert!(of(document.body()).await == text.as_bytes());
        let coded = document.code(Coding::Gzip, &Semaphore::new(1)).await.unwrap();
        let mut back = flate2::write::GzDecoder::new(Vec::new());
        back.write_all(coded).unwrap();
        assert!(back.finish().unwrap() == text.as_bytes());
        assert!(document.weight() > coded.len());
    }
}
