//! Sites of Hugo.

use super::ignored::{Form, Ignored};
use super::languages::{Language, Languages};
use super::patterns;
use super::reading::{self, flag, get, list, text};
use super::site::{Generator, Rules, left_out};
use crate::config::OldSystem;
use crate::problem::Problem;
use crate::sources::scan::About;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Files that are Hugo's alone, and those that may be anybody's.
const OWN: &[&str] = &["hugo"];
const SHARED: &[&str] = &["config"];
const FOLDERS: &[&str] = &["", "config/_default/"];
const EXTENSIONS: &[&str] = &["toml", "yaml", "yml", "json"];
/// Tables that may have a file of their own beside the configuration.
const PARTS: &[&str] = &["cascade", "frontmatter", "languages", "permalinks"];

/// How Hugo makes an address.
#[derive(Debug, Default)]
pub(crate) struct Hugo {
    /// Language, where it is only for one, section and pattern.
    permalinks: Vec<(Option<String>, String, String)>,
    pub(crate) keeps_case: bool,
    pub(crate) drops_accents: bool,
    pub(crate) is_ugly: bool,
    /// The slug is what follows the date in the name of a file.
    pub(crate) takes_slugs_from_names: bool,
    /// What it says of all pages.
    pub(crate) cascade: Option<Value>,
}

impl Hugo {
    /// The pattern of a section, in a language.
    pub(crate) fn pattern(&self, section: &str, language: Option<&str>) -> Option<&str> {
        let of_section = |(_, name, _): &&(_, String, _)| name.eq_ignore_ascii_case(section);
        let mut of_language = self.permalinks.iter().filter(of_section);
        let found =
            of_language.find(|(only, _, _)| only.as_deref().is_none_or(|only| Some(only) == language));
        found.map(|(_, _, pattern)| pattern.as_str())
    }
}

pub(super) fn find(root: &Path) -> Result<Option<(Generator, Hugo)>, Problem> {
    let Some((file, values)) = configuration(root)? else {
        return Ok(None);
    };
    let folder = text(&values, "contentDir").unwrap_or_else(|| "content".to_owned());
    let languages = languages(root, &values);
    let permalinks = permalinks(&values);
    let hugo = Hugo {
        keeps_case: flag(&values, "disablePathToLower"),
        drops_accents: flag(&values, "removePathAccents"),
        is_ugly: flag(&values, "uglyURLs"),
        takes_slugs_from_names: get(&values, "frontmatter")
            .is_some_and(|dates| list(dates, "date").iter().any(|from| from == ":filename")),
        permalinks,
        cascade: get(&values, "cascade").cloned(),
    };
    let strange = hugo
        .permalinks
        .iter()
        .find_map(|(_, _, pattern)| patterns::unknown(pattern));
    let ignore = list(&values, "ignoreFiles");
    let mut rules = Rules::of(root, &root.join(&folder));
    rules.ignored = Ignored::new(Form::Regex, &ignore, &file)?;
    rules.languages = languages;
    let generator = Generator {
        system: OldSystem::Hugo,
        name: "Hugo",
        what: "a Hugo site",
        articles: reading::inside(root, &folder),
        include: Vec::new(),
        about: about(&values),
        warnings: left_out("ignoreFiles", &ignore, &file),
        strange,
        rules,
    };
    Ok(Some((generator, hugo)))
}

fn about(values: &Value) -> About {
    let code = text(values, "defaultContentLanguage");
    let language = code
        .as_deref()
        .and_then(|code| get(get(values, "languages")?, code));
    let of_language = |key: &str| language.and_then(|language| text(language, key));
    About {
        title: text(values, "title").or_else(|| of_language("title")),
        url: text(values, "baseURL").or_else(|| of_language("baseURL")),
        description: get(values, "params").and_then(|params| text(params, "description")),
        language: text(values, "languageCode")
            .or_else(|| of_language("languageCode"))
            .or(code),
        timezone: text(values, "timeZone"),
        ..About::default()
    }
}

/// The configuration, put together where it is in several files, and the first of these.
fn configuration(root: &Path) -> Result<Option<(PathBuf, Value)>, Problem> {
    let mut found: Option<(PathBuf, Value)> = None;
    for (stems, is_own) in [(OWN, true), (SHARED, false)] {
        for (folder, stem) in FOLDERS
            .iter()
            .flat_map(|folder| stems.iter().map(move |stem| (folder, stem)))
        {
            for extension in EXTENSIONS {
                let file = root.join(format!("{folder}{stem}.{extension}"));
                let read = if is_own {
                    reading::own(&file)?
                } else {
                    reading::shared(&file)?
                };
                if found.is_none() {
                    found = read.map(|values| (file, values));
                }
            }
        }
    }
    let Some((file, mut values)) = found else {
        return Ok(None);
    };
    for part in PARTS {
        for extension in EXTENSIONS {
            let file = root.join(format!("config/_default/{part}.{extension}"));
            if let (Some(part_values), Some(all)) = (reading::own(&file)?, values.as_object_mut()) {
                all.insert((*part).to_owned(), part_values);
            }
        }
    }
    let stem = file
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let is_own = OWN.contains(&stem) || get(&values, "baseURL").is_some();
    Ok(is_own.then_some((file, values)))
}

fn permalinks(values: &Value) -> Vec<(Option<String>, String, String)> {
    let mut found = Vec::new();
    let languages = get(values, "languages").and_then(Value::as_object);
    for (code, language) in languages.into_iter().flatten() {
        add_permalinks(Some(code.to_lowercase()), language, &mut found);
    }
    add_permalinks(None, values, &mut found);
    found
}

fn add_permalinks(
    language: Option<String>,
    values: &Value,
    found: &mut Vec<(Option<String>, String, String)>,
) {
    let Some(permalinks) = get(values, "permalinks") else {
        return;
    };
    for table in [get(permalinks, "page"), Some(permalinks)].into_iter().flatten() {
        for (section, pattern) in table.as_object().into_iter().flatten() {
            if let Some(pattern) = pattern.as_str() {
                found.push((language.clone(), section.clone(), pattern.to_owned()));
            }
        }
    }
}

fn languages(root: &Path, values: &Value) -> Languages {
    let default = text(values, "defaultContentLanguage").unwrap_or_else(|| "en".to_owned());
    let disabled = list(values, "disableLanguages");
    let in_folder = flag(values, "defaultContentLanguageInSubdir");
    let table = get(values, "languages").and_then(Value::as_object);
    let known = table.into_iter().flatten().map(|(code, language)| {
        let code = code.to_lowercase();
        let is_default = code == default.to_lowercase();
        Language {
            prefix: match is_default && !in_folder {
                true => String::new(),
                false => format!("{code}/"),
            },
            folder: text(language, "contentDir")
                .and_then(|folder| std::fs::canonicalize(root.join(folder)).ok()),
            is_disabled: flag(language, "disabled")
                || disabled.iter().any(|name| name.to_lowercase() == code),
            code,
        }
    });
    Languages::new(known.collect(), &default)
}

/// A slice of a list: `1`, `last`, `1:`, `:2`, `1:last`.
pub(super) fn sliced<'a, 'b>(list: &'b [&'a str], slice: Option<&str>) -> &'b [&'a str] {
    let place = |text: &str| match text.trim() {
        "last" => Some(list.len().saturating_sub(1)),
        number => number.parse::<usize>().ok(),
    };
    let (from, to) = match slice.map(|slice| slice.split_once(':').ok_or(slice)) {
        None => (0, list.len()),
        Some(Ok((from, to))) => (place(from).unwrap_or(0), place(to).unwrap_or(list.len())),
        Some(Err(one)) => place(one).map_or((0, list.len()), |at| (at, at + 1)),
    };
    let to = to.min(list.len());
    &list[from.min(to)..to]
}
