//! One page: asked for hop by hop, and made an article where it is one.

use super::address::{clean, key, same_host};
use super::agent::Agent;
use super::list::Entry;
use super::marks::{self, Marks};
use super::memory::{Page, Verdict};
use crate::articles::text::one_line;
use crate::articles::{Article, Precision, Published, html};
use crate::clock::{Instant, from_seconds, retry_after};
use crate::config;
use crate::http::{Answer, Ask, End, Limits};
use crate::problem::Problem;
use crate::sources::dates::Reading;
use crate::sources::extract::{self, Extract};
use crate::sources::files::{File, MAX_BYTES};
use crate::sources::pages;
use crate::sources::past::Notes;
use crate::sources::place::Place;
use crate::sources::scan::guarded;
use dom_query::Document;
use std::cell::Cell;
use std::collections::HashSet;
use std::path::Path;
use url::Url;
use uuid::Uuid;

/// So many redirects are followed, each asked for like a page of its own.
const REDIRECTS: usize = 5;
const TYPES: &str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1";

/// What came of asking for a page.
#[derive(Debug)]
pub(super) enum Got {
    New(Box<Answer>),
    /// As it was.
    Same,
    /// It is not there; it may be again.
    Missing(String),
    Gone,
    /// It leads to another page, of this site or not.
    Elsewhere,
    /// robots.txt keeps us off.
    Forbidden,
    /// It is there, and cannot be taken.
    Bad(Problem),
    /// The server does not answer as it should.
    Silent(String),
    /// The server wants to be left alone.
    Peace(Option<Instant>),
}

/// Asks for a page. With `page` come the validators of its last answer.
pub(super) async fn fetch(
    agent: &mut Agent<'_>,
    source: &Url,
    entry: &Entry,
    page: Option<&Page>,
    notes: &mut Notes,
) -> Got {
    let mut url = entry.url.clone();
    let ask = Ask::Fetch {
        accept: TYPES,
        etag: page.and_then(|page| page.etag.as_deref()),
        last_modified: page.and_then(|page| page.last_modified.as_deref()),
    };
    let limits = Limits {
        body: MAX_BYTES as usize,
        redirects: 0,
    };
    for _ in 0..=REDIRECTS {
        match agent.robots(&url, notes).await {
            Ok(robots) if robots.allows(&url) => {}
            Ok(_) => return Got::Forbidden,
            Err(why) => return Got::Silent(why),
        }
        let answer = match agent.ask(&url, ask, limits).await {
            Ok(answer) => answer,
            Err(error) => return Got::Silent(error.to_string()),
        };
        if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
            return judge(answer, agent.web.now);
        }
        let target = answer.header("location").and_then(|to| url.join(to).ok());
        let Some(target) = target.and_then(clean) else {
            return Got::Missing("it redirects to nowhere".to_owned());
        };
        if !same_host(&target, source) && !same_host(&target, &entry.url) {
            return Got::Elsewhere;
        }
        if target.path() == "/" && entry.key != "/" && target.query().is_none() {
            return Got::Missing("it redirects to the home page".to_owned());
        }
        url = target;
    }
    Got::Missing("it redirects again and again".to_owned())
}

fn judge(answer: Answer, now: Instant) -> Got {
    match (answer.status, answer.end) {
        (304, _) => Got::Same,
        (200..=299, End::Whole) => Got::New(Box::new(answer)),
        (200..=299, End::Cut) => Got::Bad(
            Problem::error(
                "too-large",
                format!("the page has more than {} MiB", MAX_BYTES >> 20),
            )
            .file(Path::new(answer.url.as_str()))
            .hint("leave it out with `exclude`; what is known of it stays"),
        ),
        (200..=299, End::Broken) => Got::Silent("the answer broke off".to_owned()),
        (410, _) => Got::Gone,
        (429 | 503, _) => {
            let until = answer
                .header("retry-after")
                .and_then(|text| retry_after(text, now));
            Got::Peace(until)
        }
        (status @ 500.., _) => Got::Silent(format!("it answers {status}")),
        (status, _) => Got::Missing(format!("it answers {status}")),
    }
}

/// What all pages of a reading have in common.
pub(super) struct Around {
    pub(super) site: config::Site,
    pub(super) site_id: Uuid,
    pub(super) source: config::Source,
    /// The source's URL.
    pub(super) home: Url,
    /// The keys of all pages that are listed.
    pub(super) listed: HashSet<String>,
    /// Whether the operator said which pages are articles.
    pub(super) narrow: bool,
}

/// What a page is.
#[derive(Debug)]
pub(super) enum Made {
    Article {
        article: Box<Article>,
        warnings: Vec<Problem>,
        /// The key of the page that it says it is, where no such page is listed.
        is: Option<String>,
        /// What stands in for its date.
        dated: Option<i64>,
    },
    Not(Verdict),
    /// It says that there is nothing, though not by its status.
    Missing(String),
}

/// Makes an article of a page, where it is one. Blocks: parsing takes time.
///
/// # Errors
/// It is a page that cannot be taken apart.
pub(super) fn make(answer: &Answer, entry: &Entry, page: &Page, around: &Around) -> Result<Made, Problem> {
    let media = answer
        .header("content-type")
        .unwrap_or("text/html")
        .to_ascii_lowercase();
    if !media.contains("html") {
        return Ok(Made::Not(Verdict::Other));
    }
    if answer.header("x-robots-tag").is_some_and(marks::header_noindex) {
        return Ok(Made::Not(Verdict::Noindex));
    }
    let path = Path::new(answer.url.as_str());
    guarded(path, || {
        let reading = Reading::new(around.site.timezone, &around.site.language);
        let charset = media
            .split_once("charset=")
            .map(|(_, label)| label.trim_matches(['"', '\'', ' ']));
        let url = Some(&answer.url);
        let extract = pages::read(
            &answer.body,
            path,
            url,
            &around.site.url,
            reading,
            charset,
            |_| None,
        )?;
        // It could be parsed once, so it can be parsed again. Its marks are ASCII.
        let marks = marks::read(&Document::from(String::from_utf8_lossy(&answer.body).as_ref()));
        let place = match whereabouts(&marks, &answer.url, entry, around) {
            Some(place) => place,
            None => return Ok(Made::Not(Verdict::Elsewhere)),
        };
        match verdict(&marks, &extract, entry, around.narrow) {
            Some(Verdict::Article) => article(extract, place, entry, page, around, reading),
            Some(verdict) => Ok(Made::Not(verdict)),
            None => Ok(Made::Missing("its title says that there is nothing".to_owned())),
        }
    })
}

/// `None`: it says that there is nothing.
fn verdict(marks: &Marks, extract: &Extract, entry: &Entry, narrow: bool) -> Option<Verdict> {
    let dated = extract.published.is_some() || entry.news.is_some();
    let says_so = marks.article && !(entry.plain && marks.website);
    Some(match () {
        () if marks.noindex => Verdict::Noindex,
        () if !marks.article && extract.title.as_deref().is_some_and(marks::is_not_found) => return None,
        () if says_so => Verdict::Article,
        () if marks.other => Verdict::Other,
        () if narrow => Verdict::Article,
        () if entry.plain || !dated => Verdict::Other,
        () => Verdict::Article,
    })
}

/// The article's URL and, where it is another page's, that page's key. `None`: the page says that it is
/// another one, which is listed itself or belongs to another site.
fn whereabouts(marks: &Marks, url: &Url, entry: &Entry, around: &Around) -> Option<(Url, Option<String>)> {
    let of = |url: &Url| {
        let home = [&around.home, &around.site.url]
            .into_iter()
            .find(|home| same_host(url, home));
        home.map(|home| key(url, home))
    };
    let stated = marks
        .canonical
        .as_deref()
        .and_then(|href| html::absolute(href, url));
    let stated = stated.and_then(|href| clean(Url::parse(&href).ok()?));
    let place = match stated {
        // All pages of a site that say they are its home page are mistaken.
        Some(stated) if of(&stated).as_deref() == Some("/") && entry.key != "/" => url.clone(),
        Some(stated) => stated,
        None => url.clone(),
    };
    let own = key(url, &around.home);
    match of(&place).unwrap_or_else(|| key(&place, &around.home)) {
        is if is == entry.key => Some((place, None)),
        is if around.listed.contains(&is) => None,
        is if is == own || !is.starts_with("//") => Some((place, Some(is))),
        _ => None,
    }
}

fn article(
    mut extract: Extract,
    (url, is): (Url, Option<String>),
    entry: &Entry,
    page: &Page,
    around: &Around,
    reading: Reading,
) -> Result<Made, Problem> {
    let news = entry.news.as_deref();
    if extract.title.is_none() {
        extract.title = news.and_then(|news| news.title.as_deref()).map(one_line);
    }
    if extract.categories.is_empty() {
        extract.categories = news.map(|news| news.keywords.clone()).unwrap_or_default();
    }
    extract.language = extract.language.or_else(|| news?.language.clone());
    extract.image = extract
        .image
        .or_else(|| Some((entry.image.clone()?, String::new())));
    let of_news = news.and_then(|news| super::document::instant(news.published.as_deref()?, reading));
    extract.published = extract.published.or(of_news);
    let mut dated = None;
    if extract.published.is_none() {
        // What stands in for a date is the same for ever, however often the page is edited.
        let listed = || entry.date.map(|date| date.at.timestamp());
        dated = page.dated.or_else(listed);
        extract.published = dated.map(|at| Published {
            at: from_seconds(at),
            precision: Precision::Second,
        });
    }
    let file = File {
        name: entry.key.clone(),
        path: url.as_str().into(),
    };
    let place = Place {
        site: &around.site,
        site_id: around.site_id,
        source: &around.source,
        file: &file,
        hidden: &[],
        folders: None,
        url: Some(&url),
        looked_elsewhere: &Cell::new(false),
    };
    let (article, warnings) = extract::article(extract, &place)?;
    Ok(Made::Article {
        article: Box::new(article),
        warnings,
        is,
        dated,
    })
}
