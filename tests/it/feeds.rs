//! Feeds from the store to the disk, pass by pass.

use crate::database::Database;
use crate::documents::judges::Judges;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tidings::app::Site;
use tidings::app::feeds::{FeedsReport, run, settle};
use tidings::articles::intake::Change;
use tidings::articles::state::{Marks, Standing};
use tidings::articles::{Article, Author, Comment, Precision, Published};
use tidings::clock::{Clock, Instant, from_seconds};
use tidings::config::Config;
use tidings::store::Store;
use tidings::subscribers::tokens::SiteKey;

const START: i64 = 1_795_456_800;

/// A magazine in a folder of its own, with a store in `data/` beside its feeds.
struct Magazine {
    root: tempfile::TempDir,
    site: Site,
    minutes: i64,
}

impl Magazine {
    async fn new(more: &str) -> Magazine {
        let root = tempfile::tempdir().unwrap();
        let config = Magazine::config(root.path(), more);
        Magazine::open(root, config).await
    }

    async fn open(root: tempfile::TempDir, config: Config) -> Magazine {
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

    fn config(root: &Path, more: &str) -> Config {
        let text = format!(
            "[site]\ntitle = \"Tidewater\"\nurl = \"https://tidewater.example/\"\n\
             [sources.posts]\nkind = \"markdown\"\npath = \"articles\"\n\
             [smtp]\nurl = \"maildir:outbox\"\n\
             [http]\npublic_url = \"https://tidewater.example/\"\n{more}"
        );
        Config::read(&root.join("config.toml"), &text, &BTreeMap::new()).unwrap()
    }

    /// The same magazine, configured otherwise.
    fn configure(&mut self, more: &str) {
        self.site.config = Arc::new(Magazine::config(self.root.path(), more));
    }

    fn file(&self, path: &str) -> PathBuf {
        self.root.path().join("feeds").join(path)
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.file(path)).unwrap()
    }

    /// Every document on disk with its bytes.
    fn documents(&self) -> BTreeMap<String, Vec<u8>> {
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

    async fn publish(&self, articles: &[Article]) {
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
            article: article.clone(),
        };
        let changes: Vec<_> = articles.iter().map(change).collect();
        let mut tx = self.site.store.begin().await.unwrap();
        tx.write_articles(changes, from_seconds(START)).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A pass, a minute after the one before, up to where pings would be planned.
    async fn pass_without_settling(&mut self) -> FeedsReport {
        self.minutes += 1;
        run(&self.site, self.now()).await.unwrap()
    }

    async fn pass(&mut self) -> FeedsReport {
        let report = self.pass_without_settling().await;
        settle(&self.site, &report).await.unwrap();
        report
    }

    fn now(&self) -> Instant {
        from_seconds(START + self.minutes * 60)
    }
}

/// An article published so many hours before the start.
fn article(id: &str, hours: i64, category: &str, author: &str) -> Article {
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

fn changed(report: &FeedsReport) -> Vec<String> {
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
fn documents_of(folders: &[&str]) -> Vec<String> {
    let mut paths: Vec<_> = folders
        .iter()
        .flat_map(|folder| ["rss.xml", "atom.xml", "feed.json"].map(|name| format!("{folder}{name}")))
        .collect();
    paths.sort();
    paths
}

#[tokio::test]
async fn a_pass_that_finds_nothing_new_leaves_every_byte_as_it_was() {
    let mut magazine = Magazine::new("").await;
    magazine
        .publish(&[article("a", 2, "Boats", "Ann"), article("b", 1, "Birds", "Ann")])
        .await;
    let first = magazine.pass().await;
    let all = documents_of(&["", "category/boats/", "category/birds/", "author/ann/"]);
    assert_eq!(changed(&first), all);
    assert_eq!(first.written.len(), 16, "and the lists of them all");
    assert!(first.problems.is_empty() && first.removed.is_empty());

    let before = magazine.documents();
    let second = magazine.pass().await;
    assert!(second.written.is_empty() && second.changed.is_empty());
    assert_eq!(second.unchanged, 16);
    assert_eq!(magazine.documents(), before);
}

#[tokio::test]
async fn only_what_an_edit_shows_in_is_written_and_told() {
    let mut magazine = Magazine::new("").await;
    let (mut a, b) = (article("a", 2, "Boats", "Ann"), article("b", 1, "Birds", "Bob"));
    magazine.publish(&[a.clone(), b.clone()]).await;
    magazine.pass().await;
    let before = magazine.text("category/birds/rss.xml");
    a.title = "Another title".to_owned();
    magazine.publish(&[a]).await;
    let report = magazine.pass().await;
    assert_eq!(
        changed(&report),
        documents_of(&["", "category/boats/", "author/ann/"])
    );
    assert_eq!(magazine.text("category/birds/rss.xml"), before);
    assert!(
        magazine
            .text("rss.xml")
            .contains("<lastBuildDate>Mon, 23 Nov 2026 18:02:00 +0000<")
    );
    assert!(before.contains("<lastBuildDate>Mon, 23 Nov 2026 18:01:00 +0000<"));
}

#[tokio::test]
async fn what_was_deleted_or_altered_is_written_again_and_is_no_news() {
    let mut magazine = Magazine::new("").await;
    magazine.publish(&[article("a", 2, "Boats", "Ann")]).await;
    magazine.pass().await;
    let before = magazine.documents();
    std::fs::remove_file(magazine.file("rss.xml")).unwrap();
    std::fs::write(magazine.file("feed.json"), "{}").unwrap();
    std::fs::remove_dir_all(magazine.file("category")).unwrap();
    let report = magazine.pass().await;
    assert_eq!(report.written.len(), 5);
    assert!(report.changed.is_empty());
    assert_eq!(magazine.documents(), before);
}

#[tokio::test]
async fn a_pass_killed_before_it_settled_tells_again() {
    let mut magazine = Magazine::new("").await;
    magazine.publish(&[article("a", 2, "Boats", "Ann")]).await;
    let killed = magazine.pass_without_settling().await;
    let next = magazine.pass().await;
    assert_eq!(changed(&next), changed(&killed));
    assert!(magazine.pass().await.changed.is_empty());
}

#[tokio::test]
async fn a_feed_without_articles_goes_and_what_is_not_ours_stays() {
    let mut magazine = Magazine::new("").await;
    std::fs::create_dir_all(magazine.file("category/boats")).unwrap();
    let own = [
        "README.md",
        ".gitignore",
        "category/boats/own.txt",
        "category/own/rss.xml",
    ];
    std::fs::create_dir_all(magazine.file("category/own")).unwrap();
    for path in own {
        std::fs::write(magazine.file(path), "mine").unwrap();
    }
    let mut a = article("a", 2, "Boats", "Ann");
    magazine
        .publish(&[a.clone(), article("b", 1, "Birds", "Bob")])
        .await;
    magazine.pass().await;
    a.draft = true;
    magazine.publish(&[a.clone()]).await;
    let report = magazine.pass().await;
    let mut removed = report.removed.clone();
    removed.sort();
    assert_eq!(removed, documents_of(&["category/boats/", "author/ann/"]));
    assert!(!magazine.file("author/ann").exists() && !magazine.file("category/boats/rss.xml").exists());
    for path in own {
        assert_eq!(magazine.text(path), "mine");
    }
    assert!(magazine.pass().await.removed.is_empty());

    a.draft = false;
    magazine.publish(&[a]).await;
    let back = magazine.pass().await;
    assert_eq!(
        changed(&back),
        documents_of(&["", "category/boats/", "author/ann/"])
    );
}

#[tokio::test]
async fn feeds_switched_off_go() {
    let mut magazine = Magazine::new("").await;
    magazine.publish(&[article("a", 2, "Boats", "Ann")]).await;
    magazine.pass().await;
    magazine.configure("[feeds]\nby_category = false\nby_author = false\n");
    let report = magazine.pass().await;
    assert_eq!(report.removed.len(), 6);
    assert!(!magazine.file("category").exists() && !magazine.file("author").exists());
    assert!(
        !magazine.text("rss.xml").contains("<category domain="),
        "no address of a feed that is not there"
    );
}

#[tokio::test]
async fn a_folder_once_given_is_given_to_no_other() {
    let mut magazine = Magazine::new("").await;
    let (mut first, second) = (article("a", 1, "C", "Ann"), article("b", 9, "C++", "Ann"));
    magazine.publish(&[first.clone()]).await;
    magazine.pass().await;
    // Older than the first by its date, and yet it came later.
    magazine.publish(&[second]).await;
    magazine.pass().await;
    assert!(
        magazine
            .text("category/c/rss.xml")
            .contains("<title>Tidewater: C</title>")
    );
    assert!(
        magazine
            .text("category/c-2/rss.xml")
            .contains("<title>Tidewater: C++</title>")
    );
    first.draft = true;
    magazine.publish(&[first]).await;
    magazine.pass().await;
    assert!(!magazine.file("category/c").exists());
    assert!(magazine.text("category/c-2/rss.xml").contains("Tidewater: C++"));
}

#[tokio::test]
async fn one_document_that_cannot_be_written_is_named_and_the_rest_goes_on() {
    let mut magazine = Magazine::new("").await;
    std::fs::create_dir_all(magazine.file("")).unwrap();
    std::fs::write(magazine.file("category"), "in the way").unwrap();
    magazine.publish(&[article("a", 2, "Boats", "Ann")]).await;
    let report = magazine.pass().await;
    assert_eq!(report.problems.len(), 3);
    for problem in &report.problems {
        assert_eq!(problem.code, "feeds-unwritable");
        assert!(problem.file.as_ref().unwrap().contains("category"));
        assert!(problem.hint.is_some());
    }
    assert_eq!(changed(&report), documents_of(&["", "author/ann/"]));

    std::fs::remove_file(magazine.file("category")).unwrap();
    let report = magazine.pass().await;
    assert!(report.problems.is_empty());
    assert_eq!(
        changed(&report),
        documents_of(&["category/boats/"]),
        "told once it is there"
    );
}

#[tokio::test]
async fn hubs_with_an_address_stand_in_the_feeds() {
    let mut magazine = Magazine::new(
        "[pings.hub]\nkind = \"websub\"\nendpoint = \"https://hub.example/\"\n\
         [pings.folder]\nkind = \"websub\"\nendpoint = \"file:outbox/pings\"\n\
         [pings.rpc]\nkind = \"xmlrpc\"\nendpoint = \"https://rpc.example/\"\n",
    )
    .await;
    magazine.publish(&[article("a", 2, "Boats", "Ann")]).await;
    magazine.pass().await;
    let hub = "<link href=\"https://hub.example/\" rel=\"hub\"/>";
    let atom = magazine.text("atom.xml");
    assert!(atom.contains(hub));
    assert!(atom.contains("/hub\" rel=\"hub\""), "its own stands before");
    assert_eq!(atom.matches("rel=\"hub\"").count(), 2);
    assert!(
        magazine
            .text("rss.xml")
            .contains("<atom:link href=\"https://hub.example/\" rel=\"hub\"/>")
    );
    assert!(magazine.text("feed.json").contains("\"WebSub\""));
}

#[tokio::test]
async fn passes_at_once_give_the_same_folders() {
    four_passes_at_once(&Magazine::new("").await).await;
}

async fn four_passes_at_once(magazine: &Magazine) {
    let articles: Vec<_> = ["C", "C#", "C++", "C!"]
        .iter()
        .enumerate()
        .map(|(n, category)| article(&format!("a{n}"), n as i64, category, "Ann"))
        .collect();
    magazine.publish(&articles).await;
    let passes = (0..4).map(|_| {
        let site = magazine.site.clone();
        tokio::spawn(async move {
            let report = run(&site, from_seconds(START)).await.unwrap();
            settle(&site, &report).await.unwrap();
            report.problems.len()
        })
    });
    for pass in passes.collect::<Vec<_>>() {
        assert_eq!(pass.await.unwrap(), 0);
    }
    for slug in ["c", "c-2", "c-3", "c-4"] {
        assert!(magazine.file(&format!("category/{slug}/rss.xml")).exists());
    }
    let slugs = magazine.site.store.feed_slugs().await.unwrap();
    assert_eq!(slugs.len(), 5, "four categories and one author");
}

#[tokio::test]
async fn the_same_on_postgresql() {
    let Some(database) = Database::new().await else {
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let mut config = Magazine::config(root.path(), "");
    config.store = database.store_url();
    let mut magazine = Magazine::open(root, config).await;
    four_passes_at_once(&magazine).await;
    let killed = magazine.pass_without_settling().await;
    assert!(killed.changed.is_empty());

    let mut a = article("a0", 2, "C", "Ann");
    a.draft = true;
    magazine.publish(&[a]).await;
    assert_eq!(magazine.pass().await.removed, documents_of(&["category/c-4/"]));
    let before = magazine.documents();
    let idle = magazine.pass().await;
    assert!(idle.written.is_empty() && idle.changed.is_empty() && idle.removed.is_empty());
    assert_eq!(magazine.documents(), before);
}

#[tokio::test]
async fn a_selection_of_ones_own_holds_what_it_asks_for() {
    let mut magazine = Magazine::new(
        "[feeds]\nitems = 2\n\
         [feeds.more.eels]\ntitle = \"All eels\"\nwords = [\"eel\"]\npath = \"lists/eels\"\nitems = 3\ncontent = \"summary\"\n\
         [feeds.more.boats-of-ann]\ncategories = [\"boats\"]\nauthors = [\"ANN\"]\n",
    )
    .await;
    let mut articles: Vec<Article> = (0..450)
        .map(|n| article(&format!("n{n}"), n, "Birds", "Ann"))
        .collect();
    for n in [210, 320, 430, 440] {
        articles[n as usize].content_html = "<p>The <i>EEL</i>!</p>".to_owned();
    }
    articles[7].categories = vec!["Boats".to_owned()];
    articles[8].categories = vec!["Boats".to_owned()];
    articles[8].authors[0].name = "Bo".to_owned();
    magazine.publish(&articles).await;
    let report = magazine.pass().await;
    assert!(report.problems.is_empty());

    let eels = rss::Channel::read_from(magazine.text("lists/eels/rss.xml").as_bytes()).unwrap();
    let titles: Vec<_> = eels
        .items
        .iter()
        .map(|item| item.title.as_deref().unwrap())
        .collect();
    assert_eq!(
        (eels.title.as_str(), &titles[..]),
        ("All eels", &["n210", "n320", "n430"][..])
    );
    assert!(eels.items.iter().all(|item| item.content.is_none()));
    let boats = magazine.text("boats-of-ann/feed.json");
    let boats: serde_json::Value = serde_json::from_str(&boats).unwrap();
    assert_eq!(boats["title"], "Tidewater: boats-of-ann");
    assert_eq!(boats["items"].as_array().unwrap().len(), 1);
    assert_eq!(boats["items"][0]["title"], "n7");
    assert!(magazine.text("feeds.opml").contains("lists/eels/rss.xml"));

    // Edited so that it says it no more: the feed follows, and is told.
    articles[210].content_html = "<p>Nothing.</p>".to_owned();
    magazine.publish(&articles[210..=210]).await;
    let report = magazine.pass().await;
    assert!(changed(&report).contains(&"lists/eels/rss.xml".to_owned()));
    assert!(magazine.text("lists/eels/rss.xml").contains("n440"));
    // And when the operator takes it out, its documents go.
    magazine.configure("[feeds]\nitems = 2\n");
    let report = magazine.pass().await;
    assert!(report.removed.contains(&"lists/eels/atom.xml".to_owned()));
    assert!(!magazine.file("lists").exists());
}

#[tokio::test]
async fn the_feed_and_its_archive_are_the_whole_site() {
    let mut magazine = Magazine::new("").await;
    let mut articles: Vec<Article> = (0..130)
        .map(|n| article(&format!("n{n}"), 1000 - n, "Boats", "Ann"))
        .collect();
    magazine.publish(&articles).await;
    magazine.pass().await;
    let pages = |magazine: &Magazine| {
        let mut found = magazine.documents();
        found.retain(|path, _| path.starts_with("archive/"));
        found
    };
    let first = pages(&magazine);
    assert_eq!(first.len(), 6, "two pages in three formats");
    assert_eq!(whole(&magazine), titles(&articles));

    // New ones and edits change no page that is there.
    articles[10].title = "n10, mended".to_owned();
    articles.extend((130..150).map(|n| article(&format!("n{n}"), 1000 - n, "Boats", "Ann")));
    magazine.publish(&articles[10..11]).await;
    magazine.publish(&articles[130..]).await;
    let report = magazine.pass().await;
    assert!(
        !changed(&report).iter().any(|path| path.starts_with("archive/")),
        "nobody is told"
    );
    let second = pages(&magazine);
    assert!(first.iter().all(|(path, bytes)| second[path] == *bytes));
    assert!(second.len() > first.len());
    assert_eq!(whole(&magazine), titles(&articles));

    // One is withdrawn: no page holds it any more.
    articles[20].draft = true;
    magazine.publish(&articles[20..21]).await;
    magazine.pass().await;
    let gone = articles.remove(20);
    assert_eq!(whole(&magazine), titles(&articles));
    assert!(
        !pages(&magazine)
            .values()
            .any(|page| String::from_utf8_lossy(page).contains(&gone.summary))
    );
    // A page that was deleted comes back, and no other is touched.
    std::fs::remove_file(magazine.file("archive/1/atom.xml")).unwrap();
    let report = magazine.pass().await;
    assert_eq!(report.written, ["archive/1/atom.xml"]);
    assert_eq!(whole(&magazine), titles(&articles));

    looked_at(&magazine);
    // The trouble of another document makes no page change.
    std::fs::remove_file(magazine.file("category/boats/rss.xml")).unwrap();
    std::fs::create_dir(magazine.file("category/boats/rss.xml")).unwrap();
    for n in [11, 12] {
        let before = pages(&magazine);
        articles[n].title.push_str(", mended");
        magazine.publish(&articles[n..=n]).await;
        assert!(!magazine.pass().await.problems.is_empty());
        let after = pages(&magazine);
        assert!(after.len() > before.len() && before.iter().all(|(path, bytes)| after[path] == *bytes));
        assert_eq!(whole(&magazine), titles(&articles));
    }
    std::fs::remove_dir(magazine.file("category/boats/rss.xml")).unwrap();
    magazine.configure("[feeds]\narchive = false\n");
    magazine.pass().await;
    assert!(pages(&magazine).is_empty() && !magazine.text("atom.xml").contains("prev-archive"));
}

/// Strict judges take all documents.
fn looked_at(magazine: &Magazine) {
    if let Some(judges) = Judges::found() {
        assert!(judges.look_at(&magazine.file("")) > 0);
    }
}

fn titles(articles: &[Article]) -> BTreeMap<String, String> {
    let each = articles.iter();
    each.map(|article| (article.path.clone(), article.title.clone()))
        .collect()
}

/// What a reader puts together from the feed and its archive, as RFC 5005 has it: the same from each
/// format. The title of each article by its path.
fn whole(magazine: &Magazine) -> BTreeMap<String, String> {
    let mut formats = [BTreeMap::new(), BTreeMap::new(), BTreeMap::new()];
    let mut next = Some("atom.xml".to_owned());
    while let Some(path) = next {
        let feed = atom_syndication::Feed::read_from(magazine.text(&path).as_bytes()).unwrap();
        let link = |rel: &str| {
            feed.links
                .iter()
                .find(|link| link.rel == rel)
                .map(|link| link.href.clone())
        };
        let text = magazine.text(&path);
        let entries = text.split_once("<entry>").map_or("", |(before, _)| before);
        assert_eq!(entries.contains("<fh:archive/>"), path != "atom.xml");
        assert_eq!(link("current").is_some(), path != "atom.xml");
        for entry in &feed.entries {
            let key = entry.links[0].href.rsplit('/').next().unwrap().to_owned() + ".md";
            // What is nearer to the feed is newer.
            formats[0].entry(key).or_insert(entry.title.as_str().to_owned());
        }
        next = link("prev-archive").map(|url| relative(&url));
    }
    let mut next = Some("rss.xml".to_owned());
    while let Some(path) = next {
        let channel = rss::Channel::read_from(magazine.text(&path).as_bytes()).unwrap();
        for item in &channel.items {
            let key = item.link.as_ref().unwrap().rsplit('/').next().unwrap().to_owned() + ".md";
            formats[1].entry(key).or_insert(item.title.clone().unwrap());
        }
        let links = &channel.atom_ext.as_ref().unwrap().links;
        let older = links.iter().find(|link| link.rel == "prev-archive");
        next = older.map(|link| relative(&link.href));
    }
    let mut next = Some("feed.json".to_owned());
    while let Some(path) = next {
        let feed: serde_json::Value = serde_json::from_str(&magazine.text(&path)).unwrap();
        for item in feed["items"].as_array().unwrap() {
            let key = item["url"]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
                .to_owned()
                + ".md";
            formats[2]
                .entry(key)
                .or_insert(item["title"].as_str().unwrap().to_owned());
        }
        next = feed["next_url"].as_str().map(relative);
    }
    assert!(formats[0] == formats[1] && formats[1] == formats[2]);
    let [atom, ..] = formats;
    atom
}

fn relative(url: &str) -> String {
    url.trim_start_matches("https://tidewater.example/").to_owned()
}

#[tokio::test]
async fn comments_have_feeds_of_their_own() {
    let mut magazine = Magazine::new("").await;
    let mut articles = [article("a", 3, "Boats", "Ann"), article("b", 2, "Boats", "Ann")];
    let comment = |text: &str| Comment {
        author: "Bo".to_owned(),
        published: Some(from_seconds(START)),
        text: text.to_owned(),
    };
    articles[0].comments = vec![comment("First.")];
    magazine.publish(&articles).await;
    let report = magazine.pass().await;
    let feeds = |report: &FeedsReport| -> Vec<String> {
        let written = report.written.iter();
        written
            .filter(|path| path.starts_with("comments/"))
            .cloned()
            .collect()
    };
    let written = feeds(&report);
    assert_eq!(written.len(), 4, "{written:?}");
    assert!(!changed(&report).iter().any(|path| path.starts_with("comments/")));
    assert!(magazine.text("comments/rss.xml").contains("First."));
    let own = written
        .iter()
        .find(|path| path.len() > 40 && path.ends_with("rss.xml"))
        .unwrap();
    assert!(magazine.text("rss.xml").contains(&format!(
        "<wfw:commentRss>https://tidewater.example/{own}</wfw:commentRss>"
    )));
    assert!(magazine.text("atom.xml").contains("thr:count=\"1\""));
    assert!(magazine.text("autodiscovery.html").contains("comments/rss.xml"));
    looked_at(&magazine);
    assert!(feeds(&magazine.pass().await).is_empty());

    articles[0].comments.push(comment("Second."));
    magazine.publish(&articles[..1]).await;
    let report = magazine.pass().await;
    assert_eq!(feeds(&report).len(), 4);
    assert!(magazine.text(own).contains("Second.") && magazine.text("atom.xml").contains("thr:count=\"2\""));
    std::fs::remove_file(magazine.file(own)).unwrap();
    assert_eq!(feeds(&magazine.pass().await), std::slice::from_ref(own));
    // The article goes, and its comments with it.
    articles[0].draft = true;
    magazine.publish(&articles[..1]).await;
    let report = magazine.pass().await;
    assert!(report.removed.contains(own) && !magazine.file("comments").exists());
}
