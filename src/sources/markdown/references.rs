//! Articles that refer to one another by their files: the address of the file that is meant.

use super::address;
use super::permalink::{self, Known};
use super::stated;
use crate::sources::dates::Reading;
use crate::sources::extract::{self, Extract};
use crate::sources::files::{self, File};
use crate::sources::front_matter::{self, keys};
use crate::sources::generators::Here;
use crate::sources::place::Place;
use std::path::{Path, PathBuf};

/// How a reference may leave out the end of a name.
const ENDINGS: &[&str] = &["", ".md", ".markdown", ".mdx", "/index.md", "/index.mdx"];

/// From one article to the others of its source.
pub(crate) struct References<'a> {
    pub(super) place: &'a Place<'a>,
    pub(super) reading: Reading,
}

impl References<'_> {
    /// The address of what is meant by `@/blog/a.md`, `../a.md#part`, `2026-01-23-a` and the like;
    /// `None`: no such file is in the source's folder.
    pub(super) fn resolve(&self, reference: &str) -> Option<String> {
        let reference = reference.trim();
        let end = reference.find(['#', '?']).unwrap_or(reference.len());
        let (path, part) = reference.split_at(end);
        if path.is_empty() {
            return (!part.is_empty()).then(|| part.to_owned());
        }
        self.place.looked_elsewhere.set(true);
        let root = self.root()?;
        let file = self.candidates(path, &root).into_iter().find_map(|candidate| {
            let real = std::fs::canonicalize(candidate).ok()?;
            (real.is_file() && is_markdown(&real) && real.starts_with(&root)).then_some(real)
        })?;
        Some(format!("{}{part}", self.address(&file, &root)?))
    }

    /// The source's folder, links resolved.
    fn root(&self) -> Option<PathBuf> {
        let real = std::fs::canonicalize(self.place.source.origin.path()?).ok()?;
        if real.is_dir() {
            Some(real)
        } else {
            real.parent().map(Path::to_owned)
        }
    }

    /// Beside the article first, then from the source's folder, whose own name may stand before it.
    fn candidates(&self, path: &str, root: &Path) -> Vec<PathBuf> {
        let path = path.trim_start_matches('@');
        let inside = path.trim_start_matches('/');
        let mut bases: Vec<PathBuf> = Vec::new();
        if !path.starts_with('/') {
            bases.extend(self.place.file.path.parent().map(|folder| folder.join(inside)));
        }
        bases.push(root.join(inside));
        if self.place.generated().is_some_and(Here::is_jekyll) {
            bases.push(root.join("_posts").join(inside));
        }
        // `blog/a.md` of a source whose folder is `content/blog`.
        let steps: Vec<&str> = inside.split('/').collect();
        // No more of it than the folder has steps.
        for taken in 1..steps.len().min(root.iter().count() + 1) {
            if root.ends_with(steps[..taken].join("/")) {
                bases.push(root.join(steps[taken..].join("/")));
            }
        }
        let with_endings = |base: &PathBuf| {
            let base = base.clone().into_os_string();
            let named = move |ending: &&str| {
                let mut name = base.clone();
                name.push(ending);
                PathBuf::from(name)
            };
            ENDINGS.iter().map(named).collect::<Vec<_>>()
        };
        bases.iter().flat_map(with_endings).collect()
    }

    fn address(&self, path: &Path, root: &Path) -> Option<String> {
        let steps: Vec<&str> = path
            .strip_prefix(root)
            .ok()?
            .iter()
            .filter_map(|step| step.to_str())
            .collect();
        let file = File {
            name: steps.join("/"),
            path: path.to_owned(),
        };
        let place = Place {
            file: &file,
            hidden: &[],
            url: None,
            ..*self.place
        };
        let bytes = files::bytes(path).ok()?;
        let text = files::text(&bytes, path).ok()?;
        let head = place.with_defaults(front_matter::split(&text).ok()?.head);
        let published = stated::published(&head, &place, self.reading).ok()?;
        let (title, slug) = (head.text(keys::TITLE), head.own_text(keys::SLUG));
        let known = Known {
            place: &place,
            published,
            title: title.as_deref(),
            slug: slug.as_deref(),
            categories: &stated::categories(&head, &place),
        };
        let (url, _) = permalink::stated(&head, &known);
        let extract = Extract {
            url,
            generated: address::generated(&known),
            slug: slug.clone(),
            published,
            ..Extract::default()
        };
        extract::address(&extract, &place).ok().map(String::from)
    }
}

/// Whether an address in a text is a file of Markdown, not what is published.
pub(super) fn is_to_file(address: &str) -> bool {
    let path = address.split(['#', '?']).next().unwrap_or_default();
    !path.contains("://") && is_markdown(Path::new(path))
}

fn is_markdown(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        let known = ["md", "markdown", "mdx"];
        known.iter().any(|name| name.eq_ignore_ascii_case(extension))
    })
}
