//! How generators write a title or a name into an address.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Hugo: what a path can hold stays, white space between words is a hyphen, the rest goes.
pub(crate) fn hugo(text: &str) -> String {
    let mut path = String::with_capacity(text.len());
    let (mut owed, mut after_hyphen) = (false, false);
    for c in text.chars() {
        if c.is_alphanumeric() || is_combining_mark(c) || "./\\_#+~-@".contains(c) {
            after_hyphen = c == '-';
            if owed && !after_hyphen {
                path.push('-');
            }
            owed = false;
            path.push(c);
        } else if !path.is_empty() && !after_hyphen && c.is_whitespace() {
            owed = true;
        }
    }
    path
}

/// Jekyll's `pretty`, for `:title`: what an address can hold stays, and its case.
pub(crate) fn jekyll_title(text: &str) -> String {
    let stays = |c: char| c.is_alphanumeric() || is_combining_mark(c) || "._~!$&'()+,;=@".contains(c);
    by_hyphens(text, stays)
}

/// Jekyll, for `:slug`: letters and digits of any script in lower case.
pub(crate) fn jekyll(text: &str) -> String {
    let lower = text.to_lowercase();
    by_hyphens(&lower, |c| c.is_alphanumeric() || is_combining_mark(c))
}

fn by_hyphens(text: &str, stays: impl Fn(char) -> bool) -> String {
    let pieces = text.split(|c| !stays(c)).filter(|piece| !piece.is_empty());
    pieces.collect::<Vec<_>>().join("-")
}

/// Zola: ASCII in lower case, other scripts written in it.
pub(crate) fn zola(text: &str) -> String {
    slug::slugify(text)
}

/// Zola's `safe`: without what some file systems refuse.
pub(crate) fn zola_safe(text: &str) -> String {
    let text = text.trim_end_matches([' ', '.']);
    text.chars().filter(|c| !r#"<>:"/\|?*"#.contains(*c)).collect()
}

/// Astro: lower case without punctuation; each space is a hyphen.
pub(crate) fn astro(text: &str) -> String {
    let stays = |c: &char| c.is_alphanumeric() || is_combining_mark(*c) || "-_ ".contains(*c);
    let lower = text.to_lowercase();
    lower
        .chars()
        .filter(stays)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// Lower case letter by letter, as Hugo has it.
pub(crate) fn lower(text: &str) -> String {
    text.chars().filter_map(|c| c.to_lowercase().next()).collect()
}

/// Letters without their accents.
pub(crate) fn without_accents(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generator_writes_in_its_way() {
        for (made, expected) in [
            // As Hugo makes them.
            (hugo("Größe & Maß, C++ (x) 'y'"), "Größe-Maß-C++-x-y"),
            (hugo("X  y -- Z/ä"), "X-y--Z/ä"),
            (hugo(" a . b "), "a-.-b"),
            (jekyll_title("The Eel, & more"), "The-Eel,-&-more"),
            (jekyll("The Eel, & more"), "the-eel-more"),
            (jekyll("हिन्दी में"), "हिन्दी-में"),
            (zola("Größe & Maß"), "grosse-mass"),
            (zola("日本"), "ri-ben"),
            (zola_safe("a: b?. "), "a b"),
            (astro("Hello, World (2) - ok_"), "hello-world-2---ok_"),
            (lower("ÀİS"), "àis"),
            (without_accents("Éssay"), "Essay"),
        ] {
            assert_eq!(made, expected);
        }
    }
}
