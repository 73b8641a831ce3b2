//! A feed as all three formats show it: text safe, URLs absolute, every fallback settled. The
//! writers only write down what stands here.

use super::clean;
use super::document::Format;
use super::moments::Moments;
use super::names::{Named, Names};
use super::paths;
use super::recordings::{Show, clean_audio};
use super::selection::{Place, Selection, authors};
use super::site::FeedSite;
use super::slugs::{Kind, key};
use crate::articles::html::LONGEST_HTML;
use crate::articles::state::Stored;
use crate::articles::{Audio, Author, Image};
use crate::clock::Instant;
use crate::config::Content;
use std::collections::HashSet;
use url::Url;
use uuid::Uuid;

/// The program that made the document. Without its version: an update of it changes no feed.
pub(crate) const GENERATOR: &str = "Tidings";

/// So many characters of the summary stand in for a title.
const TITLE_CHARS: usize = 80;

pub(crate) struct Feed {
    /// Permanent, `urn:uuid:…`.
    pub id: String,
    pub title: String,
    pub description: String,
    /// The site's page.
    pub home: String,
    pub language: Option<String>,
    /// Who wrote the items that name nobody.
    pub author: Author,
    /// Whether the author was configured; else it is the site's title, for Atom wants somebody.
    pub author_stated: bool,
    pub hubs: Vec<String>,
    /// Of rssCloud.
    pub cloud: Option<Url>,
    pub logo: Option<String>,
    /// The folder of the archive's page that goes before.
    pub older: Option<Url>,
    /// Of the oldest page: the folder of the one after it.
    pub newer: Option<Url>,
    /// Of a page of the archive: the folder of the feed itself.
    pub current: Option<Url>,
    /// Where an item has a recording.
    pub show: Option<Show>,
    /// Newest first.
    pub items: Vec<Item>,
}

pub(crate) struct Item {
    /// Permanent, a URI, of no other item.
    pub id: String,
    /// Permanent, of no other item: the id, or what an older feed called it, whatever its form.
    pub guid: String,
    pub url: Option<String>,
    /// Never blank.
    pub title: String,
    /// Empty: the feed's author.
    pub authors: Vec<Author>,
    pub categories: Vec<Category>,
    /// Where it is another than the feed's.
    pub language: Option<String>,
    pub published: Instant,
    /// Of no other item.
    pub updated: Instant,
    /// Plain text.
    pub summary: String,
    /// `None`: the feed carries summaries, there is no more than that, or far too much.
    pub html: Option<String>,
    pub image: Option<Image>,
    pub audio: Option<Audio>,
    /// How many comments it has, where its source says so.
    pub comments: Option<u32>,
    /// Where its comments have a feed: the folder, and how many of them are known.
    pub replies: Option<(Url, usize)>,
    /// Of a comment: the article's id and address.
    pub in_reply_to: Option<(String, Option<String>)>,
}

pub(crate) struct Category {
    pub name: String,
    /// The folder of its feeds, where it has such.
    pub folder: Option<Url>,
    /// The folder of all categories.
    pub scheme: Url,
}

/// The namespace by which a page of an archive says what it is (RFC 5005).
pub(crate) const HISTORY: (&str, &str) = ("fh", "http://purl.org/syndication/history/1.0");

/// The links of a document to its archive, by their relations.
pub(crate) fn archive_links(feed: &Feed, format: Format) -> impl Iterator<Item = (&'static str, String)> {
    let links = [
        ("current", &feed.current),
        ("prev-archive", &feed.older),
        ("next-archive", &feed.newer),
    ];
    links.into_iter().filter_map(move |(rel, folder)| {
        let url = folder.as_ref()?.join(format.file_name()).ok()?;
        Some((rel, url.into()))
    })
}

impl Feed {
    /// Empty, with room for about what a format makes of it: so a large document is not moved about while
    /// it grows.
    pub(crate) fn room(&self) -> Vec<u8> {
        const OF_ITEM: usize = 1024;
        let text = |item: &Item| item.summary.len() + item.html.as_ref().map_or(0, String::len);
        let texts: usize = self.items.iter().map(|item| text(item) + OF_ITEM).sum();
        Vec::with_capacity(texts + texts / 4 + 4 * OF_ITEM)
    }

    pub(crate) fn new(selection: &Selection, articles: &[Stored], site: &FeedSite) -> Feed {
        let Place {
            older,
            newer,
            is_page,
        } = selection.archive;
        let page = |number: i64| site.url(&paths::of_page(number));
        // The pages of an archive are parts of the feed.
        let folder = if is_page { "" } else { &selection.folder };
        let feed = Feed::without_items(folder, &selection.title(&site.site), site);
        let shown = Shown {
            content: selection.content,
            language: feed.language.clone(),
        };
        let items = items(articles, site, &shown);
        let has_recordings = items.iter().any(|item| item.audio.is_some());
        Feed {
            hubs: if is_page { Vec::new() } else { feed.hubs },
            cloud: feed.cloud.filter(|_| !is_page),
            older: older.map(page),
            newer: newer.map(page),
            current: is_page.then(|| site.url("")),
            show: has_recordings.then(|| Show::new(folder, site)),
            items,
            ..feed
        }
    }

    /// A feed in that folder, and of that title.
    pub(crate) fn without_items(folder: &str, title: &str, site: &FeedSite) -> Feed {
        let title = clean::line(title);
        let home = clean::web_url(site.site.url.as_str()).unwrap_or_else(|| site.site.url.to_string());
        let title = if title.is_empty() { home.clone() } else { title };
        let description = clean::line(&site.site.description);
        let author = site
            .site
            .author
            .as_deref()
            .map(clean::line)
            .filter(|name| !name.is_empty());
        let web_url = |url: &Url| clean::web_url(url.as_str());
        Feed {
            id: feed_id(site.id, folder),
            description: if description.is_empty() {
                title.clone()
            } else {
                description
            },
            author_stated: author.is_some(),
            author: Author {
                name: author.unwrap_or_else(|| clean::line(&site.site.title)),
                url: None,
            },
            cloud: site.cloud.clone(),
            hubs: site.hubs.iter().filter_map(web_url).collect(),
            logo: site.site.logo.as_ref().and_then(web_url),
            language: clean::language(&site.site.language),
            older: None,
            newer: None,
            current: None,
            show: None,
            items: Vec::new(),
            title,
            home,
        }
    }
}

/// What a feed's items have in common.
struct Shown {
    content: Content,
    language: Option<String>,
}

/// Each with names and a last change of its own: where two articles were called the same, in two
/// older feeds, the one that is here longer keeps it.
fn items(articles: &[Stored], site: &FeedSite, shown: &Shown) -> Vec<Item> {
    let mut names = Names::default();
    let mut order: Vec<usize> = (0..articles.len()).collect();
    order.sort_by_key(|&n| (articles[n].first_seen, &articles[n].article.id));
    let mut named: Vec<(usize, Named)> = order
        .iter()
        .map(|&n| (n, names.of(&articles[n].article, site.id)))
        .collect();
    named.sort_by_key(|(n, _)| *n);
    let mut items: Vec<Item> = named
        .into_iter()
        .map(|(n, named)| Item::new(&articles[n], named, site, shown))
        .collect();
    let mut moments = Moments::default();
    for n in order {
        let item = &mut items[n];
        item.updated = moments.of(item.updated, &item.id);
    }
    items
}

impl Item {
    fn new(stored: &Stored, named: Named, site: &FeedSite, shown: &Shown) -> Item {
        let article = &stored.article;
        let summary = clean::lines(&article.summary);
        let html = clean::html(&article.content_html);
        let full = shown.content == Content::Full && !html.trim().is_empty() && html.len() <= LONGEST_HTML;
        let url = clean::web_url(&article.url);
        let Named { id, guid } = named;
        let published = clean::instant(stored.published());
        let title = [clean::line(&article.title), clean::line(&start(&summary))]
            .into_iter()
            .find(|title| !clean::is_invisible(title))
            .unwrap_or_else(|| url.clone().unwrap_or_else(|| id.clone()));
        let html = full.then_some(html);
        Item {
            id,
            guid,
            // Some text there must be.
            summary: if summary.is_empty() && html.is_none() {
                title.clone()
            } else {
                summary
            },
            title,
            authors: authors(&article.authors, &site.site)
                .iter()
                .map(clean_author)
                .collect(),
            categories: categories(&article.categories, site),
            language: article
                .language
                .as_deref()
                .and_then(clean::language)
                .filter(|language| {
                    !shown
                        .language
                        .as_ref()
                        .is_some_and(|feed| feed.eq_ignore_ascii_case(language))
                }),
            published,
            updated: clean::instant(stored.updated()).max(published),
            html,
            image: article.image.as_ref().and_then(clean_image),
            audio: article.audio.as_ref().and_then(clean_audio),
            comments: article.comment_count,
            replies: (site.feeds.comments && !article.comments.is_empty())
                .then(|| (site.url(&paths::comments_on(&article.id)), article.comments.len())),
            in_reply_to: None,
            url,
        }
    }
}

/// Permanent, whatever the address of the site becomes.
fn feed_id(site: Uuid, folder: &str) -> String {
    Uuid::new_v5(&site, format!("feed:{folder}").as_bytes())
        .urn()
        .to_string()
}

/// The first words of a text, cut where a word ends.
fn start(text: &str) -> String {
    let Some((cut, _)) = text.char_indices().nth(TITLE_CHARS) else {
        return text.to_owned();
    };
    let short = &text[..cut];
    let end = short
        .rfind(char::is_whitespace)
        .filter(|end| *end > 0)
        .unwrap_or(cut);
    format!("{}…", short[..end].trim_end())
}

fn clean_author(author: &Author) -> Author {
    Author {
        name: clean::line(&author.name),
        url: author.url.as_deref().and_then(clean::web_url),
    }
}

/// Each category once, though it be written in two cases.
fn categories(names: &[String], site: &FeedSite) -> Vec<Category> {
    let mut seen = HashSet::new();
    let root = format!("{}/", Kind::Category.name());
    names
        .iter()
        .filter(|name| {
            let key = key(name);
            !key.is_empty() && seen.insert(key)
        })
        .map(|name| Category {
            name: clean::line(name),
            folder: site
                .slugs
                .get(Kind::Category, name)
                .filter(|_| site.feeds.by_category)
                .map(|slug| site.url(&format!("{root}{slug}/"))),
            scheme: site.url(&root),
        })
        .collect()
}

/// `None`: it has no address that a reader can fetch.
fn clean_image(image: &Image) -> Option<Image> {
    Some(Image {
        url: clean::web_url(&image.url)?,
        alt: clean::line(&image.alt),
        width: image.width.filter(|pixels| *pixels > 0),
        height: image.height.filter(|pixels| *pixels > 0),
        media_type: image.media_type.as_deref().and_then(clean::media_type),
        length: image.length.filter(|bytes| *bytes > 0),
    })
}

/// A file that an item offers.
pub(crate) struct Enclosed<'a> {
    pub url: &'a str,
    pub media_type: &'a str,
    pub length: Option<u64>,
    pub duration: Option<u32>,
}

/// What every format may offer as a file of its own: the recording, and the picture where its type and
/// true length are known.
pub(crate) fn enclosures(item: &Item) -> impl Iterator<Item = Enclosed<'_>> {
    let audio = item.audio.as_ref().map(|audio| Enclosed {
        url: &audio.url,
        media_type: &audio.media_type,
        length: audio.length,
        duration: audio.duration,
    });
    let picture = item.image.as_ref().and_then(|image| {
        Some(Enclosed {
            url: &image.url,
            media_type: image.media_type.as_deref()?,
            length: Some(image.length?),
            duration: None,
        })
    });
    audio.into_iter().chain(picture)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::tests::example::{NOW, article, at, site};

    #[test]
    fn what_was_imported_keeps_its_guid_against_what_is_new() {
        let with_guid = |id: &str, first_seen: i64, number: Option<i64>| {
            let mut stored = article(id, id);
            stored.article.guid = Some("12".to_owned());
            stored.first_seen = at(first_seen);
            stored.number = number;
            stored
        };
        let imported = with_guid("b", NOW - 86_400, None);
        let new = with_guid("a", NOW, Some(1));
        let shown = Shown {
            content: Content::Full,
            language: None,
        };
        let items = items(&[new, imported], &site(), &shown);
        assert_ne!(items[0].guid, "12");
        assert_eq!(items[1].guid, "12");
    }

    #[test]
    fn each_document_has_an_id_of_its_own() {
        let site = Uuid::NAMESPACE_URL;
        assert_ne!(feed_id(site, ""), feed_id(site, "category/a/"));
    }

    #[test]
    fn a_title_from_the_summary_ends_with_a_word() {
        assert_eq!(start("short"), "short");
        let long = "word ".repeat(30);
        assert_eq!(start(long.trim()), format!("{}…", "word ".repeat(16).trim()));
        assert_eq!(start(&"ä".repeat(100)).chars().count(), TITLE_CHARS + 1);
    }
}
