//! The files of a source: which there are, and their bytes within limits. Knows nothing of what
//! stands in them.

use crate::articles::text::is_xml_safe;
use crate::config::SourceKind;
use crate::problem::Problem;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use memchr::memchr;
use std::borrow::Cow;
use std::io::Read;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// The largest file that is read: no article is longer, and a larger one would be held in memory
/// several times over.
pub(crate) const MAX_BYTES: u64 = 10 * 1024 * 1024;

/// A file of a source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct File {
    /// Relative to the source, with `/`.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// What a listing gave.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// In the order of their names.
    pub(crate) files: Vec<File>,
    /// Files and folders that could not be looked at, by name.
    pub(crate) failed: Vec<(String, Problem)>,
    pub(crate) warnings: Vec<Problem>,
}

/// Lists the files of a kind under a folder (or the one file), without hidden ones and without
/// links that lead out of it.
///
/// # Errors
/// The folder cannot be read (`unreadable-folder`) or a glob is none (`config-value`).
pub(crate) fn list(
    root: &Path,
    kind: SourceKind,
    include: &[String],
    exclude: &[String],
) -> Result<Listing, Problem> {
    let include = globs(include, "include")?;
    let exclude = globs(exclude, "exclude")?;
    let meta = std::fs::metadata(root).map_err(|error| unreadable_folder(root, &error))?;
    let mut listing = Listing::default();
    if meta.is_file() {
        listing.files.push(File {
            name: root
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            path: root.to_owned(),
        });
        return Ok(listing);
    }
    let real_root = std::fs::canonicalize(root).map_err(|error| unreadable_folder(root, &error))?;
    std::fs::read_dir(&real_root).map_err(|error| unreadable_folder(root, &error))?;
    let chosen = |name: &str| {
        has_extension(name, kind)
            && include.as_ref().is_none_or(|globs| globs.is_match(name))
            && exclude.as_ref().is_none_or(|globs| !globs.is_match(name))
    };
    let walk = WalkDir::new(&real_root).follow_links(false).into_iter();
    let looked_at = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !(is_hidden(&name) || is_of_generator(&name, kind))
    };
    for entry in walk.filter_entry(looked_at) {
        match entry {
            Ok(entry) if !entry.file_type().is_dir() => take(&entry, root, &real_root, &chosen, &mut listing),
            Ok(_) => {}
            Err(error) => listing.failed.push(unreadable_entry(&error, &real_root)),
        }
    }
    listing.files.sort();
    Ok(listing)
}

/// Takes one file of the walk, if it is chosen and lies in the folder.
fn take(
    entry: &DirEntry,
    root: &Path,
    real_root: &Path,
    chosen: &dyn Fn(&str) -> bool,
    listing: &mut Listing,
) {
    let name = relative(entry.path(), real_root);
    if !chosen(&name) {
        return;
    }
    let inside = entry.path().strip_prefix(real_root);
    if inside.is_ok_and(|path| path.to_str().is_none()) {
        let problem = Problem::error("unreadable-file", "its name is no UTF-8, so it has no name here");
        let file = root.join(&name);
        listing.failed.push((name, problem.file(&file).hint("rename it")));
        return;
    }
    if entry.path_is_symlink() && leads_elsewhere(entry.path(), real_root) {
        let problem = Problem::warning(
            "link-outside",
            "the link leads out of the source's folder and is not followed",
        );
        listing.warnings.push(
            problem
                .file(&root.join(&name))
                .hint("copy the file into the folder"),
        );
        return;
    }
    listing.files.push(File {
        path: root.join(&name),
        name,
    });
}

/// The globs of a key; `None`: there are none.
///
/// # Errors
/// One of them is none (`config-value`).
pub(crate) fn globs(patterns: &[String], key: &str) -> Result<Option<GlobSet>, Problem> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    let bad = |error: globset::Error| {
        Problem::error("config-value", error.to_string())
            .key(key)
            .hint("`*` is anything within a folder, `**` any folders")
    };
    for pattern in patterns {
        set.add(
            GlobBuilder::new(pattern)
                .literal_separator(true)
                .build()
                .map_err(bad)?,
        );
    }
    set.build().map(Some).map_err(bad)
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

/// Folders in which a site generator keeps what is no article: templates, data, what it made.
fn is_of_generator(name: &str, kind: SourceKind) -> bool {
    const FOLDERS: &[&str] = &["_data", "_includes", "_layouts", "_sass", "_site", "node_modules"];
    kind == SourceKind::Markdown && FOLDERS.contains(&name)
}

fn relative(path: &Path, root: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    if MAIN_SEPARATOR == '/'
        && let Some(inside) = inside.to_str()
    {
        return inside.to_owned();
    }
    let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn has_extension(name: &str, kind: SourceKind) -> bool {
    let extension = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_ascii_lowercase();
    let wanted: &[&str] = match kind {
        SourceKind::Markdown => &["md", "markdown", "mdx"],
        SourceKind::Pages => &["html", "htm"],
        SourceKind::Text => &["txt"],
        SourceKind::Feed => &["xml", "rss", "atom", "rdf", "json"],
        SourceKind::Wordpress => &["xml"],
        SourceKind::Ghost => &["json"],
        SourceKind::Sitemap => &[],
    };
    wanted.contains(&extension.as_str())
}

/// A link to a file within the same folder is that file, links to folders are never followed, and one
/// that leads nowhere is a file that cannot be read.
fn leads_elsewhere(link: &Path, root: &Path) -> bool {
    std::fs::canonicalize(link).is_ok_and(|target| !target.starts_with(root) || target.is_dir())
}

fn unreadable_folder(root: &Path, error: &std::io::Error) -> Problem {
    Problem::error(
        "unreadable-folder",
        format!("the source's folder cannot be read: {error}"),
    )
    .file(root)
    .hint("check its path and its permissions; articles that are known stay")
}

fn unreadable_entry(error: &walkdir::Error, root: &Path) -> (String, Problem) {
    let path = error.path().unwrap_or(root);
    let cause = error
        .io_error()
        .map_or_else(|| error.to_string(), ToString::to_string);
    let problem = Problem::error("unreadable-folder", format!("the folder cannot be read: {cause}"))
        .file(path)
        .hint("check its permissions; articles that are known from it stay");
    (relative(path, root), problem)
}

/// The bytes of a file.
///
/// # Errors
/// It cannot be read (`unreadable-file`) or has more than [`MAX_BYTES`] (`too-large`); then it is
/// not read to its end.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    let file = open(path, MAX_BYTES)?;
    let length = file.metadata().map_or(0, |meta| meta.len().min(MAX_BYTES));
    // Room for a byte more: that none comes tells the end.
    let mut bytes = Vec::with_capacity(length as usize + 1);
    // One byte more than allowed tells a file that grew since it was measured.
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_large(path, bytes.len() as u64, MAX_BYTES));
    }
    Ok(bytes)
}

/// A file to be read.
///
/// # Errors
/// It cannot be read (`unreadable-file`) or has more than `most` bytes (`too-large`).
pub(crate) fn open(path: &Path, most: u64) -> Result<std::fs::File, Problem> {
    let meta = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !meta.is_file() {
        return Err(Problem::error("unreadable-file", "this is no ordinary file")
            .file(path)
            .hint("leave it out with `exclude`"));
    }
    if meta.len() > most {
        return Err(too_large(path, meta.len(), most));
    }
    std::fs::File::open(path).map_err(|error| unreadable(path, &error))
}

/// A file that cannot be read.
pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::error("unreadable-file", format!("the file cannot be read: {error}"))
        .file(path)
        .hint("check its permissions")
}

fn too_large(path: &Path, bytes: u64, most: u64) -> Problem {
    let mib = |bytes: u64| bytes.div_ceil(1024 * 1024);
    Problem::error(
        "too-large",
        format!("the file has {} MiB; at most {} are read", mib(bytes), mib(most)),
    )
    .file(path)
    .hint("split it, or leave it out with `exclude`")
}

/// Bytes as UTF-8 text that XML can hold, without a byte order mark.
///
/// # Errors
/// No UTF-8 (`invalid-utf8`) or a control character in it (`control-character`), with the line.
pub(crate) fn text<'a>(bytes: &'a [u8], path: &Path) -> Result<Cow<'a, str>, Problem> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let line_at = |end: usize| 1 + bytes[..end].iter().filter(|b| **b == b'\n').count() as u64;
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        Problem::error("invalid-utf8", format!("byte {at} (0x{byte:02X}) is no UTF-8"))
            .file(path)
            .line(line_at(at))
            .hint("save the file as UTF-8")
    })?;
    // A form feed is white space to whoever wrote it.
    let text = match memchr(b'\x0C', text.as_bytes()).is_some() {
        true => Cow::Owned(text.replace('\u{C}', " ")),
        false => Cow::Borrowed(text),
    };
    if is_xml_safe(&text) {
        return Ok(text);
    }
    match text
        .char_indices()
        .find(|(_, c)| !crate::articles::text::is_xml_char(*c))
    {
        None => Ok(text),
        Some((at, c)) => Err(Problem::error(
            "control-character",
            format!(
                "the file holds the character U+{:04X}, which no feed can carry",
                c as u32
            ),
        )
        .file(path)
        .line(line_at(at))
        .hint("delete it; editors show it when told to show invisible characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(listing: &Listing) -> Vec<&str> {
        listing.files.iter().map(|f| f.name.as_str()).collect()
    }

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        }
        dir
    }

    #[test]
    fn lists_its_kind_in_order_without_hidden_ones() {
        let dir = folder(&[
            "b.md",
            "a/z.markdown",
            "a/c.MD",
            ".hidden.md",
            ".git/x.md",
            "page.html",
            "t.txt",
        ]);
        let listing = list(dir.path(), SourceKind::Markdown, &[], &[]).unwrap();
        assert_eq!(names(&listing), ["a/c.MD", "a/z.markdown", "b.md"]);
        let listing = list(dir.path(), SourceKind::Pages, &[], &[]).unwrap();
        assert_eq!(names(&listing), ["page.html"]);
        let listing = list(&dir.path().join("t.txt"), SourceKind::Text, &[], &[]).unwrap();
        assert_eq!(names(&listing), ["t.txt"]);
    }

    #[test]
    fn globs_choose() {
        let dir = folder(&["a.md", "posts/b.md", "posts/2026/c.md", "drafts/d.md"]);
        let chosen = |include: &[&str], exclude: &[&str]| {
            let owned = |globs: &[&str]| globs.iter().map(|g| (*g).to_owned()).collect::<Vec<_>>();
            let listing = list(dir.path(), SourceKind::Markdown, &owned(include), &owned(exclude)).unwrap();
            names(&listing).join(" ")
        };
        assert_eq!(chosen(&["*.md"], &[]), "a.md");
        assert_eq!(chosen(&["posts/**"], &[]), "posts/2026/c.md posts/b.md");
        assert_eq!(chosen(&[], &["drafts/**", "a.*"]), "posts/2026/c.md posts/b.md");
        let bad = list(dir.path(), SourceKind::Markdown, &["[".to_owned()], &[]).unwrap_err();
        assert_eq!(bad.code, "config-value");
    }

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_folder_are_not_followed() {
        use std::os::unix::fs::symlink;
        let outside = folder(&["secret.md", "more/x.md"]);
        let dir = folder(&["a.md"]);
        symlink(outside.path().join("secret.md"), dir.path().join("s.md")).unwrap();
        symlink(outside.path().join("more"), dir.path().join("more")).unwrap();
        symlink(dir.path().join("a.md"), dir.path().join("same.md")).unwrap();
        symlink("/nowhere", dir.path().join("dead.md")).unwrap();
        symlink(dir.path(), dir.path().join("loop")).unwrap();
        let listing = list(dir.path(), SourceKind::Markdown, &[], &[]).unwrap();
        // One that leads nowhere is listed, and then cannot be read.
        assert_eq!(names(&listing), ["a.md", "dead.md", "same.md"]);
        let told: Vec<&str> = listing.warnings.iter().map(|w| w.code).collect();
        assert_eq!(told, ["link-outside"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_utf8_fails_alone() {
        use std::os::unix::ffi::OsStrExt;
        let dir = folder(&["a.md"]);
        let name = std::ffi::OsStr::from_bytes(b"bad\xFF.md");
        // Some file systems take no such name.
        if fs::write(dir.path().join(name), "text").is_err() {
            return;
        }
        let listing = list(dir.path(), SourceKind::Markdown, &[], &[]).unwrap();
        assert_eq!(names(&listing), ["a.md"]);
        let (path, problem) = &listing.failed[0];
        assert_eq!(
            (path.as_str(), problem.code),
            ("bad\u{FFFD}.md", "unreadable-file")
        );
        assert!(problem.message.contains("no UTF-8"), "{problem}");
    }

    #[test]
    fn a_missing_folder_is_an_error_of_its_own() {
        let dir = folder(&[]);
        let problem = list(&dir.path().join("none"), SourceKind::Text, &[], &[]).unwrap_err();
        assert_eq!(problem.code, "unreadable-folder");
    }

    #[test]
    fn a_large_file_is_refused_unread() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("large.html");
        // Sparse: it has a size but takes no room, and nobody would read it in time.
        fs::File::create(&path).unwrap().set_len(50 << 30).unwrap();
        let problem = bytes(&path).unwrap_err();
        assert_eq!(problem.code, "too-large");
        assert!(problem.to_string().contains("large.html"));
        assert_eq!(
            bytes(&dir.path().join("none")).unwrap_err().code,
            "unreadable-file"
        );
        assert_eq!(bytes(dir.path()).unwrap_err().code, "unreadable-file");
    }

    #[test]
    fn text_is_utf8_that_xml_can_hold() {
        let path = Path::new("a.md");
        assert_eq!(text(b"\xEF\xBB\xBFab\n", path).unwrap(), "ab\n");
        let problem = text(b"one\ntwo\nb\xE4d", path).unwrap_err();
        assert_eq!((problem.code, problem.line), ("invalid-utf8", Some(3)));
        assert!(problem.message.contains("byte 9 (0xE4)"), "{}", problem.message);
        let problem = text(b"one\nb\x08d", path).unwrap_err();
        assert_eq!((problem.code, problem.line), ("control-character", Some(2)));
        assert_eq!(
            text("\u{FFFE}".as_bytes(), path).unwrap_err().code,
            "control-character"
        );
    }
}
