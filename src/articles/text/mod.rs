//! Plain text: what XML can hold of it, and how it is got out of HTML. Pure; knows no source.

mod of_html;

pub(super) use of_html::{are_text, of_pieces, of_tree};
pub use of_html::{from_html, with_captions};

use super::{Article, Author, Comment};
use std::borrow::Cow;

/// Whether XML 1.0 can hold the character (its production `Char`).
#[must_use]
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// Whether XML 1.0 can hold all of the text.
#[must_use]
pub fn is_xml_safe(text: &str) -> bool {
    // What it cannot hold are control characters, and two that begin with this byte.
    let plain = |b: u8| b != 0xEF && (b >= b' ' || matches!(b, b'\t' | b'\n' | b'\r'));
    all_bytes(text, plain) || text.chars().all(is_xml_char)
}

/// Whether something holds of every byte. Looks at many at once, so that it is quick where it mostly does.
pub(super) fn all_bytes(text: &str, holds: impl Fn(u8) -> bool) -> bool {
    let mut parts = text.as_bytes().chunks(64);
    parts.all(|part| part.iter().fold(true, |all, &byte| all & holds(byte)))
}

/// Whether its words stand on one line with single spaces between them: text that need not be gone
/// through word by word.
fn is_even(text: &str) -> bool {
    // All other white space begins with one of these bytes.
    let plain = |b: u8| b >= b' ' && !matches!(b, 0xC2 | 0xE1 | 0xE2 | 0xE3 | 0xEF);
    all_bytes(text, plain) && !has_two_spaces(text)
}

/// Whether two spaces stand side by side. Looks at many bytes at once, and at all of them.
fn has_two_spaces(text: &str) -> bool {
    let bytes = text.as_bytes();
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    pairs.fold(false, |two, (a, b)| two | ((*a == b' ') & (*b == b' ')))
}

/// The text without what XML 1.0 cannot hold: control characters, U+FFFE, U+FFFF.
#[must_use]
pub fn xml_safe(text: &str) -> Cow<'_, str> {
    if is_xml_safe(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_xml_char(*c)).collect())
    }
}

/// As [`xml_safe`], of a text that is not needed any more.
fn all_xml_safe(text: String) -> String {
    match xml_safe(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(safe) => safe,
    }
}

/// The text on one line, each run of white space one space, only what XML can hold.
#[must_use]
pub fn one_line(text: &str) -> String {
    line_of(text, usize::MAX)
}

/// The text on one line; where it has more characters than `enough`, more than so many of it.
fn line_of(text: &str, enough: usize) -> String {
    let mut line = String::with_capacity(text.len().min(enough));
    // Counting takes its time: not before there can be enough, and then at ever greater lengths.
    let mut count_at = enough;
    let mut is_enough = |line: &str| {
        if line.len() <= count_at {
            return false;
        }
        count_at = line.len() * 2;
        is_longer(line, enough)
    };
    'lines: for words in text.split('\n') {
        if is_even(words) {
            add_word(words.trim_matches(' '), &mut line);
        } else {
            let is_space = |c: char| c.is_whitespace() || c == '\u{200B}' || c == '\u{FEFF}';
            for word in words.split(is_space) {
                add_word(&xml_safe(word), &mut line);
                if is_enough(&line) {
                    break 'lines;
                }
            }
        }
        if is_enough(&line) {
            break;
        }
    }
    line
}

/// Whether it has more than so many characters.
fn is_longer(text: &str, characters: usize) -> bool {
    text.len() > characters && text.chars().nth(characters).is_some()
}

fn add_word(word: &str, line: &mut String) {
    if word.is_empty() {
        return;
    }
    if !line.is_empty() {
        line.push(' ');
    }
    line.push_str(word);
}

/// The beginning of a text on one line, cut between words, with `…` where something was cut.
/// Never longer than `max_chars`.
#[must_use]
pub fn first_words(text: &str, max_chars: usize) -> String {
    let line = line_of(text, max_chars);
    if !is_longer(&line, max_chars) {
        return line;
    }
    let cut: String = line.chars().take(max_chars.saturating_sub(1)).collect();
    // A script without spaces, or one endless word, is cut where it must be.
    let whole = match cut.rfind(' ') {
        Some(space) if space > cut.len() / 2 => &cut[..space],
        _ => cut.as_str(),
    };
    let whole = whole.trim_end_matches(|c: char| c.is_whitespace() || ",;:–—-".contains(c));
    format!("{whole}…")
}

/// The article with only text that XML can hold, one line where one line is meant. What sources make
/// goes through here last, whatever they took it from.
#[must_use]
pub fn clean(article: Article) -> Article {
    let optional = |text: Option<String>| text.map(|t| one_line(&t)).filter(|t| !t.is_empty());
    let guid = article.guid.map(|guid| xml_safe(guid.trim()).into_owned());
    Article {
        guid: guid.filter(|guid| !guid.is_empty()),
        title: one_line(&article.title),
        authors: distinct_authors(article.authors),
        categories: distinct(article.categories.iter().map(|c| one_line(c))),
        language: optional(article.language),
        summary: one_line(&article.summary),
        content_html: all_xml_safe(article.content_html),
        image: article.image.map(|image| super::Image {
            alt: one_line(&image.alt),
            media_type: optional(image.media_type),
            ..image
        }),
        audio: article.audio.map(|audio| super::Audio {
            media_type: one_line(&audio.media_type),
            ..audio
        }),
        comments: article
            .comments
            .into_iter()
            .map(|comment| Comment {
                author: one_line(&comment.author),
                text: xml_safe(comment.text.trim()).into_owned(),
                ..comment
            })
            .collect(),
        updated: article.updated.map(|updated| match article.published {
            Some(published) => updated.max(published.at),
            None => updated,
        }),
        ..article
    }
}

fn distinct_authors(authors: Vec<Author>) -> Vec<Author> {
    let mut kept: Vec<Author> = Vec::new();
    for author in authors {
        let name = one_line(&author.name);
        let known = kept
            .iter_mut()
            .find(|a| a.name.to_lowercase() == name.to_lowercase());
        match known {
            Some(known) => known.url = known.url.take().or(author.url),
            None if name.is_empty() => {}
            None => kept.push(Author { name, ..author }),
        }
    }
    kept
}

/// Each text once, in order, without the empty ones; upper and lower case are the same.
fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts.filter(|t| !t.is_empty()) {
        if !kept.iter().any(|k| k.to_lowercase() == text.to_lowercase()) {
            kept.push(text);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::articles::{Precision, Published};
    use chrono::DateTime;
    use proptest::prelude::*;

    #[test]
    fn words_are_cut_between_them() {
        assert_eq!(first_words("one two three", 13), "one two three");
        assert_eq!(first_words("one two, three", 11), "one two…");
        assert_eq!(first_words("  a \n b\tc ", 20), "a b c");
        assert_eq!(first_words("日本語の長い文章です", 5), "日本語の…");
        assert_eq!(first_words("", 5), "");
    }

    #[test]
    fn an_article_is_clean_throughout() {
        let dirty = "a\u{8}\n b\u{FFFE}";
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let article = clean(Article {
            id: String::new(),
            source: String::new(),
            path: String::new(),
            url: String::new(),
            title: dirty.to_owned(),
            authors: ["Ann\u{0}", "ann", " "]
                .map(|name| Author {
                    name: name.to_owned(),
                    url: None,
                })
                .to_vec(),
            categories: ["x\u{1}", "X", ""].map(str::to_owned).to_vec(),
            language: Some("en\u{2}".to_owned()),
            published: Some(Published {
                at: at(100),
                precision: Precision::Second,
            }),
            updated: Some(at(50)),
            summary: dirty.to_owned(),
            content_html: dirty.to_owned(),
            image: None,
            audio: None,
            comments: vec![Comment {
                author: dirty.to_owned(),
                published: None,
                text: format!("{dirty} "),
            }],
            comment_count: None,
            guid: None,
            draft: false,
            expires: None,
        });
        assert_eq!((article.title.as_str(), article.summary.as_str()), ("a b", "a b"));
        assert_eq!(article.authors.len(), 1);
        assert_eq!(article.categories, ["x"]);
        assert_eq!(article.language.as_deref(), Some("en"));
        assert_eq!(article.content_html, "a\n b");
        assert_eq!(
            (
                article.comments[0].author.as_str(),
                article.comments[0].text.as_str()
            ),
            ("a b", "a\n b")
        );
        assert_eq!(article.updated, Some(at(100)), "never before it was published");
    }

    /// A line as it would be put together word by word.
    fn by_words(text: &str) -> String {
        let is_space = |c: char| c.is_whitespace() || c == '\u{200B}' || c == '\u{FEFF}';
        let words = text.split(is_space).map(|word| xml_safe(word).into_owned());
        words
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    proptest! {
        #[test]
        fn a_line_has_each_word_once(text in "([a-zé’]{1,3}|[ \n\t\u{A0}\u{3000}\u{200B}\u{FEFF}\u{1}]){0,20}") {
            prop_assert_eq!(one_line(&text), by_words(&text));
        }

        #[test]
        fn no_forbidden_character_gets_past(text in any::<String>()) {
            prop_assert!(xml_safe(&text).chars().all(is_xml_char));
            prop_assert!(from_html(&text).chars().all(is_xml_char));
            let line = one_line(&text);
            prop_assert!(line.chars().all(is_xml_char) && !line.contains('\n') && line.trim() == line);
        }

        #[test]
        fn a_cut_is_that_of_the_whole_line(
            text in "([a-zé’日]{1,5}|[ \n\t\u{A0}\u{3000}\u{1}]){0,60}",
            most in 1_usize..60,
        ) {
            prop_assert_eq!(first_words(&text, most), first_words(&one_line(&text), most));
        }

        #[test]
        fn cuts_are_never_too_long(text in any::<String>(), most in 1_usize..50) {
            prop_assert!(first_words(&text, most).chars().count() <= most);
        }

        #[test]
        fn safe_text_is_left_alone(text in "[ -~à-ü\u{10000}-\u{1FFFF}]*") {
            prop_assert_eq!(xml_safe(&text), text.as_str());
        }
    }
}
