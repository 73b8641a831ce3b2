//! Feeds of other systems: RSS, Atom and JSON Feed of every version, good or broken.
//!
//! A document is decoded (`charset`) and taken apart whatever is wrong with it (`tree`); each item is
//! repaired by itself (`canonical`, `json`) and read by `feed-rs`, so that one it cannot read fails
//! alone. What it has no place for stands beside (`item`), and `keys` tells the items apart.

mod addresses;
mod canonical;
mod charset;
mod document;
mod entities;
mod item;
mod json;
mod keys;
mod markup;
mod names;
mod recordings;
mod scope;
mod tag;
mod tree;
mod xml;

use super::collection::Collection;
use super::dates::Reading;
use crate::problem::Problem;
use document::Source;
use std::path::Path;
use url::Url;

/// Reads a feed. `site` is whose it is where it does not say.
///
/// # Errors
/// It is none: `feed`.
pub(crate) fn parse(
    bytes: &[u8],
    content_type: Option<&str>,
    from: &Path,
    site: &Url,
    reading: Reading,
) -> Result<Collection, Problem> {
    let text = charset::decode(bytes, content_type);
    let source = Source {
        text: text.trim_start(),
        from,
        site,
        reading,
    };
    let document = match source.text.starts_with('{') {
        true => json::read(source)?,
        false => xml::read(source)?,
    };
    let (items, warnings) = keys::settle(document.raws, document.home.as_ref(), from);
    Ok(Collection {
        left_out: Vec::new(),
        items,
        about: document.about,
        cut: document.cut,
        warnings: [document.warnings, warnings].concat(),
        whole: false,
    })
}

#[cfg(test)]
mod tests;
