//! The blocks of an article as HTML: which of the short ones are headings, which are list items.

use super::blocks::{Item, item};
use crate::sources::visible::words;

/// Makes HTML of the blocks.
pub(super) fn html(blocks: &[&str]) -> String {
    let mut html = String::new();
    let mut at = 0;
    while at < blocks.len() {
        let run = list_length(&blocks[at..]);
        if run > 0 {
            list(&blocks[at..at + run], &mut html);
            at += run;
            continue;
        }
        let tag = if is_heading(blocks, at) { "h2" } else { "p" };
        html.push_str(&format!("<{tag}>{}</{tag}>\n", escape(blocks[at])));
        at += 1;
    }
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// How many blocks from the first on are items of one list. One number alone is a list only where it
/// can be no heading.
fn list_length(blocks: &[&str]) -> usize {
    let length = match item(blocks[0]) {
        None => return 0,
        Some(Item::Bullet(_)) => blocks
            .iter()
            .take_while(|block| matches!(item(block), Some(Item::Bullet(_))))
            .count(),
        Some(Item::Number(first, _)) => blocks
            .iter()
            .zip(first..)
            .take_while(|(block, expected)| matches!(item(block), Some(Item::Number(n, _)) if n == *expected))
            .count(),
    };
    if length == 1 && is_heading(blocks, 0) {
        0
    } else {
        length
    }
}

fn list(blocks: &[&str], html: &mut String) {
    let tag = match item(blocks[0]) {
        Some(Item::Number(1, _)) => "ol".to_owned(),
        Some(Item::Number(first, _)) => format!("ol start=\"{first}\""),
        _ => "ul".to_owned(),
    };
    html.push_str(&format!("<{tag}>\n"));
    for block in blocks {
        let text = match item(block) {
            Some(Item::Bullet(text) | Item::Number(_, text)) => text,
            None => block,
        };
        html.push_str(&format!("<li>{}</li>\n", escape(text)));
    }
    html.push_str(&format!("</{}>\n", &tag[..2]));
}

/// A short line without a final stop, right before a paragraph: alone, or the second of two. Where
/// more follow one another they are lines of something else.
fn is_heading(blocks: &[&str], at: usize) -> bool {
    if !can_be_heading(blocks[at]) {
        return false;
    }
    // More than two are too many, however many there are.
    let run = |blocks: &mut dyn Iterator<Item = &&str>| {
        let run = blocks.take(3).take_while(|block| can_be_heading(block));
        run.count()
    };
    let before = run(&mut blocks[..at].iter().rev());
    let after = run(&mut blocks[at..].iter());
    let next = blocks.get(at + after);
    before + after <= 2
        && next.is_some_and(|next| words::is_prose(next) || is_sentence(next) || item(next).is_some())
}

/// A few words that end as a sentence does.
fn is_sentence(block: &str) -> bool {
    block.split_whitespace().count() >= 3 && block.ends_with(['.', '!', '?', '。'])
}

fn can_be_heading(block: &str) -> bool {
    let text = match item(block) {
        Some(Item::Bullet(_)) => return false,
        Some(Item::Number(_, text)) => text,
        None => block,
    };
    let length = text.chars().count();
    let ended = text.ends_with(['.', '!', ':', ';', ',', '…', '"', '”', '。', '।']);
    (2..=90).contains(&length)
        && text.split_whitespace().count() <= 14
        && !ended
        && !text.starts_with(|c: char| c.is_lowercase() || "\"“‘'(".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &str = "This is a paragraph that says something, as paragraphs do, and ends.";

    #[test]
    fn headings_stand_before_paragraphs() {
        let html = html(&[
            "What Is It?",
            PROSE,
            "Part",
            "1. Active Listening",
            PROSE,
            "2. Ask",
            PROSE,
            "made by tools",
        ]);
        assert_eq!(
            html,
            format!(
                "<h2>What Is It?</h2>\n<p>{PROSE}</p>\n<h2>Part</h2>\n<h2>1. Active Listening</h2>\n<p>{PROSE}</p>\n\
                 <h2>2. Ask</h2>\n<p>{PROSE}</p>\n<p>made by tools</p>\n"
            )
        );
    }

    #[test]
    fn numbers_in_a_row_are_a_list() {
        let long = "1. Cognitive Empathy: this is the ability to understand somebody.";
        let html = html(&[
            "There are two:",
            long,
            "2. Emotional Empathy: this one is felt.",
            PROSE,
        ]);
        assert!(html.contains("<ol>\n<li>Cognitive Empathy: this"), "{html}");
        assert_eq!(html.matches("<li>").count(), 2);
        let short = super::html(&["1. Milk", "2. Eggs", "3. Flour", PROSE]);
        assert_eq!(short.matches("<li>").count(), 3, "{short}");
        let bullets = super::html(&["- a", "• b", PROSE]);
        assert!(
            bullets.starts_with("<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
            "{bullets}"
        );
    }

    #[test]
    fn lines_in_a_row_are_no_headings() {
        let html = html(&[
            "Roses are red",
            "Violets are blue",
            "Sugar is sweet",
            PROSE,
            "<b> & c",
        ]);
        assert!(!html.contains("<h2>"), "{html}");
        assert!(html.contains("&lt;b&gt; &amp; c"));
    }
}
