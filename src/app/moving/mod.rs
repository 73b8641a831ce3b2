//! Moving a site here: looks at what there is, a folder, an export, a feed or a live site, and says
//! what source reads it.

mod folder;
mod found;
mod live;

pub use found::Found;

use crate::config::{HttpClient, OldSystem, Origin, SourceKind};
use crate::problem::Problem;
use crate::sources::{self, About, recognise};
use found::unknown;
use std::io::Read;
use std::path::{Path, PathBuf};
use url::Url;

/// Looks at a folder, a file, or what answers at a URL.
///
/// # Errors
/// There is nothing, or nothing that is known (`init-from`).
pub async fn look(from: &str, client: &HttpClient) -> Result<Found, Problem> {
    if from.starts_with("http://") || from.starts_with("https://") {
        let url = Url::parse(from).map_err(|error| unknown(from, &format!("it is no URL: {error}")))?;
        return live::look(&url, client).await;
    }
    let path = PathBuf::from(from);
    let shown = from.to_owned();
    tokio::task::spawn_blocking(move || on_disk(&path))
        .await
        .unwrap_or_else(|error| Err(unknown(&shown, &error.to_string())))
}

/// What the articles of a file say of their site; nothing where they say nothing.
pub async fn about(path: &Path, found: &Found) -> About {
    let (path, kind) = (path.to_owned(), found.kind);
    if !matches!(kind, SourceKind::Feed | SourceKind::Wordpress | SourceKind::Ghost) || !path.is_file() {
        return About::default();
    }
    let read = tokio::task::spawn_blocking(move || sources::about(&path, kind));
    read.await.unwrap_or_default()
}

fn on_disk(path: &Path) -> Result<Found, Problem> {
    let shown = path.display().to_string();
    let meta = std::fs::metadata(path).map_err(|error| unknown(&shown, &error.to_string()))?;
    if meta.is_dir() {
        return folder::look(path);
    }
    let mut head = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| unknown(&shown, &error.to_string()))?;
    file.take(256 * 1024)
        .read_to_end(&mut head)
        .map_err(|error| unknown(&shown, &error.to_string()))?;
    let kind =
        recognise::document(&head, &shown).ok_or_else(|| unknown(&shown, "it is nothing that is known"))?;
    let (what, old) = match kind {
        SourceKind::Wordpress => ("a WordPress export", Some(OldSystem::Wordpress)),
        SourceKind::Ghost => ("a Ghost export", Some(OldSystem::Ghost)),
        SourceKind::Feed => ("a feed", None),
        SourceKind::Pages => ("a page", None),
        SourceKind::Markdown => ("a Markdown file", None),
        SourceKind::Text => ("a text", None),
        SourceKind::Sitemap => {
            return Err(unknown(&shown, "it is a sitemap, which is read from its site").hint("give its URL"));
        }
    };
    let mut found = Found::new(kind, what, Origin::Path(path.to_owned()));
    found.old = old;
    Ok(found)
}
