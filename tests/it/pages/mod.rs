//! Pages become articles: what each way of stating metadata says, which parts of a page are the
//! article, and what pages do that mean no good.

mod hostile;
mod metadata;
mod themes;

use tidings::articles::Article;
use tidings::config::{Site, SourceKind};
use tidings::problem::Problem;
use tidings::sources;

/// Three paragraphs that are an article for whoever weighs them.
const PROSE: &str = "<p>The ferry leaves at six, and whoever is late walks round the bay, which takes most of the morning and all of the patience one has.</p>\
    <p>Nobody minds the walk in May, when the gorse is out and the path is dry, but in January it is another matter, and the ferryman knows it.</p>\
    <p>So he waits, a minute or two, with his hand on the rope, and looks up the hill as if he were only looking at the weather.</p>";

/// Reads bytes as a page; its address is known from itself alone.
fn read(bytes: &[u8]) -> Result<(Article, Vec<Problem>), Problem> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("page.html");
    std::fs::write(&file, bytes).unwrap();
    let mut scan = sources::read_one(&file, SourceKind::Pages, &site(), None);
    match scan.failed.pop() {
        Some(failed) => Err(failed.problem),
        None => Ok((scan.articles.remove(0), scan.warnings)),
    }
}

fn article(html: &str) -> Article {
    read(html.as_bytes()).unwrap().0
}

/// A page of a head and a body.
fn page(head: &str, body: &str) -> String {
    format!("<!DOCTYPE html><html><head><meta charset=\"utf-8\">{head}</head><body>{body}</body></html>")
}

fn text(article: &Article) -> String {
    tidings::articles::text::with_captions(&article.content_html)
}

fn day(article: &Article) -> String {
    article
        .published
        .map(|date| date.at.to_rfc3339()[..10].to_owned())
        .unwrap_or_default()
}

fn names(article: &Article) -> Vec<&str> {
    article
        .authors
        .iter()
        .map(|author| author.name.as_str())
        .collect()
}

fn site() -> Site {
    Site {
        id: None,
        title: "Bay".to_owned(),
        url: url::Url::parse("https://bay.example/").unwrap(),
        description: String::new(),
        language: "en".to_owned(),
        timezone: chrono_tz::Tz::UTC,
        author: None,
        postal_address: None,
        logo: None,
    }
}
