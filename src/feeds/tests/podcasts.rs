//! Articles with recordings: what podcast programs and directories read, and that all others see nothing.

use super::example::{article, articles, site, whole_site};
use super::{opml, texts};
use crate::articles::Audio;
use crate::articles::audio::Kind;
use crate::articles::state::Stored;
use crate::config::Podcast;
use crate::feeds::FeedSite;

fn episode() -> Stored {
    let mut episode = article("0f8fad5b-d9cb-469f-a165-70867728950e", "The ferry");
    episode.article.image = articles()[0].article.image.clone();
    episode.article.audio = Some(Audio {
        url: "https://cdn.example/ferry.mp3?a=1&b=2".to_owned(),
        media_type: "audio/mpeg".to_owned(),
        length: Some(12_345_678),
        duration: Some(5025),
        season: Some(2),
        episode: Some(7),
        kind: Some(Kind::Full),
        explicit: Some(false),
        transcript: Some("https://cdn.example/ferry.vtt".to_owned()),
        chapters: Some("https://cdn.example/ferry.json".to_owned()),
    });
    episode
}

fn told() -> FeedSite {
    let mut site = site();
    site.feeds.podcast = Podcast {
        categories: vec![
            ("Society & Culture".to_owned(), Some("Places & Travel".to_owned())),
            ("News".to_owned(), None),
        ],
        owner: Some("Ann & Bo".to_owned()),
        email: Some("ann@tidewater.example".to_owned()),
        ..Podcast::default()
    };
    site
}

#[test]
fn how_a_podcast_looks() {
    let [rss, atom, json] = texts(&[episode(), article("b", "B")], &told());
    roxmltree::Document::parse(&rss).unwrap();
    roxmltree::Document::parse(&atom).unwrap();
    insta::assert_snapshot!("podcast-rss", rss);
    let picture = "<link href=\"https://tidewater.example/boat.jpg?w=1200&amp;q=80\" rel=\"enclosure\"";
    let audio = "<link href=\"https://cdn.example/ferry.mp3?a=1&amp;b=2\" rel=\"enclosure\" \
                 type=\"audio/mpeg\" length=\"12345678\"/>";
    assert!(atom.find(audio).unwrap() < atom.find(picture).unwrap(), "{atom}");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let attachments = &json["items"][0]["attachments"];
    assert_eq!(attachments[0]["duration_in_seconds"], 5025);
    assert_eq!(attachments[0]["size_in_bytes"], 12_345_678);
    assert_eq!(attachments[1]["mime_type"], "image/jpeg");
    assert_eq!(json["items"][1].get("attachments"), None);
}

#[test]
fn its_own_reader_gets_it_back() {
    let [rss, ..] = texts(&[episode()], &told());
    let channel = ::rss::Channel::read_from(rss.as_bytes()).unwrap();
    let show = channel.itunes_ext.unwrap();
    assert_eq!(show.categories[0].text, "Society & Culture");
    assert_eq!(
        show.categories[0].subcategory.as_ref().unwrap().text,
        "Places & Travel"
    );
    let owner = show.owner.unwrap();
    assert_eq!(owner.name.as_deref(), Some("Ann & Bo"));
    assert_eq!(owner.email.as_deref(), Some("ann@tidewater.example"));
    let item = &channel.items[0];
    let enclosure = item.enclosure.as_ref().unwrap();
    assert_eq!(enclosure.url, "https://cdn.example/ferry.mp3?a=1&b=2");
    assert_eq!(enclosure.length, "12345678");
    let told = item.itunes_ext.as_ref().unwrap();
    assert_eq!(told.duration.as_deref(), Some("5025"));
    assert_eq!(
        (told.season.as_deref(), told.episode.as_deref()),
        (Some("2"), Some("7"))
    );
}

#[test]
fn what_nobody_knows_is_left_out() {
    let mut bare = article("a", "A");
    bare.article.audio = Some(Audio {
        url: "https://cdn.example/a".to_owned(),
        media_type: "audio/mpeg".to_owned(),
        ..Audio::default()
    });
    let [rss, atom, json] = texts(&[bare.clone()], &site());
    assert!(rss.contains("<enclosure url=\"https://cdn.example/a\" length=\"0\" type=\"audio/mpeg\""));
    assert!(atom.contains("<link href=\"https://cdn.example/a\" rel=\"enclosure\" type=\"audio/mpeg\"/>"));
    assert!(!json.contains("size_in_bytes") && !json.contains("duration_in_seconds"));
    for left_out in [
        "itunes:owner",
        "itunes:duration",
        "itunes:episode",
        "podcast:transcript",
    ] {
        assert!(!rss.contains(left_out), "{left_out}");
    }
    bare.article.audio.as_mut().unwrap().url = "javascript:alert(1)".to_owned();
    let [rss, ..] = texts(&[bare], &site());
    assert!(!rss.contains("enclosure") && !rss.contains("itunes"));
}

#[test]
fn without_recordings_nothing_is_said_of_podcasts() {
    let (with, without) = (texts(&articles(), &told()), texts(&articles(), &site()));
    assert_eq!(with, without);
    let list = String::from_utf8(opml(&told()).at(super::at(super::NOW))).unwrap();
    for text in with.iter().chain([&list]) {
        assert!(!text.contains("itunes") && !text.contains("podcast"), "{text}");
    }
}

#[test]
fn a_podcast_that_moves_keeps_its_guid() {
    let mut site = told();
    let guid = uuid::Uuid::NAMESPACE_DNS;
    site.feeds.podcast.guid = Some(guid);
    let [rss, ..] = texts(&[episode()], &site);
    assert!(rss.contains(&format!("<podcast:guid>{guid}</podcast:guid>")));
    let mut part = whole_site(&[episode()]);
    part.folder = "category/travel/".to_owned();
    let other = &crate::feeds::documents(&part, &[episode()], &site).unwrap()[0];
    let other = String::from_utf8(other.clone().at(super::at(super::NOW))).unwrap();
    assert!(other.contains("<podcast:guid>") && !other.contains(&guid.to_string()));
}
