//! How much an article may say of itself: a title of a megabyte would stand whole in every feed, and
//! push the other articles out of a mail. Its content is not measured here.

use crate::articles::Article;
use crate::articles::html::LONGEST_HTML;
use crate::articles::text::first_words;
use crate::problem::Problem;
use std::path::Path;

/// The longest title, in characters. What is written as one is seldom longer than 200.
const TITLE: usize = 500;
/// The longest summary that an author may state, in characters.
const SUMMARY: usize = 5_000;
/// The longest name of a person or a category, in characters.
const NAME: usize = 200;
/// The most authors, and the most categories.
const NAMES: usize = 100;

/// Cuts what is longer; gives a warning that says which.
pub(super) fn keep_within(article: &mut Article, file: &Path) -> Option<Problem> {
    let mut cut = Vec::new();
    if shorten(&mut article.title, TITLE) {
        cut.push("title");
    }
    if shorten(&mut article.summary, SUMMARY) {
        cut.push("summary");
    }
    let too_many = article.authors.len() > NAMES;
    article.authors.truncate(NAMES);
    let long = article
        .authors
        .iter_mut()
        .map(|author| shorten(&mut author.name, NAME));
    if long.fold(too_many, |any, one| any | one) {
        cut.push("authors");
    }
    let too_many = article.categories.len() > NAMES;
    article.categories.truncate(NAMES);
    let long = article.categories.iter_mut().map(|name| shorten(name, NAME));
    if long.fold(too_many, |any, one| any | one) {
        cut.push("categories");
    }
    (!cut.is_empty()).then(|| {
        Problem::warning(
            "too-long",
            format!("it states too much and was cut: {}", cut.join(", ")),
        )
        .file(file)
        .hint("shorten it; a quote that was never closed can make it long")
    })
}

/// A warning where feeds cannot hold the text.
pub(super) fn too_long_for_readers(article: &Article, file: &Path) -> Option<Problem> {
    (article.content_html.len() > LONGEST_HTML).then(|| {
        Problem::warning(
            "too-long",
            "its text is longer than readers take in one piece: feeds give its summary alone",
        )
        .file(file)
        .hint("split it")
    })
}

fn shorten(text: &mut String, most: usize) -> bool {
    // Bytes first: hardly any text has to be counted.
    let long = text.len() > most && text.chars().count() > most;
    if long {
        *text = first_words(text, most);
    }
    long
}
