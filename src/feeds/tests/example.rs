//! A small site whose documents are looked at as a whole.

use crate::articles::card::Card;
use crate::articles::state::{Marks, Stored};
use crate::articles::{Article, Author, Comment, Image, Precision, Published};
use crate::clock::{Instant, from_seconds};
use crate::config;
use crate::feeds::{FeedSite, Kind, Place, Selection, Slugs, Subject};
use url::Url;
use uuid::Uuid;

/// 23 November 2026, 18:00 UTC.
pub(crate) const NOW: i64 = 1_795_456_800;

pub(crate) fn at(seconds: i64) -> Instant {
    from_seconds(seconds)
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

pub(crate) fn site() -> FeedSite {
    let mut slugs = Slugs::default();
    slugs.add(Kind::Category, "Boats & Ships");
    slugs.add(Kind::Category, "Travel");
    FeedSite {
        id: Uuid::NAMESPACE_URL,
        site: config::Site {
            id: None,
            title: "Tidewater".to_owned(),
            url: url("https://tidewater.example/"),
            description: "Letters from the estuary & the sea".to_owned(),
            language: "en".to_owned(),
            timezone: chrono_tz::UTC,
            author: None,
            postal_address: None,
            logo: Some(url("https://tidewater.example/logo.png")),
        },
        feeds: config::Feeds {
            old_urls: Vec::new(),
            podcast: config::Podcast::default(),
            dir: "feeds".into(),
            url: url("https://tidewater.example/feeds/"),
            items: 50,
            content: config::Content::Full,
            by_category: true,
            by_author: true,
            archive: true,
            comments: true,
            sitemap: true,
            more: Vec::new(),
        },
        hubs: vec![url("https://hub.example/")],
        cloud: None,
        slugs,
    }
}

pub(crate) fn article(id: &str, title: &str) -> Stored {
    Stored {
        article: Article {
            id: id.to_owned(),
            source: "blog".to_owned(),
            path: format!("{id}.md"),
            url: format!("https://tidewater.example/{id}"),
            title: title.to_owned(),
            authors: vec![Author {
                name: "Ann Ferry".to_owned(),
                url: Some("https://tidewater.example/ann".to_owned()),
            }],
            categories: vec!["Travel".to_owned()],
            language: None,
            published: Some(Published {
                at: at(NOW - 86_400),
                precision: Precision::Second,
            }),
            updated: None,
            summary: "What the tide brought.".to_owned(),
            content_html: "<p>What the <em>tide</em> brought.</p>".to_owned(),
            image: None,
            audio: None,
            comments: Vec::new(),
            comment_count: None,
            guid: None,
            draft: false,
            expires: None,
        },
        first_seen: at(NOW),
        changed: at(NOW),
        number: Some(1),
        announced: Some(at(NOW)),
        marks: Marks::default(),
    }
}

/// Three articles, newest first: one with everything, one in another language, one bare.
pub(crate) fn articles() -> Vec<Stored> {
    let mut rich = article(
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "AT&T, <b> & \u{201C}C<D\u{201D} \u{1F6A2}",
    );
    rich.article.categories = vec![
        "Boats & Ships".to_owned(),
        "Travel".to_owned(),
        "travel".to_owned(),
    ];
    rich.article.authors.push(Author {
        name: "Bo <Deck>".to_owned(),
        url: None,
    });
    rich.article.updated = Some(at(NOW - 3_600));
    rich.article.summary = "Tides < storms & other ]]> things".to_owned();
    rich.article.content_html = "<p>Code: <code>a[b[0]]&gt;1</code> ]]> &amp; a <a href=\"https://tidewater.example/x?a=1&amp;b=2\">link</a></p>\n<pre>x &lt; y</pre>".to_owned();
    rich.article.image = Some(Image {
        url: "https://tidewater.example/boat.jpg?w=1200&q=80".to_owned(),
        alt: "A boat & its <wake>".to_owned(),
        width: Some(1200),
        height: Some(800),
        media_type: Some("image/jpeg".to_owned()),
        length: Some(48_213),
    });
    rich.article.comment_count = Some(3);
    rich.article.comments = vec![Comment {
        author: "Cy".to_owned(),
        published: Some(at(NOW - 7_200)),
        text: "And a comment.".to_owned(),
    }];

    let mut hebrew = article(
        "tag:tidewater.example,2026:shalom",
        "\u{5E9}\u{5DC}\u{5D5}\u{5DD} olam",
    );
    hebrew.article.language = Some("he_IL".to_owned());
    hebrew.article.published = Some(Published {
        at: at(NOW - 172_800),
        precision: Precision::Day,
    });
    hebrew.article.image = Some(Image {
        url: "https://tidewater.example/far.png".to_owned(),
        alt: String::new(),
        width: None,
        height: None,
        media_type: None,
        length: None,
    });

    let mut bare = article("12", "");
    bare.article.authors.clear();
    bare.article.categories.clear();
    bare.article.published = None;
    bare.first_seen = at(NOW - 259_200);
    bare.article.content_html.clear();
    bare.article.comment_count = Some(0);
    vec![rich, hebrew, bare]
}

pub(crate) fn whole_site(articles: &[Stored]) -> Selection {
    Selection {
        folder: String::new(),
        subject: Subject::Site,
        content: config::Content::Full,
        archive: Place::default(),
        ids: articles.iter().map(|stored| stored.article.id.clone()).collect(),
    }
}

/// What a selection sees of an article.
pub(crate) fn card(id: &str, published: i64, categories: &[&str], authors: &[&str]) -> Card {
    Card {
        id: id.to_owned(),
        source: "blog".to_owned(),
        url: format!("https://example.org/{id}"),
        title: id.to_owned(),
        authors: authors
            .iter()
            .map(|name| Author {
                name: (*name).to_owned(),
                url: None,
            })
            .collect(),
        categories: categories.iter().map(|name| (*name).to_owned()).collect(),
        published: from_seconds(published),
        modified: from_seconds(published),
        commented: None,
        hash: String::new(),
        number: None,
    }
}
