//! What a page states to machines, wherever it states it.

use crate::articles::{Audio, Author, Comment, Published};
use crate::clock::Instant;

/// A picture, its address as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) address: String,
    pub(super) alt: String,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
}

/// What was found; each part from the first that states it.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) authors: Vec<Author>,
    pub(super) categories: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) published: Option<Published>,
    pub(super) updated: Option<Instant>,
    pub(super) image: Option<Picture>,
    /// Its address as written.
    pub(super) audio: Option<Audio>,
    pub(super) language: Option<String>,
    pub(super) site_name: Option<String>,
    /// As written.
    pub(super) url: Option<String>,
    pub(super) comments: Vec<Comment>,
    pub(super) comment_count: Option<u32>,
    /// Not everybody may read all of it.
    pub(super) paid: bool,
}

impl Metadata {
    /// What is said here, and for what is not, what the other says.
    pub(super) fn or(self, other: Metadata) -> Metadata {
        fn fill<T>(mine: Vec<T>, theirs: Vec<T>) -> Vec<T> {
            if mine.is_empty() { theirs } else { mine }
        }
        let image = match (self.image, other.image) {
            (Some(mine), Some(theirs)) if mine.address == theirs.address => Some(Picture {
                alt: if mine.alt.is_empty() { theirs.alt } else { mine.alt },
                width: mine.width.or(theirs.width),
                height: mine.height.or(theirs.height),
                address: mine.address,
            }),
            (mine, theirs) => mine.or(theirs),
        };
        Metadata {
            title: self.title.or(other.title),
            description: self.description.or(other.description),
            authors: fill(self.authors, other.authors),
            categories: fill(self.categories, other.categories),
            tags: fill(self.tags, other.tags),
            published: self.published.or(other.published),
            updated: self.updated.or(other.updated),
            image,
            audio: self.audio.or(other.audio),
            language: self.language.or(other.language),
            site_name: self.site_name.or(other.site_name),
            url: self.url.or(other.url),
            comments: fill(self.comments, other.comments),
            comment_count: self.comment_count.or(other.comment_count),
            paid: self.paid || other.paid,
        }
    }
}

/// What schema.org calls an article, with or without its address before it.
pub(super) fn is_article(kind: &str) -> bool {
    let name = kind.rsplit(['/', ':', '#']).next().unwrap_or(kind);
    name.ends_with("Article")
        || name.ends_with("Posting")
        || matches!(name, "Report" | "Review" | "Recipe" | "HowTo")
}

/// A number of pixels: `1200`, `1200px`.
pub(super) fn pixels(text: &str) -> Option<u32> {
    let text = text.trim().trim_end_matches("px").trim_end();
    text.parse().ok().filter(|pixels| *pixels > 0)
}

/// Keywords as one text: parted by commas.
pub(super) fn keywords(text: &str) -> impl Iterator<Item = String> {
    let parts = text
        .split([',', ';'])
        .map(|part| part.trim().trim_start_matches('#'));
    parts
        .filter(|part| !part.is_empty() && part.chars().count() <= 60)
        .map(str::to_owned)
}

/// Categories without the folder that all articles of a site are in, which some generators state as one.
pub(super) fn sections(mut sections: Vec<String>) -> Vec<String> {
    const FOLDERS: &[&str] = &["article", "articles", "blog", "blogs", "entries", "post", "posts"];
    sections.retain(|section| !FOLDERS.contains(&section.to_lowercase().as_str()));
    sections
}
