//! The links by which the pages of a site name its feeds, so that browsers and readers find them: a
//! snippet for the head of every page.

use super::clean;
use super::comments;
use super::document::{Document, Format};
use super::paths;
use super::site::FeedSite;
use crate::config;
use quick_xml::escape::escape;
use serde::Serialize;

/// A `<link rel="alternate">`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alternate {
    /// The media type.
    #[serde(rename = "type")]
    pub media_type: String,
    pub title: String,
    pub url: String,
}

/// The site's own feeds and the operator's own choices, each in all formats. A category's stand in none:
/// hardly any page is about all of them.
#[must_use]
pub fn alternates(site: &config::Site, feeds: &config::Feeds) -> Vec<Alternate> {
    let own = feeds
        .more
        .iter()
        .map(|feed| (feed.title.as_str(), feed.folder.as_str()));
    let shown = std::iter::once((site.title.as_str(), "")).chain(own);
    let each = shown.flat_map(|(title, folder)| {
        Format::OF_FEEDS
            .map(|format| alternate(format, title, &format!("{folder}{}", format.file_name()), feeds))
    });
    each.collect()
}

fn alternate(format: Format, title: &str, path: &str, feeds: &config::Feeds) -> Alternate {
    Alternate {
        media_type: format.media_type().to_owned(),
        title: clean::line(title),
        url: feeds.published_at(path).to_string(),
    }
}

/// `autodiscovery.html`
pub(crate) fn document(has_comments: bool, site: &FeedSite) -> Document {
    let mut all = alternates(&site.site, &site.feeds);
    if has_comments {
        let path = &paths::of_comments(paths::COMMENTS)[0];
        all.push(alternate(Format::Rss, &comments::title(site), path, &site.feeds));
    }
    let links = all.iter().map(|link| {
        let [kind, title, url] = [&link.media_type, &link.title, &link.url].map(|text| escape(text.as_str()));
        format!("<link rel=\"alternate\" type=\"{kind}\" title=\"{title}\" href=\"{url}\">\n")
    });
    let path = Format::Links.file_name().to_owned();
    let url = site.url(&path);
    Document::new(path, Format::Links, url, links.collect())
}
