//! Files that look as they did when they last gave an article: they need not be read again.
//!
//! A file is taken for unchanged where all that its system tells of it is as it was, and all else that
//! decides what becomes of it. What gave a warning is read in each pass, so that it is said in each; and
//! so is what depends on other files.

use super::files::File;
use super::past::{Notes, Past};
use crate::{clock, config, hash};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;
use uuid::Uuid;

/// A file that was changed so shortly before it was read may be changed again and look the same, in
/// nanoseconds: on a file system that keeps parts of a second, and on one that may count in twos.
const FINE: i64 = 100_000_000;
const COARSE: i64 = 2_000_000_000;

/// How a file looks: size, inode, when its content was changed (which anybody can set), and when
/// anything of it was (which nobody can).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp(u64, u64, i64, i64);

/// Some of a source's stamps, remembered together: one that changes takes those beside it to be written,
/// and all are read with few rows.
#[derive(Serialize, Deserialize)]
struct Group {
    /// Names all that decides what becomes of a file beside the file itself.
    decided_by: String,
    files: BTreeMap<String, Stamp>,
}

/// The stamps of one reading, and those of the readings before it.
pub(crate) struct Stamps<'a> {
    past: &'a Past,
    decided_by: String,
    before: HashMap<String, Stamp>,
    /// How many of these each group has.
    before_in: [usize; 256],
    began: i64,
}

impl<'a> Stamps<'a> {
    /// Of a reading that begins now. `rules`: of the site's generator.
    pub(crate) fn new(
        past: &'a Past,
        source: &config::Source,
        site: &config::Site,
        site_id: Uuid,
        rules: &str,
    ) -> Stamps<'a> {
        let decides = format!("{}\0{site_id}\0{site:?}\0{source:?}\0{rules}", *PROGRAM);
        let decided_by = hash::hex(&hash::short(decides.as_bytes()));
        let (mut before, mut before_in) = (HashMap::new(), [0; 256]);
        for group in 0..=u8::MAX {
            let known = past.recall::<Group>(&key(group));
            if let Some(known) = known.filter(|known| known.decided_by == decided_by) {
                before_in[usize::from(group)] = known.files.len();
                before.extend(known.files);
            }
        }
        Stamps {
            past,
            decided_by,
            before,
            before_in,
            began: clock::of_files(),
        }
    }

    /// Whether the file looks as it did when it gave an article, and that is still known.
    pub(crate) fn is_unchanged(&self, file: &File, stamp: Stamp) -> bool {
        self.before.get(&file.name) == Some(&stamp)
            && self.past.known.contains(&file.name)
            && !self.past.failing.contains(&file.name)
    }

    /// Whether the file cannot be changed any more without looking different.
    pub(crate) fn is_settled(&self, stamp: Stamp) -> bool {
        let Stamp(_, _, modified, changed) = stamp;
        let is_fine = changed % 1_000_000_000 != 0;
        let margin = if is_fine { FINE } else { COARSE };
        modified.max(changed) < self.began.saturating_sub(margin)
    }

    /// What the next reading is to be told: these files, and no others.
    pub(crate) fn notes(self, files: Vec<(String, Stamp)>) -> Notes {
        let mut groups: Vec<Vec<(String, Stamp)>> = (0..=u8::MAX).map(|_| Vec::new()).collect();
        for (name, stamp) in files {
            let [group, ..] = hash::short(name.as_bytes());
            groups[usize::from(group)].push((name, stamp));
        }
        let mut notes = Notes::default();
        for (group, files) in (0..=u8::MAX).zip(groups) {
            let key = key(group);
            if files.is_empty() {
                notes.forget(&key);
                continue;
            }
            let is_known = |(name, stamp): &(String, Stamp)| self.before.get(name) == Some(stamp);
            let as_before = files.len() == self.before_in[usize::from(group)];
            if as_before && files.iter().all(is_known) {
                continue;
            }
            let group = Group {
                decided_by: self.decided_by.clone(),
                files: files.into_iter().collect(),
            };
            notes.keep(&key, &group);
        }
        notes.leave_out(self.past);
        notes
    }
}

fn key(group: u8) -> String {
    format!("stamps {group:02x}")
}

/// Another build may make something else of the same file.
static PROGRAM: LazyLock<String> = LazyLock::new(|| {
    let file = std::env::current_exe().and_then(std::fs::metadata);
    let built = file.ok().map(|meta| (meta.len(), meta.modified().ok()));
    format!("{} {built:?}", env!("CARGO_PKG_VERSION"))
});

/// How a file looks now; to be asked before it is read, so that what is changed meanwhile is read again.
/// A link looks as what it leads to.
#[cfg(unix)]
pub(crate) fn look(file: &File) -> Option<Stamp> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(&file.path).ok()?;
    let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    Some(Stamp(
        meta.len(),
        meta.ino(),
        nanoseconds(meta.mtime(), meta.mtime_nsec()),
        nanoseconds(meta.ctime(), meta.ctime_nsec()),
    ))
}

/// Elsewhere nothing tells a change that hides itself.
#[cfg(not(unix))]
pub(crate) fn look(_: &File) -> Option<Stamp> {
    None
}
