//! The tag of a shortcode: its name and attributes, and whether it is one at all.

use crate::sources::wordpress::markup::attribute;
use crate::sources::wordpress::protected;

/// The longest tag, in characters.
const TAG: usize = 2000;
/// What plugins are called by that have nothing about them by which a shortcode is known.
const OF_PLUGINS: &[&str] = &[
    "toc",
    "wpvideo",
    "polldaddy",
    "poll",
    "ad",
    "ads",
    "adsense",
    "slideshow",
    "archives",
    "sitemap",
    "contact",
    "wpforms",
    "slider",
    "map",
    "maps",
    "googlemaps",
    "instagram",
    "playlist",
    "scribd",
    "slideshare",
    "ted",
    "spotify",
    "bandcamp",
    "flickr",
    "gist",
    "button",
    "spoiler",
    "tabs",
    "tab",
    "accordion",
    "row",
    "column",
    "columns",
    "table",
    "recipe",
    "contact-form",
    "form",
    "products",
    "product",
    "cart",
    "checkout",
    "embedyt",
];

/// A tag, as it begins or ends a shortcode.
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: &'a str,
    pub(super) is_end: bool,
    pub(super) is_alone: bool,
    pub(super) length: usize,
}

impl<'a> Tag<'a> {
    pub(super) fn of(text: &'a str) -> Option<Tag<'a>> {
        let (is_end, body) = match text.strip_prefix("[/") {
            Some(body) => (true, body),
            None => (false, text.strip_prefix('[')?),
        };
        let name = &body[..body.find(|c| !is_of_name(c))?];
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let rest = &body[name.len()..];
        let mut quote = None;
        let close = rest.char_indices().take(TAG).find(|&(_, c)| {
            match (quote, c) {
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (None, ']' | '[' | '<') => return true,
                _ => {}
            }
            false
        });
        // A quote that was never closed.
        let close = match close {
            Some((at, ']')) => at,
            Some(_) => return None,
            None => first_within(rest, ']')?,
        };
        let attributes = &rest[..close];
        if !attributes.is_empty()
            && !attributes.starts_with(|c: char| c.is_whitespace() || c == '=' || c == '/')
        {
            return None;
        }
        let (is_alone, attributes) = match attributes.trim_end().strip_suffix('/') {
            Some(attributes) if !attributes.ends_with(|c: char| c.is_alphanumeric()) => (true, attributes),
            _ => (false, attributes),
        };
        Some(Tag {
            name,
            attributes: attributes.trim(),
            is_end,
            is_alone,
            length: text.len() - rest.len() + close + 1,
        })
    }

    /// The tag of a protected shortcode that cannot be read otherwise: up to the first `]`, as WordPress
    /// has it.
    pub(super) fn protected(text: &'a str) -> Option<Tag<'a>> {
        let body = text.strip_prefix('[')?;
        let name = &body[..body.find(|c| !is_of_name(c))?];
        if !protected::is_shortcode(name) {
            return None;
        }
        let close = first_within(&body[name.len()..], ']')?;
        let attributes = &body[name.len()..][..close];
        Some(Tag {
            name,
            attributes: attributes.trim(),
            is_end: false,
            is_alone: attributes.ends_with('/'),
            length: 1 + name.len() + close + 1,
        })
    }

    /// `[sic]` and `[1]` are words.
    pub(super) fn is_surely_one(&self) -> bool {
        let named = self.attributes.split_whitespace().any(|word| {
            let key = word.split_once('=').map_or("", |(key, _)| key);
            !key.is_empty() && key.chars().all(is_of_name)
        });
        named
            || self.is_alone
            || self.is_end
            || self.name.contains('_')
            || OF_PLUGINS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(self.name))
    }

    pub(super) fn get(&self, key: &str) -> Option<String> {
        attribute(self.attributes, key)
    }

    /// The first word that is no `key="value"`, also as `[name=word]`.
    pub(super) fn word(&self) -> Option<&str> {
        let first = self
            .attributes
            .trim_start_matches('=')
            .split_whitespace()
            .next()?;
        let word = first.trim_matches(['"', '\'']);
        (word.contains("://") || !word.contains('=')).then_some(word)
    }
}

/// Where a character stands that is not too far away.
pub(super) fn first_within(text: &str, wanted: char) -> Option<usize> {
    let mut near = text.char_indices().take(TAG);
    near.find(|(_, c)| *c == wanted).map(|(at, _)| at)
}

pub(super) fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}
