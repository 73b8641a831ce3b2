//! Feeds of comments, of the site and of each article.

use super::magazine::{Magazine, START, article, changed, looked_at};
use tidings::app::feeds::FeedsReport;
use tidings::articles::Comment;
use tidings::clock::from_seconds;

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
    let atom = atom_syndication::Feed::read_from(magazine.text("comments/atom.xml").as_bytes()).unwrap();
    assert_eq!(atom.entries.len(), 2);
    assert_ne!(atom.entries[0].updated, atom.entries[1].updated);
    assert!(magazine.text(own).contains("Second.") && magazine.text("atom.xml").contains("thr:count=\"2\""));
    std::fs::remove_file(magazine.file(own)).unwrap();
    assert_eq!(feeds(&magazine.pass().await), std::slice::from_ref(own));
    std::fs::write(magazine.file(own), "altered").unwrap();
    assert_eq!(feeds(&magazine.pass().await), std::slice::from_ref(own));
    // The article goes, and its comments with it.
    articles[0].draft = true;
    magazine.publish(&articles[..1]).await;
    let report = magazine.pass().await;
    assert!(report.removed.contains(own) && !magazine.file("comments").exists());
}
