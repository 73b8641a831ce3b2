//! WordPress: its exports (WXR), and a site's interface for programs (REST).
//!
//! An article is called by its post's number in both, and has the guid of the site's feeds, so that one
//! can go from the one to the other.

mod answer;
mod html;
mod markup;
mod paragraphs;
mod post;
mod protected;
mod recording;
pub(crate) mod rest;
mod shortcodes;
mod wxr;

pub(crate) use post::Files;

use super::collection::Collection;
use super::dates::Reading;
use crate::problem::Problem;
use std::io::{Read, Seek};
use std::path::Path;

/// Reads an export.
///
/// # Errors
/// It is none: `export`.
pub(crate) fn parse(
    input: impl Read + Seek,
    from: &Path,
    reading: Reading,
    shared: Option<&Files>,
) -> Result<Collection, Problem> {
    let mut export = wxr::read(input, from)?;
    if !export.is_one {
        return Err(export.broken.take().unwrap_or_else(|| {
            Problem::error(
                "export",
                "it is no WordPress export: nothing in it is WordPress's own",
            )
            .file(from)
            .hint("export it with Tools → Export; a feed is of kind \"feed\"")
        }));
    }
    Ok(post::collection(export, from, reading, shared))
}

/// Adds the pictures and reusable blocks of an export to those of others.
pub(crate) fn add_files(input: impl Read + Seek, from: &Path, files: &mut Files) {
    if let Ok(export) = wxr::read(input, from) {
        files.add(&export.posts);
    }
}
