//! The published documents: which articles each holds, and its bytes in RSS, Atom and JSON. Pure:
//! knows nothing of files, the store or who is told of a change.
//!
//! ```text
//! cards → topics (each category, each author) → selections (each with a folder of its own)
//! cards → archive (what the site's feed holds no more)
//! selection + articles → model (all text made safe, all fallbacks settled) → rss, atom, json
//! ```

pub mod archive;
mod atom;
mod bidi;
mod clean;
pub mod comments;
mod document;
mod json;
mod links;
mod model;
mod moments;
mod names;
pub mod old_urls;
mod opml;
pub mod parts;
pub mod paths;
mod podcast;
pub mod readership;
mod recordings;
mod rss;
mod selection;
pub mod shown;
mod site;
mod sitemap;
mod slugs;
mod words;
mod writers;

#[cfg(test)]
mod tests;

pub use document::{Document, Format, is_version};
pub use links::{Alternate, alternates};
pub use selection::{Place, Selection, Subject, Topic, selections, topics};
pub use site::FeedSite;
pub use slugs::{Kind, Slug, Slugs};
pub use words::Words;

use crate::articles::card::Card;
use crate::articles::state::Stored;
use crate::clock::Instant;
use crate::problem::Problem;
use model::Feed;

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
    writers::documents(&feed, &selection.folder, &Format::OF_FEEDS, site)
}

/// What lists the feeds and the articles: `feeds.opml` for readers that take many feeds at once,
/// `autodiscovery.html`, and the sitemaps. Each by itself; an error is a `feed-unrenderable` of its path.
#[must_use]
pub fn lists(
    selections: &[Selection],
    cards: &[Card],
    site: &FeedSite,
    now: Instant,
) -> Vec<Result<Document, Problem>> {
    let has_comments = site.feeds.comments && cards.iter().any(|card| card.commented.is_some());
    let sitemaps = match site.feeds.sitemap {
        true => sitemap::documents(cards, site, now),
        false => Vec::new(),
    };
    let links = links::document(has_comments, site);
    let rest = std::iter::once(links).chain(sitemaps).map(Ok);
    std::iter::once(outline(selections, site)).chain(rest).collect()
}

fn outline(selections: &[Selection], site: &FeedSite) -> Result<Document, Problem> {
    let path = Format::Opml.file_name();
    let text = opml::write(selections, site).map_err(|error| error.of(path))?;
    Ok(Document::new(path.to_owned(), Format::Opml, site.url(path), text))
}
