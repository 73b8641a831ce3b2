//! A magazine whose feeds are written pass by pass.

use crate::documents::judges::Judges;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tidings::app::Site;
use tidings::app::feeds::{FeedsReport, run, settle};
use tidings::articles::intake::Change;
use tidings::articles::state::{Marks, Standing};
use tidings::articles::{Article, Author, Precision, Published};
use tidings::clock::{Clock, Instant, from_seconds};
use tidings::config::Config;
use tidings::store::Store;
use tidings::subscribers::tokens::SiteKey;

pub(crate) const START: i64 = 1_795_456_800;

/// A magazine in a folder of its own, with a store in `data/` beside its feeds.
pub(crate) struct Magazine {
    root: tempfile::TempDir,
    pub(crate) site: Site,
    minutes: i64,
}

impl Magazine {
    pub(crate) async fn new(more: &str) -> Magazine {
        let root = tempfile::tempdir().unwrap();
        let config = Magazine::config(root.path(), more);
        Magazine::open(root, config).await
    }

    pub(crate) async fn open(root: tempfile::TempDir, config: Config) -> Magazine {
        let site = Site {
            store: Store::open(&config.store).await.unwrap(),
            config: Arc::new(config),
            clock: Clock::System,
            id: uuid::Uuid::NAMESPACE_URL,
            key: SiteKey::new(&[7; 32]),
        };
        Magazine {
            root,
            site,
            minutes: 0,
        }
    }

    pub(crate) fn config(root: &Path, more: &str) -> Config {
        let text = format!(
            "[site]\ntitle = \"Tidewater\"\nurl = \"https://tidewater.example/\"\n\
             [sources.posts]\nkind = \"markdown\"\npath = \"articles\"\n\
             [smtp]\nurl = \"maildir:outbox\"\n\
             [http]\npublic_url = \"https://tidewater.example/\"\n{more}"
        );
        Config::read(&root.join("config.toml"), &text, &BTreeMap::new()).unwrap()
    }

    /// The same magazine, configured otherwise.
    pub(crate) fn configure(&mut self, more: &str) {
        self.site.config = Arc::new(Magazine::config(self.root.path(), more));
    }

    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.root.path().join("feeds").join(path)
    }

    pub(crate) fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.file(path)).unwrap()
    }

    /// Every document on disk with its bytes.
    pub(crate) fn documents(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        let dir = self.file("");
        for entry in walkdir::WalkDir::new(&dir) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let path = entry.path().strip_prefix(&dir).unwrap().to_str().unwrap();
                found.insert(path.to_owned(), std::fs::read(entry.path()).unwrap());
            }
        }
        found
    }

    pub(crate) async fn publish(&self, articles: &[Article]) {
        let change = |article: &Article| Change {
            hash: tidings::hash::sha256(format!("{article:?}").as_bytes()),
            likeness: String::new(),
            first_seen: from_seconds(START),
            standing: Standing {
                marks: Marks {
                    removed: article.draft.then_some(from_seconds(START)),
                    ..Marks::default()
                },
                published: article.published.unwrap().at,
                expires: None,
                number: None,
            },
            article: Box::new(article.clone()),
        };
        let changes: Vec<_> = articles.iter().map(change).collect();
        let mut tx = self.site.store.begin().await.unwrap();
        let ahead = HashMap::new();
        tx.write_articles(changes, &ahead, from_seconds(START))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// A pass, a minute after the one before, up to where pings would be planned.
    pub(crate) async fn pass_without_settling(&mut self) -> FeedsReport {
        self.minutes += 1;
        run(&self.site, self.now()).await.unwrap()
    }

    pub(crate) async fn pass(&mut self) -> FeedsReport {
        let report = self.pass_without_settling().await;
        settle(&self.site, &report).await.unwrap();
        report
    }

    pub(crate) fn now(&self) -> Instant {
        from_seconds(START + self.minutes * 60)
    }
}

/// An article published so many hours before the start.
pub(crate) fn article(id: &str, hours: i64, category: &str, author: &str) -> Article {
    Article {
        id: id.to_owned(),
        source: "posts".to_owned(),
        path: format!("{id}.md"),
        url: format!("https://tidewater.example/{id}"),
        title: id.to_owned(),
        authors: vec![Author {
            name: author.to_owned(),
            url: None,
        }],
        categories: vec![category.to_owned()],
        language: None,
        published: Some(Published {
            at: from_seconds(START - hours * 3600),
            precision: Precision::Second,
        }),
        updated: None,
        summary: format!("Of {id}."),
        content_html: format!("<p>All of {id}.</p>"),
        image: None,
        audio: None,
        comments: Vec::new(),
        comment_count: None,
        guid: None,
        draft: false,
        expires: None,
    }
}

pub(crate) fn changed(report: &FeedsReport) -> Vec<String> {
    let mut changed: Vec<_> = report
        .changed
        .iter()
        .map(|url| {
            url.url
                .as_str()
                .trim_start_matches("https://tidewater.example/")
                .to_owned()
        })
        .collect();
    changed.sort();
    changed
}

/// The three documents of each folder.
pub(crate) fn documents_of(folders: &[&str]) -> Vec<String> {
    let mut paths: Vec<_> = folders
        .iter()
        .flat_map(|folder| ["rss.xml", "atom.xml", "feed.json"].map(|name| format!("{folder}{name}")))
        .collect();
    paths.sort();
    paths
}

/// Strict judges take all documents.
pub(crate) fn looked_at(magazine: &Magazine) {
    if let Some(judges) = Judges::found() {
        assert!(judges.look_at(&magazine.file("")) > 0);
    }
}
