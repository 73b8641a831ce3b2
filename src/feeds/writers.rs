//! The formats, each with its writer.

use super::document::{Document, Format, WriteError};
use super::model::Feed;
use super::site::FeedSite;
use super::{atom, json, rss};
use crate::problem::Problem;
use url::Url;

/// Writes a feed down in one format, with the URL at which it is published.
type Writer = fn(&Feed, &Url) -> Result<String, WriteError>;

fn writer(format: Format) -> Option<Writer> {
    match format {
        Format::Rss => Some(rss::write),
        Format::Atom => Some(atom::write),
        Format::Json => Some(json::write),
        Format::Opml | Format::Sitemap | Format::Links => None,
    }
}

/// The documents of a feed in a folder, in those formats that are a feed's.
///
/// # Errors
/// `feed-unrenderable`: a document that cannot be written down, by name.
pub(crate) fn documents(
    feed: &Feed,
    folder: &str,
    formats: &[Format],
    site: &FeedSite,
) -> Result<Vec<Document>, Problem> {
    let writers = formats
        .iter()
        .filter_map(|format| Some((*format, writer(*format)?)));
    let document = |(format, write): (Format, Writer)| {
        let path = format!("{folder}{}", format.file_name());
        let self_url = site.url(&path);
        let text = write(feed, &self_url).map_err(|error| error.of(&path))?;
        Ok(Document::new(path, format, self_url, text))
    };
    writers.map(document).collect()
}
