//! A document's bytes, and what makes it another one.
//!
//! A document shows the instant of its last change, and that instant is no change itself. So each
//! is written with a hole in place of it: the hash is taken with the hole, and the instant filled
//! in afterwards.

use super::clean;
use crate::clock::Instant;
use crate::hash::fingerprint;
use crate::problem::Problem;
use chrono::DateTime;
use std::ops::Range;
use url::Url;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    Rss,
    Atom,
    Json,
    Opml,
    /// Of the site's pages (sitemaps.org).
    Sitemap,
    /// The links by which the pages of a site name its feeds.
    Links,
}

impl Format {
    /// Those that every feed has.
    pub const OF_FEEDS: [Format; 3] = [Format::Rss, Format::Atom, Format::Json];

    /// Those that comments have: JSON Feed has no word for them.
    pub const OF_COMMENTS: [Format; 2] = [Format::Rss, Format::Atom];

    /// Of a document, by its path.
    #[must_use]
    pub fn of(path: &str) -> Option<Format> {
        let name = path.rsplit('/').next().unwrap_or_default();
        if name.contains("sitemap") {
            return Some(Format::Sitemap);
        }
        let named = [
            Format::Rss,
            Format::Atom,
            Format::Json,
            Format::Opml,
            Format::Links,
        ];
        named.into_iter().find(|format| format.file_name() == name)
    }

    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Format::Rss => "rss.xml",
            Format::Atom => "atom.xml",
            Format::Json => "feed.json",
            Format::Opml => "feeds.opml",
            Format::Sitemap => "sitemap.xml",
            Format::Links => "autodiscovery.html",
        }
    }

    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Rss => "application/rss+xml",
            Format::Atom => "application/atom+xml",
            Format::Json => "application/feed+json",
            Format::Opml => "text/x-opml",
            Format::Sitemap => "application/xml",
            Format::Links => "text/html",
        }
    }

    /// The element that shows the last change, and how an instant is written there. JSON Feed has
    /// none.
    fn hole(self) -> Option<(&'static str, Form)> {
        match self {
            Format::Rss => Some(("<lastBuildDate>", rfc2822)),
            Format::Atom => Some(("<updated>", |at| at.to_rfc3339())),
            Format::Json | Format::Sitemap | Format::Links => None,
            Format::Opml => Some(("<dateModified>", rfc2822)),
        }
    }
}

/// How a format writes an instant.
type Form = fn(Instant) -> String;

/// RFC 2822, which is RFC 822 with a year of four digits: `Mon, 23 Nov 2026 18:00:00 +0000`.
pub(crate) fn rfc2822(at: Instant) -> String {
    clean::instant(at)
        .format("%a, %d %b %Y %H:%M:%S +0000")
        .to_string()
}

/// What writers put where the last change belongs; [`Document::at`] replaces it.
pub(crate) const HOLE: Instant = DateTime::UNIX_EPOCH;

/// One file under `feeds.dir`.
#[derive(Debug, Clone)]
pub struct Document {
    /// Relative to `feeds.dir` and, the same, to `feeds.url`: `category/travel/rss.xml`.
    pub path: String,
    pub format: Format,
    pub self_url: Url,
    /// A fingerprint of all that it shows but the instant of its last change, or of what it is made from.
    pub hash: String,
    text: String,
    hole: Option<(Range<usize>, Form)>,
}

impl Document {
    pub(crate) fn new(path: String, format: Format, self_url: Url, text: String) -> Document {
        let hole = hole(format, &text);
        Document {
            path,
            format,
            self_url,
            hash: fingerprint(text.as_bytes()),
            text,
            hole,
        }
    }

    /// The same, with something else as its hash that tells its versions apart.
    pub(crate) fn of_version(self, version: &str) -> Document {
        Document {
            hash: version.to_owned(),
            ..self
        }
    }

    /// The bytes of the document, last changed then. The same inputs give the same bytes.
    #[must_use]
    pub fn at(mut self, changed: Instant) -> Vec<u8> {
        if let Some((hole, form)) = self.hole {
            self.text.replace_range(hole, &form(changed));
        }
        self.text.into_bytes()
    }
}

/// Where a document says when it was changed last: the writers escape all text, so the first element of
/// that name is the feed's own.
fn hole(format: Format, text: &str) -> Option<(Range<usize>, Form)> {
    let (element, form) = format.hole()?;
    let start = text.find(element)? + element.len();
    let length = text[start..].find('<')?;
    Some((start..start + length, form))
}

/// Whether a text is a document of that hash, whenever it was changed.
#[must_use]
pub fn is_version(mut text: String, format: Format, hash: &str) -> bool {
    if let Some((hole, form)) = hole(format, &text) {
        text.replace_range(hole, &form(HOLE));
    }
    fingerprint(text.as_bytes()) == hash
}

/// Why a document could not be written down.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Rss(#[from] ::rss::Error),
    #[error(transparent)]
    Atom(#[from] atom_syndication::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Xml(#[from] std::io::Error),
    #[error(transparent)]
    Utf8(#[from] std::string::FromUtf8Error),
}

impl WriteError {
    /// As a problem of the document at that path.
    pub(crate) fn of(&self, path: &str) -> Problem {
        Problem::error("feed-unrenderable", self.to_string())
            .file(path.as_ref())
            .hint("a bug: report it; the other documents were made")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_what_a_document_is() {
        for (path, expected) in [
            ("rss.xml", Some(Format::Rss)),
            ("category/a/atom.xml", Some(Format::Atom)),
            ("archive/3/feed.json", Some(Format::Json)),
            ("feeds.opml", Some(Format::Opml)),
            ("sitemap-12.xml", Some(Format::Sitemap)),
            ("news-sitemap.xml", Some(Format::Sitemap)),
            ("autodiscovery.html", Some(Format::Links)),
            ("sitemap/rss.xml", Some(Format::Rss)),
            ("README.md", None),
        ] {
            assert_eq!(Format::of(path), expected, "{path}");
        }
    }

    #[test]
    fn a_document_that_cannot_be_made_is_named() {
        let error = WriteError::from(std::io::Error::other("no"));
        let problem = error.of("rss.xml");
        assert_eq!(
            (problem.code, problem.file.as_deref()),
            ("feed-unrenderable", Some("rss.xml"))
        );
    }
}
