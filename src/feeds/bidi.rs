//! Directions of text that end where the text does. A title that turns the direction of writing round
//! and never back would turn what a reader shows beside it.

/// U+202C, ends the last embedding or override.
const POP: char = '\u{202C}';
/// U+2069, ends the last isolate.
const POP_ISOLATE: char = '\u{2069}';

/// The text with an end for each direction that it begins, and without ends of nothing.
pub(crate) fn closed(text: String) -> String {
    let is_control = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    if !text.contains(is_control) {
        return text;
    }
    let mut closed = String::with_capacity(text.len());
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '\u{202A}' | '\u{202B}' | '\u{202D}' | '\u{202E}' => open.push(POP),
            '\u{2066}'..='\u{2068}' => open.push(POP_ISOLATE),
            POP if open.last() == Some(&POP) => {
                open.pop();
            }
            POP_ISOLATE if open.contains(&POP_ISOLATE) => {
                while open.pop_if(|end| *end == POP).is_some() {
                    closed.push(POP);
                }
                open.pop();
            }
            POP | POP_ISOLATE => continue,
            _ => {}
        }
        closed.push(c);
    }
    closed.extend(open.into_iter().rev());
    closed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_begun_is_ended() {
        for (text, wanted) in [
            ("plain", "plain"),
            ("a \u{202E}gpj.exe", "a \u{202E}gpj.exe\u{202C}"),
            ("\u{202B}\u{5D0}\u{202C}!", "\u{202B}\u{5D0}\u{202C}!"),
            ("a\u{202C}\u{2069}b", "ab"),
            (
                "\u{2067}a\u{202E}b\u{2069}c",
                "\u{2067}a\u{202E}b\u{202C}\u{2069}c",
            ),
            ("\u{202A}\u{2066}", "\u{202A}\u{2066}\u{2069}\u{202C}"),
        ] {
            assert_eq!(closed(text.to_owned()), wanted, "{text:?}");
            assert_eq!(closed(wanted.to_owned()), wanted, "{text:?}");
        }
    }
}
