//! The addresses in HTML and the other attributes that stay: as they may stand in an article.

use std::borrow::Cow;
use url::Url;

/// An address as it may stand in an article: absolute `http` or `https`, or `mailto`; else `None`.
#[must_use]
pub fn absolute(address: &str, base: &Url) -> Option<String> {
    let address = address.trim();
    if address.is_empty() {
        return None;
    }
    let url = base.join(address).ok()?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Some(url.into()),
        "mailto" => Some(url.into()),
        _ => None,
    }
}

/// The candidates of a `srcset`, each absolute; those that cannot be are left out.
pub(super) fn absolute_srcset(srcset: &str, base: &Url) -> Option<String> {
    let mut kept = Vec::new();
    let mut rest = srcset.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    while !rest.is_empty() {
        // An address ends at white space; commas within it belong to it, one at its end does not.
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (address, tail) = rest.split_at(end);
        let bare = address.trim_end_matches(',');
        let (size, tail) = if bare.len() < address.len() {
            ("", tail)
        } else {
            tail.split_once(',').unwrap_or((tail, ""))
        };
        if let Some(url) = absolute(bare, base).filter(|u| u.starts_with("http")) {
            // A comma would be read as the end of the candidate.
            let url = url.replace(',', "%2C");
            let size = size.trim();
            kept.push(if size.is_empty() {
                url
            } else {
                format!("{url} {size}")
            });
        }
        rest = tail.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }
    (!kept.is_empty()).then(|| kept.join(", "))
}

/// What an attribute that may stay says in an article; `None`: nothing.
pub(super) fn settle_attribute<'v>(
    tag: &str,
    attribute: &str,
    value: &'v str,
    base: &Url,
) -> Option<Cow<'v, str>> {
    match (tag, attribute) {
        (_, "srcset") => absolute_srcset(value, base).map(Cow::Owned),
        (_, "src" | "poster") => absolute(value, base)
            .filter(|u| u.starts_with("http"))
            .map(Cow::Owned),
        (_, "href" | "cite") => absolute(value, base).map(Cow::Owned),
        (_, "class") => {
            let kept: Vec<&str> = value
                .split_whitespace()
                .filter(|class| class.starts_with("language-"))
                .collect();
            (!kept.is_empty()).then(|| Cow::Owned(kept.join(" ")))
        }
        ("img" | "video", "width" | "height") => {
            value.trim().parse::<u32>().ok().map(|n| n.to_string().into())
        }
        _ => Some(Cow::Borrowed(value)),
    }
}
