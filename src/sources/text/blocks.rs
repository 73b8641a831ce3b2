//! A text in its blocks: paragraphs, headings, list items, each on one line.

/// Lines of more than so many characters are paragraphs of their own: nobody wraps that late.
const UNWRAPPED: usize = 120;
/// A line that ends earlier than this was not broken because it was full.
const WRAPPED: usize = 50;

/// Splits a text at blank lines, and where lines are no wrapped paragraph, at each line.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().chain(std::iter::once("")) {
        let line = line.trim();
        if line.is_empty() {
            flush(&mut lines, &mut blocks);
        } else {
            lines.push(line);
        }
    }
    blocks
}

fn flush(lines: &mut Vec<&str>, blocks: &mut Vec<String>) {
    let wrapped = lines.len() > 1
        && lines.iter().all(|line| line.chars().count() <= UNWRAPPED)
        && lines[..lines.len() - 1]
            .iter()
            .all(|line| line.chars().count() >= WRAPPED);
    if wrapped && !lines.iter().skip(1).any(|line| item(line).is_some()) {
        blocks.push(lines.join(" "));
    } else {
        blocks.extend(lines.iter().map(|line| (*line).to_owned()));
    }
    lines.clear();
}

/// The mark of a list item and its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item<'a> {
    Bullet(&'a str),
    Number(u32, &'a str),
}

/// Reads a block as a list item: `- text`, `• text`, `1. text`, `1) text`.
pub(super) fn item(block: &str) -> Option<Item<'_>> {
    for mark in ["- ", "* ", "• ", "– ", "◦ ", "‣ ", "·\u{20}"] {
        if let Some(text) = block.strip_prefix(mark) {
            return Some(Item::Bullet(text.trim()));
        }
    }
    let digits = block.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=2).contains(&digits) {
        return None;
    }
    let text = block[digits..].strip_prefix(['.', ')'])?;
    let text = text.strip_prefix(char::is_whitespace)?;
    Some(Item::Number(block[..digits].parse().ok()?, text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_wrapped_or_not() {
        let long = "word ".repeat(40).trim().to_owned();
        let text = format!("Title\n\n{long}\n{long}\nnext\n\nTop\nnav\n");
        assert_eq!(split(&text), ["Title", &long, &long, "next", "Top", "nav"]);
        let wrapped = "This paragraph was wrapped by an editor at about seventy\ncolumns, as e-mails are, and is one paragraph of its own\nall the same.\n";
        assert_eq!(split(wrapped).len(), 1);
        assert_eq!(split("\r\n\r\na\r\n\r\nb\r\n"), ["a", "b"]);
        assert!(split("").is_empty());
    }

    #[test]
    fn items() {
        assert_eq!(
            item("1. Active Listening"),
            Some(Item::Number(1, "Active Listening"))
        );
        assert_eq!(item("- x"), Some(Item::Bullet("x")));
        for text in ["1.5 million", "2026. A year", "-x", "1.", ""] {
            assert_eq!(item(text), None, "{text}");
        }
    }
}
