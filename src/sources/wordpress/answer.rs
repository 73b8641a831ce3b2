//! A post as the REST interface answers it: whether it is an article for everybody, and what it says.

use super::html;
use super::shortcodes::NoPictures;
use crate::articles::{Author, Precision, Published, text};
use crate::clock::Instant;
use crate::problem::Problem;
use crate::sources::extract::Extract;
use serde_json::Value;
use std::path::Path;

pub(super) fn number(post: &Value) -> String {
    match &post["id"] {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => String::new(),
    }
}

/// Why a post is no article for everybody.
pub(super) fn why_not(post: &Value) -> Option<String> {
    if number(post).is_empty() {
        return Some("without a number".to_owned());
    }
    match post["type"].as_str() {
        None | Some("post") => {}
        Some(kind) => return Some(format!("of type {kind}")),
    }
    match post["status"].as_str() {
        None | Some("publish") => {}
        Some(status) => return Some(format!("with status {status}")),
    }
    let password = post["password"]
        .as_str()
        .is_some_and(|password| !password.is_empty());
    let protected = |field: &str| post[field]["protected"] == Value::Bool(true);
    (password || protected("content") || protected("excerpt")).then(|| "with a password".to_owned())
}

pub(super) fn date(post: &Value, key: &str) -> Option<Instant> {
    super::post::date(post[key].as_str()?).map(|at| at.and_utc())
}

pub(super) fn extract(post: &Value, from: &Path, warnings: &mut Vec<Problem>) -> Extract {
    let rendered = |field: &str| post[field]["rendered"].as_str().unwrap_or_default();
    let mut shown = html::rendered(rendered("content"), &NoPictures);
    // Of a text that is in part for members alone WordPress makes an excerpt of all.
    let summary = excerpt(rendered("excerpt"))
        .filter(|_| shown.protected.is_empty() && shown.beside(rendered("excerpt")).is_some());
    warnings.extend(html::said(&shown, from, None));
    let embedded = &post["_embedded"];
    let published = date(post, "date_gmt").map(|at| Published {
        at,
        precision: Precision::Second,
    });
    let (categories, tags) = (terms(embedded, "category"), terms(embedded, "post_tag"));
    let count = ["comment_count", "comments_count"];
    Extract {
        // As feeds show it: a reference there is none here.
        guid: Some(text::from_html(rendered("guid"))).filter(|guid| !guid.is_empty()),
        title: Some(text::from_html(rendered("title"))).filter(|title| !title.is_empty()),
        url: post["link"].as_str().map(str::to_owned),
        slug: post["slug"].as_str().map(str::to_owned),
        authors: authors(embedded),
        categories: if categories.is_empty() { tags } else { categories },
        published,
        updated: date(post, "modified_gmt"),
        summary,
        image: image(embedded),
        html: shown.html,
        comment_count: count
            .iter()
            .find_map(|key| post[*key].as_u64())
            .and_then(|count| u32::try_from(count).ok()),
        ..Extract::default()
    }
}

/// The author's own: what WordPress made of the first words ends with `[…]`.
fn excerpt(html: &str) -> Option<String> {
    let text = text::from_html(html);
    let made = text.ends_with("[…]") || text.ends_with("[...]") || text.ends_with('…');
    (!text.is_empty() && !made).then_some(text)
}

fn authors(embedded: &Value) -> Vec<Author> {
    let authors = embedded["author"].as_array().into_iter().flatten();
    authors
        .filter_map(|author| {
            let name = text::from_html(author["name"].as_str()?);
            (!name.is_empty() && !name.contains('@')).then(|| Author {
                name,
                url: author["link"].as_str().map(str::to_owned),
            })
        })
        .collect()
}

fn terms(embedded: &Value, taxonomy: &str) -> Vec<String> {
    let lists = embedded["wp:term"].as_array().into_iter().flatten();
    lists
        .flat_map(|list| list.as_array().into_iter().flatten())
        .filter(|term| term["taxonomy"] == taxonomy)
        .filter_map(|term| term["name"].as_str().map(text::from_html))
        .filter(|name| !name.is_empty())
        .collect()
}

fn image(embedded: &Value) -> Option<(String, String)> {
    let media = &embedded["wp:featuredmedia"][0];
    let url = media["source_url"].as_str()?.to_owned();
    Some((
        url,
        text::one_line(media["alt_text"].as_str().unwrap_or_default()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_excerpt_of_what_is_for_members_is_none() {
        let summary = |content: &str, excerpt: &str| {
            let post = json!({"id": 1, "content": {"rendered": content}, "excerpt": {"rendered": excerpt}});
            extract(&post, Path::new("https://old.example/"), &mut Vec::new()).summary
        };
        assert_eq!(summary("<p>All.</p>", "<p>Short.</p>").as_deref(), Some("Short."));
        let secret = "<p>All.</p>[members_only]<p>Secret.</p>[/members_only]";
        assert_eq!(summary(secret, "<p>All. Secret.</p>"), None);
        assert_eq!(summary("<p>All.</p>", secret), None);
    }
}
