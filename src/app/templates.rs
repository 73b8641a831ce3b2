//! Reads mail templates from `email-templates/`.

use crate::config::Config;
use crate::digests::templates::{Part, Source, Sources, Templates, builtin, builtin_partials};
use crate::problem::Problem;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

/// The templates of the digests, by name. What is wrong with one matters only to its editions.
pub type Sets = BTreeMap<String, Result<Templates, Vec<Problem>>>;

/// Reads the templates that the digests of a configuration name, each once. Blocks.
#[must_use]
pub fn of_digests(config: &Config) -> Sets {
    let names = config.digests.iter().map(|digest| digest.template.clone());
    names
        .map(|name| {
            let templates = read(&config.templates, &name);
            (name, templates)
        })
        .collect()
}

/// The templates of a name. An edition is held for one reason: the first problem; `check` lists all.
///
/// # Errors
/// What is wrong with them.
pub fn set<'a>(sets: &'a Sets, name: &str) -> Result<&'a Templates, Problem> {
    let unread = || Problem::error("template", format!("the template \"{name}\" cannot be read"));
    match sets.get(name) {
        Some(Ok(templates)) => Ok(templates),
        Some(Err(problems)) => Err(problems.first().cloned().unwrap_or_else(unread)),
        None => Err(unread()),
    }
}

/// Reads and parses the templates of one mail: the files of `folder/name` and of `folder/partials`.
/// One that is missing is the built-in of that name; so is a missing folder.
///
/// # Errors
/// All that is wrong, each problem with its file: `template` and `unreadable-file`.
pub fn read(folder: &Path, name: &str) -> Result<Templates, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut part = |file: &str| {
        let path = folder.join(name).join(file);
        match read_file(&path) {
            Ok(Some(source)) => Some(source),
            Ok(None) => builtin(name, file).or_else(|| {
                problems.push(missing(&path, name));
                None
            }),
            Err(problem) => {
                problems.push(problem);
                None
            }
        }
    };
    let (subject, text, html) = (
        part(Part::Subject.file()),
        part(Part::Text.file()),
        part(Part::Html.file()),
    );
    let sample = read_file(&folder.join(name).join("sample.json")).unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    // All mails of digests have the same fields, so the built-in sample serves any template.
    let sample = sample.or_else(|| builtin("digest", "sample.json"));
    let partials = read_partials(&folder.join("partials"), &mut problems);
    match (subject, text, html, sample) {
        (Some(subject), Some(text), Some(html), Some(sample)) if problems.is_empty() => {
            Templates::parse(Sources {
                subject,
                text,
                html,
                sample,
                partials,
            })
        }
        _ => Err(problems),
    }
}

fn missing(path: &Path, name: &str) -> Problem {
    Problem::error(
        "template",
        "is missing, and there is no built-in template of that name",
    )
    .file(path)
    .hint(format!(
        "write it, or take `template = \"digest\"` instead of \"{name}\""
    ))
}

/// The built-in partials, with those of the folder in their place and beside them.
fn read_partials(folder: &Path, problems: &mut Vec<Problem>) -> BTreeMap<String, Source> {
    let mut partials = builtin_partials();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return partials,
        Err(error) => {
            problems.push(unreadable(folder, &error));
            return partials;
        }
    };
    for entry in entries {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(error) => {
                problems.push(unreadable(folder, &error));
                continue;
            }
        };
        let is_template = path.extension().is_some_and(|extension| extension == "hbs");
        let Some(name) = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .filter(|_| is_template)
        else {
            continue;
        };
        match read_file(&path) {
            Ok(Some(source)) => {
                partials.insert(name.to_owned(), source);
            }
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    partials
}

/// `None`: there is no such file.
fn read_file(path: &Path) -> Result<Option<Source>, Problem> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(Source {
            file: path.display().to_string(),
            text,
        })),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::error("unreadable-file", error.to_string())
        .file(path)
        .hint("a template is a readable file in UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_built_in() {
        let folder = tempfile::tempdir().unwrap();
        let all_builtin = read(folder.path(), "digest").unwrap();
        assert!(all_builtin.sources().html.file.starts_with("built-in"));

        std::fs::create_dir_all(folder.path().join("digest")).unwrap();
        std::fs::create_dir_all(folder.path().join("partials")).unwrap();
        std::fs::write(folder.path().join("digest/subject.hbs"), "{{digest.title}}").unwrap();
        std::fs::write(folder.path().join("partials/footer.hbs"), "<p>own</p>").unwrap();
        std::fs::write(folder.path().join("partials/README.md"), "no template").unwrap();
        let own = read(folder.path(), "digest").unwrap();
        assert_eq!(own.sources().subject.text, "{{digest.title}}");
        assert_eq!(own.sources().partials["footer"].text, "<p>own</p>");
        assert!(!own.sources().partials.contains_key("README"));
        assert!(own.sources().text.file.starts_with("built-in"));
    }

    #[test]
    fn a_name_without_files_is_an_error_for_each() {
        let folder = tempfile::tempdir().unwrap();
        let problems = read(folder.path(), "monthly").unwrap_err();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[2].file.as_ref().unwrap().ends_with("monthly/html.hbs"));
    }

    #[test]
    fn what_is_no_text_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("digest/text.hbs")).unwrap();
        std::fs::write(folder.path().join("digest/subject.hbs"), b"\xff\xfe").unwrap();
        let problems = read(folder.path(), "digest").unwrap_err();
        let files: Vec<_> = problems
            .iter()
            .filter_map(|problem| problem.file.as_deref())
            .collect();
        assert!(
            files[0].ends_with("subject.hbs") && files[1].ends_with("text.hbs"),
            "{files:?}"
        );
        assert!(problems.iter().all(|problem| problem.code == "unreadable-file"));
    }
}
