//! The documents as a whole: as they look, as strict parsers and the crates' own readers take them,
//! and whatever an article may hold.

pub(crate) mod example;
mod hostile;
mod podcasts;

use super::*;
use crate::articles::state::Stored;
use crate::config::Content;
use example::{NOW, article, articles, at, site, whole_site};

/// RSS, Atom, JSON.
fn texts(articles: &[Stored], site: &FeedSite) -> [String; 3] {
    let selection = Selection {
        content: site.feeds.content,
        ..whole_site(articles)
    };
    let documents = documents(&selection, articles, site).unwrap();
    let text = |document: &Document| String::from_utf8(document.clone().at(at(NOW))).unwrap();
    [text(&documents[0]), text(&documents[1]), text(&documents[2])]
}

fn opml(site: &FeedSite) -> Document {
    let selections = [
        whole_site(&[]),
        Selection {
            folder: "category/boats-ships/".to_owned(),
            subject: Subject::Topic(Kind::Category, "Boats & Ships".to_owned()),
            content: Content::Full,
            archive: Place::default(),
            ids: Vec::new(),
        },
        Selection {
            folder: "author/שלום/".to_owned(),
            subject: Subject::Topic(Kind::Author, "\"שלום\" <b>".to_owned()),
            content: Content::Full,
            archive: Place::default(),
            ids: Vec::new(),
        },
    ];
    outline(&selections, site).unwrap()
}

#[test]
fn how_the_documents_look() {
    let [rss, atom, json] = texts(&articles(), &site());
    insta::assert_snapshot!("rss", rss);
    insta::assert_snapshot!("atom", atom);
    insta::assert_snapshot!("json", json);
    let list = String::from_utf8(opml(&site()).at(at(NOW))).unwrap();
    roxmltree::Document::parse(&list).unwrap();
    insta::assert_snapshot!("opml", list);
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    assert_eq!(texts(&articles(), &site()), texts(&articles(), &site()));
}

#[test]
fn the_instant_of_the_last_change_is_no_change() {
    let all = documents(&whole_site(&articles()), &articles(), &site()).unwrap();
    let list = opml(&site());
    for document in all.iter().chain([&list]) {
        let (early, late) = (document.clone().at(at(NOW)), document.clone().at(at(NOW + 1)));
        assert_eq!(
            early == late,
            document.format == Format::Json,
            "{}",
            document.path
        );
        assert_eq!(document.hash.len(), 32);
    }
    let again = documents(&whole_site(&articles()), &articles(), &site()).unwrap();
    assert!(all.iter().zip(&again).all(|(a, b)| a.hash == b.hash));
}

#[test]
fn every_change_that_shows_is_another_document() {
    let hashes = |articles: &[Stored], site: &FeedSite| -> Vec<String> {
        let selection = Selection {
            content: site.feeds.content,
            ..whole_site(articles)
        };
        let all = documents(&selection, articles, site).unwrap();
        all.into_iter().map(|document| document.hash).collect()
    };
    let before = hashes(&articles(), &site());
    let differs = |change: fn(&mut Vec<Stored>, &mut FeedSite)| {
        let (mut articles, mut site) = (articles(), site());
        change(&mut articles, &mut site);
        let after = hashes(&articles, &site);
        [0, 1, 2].map(|n| before[n] != after[n])
    };
    assert_eq!(
        differs(|articles, _| articles[0].article.title.push('!')),
        [true; 3]
    );
    assert_eq!(
        differs(|articles, _| articles[1].article.content_html.push('!')),
        [true; 3]
    );
    assert_eq!(differs(|articles, _| articles.swap(0, 1)), [true; 3]);
    assert_eq!(differs(|_, site| site.site.title.push('!')), [true; 3]);
    assert_eq!(differs(|_, site| site.hubs.clear()), [true; 3]);
    assert_eq!(
        differs(|_, site| site.feeds.content = Content::Summary),
        [true; 3]
    );
    // JSON Feed has no place for the number of comments, so its document stays.
    assert_eq!(
        differs(|articles, _| articles[0].article.comment_count = Some(4)),
        [true, true, false]
    );
    // What no document shows changes none.
    assert_eq!(differs(|articles, _| articles[0].number = Some(99)), [false; 3]);
}

#[test]
fn readers_get_back_what_was_written() {
    let articles = articles();
    let [rss, atom, json] = texts(&articles, &site());
    let rss = ::rss::Channel::read_from(rss.as_bytes()).unwrap();
    let atom = atom_syndication::Feed::read_from(atom.as_bytes()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();

    let first = &articles[0].article;
    assert_eq!(rss.items[0].title.as_deref(), Some(first.title.as_str()));
    let title = &atom.entries[0].title;
    assert_eq!(title.r#type, atom_syndication::TextType::Html);
    assert_eq!(quick_xml::escape::unescape(title).unwrap(), first.title);
    assert_eq!(json["items"][0]["title"], first.title);
    assert_eq!(rss.items[0].content.as_deref(), Some(first.content_html.as_str()));
    let content = atom.entries[0].content.as_ref().unwrap();
    assert_eq!(content.value.as_deref(), Some(first.content_html.as_str()));
    assert_eq!(json["items"][0]["content_html"], first.content_html);
    assert_eq!(
        rss.items[0].description.as_deref(),
        Some("Tides &lt; storms &amp; other ]]&gt; things")
    );
    for (n, stored) in articles.iter().enumerate() {
        let id = &rss.items[n].guid.as_ref().unwrap().value;
        assert_eq!(id, &atom.entries[n].id);
        assert_eq!(id, json["items"][n]["id"].as_str().unwrap());
        assert!(rss.items[n].guid.as_ref().is_some_and(|guid| !guid.permalink));
        let date = chrono::DateTime::parse_from_rfc2822(rss.items[n].pub_date.as_deref().unwrap());
        assert_eq!(date.unwrap(), stored.published());
        assert_eq!(atom.entries[n].published.unwrap(), stored.published());
    }
    assert_eq!(
        rss.items[0].guid.as_ref().unwrap().value,
        format!("urn:uuid:{}", first.id)
    );
    assert_eq!(atom.entries[1].id, articles[1].article.id);
}

#[test]
fn atom_says_of_a_title_that_it_is_html_only_where_it_could_be_taken_for_that() {
    let titles = ["Fish & chips", "5 < 6", "AT&amp;T", "How to use <b>", "</p>"];
    let articles = titles.map(|title| article(title, title));
    let [_, atom, _] = texts(&articles, &site());
    for plain in ["<title>Fish &amp; chips</title>", "<title>5 &lt; 6</title>"] {
        assert!(atom.contains(plain), "{plain}\n{atom}");
    }
    assert!(
        atom.contains("<title type=\"html\">AT&amp;amp;amp;T</title>"),
        "{atom}"
    );
    assert_eq!(atom.matches("<title type=\"html\">").count(), 3);
}

#[test]
fn what_would_break_readers_by_its_length_is_a_summary() {
    let with_text = |length: usize| {
        let mut long = article("long", "Long");
        long.article.content_html = "x".repeat(length);
        texts(&[long], &site())
    };
    assert!(with_text(5_000_000).iter().all(|text| text.contains("xxx")));
    for text in with_text(9_500_001) {
        assert!(!text.contains("xxx") && text.contains("What the tide brought."));
    }
}

#[test]
fn a_title_is_plain_text_in_hexadecimal_forms() {
    let [rss, ..] = texts(&articles(), &site());
    assert!(rss.contains("<title>AT&#x26;T, &#x3C;b&gt; &#x26; \u{201C}C&#x3C;D\u{201D} \u{1F6A2}</title>"));
}

#[test]
fn a_direction_ends_where_the_name_of_the_site_does() {
    let mut site = site();
    site.site.title = "Tides\u{202E}".to_owned();
    let topic = Selection {
        folder: "category/boats/".to_owned(),
        subject: Subject::Topic(Kind::Category, "Boats".to_owned()),
        content: Content::Full,
        archive: Place::default(),
        ids: Vec::new(),
    };
    assert_eq!(topic.title(&site.site), "Tides\u{202E}\u{202C}: Boats");
}

#[test]
fn without_a_title_the_summary_or_else_the_address_stands_in() {
    let mut articles = vec![article("a", " \n "), article("b", "\u{0}")];
    articles[1].article.summary = " ".to_owned();
    let [rss, atom, json] = texts(&articles, &site());
    let rss = ::rss::Channel::read_from(rss.as_bytes()).unwrap();
    let atom = atom_syndication::Feed::read_from(atom.as_bytes()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    for (n, title) in ["What the tide brought.", "https://tidewater.example/b"]
        .into_iter()
        .enumerate()
    {
        assert_eq!(rss.items[n].title.as_deref(), Some(title));
        assert_eq!(atom.entries[n].title.as_str(), title);
        assert_eq!(json["items"][n]["title"], title);
    }
}

#[test]
fn a_feed_of_summaries_has_no_whole_text() {
    let mut site = site();
    site.feeds.content = Content::Summary;
    let [rss, atom, json] = texts(&articles(), &site);
    assert!(!rss.contains("content:encoded") && !atom.contains("<content") && !json.contains("content_html"));
    assert!(rss.contains("<description>") && atom.contains("<summary>") && json.contains("content_text"));
}

#[test]
fn the_sites_author_stands_in_where_an_article_names_none() {
    let mut site = site();
    let bare = &articles()[2..];
    let [rss, atom, _] = texts(bare, &site);
    assert!(
        !rss.contains("dc:creator"),
        "the title of the site is nobody's name"
    );
    assert_eq!(atom.matches("<author>").count(), 1, "the feed's own");
    site.site.author = Some("The Editors".to_owned());
    let [rss, atom, json] = texts(bare, &site);
    assert!(rss.contains("<dc:creator>The Editors</dc:creator>"));
    assert!(atom.contains("<name>The Editors</name>") && json.contains("\"The Editors\""));
}

#[test]
fn a_feed_of_nothing_is_a_feed() {
    for text in &texts(&[], &site())[..2] {
        roxmltree::Document::parse(text).unwrap();
    }
}

#[test]
fn readers_of_an_older_feed_find_its_guids() {
    let mut articles = vec![article("a", "A"), article("b", "B"), article("c", "C")];
    articles[0].article.guid = Some("https://old.example/?p=12".to_owned());
    articles[1].article.guid = Some("5f3a0c9e1b2d4c0039a1b2c3".to_owned());
    // A younger one that stands first, and takes nothing from an older one.
    articles[2].article.guid = articles[1].article.guid.clone();
    articles[2].number = Some(9);
    articles.rotate_right(1);
    let [rss, atom, json] = texts(&articles, &site());
    let rss = ::rss::Channel::read_from(rss.as_bytes()).unwrap();
    let atom = atom_syndication::Feed::read_from(atom.as_bytes()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let ids: Vec<&str> = atom.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert!(ids[0].starts_with("urn:uuid:") && ids[2].starts_with("urn:uuid:"));
    assert_eq!(ids[1], "https://old.example/?p=12");
    let guids = [ids[0], "https://old.example/?p=12", "5f3a0c9e1b2d4c0039a1b2c3"];
    for (n, wanted) in guids.into_iter().enumerate() {
        let guid = rss.items[n].guid.as_ref().unwrap();
        assert_eq!((guid.value.as_str(), guid.permalink), (wanted, false));
        assert_eq!(json["items"][n]["id"], wanted);
    }
}
