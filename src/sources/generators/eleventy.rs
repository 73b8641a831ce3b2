//! Sites of Eleventy.

use super::ignored::{Form, Ignored};
use super::reading::{self, all_quoted_after, quoted_after, small, text};
use super::site::{Generator, Rules, left_out};
use crate::config::OldSystem;
use crate::problem::Problem;
use crate::sources::scan::About;
use std::path::Path;
use walkdir::WalkDir;

const SCRIPTS: &[&str] = &[
    ".eleventy.js",
    "eleventy.config.js",
    "eleventy.config.mjs",
    "eleventy.config.cjs",
    "eleventy.config.ts",
];
/// Where articles usually are, below the folder of the input.
const USUAL: &[&str] = &[
    "content/blog",
    "content/posts",
    "content",
    "posts",
    "blog",
    "src/posts",
    "src/blog",
];
const DATA: &[&str] = &["_data/metadata.json", "_data/site.json", "_data/meta.json"];
/// What in a data file in JavaScript may hide articles or move them.
const DECIDES: &[&str] = &["permalink", "eleventyExcludeFromCollections", "draft"];

pub(super) fn find(root: &Path) -> Result<Option<Generator>, Problem> {
    let Some((file, script)) = reading::script(root, SCRIPTS) else {
        return Ok(None);
    };
    let input = root.join(quoted_after(&script, "input:").unwrap_or("."));
    let ignore = ignored(root, &input, &script);
    let mut rules = Rules::of(root, &input);
    rules.ignored = Ignored::new(Form::Glob, &ignore, &root.join(".eleventyignore"))?;
    let usual = USUAL.iter().find(|name| input.join(name).is_dir());
    let articles = usual.map_or_else(|| input.clone(), |name| input.join(name));
    let relative = articles.strip_prefix(root).ok().and_then(Path::to_str);
    let articles = relative.and_then(|folder| reading::inside(root, folder));
    let mut values = None;
    for data in DATA.iter().flat_map(|name| [input.join(name), root.join(name)]) {
        if values.is_none() {
            // What it says of the site is of use, and hides nothing.
            values = reading::own(&data).ok().flatten();
        }
    }
    let values = values.unwrap_or_default();
    let mut warnings = left_out(".eleventyignore", &ignore, &file);
    warnings.extend(articles.iter().flat_map(|folder| programs(folder)));
    Ok(Some(Generator {
        system: OldSystem::Eleventy,
        name: "Eleventy",
        what: "an Eleventy site",
        articles,
        include: Vec::new(),
        about: About {
            title: text(&values, "title"),
            url: text(&values, "url"),
            description: text(&values, "description"),
            language: text(&values, "language"),
            ..About::default()
        },
        warnings,
        strange: None,
        rules,
    }))
}

/// Globs from the site's folder of what is left alone: two files list it, and the script may.
fn ignored(root: &Path, input: &Path, script: &str) -> Vec<String> {
    let mut found: Vec<String> = all_quoted_after(script, "ignores.add(")
        .map(str::to_owned)
        .collect();
    let inner = input.strip_prefix(root).unwrap_or(Path::new(""));
    let inner = inner.to_string_lossy();
    for (folder, name) in [
        ("", ".gitignore"),
        ("", ".eleventyignore"),
        (&*inner, ".eleventyignore"),
    ] {
        let folder = folder.trim_matches(['.', '/']);
        if name != ".eleventyignore" && script.contains("setUseGitIgnore(false)") {
            continue;
        }
        let lines = small(&root.join(folder).join(name)).unwrap_or_default();
        let lines = lines.lines().map(str::trim);
        let globs = lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '!']));
        found.extend(globs.map(|glob| match folder {
            "" => glob.to_owned(),
            folder => format!(
                "{folder}/{}",
                glob.trim_start_matches("./").trim_start_matches('/')
            ),
        }));
    }
    found.sort();
    found.dedup();
    found
}

/// Data files that are programs and say where articles are, or whether.
fn programs(articles: &Path) -> Vec<Problem> {
    let walk = WalkDir::new(articles).max_depth(5).into_iter();
    let files = walk
        .filter_entry(|entry| entry.file_name() != "node_modules")
        .filter_map(Result::ok);
    let scripts = files.filter(|entry| {
        let name = entry.file_name().to_string_lossy();
        [".11tydata.js", ".11tydata.mjs", ".11tydata.cjs"]
            .iter()
            .any(|end| name.ends_with(end))
    });
    let decides = scripts.filter_map(|entry| {
        let script = small(entry.path())?;
        let key = DECIDES.iter().find(|key| script.contains(**key))?;
        let message = format!("it is a program that says {key:?} of its articles, and is not run");
        let problem = Problem::warning("init-from", message).file(entry.path());
        Some(problem.hint(
            "look at what it does: hide articles with `exclude`, give them addresses with `url_template`",
        ))
    });
    decides.take(10).collect()
}
