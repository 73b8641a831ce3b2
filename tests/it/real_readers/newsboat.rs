//! newsboat, in a terminal.

use super::{Read, Reader, follows, is_here};
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// One memory a feed: in one it would take items of the same id in two feeds for one.
struct Newsboat {
    home: TempDir,
}

impl Reader for Newsboat {
    fn look(&self, feeds: &[String]) -> Read {
        let look = |(n, feed): (usize, &String)| {
            let home = self.home.path().join(n.to_string());
            (feed.clone(), read(&home, feed))
        };
        feeds.iter().enumerate().map(look).collect()
    }
}

fn read(home: &Path, feed: &str) -> BTreeMap<String, String> {
    fs::create_dir_all(home).unwrap();
    fs::write(home.join("urls"), feed).unwrap();
    fs::write(home.join("config"), "error-log log\n").unwrap();
    let newsboat = |command: &str| {
        let done = Command::new("newsboat")
            .args(["-u", "urls", "-c", "cache.db", "-C", "config", "-x", command])
            .current_dir(home)
            .env("HOME", home)
            .output()
            .unwrap();
        assert!(done.status.success(), "{feed}: {done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    newsboat("reload");
    let log = fs::read_to_string(home.join("log")).unwrap_or_default();
    assert_eq!(log, "", "{feed}");
    let file = home.join("cache.db");
    let items: Vec<(String, String)> = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(async {
            let mut cache = SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
            let items = sqlx::query_as("SELECT guid, title FROM rss_item");
            items.fetch_all(&mut cache).await.unwrap()
        });
    let unread = newsboat("print-unread");
    assert!(
        unread.starts_with(&format!("{} unread", items.len())),
        "{feed}: {unread}"
    );
    let count = items.len();
    let items: BTreeMap<String, String> = items.into_iter().collect();
    assert_eq!(items.len(), count, "{feed}: an item twice");
    items
}

#[test]
fn newsboat_sees_what_is_published() {
    if is_here("newsboat", "newsboat") {
        let home = TempDir::new().unwrap();
        follows(&Newsboat { home }, false);
    }
}
