//! Ghost: its exports, and a site's Content API.
//!
//! An article is called by its post's id in both, and has the guid of the site's feed, so that one can
//! go from the one to the other.

pub(crate) mod api;
mod cards;
mod nodes;
mod post;
mod rows;

use super::collection::{Collection, Item};
use super::dates::Reading;
use super::decoded::Decoded;
use crate::problem::Problem;
use rows::{Document, Tables};
use serde::de::DeserializeSeed;
use std::io::{Read, Seek};
use std::path::Path;
use url::Url;

/// Where the posts of an export are published.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) site: &'a Url,
    /// Whether the configuration says what addresses look like.
    pub(crate) has_template: bool,
}

/// Reads an export.
///
/// # Errors
/// It is none: `export`.
pub(crate) fn parse(
    input: impl Read + Seek,
    from: &Path,
    place: Place,
    reading: Reading,
) -> Result<Collection, Problem> {
    let mut decoded = Decoded::new(input, usize::MAX).map_err(|error| {
        Problem::error("unreadable-file", format!("the file cannot be read: {error}"))
            .file(from)
            .hint("check its permissions")
    })?;
    let mut tables = Tables::default();
    let mut json = serde_json::Deserializer::from_reader(&mut decoded);
    let broken = Document(&mut tables).deserialize(&mut json).err().map(|error| {
        Problem::error("export", format!("the export breaks off: {error}"))
            .file(from)
            .line(error.line() as u64)
            .hint("export it again; what stands whole before that is taken, and what is known stays")
    });
    if !tables.is_one {
        return Err(broken.unwrap_or_else(|| {
            Problem::error("export", "it is no Ghost export: it has no table of posts")
                .file(from)
                .hint("export it with Settings → Import/Export")
        }));
    }
    if broken.is_some() && !tables.has_metas {
        // Which of those that are still to come are for mail alone stands where the export is cut off.
        tables.posts.retain(|post| post.status.get() != "scheduled");
    }
    let around = post::Around {
        from,
        site: place.site,
        has_template: place.has_template,
        reading,
    };
    let mut collection = post::collection(tables, around);
    if let Some(problem) = broken {
        collection.whole = false;
        collection.items.push(Item {
            key: ".".to_owned(),
            extract: Err(problem),
        });
    }
    Ok(collection)
}
