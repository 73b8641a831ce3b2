//! What every generator has: where its articles are, what its configuration says of the site, what it
//! leaves alone.

use super::ignored::Ignored;
use super::languages::Languages;
use crate::config::OldSystem;
use crate::problem::Problem;
use crate::sources::scan::About;
use std::path::{Path, PathBuf};

/// A site of a generator.
#[derive(Debug)]
pub struct Generator {
    pub system: OldSystem,
    pub name: &'static str,
    pub what: &'static str,
    /// The folder of its articles; `None`: none of the usual ones is there.
    pub articles: Option<PathBuf>,
    /// Which files of it are articles; empty: all.
    pub include: Vec<String>,
    pub about: About,
    /// What in it cannot be brought over, or is left out.
    pub warnings: Vec<Problem>,
    /// Of its addresses, what has no meaning here: then they cannot be made.
    pub strange: Option<String>,
    pub(super) rules: Rules,
}

/// What it has for each of its files.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// The site's folder, and the one that paths in addresses are relative to.
    pub(super) root: PathBuf,
    pub(super) content: PathBuf,
    pub(super) languages: Languages,
    pub(super) ignored: Ignored,
}

impl Rules {
    pub(super) fn of(root: &Path, content: &Path) -> Rules {
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        Rules {
            root: real(root),
            content: real(content),
            ..Rules::default()
        }
    }
}

/// What a list of a configuration hides, to be told.
pub(super) fn left_out(key: &str, listed: &[String], file: &Path) -> Vec<Problem> {
    if listed.is_empty() {
        return Vec::new();
    }
    let some: Vec<&str> = listed.iter().take(5).map(String::as_str).collect();
    let more = if listed.len() > some.len() { ", …" } else { "" };
    let message = format!("what its `{key}` hides is left out: {}{more}", some.join(", "));
    vec![Problem::note("init-from", message).file(file).key(key)]
}
