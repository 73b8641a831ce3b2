//! Documents that hold many articles: read by their kind, and made articles one by one.

use super::collection::Collection;
use super::dates::Reading;
use super::files::File;
use super::place::Place;
use super::scan::{Failed, Scan, guarded};
use super::{extract, feed};
use crate::config::{self, SourceKind};
use crate::problem::Problem;
use std::path::Path;
use uuid::Uuid;

/// What is around a document.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) site: &'a config::Site,
    pub(crate) site_id: Uuid,
    pub(crate) source: &'a config::Source,
    /// The file, or the URL, that the document came from; for messages.
    pub(crate) from: &'a Path,
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
        SourceKind::Feed => feed::parse(bytes, content_type, around.from, reading),
        kind => Err(Problem::error(
            "config-value",
            format!("{kind:?} is no document of many articles"),
        )),
    })
}

/// Makes articles of the items, each by itself, and puts them into the scan. `prefix` stands before
/// their keys: the name of the file, where there may be several.
pub(crate) fn take(collection: Collection, prefix: &str, around: Around, scan: &mut Scan) {
    scan.warnings.extend(collection.warnings);
    scan.partial |= !collection.whole;
    scan.about = collection.about;
    for item in collection.items {
        let file = File {
            name: format!("{prefix}{}", item.key),
            path: around.from.to_owned(),
        };
        let place = Place {
            site: around.site,
            site_id: around.site_id,
            source: around.source,
            file: &file,
            url: None,
        };
        let made = item
            .extract
            .and_then(|extract| guarded(around.from, || extract::article(extract, &place)));
        match made {
            Ok((article, warnings)) => {
                scan.articles.push(article);
                scan.warnings.extend(warnings);
            }
            Err(problem) => scan.failed.push(Failed {
                path: file.name.clone(),
                problem,
            }),
        }
    }
}
