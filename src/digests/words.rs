//! Text for mails: on one line, cut, wrapped, counted.

use std::fmt::Write;

/// White space and control characters become single spaces: nothing of it can end a header line.
#[must_use]
pub(super) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// At 200 words a minute, or 400 characters of a script without spaces; at least one.
#[must_use]
pub(super) fn reading_minutes(text: &str) -> u64 {
    let dense = |c: &char| matches!(*c as u32, 0x2E80..=0x9FFF | 0xAC00..=0xD7A3);
    let words = text.split_whitespace().count() + text.chars().filter(dense).count() / 2;
    (words as u64).div_ceil(200).max(1)
}

/// At most `length` characters, cut between words where there are any, with an ellipsis.
#[must_use]
pub(super) fn truncate(text: &str, length: usize) -> String {
    let Some((end, next)) = text.char_indices().nth(length) else {
        return text.to_owned();
    };
    let kept = &text[..end];
    let word_end = if next.is_whitespace() {
        Some(kept.len())
    } else {
        kept.rfind(char::is_whitespace)
    };
    // A language without spaces is cut where it is.
    let kept = word_end
        .filter(|at| *at * 2 >= kept.len())
        .map_or(kept, |at| &kept[..at]);
    let dangling = |c: char| c.is_whitespace() || ",;:.–—-\u{200d}\u{fe0f}".contains(c);
    format!("{}…", kept.trim_end_matches(dangling))
}

/// Columns a character takes in a fixed-width font: East Asian ones take two.
fn columns(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F => 2,
        0xFF00..=0xFF60 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// Lines of at most 72 columns; words longer than that stay whole, but for those of a script that has
/// no spaces. All lines but the first are indented.
#[must_use]
pub(super) fn wrap(text: &str, indent: usize) -> String {
    const WIDTH: usize = 72;
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        let mut used = indent;
        if number > 0 {
            out.push('\n');
            if !line.trim().is_empty() {
                let _ = write!(out, "{:indent$}", "");
            }
        }
        for (position, (piece, after_space)) in line.split_whitespace().flat_map(pieces).enumerate() {
            let width: usize = piece.chars().map(columns).sum();
            let space = usize::from(position > 0 && after_space);
            if position > 0 && used + space + width > WIDTH {
                let _ = write!(out, "\n{:indent$}", "");
                used = indent;
            } else if space > 0 {
                out.push(' ');
                used += 1;
            }
            out.push_str(piece);
            used += width;
        }
    }
    out
}

/// Where lines may break within a word: between two characters of a script without spaces, unless the
/// second is a mark that belongs to the first. With each piece, whether a space stands before it.
fn pieces(word: &str) -> Vec<(&str, bool)> {
    let dense = |c: char| matches!(c as u32, 0x3041..=0x30FF | 0x3400..=0x9FFF | 0x20000..=0x3FFFD);
    // Small kana, the long-vowel mark and the like never begin a line.
    let clings = |c: char| "ぁぃぅぇぉっゃゅょァィゥェォッャュョー・ヽヾゝゞ々、。".contains(c);
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in word.char_indices() {
        let may_end = |c: char| dense(c) || "、。".contains(c);
        if before.is_some_and(may_end) && dense(c) && !clings(c) {
            pieces.push((&word[start..at], start == 0));
            start = at;
        }
        before = Some(c);
    }
    pieces.push((&word[start..], start == 0));
    pieces
}

/// A text part: no white space at a line's end, at most one blank line in a row, and one line end at
/// its own end.
#[must_use]
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            blank += 1;
            continue;
        }
        if blank > 0 && !out.is_empty() {
            out.push('\n');
        }
        blank = 0;
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_for_one_line_is_on_one_line() {
        assert_eq!(one_line(" a\r\nBcc: b\u{2028}c\t\u{85}d\0 "), "a Bcc: b c d");
    }

    #[test]
    fn reading_takes_a_minute_at_least() {
        assert_eq!(reading_minutes(""), 1);
        assert_eq!(reading_minutes(&"word ".repeat(201)), 2);
        assert_eq!(reading_minutes(&"語".repeat(800)), 3);
    }

    #[test]
    fn text_is_cut_between_words() {
        assert_eq!(truncate("short", 10), "short");
        assert_eq!(truncate("one two, three", 9), "one two…");
        assert_eq!(truncate("一二三四五六七八", 4), "一二三四…");
        assert_eq!(truncate("", 0), "");
    }

    #[test]
    fn wrapping_keeps_every_word() {
        let text = "word ".repeat(40);
        let wrapped = wrap(&text, 4);
        assert!(wrapped.lines().all(|line| line.len() <= 72));
        assert!(wrapped.lines().skip(1).all(|line| line.starts_with("    w")));
        assert_eq!(wrapped.split_whitespace().count(), 40);
    }

    #[test]
    fn scripts_without_spaces_are_wrapped_too() {
        let text = "日本語の要約、".repeat(30);
        let wrapped = wrap(&text, 2);
        assert!(
            wrapped
                .lines()
                .all(|line| line.chars().map(columns).sum::<usize>() <= 72)
        );
        assert!(wrapped.lines().all(|line| !line.trim_start().starts_with('、')));
        let kept: String = wrapped.split_whitespace().collect();
        assert_eq!(kept, text);
    }

    #[test]
    fn a_tidy_text_has_single_blank_lines() {
        assert_eq!(tidy("\n\n a  \n\n\n\nb\r\n\n"), " a\n\nb\n");
        assert_eq!(tidy(""), "");
    }

    proptest! {
        #[test]
        fn nothing_makes_them_panic(text in "\\PC{0,60}", length in 0_usize..80) {
            let cut = truncate(&text, length);
            prop_assert!(cut.chars().count() <= length + 1);
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(letters(&wrap(&text, length)), letters(&text));
            prop_assert!(!one_line(&text).contains('\n'));
        }
    }
}
