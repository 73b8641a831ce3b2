//! Recordings, from wherever a source tells of them, to the feeds that directories of podcasts read.

use super::judges::Judges;
use super::strangers::CONFIG;
use crate::site::Site;
use roxmltree::{Document, Node};
use serde_json::Value;

const ITUNES: &str = "http://www.itunes.com/dtds/podcast-1.0.dtd";

const FEED: &str = r#"<?xml version="1.0"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0">
<channel><title>Other</title><link>https://other.example/</link>
<item><title>From a feed</title><link>https://other.example/5</link><pubDate>Fri, 20 Nov 2026 10:00:00 GMT</pubDate>
<description>All of it.</description>
<enclosure url="https://other.example/five.m4a" length="777" type="audio/x-m4a"/>
<itunes:duration>01:00:05</itunes:duration><itunes:episode>5</itunes:episode><itunes:explicit>yes</itunes:explicit>
<podcast:transcript url="/five.srt" type="application/srt"/></item>
<item><title>A film</title><link>https://other.example/6</link><pubDate>Fri, 20 Nov 2026 09:00:00 GMT</pubDate>
<description>To be seen.</description><enclosure url="https://other.example/six.mp4" length="777" type="video/mp4"/></item>
</channel></rss>"#;

const JSON_FEED: &str = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "Other", "items": [{"id": "7",
"url": "https://json.example/7", "title": "From JSON", "content_text": "All of it.", "date_published": "2026-11-19T10:00:00Z",
"attachments": [{"url": "https://json.example/p.png", "mime_type": "image/png"},
{"url": "https://json.example/7.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 99, "duration_in_seconds": 61}]}]}"#;

const PAGE: &str = r#"<!doctype html><html lang="en"><head><title>From a page</title>
<meta property="article:published_time" content="2026-11-18"><meta property="og:audio" content="/heard.ogg">
</head><body><article><h1>From a page</h1><p>All of what is said there, in a few words more.</p></article></body></html>"#;

fn magazine() -> Site {
    let mut site = Site::bare(CONFIG);
    site.write("streams/podcast.xml", FEED);
    site.write("streams/feed.json", JSON_FEED);
    site.write("pages/heard.html", PAGE);
    site.write(
        "texts/none.txt",
        "Nothing to hear\n\nDate: 2026-11-01\n\nSilence.\n",
    );
    site.write("static/audio/one.mp3", vec![0; 4321]);
    site.write(
        "articles/one.md",
        "---\ntitle: From front matter\ndate: 2026-11-22\naudio: /audio/one.mp3\nduration: \"24:05\"\nepisode: 3\nseason: 1\n\
         episodeType: bonus\nexplicit: false\ntranscript: /audio/one.vtt\nchapters: /audio/one.json\n---\n\nText.\n",
    );
    site.article(
        "two.md",
        "From the text",
        "2026-11-21",
        "Hear:\n\n<audio controls autoplay onplay=\"x()\" src=\"/audio/two.opus\"></audio>",
    );
    site.add(
        "[feeds.podcast]\ncategories = [\"Society & Culture > Documentary\"]\nemail = \"ann@tides.example\"\n\
         [digests.weekly]\ntitle = \"The weekly tide\"\nschedule = \"0 7 * * 1\"\nfrom = \"news@tides.example\"\n",
    );
    site
}

fn item<'a>(rss: &'a Document, title: &str) -> Node<'a, 'a> {
    let is_it = |node: &Node| {
        let mut inner = node.children();
        node.has_tag_name("item")
            && inner.any(|inner| inner.has_tag_name("title") && inner.text() == Some(title))
    };
    rss.descendants().find(is_it).unwrap()
}

fn told(item: Node, name: &str) -> Option<String> {
    let mut children = item.children();
    let found = children.find(|node| node.has_tag_name((ITUNES, name)))?;
    found.text().map(str::to_owned)
}

/// Address, length and type.
fn enclosure(item: Node) -> Option<(String, String, String)> {
    let mut children = item.children();
    let found = children.find(|node| node.has_tag_name("enclosure"))?;
    let attribute = |name: &str| found.attribute(name).unwrap().to_owned();
    Some((attribute("url"), attribute("length"), attribute("type")))
}

#[test]
fn recordings_go_from_every_source_to_podcast_feeds() {
    let site = magazine();
    site.publish(&[]);
    let text = std::fs::read_to_string(site.path("feeds/rss.xml")).unwrap();
    let rss = Document::parse(&text).unwrap();
    for (title, url, length, kind) in [
        (
            "From front matter",
            "https://tides.example/audio/one.mp3",
            "4321",
            "audio/mpeg",
        ),
        (
            "From the text",
            "https://tides.example/audio/two.opus",
            "0",
            "audio/ogg",
        ),
        (
            "From a feed",
            "https://other.example/five.m4a",
            "777",
            "audio/x-m4a",
        ),
        ("From JSON", "https://json.example/7.mp3", "99", "audio/mpeg"),
        ("From a page", "https://tides.example/heard.ogg", "0", "audio/ogg"),
    ] {
        let found = enclosure(item(&rss, title));
        assert_eq!(
            found,
            Some((url.to_owned(), length.to_owned(), kind.to_owned())),
            "{title}"
        );
    }
    for title in ["A film", "Nothing to hear"] {
        assert_eq!(enclosure(item(&rss, title)), None, "{title}");
    }
    let one = item(&rss, "From front matter");
    for (name, value) in [
        ("duration", "1445"),
        ("episode", "3"),
        ("season", "1"),
        ("episodeType", "bonus"),
        ("explicit", "false"),
    ] {
        assert_eq!(told(one, name).as_deref(), Some(value), "{name}");
    }
    let of_feed = item(&rss, "From a feed");
    assert_eq!(told(of_feed, "duration").as_deref(), Some("3605"));
    assert_eq!(told(of_feed, "explicit").as_deref(), Some("true"));
    assert!(text.contains(
        "<podcast:transcript type=\"application/x-subrip\" url=\"https://other.example/five.srt\">"
    ));
    assert!(text.contains("<itunes:email>ann@tides.example</itunes:email>"));
    assert!(
        text.contains("<audio controls=\"\" src=\"https://tides.example/audio/two.opus\">"),
        "{text}"
    );
    assert!(!text.contains("onplay") && !text.contains("autoplay"));
    if let Some(judges) = Judges::found() {
        judges.look_at(&site.path("feeds"));
    }
}

#[test]
fn other_formats_commands_and_mails_tell_of_them_too() {
    let site = magazine();
    site.write("subscribers/readers.csv", "email\nann@example.com\n");
    site.publish(&["--now", "weekly"]);
    let atom = std::fs::read_to_string(site.path("feeds/atom.xml")).unwrap();
    assert!(atom.contains(
        "<link href=\"https://tides.example/audio/one.mp3\" rel=\"enclosure\" type=\"audio/mpeg\" length=\"4321\"/>"
    ));
    let json = std::fs::read_to_string(site.path("feeds/feed.json")).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let items = json["items"].as_array().unwrap();
    let one = items
        .iter()
        .find(|item| item["title"] == "From front matter")
        .unwrap();
    let attachment = &one["attachments"][0];
    assert_eq!(attachment["duration_in_seconds"], 1445);
    assert_eq!(attachment["size_in_bytes"], 4321);

    let listed = site.ask(&["articles", "list"]);
    let mut articles = listed["articles"].as_array().unwrap().iter();
    let id = articles
        .find(|article| article["title"] == "From front matter")
        .unwrap()["id"]
        .as_str();
    let explained = site.ask(&["articles", "explain", id.unwrap()]);
    assert_eq!(explained["audio"]["episode"], 3, "{explained:#}");

    let mails = site.mails();
    let mail = mails.values().next().unwrap();
    let mail = mail_parser::MessageParser::default().parse(mail).unwrap();
    let (text, html) = (mail.body_text(0).unwrap(), mail.body_html(0).unwrap());
    assert!(
        text.contains("Listen (25 min):") && text.contains("https://tides.example/audio/one.mp3"),
        "{text}"
    );
    assert!(
        html.contains("href=\"https://tides.example/audio/one.mp3\""),
        "{html}"
    );
}

#[test]
fn a_recording_that_is_exchanged_is_told_of_and_one_that_stays_is_not() {
    let site = magazine();
    site.publish(&[]);
    let again = site.publish(&[]);
    assert_eq!(again["feeds"]["written"], serde_json::json!([]), "{again:#}");
    site.write("static/audio/one.mp3", vec![0; 5000]);
    site.publish(&[]);
    let text = std::fs::read_to_string(site.path("feeds/rss.xml")).unwrap();
    assert!(text.contains("length=\"5000\""), "the true length");
}
