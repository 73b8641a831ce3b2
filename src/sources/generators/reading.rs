//! The configurations of generators: files in TOML, YAML or JSON, and what can be told of a script
//! without running it.

use crate::problem::Problem;
use crate::sources::front_matter;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The largest configuration that is read, in bytes.
const MAX_CONFIG: u64 = 1024 * 1024;
/// So begins what Hugo and Zola call a site's address; other programs have a `config.toml` too.
const ADDRESS: &[&str] = &["baseurl", "base_url"];

/// A configuration, by the name of a file that is the generator's alone; `None`: there is no such file.
///
/// # Errors
/// It cannot be read (`generator`).
pub(super) fn own(file: &Path) -> Result<Option<Value>, Problem> {
    let Some(text) = small(file) else {
        return Ok(None);
    };
    let extension = file.extension().and_then(|extension| extension.to_str());
    match front_matter::document(&text, extension.unwrap_or_default()) {
        Ok(values) => Ok(Some(Value::Object(values))),
        Err(problem) => Err(Problem {
            code: "generator",
            message: problem.message.replace("the front matter", "it"),
            ..problem.file(file)
        }
        .hint("mend it: until then nobody knows what of the site is hidden")),
    }
}

/// As [`own`], by a name that other programs use too: theirs says nothing.
///
/// # Errors
/// As for [`own`].
pub(super) fn shared(file: &Path) -> Result<Option<Value>, Problem> {
    own(file).or_else(|problem| {
        let text = small(file).unwrap_or_default().to_ascii_lowercase();
        let says_so = |line: &str| ADDRESS.iter().any(|key| line.trim_start().starts_with(key));
        match text.lines().any(says_so) {
            true => Err(problem),
            false => Ok(None),
        }
    })
}

/// The text of a file that is not large.
pub(super) fn small(file: &Path) -> Option<String> {
    let meta = std::fs::metadata(file).ok()?;
    (meta.is_file() && meta.len() <= MAX_CONFIG).then(|| std::fs::read_to_string(file).ok())?
}

/// A folder below the site, which is there.
pub(super) fn inside(root: &Path, folder: &str) -> Option<PathBuf> {
    let path = root.join(folder);
    let real = std::fs::canonicalize(&path).ok()?;
    let below = real.starts_with(std::fs::canonicalize(root).ok()?);
    (below && real.is_dir()).then_some(path)
}

pub(super) fn get<'a>(values: &'a Value, key: &str) -> Option<&'a Value> {
    let (_, value) = values
        .as_object()?
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))?;
    Some(value)
}

pub(super) fn text(values: &Value, key: &str) -> Option<String> {
    let text = get(values, key)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn flag(values: &Value, key: &str) -> bool {
    get(values, key).and_then(front_matter::flag).unwrap_or(false)
}

/// The texts of a list; one alone is a list too.
pub(super) fn list(values: &Value, key: &str) -> Vec<String> {
    match get(values, key) {
        Some(Value::Array(list)) => list.iter().filter_map(front_matter::scalar).collect(),
        Some(value) => front_matter::scalar(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// The first quoted text after a key in a script.
pub(super) fn quoted_after<'a>(script: &'a str, key: &str) -> Option<&'a str> {
    all_quoted_after(script, key).next()
}

/// The quoted text after each place of a key in a script.
pub(super) fn all_quoted_after<'a>(script: &'a str, key: &str) -> impl Iterator<Item = &'a str> {
    script.split(key).skip(1).filter_map(|rest| {
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        let (text, _) = rest[1..].split_once(quote)?;
        (!text.is_empty() && !text.contains(['\n', '$'])).then_some(text)
    })
}

/// The first of these files that is there, with its text.
pub(super) fn script(root: &Path, names: &[&str]) -> Option<(PathBuf, String)> {
    names.iter().find_map(|name| {
        let file = root.join(name);
        small(&file).map(|text| (file, text))
    })
}
