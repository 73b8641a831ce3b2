//! Pieces of HTML and of shortcodes, as text.

/// The value of an attribute in the text of a tag.
pub(super) fn attribute(attributes: &str, key: &str) -> Option<String> {
    let mut rest = attributes;
    while let Some(at) = rest.to_ascii_lowercase().find(key) {
        let before = rest[..at].chars().next_back();
        let after = rest[at + key.len()..].trim_start();
        if before.is_none_or(|c| c.is_whitespace() || c == '"' || c == '\'')
            && let Some(value) = after.strip_prefix('=')
        {
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
            let value = match quote {
                Some(quote) => value[1..].split(quote).next(),
                None => value.split_whitespace().next(),
            };
            return value.map(str::to_owned);
        }
        rest = &rest[at + key.len()..];
    }
    None
}

/// Text as HTML has it, also within an attribute. References stay what they are.
pub(super) fn escape(text: &str) -> String {
    let text = text.replace("&amp;", "&").replace("&#038;", "&");
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
