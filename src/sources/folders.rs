//! What files about a folder hide of the articles in it: sections of Hugo and Zola, bundles, the data
//! files of Eleventy, folders that a generator leaves out. Each is read once in a reading.

use super::files::{self, File};
use super::front_matter::{self, Head, flag, keys, scalar};
use super::generators::{self, Addresses, Here};
use crate::config::{self, SourceKind};
use crate::problem::Problem;
use globset::{GlobBuilder, GlobMatcher};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What hides an article, by the keys with which it can say otherwise of itself.
pub(crate) type Hidden = &'static [&'static str];

/// Nothing an article says shows it.
const ALL: Hidden = &[];

/// The folders of a source.
pub(crate) struct Folders {
    root: PathBuf,
    /// The site of a generator that they belong to.
    site: Option<Here>,
    seen: Mutex<HashMap<String, Arc<Folder>>>,
    problems: Mutex<Vec<(String, Problem)>>,
}

/// What holds of the articles in a folder.
#[derive(Debug, Default, Clone)]
struct Folder {
    hidden: Vec<(Hidden, Option<GlobMatcher>)>,
    /// By the name of a file without its extension.
    files: HashMap<String, Vec<Hidden>>,
    /// Addresses that data files state, for one name or for all.
    addresses: Vec<(Option<String>, Value)>,
    is_section: bool,
    /// It belongs to the `index.md` of this folder.
    bundle: Option<String>,
}

impl Folders {
    /// Of a source, if it is one of Markdown.
    ///
    /// # Errors
    /// The configuration of the generator they belong to cannot be read, or the source wants addresses
    /// that cannot be made (`generator`).
    pub(crate) fn of_source(root: &Path, source: &config::Source) -> Result<Option<Folders>, Problem> {
        if source.kind != SourceKind::Markdown {
            return Ok(None);
        }
        let folders = Folders::new(root)?;
        if generators::are_asked(source) {
            generators::can_tell(folders.site(), root, source)?;
        }
        Ok(Some(folders))
    }

    fn new(root: &Path) -> Result<Folders, Problem> {
        Ok(Folders {
            site: generators::around(root)?,
            root: std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned()),
            seen: Mutex::default(),
            problems: Mutex::default(),
        })
    }

    /// The site of a generator that they belong to.
    pub(crate) fn site(&self) -> Option<&Here> {
        self.site.as_ref()
    }

    /// Whether the generator leaves a file alone.
    pub(crate) fn is_ignored(&self, file: &File) -> bool {
        self.site.as_ref().is_some_and(|site| site.hides(&file.name))
    }

    /// What holds of a file where its front matter says nothing.
    pub(crate) fn defaults(&self, file: &File) -> Map<String, Value> {
        let mut defaults = match &self.site {
            Some(site) => site.defaults(&file.name),
            None => Map::new(),
        };
        if let Some(address) = self.stated_address(file) {
            defaults.insert(keys::PERMALINK.to_owned(), address);
        }
        defaults
    }

    /// The address that a data file states for a file: the nearest counts.
    pub(crate) fn stated_address(&self, file: &File) -> Option<Value> {
        let (folder, stem) = parts(&file.name);
        let folder = self.of(folder);
        let mut stated = folder.addresses.iter().rev();
        let found = stated.find(|(name, _)| name.as_deref().is_none_or(|name| name == stem));
        found.map(|(_, address)| address.clone())
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
        let (name, stem) = parts(&file.name);
        let folder = self.of(name);
        let path = || self.root.join(name).join(stem);
        let matches = |glob: &Option<GlobMatcher>| glob.as_ref().is_none_or(|glob| glob.is_match(path()));
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
            _ if name.is_empty() => self.top(),
            Some((above, _)) => Folder::clone(&self.of(above)),
            None => Folder::clone(&self.of("")),
        };
        folder.files.clear();
        folder.addresses.retain(|(name, _)| name.is_none());
        self.look(name, &mut folder);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.entry(name.to_owned())
            .or_insert_with(|| Arc::new(folder))
            .clone()
    }

    /// What holds of all folders.
    fn top(&self) -> Folder {
        let cascade = match self.site.as_ref().map(Here::addresses) {
            Some(Addresses::Hugo(hugo)) => hugo.cascade.clone(),
            _ => None,
        };
        let values = cascade.map(|cascade| ("cascade".to_owned(), cascade));
        Folder {
            hidden: of_section(&Head::of_values(values.into_iter().collect())),
            ..Folder::default()
        }
    }

    fn look(&self, name: &str, folder: &mut Folder) {
        let path = self.root.join(name);
        let is_jekyll = self.site.as_ref().is_some_and(Here::is_jekyll);
        let own = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.is_empty() && own.starts_with('_') && own != "_posts" && !is_jekyll {
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
        let has_bundles = folder.is_section || self.site.as_ref().is_some_and(Here::has_bundles);
        if has_index && has_bundles && !name.is_empty() && folder.bundle.is_none() {
            folder.bundle = Some(name.to_owned());
        }
        for file in data {
            let (hidden, address) = self.data(name, &file);
            let stem = file.strip_suffix(".11tydata.json").unwrap_or(&own);
            if let Some(address) = address {
                let only = (stem != own).then(|| stem.to_owned());
                folder.addresses.push((only, address));
            }
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

    /// What a data file hides, and the address it states.
    fn data(&self, folder: &str, file: &str) -> (Vec<Hidden>, Option<Value>) {
        let Some(text) = self.text(folder, file) else {
            return (vec![ALL], None);
        };
        match serde_json::from_str::<Map<String, Value>>(&text) {
            Ok(data) => {
                let address = data
                    .get(keys::PERMALINK)
                    .filter(|address| flag(address).is_none());
                let address = address.cloned();
                (of_data(&Head::of_values(data)), address)
            }
            Err(error) => {
                let message = format!("it is no JSON object: {error}");
                self.fails(folder, file, Problem::error("front-matter", message));
                (vec![ALL], None)
            }
        }
    }

    fn text(&self, folder: &str, file: &str) -> Option<String> {
        let path = self.root.join(folder).join(file);
        let text = files::bytes(&path).and_then(|bytes| Ok(files::text(&bytes, &path)?.into_owned()));
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

/// The folder of a name, and its last step without extension.
fn parts(name: &str) -> (&str, &str) {
    let (folder, last) = name.rsplit_once('/').unwrap_or(("", name));
    (folder, last.rsplit_once('.').map_or(last, |(stem, _)| stem))
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
        if front_matter::is_built_nowhere(&head) {
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
    let unlisted = front_matter::is_unlisted(head).then_some(keys::UNLISTED);
    [says(&["draft"], true), says(&[keys::PERMALINK], false), unlisted]
        .into_iter()
        .flatten()
        .collect()
}
