//! The documents that are asked for, kept in memory with what was made of them. Bounded: where there
//! is no more room, the one that was asked for longest ago goes.
//!
//! A document counts for as long as its file looks as it did when it was read, to a thousandth of a second.
//! So whoever writes it, this process or another, nobody gets an old version; and what is compressed belongs
//! to one version.

use super::coding::Coding;
use super::document::{Document, Mark};
use crate::store::{self, Store};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, Semaphore};

/// For documents and what was made of them, in bytes.
const ROOM: usize = 64 * 1024 * 1024;
/// Documents that are read or compressed at once, beside those that were asked for already.
const LANES: usize = 16;
/// After a look at a file it is taken to be as it was for so long. To whoever asks this is as if they had
/// asked so much sooner.
const SURE: Duration = Duration::from_millis(1);

/// Why there is no document to serve.
#[derive(Debug, thiserror::Error)]
pub(super) enum Missing {
    #[error("it is not published")]
    Unpublished,
    #[error(transparent)]
    Store(#[from] store::StoreError),
    #[error(transparent)]
    File(#[from] io::Error),
}

/// The documents in memory.
#[derive(Debug)]
pub(in crate::web) struct Shelf {
    room: usize,
    began: Instant,
    sure: Duration,
    kept: RwLock<Kept>,
    /// Who reads a document holds its lane, so that of many who ask at once one does.
    lanes: [Mutex<()>; LANES],
    lane_of: RandomState,
    /// Places for those who compress: as many as there are processors.
    compressing: Semaphore,
}

#[derive(Debug, Default)]
struct Kept {
    documents: HashMap<String, Entry>,
    weight: usize,
}

#[derive(Debug)]
struct Entry {
    document: Arc<Document>,
    /// As it counts in the weight of all.
    weight: usize,
    /// When its file was looked at last because somebody asked, in nanoseconds since the shelf began.
    looked: AtomicU64,
}

impl Default for Shelf {
    fn default() -> Shelf {
        Shelf::new(ROOM, SURE)
    }
}

impl Shelf {
    fn new(room: usize, sure: Duration) -> Shelf {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Shelf {
            room,
            began: Instant::now(),
            sure,
            kept: RwLock::default(),
            lanes: Default::default(),
            lane_of: RandomState::new(),
            compressing: Semaphore::new(processors),
        }
    }

    /// A document that is in memory and still the one on disk.
    ///
    /// The look at the file is made right here: it takes a thousandth of a millisecond, and handing it
    /// to another thread thirty times that.
    pub(super) fn at_hand(&self, dir: &Path, path: &str) -> Option<Arc<Document>> {
        let now = self.now();
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let entry = kept.documents.get(path)?;
        let looked = Duration::from_nanos(entry.looked.load(Ordering::Relaxed));
        if now.saturating_sub(looked) >= self.sure {
            if Mark::at(&dir.join(path)) != Some(entry.document.mark) {
                return None;
            }
            entry.looked.store(nanoseconds(now), Ordering::Relaxed);
        }
        Some(entry.document.clone())
    }

    /// The time since the shelf began.
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// A published document, read where it is not in memory.
    ///
    /// # Errors
    /// Where it is not published, or cannot be read.
    pub(super) async fn get(&self, dir: &Path, path: &str, store: &Store) -> Result<Arc<Document>, Missing> {
        if let Some(document) = self.at_hand(dir, path) {
            return Ok(document);
        }
        if !store.is_published(path).await? {
            self.forget(path);
            return Err(Missing::Unpublished);
        }
        let lane = self.lane_of.hash_one(path) as usize % LANES;
        let _reading = self.lanes[lane].lock().await;
        if let Some(document) = self.at_hand(dir, path) {
            return Ok(document);
        }
        let began = self.now();
        let (dir, name) = (dir.to_owned(), path.to_owned());
        let read = tokio::task::spawn_blocking(move || Document::read(&dir, &name));
        let document = Arc::new(read.await.map_err(io::Error::other)??);
        self.put(path, document.clone(), began);
        Ok(document)
    }

    /// Compresses a document, where nobody has yet.
    ///
    /// # Errors
    /// Where its file cannot be read.
    pub(super) async fn code(&self, path: &str, document: &Arc<Document>, coding: Coding) -> io::Result<()> {
        if document.coded(coding).is_some() {
            return Ok(());
        }
        document.code(coding, &self.compressing).await?;
        self.weigh(path, document);
        Ok(())
    }

    /// Whether a document is in memory, of whatever version.
    pub(super) fn holds(&self, path: &str) -> bool {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.documents.contains_key(path)
    }

    /// Whether less than half of the room is left.
    pub(super) fn is_half_full(&self) -> bool {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.weight > self.room / 2
    }

    /// Puts in a document that was read from a time on.
    fn put(&self, path: &str, document: Arc<Document>, read: Duration) {
        let weight = document.weight();
        let entry = Entry {
            document,
            weight,
            looked: AtomicU64::new(nanoseconds(read)),
        };
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.weight += weight;
        if let Some(before) = kept.documents.insert(path.to_owned(), entry) {
            kept.weight -= before.weight;
        }
        kept.make_room(self.room, path);
    }

    /// Counts what a document weighs now, after something was made of it.
    pub(super) fn weigh(&self, path: &str, document: &Arc<Document>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = kept.documents.get_mut(path) else {
            return;
        };
        // Another version may have come meanwhile.
        if Arc::ptr_eq(&entry.document, document) {
            let before = std::mem::replace(&mut entry.weight, document.weight());
            let now = entry.weight;
            kept.weight = kept.weight + now - before;
            kept.make_room(self.room, path);
        }
    }

    fn forget(&self, path: &str) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(gone) = kept.documents.remove(path) {
            kept.weight -= gone.weight;
        }
    }
}

impl Kept {
    /// Lets go what was asked for longest ago, but not the document that all this is for.
    fn make_room(&mut self, room: usize, path: &str) {
        while self.weight > room {
            let others = self.documents.iter().filter(|(other, _)| *other != path);
            let oldest = others.min_by_key(|(_, entry)| entry.looked.load(Ordering::Relaxed));
            let Some(oldest) = oldest.map(|(path, _)| path.clone()) else {
                return;
            };
            if let Some(gone) = self.documents.remove(&oldest) {
                self.weight -= gone.weight;
            }
        }
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    /// One that looks at a file each time.
    fn unsure(room: usize) -> Shelf {
        Shelf::new(room, Duration::ZERO)
    }

    fn read(dir: &TempDir, path: &str) -> Arc<Document> {
        Arc::new(Document::read(dir.path(), path).unwrap())
    }

    fn folder(documents: &[(&str, usize)]) -> TempDir {
        let dir = TempDir::new().unwrap();
        for (path, length) in documents {
            fs::write(dir.path().join(path), "x".repeat(*length)).unwrap();
        }
        dir
    }

    #[test]
    fn a_document_that_was_written_again_is_not_at_hand() {
        let dir = folder(&[("a", 100)]);
        let shelf = unsure(ROOM);
        assert!(shelf.at_hand(dir.path(), "a").is_none());
        shelf.put("a", read(&dir, "a"), shelf.now());
        assert!(shelf.at_hand(dir.path(), "a").is_some());
        // Moved into its place, as everything is that is published: equal in length, and in time.
        let time = fs::metadata(dir.path().join("a")).unwrap().modified().unwrap();
        fs::write(dir.path().join("new"), "y".repeat(100)).unwrap();
        let new = fs::File::options()
            .write(true)
            .open(dir.path().join("new"))
            .unwrap();
        new.set_modified(time).unwrap();
        fs::rename(dir.path().join("new"), dir.path().join("a")).unwrap();
        assert!(shelf.at_hand(dir.path(), "a").is_none());
        shelf.put("a", read(&dir, "a"), shelf.now());
        assert_eq!(
            shelf.at_hand(dir.path(), "a").unwrap().text().unwrap(),
            "y".repeat(100)
        );
        let sure = Shelf::new(ROOM, Duration::from_secs(3600));
        sure.put("a", read(&dir, "a"), sure.now());
        fs::remove_file(dir.path().join("a")).unwrap();
        assert!(shelf.at_hand(dir.path(), "a").is_none());
        assert!(
            sure.at_hand(dir.path(), "a").is_some(),
            "it was looked at just now"
        );
    }

    #[test]
    fn what_was_asked_for_longest_ago_makes_room() {
        let names = ["a", "b", "c", "d"];
        let dir = folder(&names.map(|name| (name, 10_000)));
        let shelf = unsure(35_000);
        for name in &names[..3] {
            shelf.put(name, read(&dir, name), shelf.now());
        }
        assert!(shelf.at_hand(dir.path(), "a").is_some());
        shelf.put("d", read(&dir, "d"), shelf.now());
        assert_eq!(names.map(|name| shelf.holds(name)), [true, false, true, true]);
        let weight = |shelf: &Shelf| {
            let kept = shelf.kept.read().unwrap();
            let all: usize = kept.documents.values().map(|entry| entry.document.weight()).sum();
            assert_eq!(kept.weight, all);
            kept.weight
        };
        assert!((30_000..35_000).contains(&weight(&shelf)));
        shelf.forget("a");
        shelf.forget("a");
        assert!((20_000..25_000).contains(&weight(&shelf)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_hundred_who_ask_at_once_get_the_same() {
        let dir = folder(&[("a", 500_000)]);
        let shelf = Arc::new(unsure(600_000));
        let document = read(&dir, "a");
        shelf.put("a", document.clone(), shelf.now());
        for coding in Coding::ALL {
            let asking = (0..100).map(|_| {
                let (shelf, document) = (shelf.clone(), document.clone());
                tokio::spawn(async move {
                    shelf.code("a", &document, coding).await.unwrap();
                    document.coded(coding).unwrap().as_ptr() as usize
                })
            });
            let asking: Vec<_> = asking.collect();
            let mut places = Vec::new();
            for asked in asking {
                places.push(asked.await.unwrap());
            }
            places.dedup();
            assert_eq!(places.len(), 1, "{coding:?} was made once");
        }
        assert_eq!(shelf.kept.read().unwrap().weight, document.weight());
    }
}
