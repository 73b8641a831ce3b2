//! The archive: feed and pages together are the whole site, and no page changes.

use super::magazine::{Magazine, article, changed, looked_at};
use std::collections::BTreeMap;
use tidings::articles::Article;

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
    // One that has only lost its age is what it was, though articles in it were edited since.
    articles[5].title = "n5, mended".to_owned();
    magazine.publish(&articles[5..6]).await;
    magazine.pass().await;
    for path in ["archive/1/rss.xml", "archive/1/atom.xml", "archive/1/feed.json"] {
        let file = std::fs::File::options()
            .write(true)
            .open(magazine.file(path))
            .unwrap();
        let age = file.metadata().unwrap().modified().unwrap();
        file.set_modified(age + std::time::Duration::from_secs(77))
            .unwrap();
        assert!(magazine.pass().await.written.is_empty(), "{path}");
        assert_eq!(file.metadata().unwrap().modified().unwrap(), age);
    }
    // One that somebody altered is mended.
    let page = magazine.text("archive/2/rss.xml");
    std::fs::write(magazine.file("archive/2/rss.xml"), page.replace("n8", "x8")).unwrap();
    assert_eq!(magazine.pass().await.written, ["archive/2/rss.xml"]);
    assert_eq!(magazine.text("archive/2/rss.xml"), page);

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

fn titles(articles: &[Article]) -> BTreeMap<String, String> {
    let each = articles.iter();
    each.map(|article| (article.path.clone(), article.title.clone()))
        .collect()
}

/// What a reader puts together from the feed and its archive, as RFC 5005 has it: the same from each
/// format. The title of each article by its path.
fn whole(magazine: &Magazine) -> BTreeMap<String, String> {
    let mut formats = [BTreeMap::new(), BTreeMap::new(), BTreeMap::new()];
    let (mut next, mut came_from) = (Some("atom.xml".to_owned()), None);
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
        // The oldest links to the one after it, for there is none before.
        let is_oldest = path != "atom.xml" && link("prev-archive").is_none();
        let newer = link("next-archive").map(|url| relative(&url));
        assert_eq!(newer, is_oldest.then_some(came_from).flatten());
        came_from = Some(path.clone());
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
