//! What a page puts around and into an article that is none of it, by how its elements are named: shares,
//! newsletters, further reading, lists of tags, words for screen readers, anchors of headings.

use dom_query::NodeRef;
use std::borrow::Cow;

/// Names, or parts of names between dashes, of classes and ids, in the order of their letters.
const NAMES: &[&str] = &[
    "about-author",
    "about-the-author",
    "addthis",
    "addtoany",
    "adsbygoogle",
    "advert",
    "advertisement",
    "also-like",
    "author-bio",
    "author-box",
    "author-description",
    "breadcrumb",
    "breadcrumbs",
    "cookie",
    "cookies",
    "edit-link",
    "gdpr",
    "more-posts",
    "more-stories",
    "most-read",
    "nav-links",
    "newsletter",
    "next-post",
    "outbrain",
    "pagination",
    "post-nav",
    "post-navigation",
    "post-tags",
    "prev-next",
    "prev-post",
    "promo",
    "read-next",
    "recommendations",
    "recommended",
    "related",
    "relatedposts",
    "screen-reader-text",
    "share",
    "sharedaddy",
    "sharing",
    "sign-up",
    "signup",
    "skip-link",
    "social",
    "sr-only",
    "subscribe",
    "subscription",
    "taboola",
    "tag-links",
    "tag-list",
    "tags",
    "tags-links",
    "trending",
    "visually-hidden",
    "yarpp",
];
/// What such names say of something else: a state of the page.
const STATES: &[&str] = &["has-", "is-", "no-", "not-", "with-", "without-", "js-", "can-"];

/// Takes it out of a content. What holds the title, or much text, is no furniture whatever its name.
pub(super) fn remove(content: &NodeRef) {
    let all = content.normalized_char_count();
    let mut open: Vec<NodeRef> = content.children_it(true).collect();
    while let Some(node) = open.pop() {
        if !node.is_element() {
            continue;
        }
        if (is_named(&node) && !holds_article(&node, all)) || is_anchor(&node) {
            node.remove_from_parent();
        } else {
            open.extend(node.children_it(true));
        }
    }
}

/// Takes what an `<article>` or a `<main>` holds beside its text out of it, told by the elements alone.
pub(super) fn remove_around(content: &NodeRef) {
    let mut open: Vec<NodeRef> = content.children_it(true).collect();
    while let Some(node) = open.pop() {
        let is = |names: &[&str]| names.iter().any(|name| node.has_name(name));
        let around = is(&["nav", "header", "footer", "form", "dialog"]) && unlinked(&node) <= MOST_TEXT;
        if around || (node.has_name("aside") && !is_box(&node)) {
            node.remove_from_parent();
        } else {
            open.extend(node.children_it(true));
        }
    }
}

/// Makes the boxes of a text blocks like others: the library that weighs a page takes out all asides.
pub(super) fn keep_boxes(content: &NodeRef) {
    let asides = content.descendants_it().filter(|node| node.has_name("aside"));
    for aside in asides.filter(is_box).collect::<Vec<_>>() {
        aside.rename("div");
    }
}

/// Whether an aside is a box of the author's: within the text, and with nothing to press in it.
fn is_box(aside: &NodeRef) -> bool {
    const PRESSED: &[&str] = &["a", "button", "form", "input", "nav", "time"];
    const AROUND: &[&str] = &["aside", "footer", "form", "nav", "script", "style"];
    let says =
        |node: &NodeRef| !AROUND.iter().any(|name| node.has_name(name)) && !node.text().trim().is_empty();
    let mut after = std::iter::successors(aside.next_sibling(), NodeRef::next_sibling);
    let mut inside = aside.descendants_it();
    after.any(|node| says(&node))
        && !is_named(aside)
        && !inside.any(|node| PRESSED.iter().any(|name| node.has_name(name)))
}

/// How many characters stand outside of links.
fn unlinked(node: &NodeRef) -> usize {
    let links = node.descendants_it().filter(|inner| inner.has_name("a"));
    let linked: usize = links.map(|link| link.normalized_char_count()).sum();
    node.normalized_char_count().saturating_sub(linked)
}

pub(super) fn is_named(node: &NodeRef) -> bool {
    let Some(element) = node.element_ref() else {
        return false;
    };
    if matches!(
        &*element.name.local,
        "article" | "main" | "pre" | "code" | "table" | "img" | "figure" | "h1"
    ) {
        return false;
    }
    let mut values = element
        .attrs
        .iter()
        .filter(|attribute| matches!(&*attribute.name.local, "class" | "id"));
    values.any(|attribute| attribute.value.split_ascii_whitespace().any(is_name))
}

fn is_name(token: &str) -> bool {
    // Hardly any name has to be taken apart.
    if token.len() > 60 {
        return false;
    }
    let dashed = dashed(token);
    if STATES.iter().any(|state| dashed.starts_with(state)) {
        return false;
    }
    let begins = |rest: &str| {
        let letter = |name: &str| name.bytes().next();
        let from = NAMES.partition_point(|name| letter(name) < letter(rest));
        let names = NAMES[from..]
            .iter()
            .take_while(|name| letter(name) == letter(rest));
        let mut after = names.filter_map(|name| rest.strip_prefix(name));
        after.any(|after| after.is_empty() || after.starts_with('-'))
    };
    let mut dashes = dashed.match_indices('-');
    begins(&dashed) || dashes.any(|(at, _)| begins(&dashed[at + 1..]))
}

/// `relatedPosts`, `related_posts` and `related__posts` as `related-posts`.
pub(super) fn dashed(token: &str) -> Cow<'_, str> {
    if token
        .bytes()
        .all(|b| !b.is_ascii_uppercase() && b != b'_' && b != b':')
    {
        return Cow::Borrowed(token);
    }
    let mut dashed = String::with_capacity(token.len() + 4);
    let mut small = false;
    for c in token.chars() {
        if c.is_ascii_uppercase() && small {
            dashed.push('-');
        }
        small = c.is_ascii_lowercase() || c.is_ascii_digit();
        match c {
            '_' | ':' => dashed.push('-'),
            c => dashed.push(c.to_ascii_lowercase()),
        }
    }
    Cow::Owned(dashed)
}

/// The most text beside links that furniture holds, in characters.
const MOST_TEXT: usize = 600;

fn holds_article(node: &NodeRef, all: usize) -> bool {
    let length = node.normalized_char_count();
    let mut linked = 0;
    for inner in node.descendants_it() {
        if ["h1", "article", "main", "pre", "blockquote"]
            .iter()
            .any(|name| inner.has_name(name))
        {
            return true;
        }
        if inner.has_name("a") {
            linked += inner.normalized_char_count();
        }
    }
    length * 2 > all || length.saturating_sub(linked) > MOST_TEXT
}

/// The `#` behind a heading that leads to itself.
fn is_anchor(node: &NodeRef) -> bool {
    let heading = |node: NodeRef| {
        ["h1", "h2", "h3", "h4", "h5", "h6"]
            .iter()
            .any(|name| node.has_name(name))
    };
    node.has_name("a")
        && node.attr("href").is_some_and(|href| href.contains('#'))
        && node.ancestors_it(Some(2)).any(heading)
        && !node.text().chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dom_query::Document;

    #[test]
    fn names_of_furniture() {
        assert!(NAMES.is_sorted());
        for name in [
            "share",
            "share-buttons",
            "post_share",
            "relatedPosts",
            "c-newsletter__form",
            "entry-tags",
            "sr-only",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "shared-memory",
            "has-related",
            "content",
            "no-share",
            "subscriber",
            "hashtags",
            "socialism",
            "cookiecutter",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn what_holds_the_article_stays() {
        let html = "<div class=share-page><h1>A</h1><p>Some words of the article, and more of them here.</p>\
                    <h2>B <a href=#b>#</a></h2><h2><a href=#c>C</a></h2><div class=share>Tell others</div></div>";
        let document = Document::from(html);
        remove(&document.root());
        let text = document.text();
        assert!(
            !text.contains("Tell")
                && !text.contains('#')
                && text.contains("Some words")
                && text.contains('C'),
            "{text}"
        );
    }
}
