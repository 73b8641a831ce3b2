//! A document that was written, read back as far as people are shown of it.

use super::clean;
use super::document::Format;
use crate::articles::text::from_html;
use crate::clock::Instant;
use atom_syndication::TextType;
use chrono::DateTime;
use serde::Deserialize;

/// A feed as people see it. All text is plain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub title: String,
    pub description: String,
    pub language: Option<String>,
    /// How many items it holds.
    pub count: usize,
    /// The first of them.
    pub items: Vec<ShownItem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownItem {
    pub title: String,
    /// `http` or `https`.
    pub url: Option<String>,
    pub published: Option<Instant>,
    pub summary: String,
    /// Where it is another than the feed's.
    pub language: Option<String>,
}

/// What a feed shows, with so many of its items. `None`: it is no feed, or one that cannot be read.
#[must_use]
pub fn shown(format: Format, text: &str, most: usize) -> Option<Shown> {
    match format {
        Format::Rss => of_rss(text, most),
        Format::Atom => of_atom(text, most),
        Format::Json => of_json(text, most),
        _ => None,
    }
}

fn of_rss(text: &str, most: usize) -> Option<Shown> {
    let channel = ::rss::Channel::read_from(text.as_bytes()).ok()?;
    let item = |item: &::rss::Item| ShownItem {
        title: item.title().unwrap_or_default().to_owned(),
        url: item.link().and_then(clean::web_url),
        published: item
            .pub_date()
            .and_then(|date| at(DateTime::parse_from_rfc2822(date))),
        summary: from_html(item.description().unwrap_or_default()),
        language: item
            .dublin_core_ext()
            .and_then(|dc| dc.languages().first().cloned()),
    };
    Some(Shown {
        title: channel.title().to_owned(),
        description: channel.description().to_owned(),
        language: channel.language().map(str::to_owned),
        count: channel.items().len(),
        items: channel.items().iter().take(most).map(item).collect(),
    })
}

fn of_atom(text: &str, most: usize) -> Option<Shown> {
    let feed = atom_syndication::Feed::read_from(text.as_bytes()).ok()?;
    let plain = |text: &atom_syndication::Text| match text.r#type {
        TextType::Text => text.value.clone(),
        _ => from_html(&text.value),
    };
    let item = |entry: &atom_syndication::Entry| ShownItem {
        title: plain(entry.title()),
        url: entry
            .links()
            .iter()
            .find(|link| link.rel() == "alternate")
            .and_then(|link| clean::web_url(link.href())),
        published: entry.published().map(DateTime::to_utc),
        summary: entry.summary().map(plain).unwrap_or_default(),
        language: entry.title().lang.clone(),
    };
    Some(Shown {
        title: plain(feed.title()),
        description: feed.subtitle().map(plain).unwrap_or_default(),
        language: feed.lang().map(str::to_owned),
        count: feed.entries().len(),
        items: feed.entries().iter().take(most).map(item).collect(),
    })
}

fn of_json(text: &str, most: usize) -> Option<Shown> {
    #[derive(Deserialize)]
    struct Feed {
        title: String,
        #[serde(default)]
        description: String,
        language: Option<String>,
        items: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        #[serde(default)]
        title: String,
        url: Option<String>,
        #[serde(default)]
        summary: String,
        date_published: Option<String>,
        language: Option<String>,
    }
    let feed: Feed = serde_json::from_str(text).ok()?;
    let count = feed.items.len();
    let item = |item: Item| ShownItem {
        title: item.title,
        url: item.url.as_deref().and_then(clean::web_url),
        published: item
            .date_published
            .and_then(|date| at(DateTime::parse_from_rfc3339(&date))),
        summary: item.summary,
        language: item.language,
    };
    Some(Shown {
        title: feed.title,
        description: feed.description,
        language: feed.language,
        count,
        items: feed.items.into_iter().take(most).map(item).collect(),
    })
}

fn at<E>(parsed: Result<DateTime<chrono::FixedOffset>, E>) -> Option<Instant> {
    Some(parsed.ok()?.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::documents;
    use crate::feeds::tests::example;

    #[test]
    fn what_was_written_is_shown_alike_in_all_formats() {
        let titles = ["One & <two> &amp; three", "שלום", "plain"];
        let mut articles: Vec<_> = titles
            .iter()
            .map(|title| example::article(title, title))
            .collect();
        articles[0].article.summary = "Less < more & <b>bold</b>".to_owned();
        articles[1].article.language = Some("he".to_owned());
        let selection = example::whole_site(&articles);
        let documents = documents(&selection, &articles, &example::site()).unwrap();
        assert_eq!(documents.len(), 3);
        for document in documents {
            let format = document.format;
            let text = String::from_utf8(document.at(example::at(0))).unwrap();
            let shown = shown(format, &text, 2).unwrap();

            assert_eq!(
                (shown.title.as_str(), shown.count),
                ("Tidewater", 3),
                "{format:?}"
            );
            assert_eq!(
                shown.description, "Letters from the estuary & the sea",
                "{format:?}"
            );
            assert_eq!(shown.language.as_deref(), Some("en"), "{format:?}");
            let found: Vec<_> = shown.items.iter().map(|item| item.title.as_str()).collect();
            assert_eq!(found, titles[..2], "{format:?}");
            let first = &shown.items[0];
            assert_eq!(first.summary, "Less < more & <b>bold</b>", "{format:?}");
            assert_eq!(
                first.published,
                Some(example::at(example::NOW - 86_400)),
                "{format:?}"
            );
            assert!(
                first
                    .url
                    .as_ref()
                    .unwrap()
                    .starts_with("https://tidewater.example/")
            );
            assert_eq!(shown.items[1].language.as_deref(), Some("he"), "{format:?}");
        }
        assert_eq!(shown(Format::Opml, "<opml/>", 9), None);
        assert_eq!(shown(Format::Rss, "<rss>", 9), None);
        assert_eq!(shown(Format::Json, "{}", 9), None);
    }

    #[test]
    fn links_that_lead_to_no_page_are_none() {
        let text = r#"{"title": "T", "items": [{"title": "x", "url": "javascript:alert(1)"}]}"#;
        assert_eq!(shown(Format::Json, text, 9).unwrap().items[0].url, None);
    }
}
