//! What templates see: the context of one edition, for all its readers and for one of them.
//!
//! Every field is there in every edition; what is not known is null, so that `{{#if image}}` works
//! and a misspelt field is an error. Text that came from articles is on one line where it is meant
//! for one. `docs/mail.md` lists the fields, and a test holds the two together.

use super::facts::EditionFacts;
use super::pieces::{Reader, html_escape};
use super::words::{one_line, reading_minutes};
use crate::articles::state::Stored;
use crate::articles::{Audio, Author, Image, text};
use crate::clock::{self, Instant};
use crate::config;
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

/// No list in a context is longer: `each` has an end.
pub(super) const LONGEST_LIST: usize = 100;
/// Of one article's content, in bytes; the rest is behind its link.
pub(super) const LONGEST_CONTENT: usize = 48 * 1024;
/// Elements within elements; content nested deeper is given as its text alone.
const DEEPEST_CONTENT: usize = 100;
const SUMMARY: usize = 280;

#[derive(Debug, Serialize)]
struct Site<'a> {
    title: String,
    url: &'a str,
    description: String,
    language: &'a str,
    logo: Option<&'a str>,
    postal_address: Option<String>,
}

#[derive(Debug, Serialize)]
struct Edition<'a> {
    number: i64,
    name: &'a str,
    date: String,
    period_from: Option<String>,
    period_to: String,
    timezone: &'a str,
    language: &'a str,
    /// `ltr` or `rtl`
    direction: &'static str,
    /// Where it is to be seen in a browser; null there, and where it is not.
    view_url: Option<String>,
    /// All articles of the edition, shown or not.
    count: usize,
    /// All but the first.
    others: usize,
}

/// One article as templates see it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Item {
    pub title: String,
    pub url: String,
    pub published: String,
    /// Only where it differs from `published`.
    pub updated: Option<String>,
    pub authors: Vec<Author>,
    /// The names in one text.
    pub author_names: String,
    pub categories: Vec<String>,
    pub summary: String,
    pub content_html: String,
    pub content_text: String,
    /// Whether the content was too long for a mail and ends early.
    pub content_cut: bool,
    pub image: Option<Value>,
    pub audio: Option<Value>,
    pub reading_minutes: u64,
    pub comment_count: Option<u32>,
    pub language: String,
    /// `ltr` or `rtl`
    pub direction: &'static str,
}

/// The articles of an edition in the form of templates, made once.
pub(super) struct Items {
    pub(super) articles: Vec<Item>,
    pub(super) headlines: Vec<Item>,
}

impl Items {
    pub(super) fn new(edition: &EditionFacts, articles: &[Stored], headlines: &[Stored]) -> Items {
        let items = |list: &[Stored]| list.iter().map(|stored| item(edition, stored)).collect();
        Items {
            articles: items(articles),
            headlines: items(headlines),
        }
    }
}

/// How much of an edition a mail shows. What does not fit becomes a headline, then a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) articles: usize,
    pub(super) headlines: usize,
    /// Of each article's content, in bytes.
    pub(super) content: usize,
}

/// The context of an edition without its reader.
pub(super) fn of_edition(edition: &EditionFacts, items: &Items, shown: Shown) -> Value {
    let site = edition.site;
    let count = items.articles.len() + items.headlines.len();
    let mut articles: Vec<Item> = items.articles.iter().take(shown.articles).cloned().collect();
    for article in &mut articles {
        limit_content(article, shown.content);
    }
    let rest = items.articles.iter().skip(shown.articles).chain(&items.headlines);
    let headlines: Vec<Item> = rest.take(shown.headlines).map(headline).collect();
    let more = count - articles.len() - headlines.len();
    json!({
        "site": Site {
            title: one_line(&site.title),
            url: site.url.as_str(),
            description: one_line(&site.description),
            language: &site.language,
            logo: site.logo.as_ref().map(Url::as_str),
            postal_address: site.postal_address.as_deref().map(postal_line),
        },
        "digest": { "name": edition.digest.name, "title": one_line(&edition.digest.title) },
        "edition": Edition {
            number: edition.number,
            name: edition.name,
            date: clock::rfc3339(edition.starts),
            period_from: edition.period_from.map(clock::rfc3339),
            period_to: clock::rfc3339(edition.period_to),
            timezone: edition.digest.timezone.name(),
            language: edition.language(),
            direction: direction(edition.language()),
            view_url: Some(edition.view_url()),
            count,
            others: count.saturating_sub(1),
        },
        "articles": articles,
        "headlines": headlines,
        "more": more,
        "feeds": edition.feeds,
    })
}

/// Makes it the context of a page that everybody may see: nobody's name, nobody's links.
pub(super) fn set_nobody(context: &mut Value) {
    context["edition"]["view_url"] = Value::Null;
    context["reader"] = json!({ "name": null, "preferences_url": null, "unsubscribe_url": null });
}

/// Puts a reader into a context.
pub(super) fn set_reader(context: &mut Value, reader: &Reader) {
    context["reader"] = json!({
        "name": reader.name,
        "preferences_url": reader.preferences_url,
        "unsubscribe_url": reader.unsubscribe_url,
    });
}

fn direction(language: &str) -> &'static str {
    let tag = language
        .split('-')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match tag.as_str() {
        "ar" | "ckb" | "dv" | "fa" | "he" | "ps" | "sd" | "ug" | "ur" | "yi" => "rtl",
        _ => "ltr",
    }
}

fn headline(item: &Item) -> Item {
    Item {
        content_html: String::new(),
        content_text: String::new(),
        content_cut: true,
        ..item.clone()
    }
}

fn item(edition: &EditionFacts, stored: &Stored) -> Item {
    let article = &stored.article;
    let site: &config::Site = edition.site;
    let published = stored.published();
    let content_text = text::with_captions(&article.content_html);
    let authors = authors(&article.authors, site);
    let summary = one_line(&article.summary);
    let language = article.language.as_deref().unwrap_or(edition.language());
    Item {
        title: or(one_line(&article.title), &article.url),
        url: web_url(&article.url).unwrap_or(site.url.as_str()).to_owned(),
        published: clock::rfc3339(published),
        updated: later(article.updated, published),
        author_names: authors
            .iter()
            .map(|a| a.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        authors,
        categories: article
            .categories
            .iter()
            .take(LONGEST_LIST)
            .map(|name| one_line(name))
            .collect(),
        summary: or(summary, &text::first_words(&one_line(&content_text), SUMMARY)),
        reading_minutes: reading_minutes(&content_text),
        content_html: article.content_html.clone(),
        content_text,
        content_cut: false,
        image: article.image.as_ref().and_then(image),
        audio: article.audio.as_ref().and_then(audio),
        comment_count: article.comment_count,
        language: language.to_owned(),
        direction: direction(language),
    }
}

fn or(text: String, instead: &str) -> String {
    if text.is_empty() { instead.to_owned() } else { text }
}

fn later(updated: Option<Instant>, published: Instant) -> Option<String> {
    updated.filter(|updated| *updated > published).map(clock::rfc3339)
}

fn authors(stated: &[Author], site: &config::Site) -> Vec<Author> {
    let own = site.author.iter().map(|name| Author {
        name: name.clone(),
        url: None,
    });
    let authors: Vec<Author> = if stated.is_empty() {
        own.collect()
    } else {
        stated.to_vec()
    };
    let clean = |author: Author| Author {
        name: one_line(&author.name),
        url: author.url.filter(|url| web_url(url).is_some()),
    };
    authors.into_iter().take(LONGEST_LIST).map(clean).collect()
}

fn image(image: &Image) -> Option<Value> {
    let url = web_url(&image.url)?;
    Some(json!({
        "url": url,
        "alt": one_line(&image.alt),
        "width": image.width,
        "height": image.height,
    }))
}

fn audio(audio: &Audio) -> Option<Value> {
    let minutes = audio.duration.map(|seconds| seconds.div_ceil(60));
    Some(json!({"url": web_url(&audio.url)?, "minutes": minutes}))
}

/// Links in mails lead to the web and nowhere else, whatever an article says.
fn web_url(url: &str) -> Option<&str> {
    let parsed = Url::parse(url).ok()?;
    let clean = !url.chars().any(|c| c.is_control() || c.is_whitespace());
    (clean && matches!(parsed.scheme(), "http" | "https")).then_some(url)
}

fn postal_line(address: &str) -> String {
    let lines = address
        .lines()
        .map(|line| one_line(line.trim().trim_end_matches(',')));
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Cuts content at the end of an element, and gives content that is nested too deeply for mail
/// programs as its text.
fn limit_content(item: &mut Item, limit: usize) {
    if nesting(&item.content_html) > DEEPEST_CONTENT {
        let paragraphs = item
            .content_text
            .split("\n\n")
            .map(|p| format!("<p>{}</p>", html_escape(p)));
        item.content_html = paragraphs.collect();
    }
    if item.content_html.len() > limit {
        item.content_html = cut_html(&item.content_html, limit);
        item.content_cut = true;
    }
    if item.content_text.len() > limit {
        let end = item.content_text.floor_char_boundary(limit);
        let kept = item.content_text[..end].rfind("\n\n").unwrap_or(0);
        item.content_text.truncate(kept);
        item.content_cut = true;
    }
}

/// An upper bound of how deep elements stand within one another.
fn nesting(html: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for (at, _) in html.match_indices('<') {
        if html[at + 1..].starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !["br", "img", "hr", "wbr", "col", "source", "!"]
            .iter()
            .any(|void| html[at + 1..].starts_with(void))
        {
            depth += 1;
            deepest = deepest.max(depth);
        }
    }
    deepest
}

fn cut_html(html: &str, limit: usize) -> String {
    let end = html.floor_char_boundary(limit);
    let blocks = [
        "</p>",
        "</ul>",
        "</ol>",
        "</blockquote>",
        "</pre>",
        "</table>",
        "</figure>",
        "</h2>",
        "</h3>",
    ];
    let at = blocks
        .iter()
        .filter_map(|tag| html[..end].rfind(tag).map(|at| at + tag.len()))
        .max();
    let Some(at) = at else {
        return String::new();
    };
    // What is still open is closed by the parser.
    dom_query::Document::fragment(&html[..at])
        .html_root()
        .inner_html()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_on_one_line() {
        assert_eq!(
            postal_line("Mag,\n 1 High Street\r\n\nTown"),
            "Mag, 1 High Street, Town"
        );
    }

    #[test]
    fn links_lead_to_the_web_only() {
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "/relative",
            "https://a.example/x y",
            "ftp://a.example/",
        ] {
            assert_eq!(web_url(bad), None, "{bad}");
        }
        assert_eq!(
            web_url("https://a.example/ü?a=1&b=2"),
            Some("https://a.example/ü?a=1&b=2")
        );
    }

    #[test]
    fn content_is_cut_between_elements() {
        let html = "<div><p>one</p><ul><li>two</li></ul><p>three</p></div>";
        assert_eq!(cut_html(html, 40), "<div><p>one</p><ul><li>two</li></ul></div>");
        assert_eq!(cut_html("<p>long</p>", 5), "");
    }

    #[test]
    fn deep_content_becomes_text() {
        assert_eq!(nesting("<p>a<br>b</p><p>c<img src=x></p>"), 1);
        assert_eq!(nesting(&"<div>".repeat(500)), 500);
    }
}
