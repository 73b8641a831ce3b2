//! Notices changed files, so that a new article need not wait for `every`.

use crate::config::Config;
use crate::config::values::{Endpoint, StoreUrl, TransportUrl};
use crate::files::folder_of;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Notify;

/// Watches as long as it is kept.
pub(super) struct Watching {
    _watcher: Option<RecommendedWatcher>,
}

impl Watching {
    /// Watches the folders that a turn reads, and tells `changed`. A folder that cannot be watched is
    /// logged: it is still read every so often.
    pub(super) fn begin(config: &Config, changed: Arc<Notify>) -> Watching {
        let ours = written(config);
        let handler = move |event: notify::Result<Event>| match event {
            Ok(event) if is_change(&event, &ours) => changed.notify_one(),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "changed files may go unnoticed until they are read"),
        };
        let mut watcher = match notify::recommended_watcher(handler) {
            Ok(watcher) => watcher,
            Err(error) => {
                tracing::warn!(%error, "files cannot be watched; they are read every so often");
                return Watching { _watcher: None };
            }
        };
        for path in read(config) {
            if let Err(error) = watcher.watch(&path, RecursiveMode::Recursive) {
                tracing::warn!(path = %path.display(), %error, "cannot be watched; it is read every so often");
            }
        }
        Watching {
            _watcher: Some(watcher),
        }
    }
}

/// What a turn reads, as far as it is there.
fn read(config: &Config) -> BTreeSet<PathBuf> {
    let sources = config.sources.iter().filter_map(|source| source.origin.path());
    sources
        .chain([config.subscribers.dir.as_path(), &config.templates])
        .filter(|path| path.exists())
        .map(absolute)
        .collect()
}

/// How the paths begin that Tidings itself writes: they may lie in a folder that it reads.
fn written(config: &Config) -> Vec<String> {
    let mut ours = vec![inside(&config.feeds.dir)];
    match &config.store {
        // With what SQLite puts beside it.
        StoreUrl::Sqlite(file) => {
            let worker = folder_of(file).join("worker-");
            ours.extend([file, &worker].map(|path| absolute(path).display().to_string()));
        }
        StoreUrl::Postgres(_) => ours.push(inside(&config.root.join("data"))),
    }
    if let TransportUrl::Maildir(folder) = &config.smtp.url {
        ours.push(inside(folder));
    }
    for ping in &config.pings {
        if let Endpoint::Folder(folder) = &ping.endpoint {
            ours.push(inside(folder));
        }
    }
    ours
}

fn inside(folder: &Path) -> String {
    format!("{}/", absolute(folder).display())
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Somebody else changed something.
fn is_change(event: &Event, ours: &[String]) -> bool {
    let by_others = |path: &PathBuf| {
        let path = path.to_string_lossy();
        !ours.iter().any(|begin| path.starts_with(begin))
    };
    !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(by_others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, CreateKind, ModifyKind};

    #[test]
    fn what_others_write_counts() {
        let ours = ["/site/feeds/", "/site/tidings.db"].map(str::to_owned);
        let event = |kind, path: &str| Event::new(kind).add_path(PathBuf::from(path));
        let new = EventKind::Create(CreateKind::File);
        assert!(is_change(&event(new, "/site/articles/a.md"), &ours));
        assert!(is_change(
            &event(EventKind::Modify(ModifyKind::Any), "/site"),
            &ours
        ));
        assert!(!is_change(&event(new, "/site/feeds/rss.xml"), &ours));
        assert!(!is_change(&event(new, "/site/tidings.db-wal"), &ours));
        let read = EventKind::Access(AccessKind::Any);
        assert!(!is_change(&event(read, "/site/articles/a.md"), &ours));
    }
}
