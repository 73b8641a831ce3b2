//! What the fuzz targets share: how bytes are read, and what must hold of whatever comes of them.

mod allowed;

use allowed::{http, plain, whole_line};
use std::path::Path;
use tidings::articles::{Article, text};
use tidings::config::{Site, SourceKind};
use tidings::problem::Problem;
use tidings::sources::{self, seeded_bugs};
use url::Url;

/// Crates that are known to panic, and are only called where that ends one thing by its name.
const KNOWN_TO_PANIC: &[&str] = &["/feed-rs-"];

/// How much longer the content may be than what it was made from, and by how much at least: addresses
/// become absolute, characters become references, a definition is used again and again.
const GROWTH: usize = 64;
const GROWTH_AT_LEAST: usize = 256 * 1024;

/// Once, before anything is read: bugs on purpose are woken where the environment says so, and a panic
/// ends the process, unless it is one of [`KNOWN_TO_PANIC`].
pub fn begin() {
    if std::env::var_os("TIDINGS_SEEDED_BUGS").is_some() {
        seeded_bugs::arm();
    }
    let end = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let known = |file: &str| KNOWN_TO_PANIC.iter().any(|name| file.contains(name));
        if !info.location().is_some_and(|place| known(place.file())) {
            end(info);
        }
    }));
}

/// Reads the bytes as a source would, and holds what comes of them against what is promised.
pub fn read(kind: SourceKind, name: &str, bytes: &[u8]) {
    let site = site();
    let reading = || sources::read_bytes(bytes, name, Path::new(name), kind, &site, None);
    let scan = reading();
    scan.articles
        .iter()
        .for_each(|article| good(article, bytes.len()));
    scan.warnings.iter().for_each(clear);
    scan.failed.iter().for_each(|failed| clear(&failed.problem));
    // An article that reads differently each time would be new in every pass.
    if bytes.len().is_multiple_of(8) {
        assert_eq!(
            scan.articles,
            reading().articles,
            "a second reading gives something else"
        );
    }
}

fn site() -> Site {
    Site {
        title: "Site".to_owned(),
        url: Url::parse("https://example.org/").expect("an address"),
        timezone: chrono_tz::Tz::Europe__Vienna,
        ..Site::nowhere().expect("an address")
    }
}

/// What everything behind the sources relies on.
fn good(article: &Article, bytes: usize) {
    whole_line("id", &article.id, 500);
    assert!(!article.id.is_empty(), "an article without an id");
    whole_line("title", &article.title, 500);
    assert!(!article.title.is_empty(), "an article without a title");
    whole_line("summary", &article.summary, 5_000);
    http("url", &article.url);
    assert!(article.authors.len() <= 100, "{} authors", article.authors.len());
    for author in &article.authors {
        whole_line("author", &author.name, 200);
        if let Some(url) = &author.url {
            allowed::address("author's url", url);
        }
    }
    assert!(
        article.categories.len() <= 100,
        "{} categories",
        article.categories.len()
    );
    for category in &article.categories {
        whole_line("category", category, 200);
    }
    if let Some(language) = &article.language {
        assert!(
            language.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
            "language {language:?}"
        );
    }
    if let Some(image) = &article.image {
        http("image", &image.url);
        whole_line("image's description", &image.alt, usize::MAX);
    }
    for comment in &article.comments {
        whole_line("comment's author", &comment.author, usize::MAX);
        plain("comment", &comment.text);
    }
    if let (Some(published), Some(updated)) = (article.published, article.updated) {
        assert!(published.at <= updated, "updated before it was published");
    }
    allowed::html(&article.content_html);
    plain("text", &text::from_html(&article.content_html));
    let most = GROWTH_AT_LEAST + GROWTH * bytes;
    assert!(
        article.content_html.len() <= most,
        "the content is {} bytes",
        article.content_html.len()
    );
}

/// A problem names its file, says what to do, and stays on its line of a terminal.
fn clear(problem: &Problem) {
    let said = problem.to_string();
    assert!(
        !said.contains(char::is_control),
        "a problem that moves the cursor: {said:?}"
    );
    assert!(problem.file.is_some(), "a problem of no file: {said}");
    assert!(problem.hint.is_some(), "a problem without a way out: {said}");
    assert!(
        said.chars().count() <= 2_000,
        "a problem that goes on and on: {said}"
    );
}
