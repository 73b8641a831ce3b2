//! Whether what a pass writes can be written.

use crate::config::Config;
use crate::config::values::{Endpoint, StoreUrl, TransportUrl};
use crate::files::folder_of;
use crate::problem::Problem;
use std::path::{Path, PathBuf};

/// One problem for each folder that is not to be written.
pub(super) fn all(config: &Config) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for (key, folder) in folders(config) {
        if let Err((place, error)) = try_to_write(&folder) {
            problems.push(
                Problem::error("unwritable-folder", format!("cannot be written to: {error}"))
                    .file(&place)
                    .key(key)
                    .hint("give it to the user that runs tidings, or name another folder"),
            );
        }
    }
    problems
}

/// The folders that passes write to, each with the key that names it.
fn folders(config: &Config) -> Vec<(String, PathBuf)> {
    let mut folders = vec![("feeds.dir".to_owned(), config.feeds.dir.clone())];
    match &config.store {
        StoreUrl::Sqlite(file) => folders.push(("store.url".to_owned(), folder_of(file).to_owned())),
        // The secret stands beside the configuration then.
        StoreUrl::Postgres(_) => folders.push(("store.url".to_owned(), config.root.join("data"))),
    }
    if let TransportUrl::Maildir(folder) = &config.smtp.url {
        folders.push(("smtp.url".to_owned(), folder.clone()));
    }
    for ping in &config.pings {
        if let Endpoint::Folder(folder) = &ping.endpoint {
            folders.push((format!("pings.{}.endpoint", ping.name), folder.clone()));
        }
    }
    folders
}

/// Makes a file and takes it away, in the folder or, where that is not there yet, in the nearest one
/// above it.
fn try_to_write(folder: &Path) -> Result<(), (PathBuf, std::io::Error)> {
    let place = folder
        .ancestors()
        .find(|place| place.symlink_metadata().is_ok())
        .filter(|place| *place != Path::new(""))
        .unwrap_or(Path::new("."));
    tempfile::Builder::new()
        .prefix(".tidings-check-")
        .tempfile_in(place)
        .map(drop)
        .map_err(|error| (place.to_owned(), error))
}
