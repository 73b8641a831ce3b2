//! Words that an operator's own selection asks for, and whether an article says one of them.

use crate::articles::Article;
use crate::articles::text::from_html;
use unicode_normalization::UnicodeNormalization;

/// Words and phrases; an article that says one of them is meant. Neither case nor what stands between
/// two words counts, and no part of a word is a word: `tide` is not in `tides`.
#[derive(Debug, Clone)]
pub struct Words(Vec<String>);

impl Words {
    #[must_use]
    pub fn new(wanted: &[String]) -> Words {
        Words(wanted.iter().map(|words| spaced(words)).collect())
    }

    /// Whether the title, the summary or the text of an article holds one of them; without any, all do.
    #[must_use]
    pub fn are_in(&self, article: &Article) -> bool {
        let says = |text: &str| {
            let text = spaced(text);
            self.0.iter().any(|words| words != " " && text.contains(words))
        };
        self.0.is_empty()
            || says(&article.title)
            || says(&article.summary)
            || says(&from_html(&article.content_html))
    }
}

/// The words of a text, each with a space before and behind it. In scripts that write no spaces each
/// character is a word.
fn spaced(text: &str) -> String {
    let mut spaced = String::from(" ");
    for c in text.nfc().collect::<String>().to_lowercase().chars() {
        if is_word_alone(c) {
            end_word(&mut spaced);
            spaced.push(c);
            end_word(&mut spaced);
        } else if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) {
            spaced.push(c);
        } else if c != '\u{AD}' {
            end_word(&mut spaced);
        }
    }
    end_word(&mut spaced);
    spaced
}

fn end_word(spaced: &mut String) {
    if !spaced.ends_with(' ') {
        spaced.push(' ');
    }
}

/// Kana, Han, Thai, Lao, Myanmar and Khmer.
fn is_word_alone(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::tests::example::article;

    fn says(words: &[&str], title: &str, html: &str) -> bool {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let mut stored = article("a", title);
        stored.article.content_html = html.to_owned();
        Words::new(&words).are_in(&stored.article)
    }

    #[test]
    fn one_word_anywhere_is_enough_in_any_case() {
        assert!(says(&["eel", "HERON"], "A heron named Gerald", ""));
        assert!(says(&["eel"], "Fish", "<p>An <b>E</b>el, at last.</p>"));
        assert!(says(&["the tide"], "Fish", ""), "of the summary");
        assert!(says(&[], "Fish", ""));
        assert!(!says(&["eel"], "Feeling", "<a href=\"/eel\">x</a>"));
    }

    #[test]
    fn a_phrase_is_its_words_in_a_row() {
        assert!(says(&["tide table"], "How to read a tide-table", ""));
        assert!(!says(&["tide table"], "A table of the tide", ""));
        assert!(says(&["don't"], "What you don\u{2019}t see", ""));
        assert!(says(&["eau"], "L'eau qui dort", ""));
        assert!(!says(&["!!!"], "Fish!!!", ""), "no word");
    }

    #[test]
    fn scripts_without_spaces_have_words_too() {
        assert!(says(&["潮汐"], "河口的潮汐表", ""));
        assert!(!says(&["潮表"], "河口的潮汐表", ""));
        assert!(says(&["прилив"], "Прилив, снова", ""));
    }
}
