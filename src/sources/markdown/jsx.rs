//! The tags and braces of JSX, as far as one must know them to leave them out.

use super::templates::Arguments;

/// How long the inside of a tag or an expression may be; what is longer has no end.
const CODE_BYTES: usize = 16 * 1024;
/// How long its name may be.
const NAME_BYTES: usize = 100;
/// Attributes without which an element is of no use.
const ADDRESSES: &[&str] = &["src", "href", "srcset", "poster"];

/// A tag, and its attributes as they are written.
pub(super) struct Element<'a> {
    pub(super) name: &'a str,
    /// `</Name>`
    pub(super) closes: bool,
    /// `<Name />`
    pub(super) is_whole: bool,
    whole: &'a str,
    attributes: Vec<(&'a str, Value<'a>)>,
}

enum Value<'a> {
    None,
    Text(&'a str),
    Computed,
}

impl<'a> Element<'a> {
    /// Of a whole tag, from `<` to `>`.
    pub(super) fn read(whole: &'a str) -> Element<'a> {
        let inner = whole
            .trim_start_matches('<')
            .strip_suffix('>')
            .unwrap_or_default();
        let closes = inner.starts_with('/');
        let inner = inner.trim_start_matches('/');
        let is_whole = inner.ends_with('/');
        let inner = inner.trim_end_matches('/');
        let end = inner
            .find(|c: char| c.is_whitespace() || c == '{')
            .unwrap_or(inner.len());
        Element {
            name: &inner[..end],
            closes,
            is_whole,
            whole,
            attributes: attributes(&inner[end..]),
        }
    }

    /// Whether it is a part of the program, and not of HTML.
    pub(super) fn is_component(&self) -> bool {
        let first = self.name.chars().next();
        first.is_none_or(char::is_uppercase) || self.name.contains('.')
    }

    pub(super) fn computed_addresses(&self) -> Vec<&'a str> {
        let computed = self
            .attributes
            .iter()
            .filter(|(name, value)| matches!(value, Value::Computed) && ADDRESSES.contains(name));
        computed.map(|(name, _)| *name).collect()
    }

    /// The tag without what is computed.
    pub(super) fn as_html(&self) -> String {
        if self.closes || !self.whole.contains('{') {
            return self.whole.to_owned();
        }
        let mut html = format!("<{}", self.name);
        for (name, value) in &self.attributes {
            match value {
                Value::Text(text) => html.push_str(&format!(" {name}=\"{}\"", text.replace('"', "&quot;"))),
                Value::None => html.push_str(&format!(" {name}")),
                Value::Computed => {}
            }
        }
        html.push_str(if self.is_whole { " />" } else { ">" });
        html
    }

    pub(super) fn arguments(&self) -> Arguments {
        let stated = self.attributes.iter().filter_map(|(name, value)| match value {
            Value::Text(text) => Some((name.to_ascii_lowercase(), (*text).to_owned())),
            _ => None,
        });
        Arguments::of(stated.collect())
    }
}

fn attributes(text: &str) -> Vec<(&str, Value<'_>)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '{' {
            // `{...props}`
            rest = expression_end(rest).map_or("", |end| &rest[end..]).trim_start();
            continue;
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '{'));
        let name = &rest[..end.unwrap_or(rest.len()).max(first.len_utf8())];
        rest = rest[name.len()..].trim_start();
        let Some(after) = rest.strip_prefix('=').map(str::trim_start) else {
            found.push((name, Value::None));
            continue;
        };
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, tail) = match quote.and_then(|quote| after[1..].find(quote)) {
            Some(end) => (Value::Text(&after[1..=end]), &after[end + 2..]),
            None if after.starts_with('{') => {
                let end = expression_end(after).unwrap_or(after.len());
                let inner = after[1..end].trim_end_matches('}').trim();
                let number = !inner.is_empty() && inner.chars().all(|c| c.is_ascii_digit());
                let text = literal(inner).or(number.then_some(inner));
                (text.map_or(Value::Computed, Value::Text), &after[end..])
            }
            None => {
                let end = after.find(char::is_whitespace).unwrap_or(after.len());
                (Value::Text(&after[..end]), &after[end..])
            }
        };
        found.push((name, value));
        rest = tail.trim_start();
    }
    found
}

/// The text that an expression only quotes.
pub(super) fn literal(expression: &str) -> Option<&str> {
    ['"', '\'', '`'].into_iter().find_map(|quote| {
        let inner = expression.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote) && !inner.contains("${")).then_some(inner)
    })
}

/// How long an expression is that begins with a brace, or how much was looked through for its end.
pub(super) fn expression_end(text: &str) -> Result<usize, usize> {
    let mut depth = 0_usize;
    let bytes = &text.as_bytes()[..text.len().min(CODE_BYTES)];
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Ok(at + 1);
                }
            }
            b'/' if bytes[at..].starts_with(b"/*") => {
                match bytes[at + 2..].windows(2).position(|pair| pair == b"*/") {
                    Some(end) => at += end + 3,
                    None => return Err(bytes.len()),
                }
            }
            quote @ (b'"' | b'\'' | b'`') => {
                // An apostrophe in a sentence closes nowhere on its line.
                let line = bytes[at + 1..]
                    .iter()
                    .position(|byte| *byte == quote || *byte == b'\n');
                if let Some(end) = line.filter(|end| bytes[at + 1 + end] == quote) {
                    at += end + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    Err(bytes.len())
}

/// How long a tag is that begins with `<`, or how much was looked through for its end.
pub(super) fn tag_end(text: &str) -> Result<usize, usize> {
    // No name is longer.
    let inner = text[1..text.floor_char_boundary(NAME_BYTES)].trim_start_matches('/');
    let begins = inner.chars().next().unwrap_or(' ');
    // `<https://…>` is a link, `<3` a heart, `<>` a fragment.
    let name = inner
        .split(|c: char| c.is_whitespace() || matches!(c, '>' | '/' | '{'))
        .next();
    if !(begins.is_alphabetic() || begins == '>') || name.is_some_and(|name| name.contains([':', '@', '<'])) {
        return Err(NAME_BYTES);
    }
    let bytes = &text.as_bytes()[..text.len().min(CODE_BYTES)];
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'>' => return Ok(at + 1),
            b'{' => match expression_end(&text[at..]) {
                Ok(length) => at += length - 1,
                Err(looked) => return Err(at + looked),
            },
            quote @ (b'"' | b'\'') => match bytes[at + 1..].iter().position(|byte| *byte == quote) {
                Some(end) => at += end + 1,
                None => return Err(bytes.len()),
            },
            b'\n' if bytes[at + 1..].starts_with(b"\n") => return Err(at),
            b'<' => return Err(at),
            _ => {}
        }
        at += 1;
    }
    Err(bytes.len())
}
