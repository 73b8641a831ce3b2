//! The arguments of a tag, in the ways of all generators: `a "b c" key="value"`, `(key=1, other='x')`,
//! `"a", "b"`, `key: value`.

/// What a tag is given.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::sources::markdown) struct Arguments {
    named: Vec<(String, String)>,
    plain: Vec<String>,
}

impl Arguments {
    pub(in crate::sources::markdown) fn of(named: Vec<(String, String)>) -> Arguments {
        Arguments {
            named,
            plain: Vec::new(),
        }
    }

    pub(in crate::sources::markdown) fn read(text: &str) -> Arguments {
        let text = text.trim();
        let text = text
            .strip_prefix('(')
            .map_or(text, |t| t.strip_suffix(')').unwrap_or(t));
        let mut arguments = Arguments::default();
        let mut rest = text.trim_start_matches(between);
        while !rest.is_empty() {
            let (word, after, quoted) = value(rest);
            let tail = after.trim_start();
            let key = tail.strip_prefix(['=', ':']).filter(|_| !quoted && is_key(word));
            match key {
                Some(tail) => {
                    let (value, after, _) = value(tail.trim_start());
                    arguments
                        .named
                        .push((word.to_ascii_lowercase(), value.to_owned()));
                    rest = after;
                }
                None => {
                    arguments.plain.push(word.to_owned());
                    rest = after;
                }
            }
            rest = rest.trim_start_matches(between);
        }
        arguments
    }

    pub(in crate::sources::markdown) fn named(&self, keys: &[&str]) -> Option<&str> {
        let named = |key: &&str| self.named.iter().find(|(name, _)| name == key);
        let found = keys.iter().find_map(named).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty())
    }

    pub(super) fn plain(&self, index: usize) -> Option<&str> {
        self.plain.get(index).map(String::as_str)
    }

    /// By one of the names, or in that place.
    pub(super) fn get(&self, keys: &[&str], index: usize) -> Option<&str> {
        self.named(keys).or_else(|| self.plain(index))
    }
}

fn between(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';')
}

fn is_key(word: &str) -> bool {
    !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// The first value of a text, what follows it, and whether it stood in quotes.
fn value(text: &str) -> (&str, &str, bool) {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    if let Some(quote) = quote
        && let Some(end) = text[1..].find(quote)
    {
        return (&text[1..=end], &text[end + 2..], true);
    }
    let stops = |c: char| between(c) || matches!(c, '=' | '"' | '\'');
    let colon = |at: usize| text[at + 1..].starts_with(char::is_whitespace);
    let end = text
        .char_indices()
        .find(|(at, c)| *at > 0 && (stops(*c) || (*c == ':' && colon(*at))))
        .map_or(text.len(), |(at, _)| at);
    (&text[..end], &text[end..], false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_in_all_ways() {
        for text in [
            "src=\"a b.png\" alt='A, b' width=10",
            "(src=\"a b.png\", alt=\"A, b\", width=10)",
            "src: \"a b.png\", alt: 'A, b', width: 10",
            "src = `a b.png` alt=\"A, b\"",
        ] {
            let arguments = Arguments::read(text);
            assert_eq!(arguments.named(&["src"]), Some("a b.png"), "{text}");
            assert_eq!(arguments.named(&["alt"]), Some("A, b"), "{text}");
        }
        for text in ["\"a b.png\" \"A, b\"", "'a b.png', 'A, b'"] {
            let arguments = Arguments::read(text);
            assert_eq!(
                (arguments.plain(0), arguments.plain(1)),
                (Some("a b.png"), Some("A, b"))
            );
        }
        let arguments = Arguments::read("ann 1234 file=x.rs");
        assert_eq!(
            (arguments.plain(0), arguments.plain(1)),
            (Some("ann"), Some("1234"))
        );
        assert_eq!(arguments.named(&["file"]), Some("x.rs"));
        for odd in [
            "",
            "=",
            "\"",
            "==\"'",
            "a=",
            ":::",
            "(",
            "a b=\"c",
            "https://b.example/x",
        ] {
            Arguments::read(odd);
        }
        assert_eq!(
            Arguments::read("https://b.example/x").plain(0),
            Some("https://b.example/x")
        );
    }
}
