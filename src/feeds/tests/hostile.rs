//! Articles that intend harm, or come from a machine that knew no better.

use super::example::{NOW, article, at, site};
use super::{opml, texts};
use crate::articles::state::Stored;
use crate::articles::{Author, Image, Precision, Published};
use crate::clock::Instant;
use crate::feeds::{FeedSite, Kind};
use proptest::prelude::*;

/// Pieces that have broken feeds before, and anything at all.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "]]>",
            "<![CDATA[",
            "<b>",
            "</title>",
            "&amp;",
            "&",
            "<",
            ">",
            "\"",
            "'",
            "&#x3C;",
            "&#0;",
            "\u{0}",
            "\u{1}",
            "\u{8}",
            "\u{B}",
            "\u{1F}",
            "\u{7F}",
            "\u{85}",
            "\u{FFFE}",
            "\u{FFFF}",
            "\u{2028}",
            "\u{202E}",
            "\u{5E9}\u{5DC}",
            "\u{1F6A2}",
            "e\u{301}",
            "\u{FEFF}",
            "\r\n",
            "\t",
            " ",
            "<!--",
            "-->",
            "<?xml ?>",
            "<updated>",
            "<lastBuildDate>",
            "</item>",
            "<script>x</script>",
            "word",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

prop_compose! {
    fn hostile_article()(
        id in text(), title in text(), summary in text(), content in text(), url in text(),
        author in text(), category in text(), alt in text(), language in prop::option::of(text()),
        published in prop::option::of(any::<i64>()), updated in prop::option::of(any::<i64>()),
    ) -> Stored {
        let mut stored = article("x", &title);
        let article = &mut stored.article;
        article.id = id;
        article.url = format!("https://tidewater.example/{url}");
        article.authors = vec![Author { name: author, url: Some(url.clone()) }];
        article.categories = vec![category.clone(), category];
        article.summary = summary;
        article.content_html = content;
        article.language = language;
        article.published = published.map(|at| Published { at: instant(at), precision: Precision::Second });
        article.updated = updated.map(instant);
        article.image = Some(Image {
            url: format!("https://tidewater.example/i?{url}"),
            alt,
            width: Some(0),
            height: Some(1),
            media_type: Some(url),
            length: Some(1),
        });
        article.comment_count = Some(u32::MAX);
        stored
    }
}

/// Any instant that the calendar has, the first and last of all among them.
fn instant(seconds: i64) -> Instant {
    match seconds {
        i64::MIN..=-8_000_000_000_000_000_000 => Instant::MIN_UTC,
        8_000_000_000_000_000_000.. => Instant::MAX_UTC,
        seconds => at(seconds / 1_000_000),
    }
}

fn hostile_site(title: &str) -> FeedSite {
    let mut site = site();
    site.site.title = title.to_owned();
    site.site.description = title.to_owned();
    site.site.language = title.to_owned();
    site.site.author = Some(title.to_owned());
    site.slugs.add(Kind::Category, title);
    site
}

/// What strict readers want of XML: it parses, and dates are where they belong.
fn strict<'a>(text: &'a str, root: &str) -> roxmltree::Document<'a> {
    let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(document.root_element().tag_name().name(), root);
    document
}

fn children<'a>(node: roxmltree::Node<'a, 'a>, name: &str) -> Vec<String> {
    node.descendants()
        .filter(|node| node.has_tag_name(name) || node.tag_name().name() == name)
        .map(|node| node.text().unwrap_or_default().to_owned())
        .collect()
}

/// An entry's title as a reader shows it.
fn plain_title(entry: roxmltree::Node) -> String {
    let is_title = |node: &roxmltree::Node| node.tag_name().name() == "title";
    let title = entry.children().find(is_title).unwrap();
    let text = title.text().unwrap();
    match title.attribute("type") {
        Some("html") => quick_xml::escape::unescape(text).unwrap().into_owned(),
        _ => text.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_document_is_strict_and_all_say_the_same(
        articles in prop::collection::vec(hostile_article(), 0..3), title in text(),
    ) {
        let site = hostile_site(&title);
        let [rss, atom, json] = texts(&articles, &site);
        let rss = strict(&rss, "rss");
        let atom = strict(&atom, "feed");
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let list = String::from_utf8(opml(&site).at(at(NOW))).unwrap();
        strict(&list, "opml");

        let items: Vec<_> = rss.descendants().filter(|node| node.has_tag_name("item")).collect();
        let entries: Vec<_> = atom.descendants().filter(|node| node.tag_name().name() == "entry").collect();
        prop_assert_eq!(items.len(), articles.len());
        prop_assert_eq!(entries.len(), articles.len());
        for (n, item) in items.iter().enumerate() {
            let other = &json["items"][n];
            let title = children(*item, "title");
            prop_assert_eq!(&title[0], &plain_title(entries[n]));
            prop_assert_eq!(title[0].as_str(), other["title"].as_str().unwrap());
            prop_assert!(!title[0].trim().is_empty());
            let id = children(*item, "guid");
            prop_assert_eq!(&id, &children(entries[n], "id"));
            prop_assert_eq!(id[0].as_str(), other["id"].as_str().unwrap());
            prop_assert!(url::Url::parse(&id[0]).is_ok());
            let date = chrono::DateTime::parse_from_rfc2822(&children(*item, "pubDate")[0]).unwrap();
            for same in [&children(entries[n], "published")[0], other["date_published"].as_str().unwrap()] {
                prop_assert_eq!(date, chrono::DateTime::parse_from_rfc3339(same).unwrap());
            }
            let link = children(*item, "link");
            prop_assert!(link[0].is_ascii() && url::Url::parse(&link[0]).is_ok());
            prop_assert_eq!(link[0].as_str(), other["url"].as_str().unwrap());
        }
        let channel = children(rss.root_element(), "lastBuildDate");
        prop_assert_eq!(&channel, &vec!["Mon, 23 Nov 2026 18:00:00 +0000".to_owned()]);
    }
}
