//! Where articles come from: one file a kind, all converging on [`Article`].
//!
//! A source reads the files of a folder. Whatever is wrong with one of them is said of that one,
//! and the others go on. Knows neither the store nor what was read before.

mod dates;
mod extract;
mod files;
mod front_matter;
mod images;
mod limits;
mod markdown;
mod pages;
mod people;
mod place;
mod text;
mod visible;

use crate::articles::Article;
use crate::config;
use crate::config::SourceKind;
use crate::problem::Problem;
use dates::Reading;
use files::File;
use place::Place;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use url::Url;
use uuid::Uuid;

/// What one reading of a source gave.
#[derive(Debug, Default)]
pub struct Scan {
    /// The source's name.
    pub source: String,
    /// In the order of their paths.
    pub articles: Vec<Article>,
    /// What failed, each by its path within the source. An article known by that path (or, for a
    /// folder, from under it) is not removed: it stays as it was.
    pub failed: Vec<Failed>,
    pub warnings: Vec<Problem>,
    /// `false`: the folder itself could not be listed, and nothing counts as removed.
    pub readable: bool,
}

/// A file that gave no article.
#[derive(Debug)]
pub struct Failed {
    /// Within the source; `.` is the source itself.
    pub path: String,
    pub problem: Problem,
}

/// Reads all of a source. Blocks: call it where that is allowed.
#[must_use]
pub fn read(source: &config::Source, site: &config::Site, site_id: Uuid) -> Scan {
    let mut scan = Scan {
        source: source.name.clone(),
        readable: true,
        ..Scan::default()
    };
    let listing = match files::list(&source.path, source.kind, &source.include, &source.exclude) {
        Ok(listing) => listing,
        Err(problem) => {
            scan.readable = false;
            scan.failed.push(Failed {
                path: ".".to_owned(),
                problem,
            });
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
    for file in &listing.files {
        let place = Place {
            site,
            site_id,
            source,
            file,
            url: None,
        };
        match read_file(&place) {
            Ok(Some((article, warnings))) => {
                scan.articles.push(article);
                scan.warnings.extend(warnings);
            }
            Ok(None) => {}
            Err(problem) => scan.failed.push(Failed {
                path: file.name.clone(),
                problem,
            }),
        }
    }
    scan
}

/// What a source of a kind would make of one file, without a site around it. `url` is where the
/// file is published, if that is known; else the file may say so, or it has no address.
///
/// # Errors
/// As for a file of a source.
pub fn read_one(
    path: &Path,
    kind: SourceKind,
    site: &config::Site,
    url: Option<&Url>,
) -> Result<(Article, Vec<Problem>), Problem> {
    let source = config::Source {
        name: "files".to_owned(),
        kind,
        path: path.to_owned(),
        url_template: None,
        include: Vec::new(),
        exclude: Vec::new(),
        every: std::time::Duration::ZERO,
    };
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let file = File {
        name,
        path: path.to_owned(),
    };
    let place = Place {
        site,
        site_id: Uuid::nil(),
        source: &source,
        file: &file,
        url,
    };
    let bytes = files::bytes(path)?;
    guarded(&place, || make(&place, &bytes))
}

fn read_file(place: &Place) -> Result<Option<(Article, Vec<Problem>)>, Problem> {
    let bytes = files::bytes(&place.file.path)?;
    if place.source.kind == SourceKind::Markdown
        && std::str::from_utf8(&bytes).is_ok_and(|text| markdown::is_no_article(&place.file.name, text))
    {
        return Ok(None);
    }
    guarded(place, || make(place, &bytes)).map(Some)
}

fn make(place: &Place, bytes: &[u8]) -> Result<(Article, Vec<Problem>), Problem> {
    let path = &place.file.path;
    let reading = Reading::new(place.site.timezone, &place.site.language);
    let extract = match place.source.kind {
        SourceKind::Markdown => {
            let text = files::text(bytes, path)?;
            markdown::read(&place.file.name, &text, reading).map_err(|problem| problem.file(path))?
        }
        SourceKind::Text => text::read(&files::text(bytes, path)?, reading),
        SourceKind::Pages => pages::read(bytes, path, place.url, &place.site.url, reading)?,
    };
    extract::article(extract, place)
}

/// Parsers of other people's HTML have bugs; one page that meets one fails by its name.
fn guarded<T>(place: &Place, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Problem::error(
            "unreadable-content",
            "a bug: its content could not be taken apart",
        )
        .file(&place.file.path)
        .hint("leave it out with `exclude`, and report it"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn site() -> config::Site {
        config::Site {
            id: None,
            title: String::new(),
            url: Url::parse("https://example.org/").unwrap(),
            description: String::new(),
            language: "en".to_owned(),
            timezone: chrono_tz::Tz::UTC,
            author: None,
            postal_address: None,
            logo: None,
        }
    }

    fn source(path: PathBuf) -> config::Source {
        config::Source {
            name: "posts".to_owned(),
            kind: SourceKind::Markdown,
            path,
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
        let scan = read(&source(dir.path().to_owned()), &site(), Uuid::nil());
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
        let scan = read(&source(dir.path().join("none")), &site(), Uuid::nil());
        assert!(!scan.readable && scan.articles.is_empty());
        assert_eq!(scan.failed[0].path, ".");
        assert!(read(&source(dir.path().to_owned()), &site(), Uuid::nil()).readable);
    }

    #[test]
    fn a_bug_of_a_parser_fails_one_file() {
        let site = site();
        let source = source(PathBuf::from("posts"));
        let file = File {
            name: "a.md".to_owned(),
            path: PathBuf::from("posts/a.md"),
        };
        let place = Place {
            site: &site,
            site_id: Uuid::nil(),
            source: &source,
            file: &file,
            url: None,
        };
        let problem = guarded(&place, || -> Result<(), Problem> { panic!("a bug") }).unwrap_err();
        assert_eq!(problem.code, "unreadable-content");
        assert_eq!(problem.file.as_deref(), Some("posts/a.md"));
    }
}
