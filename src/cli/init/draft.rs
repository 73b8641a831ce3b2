//! The files of a new site: what stands in them, and how they are made.

use crate::articles::identity;
use crate::cli::output::WrongUse;
use crate::clock::{Clock, rfc3339};
use crate::config::values::{base_url, below};
use crate::digests::templates::{Part, builtin, builtin_partials};
use crate::problem::Problem;
use anyhow::Context;
use clap::Args;
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the operator says of the site.
#[derive(Debug, Clone, Default, Args)]
pub struct Named {
    /// Where the site is published [default: what --from says, else an example]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// What it is called [default: what --from says, else My site]
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
}

/// What the configuration of a new site says.
pub(super) struct Words {
    pub(super) title: String,
    pub(super) url: String,
    pub(super) description: String,
    pub(super) language: String,
    pub(super) timezone: String,
    /// The tables `[sources.NAME]`.
    pub(super) sources: String,
    /// The systems whose feeds had known addresses.
    pub(super) old_urls: Vec<&'static str>,
    pub(super) first_edition: u32,
}

/// The source of a site that begins here.
const OWN_SOURCE: &str = r#"[sources.posts]
kind = "markdown"                 # or "pages" (saved HTML), "text", "feed" …
path = "articles"
"#;

impl Words {
    /// Of a site that begins here.
    pub(super) fn of(named: &Named) -> Words {
        Words {
            title: named.title.clone().unwrap_or_else(|| "My site".to_owned()),
            url: named
                .url
                .clone()
                .unwrap_or_else(|| "https://example.org/".to_owned()),
            description: String::new(),
            language: "en".to_owned(),
            timezone: "UTC".to_owned(),
            sources: OWN_SOURCE.to_owned(),
            old_urls: Vec::new(),
            first_edition: 10,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Document<'a> {
    /// The files, as paths in the site.
    pub(super) made: Vec<&'a Path>,
}

/// A file to be made: its path in the site, and what is in it.
pub(super) type Draft = (PathBuf, String);

/// What to do then.
pub(super) fn next(dir: &Path) -> String {
    let config = below(dir, "config.toml");
    format!(
        "  look through {}\n  add readers to {}\n  tidings --config {} publish --now weekly\n",
        config.display(),
        below(dir, "subscribers/readers.csv").display(),
        config.display(),
    )
}

/// Makes the files, or none of them.
pub(super) fn make(dir: &Path, drafts: &[Draft]) -> anyhow::Result<()> {
    let there: Vec<Problem> = drafts
        .iter()
        .map(|(path, _)| below(dir, path))
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
    for (path, text) in drafts {
        let path = below(dir, path);
        write_new(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

pub(super) fn drafts(words: &Words) -> anyhow::Result<Vec<Draft>> {
    let mut drafts = vec![
        ("config.toml".into(), config(words)?),
        ("feeds/README.md".into(), include_str!("feeds.md").to_owned()),
        (
            "feeds/.gitignore".into(),
            include_str!("feeds.gitignore").to_owned(),
        ),
        (
            "email-templates/README.md".into(),
            include_str!("templates.md").to_owned(),
        ),
        (
            "subscribers/README.md".into(),
            include_str!("subscribers.md").to_owned(),
        ),
        (
            "subscribers/readers.csv".into(),
            "email,name,digests\n".to_owned(),
        ),
        (".gitignore".into(), include_str!("site.gitignore").to_owned()),
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
fn config(words: &Words) -> Result<String, WrongUse> {
    let wrong = |message: String| {
        WrongUse(vec![
            Problem::error("usage", message).hint("`tidings init --help` says what is expected"),
        ])
    };
    let url = base_url(&words.url).map_err(|bad| wrong(format!("--url {}: {bad}", words.url)))?;
    let title = words.title.trim();
    if title.is_empty() || title.chars().any(char::is_control) {
        return Err(wrong("--title must be one line of text".to_owned()));
    }
    // A host that is an address has no domain for mail.
    let domain = url
        .domain()
        .filter(|name| name.contains('.'))
        .unwrap_or("example.org");
    let host = domain.strip_prefix("www.").unwrap_or(domain);
    let old_urls: Vec<String> = words.old_urls.iter().map(|name| text(name)).collect();
    let old_urls = match old_urls.is_empty() {
        true => "# Where they were before the site moved here, as [\"wordpress\"]: who asks there is sent on.\n# old_urls = []".to_owned(),
        false => format!("# Where they were before: who asks there is sent on.\nold_urls = [{}]", old_urls.join(", ")),
    };
    let first = match words.first_edition {
        0 => "first_edition = 0                 # its readers know what was there before",
        _ => "first_edition = 10                # the first one of all holds the ten newest articles",
    };
    let values = [
        ("description", text(&words.description)),
        ("language", text(&words.language)),
        ("timezone", text(&words.timezone)),
        ("sources", words.sources.clone()),
        ("old_urls", old_urls),
        ("first", first.to_owned()),
        ("id", identity::site_id(&url).to_string()),
        ("title", text(title)),
        ("url", text(url.as_str())),
        ("from", text(&format!("weekly@{host}"))),
    ];
    Ok(filled(include_str!("config.toml"), &values))
}

/// As TOML has it.
pub(super) fn text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
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
pub(super) fn article() -> String {
    filled(include_str!("hello.md"), &[("now", rfc3339(Clock::System.now()))])
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
