//! The published documents: which articles each holds, and its bytes in RSS, Atom and JSON. Pure:
//! knows nothing of files, the store or who is told of a change.
//!
//! ```text
//! cards → topics (each category, each author) → selections (each with a folder of its own)
//! selection + articles → model (all text made safe, all fallbacks settled) → rss, atom, json
//! ```

mod atom;
mod bidi;
mod clean;
mod document;
mod json;
mod model;
mod moments;
mod names;
pub mod old_urls;
mod opml;
pub mod parts;
mod rss;
mod selection;
mod site;
mod slugs;
mod words;

#[cfg(test)]
mod tests;

pub use document::{Document, Format};
pub use selection::{Selection, Subject, Topic, selections, topics};
pub use site::FeedSite;
pub use slugs::{Kind, Slug, Slugs};
pub use words::Words;

use crate::articles::state::Stored;
use crate::problem::Problem;
use document::WriteError;
use model::Feed;
use url::Url;

/// Writes a feed down in one format, with the URL at which it is published.
type Writer = fn(&Feed, &Url) -> Result<String, WriteError>;

/// The documents of one selection: RSS, Atom and JSON, with the same items in the same order.
///
/// # Errors
/// `feed-unrenderable`: a document that cannot be written down, by name.
pub fn documents(
    selection: &Selection,
    articles: &[Stored],
    site: &FeedSite,
) -> Result<Vec<Document>, Problem> {
    let feed = Feed::new(selection, articles, site);
    let writers: [(Format, Writer); 3] = [
        (Format::Rss, rss::write),
        (Format::Atom, atom::write),
        (Format::Json, json::write),
    ];
    writers
        .into_iter()
        .map(|(format, write)| {
            let path = selection.path(format);
            let self_url = site.url(&path);
            let text = write(&feed, &self_url).map_err(|error| error.of(&path))?;
            Ok(Document::new(path, format, self_url, text))
        })
        .collect()
}

/// `feeds.opml`: the list of all feeds, for readers that take many at once.
///
/// # Errors
/// `feed-unrenderable`, as [`documents`].
pub fn list(selections: &[Selection], site: &FeedSite) -> Result<Document, Problem> {
    let path = Format::Opml.file_name();
    let text = opml::write(selections, site).map_err(|error| error.of(path))?;
    Ok(Document::new(path.to_owned(), Format::Opml, site.url(path), text))
}
