//! Sites of Astro.

use super::reading::{self, quoted_after, small};
use super::site::{Generator, Rules};
use crate::config::OldSystem;
use crate::problem::Problem;
use crate::sources::scan::About;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

const SCRIPTS: &[&str] = &[
    "astro.config.mjs",
    "astro.config.ts",
    "astro.config.js",
    "astro.config.cjs",
];
const COLLECTIONS: &[&str] = &[
    "src/content.config.ts",
    "src/content.config.mjs",
    "src/content.config.js",
    "src/content/config.ts",
    "src/content/config.js",
];
/// Collections of articles, by their usual names.
const USUAL: &[&str] = &["blog", "posts", "post", "articles", "news"];

/// How Astro makes an address.
#[derive(Debug, Default)]
pub(crate) struct Astro {
    /// Folders of collections, with what stands before the addresses of their articles.
    collections: Vec<(PathBuf, String)>,
    pub(crate) has_no_slash: bool,
}

impl Astro {
    /// The collection of a file: what stands before its address, and its path in the collection.
    pub(crate) fn of_file<'a>(&'a self, content: &Path, path: &'a str) -> Option<(&'a str, &'a str)> {
        let file = content.join(path);
        self.collections.iter().find_map(|(folder, prefix)| {
            let inside = file.strip_prefix(folder).ok()?.as_os_str().len();
            Some((prefix.as_str(), &path[path.len().checked_sub(inside)?..]))
        })
    }
}

pub(super) fn find(root: &Path) -> Result<Option<(Generator, Astro)>, Problem> {
    let Some((_, script)) = reading::script(root, SCRIPTS) else {
        return Ok(None);
    };
    let listed = reading::script(root, COLLECTIONS).map_or(String::new(), |(_, text)| text);
    let collections = collections(root, &listed);
    let usual = USUAL
        .iter()
        .find_map(|name| collections.iter().find(|(known, _)| known == name));
    let (articles, content) = match (usual, collections.as_slice()) {
        (Some((_, folder)), _) | (None, [(_, folder)]) => (Some(folder.clone()), root.join("src")),
        (None, []) => (reading::inside(root, "src/pages"), root.join("src/pages")),
        (None, _) => (reading::inside(root, "src/content"), root.join("src")),
    };
    let real = |folder: &PathBuf| std::fs::canonicalize(folder).unwrap_or_else(|_| folder.clone());
    let routes = routes(root);
    let astro = Astro {
        collections: collections
            .iter()
            .map(|(name, folder)| (real(folder), prefix(name, &routes)))
            .collect(),
        has_no_slash: quoted_after(&script, "trailingSlash:") == Some("never")
            || quoted_after(&script, "format:") == Some("file"),
    };
    let generator = Generator {
        system: OldSystem::Astro,
        name: "Astro",
        what: "an Astro site",
        articles,
        include: Vec::new(),
        about: About {
            url: url(&script),
            ..About::default()
        },
        warnings: Vec::new(),
        strange: None,
        rules: Rules::of(root, &content),
    };
    Ok(Some((generator, astro)))
}

fn url(script: &str) -> Option<String> {
    let site = quoted_after(script, "site:")?;
    let base = quoted_after(script, "base:").filter(|base| base.starts_with('/'));
    Some(match base.map(|base| base.trim_matches('/')) {
        Some(base) if !base.is_empty() => format!("{}/{base}/", site.trim_end_matches('/')),
        _ => site.to_owned(),
    })
}

/// The collections by name: folders of the content, and those that the script names elsewhere.
fn collections(root: &Path, script: &str) -> Vec<(String, PathBuf)> {
    let folders = std::fs::read_dir(root.join("src/content"));
    let mut found: Vec<(String, PathBuf)> = folders
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .collect();
    for base in reading::all_quoted_after(script, "base:") {
        let folder = reading::inside(root, base.trim_start_matches("./"));
        let name = Path::new(base).file_name().and_then(|name| name.to_str());
        if let (Some(folder), Some(name)) = (folder, name)
            && !found.iter().any(|(_, known)| *known == folder)
        {
            found.push((name.to_owned(), folder));
        }
    }
    found.sort();
    found
}

/// Pages that show articles of a collection: their folders, and their text.
fn routes(root: &Path) -> Vec<(String, String)> {
    let pages = root.join("src/pages");
    let files = WalkDir::new(&pages)
        .max_depth(6)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok);
    let found = files.filter_map(|entry| {
        let inside = entry.path().strip_prefix(&pages).ok()?.to_str()?;
        let (before, _) = inside.split_once('[')?;
        let text = small(entry.path()).filter(|text| text.contains("getCollection("))?;
        (inside.ends_with(".astro") && (before.is_empty() || before.ends_with('/')))
            .then(|| (before.to_owned(), text))
    });
    found.collect()
}

/// What stands before the addresses of a collection: the folder of the page that shows its articles, else
/// its name.
fn prefix(name: &str, routes: &[(String, String)]) -> String {
    let shows = |text: &str| reading::all_quoted_after(text, "getCollection(").any(|shown| shown == name);
    let route = routes.iter().find(|(_, text)| shows(text));
    route.map_or_else(|| format!("{name}/"), |(folder, _)| folder.clone())
}
