//! Feeds from the store to the disk, pass by pass.

mod archive;
mod comments;
mod magazine;

use crate::database::Database;
use magazine::{Magazine, START, article, changed, documents_of};
use tidings::app::feeds::{run, settle};
use tidings::articles::Article;
use tidings::clock::from_seconds;

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
