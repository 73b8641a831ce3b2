//! Documents that hold many articles: read by their kind, and made articles one by one.

use super::collection::{Collection, Item};
use super::dates::Reading;
use super::files::{self, File};
use super::place::Place;
use super::scan::{Failed, Scan, guarded};
use super::web::Web;
use super::{extract, feed, ghost, wordpress};
use crate::articles::Article;
use crate::articles::text::first_words;
use crate::clock::Instant;
use crate::config::{self, Origin, SourceKind};
use crate::problem::Problem;
use std::cell::Cell;
use std::collections::HashMap;
use std::io::{Cursor, Read, Seek};
use std::path::Path;
use url::Url;
use uuid::Uuid;

/// The largest export that is read, in bytes. Its file is never in memory as a whole; its articles are.
const EXPORT_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// What is around a document.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) site: &'a config::Site,
    pub(crate) site_id: Uuid,
    pub(crate) source: &'a config::Source,
    /// The file, or the URL, that the document came from; for messages.
    pub(crate) from: &'a Path,
}

impl<'a> Around<'a> {
    /// What is around the documents of a source on the web.
    pub(crate) fn of(source: &'a config::Source, web: Web<'a>) -> Around<'a> {
        Around {
            site: web.site,
            site_id: web.site_id,
            source,
            from: source.origin.shown(),
        }
    }
}

/// Whether a source of the kind holds many articles in one document.
pub(crate) fn is_one(kind: SourceKind) -> bool {
    matches!(kind, SourceKind::Feed | SourceKind::Wordpress | SourceKind::Ghost)
}

/// Reads a document of the source's kind.
///
/// # Errors
/// It cannot be read at all.
pub(crate) fn parse(bytes: &[u8], content_type: Option<&str>, around: Around) -> Result<Collection, Problem> {
    let reading = Reading::new(around.site.timezone, &around.site.language);
    guarded(around.from, || match around.source.kind {
        SourceKind::Feed => feed::parse(bytes, content_type, around.from, &around.site.url, reading),
        SourceKind::Wordpress | SourceKind::Ghost => export(Cursor::new(bytes), around, reading, None),
        kind => Err(Problem::error(
            "config-value",
            format!("{kind:?} is no document of many articles"),
        )),
    })
}

/// Reads the file of a source's kind: an export piece by piece, for it may be large.
///
/// # Errors
/// It cannot be read at all.
pub(crate) fn parse_file(
    file: &Path,
    around: Around,
    shared: Option<&wordpress::Files>,
) -> Result<Collection, Problem> {
    if !is_export(around.source.kind) {
        return parse(&files::bytes(file)?, None, around);
    }
    let reading = Reading::new(around.site.timezone, &around.site.language);
    let opened = files::open(file, EXPORT_BYTES)?;
    guarded(around.from, || export(opened, around, reading, shared))
}

/// What posts in one file of a split export need of the others: their pictures. One that cannot be read
/// is named when its own turn comes.
pub(crate) fn shared(listed: &[File], kind: SourceKind) -> Option<wordpress::Files> {
    (kind == SourceKind::Wordpress && listed.len() > 1).then(|| {
        let mut shared = wordpress::Files::default();
        for file in listed {
            let opened = files::open(&file.path, EXPORT_BYTES);
            let _ = opened.and_then(|opened| {
                guarded(&file.path, || {
                    wordpress::add_files(opened, &file.path, &mut shared);
                    Ok(())
                })
            });
        }
        shared
    })
}

fn export(
    input: impl Read + Seek,
    around: Around,
    reading: Reading,
    shared: Option<&wordpress::Files>,
) -> Result<Collection, Problem> {
    let place = ghost::Place {
        site: &around.site.url,
        has_template: around.source.url_template.is_some(),
    };
    match around.source.kind {
        SourceKind::Ghost => ghost::parse(input, around.from, place, reading),
        _ => wordpress::parse(input, around.from, reading, shared),
    }
}

/// Whether the kind's files are exports. Their articles are called by what the site calls them,
/// whatever file they stand in: a newer export may repeat an older one.
pub(crate) fn is_export(kind: SourceKind) -> bool {
    matches!(kind, SourceKind::Wordpress | SourceKind::Ghost)
}

/// Makes articles of the items, each by itself, and puts them into the scan. `prefix` stands before
/// their keys: the name of the file, where there may be several.
pub(crate) fn take(collection: Collection, prefix: &str, around: Around, scan: &mut Scan) {
    #[cfg(feature = "seeded-bugs")]
    for extract in collection
        .items
        .iter()
        .filter_map(|item| item.extract.as_ref().ok())
    {
        super::seeded_bugs::read(around.source.kind, extract);
    }
    scan.warnings.extend(collection.warnings);
    scan.partial |= !collection.whole;
    scan.cut |= collection.cut;
    scan.about = collection.about;
    let mut known = is_export(around.source.kind).then(|| {
        let paths = scan.articles.iter().map(|article| article.path.clone());
        Known(paths.zip(0..).collect())
    });
    let is_chosen = match chooser(around.source) {
        Ok(is_chosen) => is_chosen,
        Err(problem) => return scan.is_unreadable(problem),
    };
    withdraw(collection.left_out, prefix, scan);
    for item in collection.items {
        let path = format!("{prefix}{}", item.key);
        match made(item, &path, around) {
            Ok((article, _)) if !is_chosen(&article.url) => {}
            Ok((article, warnings)) => {
                scan.warnings.extend(warnings);
                match &mut known {
                    Some(known) => known.put(article, scan),
                    None => scan.articles.push(article),
                }
            }
            Err(problem) => scan.failed.push(Failed { path, problem }),
        }
    }
    leave_out_withdrawn(scan);
}

/// The article of an item; what is said of it names the item.
fn made(item: Item, path: &str, around: Around) -> Result<(Article, Vec<Problem>), Problem> {
    let file = File {
        name: path.to_owned(),
        path: around.from.to_owned(),
    };
    let place = Place {
        site: around.site,
        site_id: around.site_id,
        source: around.source,
        file: &file,
        hidden: &[],
        folders: None,
        url: None,
        looked_elsewhere: &Cell::new(false),
    };
    let extract = item.extract;
    let made = extract.and_then(|extract| guarded(around.from, || extract::article(extract, &place)));
    match made {
        Ok((article, warnings)) => {
            let of_article = |warning| of_item(warning, &article.title);
            let warnings = warnings.into_iter().map(of_article).collect();
            Ok((article, warnings))
        }
        // The document itself.
        Err(problem) if item.key == "." => Err(problem),
        Err(problem) => Err(of_item(problem, &item.key)),
    }
}

/// Says which item of the document is meant.
fn of_item(problem: Problem, item: &str) -> Problem {
    Problem {
        message: format!("{:?}: {}", first_words(item, 60), problem.message),
        ..problem
    }
}

/// Remembers what is not for everybody, with the newest change of it.
fn withdraw(left_out: Vec<(String, Option<Instant>)>, prefix: &str, scan: &mut Scan) {
    for (key, changed) in left_out {
        let last = scan.withdrawn.entry(format!("{prefix}{key}")).or_default();
        *last = changed.max(*last);
    }
}

/// What one export has for everybody another may have later for some. When in doubt it is left out.
fn leave_out_withdrawn(scan: &mut Scan) {
    let withdrawn = &scan.withdrawn;
    scan.articles.retain(|article| {
        let since = withdrawn.get(&article.path);
        since.is_none_or(|since| article.updated > *since)
    });
}

/// The articles of a scan by path: of one that stands in several exports the newest counts.
#[derive(Default)]
struct Known(HashMap<String, usize>);

impl Known {
    fn put(&mut self, article: Article, scan: &mut Scan) {
        match self.0.get(&article.path) {
            Some(&place) if scan.articles[place].updated <= article.updated => scan.articles[place] = article,
            Some(_) => {}
            None => {
                self.0.insert(article.path.clone(), scan.articles.len());
                scan.articles.push(article);
            }
        }
    }
}

/// What `include` and `exclude` say of the articles of a document on the web: globs for the paths of
/// their URLs. Of a folder they have chosen the files.
fn chooser(source: &config::Source) -> Result<impl Fn(&str) -> bool, Problem> {
    let (include, exclude) = match &source.origin {
        Origin::Url(_) => (
            files::globs(&source.include, "include")?,
            files::globs(&source.exclude, "exclude")?,
        ),
        Origin::Path(_) => (None, None),
    };
    Ok(move |url: &str| {
        let path = Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.path().to_owned());
        include.as_ref().is_none_or(|globs| globs.is_match(&path))
            && exclude.as_ref().is_none_or(|globs| !globs.is_match(&path))
    })
}
