//! Sites of Jekyll.

use super::ignored::{Form, Ignored};
use super::patterns;
use super::reading::{self, get, list, text};
use super::site::{Generator, Rules, left_out};
use crate::config::OldSystem;
use crate::problem::Problem;
use crate::sources::scan::About;
use globset::{GlobBuilder, GlobMatcher};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

const FILES: [&str; 3] = ["_config.yml", "_config.yaml", "_config.toml"];
/// Keys by which Hexo says that a `_config.yml` is its own.
const OF_HEXO: &[&str] = &["source_dir", "new_post_name", "skip_render"];
/// How deep folders of posts are looked for.
const DEPTH: usize = 5;

/// How Jekyll makes an address, and what its files say by default.
#[derive(Debug, Default)]
pub(crate) struct Jekyll {
    pub(crate) pattern: String,
    defaults: Vec<Scope>,
    /// The folder of all that it makes pages of, and the one of its collections in there.
    source: PathBuf,
    collections: PathBuf,
}

/// What holds of the files in a scope.
#[derive(Debug)]
struct Scope {
    path: String,
    glob: Option<GlobMatcher>,
    /// `posts`, `drafts`, `pages`, the name of a collection.
    kind: Option<String>,
    values: Map<String, Value>,
}

/// Whether a folder has its configuration.
pub(super) fn is_in(folder: &Path) -> bool {
    FILES.iter().any(|name| folder.join(name).is_file())
}

pub(super) fn find(root: &Path) -> Result<Option<(Generator, Jekyll)>, Problem> {
    let mut found = None;
    for file in FILES.map(|name| root.join(name)) {
        if found.is_none() {
            found = reading::own(&file)?.map(|values| (file, values));
        }
    }
    let posts = || reading::inside(root, "_posts").is_some();
    let (file, values) = match found {
        Some(found) => found,
        None if posts() => (root.join(FILES[0]), Value::default()),
        None => return Ok(None),
    };
    if OF_HEXO.iter().any(|key| get(&values, key).is_some()) {
        return Ok(None);
    }
    let source = text(&values, "source").map_or(root.to_owned(), |folder| root.join(folder));
    let collections = text(&values, "collections_dir").map_or(source.clone(), |folder| source.join(folder));
    let pattern = text(&values, "permalink").unwrap_or_else(|| "date".to_owned());
    let jekyll = Jekyll {
        defaults: defaults(&values, &file)?,
        pattern,
        source,
        collections,
    };
    let mut stated = jekyll
        .defaults
        .iter()
        .filter_map(|default| default.values.get("permalink")?.as_str());
    let strange = patterns::unknown(&jekyll.pattern).or_else(|| stated.find_map(patterns::unknown));
    let ignore: Vec<String> = list(&values, "exclude")
        .into_iter()
        .filter(|path| !list(&values, "include").contains(path))
        .collect();
    let hidden: Vec<String> = jekyll.hidden().collect();
    let mut warnings = left_out("exclude", &ignore, &file);
    warnings.extend(left_out("defaults", &hidden, &file));
    let mut rules = Rules::of(&jekyll.source, &jekyll.source);
    rules.ignored = Ignored::new(Form::Beginning, &ignore, &file)?;
    let generator = Generator {
        system: OldSystem::Jekyll,
        name: "Jekyll",
        what: "a Jekyll site",
        articles: None,
        include: Vec::new(),
        about: about(&values),
        warnings,
        strange,
        rules,
    };
    Ok(Some((generator, jekyll)))
}

fn about(values: &Value) -> About {
    let url = text(values, "url").map(|url| {
        let base = text(values, "baseurl").unwrap_or_default();
        format!("{}/{}", url.trim_end_matches('/'), base.trim_matches('/'))
    });
    About {
        title: text(values, "title"),
        url,
        description: text(values, "description"),
        language: text(values, "lang").or_else(|| text(values, "locale")),
        timezone: text(values, "timezone"),
        ..About::default()
    }
}

fn defaults(values: &Value, file: &Path) -> Result<Vec<Scope>, Problem> {
    let listed = get(values, "defaults").and_then(Value::as_array);
    let made = listed.into_iter().flatten().filter_map(|entry| {
        let values = get(entry, "values")?.as_object()?.clone();
        let scope = get(entry, "scope").cloned().unwrap_or_default();
        let path = text(&scope, "path").unwrap_or_default();
        let path = path.trim_start_matches("./").trim_start_matches('/').to_owned();
        Some(Scope {
            kind: text(&scope, "type"),
            glob: None,
            values,
            path,
        })
    });
    let with_glob = |default: Scope| {
        if !default.path.contains('*') {
            return Ok(default);
        }
        let glob = GlobBuilder::new(&default.path).literal_separator(true).build();
        let glob = glob.map_err(|error| {
            Problem::error("generator", format!("its defaults cannot be told: {error}"))
                .file(file)
                .hint("correct the path of the scope: until then nobody knows what of the site is hidden")
        })?;
        Ok(Scope {
            glob: Some(glob.compile_matcher()),
            ..default
        })
    };
    made.map(with_glob).collect()
}

impl Scope {
    fn is_for(&self, path: &str, kind: &str) -> bool {
        let in_path = match &self.glob {
            // What it matches, and all below that.
            Some(glob) => {
                let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
                glob.is_match(path) || folders.any(|folder| glob.is_match(folder))
            }
            None => path.starts_with(&self.path),
        };
        in_path && self.kind.as_deref().is_none_or(|wanted| wanted == kind)
    }
}

impl Jekyll {
    /// The folder of the posts; where other folders have posts of their own, the one of all, and which
    /// files of it are posts. Goes through the whole site: nothing for each reading.
    pub(super) fn articles(&self) -> (Option<PathBuf>, Vec<String>) {
        let posts = reading::inside(&self.collections, "_posts");
        let walk = WalkDir::new(&self.source).max_depth(DEPTH).into_iter();
        let is_own = |name: &str| name.starts_with(['_', '.']) || matches!(name, "node_modules" | "vendor");
        let looked_at = |entry: &DirEntry| {
            let above = entry.path().parent().and_then(Path::file_name);
            let is_posts = entry.file_name() == "_posts";
            entry.depth() == 0
                || (above != Some("_posts".as_ref())
                    && (is_posts || !is_own(&entry.file_name().to_string_lossy())))
        };
        let found = walk.filter_entry(looked_at).filter_map(Result::ok);
        let mut folders = found.filter(|entry| entry.file_type().is_dir() && entry.file_name() == "_posts");
        match folders.any(|entry| Some(entry.path()) != posts.as_deref()) {
            true => (Some(self.source.clone()), vec!["**/_posts/**".to_owned()]),
            false => (posts, Vec::new()),
        }
    }

    pub(crate) fn has_defaults(&self) -> bool {
        !self.defaults.is_empty()
    }

    /// What holds of a file by its path from the site's folder: the longer path goes before the
    /// shorter one, then a scope with a type, then what stands later.
    pub(super) fn defaults(&self, path: &str) -> Map<String, Value> {
        let kind = kind(path);
        let mut fitting: Vec<&Scope> = self.defaults.iter().filter(|d| d.is_for(path, kind)).collect();
        fitting.sort_by_key(|default| (default.path.len(), default.kind.is_some()));
        let values = fitting.into_iter().flat_map(|default| default.values.clone());
        values.collect()
    }

    /// The paths of the scopes that hide their files.
    fn hidden(&self) -> impl Iterator<Item = String> {
        let hides = |scope: &&Scope| {
            let shown = scope.values.get("published");
            shown.and_then(crate::sources::front_matter::flag) == Some(false)
        };
        self.defaults
            .iter()
            .filter(hides)
            .map(|scope| match scope.path.as_str() {
                "" => "everything".to_owned(),
                path => path.to_owned(),
            })
    }
}

/// Whether a file among the posts is none: its name begins with no date, or with a mark of editors.
pub(super) fn is_no_post(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut parts = name.splitn(4, '-');
    let mut is_number = |digits: std::ops::RangeInclusive<usize>| {
        let part = parts.next().unwrap_or_default();
        digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let has_date = is_number(2..=4) && is_number(1..=2) && is_number(1..=2);
    let is_post = file.iter().any(|folder| folder == "_posts");
    name.starts_with(['#', '~']) || (is_post && !has_date)
}

/// What Jekyll takes a file for.
fn kind(path: &str) -> &str {
    let mut folders = path.split('/').rev().skip(1);
    match folders.find_map(|folder| folder.strip_prefix('_')) {
        Some(collection) => collection,
        None => "pages",
    }
}
