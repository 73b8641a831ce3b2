//! `tidings init`: a new site, complete and working: configuration, templates, a first article.

use super::output::{self, Exit, WrongUse};
use crate::articles::identity;
use crate::clock::{Clock, rfc3339};
use crate::config::values::{base_url, below};
use crate::digests::templates::{Part, builtin, builtin_partials};
use crate::problem::Problem;
use anyhow::Context;
use clap::Args;
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Args)]
pub struct Init {
    /// Where; made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// Where the site is published
    #[arg(long, value_name = "URL", default_value = "https://example.org/")]
    pub url: String,
    /// What it is called
    #[arg(long, value_name = "TEXT", default_value = "My site")]
    pub title: String,
}

#[derive(Serialize)]
struct Document<'a> {
    /// The files, as paths in the site.
    made: Vec<&'a Path>,
}

/// A file to be made: its path in the site, and what is in it.
type Draft = (PathBuf, String);

/// Makes the site. Nothing that is there is overwritten.
///
/// # Errors
/// A URL or title that cannot be used; files that are there already, each by name; a folder that
/// cannot be written.
pub fn run(init: &Init, json: bool, quiet: bool) -> anyhow::Result<Exit> {
    let drafts = drafts(init)?;
    let there: Vec<Problem> = drafts
        .iter()
        .map(|(path, _)| below(&init.dir, path))
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| {
            Problem::error("init-exists", "is there already, and is not overwritten")
                .file(&path)
                .hint("nothing was made: take an empty folder")
        })
        .collect();
    if !there.is_empty() {
        return Err(WrongUse(there).into());
    }
    for (path, text) in &drafts {
        let path = below(&init.dir, path);
        write_new(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    if json {
        let made = drafts.iter().map(|(path, _)| path.as_path()).collect();
        output::json(&Document { made })?;
    } else if !quiet {
        let config = below(&init.dir, "config.toml");
        output::print(&format!(
            "A new site in {}. Next:\n  look through {}\n  add readers to {}\n  tidings --config {} publish --now weekly\n",
            init.dir.display(),
            config.display(),
            below(&init.dir, "subscribers/readers.csv").display(),
            config.display(),
        ))?;
    }
    Ok(Exit::Done)
}

fn drafts(init: &Init) -> anyhow::Result<Vec<Draft>> {
    let mut drafts = vec![
        ("config.toml".into(), config(init)?),
        ("articles/hello.md".into(), article()),
        ("feeds/README.md".into(), include_str!("init/feeds.md").to_owned()),
        (
            "feeds/.gitignore".into(),
            include_str!("init/feeds.gitignore").to_owned(),
        ),
        (
            "email-templates/README.md".into(),
            include_str!("init/templates.md").to_owned(),
        ),
        (
            "subscribers/README.md".into(),
            include_str!("init/subscribers.md").to_owned(),
        ),
        (
            "subscribers/readers.csv".into(),
            "email,name,digests\n".to_owned(),
        ),
        (
            ".gitignore".into(),
            include_str!("init/site.gitignore").to_owned(),
        ),
    ];
    let files = Part::ALL.map(Part::file).into_iter().chain(["sample.json"]);
    for file in files {
        let source = builtin("digest", file).with_context(|| format!("there is no built-in {file}"))?;
        drafts.push((Path::new("email-templates/digest").join(file), source.text));
    }
    for (name, source) in builtin_partials() {
        drafts.push((format!("email-templates/partials/{name}.hbs").into(), source.text));
    }
    Ok(drafts)
}

/// The configuration with its placeholders filled in, as TOML texts.
fn config(init: &Init) -> Result<String, WrongUse> {
    let wrong = |message: String| {
        WrongUse(vec![
            Problem::error("usage", message).hint("`tidings init --help` says what is expected"),
        ])
    };
    let url = base_url(&init.url).map_err(|bad| wrong(format!("--url {}: {bad}", init.url)))?;
    let title = init.title.trim();
    if title.is_empty() || title.chars().any(char::is_control) {
        return Err(wrong("--title must be one line of text".to_owned()));
    }
    // A host that is an address has no domain for mail.
    let domain = url
        .domain()
        .filter(|name| name.contains('.'))
        .unwrap_or("example.org");
    let host = domain.strip_prefix("www.").unwrap_or(domain);
    let text = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let values = [
        ("id", identity::site_id(&url).to_string()),
        ("title", text(title)),
        ("url", text(url.as_str())),
        ("from", text(&format!("weekly@{host}"))),
    ];
    Ok(filled(include_str!("init/config.toml"), &values))
}

/// Puts values in the place of `{{name}}`, in one go: what stands in a value stays.
fn filled(template: &str, values: &[(&str, String)]) -> String {
    let mut parts = template.split("{{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        let value = values.iter().find(|(known, _)| *known == name);
        text.push_str(value.map_or("", |(_, value)| value));
        text.push_str(rest);
    }
    text
}

/// A first article, of now.
fn article() -> String {
    filled(
        include_str!("init/hello.md"),
        &[("now", rfc3339(Clock::System.now()))],
    )
}

/// Makes the file, with the folders above it; one that has come meanwhile is an error.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn init(dir: &Path, url: &str, title: &str) -> Init {
        Init {
            dir: dir.to_owned(),
            url: url.to_owned(),
            title: title.to_owned(),
        }
    }

    #[test]
    fn a_new_site_has_a_configuration_that_loads() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("a/site");
        let title = "Ann's \"Notes\" \\ {{url}}";
        run(&init(&dir, "https://www.notes.example/blog", title), false, true).unwrap();
        let config = Config::load(&dir.join("config.toml"), &Default::default()).unwrap();
        assert_eq!(config.warnings, []);
        assert_eq!(config.site.title, title);
        assert_eq!(config.site.url.as_str(), "https://www.notes.example/blog/");
        assert_eq!(config.site.id, Some(identity::site_id(&config.site.url)));
        assert_eq!(config.digests[0].from.address.to_string(), "weekly@notes.example");
        for file in [
            "articles/hello.md",
            "email-templates/digest/html.hbs",
            "subscribers/readers.csv",
            ".gitignore",
        ] {
            assert!(dir.join(file).is_file(), "{file}");
        }
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".gitignore"), "mine").unwrap();
        let error = run(&init(folder.path(), "https://example.org/", "T"), false, true).unwrap_err();
        let WrongUse(problems) = error.downcast_ref().unwrap();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].file.as_deref().unwrap().ends_with(".gitignore"));
        assert!(!folder.path().join("config.toml").exists());
        assert_eq!(
            std::fs::read_to_string(folder.path().join(".gitignore")).unwrap(),
            "mine"
        );
    }

    #[test]
    fn a_wrong_url_or_title_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for (url, title) in [
            ("example.org", "T"),
            ("https://example.org/", " "),
            ("https://example.org/", "a\nb"),
        ] {
            assert!(run(&init(&folder.path().join("x"), url, title), false, true).is_err());
        }
        assert!(!folder.path().join("x").exists());
    }
}
