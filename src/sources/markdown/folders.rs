//! What files about a folder hide of the articles in it: sections of Hugo and Zola, bundles, the data
//! files of Eleventy, folders that a generator leaves out. Each is read once in a reading.

use crate::problem::Problem;
use crate::sources::files::{self, File};
use crate::sources::front_matter::{self, Head, flag, keys, scalar};
use crate::sources::place::Hidden;
use globset::{GlobBuilder, GlobMatcher};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Nothing an article says shows it.
const ALL: Hidden = &[];
/// So begins what Hugo and Zola call a site's address; other programs have a `config.toml` too.
const ADDRESS: &[&str] = &["baseurl", "base_url"];

/// The folders of a source.
pub(crate) struct Folders {
    root: PathBuf,
    /// Hugo or Zola, by its configuration.
    has_bundles: bool,
    is_jekyll: bool,
    seen: Mutex<HashMap<String, Arc<Folder>>>,
    problems: Mutex<Vec<(String, Problem)>>,
}

/// What holds of the articles in a folder.
#[derive(Debug, Default, Clone)]
struct Folder {
    hidden: Vec<(Hidden, Option<GlobMatcher>)>,
    /// By the name of a file without its extension.
    files: HashMap<String, Vec<Hidden>>,
    is_section: bool,
    /// It belongs to the `index.md` of this folder.
    bundle: Option<String>,
}

impl Folders {
    pub(crate) fn new(root: &Path) -> Folders {
        let root = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        let configured = |name: &str| root.join(name).is_file();
        Folders {
            has_bundles: root.ancestors().take(4).any(is_of_bundles),
            is_jekyll: ["_config.yml", "_config.yaml", "_config.toml"]
                .into_iter()
                .any(configured),
            root,
            seen: Mutex::default(),
            problems: Mutex::default(),
        }
    }

    /// Whether a file only belongs to the article of its bundle.
    pub(crate) fn is_resource(&self, file: &File) -> bool {
        let (folder, last) = file.name.rsplit_once('/').unwrap_or(("", &file.name));
        let stem = last.split('.').next().unwrap_or_default();
        match &self.of(folder).bundle {
            Some(bundle) => bundle != folder || stem != "index",
            None => false,
        }
    }

    /// What hides a file, but for itself.
    pub(crate) fn hide(&self, file: &File) -> Vec<Hidden> {
        let (name, last) = file.name.rsplit_once('/').unwrap_or(("", &file.name));
        let folder = self.of(name);
        let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
        let path = self.root.join(name).join(stem);
        let matches = |glob: &Option<GlobMatcher>| glob.as_ref().is_none_or(|glob| glob.is_match(&path));
        let above = folder.hidden.iter().filter(|(_, glob)| matches(glob));
        let beside = folder.files.get(stem).into_iter().flatten();
        above.map(|(hidden, _)| *hidden).chain(beside.copied()).collect()
    }

    /// What of these files could not be read.
    pub(crate) fn problems(self) -> Vec<(String, Problem)> {
        self.problems.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, name: &str) -> Arc<Folder> {
        let known = |seen: &HashMap<_, _>| seen.get(name).cloned();
        if let Some(folder) = known(&self.seen.lock().unwrap_or_else(PoisonError::into_inner)) {
            return folder;
        }
        let mut folder = match name.rsplit_once('/') {
            _ if name.is_empty() => Folder::default(),
            Some((above, _)) => Folder::clone(&self.of(above)),
            None => Folder::clone(&self.of("")),
        };
        folder.files.clear();
        self.look(name, &mut folder);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.entry(name.to_owned())
            .or_insert_with(|| Arc::new(folder))
            .clone()
    }

    fn look(&self, name: &str, folder: &mut Folder) {
        let path = self.root.join(name);
        let own = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.is_empty() && own.starts_with('_') && own != "_posts" && !self.is_jekyll {
            folder.hidden.push((ALL, None));
        }
        let (mut about, mut data, mut has_index) = (false, Vec::new(), false);
        for entry in std::fs::read_dir(&path).into_iter().flatten().flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            about |= file == "_index.md";
            has_index |= file == "index.md";
            if file.ends_with(".11tydata.json") || file.strip_suffix(".json") == Some(&own) {
                data.push(file);
            }
        }
        if about {
            folder.is_section = true;
            self.section(name, folder);
        }
        let has_bundles = self.has_bundles || folder.is_section;
        if has_index && has_bundles && !name.is_empty() && folder.bundle.is_none() {
            folder.bundle = Some(name.to_owned());
        }
        for file in data {
            let hidden = self.data(name, &file);
            let stem = file.strip_suffix(".11tydata.json").unwrap_or(&own);
            match stem == own {
                true => folder
                    .hidden
                    .extend(hidden.into_iter().map(|hidden| (hidden, None))),
                false => drop(folder.files.insert(stem.to_owned(), hidden)),
            }
        }
    }

    /// What an `_index.md` says of all below it. One that cannot be read hides it: what was
    /// published cannot be taken back.
    fn section(&self, folder: &str, state: &mut Folder) {
        let Some(text) = self.text(folder, "_index.md") else {
            state.hidden.push((ALL, None));
            return;
        };
        match front_matter::split(&text) {
            Ok(split) => state.hidden.extend(of_section(&split.head)),
            Err(problem) => {
                self.fails(folder, "_index.md", problem);
                state.hidden.push((ALL, None));
            }
        }
    }

    fn data(&self, folder: &str, file: &str) -> Vec<Hidden> {
        let Some(text) = self.text(folder, file) else {
            return vec![ALL];
        };
        match serde_json::from_str::<Map<String, Value>>(&text) {
            Ok(data) => of_data(&Head::of_values(data)),
            Err(error) => {
                let message = format!("it is no JSON object: {error}");
                self.fails(folder, file, Problem::error("front-matter", message));
                vec![ALL]
            }
        }
    }

    fn text(&self, folder: &str, file: &str) -> Option<String> {
        let path = self.root.join(folder).join(file);
        let text = files::bytes(&path).and_then(|bytes| files::text(&bytes, &path));
        text.map_err(|problem| self.fails(folder, file, problem)).ok()
    }

    fn fails(&self, folder: &str, file: &str, problem: Problem) {
        let path = self.root.join(folder).join(file);
        let problem = problem
            .file(&path)
            .hint("mend it: until then all that it decides of stays unpublished");
        let name = format!("{folder}/{file}").trim_start_matches('/').to_owned();
        let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        problems.push((name, problem));
    }
}

/// Whether a folder is that of a site whose generator has page bundles.
fn is_of_bundles(folder: &Path) -> bool {
    let hugo = ["hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json"];
    let says_so = |name: &&str| {
        let text = files::bytes(&folder.join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).to_ascii_lowercase();
        text.lines()
            .any(|line| ADDRESS.iter().any(|key| line.trim_start().starts_with(key)))
    };
    hugo.iter().any(|name| folder.join(name).is_file())
        || ["config.toml", "config.yaml", "config.yml"].iter().any(says_so)
}

/// `draft`, and `cascade` as a table or a list of them.
fn of_section(head: &Head) -> Vec<(Hidden, Option<GlobMatcher>)> {
    let mut hidden = Vec::new();
    if head.own(&["draft"]).and_then(|(_, value)| flag(value)) == Some(true) {
        hidden.push((ALL, None));
    }
    let tables = match head.own(&["cascade"]) {
        Some((_, Value::Array(list))) => list.as_slice(),
        Some((_, table)) => std::slice::from_ref(table),
        None => &[],
    };
    for table in tables.iter().filter_map(Value::as_object) {
        let target = table.get("_target").or_else(|| table.get("target"));
        let aim = |key: &str| target.and_then(|target| target.get(key)).and_then(scalar);
        if aim("kind").is_some_and(|kind| !kind.contains("page") && !kind.contains('{')) {
            continue;
        }
        let glob = aim("path").and_then(|path| {
            let glob = GlobBuilder::new(&format!("**{path}"))
                .case_insensitive(true)
                .build();
            glob.ok().map(|glob| glob.compile_matcher())
        });
        let head = Head::of_values(table.clone());
        if head.own(&["draft"]).and_then(|(_, value)| flag(value)) == Some(true) {
            hidden.push((keys::DRAFT, glob.clone()));
        }
        if super::stated::is_built_nowhere(&head) {
            hidden.push((keys::BUILD, glob));
        }
    }
    hidden
}

/// Eleventy: what a folder's or a file's data says.
fn of_data(head: &Head) -> Vec<Hidden> {
    let says = |key: Hidden, wanted: bool| {
        let said = head.own(key).and_then(|(_, value)| flag(value));
        (said == Some(wanted)).then_some(key)
    };
    let unlisted = super::stated::is_unlisted(head).then_some(keys::UNLISTED);
    [says(&["draft"], true), says(&["permalink"], false), unlisted]
        .into_iter()
        .flatten()
        .collect()
}
