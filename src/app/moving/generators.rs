//! The folders of site generators: where their articles are, what their configuration says of the
//! site, and where they put an article.

use crate::config::OldSystem;
use crate::problem::Problem;
use crate::sources::About;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A site of a generator.
pub(super) struct Generator {
    pub(super) system: OldSystem,
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    /// The folder of its articles.
    pub(super) articles: PathBuf,
    pub(super) about: About,
    pub(super) url_template: Option<String>,
    pub(super) warnings: Vec<Problem>,
}

/// The largest configuration that is read, in bytes.
const MAX_CONFIG: u64 = 1024 * 1024;

/// Which generator's site a folder is; `None`: none that is known.
pub(super) fn find(root: &Path) -> Option<Generator> {
    jekyll(root)
        .or_else(|| zola(root))
        .or_else(|| hugo(root))
        .or_else(|| astro(root))
        .or_else(|| eleventy(root))
}

fn hugo(root: &Path) -> Option<Generator> {
    let names = [
        "hugo.toml",
        "hugo.yaml",
        "hugo.yml",
        "hugo.json",
        "config.toml",
        "config.yaml",
        "config.yml",
        "config.json",
        "config/_default/hugo.toml",
        "config/_default/hugo.yaml",
        "config/_default/config.toml",
        "config/_default/config.yaml",
    ];
    let (file, values) = names
        .iter()
        .find_map(|name| Some((*name, read(&root.join(name))?)))?;
    let folder = text(&values, "contentDir").unwrap_or_else(|| "content".to_owned());
    let articles = inside(root, &folder)?;
    if !file.contains("hugo") && text(&values, "baseURL").is_none() {
        return None;
    }
    let pattern = get(&values, "permalinks").and_then(|permalinks| {
        let tables = [get(permalinks, "page").unwrap_or(permalinks), permalinks];
        tables.iter().find_map(|table| {
            ["posts", "post", "blog"]
                .iter()
                .find_map(|section| text(table, section))
        })
    });
    let mut warnings = Vec::new();
    let url_template = pattern.as_deref().map_or(Some("{path}/".to_owned()), |pattern| {
        template(pattern, &root.join(file), &mut warnings)
    });
    Some(Generator {
        system: OldSystem::Hugo,
        name: "Hugo",
        what: "a Hugo site",
        articles,
        about: About {
            title: text(&values, "title"),
            url: text(&values, "baseURL"),
            description: get(&values, "params").and_then(|params| text(params, "description")),
            language: text(&values, "languageCode").or_else(|| text(&values, "defaultContentLanguage")),
            timezone: text(&values, "timeZone"),
            ..About::default()
        },
        url_template,
        warnings,
    })
}

fn zola(root: &Path) -> Option<Generator> {
    let values = read(&root.join("config.toml")).or_else(|| read(&root.join("zola.toml")))?;
    let url = values.get("base_url").and_then(scalar)?;
    Some(Generator {
        system: OldSystem::Zola,
        name: "Zola",
        what: "a Zola site",
        articles: inside(root, "content")?,
        about: About {
            title: text(&values, "title"),
            url: Some(url),
            description: text(&values, "description"),
            language: text(&values, "default_language"),
            ..About::default()
        },
        url_template: Some("{path}/".to_owned()),
        warnings: Vec::new(),
    })
}

fn jekyll(root: &Path) -> Option<Generator> {
    let articles = inside(root, "_posts")?;
    let values = ["_config.yml", "_config.yaml", "_config.toml"]
        .iter()
        .find_map(|name| read(&root.join(name)))
        .unwrap_or_default();
    let url = text(&values, "url").map(|url| {
        let base = text(&values, "baseurl").unwrap_or_default();
        format!("{}/{}", url.trim_end_matches('/'), base.trim_matches('/'))
    });
    let pattern = text(&values, "permalink").unwrap_or_else(|| "date".to_owned());
    let pattern = match pattern.as_str() {
        "date" => "/:categories/:year/:month/:day/:title.html",
        "pretty" => "/:categories/:year/:month/:day/:title/",
        "ordinal" => "/:categories/:year/:y_day/:title.html",
        "weekdate" => "/:categories/:year/W:week/:short_day/:title.html",
        "none" => "/:categories/:title.html",
        own => own,
    };
    let mut warnings = Vec::new();
    let url_template = template(pattern, &root.join("_config.yml"), &mut warnings);
    Some(Generator {
        system: OldSystem::Jekyll,
        name: "Jekyll",
        what: "a Jekyll site",
        articles,
        about: About {
            title: text(&values, "title"),
            url,
            description: text(&values, "description"),
            language: text(&values, "lang").or_else(|| text(&values, "locale")),
            timezone: text(&values, "timezone"),
            ..About::default()
        },
        url_template,
        warnings,
    })
}

fn astro(root: &Path) -> Option<Generator> {
    let names = [
        "astro.config.mjs",
        "astro.config.ts",
        "astro.config.js",
        "astro.config.cjs",
    ];
    let script = names.iter().find_map(|name| small(&root.join(name)))?;
    // Its collections, the usual names of blogs first; else the pages.
    let usual = ["blog", "posts", "post", "articles", "news"];
    let collection = usual
        .iter()
        .find(|name| root.join("src/content").join(name).is_dir());
    let (folder, prefix) = match collection {
        Some(name) => (format!("src/content/{name}"), format!("{name}/")),
        None if root.join("src/content").is_dir() => ("src/content".to_owned(), String::new()),
        None => ("src/pages".to_owned(), String::new()),
    };
    Some(Generator {
        system: OldSystem::Astro,
        name: "Astro",
        what: "an Astro site",
        articles: inside(root, &folder)?,
        about: About {
            url: quoted_after(&script, "site:"),
            ..About::default()
        },
        url_template: Some(format!("{prefix}{{path}}/")),
        warnings: Vec::new(),
    })
}

fn eleventy(root: &Path) -> Option<Generator> {
    let names = [
        ".eleventy.js",
        "eleventy.config.js",
        "eleventy.config.mjs",
        "eleventy.config.cjs",
        "eleventy.config.ts",
    ];
    let script = names.iter().find_map(|name| small(&root.join(name)))?;
    let input = quoted_after(&script, "input:").unwrap_or_else(|| ".".to_owned());
    let usual = [
        "content/blog",
        "content/posts",
        "content",
        "posts",
        "blog",
        "src/posts",
        "src/blog",
    ];
    let input = Path::new(&input);
    let found = usual.iter().find(|name| root.join(input).join(name).is_dir());
    let folder = found.map_or_else(|| input.to_owned(), |name| input.join(name));
    let below = found.map_or("", |name| {
        name.trim_start_matches("content/").trim_start_matches("src/")
    });
    let prefix = match below {
        "" | "content" => String::new(),
        below => format!("{below}/"),
    };
    let data = ["_data/metadata.json", "_data/site.json", "_data/meta.json"];
    let values = data
        .iter()
        .find_map(|name| read(&root.join(input).join(name)).or_else(|| read(&root.join(name))));
    let values = values.unwrap_or_default();
    Some(Generator {
        system: OldSystem::Eleventy,
        name: "Eleventy",
        what: "an Eleventy site",
        articles: inside(root, &folder.to_string_lossy())?,
        about: About {
            title: text(&values, "title"),
            url: text(&values, "url"),
            description: text(&values, "description"),
            language: text(&values, "language"),
            ..About::default()
        },
        url_template: Some(format!("{prefix}{{path}}/")),
        warnings: Vec::new(),
    })
}

/// A folder below the site, which is there.
fn inside(root: &Path, folder: &str) -> Option<PathBuf> {
    let path = root.join(folder);
    let real = std::fs::canonicalize(&path).ok()?;
    let below = real.starts_with(std::fs::canonicalize(root).ok()?);
    (below && real.is_dir()).then_some(path)
}

fn small(file: &Path) -> Option<String> {
    let meta = std::fs::metadata(file).ok()?;
    (meta.is_file() && meta.len() <= MAX_CONFIG).then(|| std::fs::read_to_string(file).ok())?
}

/// A configuration in TOML, YAML or JSON; what cannot be read says nothing.
fn read(file: &Path) -> Option<Value> {
    let text = small(file)?;
    match file.extension()?.to_str()? {
        "toml" => serde_json::to_value(toml::from_str::<toml::Table>(&text).ok()?).ok(),
        "json" => serde_json::from_str(&text).ok(),
        _ => serde_saphyr::from_str(&text).ok(),
    }
}

fn get<'a>(values: &'a Value, key: &str) -> Option<&'a Value> {
    let (_, value) = values
        .as_object()?
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))?;
    Some(value)
}

fn text(values: &Value, key: &str) -> Option<String> {
    get(values, key).and_then(scalar)
}

fn scalar(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The first quoted text after a key in a script.
fn quoted_after(script: &str, key: &str) -> Option<String> {
    let rest = script.split_once(key)?.1.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let (text, _) = rest[1..].split_once(quote)?;
    (!text.is_empty() && !text.contains(['\n', '$'])).then(|| text.to_owned())
}

/// A pattern of Hugo's or Jekyll's in our words. What has no word here is left out, with a warning.
fn template(pattern: &str, file: &Path, warnings: &mut Vec<Problem>) -> Option<String> {
    const WORDS: &[(&str, &str)] = &[
        (":output_ext", ".html"),
        (":slugorcontentbasename", "{slug}"),
        (":slugorfilename", "{slug}"),
        (":contentbasename", "{slug}"),
        (":filename", "{slug}"),
        (":title", "{slug}"),
        (":slug", "{slug}"),
        (":year", "{year}"),
        (":month", "{month}"),
        (":day", "{day}"),
        (":categories", ""),
    ];
    let mut made = WORDS
        .iter()
        .fold(pattern.to_owned(), |text, (word, ours)| text.replace(word, ours));
    while made.contains("//") {
        made = made.replace("//", "/");
    }
    let made = made.trim_start_matches('/').to_owned();
    let lost = made.contains(':') || !(made.contains("{slug}") || made.contains("{path}"));
    if lost || pattern.contains(":categories") {
        warnings.push(
            Problem::warning(
                "init-from",
                format!("its permalinks {pattern:?} cannot all be said in url_template"),
            )
            .file(file)
            .hint("compare some URLs with those of the old site, and correct sources.posts.url_template"),
        );
    }
    (!lost).then_some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn five_generators_are_known_by_their_folders() {
        const POST: &str = "---\ntitle: A\n---\nx";
        type Files = &'static [(&'static str, &'static str)];
        let cases: &[(Files, &str, &str, &str)] = &[
            (
                &[
                    (
                        "hugo.toml",
                        "baseURL = 'https://a.example/'\ntitle = 'A'\n[permalinks]\nposts = '/:year/:month/:slug/'",
                    ),
                    ("content/posts/a.md", POST),
                ],
                "Hugo",
                "content",
                "{year}/{month}/{slug}/",
            ),
            (
                &[
                    ("config.yaml", "baseurl: https://a.example/\ntitle: A"),
                    ("content/posts/a.md", POST),
                ],
                "Hugo",
                "content",
                "{path}/",
            ),
            (
                &[
                    ("config.toml", "base_url = 'https://a.example'\ntitle = 'A'"),
                    ("content/a.md", POST),
                ],
                "Zola",
                "content",
                "{path}/",
            ),
            (
                &[
                    (
                        "_config.yml",
                        "url: https://a.example\ntitle: A\npermalink: pretty",
                    ),
                    ("_posts/2026-01-01-a.md", POST),
                ],
                "Jekyll",
                "_posts",
                "{year}/{month}/{day}/{slug}/",
            ),
            (
                &[
                    (
                        "astro.config.mjs",
                        "export default defineConfig({ site: 'https://a.example', })",
                    ),
                    ("src/content/blog/a.md", POST),
                ],
                "Astro",
                "src/content/blog",
                "blog/{path}/",
            ),
            (
                &[
                    ("eleventy.config.js", "return { dir: { input: \"src\" } }"),
                    ("src/posts/a.md", POST),
                    (
                        "src/_data/metadata.json",
                        "{\"title\": \"A\", \"url\": \"https://a.example\"}",
                    ),
                ],
                "Eleventy",
                "src/posts",
                "posts/{path}/",
            ),
        ];
        for (files, name, articles, template) in cases {
            let folder = site(files);
            let found = find(folder.path()).unwrap();
            assert_eq!(
                (found.name, found.url_template.as_deref()),
                (*name, Some(*template))
            );
            assert_eq!(found.articles, folder.path().join(articles));
            let url = found.about.url.unwrap();
            assert_eq!(url.trim_end_matches('/'), "https://a.example", "{name}");
        }
        assert!(find(site(&[("a.md", POST)]).path()).is_none());
        assert!(find(site(&[("config.toml", "[[broken"), ("content/a.md", POST)]).path()).is_none());
    }

    #[test]
    fn a_permalink_that_has_no_words_here_is_told() {
        let mut warnings = Vec::new();
        let made = template(
            "/:year/:y_day/:title.html",
            Path::new("_config.yml"),
            &mut warnings,
        );
        assert_eq!((made, warnings.len()), (None, 1));
    }
}
