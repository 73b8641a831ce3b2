//! WordPress: its exports (WXR), and a site's interface for programs (REST).
//!
//! An article is called by its post's number in both, and has the guid of the site's feeds, so that one
//! can go from the one to the other.

mod html;
mod post;
mod protected;
pub(crate) mod rest;
mod shortcodes;
mod wxr;

use super::collection::Collection;
use super::dates::Reading;
use crate::problem::Problem;
use html::Shown;
use std::io::{Read, Seek};
use std::path::Path;

/// Reads an export.
///
/// # Errors
/// It is none: `export`.
pub(crate) fn parse(input: impl Read + Seek, from: &Path, reading: Reading) -> Result<Collection, Problem> {
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
    Ok(post::collection(export, from, reading))
}

/// What is to be said of a post's content.
fn said(shown: &Shown, from: &Path, line: Option<u64>) -> Vec<Problem> {
    let at = |problem: Problem| {
        let problem = problem.file(from);
        match line {
            Some(line) => problem.line(line),
            None => problem,
        }
    };
    let unknown = (!shown.unknown.is_empty()).then(|| {
        let message = format!("only the site can show: {}", brackets(&shown.unknown));
        at(Problem::warning("not-run", message))
            .hint("they were left out, and their inner text kept; replace them in the post by what they show")
    });
    let protected = (!shown.protected.is_empty()).then(|| {
        let message = format!("for members alone, and left out: {}", brackets(&shown.protected));
        at(Problem::warning("members-only", message))
            .hint("nothing to be done, unless it is for everybody: then take the restriction out of the post")
    });
    unknown.into_iter().chain(protected).collect()
}

fn brackets(names: &[String]) -> String {
    let some: Vec<String> = names
        .iter()
        .take(10)
        .map(|name| format!("[{:.60}]", name))
        .collect();
    some.join(", ")
}
