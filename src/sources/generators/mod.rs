//! The sites of static generators: what their configuration says of the site, where they put an article,
//! and what they leave alone.

mod astro;
mod eleventy;
mod hugo;
mod ignored;
mod jekyll;
mod languages;
mod patterns;
mod reading;
mod site;
pub(crate) mod slugs;
mod zola;

pub(crate) use astro::Astro;
pub(crate) use hugo::Hugo;
pub(crate) use jekyll::Jekyll;
pub(crate) use patterns::{Piece, date, of_style, pieces};
pub use site::Generator;
pub(crate) use zola::{Slugs, Zola};

use crate::config::{self, OldSystem};
use crate::problem::Problem;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// In a template: where the generator publishes the article.
pub(crate) const PLACEHOLDER: &str = "{permalink}";
/// So many folders above a source are looked at.
const ABOVE: usize = 4;

/// How it makes an address.
#[derive(Debug)]
pub(crate) enum Addresses {
    Hugo(Hugo),
    Jekyll(Jekyll),
    Zola(Zola),
    Astro(Astro),
    /// The path, as it is.
    Eleventy,
}

/// Which generator's site a folder is; `None`: none that is known.
///
/// # Errors
/// Its configuration cannot be read (`generator`).
pub fn find(root: &Path) -> Result<Option<Generator>, Problem> {
    Ok(look(root)?.map(|(mut generator, addresses)| {
        if let Addresses::Jekyll(jekyll) = &addresses {
            (generator.articles, generator.include) = jekyll.articles();
        }
        generator
    }))
}

fn look(root: &Path) -> Result<Option<(Generator, Addresses)>, Problem> {
    if let Some((generator, rules)) = jekyll::find(root)? {
        return Ok(Some((generator, Addresses::Jekyll(rules))));
    }
    if let Some((generator, rules)) = zola::find(root)? {
        return Ok(Some((generator, Addresses::Zola(rules))));
    }
    if let Some((generator, rules)) = hugo::find(root)? {
        return Ok(Some((generator, Addresses::Hugo(rules))));
    }
    if let Some((generator, rules)) = astro::find(root)? {
        return Ok(Some((generator, Addresses::Astro(rules))));
    }
    Ok(eleventy::find(root)?.map(|generator| (generator, Addresses::Eleventy)))
}

/// The site that the folder of a source belongs to, and the rules for the files in that folder.
///
/// # Errors
/// As for [`find`].
pub(crate) fn around(named: &Path) -> Result<Option<Here>, Problem> {
    let folder = std::fs::canonicalize(named).unwrap_or_else(|_| named.to_owned());
    let folder = match folder.is_file() {
        true => folder.parent().map(Path::to_owned).unwrap_or_default(),
        false => folder,
    };
    for root in folder.ancestors().take(ABOVE) {
        // Problems name its files as the operator does.
        let shown = if root == folder && named.is_dir() {
            named
        } else {
            root
        };
        let found = match look(shown) {
            // Many a project has pages of Jekyll's beside what is no business of theirs.
            Err(_) if jekyll::is_in(root) && !is_jekylls(root, &folder) => continue,
            found => found?,
        };
        if let Some((generator, addresses)) = found
            && has_articles_in(&generator, root, &folder)
        {
            return Ok(Some(Here {
                generator,
                addresses,
                folder,
            }));
        }
    }
    Ok(None)
}

/// Whether a folder below the site may hold articles of it: a configuration may lie above other things.
fn has_articles_in(generator: &Generator, root: &Path, folder: &Path) -> bool {
    match generator.system {
        OldSystem::Jekyll => is_jekylls(root, folder),
        OldSystem::Astro => folder == root || folder.starts_with(root.join("src")),
        OldSystem::Eleventy => folder == root || folder.starts_with(&generator.rules.content),
        _ => true,
    }
}

fn is_jekylls(root: &Path, folder: &Path) -> bool {
    let between = folder.strip_prefix(root).unwrap_or(folder);
    let mut steps = between.iter().map(|step| step.to_string_lossy());
    folder == root || steps.any(|step| step.starts_with('_'))
}

/// Whether a source has the addresses that its generator makes.
pub(crate) fn are_asked(source: &config::Source) -> bool {
    let template = source.url_template.as_deref();
    template.is_some_and(|template| template.contains(PLACEHOLDER))
}

/// Whether addresses can be made for a source that asks for them.
///
/// # Errors
/// They cannot (`generator`).
pub(crate) fn can_tell(site: Option<&Here>, root: &Path, source: &config::Source) -> Result<(), Problem> {
    let why = match site.map(|site| site.generator.strange.as_deref()) {
        Some(None) => return Ok(()),
        Some(Some(strange)) => {
            format!("the addresses of its generator have {strange}, which is not known here")
        }
        None => "no configuration of a site generator is in its folder or above".to_owned(),
    };
    Err(
        Problem::error("generator", format!("{PLACEHOLDER} cannot be filled in: {why}"))
            .file(root)
            .key(format!("sources.{}.url_template", source.name))
            .hint("write the template with {slug}, {path}, {year}, {month} and {day}"),
    )
}

/// A site and the folder in it that a source reads.
#[derive(Debug)]
pub(crate) struct Here {
    generator: Generator,
    addresses: Addresses,
    folder: PathBuf,
}

/// Where a file stands in its site.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Located<'a> {
    /// From the folder of the content, with `/`, without extension and language.
    pub(crate) path: String,
    /// Its language, where the site has several.
    pub(crate) language: Option<&'a str>,
    /// What stands before the addresses of that language.
    pub(crate) prefix: &'a str,
}

impl Here {
    pub(crate) fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    pub(crate) fn has_bundles(&self) -> bool {
        matches!(self.addresses(), Addresses::Hugo(_) | Addresses::Zola(_))
    }

    pub(crate) fn is_jekyll(&self) -> bool {
        matches!(self.addresses(), Addresses::Jekyll(_))
    }

    /// The folder of the content.
    pub(crate) fn content(&self) -> &Path {
        &self.generator.rules.content
    }

    /// Where a file of the source stands.
    pub(crate) fn locate(&self, name: &str) -> Located<'_> {
        let rules = &self.generator.rules;
        let file = self.folder.join(name);
        let (base, by_folder) = match rules.languages.of_folder(&file) {
            Some((folder, language)) => (folder, Some(language)),
            None => (rules.content.as_path(), None),
        };
        let inside = file.strip_prefix(base).unwrap_or(Path::new(name));
        let inside = inside.to_string_lossy().replace('\\', "/");
        let (stem, by_name) = rules.languages.of_name(without_extension(&inside));
        let language = by_name.or(by_folder).or(rules.languages.usual());
        Located {
            path: stem.to_owned(),
            language: language.map(|language| language.code.as_str()),
            prefix: language.map_or("", |language| &language.prefix),
        }
    }

    /// The language of a file, where the site has several.
    pub(crate) fn language(&self, name: &str) -> Option<&str> {
        match self.generator.rules.languages.is_empty() {
            true => None,
            false => self.locate(name).language,
        }
    }

    /// The language that the name of a file says, and the name without it: `a.de.md` is `a` in German.
    pub(crate) fn by_name<'n>(&self, stem: &'n str) -> (&'n str, Option<&str>) {
        let (bare, language) = self.generator.rules.languages.of_name(stem);
        (bare, language.map(|language| language.prefix.as_str()))
    }

    /// Whether the generator leaves a file alone.
    pub(crate) fn hides(&self, name: &str) -> bool {
        let rules = &self.generator.rules;
        if self.is_jekyll() && jekyll::is_no_post(&self.folder.join(name)) {
            return true;
        }
        if rules.ignored.is_empty() && rules.languages.is_empty() {
            return false;
        }
        let file = self.folder.join(name);
        let from = |base: &Path| {
            let inside = file.strip_prefix(base).unwrap_or(Path::new(name));
            inside.to_string_lossy().replace('\\', "/")
        };
        let languages = &rules.languages;
        let language = languages.of_name(without_extension(name)).1;
        let language = language.or_else(|| languages.of_folder(&file).map(|(_, language)| language));
        language.is_some_and(|language| language.is_disabled)
            || rules
                .ignored
                .has(&rules.root, &from(&rules.root), &from(&rules.content))
    }

    /// What holds of a file where its front matter says nothing.
    pub(crate) fn defaults(&self, name: &str) -> Map<String, Value> {
        match self.addresses() {
            Addresses::Jekyll(jekyll) if jekyll.has_defaults() => {
                let file = self.folder.join(name);
                let inside = file.strip_prefix(self.content()).unwrap_or(Path::new(name));
                jekyll.defaults(&inside.to_string_lossy())
            }
            _ => Map::new(),
        }
    }

    /// The sections of a page of Hugo's: its first folder, and those below it that have a page of their
    /// own. `slice` is what stands in the brackets of `:sections[1:]`.
    pub(crate) fn sections(&self, name: &str, slice: Option<&str>) -> String {
        let file = self.locate(name);
        let own = file.path.strip_suffix("/index").unwrap_or(&file.path);
        let folders = own.rsplit_once('/').map_or("", |(folders, _)| folders);
        let mut path = String::new();
        let mut found = Vec::new();
        for step in folders.split('/').filter(|step| !step.is_empty()) {
            path.push_str(step);
            if found.is_empty() || self.content().join(&path).join("_index.md").is_file() {
                found.push(step);
            }
            path.push('/');
        }
        hugo::sliced(&found, slice).join("/")
    }

    /// Names all of it that decides what becomes of a file.
    pub(crate) fn decides(&self) -> String {
        format!("{:?} {:?}", self.generator.rules, self.addresses)
    }
}

/// The name of a file without its extension.
pub(crate) fn without_extension(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !extension.contains('/') => stem,
        _ => name,
    }
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
        let cases: &[(Files, &str, &str)] = &[
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
            ),
            (
                &[
                    ("config.yaml", "baseurl: https://a.example/\ntitle: A"),
                    ("content/posts/a.md", POST),
                ],
                "Hugo",
                "content",
            ),
            (
                &[
                    ("config.toml", "base_url = 'https://a.example'\ntitle = 'A'"),
                    ("content/a.md", POST),
                ],
                "Zola",
                "content",
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
            ),
        ];
        for (files, name, articles) in cases {
            let folder = site(files);
            let found = find(folder.path()).unwrap().unwrap();
            assert_eq!(found.name, *name);
            assert_eq!(found.articles, Some(folder.path().join(articles)));
            let url = found.about.url.unwrap();
            assert_eq!(url.trim_end_matches('/'), "https://a.example", "{name}");
        }
        assert!(find(site(&[("a.md", POST)]).path()).unwrap().is_none());
        let other = site(&[("config.toml", "[[broken"), ("content/a.md", POST)]);
        assert!(find(other.path()).unwrap().is_none());
    }
}
