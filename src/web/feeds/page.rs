//! A feed for people: whoever opens its address in a browser is told what it is, how to follow it, and
//! what is new.
//!
//! Browsers alone say that a person is on the way to a document (`Sec-Fetch-Dest`, `Sec-Fetch-Mode`).
//! `Accept: text/html` says nothing: feed readers send that too.

use super::document::Document;
use crate::clock::{Instant, rfc3339};
use crate::config::{Config, Digest};
use crate::feeds::shown::{Shown, ShownItem, shown};
use crate::feeds::{Format, paths};
use crate::web::errors::Refusal;
use crate::web::pages;
use crate::web::state::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use chrono_tz::Tz;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;

const DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// So many items are shown.
const ITEMS: usize = 20;
/// And so many characters of what each is about.
const SUMMARY: usize = 280;

/// What stays as it is in a `mailto:`.
const IN_MAILTO: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@');

#[derive(Serialize)]
struct Item<'a> {
    title: &'a str,
    url: Option<&'a str>,
    language: &'a str,
    summary: &'a str,
    /// As machines read it, and as people do.
    published: Option<[String; 2]>,
}

/// Another form of the same feed.
#[derive(Serialize)]
struct Form {
    name: &'static str,
    url: String,
    current: bool,
}

/// What can be had by mail.
#[derive(Serialize)]
struct ByMail<'a> {
    title: &'a str,
    next: Option<[String; 2]>,
    mailto: Option<String>,
}

/// Whether a person has opened the address.
pub(super) fn is_asked(asked: &HeaderMap) -> bool {
    let says = |name: HeaderName, value: &str| asked.get(name).is_some_and(|said| said == value);
    says(DEST, "document") && says(MODE, "navigate")
}

/// The page of a feed. `None`: it is no feed, or not one that can be shown.
pub(super) async fn of(
    path: &str,
    document: &Arc<Document>,
    state: &State,
) -> Result<Option<Response>, Refusal> {
    let Some(format) = document.format else {
        return Ok(None);
    };
    let read = document.shown.get_or_try_init(async || {
        let document = document.clone();
        tokio::task::spawn_blocking(move || read(&document, format)).await
    });
    let Some(feed) = read.await.map_err(Refusal::failed)? else {
        return Ok(None);
    };
    let config = &state.config;
    let now = state.clock.now();
    let language = feed.language.as_deref().unwrap_or(&config.site.language);
    // Nobody follows a page of the archive, but the feed that it belongs to.
    let archived = paths::is_of_page(path);
    let followed = if archived { format.file_name() } else { path };
    let forms = forms(followed, state).await?;
    let context = json!({
        "title": feed.title,
        "description": feed.description,
        "language": language,
        "archived": archived,
        "url": address(config, followed),
        "format": name_of(format),
        "several": forms.len() > 1,
        "forms": forms,
        "list": list(state).await?,
        "items": items(feed, language, config.site.timezone),
        "more": feed.count.saturating_sub(feed.items.len()),
        "mail": config.digests.iter().map(|digest| by_mail(digest, now)).collect::<Vec<_>>(),
    });
    let mut answer = pages::page(&config.site, "feed", context);
    let headers = answer.headers_mut();
    // It is everybody's.
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    Ok(Some(answer))
}

/// As much of a document as the page has room for. Blocks.
fn read(document: &Document, format: Format) -> Option<Shown> {
    let mut feed = shown(format, document.text()?, ITEMS)?;
    for item in &mut feed.items {
        item.summary = shortened(&item.summary);
    }
    Some(feed)
}

/// Where a document is published.
fn address(config: &Config, path: &str) -> String {
    let url = config.feeds.url.join(path);
    url.map_or_else(|_| config.feeds.url.to_string(), |url| url.to_string())
}

fn name_of(format: Format) -> &'static str {
    match format {
        Format::Rss => "RSS",
        Format::Atom => "Atom",
        Format::Json => "JSON Feed",
        _ => "",
    }
}

/// The formats in which the same feed is published.
async fn forms(path: &str, state: &State) -> Result<Vec<Form>, Refusal> {
    let folder = path.rfind('/').map_or("", |end| &path[..=end]);
    let mut forms = Vec::new();
    for format in Format::OF_FEEDS {
        let other = format!("{folder}{}", format.file_name());
        let current = other == path;
        if current || state.store.is_published(&other).await.map_err(Refusal::store)? {
            forms.push(Form {
                name: name_of(format),
                url: address(&state.config, &other),
                current,
            });
        }
    }
    Ok(forms)
}

/// Where the list of all feeds is.
async fn list(state: &State) -> Result<Option<String>, Refusal> {
    let list = Format::Opml.file_name();
    let there = state.store.is_published(list).await.map_err(Refusal::store)?;
    Ok(there.then(|| address(&state.config, list)))
}

fn items<'a>(feed: &'a Shown, language: &'a str, timezone: Tz) -> Vec<Item<'a>> {
    let item = |item: &'a ShownItem| Item {
        title: &item.title,
        url: item.url.as_deref(),
        language: item.language.as_deref().unwrap_or(language),
        summary: &item.summary,
        published: item.published.map(|at| {
            [
                rfc3339(at),
                at.with_timezone(&timezone).format("%-d %B %Y").to_string(),
            ]
        }),
    };
    feed.items.iter().map(item).collect()
}

fn shortened(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(SUMMARY) {
        None => words,
        Some((cut, _)) => {
            let end = words[..cut].rfind(' ').unwrap_or(cut);
            format!("{}…", words[..end].trim_end())
        }
    }
}

fn by_mail(digest: &Digest, now: Instant) -> ByMail<'_> {
    let next = digest.schedule.next_after(now, digest.timezone).map(|at| {
        let local = at.with_timezone(&digest.timezone);
        let day = local.format("%A, %-d %B %Y, %H:%M");
        [rfc3339(at), format!("{day} ({})", digest.timezone)]
    });
    // Whoever reads answers to the mails can be asked; what sends them may read nothing.
    let mailto = digest.reply_to.as_ref().map(|mailbox| {
        let subject = format!("Subscribe: {}", digest.title);
        let subject = utf8_percent_encode(&subject, IN_MAILTO);
        let address = mailbox.address.to_string();
        format!(
            "mailto:{}?subject={subject}",
            utf8_percent_encode(&address, IN_MAILTO)
        )
    });
    ByMail {
        title: &digest.title,
        next,
        mailto,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_browsers_on_their_way_to_a_document_get_the_page() {
        let asked = |headers: &[(&'static str, &'static str)]| {
            let fields = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            is_asked(&fields.collect())
        };
        let (dest, mode) = (("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate"));
        assert!(asked(&[dest, mode]));
        assert!(!asked(&[]));
        assert!(!asked(&[dest]));
        assert!(!asked(&[mode]));
        assert!(!asked(&[("sec-fetch-dest", "empty"), mode]));
        assert!(!asked(&[("sec-fetch-dest", "iframe"), mode]));
        assert!(!asked(&[dest, ("sec-fetch-mode", "cors")]));
        assert!(!asked(&[("accept", "text/html"), ("user-agent", "Mozilla/5.0")]));
    }

    #[test]
    fn summaries_are_cut_where_a_word_ends() {
        assert_eq!(shortened(" a\n\nb "), "a b");
        let long = "word ".repeat(100);
        let short = shortened(&long);
        assert!(
            short.ends_with("word…") && short.chars().count() <= SUMMARY + 1,
            "{short}"
        );
        assert_eq!(shortened(&"ä".repeat(500)).chars().count(), SUMMARY + 1);
    }
}
