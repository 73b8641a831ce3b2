//! Documents on disk: whole or not at all, and only where they differ.

use crate::clock::Instant;
use crate::files::{Draft, UNFINISHED, folder_of};
use crate::problem::Problem;
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::path::{Component, Path};
use std::time::Duration;

/// Nobody writes one document for so long.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Brings a document to disk, with the folders above it; whether it had to be written. Whoever
/// reads meanwhile gets the old one or the new one, never a part. The file is as old as its content,
/// so that whoever serves it tells readers the same, though it was written again.
///
/// # Errors
/// `feeds-unwritable`; the old document is whole then.
pub(crate) fn put(file: &Path, bytes: &[u8], changed: Instant) -> Result<bool, Problem> {
    if holds(file, bytes, changed) {
        return Ok(false);
    }
    let write = |out: &mut File| {
        out.write_all(bytes)?;
        out.set_modified(changed.into())
    };
    replace(file, write).map_err(|error| {
        Problem::error("feeds-unwritable", format!("cannot be written: {error}"))
            .file(file)
            .hint(what_to_do(&error))
    })?;
    Ok(true)
}

/// Takes a document away, and the folders that are empty then. One that is missing is no error.
///
/// # Errors
/// `feeds-unremovable`
pub(crate) fn remove(dir: &Path, relative: &str) -> Result<(), Problem> {
    let relative = Path::new(relative);
    if !relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        // No document of ours: nothing outside the folder is ever touched.
        return Ok(());
    }
    let file = dir.join(relative);
    match fs::remove_file(&file) {
        Err(error) if !is_missing(&error) => Err(Problem::error(
            "feeds-unremovable",
            format!("nothing stands in this feed any more, and it cannot be removed: {error}"),
        )
        .file(&file)
        .hint(what_to_do(&error))),
        _ => {
            let folders = relative.ancestors().skip(1).filter(|part| *part != Path::new(""));
            for folder in folders {
                // Not empty: it stays.
                if fs::remove_dir(dir.join(folder)).is_err() {
                    break;
                }
            }
            Ok(())
        }
    }
}

/// The file is not there, or what should be a folder above it is none.
fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Whether a file is as it was [put]: it is as old as that, or holds the `same` text, and then it is made
/// as old. A copy that was brought back may have lost its age.
pub(crate) fn is_as_put(file: &Path, changed: Instant, same: impl Fn(String) -> bool) -> bool {
    let Ok(metadata) = fs::metadata(file) else {
        return false;
    };
    if !metadata.is_file() || is_of(&metadata, changed) {
        return metadata.is_file();
    }
    let is_same = fs::read_to_string(file).is_ok_and(same);
    if is_same {
        // Else it is read each time, and no harm is done.
        let _ = File::open(file).and_then(|file| file.set_modified(changed.into()));
    }
    is_same
}

fn is_of(metadata: &fs::Metadata, changed: Instant) -> bool {
    metadata
        .modified()
        .is_ok_and(|modified| modified == changed.into())
}

/// Whether that is what the file holds; it is as old as that then. One that cannot be read does not.
fn holds(file: &Path, bytes: &[u8], changed: Instant) -> bool {
    let same = || -> io::Result<bool> {
        let mut found = File::open(file)?;
        let metadata = found.metadata()?;
        if metadata.len() != bytes.len() as u64 {
            return Ok(false);
        }
        let mut content = Vec::with_capacity(bytes.len());
        found.read_to_end(&mut content)?;
        if content == bytes && !is_of(&metadata, changed) {
            found.set_modified(changed.into())?;
        }
        Ok(content == bytes)
    };
    same().unwrap_or(false)
}

/// Writes beside the file, and moves it there when all of it is on disk.
fn replace(file: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = folder_of(file);
    make_folder(folder)?;
    sweep(folder);
    let mut draft = Draft::beside(file)?;
    write(draft.file())?;
    set_mode(draft.file(), 0o644)?;
    draft.replace()
}

/// Makes a folder that everybody may read, and those above it. One that is there stays as it is.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() || folder == Path::new("") {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folder(above)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => set_mode(&File::open(folder)?, 0o755),
    }
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

/// Removes what killed passes left unfinished. Where that fails nothing is lost but room.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let unfinished = name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1);
        if unfinished && is_abandoned(&entry) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// By when it was opened: it may say that it is as old as its content.
fn is_abandoned(entry: &fs::DirEntry) -> bool {
    let opened = entry.metadata().and_then(|metadata| metadata.accessed());
    opened.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > ABANDONED))
}

fn what_to_do(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "let the user who runs Tidings write to this folder, or name another in feeds.dir"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "the file system is mounted read-only: mount it for writing, or name another folder in feeds.dir"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full: make room; the old document is still whole, and the next pass writes the new one"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a file stands where a folder should be: move it away"
        }
        io::ErrorKind::IsADirectory => "a folder stands where the document should be: move it away",
        _ => "mend what the system says; the next pass tries again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use std::path::PathBuf;

    const AT: Instant = DateTime::UNIX_EPOCH;

    fn names(folder: &Path) -> Vec<PathBuf> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn written_once_and_again_only_where_it_differs() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("category/a/rss.xml");
        assert!(put(&file, b"one", AT).unwrap());
        assert!(!put(&file, b"one", AT).unwrap());
        assert!(put(&file, b"two", AT).unwrap());
        fs::write(&file, b"owt").unwrap();
        assert!(put(&file, b"two", AT).unwrap(), "altered");
        fs::remove_file(&file).unwrap();
        assert!(put(&file, b"two", AT).unwrap(), "deleted");
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(names(file.parent().unwrap()), [file]);
    }

    #[cfg(unix)]
    #[test]
    fn everybody_may_read_the_documents() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("category/a/rss.xml");
        put(&file, b"one", AT).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o644);
        assert_eq!(mode(&dir.path().join("category")), 0o755);
        assert_eq!(mode(&dir.path().join("category/a")), 0o755);
    }

    #[test]
    fn a_full_disk_leaves_the_old_document_whole_and_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("rss.xml");
        put(&file, b"old", AT).unwrap();
        let full = replace(&file, |out| {
            out.write_all(b"ne")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(full.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&file).unwrap(), b"old");
        assert_eq!(names(dir.path()), [file]);
    }

    #[test]
    fn what_is_in_the_way_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("category"), b"mine").unwrap();
        let problem = put(&dir.path().join("category/a/rss.xml"), b"x", AT).unwrap_err();
        assert_eq!(problem.code, "feeds-unwritable");
        assert!(problem.file.unwrap().ends_with("category/a/rss.xml"));
        assert!(
            problem
                .hint
                .unwrap()
                .contains("a file stands where a folder should be")
        );

        fs::create_dir_all(dir.path().join("rss.xml/inside")).unwrap();
        let problem = put(&dir.path().join("rss.xml"), b"x", AT).unwrap_err();
        assert!(
            problem.hint.unwrap().contains("a folder stands"),
            "{}",
            problem.message
        );
        assert_eq!(names(dir.path()).len(), 2, "nothing unfinished is left");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_same_failure_is_the_same_problem() {
        // Not even root makes a file there.
        let file = Path::new("/proc/rss.xml");
        let problem = put(file, b"x", AT).unwrap_err();
        assert!(problem.message.contains("os error"), "{}", problem.message);
        assert_eq!(problem, put(file, b"x", AT).unwrap_err());
    }

    #[test]
    fn removing_takes_empty_folders_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let of = |name: &str| dir.path().join(name);
        put(&of("category/a/rss.xml"), b"x", AT).unwrap();
        put(&of("category/b/rss.xml"), b"x", AT).unwrap();
        fs::write(of("category/b/own.txt"), b"mine").unwrap();
        remove(dir.path(), "category/a/rss.xml").unwrap();
        assert!(!of("category/a").exists() && of("category").exists());
        remove(dir.path(), "category/b/rss.xml").unwrap();
        assert!(of("category/b/own.txt").exists() && !of("category/b/rss.xml").exists());
        remove(dir.path(), "category/b/rss.xml").unwrap();
        remove(dir.path(), "rss.xml").unwrap();
        assert!(dir.path().exists(), "the folder of all feeds stays");
    }

    #[test]
    fn nothing_outside_the_folder_is_removed() {
        let outside = tempfile::tempdir().unwrap();
        let dir = outside.path().join("feeds");
        fs::create_dir(&dir).unwrap();
        let file = outside.path().join("precious");
        fs::write(&file, b"x").unwrap();
        remove(&dir, "../precious").unwrap();
        remove(&dir, file.to_str().unwrap()).unwrap();
        assert!(file.exists());
    }

    #[test]
    fn what_a_kill_left_is_swept_when_it_is_old() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new, other) = (
            dir.path().join(".tidings-old.tmp"),
            dir.path().join(".tidings-new.tmp"),
            dir.path().join("README.md"),
        );
        for file in [&old, &new, &other] {
            fs::write(file, b"x").unwrap();
        }
        let long_ago = fs::metadata(&old).unwrap().accessed().unwrap() - ABANDONED * 2;
        let times = fs::FileTimes::new();
        for (file, times) in [
            (&old, times.set_accessed(long_ago)),
            (&other, times.set_accessed(long_ago)),
            (&new, times.set_modified(long_ago)),
        ] {
            let file = File::options().write(true).open(file).unwrap();
            file.set_times(times).unwrap();
        }
        put(&dir.path().join("rss.xml"), b"x", AT).unwrap();
        assert!(!old.exists() && new.exists() && other.exists());
    }
}
