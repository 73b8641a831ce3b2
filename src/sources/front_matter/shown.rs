//! What generators say of whether an article is built and listed.

use super::{Head, flag, keys, scalar};
use serde_json::Value;

/// Eleventy: out of all collections, or of those that feeds are made of.
pub(crate) fn is_unlisted(head: &Head) -> bool {
    match head.get(keys::UNLISTED) {
        Some((_, Value::Array(list))) => {
            let names = list.iter().filter_map(scalar);
            names.into_iter().any(|name| is_collection(&name))
        }
        Some((_, value)) => flag(value) == Some(true),
        None => false,
    }
}

/// Hugo: `build: {list: never}` or `{render: never}`, of older versions as flags. What has no page and is
/// listed all the same, as it says, is in Hugo's feeds too.
pub(crate) fn is_built_nowhere(head: &Head) -> bool {
    let Some((_, build)) = head.own(keys::BUILD) else {
        return false;
    };
    let says = |key: &str, words: &[&str]| {
        let value = build.get(key).and_then(scalar).unwrap_or_default();
        words.contains(&value.to_ascii_lowercase().as_str())
    };
    let is_listed = says("list", &["always", "true"]);
    says("list", &["never", "false"]) || (says("render", &["never", "link", "false"]) && !is_listed)
}

/// Whether a tag names a list for the generator's own use.
pub(crate) fn is_collection(name: &str) -> bool {
    keys::COLLECTIONS.contains(&name.to_ascii_lowercase().as_str())
}
