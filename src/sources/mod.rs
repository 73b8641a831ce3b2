//! Where articles come from: one file a kind, all converging on [`Article`].
//!
//! A source reads the files of a folder ([`read`]), or asks a site ([`remote`]). Whatever is wrong with
//! one article is said of that one, and the others go on. Knows nothing of the store: what earlier
//! readings left comes as [`Past`], what the next one is to be told goes back as [`Notes`].

mod audio;
mod collection;
mod dates;
mod decoded;
mod documents;
mod extract;
mod feed;
mod fetch;
mod file_names;
mod files;
mod folders;
mod front_matter;
pub mod generators;
mod ghost;
#[cfg(test)]
mod ground;
mod images;
mod left_out;
mod limits;
mod markdown;
mod pages;
mod past;
mod people;
mod place;
mod progress;
pub mod recognise;
pub mod remote;
mod scan;
#[cfg(feature = "seeded-bugs")]
pub mod seeded_bugs;
mod sitemap;
mod stamps;
mod talk;
mod text;
mod told;
pub mod unread;
mod visible;
mod web;
mod wordpress;

pub use past::{Notes, Past};
pub use scan::{About, Failed, Scan};

use crate::articles::Article;
use crate::config;
use crate::config::{Origin, SourceKind};
use crate::parallel;
use crate::problem::Problem;
use collection::Collection;
use dates::Reading;
use documents::Around;
use files::File;
use folders::Folders;
use generators::Here;
use place::Place;
use scan::guarded;
use stamps::{Stamp, Stamps};
use std::cell::Cell;
use std::path::Path;
use url::Url;
use uuid::Uuid;

/// So many files are read by one processor before it takes the next.
const RUN: usize = 16;

/// Reads a source whose origin is a path: all that is not as it was. Blocks: call it where that is
/// allowed.
#[must_use]
pub fn read(source: &config::Source, site: &config::Site, site_id: Uuid, past: &Past) -> Scan {
    let Origin::Path(root) = &source.origin else {
        return Scan::default();
    };
    let mut scan = Scan {
        source: source.name.clone(),
        readable: true,
        ..Scan::default()
    };
    let listed = files::list(root, source.kind, &source.include, &source.exclude);
    let listed = listed.and_then(|listing| Ok((listing, Folders::of_source(root, source)?)));
    let (listing, folders) = match listed {
        Ok(listed) => listed,
        Err(problem) => {
            scan.is_unreadable(problem);
            return scan;
        }
    };
    scan.warnings = listing.warnings;
    scan.failed.extend(
        listing
            .failed
            .into_iter()
            .map(|(path, problem)| Failed { path, problem }),
    );
    let shared = documents::shared(&listing.files, source.kind);
    // One after the other: of an article in several the newest counts.
    for file in listing.files.iter().filter(|_| documents::is_one(source.kind)) {
        let around = Around {
            site,
            site_id,
            source,
            from: &file.path,
        };
        let parsed = documents::parse_file(&file.path, around, shared.as_ref());
        take_collection(parsed, file, around, &mut scan);
    }
    if documents::is_one(source.kind) {
        return scan;
    }
    let generated = folders.as_ref().and_then(Folders::site);
    let rules = generated.map(Here::decides).unwrap_or_default();
    let stamps = Stamps::new(past, source, site, site_id, &rules);
    let reader = Reader {
        source,
        site,
        site_id,
        stamps: &stamps,
        folders,
    };
    let settled = reader.take_all(&listing.files, &mut scan);
    let unread = reader.folders.map(Folders::problems).unwrap_or_default();
    scan.failed
        .extend(unread.into_iter().map(|(path, problem)| Failed { path, problem }));
    scan.notes = stamps.notes(settled);
    let found = scan.articles.iter();
    let again = found.filter(|article| past.known.contains(&article.path)).count();
    scan.all_there = scan.unchanged.len() + again == past.known.len();
    scan
}

/// What reads the files of one source.
struct Reader<'a> {
    source: &'a config::Source,
    site: &'a config::Site,
    site_id: Uuid,
    stamps: &'a Stamps<'a>,
    /// Of Markdown alone.
    folders: Option<Folders>,
}

impl Reader<'_> {
    /// As [`Reader::take`], of all files, on all processors.
    fn take_all(&self, files: &[File], scan: &mut Scan) -> Vec<(String, Stamp)> {
        let runs: Vec<&[File]> = files.chunks(RUN).collect();
        let parts = parallel::map(&runs, |run| {
            let mut part = Scan::default();
            let settled: Vec<_> = run.iter().filter_map(|file| self.take(file, &mut part)).collect();
            (part, settled)
        });
        let mut settled = Vec::with_capacity(files.len());
        scan.articles
            .reserve(parts.iter().map(|(part, _)| part.articles.len()).sum());
        for (part, files) in parts {
            scan.add(part);
            settled.extend(files);
        }
        settled
    }

    /// Reads a file where it is not as it was, and puts what it gives into the scan. The file and its
    /// stamp, if it need not be read again as long as it looks so.
    fn take(&self, file: &File, scan: &mut Scan) -> Option<(String, Stamp)> {
        let stamp = stamps::look(file);
        let folders = self.folders.as_ref();
        if folders.is_some_and(|folders| folders.is_resource(file) || folders.is_ignored(file)) {
            return None;
        }
        let hidden = folders.map(|folders| folders.hide(file)).unwrap_or_default();
        // What other files decide changes with them: it is read in each pass.
        let is_decided = folders.is_some_and(|folders| folders.stated_address(file).is_some());
        let stamp = stamp.filter(|_| hidden.is_empty() && !is_decided);
        if let Some(stamp) = stamp.filter(|stamp| self.stamps.is_unchanged(file, *stamp)) {
            scan.unchanged.push(file.name.clone());
            return Some((file.name.clone(), stamp));
        }
        let looked_elsewhere = Cell::new(false);
        let place = Place {
            site: self.site,
            site_id: self.site_id,
            source: self.source,
            file,
            hidden: &hidden,
            folders,
            url: None,
            looked_elsewhere: &looked_elsewhere,
        };
        match read_file(&place) {
            Ok(Some((article, warnings))) => {
                let alone = warnings.is_empty() && !looked_elsewhere.get();
                scan.articles.push(article);
                scan.warnings.extend(warnings);
                let stamp = stamp.filter(|stamp| alone && self.stamps.is_settled(*stamp))?;
                Some((file.name.clone(), stamp))
            }
            Ok(None) => None,
            Err(problem) => {
                let path = file.name.clone();
                scan.failed.push(Failed { path, problem });
                None
            }
        }
    }
}

/// What a source of a kind would make of one file, without a site around it. `url` is where the
/// file is published, if that is known; else the file may say so, or it has no address.
#[must_use]
pub fn read_one(path: &Path, kind: SourceKind, site: &config::Site, url: Option<&Url>) -> Scan {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if documents::is_export(kind) {
        return read_document(path, &name, kind, site, url, |around| {
            documents::parse_file(path, around, None)
        });
    }
    match files::bytes(path) {
        Ok(bytes) => read_bytes(&bytes, &name, path, kind, site, url),
        Err(problem) => {
            let mut scan = Scan::default();
            scan.is_unreadable(problem);
            scan
        }
    }
}

/// What a feed or an export says of its site; nothing where it cannot be read.
#[must_use]
pub fn about(path: &Path, kind: SourceKind) -> About {
    let site = config::Site::nowhere();
    site.map(|site| read_one(path, kind, &site, None).about)
        .unwrap_or_default()
}

/// As [`read_one`], of a file's content. `path` is only for messages, and for images beside it.
#[must_use]
pub fn read_bytes(
    bytes: &[u8],
    name: &str,
    path: &Path,
    kind: SourceKind,
    site: &config::Site,
    url: Option<&Url>,
) -> Scan {
    if documents::is_one(kind) {
        return read_document(path, name, kind, site, url, |around| {
            documents::parse(bytes, None, around)
        });
    }
    let source = of_files(path, kind);
    let file = File {
        name: name.to_owned(),
        path: path.to_owned(),
    };
    let mut scan = Scan {
        readable: true,
        ..Scan::default()
    };
    let place = Place {
        site,
        site_id: Uuid::nil(),
        source: &source,
        file: &file,
        hidden: &[],
        folders: None,
        url,
        looked_elsewhere: &Cell::new(false),
    };
    match guarded(path, || make(&place, bytes)) {
        Ok((article, warnings)) => {
            scan.articles.push(article);
            scan.warnings = warnings;
        }
        Err(problem) => scan.failed.push(Failed {
            path: file.name.clone(),
            problem,
        }),
    }
    scan
}

/// A source of nothing but some files.
fn of_files(path: &Path, kind: SourceKind) -> config::Source {
    config::Source {
        name: "files".to_owned(),
        kind,
        origin: Origin::Path(path.to_owned()),
        key: None,
        url_template: None,
        include: Vec::new(),
        exclude: Vec::new(),
        every: std::time::Duration::ZERO,
    }
}

/// A file of many articles; `url` is where their site is.
fn read_document(
    path: &Path,
    name: &str,
    kind: SourceKind,
    site: &config::Site,
    url: Option<&Url>,
    parse: impl FnOnce(Around) -> Result<Collection, Problem>,
) -> Scan {
    let site = config::Site {
        url: url.unwrap_or(&site.url).clone(),
        ..site.clone()
    };
    let source = of_files(path, kind);
    let around = Around {
        site: &site,
        site_id: Uuid::nil(),
        source: &source,
        from: path,
    };
    let file = File {
        name: name.to_owned(),
        path: path.to_owned(),
    };
    let mut scan = Scan {
        readable: true,
        ..Scan::default()
    };
    take_collection(parse(around), &file, around, &mut scan);
    scan
}

fn read_file(place: &Place) -> Result<Option<(Article, Vec<Problem>)>, Problem> {
    let bytes = files::bytes(&place.file.path)?;
    if place.source.kind == SourceKind::Markdown
        && std::str::from_utf8(&bytes).is_ok_and(|text| markdown::is_no_article(&place.file.name, text))
    {
        return Ok(None);
    }
    guarded(&place.file.path, || make(place, &bytes)).map(Some)
}

/// A file that holds many articles. Where it cannot be read, those known from it stay.
fn take_collection(parsed: Result<Collection, Problem>, file: &File, around: Around, scan: &mut Scan) {
    let export = documents::is_export(around.source.kind);
    let prefix = if export {
        String::new()
    } else {
        format!("{}/", file.name)
    };
    match parsed {
        Ok(collection) => documents::take(collection, &prefix, around, scan),
        Err(problem) => {
            // Which articles stand in an export nobody knows who cannot read it.
            scan.partial |= export;
            scan.failed.push(Failed {
                path: file.name.clone(),
                problem,
            });
        }
    }
}

fn make(place: &Place, bytes: &[u8]) -> Result<(Article, Vec<Problem>), Problem> {
    let path = &place.file.path;
    let reading = Reading::new(place.site.timezone, &place.site.language);
    let extract = match place.source.kind {
        SourceKind::Markdown => {
            let text = files::text(bytes, path)?;
            markdown::read(place, &text, reading).map_err(|problem| problem.file(path))?
        }
        SourceKind::Text => text::read(&files::text(bytes, path)?, reading),
        SourceKind::Pages => {
            let made = |dated: &extract::Extract| extract::address(dated, place).ok();
            pages::read(bytes, path, place.url, &place.site.url, reading, None, made)?
        }
        kind => {
            return Err(Problem::error(
                "config-value",
                format!("{kind:?} is no kind of single files"),
            ));
        }
    };
    #[cfg(feature = "seeded-bugs")]
    seeded_bugs::read(place.source.kind, &extract);
    extract::article(extract, place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn site() -> config::Site {
        config::Site {
            url: Url::parse("https://example.org/").unwrap(),
            ..config::Site::nowhere().unwrap()
        }
    }

    fn source(path: PathBuf) -> config::Source {
        config::Source {
            name: "posts".to_owned(),
            kind: SourceKind::Markdown,
            origin: Origin::Path(path),
            key: None,
            url_template: None,
            include: Vec::new(),
            exclude: Vec::new(),
            every: std::time::Duration::from_secs(900),
        }
    }

    #[test]
    fn one_bad_file_fails_alone() {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in [
            ("a.md", b"---\ntitle: A\ndate: 2026-01-23\n---\nx".as_slice()),
            ("b.md", b"---\ntitle: [\n---\nx"),
            ("c.md", b"\xFF"),
            ("d.md", b"---\ntitle: D\ndate: 2026-01-23\n---\nx"),
            ("README.md", b"# About this folder"),
        ] {
            std::fs::write(dir.path().join(name), bytes).unwrap();
        }
        let scan = read(
            &source(dir.path().to_owned()),
            &site(),
            Uuid::nil(),
            &Past::default(),
        );
        assert!(scan.readable);
        let titles: Vec<&str> = scan.articles.iter().map(|a| a.title.as_str()).collect();
        assert_eq!(titles, ["A", "D"]);
        let failed: Vec<(&str, &str)> = scan
            .failed
            .iter()
            .map(|f| (f.path.as_str(), f.problem.code))
            .collect();
        assert_eq!(failed, [("b.md", "front-matter"), ("c.md", "invalid-utf8")]);
        assert!(
            scan.failed
                .iter()
                .all(|f| f.problem.hint.is_some() && f.problem.file.is_some())
        );
        assert_eq!(scan.warnings, []);
    }

    #[test]
    fn a_missing_folder_is_unreadable_not_empty() {
        let dir = tempfile::tempdir().unwrap();
        let scan = read(
            &source(dir.path().join("none")),
            &site(),
            Uuid::nil(),
            &Past::default(),
        );
        assert!(!scan.readable && scan.articles.is_empty());
        assert_eq!(scan.failed[0].path, ".");
        assert!(
            read(
                &source(dir.path().to_owned()),
                &site(),
                Uuid::nil(),
                &Past::default()
            )
            .readable
        );
    }

    #[test]
    fn a_bug_of_a_parser_fails_one_file() {
        let problem = guarded(Path::new("posts/a.md"), || -> Result<(), Problem> {
            panic!("a bug")
        })
        .unwrap_err();
        assert_eq!(problem.code, "unreadable-content");
        assert_eq!(problem.file.as_deref(), Some("posts/a.md"));
    }
}
