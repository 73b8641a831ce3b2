//! What classes say: those of microformats, which many themes still write, and those of the themes.

use super::furniture;
use dom_query::NodeRef;

/// What an element is by one of its classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Its entry's title.
    Title,
    Summary,
    Published,
    Updated,
    /// Who wrote an article, by microformats.
    AuthorCard,
    /// The name of a card.
    FullName,
    /// Who wrote an article, by themes.
    Author,
    /// One category or tag.
    Category,
    /// The links to an article's categories.
    Categories,
    /// All of a page's own, where no element says so; an id can say that too.
    Whole,
}

impl Class {
    pub(super) fn of(token: &str) -> Option<Class> {
        let class = match token {
            "p-name" => Class::Title,
            "p-summary" => Class::Summary,
            "dt-published" | "published" | "entry-date" => Class::Published,
            "dt-updated" | "updated" => Class::Updated,
            "p-author" => Class::AuthorCard,
            "fn" => Class::FullName,
            "article-author" | "article__author" | "author" | "author-name" | "byline-author"
            | "entry-author" | "post-author" | "post-author-name" | "post__author" => Class::Author,
            "p-category" => Class::Category,
            "cat-links" | "post-categories" | "entry-categories" | "taxonomy-category" => Class::Categories,
            "article" | "content" | "main" | "main-content" | "post" => Class::Whole,
            _ => return None,
        };
        Some(class)
    }
}

/// The first part of a class that names an article's text, between dashes…
const OWNERS: &[&str] = &[
    "article",
    "blog",
    "blog-post",
    "entry",
    "gh",
    "page",
    "post",
    "post-single",
    "single",
    "single-post",
    "story",
    "wp-block-post",
];
/// …and the second.
const PARTS: &[&str] = &["body", "content", "copy", "entry", "text"];
/// Classes that name it by themselves.
const CLASSES: &[&str] = &["e-content", "markdown", "markdown-body", "prose"];
/// What holds it within an `<article>`.
const WITHIN_ARTICLE: &[&str] = &["content"];

/// Whether a class of an element names the text of an article.
pub(super) fn names_text(token: &str, node: &NodeRef) -> bool {
    if token.len() > 40 {
        return false;
    }
    let in_article = || node.parent().is_some_and(|parent| parent.has_name("article"));
    if CLASSES.contains(&token) || (WITHIN_ARTICLE.contains(&token) && in_article()) {
        return true;
    }
    // Hardly any name has to be taken apart.
    let ends = |part: &&str| {
        let end = token.len().checked_sub(part.len()).and_then(|at| token.get(at..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(part))
    };
    if !PARTS.iter().any(ends) {
        return false;
    }
    let dashed = furniture::dashed(token);
    let Some((owner, part)) = dashed.rsplit_once('-') else {
        return false;
    };
    PARTS.contains(&part) && OWNERS.contains(&owner.trim_end_matches('-'))
}
