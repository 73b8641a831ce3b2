//! A folder: of a site generator, or of articles.

use super::found::{Found, unknown};
use crate::config::{Origin, SourceKind};
use crate::problem::Problem;
use crate::sources::About;
use crate::sources::generators::{self, Generator};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// So many files are looked at to tell what a folder holds.
const FILES: usize = 20_000;

pub(super) fn look(path: &Path) -> Result<Found, Problem> {
    let generator = generators::find(path).map_err(|problem| Problem {
        code: "init-from",
        ..problem
    })?;
    if let Some(generator) = generator
        && let Some(articles) = generator.articles.clone()
    {
        return Ok(of_generator(generator, articles));
    }
    let mut counted: HashMap<SourceKind, usize> = HashMap::new();
    let hidden = |name: &str| name.starts_with('.') || name == "node_modules";
    let walk = WalkDir::new(path).into_iter();
    let files = walk
        .filter_entry(|entry| entry.depth() == 0 || !hidden(&entry.file_name().to_string_lossy()))
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file());
    for file in files.take(FILES) {
        let name = file.file_name().to_string_lossy().to_ascii_lowercase();
        let kind = match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "md" | "markdown" => SourceKind::Markdown,
            "html" | "htm" => SourceKind::Pages,
            "txt" => SourceKind::Text,
            _ => continue,
        };
        *counted.entry(kind).or_default() += 1;
    }
    let order = [SourceKind::Markdown, SourceKind::Pages, SourceKind::Text];
    let most = order
        .into_iter()
        .rev()
        .max_by_key(|kind| counted.get(kind).copied().unwrap_or_default());
    let kind = most.filter(|kind| counted.contains_key(kind));
    let kind = kind.ok_or_else(|| unknown(&path.display().to_string(), "no article is in it"))?;
    let what = match kind {
        SourceKind::Markdown => "a folder of Markdown files",
        SourceKind::Pages => "a folder of saved pages",
        _ => "a folder of texts",
    };
    let mut found = Found::new(kind, what, Origin::Path(path.to_owned()));
    let others = counted
        .iter()
        .filter(|(other, _)| **other != kind)
        .map(|(_, n)| n)
        .sum::<usize>();
    if others > 0 {
        found.warnings.push(
            Problem::warning(
                "init-from",
                format!("{others} files in it are of another kind, and left alone"),
            )
            .file(path)
            .hint("add a source of that kind to config.toml, if they are articles"),
        );
    }
    Ok(found)
}

fn of_generator(generator: Generator, articles: PathBuf) -> Found {
    let mut found = Found::new(
        SourceKind::Markdown,
        generator.what,
        Origin::Path(articles.clone()),
    );
    found.old = Some(generator.system);
    found.include = generator.include;
    found.about = About {
        system: Some(generator.name.to_owned()),
        ..generator.about
    };
    found.warnings = generator.warnings;
    let template = match generator.strange {
        None => "{permalink}",
        Some(strange) => {
            let message = format!("its permalinks have {strange}, which is not known here");
            found
                .warnings
                .push(Problem::warning("init-from", message).file(&articles).hint(
                    "compare some URLs with those of the old site, and correct sources.posts.url_template",
                ));
            "{path}/"
        }
    };
    found.url_template = Some(template.to_owned());
    found
}
