//! Plain text from HTML.

/// Readable plain text.
#[must_use]
pub fn from_html(html: &str) -> String {
    html2text::config::plain_no_decorate()
        .string_from_read(html.as_bytes(), 10_000)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// The first words of a text, at most `max_chars` characters.
#[must_use]
pub fn first_words(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max_chars).collect();
    let end = cut.rfind(char::is_whitespace).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}
