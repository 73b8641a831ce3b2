//! Files that are written whole or not at all, and files that are their owner's alone.
//!
//! Knows nothing of what is in them, and of no configuration.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// How a file is called while it is written: what its name begins and ends with. One that a kill left
/// behind is known by that.
pub const UNFINISHED: (&str, &str) = (".tidings-", ".tmp");

/// A file on its way: written beside its place, and moved there when all of it is on disk. Dropped
/// before that, nothing is left of it. It is its owner's alone unless its permissions are changed.
#[derive(Debug)]
pub struct Draft {
    file: NamedTempFile,
    place: PathBuf,
}

impl Draft {
    /// A new one, empty. The folder must be there.
    ///
    /// # Errors
    /// As the system says, always in the same words for the same failure: they do not name the
    /// unfinished file, which is called otherwise each time.
    pub fn beside(place: &Path) -> io::Result<Draft> {
        let file = tempfile::Builder::new()
            .prefix(UNFINISHED.0)
            .suffix(UNFINISHED.1)
            .make_in(folder_of(place), |path| private().create_new(true).open(path))?;
        Ok(Draft {
            file,
            place: place.to_owned(),
        })
    }

    /// What is to be written.
    pub fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Puts it in its place; what was there is gone.
    ///
    /// # Errors
    /// As the system says; what was there is whole then.
    pub fn replace(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist(&self.place)?;
        Ok(())
    }

    /// Puts it in its place, where nothing is yet.
    ///
    /// # Errors
    /// As the system says; [`io::ErrorKind::AlreadyExists`] where something has come meanwhile.
    pub fn place_new(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist_noclobber(&self.place)?;
        Ok(())
    }
}

/// The folder that a file is in; `.` for a bare name.
#[must_use]
pub fn folder_of(file: &Path) -> &Path {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Makes a folder that its owner alone can enter, and those above it. One that is there stays as
/// it is.
///
/// # Errors
/// As the system says.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens a file to be written from its beginning. One that is made now is its owner's alone.
///
/// # Errors
/// As the system says.
pub fn private_file(path: &Path) -> io::Result<File> {
    private().create(true).truncate(true).open(path)
}

/// How to write what nobody but its owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes a file's permissions from everybody but its owner. One that is missing is none.
///
/// # Errors
/// As the system says.
pub fn tighten(file: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = match std::fs::metadata(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        let mode = metadata.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode & 0o700))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_draft_is_seen_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("secret");
        let mut draft = Draft::beside(&place).unwrap();
        draft.file().write_all(b"one").unwrap();
        assert!(!place.exists());
        draft.replace().unwrap();
        assert_eq!(std::fs::read(&place).unwrap(), b"one");
        drop(Draft::beside(&place).unwrap());
        assert_eq!(names(folder.path()), ["secret"]);
    }

    #[test]
    fn what_is_there_stays_unless_it_is_to_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("secret");
        std::fs::write(&place, "first").unwrap();
        let late = Draft::beside(&place).unwrap().place_new().unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&place).unwrap(), b"first");
        Draft::beside(&place).unwrap().replace().unwrap();
        assert_eq!(std::fs::read(&place).unwrap(), b"");
        assert_eq!(names(folder.path()), ["secret"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_private_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let inner = folder.path().join("a/b");
        private_folder(&inner).unwrap();
        private_file(&inner.join("file")).unwrap();
        Draft::beside(&inner.join("draft")).unwrap().replace().unwrap();
        assert_eq!(mode(&inner), 0o700);
        assert_eq!(
            (mode(&inner.join("file")), mode(&inner.join("draft"))),
            (0o600, 0o600)
        );
    }

    #[test]
    fn every_file_is_in_a_folder() {
        assert_eq!(folder_of(Path::new("a/b")), Path::new("a"));
        assert_eq!(folder_of(Path::new("b")), Path::new("."));
    }
}
