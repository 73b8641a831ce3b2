//! The article: what every source converges on and all that goes out is made from.
//!
//! Everything in here is pure. An [`Article`] holds sanitised HTML with absolute URLs and only text
//! that XML 1.0 can hold; `sources` are the only ones who make one, through the functions here.

pub mod audio;
pub mod card;
pub(crate) mod formulas;
pub mod headings;
pub mod html;
pub mod identity;
pub mod intake;
pub mod nesting;
mod simple;
pub mod state;
pub mod text;

pub use audio::Audio;

use crate::clock::Instant;
use serde::{Deserialize, Serialize};

/// Where a source puts an article and what may become of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Permanent: stated by the source, else a UUIDv5 (`identity::article_id`).
    pub id: String,
    /// By what readers of an older feed know it, as that feed wrote it: ours say the same. Of an
    /// article that has none nothing is written down, so that its hash is as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<String>,
    /// The source's name in the configuration.
    pub source: String,
    /// Within the source: a file's path relative to its folder, with `/`.
    pub path: String,
    /// Canonical, absolute.
    pub url: String,
    /// Plain text, one line.
    pub title: String,
    pub authors: Vec<Author>,
    pub categories: Vec<String>,
    /// BCP 47, as `en` or `de-AT`; `None`: the site's.
    pub language: Option<String>,
    /// `None`: the source states none, and the first time it was seen stands in for it.
    pub published: Option<Published>,
    /// The last change the source states, never before `published`.
    pub updated: Option<Instant>,
    /// Plain text: the author's own, else the part before a more-tag, else the first words.
    pub summary: String,
    /// Sanitised, URLs absolute, without the title.
    pub content_html: String,
    pub image: Option<Image>,
    /// Of an article that has none nothing is written down, as of its guid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<Audio>,
    pub comments: Vec<Comment>,
    /// What the source states; `None`: it says nothing of comments.
    pub comment_count: Option<u32>,
    pub draft: bool,
    /// Not shown from then on.
    pub expires: Option<Instant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Author {
    pub name: String,
    /// Absolute.
    pub url: Option<String>,
}

impl Article {
    /// As it is stored and told from other versions of itself: JSON, in room for all of it from the start.
    ///
    /// # Errors
    /// None that is known: it is text, numbers and lists of them, and there is nothing that JSON could not hold.
    pub fn document(&self) -> serde_json::Result<String> {
        let texts = self.content_html.len() + self.summary.len();
        let mut document = Vec::with_capacity(texts * 5 / 4 + 1024);
        serde_json::to_writer(&mut document, self)?;
        String::from_utf8(document).map_err(serde::ser::Error::custom)
    }
}

/// A date as a source stated it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub at: Instant,
    pub precision: Precision,
}

/// Whether a time of day was stated. A day alone is midnight in the site's timezone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    Day,
    Second,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Absolute.
    pub url: String,
    pub alt: String,
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// As `image/jpeg`.
    pub media_type: Option<String>,
    /// In bytes, where the file is at hand.
    pub length: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    pub author: String,
    pub published: Option<Instant>,
    /// Plain text.
    pub text: String,
}
