//! What tells an edit from a move and a move from something new.

use crate::articles::Article;
use crate::hash::sha256;

/// Of the whole article: another one is an edit.
#[must_use]
pub fn hash(article: &Article) -> String {
    // An article is text, numbers and lists of them: there is nothing that JSON could not hold.
    sha256(&serde_json::to_vec(article).unwrap_or_default())
}

/// Of the content's letters and digits alone, so that it outlives a new URL and new markup. Where
/// there are none the title stands in.
#[must_use]
pub fn likeness(article: &Article) -> String {
    let mut text = String::with_capacity(article.content_html.len());
    let mut rest = article.content_html.as_str();
    while !rest.is_empty() {
        let end = rest.find('<').unwrap_or(rest.len());
        text.extend(rest[..end].chars().filter(|c| c.is_alphanumeric()));
        rest = rest[end..].find('>').map_or("", |close| &rest[end + close + 1..]);
    }
    if text.is_empty() {
        text = format!("title {}", article.title);
    }
    sha256(text.as_bytes())
}
