//! The feeds of comments: one of the whole site's, and one for each article that has any.

use super::document::{Document, Format};
use super::model::{Feed, Item};
use super::moments::Moments;
use super::names::Names;
use super::site::FeedSite;
use super::{clean, paths, writers};
use crate::articles::Comment;
use crate::articles::state::Stored;
use crate::hash::sha256;
use crate::problem::Problem;
use quick_xml::escape::partial_escape;
use std::cmp::Reverse;
use std::collections::HashSet;
use uuid::Uuid;

/// Who wrote a comment that names nobody: else the site's author would be taken for it.
const NOBODY: &str = "Anonymous";

/// What makes the feed of an article's comments another one: the article's hash, and the site.
#[must_use]
pub fn version(hash: &str, site: &FeedSite) -> String {
    let (of, feeds) = (&site.site, &site.feeds);
    let parts = [
        hash,
        &of.title,
        of.url.as_str(),
        &of.description,
        &of.language,
        of.author.as_deref().unwrap_or_default(),
        of.logo.as_ref().map_or("", url::Url::as_str),
        feeds.url.as_str(),
        &feeds.items.to_string(),
    ];
    sha256(parts.join("\0").as_bytes())
}

/// What the feed of the site's comments is called.
pub(crate) fn title(site: &FeedSite) -> String {
    format!("{}: comments", clean::line(&site.site.title))
}

/// The newest comments of articles, at most as many as the feeds' items.
///
/// # Errors
/// `feed-unrenderable`
pub fn of_site(articles: &[Stored], site: &FeedSite) -> Result<Vec<Document>, Problem> {
    let title = title(site);
    let items = articles.iter().flat_map(|stored| items(stored, site)).collect();
    documents(paths::COMMENTS, &title, None, items, site)
}

/// The comments of an article, with that version as their hash: so nobody has to make the documents to
/// see that they are as before.
///
/// # Errors
/// `feed-unrenderable`
pub fn of_article(stored: &Stored, site: &FeedSite, version: &str) -> Result<Vec<Document>, Problem> {
    let article = &stored.article;
    let title = format!("{}: comments", article.title);
    let home = clean::web_url(&article.url);
    let made = documents(
        &paths::comments_on(&article.id),
        &title,
        home,
        items(stored, site),
        site,
    )?;
    Ok(made
        .into_iter()
        .map(|document| document.of_version(version))
        .collect())
}

fn documents(
    folder: &str,
    title: &str,
    home: Option<String>,
    mut items: Vec<Item>,
    site: &FeedSite,
) -> Result<Vec<Document>, Problem> {
    items.sort_by(|a, b| {
        Reverse(a.published)
            .cmp(&Reverse(b.published))
            .then_with(|| a.id.cmp(&b.id))
    });
    items.truncate(site.feeds.items);
    let mut moments = Moments::default();
    for item in items.iter_mut().rev() {
        item.updated = moments.of(item.updated, &item.id);
    }
    let feed = Feed::without_items(folder, title, site);
    let feed = Feed {
        // A hub is told of articles alone.
        hubs: Vec::new(),
        cloud: None,
        home: home.unwrap_or(feed.home),
        items,
        ..feed
    };
    writers::documents(&feed, folder, &Format::OF_COMMENTS, site)
}

fn items(stored: &Stored, site: &FeedSite) -> Vec<Item> {
    let mut ids = HashSet::new();
    let comments = stored.article.comments.iter();
    comments
        .filter_map(|comment| item(comment, stored, site))
        .filter(|item| ids.insert(item.id.clone()))
        .collect()
}

/// A comment; `None`: it says nothing.
fn item(comment: &Comment, stored: &Stored, site: &FeedSite) -> Option<Item> {
    let article = &stored.article;
    let text = clean::text(&comment.text).trim().to_owned();
    if text.is_empty() {
        return None;
    }
    let author = clean::line(&comment.author);
    let published = clean::instant(comment.published.unwrap_or_else(|| stored.published()));
    let at = published.to_rfc3339();
    let what = [article.id.as_str(), &author, &at, &text].join("\0");
    let id = Uuid::new_v5(&site.id, format!("comment:{what}").as_bytes());
    let url = clean::web_url(&article.url);
    Some(Item {
        id: id.urn().to_string(),
        guid: id.urn().to_string(),
        title: format!("Re: {}", clean::line(&article.title)),
        authors: vec![crate::articles::Author {
            name: if author.is_empty() {
                NOBODY.to_owned()
            } else {
                author
            },
            url: None,
        }],
        categories: Vec::new(),
        language: None,
        published,
        updated: published,
        html: Some(paragraphs(&text)),
        summary: text,
        image: None,
        audio: None,
        comments: None,
        replies: None,
        in_reply_to: Some((Names::default().of(article, site.id).id, url.clone())),
        url,
    })
}

/// Plain text as HTML: an empty line ends a paragraph.
fn paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    let html = paragraphs.map(|part| format!("<p>{}</p>", partial_escape(part).replace('\n', "<br>\n")));
    html.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::tests::example::{NOW, article, at, site};

    fn commented() -> Stored {
        let comment = |author: &str, at_hour: Option<i64>, text: &str| Comment {
            author: author.to_owned(),
            published: at_hour.map(|hours| at(NOW + hours * 3600)),
            text: text.to_owned(),
        };
        let mut stored = article("a", "Of <eels> & others");
        stored.article.comments = vec![
            comment("Bo <Deck>", Some(1), "I saw one.\n\nReally & <b>truly</b>\u{1}!"),
            comment("", None, "No name, no date."),
            comment("Cy", Some(2), "Third."),
            comment("Cy", Some(2), "Third."),
            comment("Nobody", Some(3), " \n"),
        ];
        stored
    }

    #[test]
    fn how_they_look() {
        let made = of_article(&commented(), &site(), "v").unwrap();
        let [rss, atom] = [0, 1].map(|n| String::from_utf8(made[n].clone().at(at(NOW))).unwrap());
        insta::assert_snapshot!("comments_rss", rss);
        insta::assert_snapshot!("comments_atom", atom);
        for text in [&rss, &atom] {
            roxmltree::Document::parse(text).unwrap();
        }
        assert!(
            made.iter()
                .all(|document| document.hash == "v" && !paths::is_followed(&document.path))
        );
    }

    #[test]
    fn the_site_has_the_newest_of_all() {
        let mut site = site();
        site.feeds.items = 2;
        let mut other = commented();
        other.article.id = "b".to_owned();
        let made = of_site(&[commented(), other], &site).unwrap();
        let rss = String::from_utf8(made[0].clone().at(at(NOW))).unwrap();
        assert_eq!(rss.matches("<item>").count(), 2);
        assert_eq!(rss.matches("<![CDATA[Third.]]></description>").count(), 2);
        assert!(rss.contains("<title>Tidewater: comments</title>"));
    }
}
