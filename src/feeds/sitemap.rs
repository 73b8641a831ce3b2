//! The sitemap of all articles (sitemaps.org 0.9), and the news sitemap of those of the last two days.

use super::clean;
use super::document::{Document, Format};
use super::site::FeedSite;
use crate::articles::card::Card;
use crate::clock::{Instant, rfc3339};
use quick_xml::escape::escape;
use std::time::Duration;
use url::Url;

/// A file may hold 50,000 addresses and 50 MB: with addresses of at most [`LONGEST`] it holds both.
const A_FILE: usize = 20_000;
/// Longer addresses are not allowed.
const LONGEST: usize = 2048;
/// How many articles a news sitemap may hold, and for how long.
const NEWS: usize = 1000;
const IS_NEWS: Duration = Duration::from_secs(2 * 86_400);

const SITEMAP: &str = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";
const WITH_NEWS: &str = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\"";

/// The sitemap, in several files with an index where there are many articles, and the news sitemap. Only
/// articles of the site itself stand there, for nobody believes a sitemap of another's pages.
pub(crate) fn documents(cards: &[Card], site: &FeedSite, now: Instant) -> Vec<Document> {
    let own: Vec<(String, &Card)> = cards
        .iter()
        .filter_map(|card| Some((own_url(card, site)?, card)))
        .collect();
    let mut documents = sitemap(&own, site);
    documents.push(news(&own, site, now));
    documents
}

fn own_url(card: &Card, site: &FeedSite) -> Option<String> {
    let url = clean::web_url(&card.url)?;
    let is_own = Url::parse(&url).is_ok_and(|url| url.origin() == site.site.url.origin());
    (is_own && url.len() < LONGEST).then_some(url)
}

/// Oldest first, so that what is new changes the last file alone.
fn sitemap(own: &[(String, &Card)], site: &FeedSite) -> Vec<Document> {
    let files: Vec<String> = own
        .rchunks(A_FILE)
        .map(|some| set(SITEMAP, some.iter().rev().map(entry)))
        .collect();
    match files.len() {
        0 => vec![document(
            "sitemap.xml".to_owned(),
            set(SITEMAP, std::iter::empty()),
            site,
        )],
        1 => files
            .into_iter()
            .map(|text| document("sitemap.xml".to_owned(), text, site))
            .collect(),
        _ => {
            let named = files.into_iter().enumerate();
            let files: Vec<Document> = named
                .map(|(n, text)| document(format!("sitemap-{}.xml", n + 1), text, site))
                .collect();
            let index = index(&files, own);
            std::iter::once(document("sitemap.xml".to_owned(), index, site))
                .chain(files)
                .collect()
        }
    }
}

fn index(files: &[Document], own: &[(String, &Card)]) -> String {
    let newest = |some: &[(String, &Card)]| some.iter().map(|(_, card)| card.modified).max();
    let parts = files.iter().zip(own.rchunks(A_FILE).map(newest));
    let entries = parts.map(|(file, newest)| {
        let modified = newest
            .map(|at| format!("<lastmod>{}</lastmod>", instant(at)))
            .unwrap_or_default();
        format!(
            "  <sitemap><loc>{}</loc>{modified}</sitemap>\n",
            escape(file.self_url.as_str())
        )
    });
    let entries: String = entries.collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<sitemapindex {SITEMAP}>\n{entries}</sitemapindex>\n"
    )
}

fn entry((url, card): &(String, &Card)) -> String {
    let (url, modified) = (escape(url.as_str()), instant(card.modified));
    format!("  <url><loc>{url}</loc><lastmod>{modified}</lastmod></url>\n")
}

fn news(own: &[(String, &Card)], site: &FeedSite, now: Instant) -> Document {
    let name = clean::line(&site.site.title);
    let language = clean::language(&site.site.language).unwrap_or_else(|| "en".to_owned());
    let language = language_of_news(&language);
    let is_news = |card: &Card| card.published + IS_NEWS > now;
    let newest = own.iter().take_while(|(_, card)| is_news(card)).take(NEWS);
    let entries = newest.filter(|(_, card)| !clean::line(&card.title).is_empty()).map(|(url, card)| {
        let title = clean::line(&card.title);
        format!(
            "  <url>\n    <loc>{}</loc>\n    <news:news>\n      <news:publication>\n        <news:name>{}</news:name>\n        \
             <news:language>{}</news:language>\n      </news:publication>\n      \
             <news:publication_date>{}</news:publication_date>\n      <news:title>{}</news:title>\n    \
             </news:news>\n  </url>\n",
            escape(url.as_str()),
            escape(name.as_str()),
            escape(language.as_str()),
            instant(card.published),
            escape(title.as_str()),
        )
    });
    document("news-sitemap.xml".to_owned(), set(WITH_NEWS, entries), site)
}

/// ISO 639 without regions, but for the two ways of writing Chinese.
fn language_of_news(language: &str) -> String {
    let lower = language.to_ascii_lowercase();
    let is_traditional = ["zh-tw", "zh-hk", "zh-mo", "zh-hant"]
        .iter()
        .any(|start| lower.starts_with(start));
    match lower.split('-').next().unwrap_or_default() {
        "zh" if is_traditional => "zh-tw".to_owned(),
        "zh" => "zh-cn".to_owned(),
        primary => primary.to_owned(),
    }
}

fn set(namespaces: &str, entries: impl Iterator<Item = String>) -> String {
    let entries: String = entries.collect();
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset {namespaces}>\n{entries}</urlset>\n")
}

fn instant(at: Instant) -> String {
    rfc3339(clean::instant(at))
}

fn document(path: String, text: String, site: &FeedSite) -> Document {
    let url = site.url(&path);
    Document::new(path, Format::Sitemap, url, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::tests::example::{NOW, at, card, site};

    fn texts(cards: &[Card]) -> Vec<(String, String)> {
        let made = documents(cards, &site(), at(NOW));
        let text = |document: &Document| String::from_utf8(document.clone().at(at(NOW))).unwrap();
        made.iter()
            .map(|document| (document.path.clone(), text(document)))
            .collect()
    }

    fn own(n: i64) -> Card {
        Card {
            url: format!("https://tidewater.example/{n}?a=1&b=<2>"),
            title: format!("Eels & <others> {n}"),
            ..card(&n.to_string(), NOW - n * 3600, &[], &[])
        }
    }

    #[test]
    fn how_they_look() {
        let mut cards = vec![own(1), own(50)];
        cards[1].modified = at(NOW - 60);
        cards.push(Card {
            url: "https://elsewhere.example/".to_owned(),
            ..own(60)
        });
        let all = texts(&cards);
        insta::assert_snapshot!("sitemap", all[0].1);
        insta::assert_snapshot!("news_sitemap", all[1].1);
        assert_eq!(all.len(), 2);
    }

    #[test]
    fn many_articles_are_in_several_files() {
        let cards: Vec<Card> = (0..45_001).map(own).collect();
        let all = texts(&cards);
        let names: Vec<_> = all.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            names,
            [
                "sitemap.xml",
                "sitemap-1.xml",
                "sitemap-2.xml",
                "sitemap-3.xml",
                "news-sitemap.xml"
            ]
        );
        let counts: Vec<_> = all
            .iter()
            .map(|(_, text)| text.matches("<loc>").count())
            .collect();
        assert_eq!(counts, [3, 20_000, 20_000, 5_001, 48]);
        for (path, text) in &all {
            roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        }
        assert!(all[1].1.contains("/45000?"), "the oldest in the first");
    }

    #[test]
    fn a_site_without_articles_has_a_sitemap() {
        assert_eq!(texts(&[]).len(), 2);
    }
}
