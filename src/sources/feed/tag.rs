//! A start tag, with attributes in quotes or without, closed or not.

use super::entities;

/// More attributes of one element are not kept.
const MOST_ATTRIBUTES: usize = 64;

/// A start tag as it was written.
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) is_closed: bool,
    pub(super) length: usize,
}

impl Tag {
    /// Reads the tag that a text begins with; `None`: it has no end.
    pub(super) fn read(text: &str) -> Option<Tag> {
        let is_end = |c: char| c.is_whitespace() || matches!(c, '>' | '/' | '<');
        let name_end = 1 + text[1..].find(is_end)?;
        let mut tag = Tag {
            name: text[1..name_end].to_owned(),
            attributes: Vec::new(),
            is_closed: false,
            length: name_end,
        };
        loop {
            let rest = &text[tag.length..];
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace());
            tag.length += rest.len() - trimmed.len();
            match trimmed.chars().next()? {
                '>' => {
                    tag.length += 1;
                    return Some(tag);
                }
                // It was never closed, and another one begins.
                '<' => return Some(tag),
                '/' => {
                    tag.is_closed = trimmed.starts_with("/>");
                    tag.length += 1;
                }
                _ => tag.length += tag.attribute(trimmed)?,
            }
        }
    }

    /// Takes one attribute; its length.
    fn attribute(&mut self, text: &str) -> Option<usize> {
        let name_end = text.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '<' | '/'))?;
        let name = &text[..name_end];
        let after = text[name_end..].trim_start();
        let Some(value) = after.strip_prefix('=') else {
            // At least one character, so that this comes to an end.
            return Some(name_end.max(1));
        };
        let value = value.trim_start();
        let start = text.len() - value.len();
        let (value, length) = match value.chars().next()? {
            quote @ ('"' | '\'') => {
                let end = value[1..].find(quote)?;
                (&value[1..=end], end + 2)
            }
            _ => {
                let end = value.find(|c: char| c.is_whitespace() || c == '>')?;
                let end = if value[..end].ends_with('/') && value[end..].starts_with('>') {
                    end - 1
                } else {
                    end
                };
                (&value[..end], end)
            }
        };
        if self.attributes.len() < MOST_ATTRIBUTES && !name.is_empty() {
            self.attributes.push((name.to_owned(), entities::resolve(value)));
        }
        Some((start + length).max(1))
    }
}
