//! What a generator is told to leave alone: by globs, by regular expressions, by how a path begins.

use crate::problem::Problem;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use regex::RegexSet;
use std::path::Path;

/// How a generator takes its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Jekyll: a path begins so, or matches a glob whose `*` goes over folders.
    Beginning,
    /// Eleventy: globs, from the site's folder.
    Glob,
    /// Zola: globs of any part of the path.
    LooseGlob,
    /// Hugo: regular expressions, found anywhere in the path.
    Regex,
}

/// The files that a generator leaves alone.
#[derive(Debug, Default)]
pub(crate) struct Ignored {
    globs: GlobSet,
    regexes: RegexSet,
    beginnings: Vec<String>,
    /// Whether parts of a path are looked at too.
    is_loose: bool,
}

impl Ignored {
    /// What stands in a list of a file.
    ///
    /// # Errors
    /// Something in it cannot be meant (`generator`).
    pub(super) fn new(form: Form, listed: &[String], file: &Path) -> Result<Ignored, Problem> {
        let mut ignored = Ignored {
            is_loose: matches!(form, Form::LooseGlob | Form::Regex),
            ..Ignored::default()
        };
        match form {
            Form::Regex => {
                let built = regex::RegexSetBuilder::new(listed).size_limit(1 << 22).build();
                ignored.regexes = built.map_err(|error| bad(file, &error.to_string()))?;
            }
            Form::Beginning => {
                let plain = listed
                    .iter()
                    .map(|text| text.trim_start_matches("./").trim_start_matches('/').to_owned());
                ignored.beginnings = plain.filter(|text| !text.is_empty()).collect();
                let patterns = listed.iter().filter(|text| text.contains(['*', '?', '[']));
                ignored.globs = globs(patterns, false, file)?;
            }
            Form::Glob | Form::LooseGlob => ignored.globs = globs(listed.iter(), form == Form::Glob, file)?,
        }
        Ok(ignored)
    }

    /// Whether nothing is.
    pub(super) fn is_empty(&self) -> bool {
        self.globs.is_empty() && self.regexes.is_empty() && self.beginnings.is_empty()
    }

    /// Whether a file is left alone: by its path from the site's folder, and by that from the folder of
    /// the content.
    pub(super) fn has(&self, root: &Path, path: &str, within: &str) -> bool {
        let matches = |text: &str| self.globs.is_match(text) || self.regexes.is_match(text);
        let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        if self
            .beginnings
            .iter()
            .any(|begin| path.starts_with(begin.as_str()))
            || matches(path)
            || folders.any(matches)
        {
            return true;
        }
        let last = within.rsplit('/').next().unwrap_or(within);
        let whole = || root.join(path).to_string_lossy().into_owned();
        self.is_loose && (matches(within) || matches(last) || matches(&whole()))
    }
}

fn globs<'a>(
    patterns: impl Iterator<Item = &'a String>,
    by_folders: bool,
    file: &Path,
) -> Result<GlobSet, Problem> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let plain = pattern.trim_start_matches("./").trim_matches('/');
        let glob = GlobBuilder::new(plain).literal_separator(by_folders).build();
        set.add(glob.map_err(|error| bad(file, &error.to_string()))?);
    }
    set.build().map_err(|error| bad(file, &error.to_string()))
}

fn bad(file: &Path, why: &str) -> Problem {
    let why = why.lines().last().unwrap_or(why).trim();
    Problem::error("generator", format!("what it leaves out cannot be told: {why}"))
        .file(file)
        .hint("correct the pattern: until then nobody knows what of the site is hidden")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generator_has_its_own_way() {
        for (form, listed, path, hidden) in [
            (Form::Beginning, "old", "old/_posts/2026-01-01-a.md", true),
            (Form::Beginning, "./old/", "old/_posts/2026-01-01-a.md", true),
            (Form::Beginning, "old/", "older/_posts/a.md", false),
            (Form::Beginning, "*/secret*", "_posts/x/secret-a.md", true),
            (Form::Beginning, "secret", "_posts/secret.md", false),
            (Form::Beginning, ".git", "git/_posts/a.md", false),
            (Form::Glob, "posts/*.draft.md", "posts/a.draft.md", true),
            (Form::Glob, "posts/*.draft.md", "posts/x/a.draft.md", false),
            (Form::Glob, "./posts/old/", "posts/old/x/a.md", true),
            (Form::Glob, "README.md", "posts/README.md", false),
            (Form::LooseGlob, "*.{old,bak}.md", "content/blog/a.old.md", true),
            (Form::LooseGlob, "temp.*", "content/blog/temp.md", true),
            (Form::LooseGlob, "blog/x.md", "content/blog/x.md", true),
            (Form::LooseGlob, "blog", "content/blog/x.md", false),
            (Form::Regex, r"\.foo\.md$", "content/posts/a.foo.md", true),
            (Form::Regex, r"\.foo\.md$", "content/posts/a.food.md", false),
            (Form::Regex, "/drafts$", "content/posts/drafts/a.md", true),
        ] {
            let listed = [listed.to_owned()];
            let ignored = Ignored::new(form, &listed, Path::new("c")).unwrap();
            let within = path.strip_prefix("content/").unwrap_or(path);
            assert_eq!(
                ignored.has(Path::new("/site"), path, within),
                hidden,
                "{listed:?} {path}"
            );
        }
    }

    #[test]
    fn a_pattern_that_is_none_is_named() {
        for form in [Form::Beginning, Form::Glob, Form::LooseGlob, Form::Regex] {
            let listed = ["*[".to_owned()];
            let problem = Ignored::new(form, &listed, Path::new("hugo.toml")).unwrap_err();
            assert_eq!(
                (problem.code, problem.file.as_deref()),
                ("generator", Some("hugo.toml"))
            );
        }
    }
}
