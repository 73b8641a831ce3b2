//! Where in a dump the article is: its title, its first and last block, the discussion, and what the
//! lines around say of it.

use crate::articles::text::one_line;
use crate::sources::dates::Reading;
use crate::sources::visible::credits::{self, Credits};
use crate::sources::visible::{comments, labels, words};
use std::collections::HashSet;
use std::ops::Range;

/// How many lines may look like the heading of a discussion before the rest is not looked through.
const DISCUSSIONS: usize = 16;

/// The parts of a dump, as indexes of its blocks.
pub(super) struct Frame {
    pub(super) title: Option<usize>,
    pub(super) credits: Credits,
    pub(super) body: Vec<usize>,
    /// Empty where there is none.
    pub(super) discussion: Range<usize>,
    pub(super) comment_count: Option<u32>,
}

/// Finds the article.
pub(super) fn find(blocks: &[String], reading: Reading) -> Frame {
    let prose_from = |from: usize| {
        let prose = |at: &usize| words::is_prose(&blocks[*at]);
        (from..blocks.len()).find(prose).unwrap_or(blocks.len())
    };
    let first_prose = match prose_from(0) {
        at if is_long_title(blocks, at, reading) => prose_from(at + 1),
        at => at,
    };
    let title = title(blocks, first_prose, reading);
    let start = title.map_or(0, |at| at + 1);
    let before: HashSet<&str> = blocks[..title.unwrap_or(0)].iter().map(String::as_str).collect();
    let is_furniture = |block: &str| before.contains(block) || is_glued(block) || words::is_footer(block);

    let mut credits = Credits::default();
    let mut body: Vec<usize> = Vec::new();
    let mut at = start;
    while at < first_prose.max(start) {
        let used = credit(blocks, at, &mut credits, reading);
        if used == 0 && !words::is_button(&blocks[at]) {
            body.push(at);
        }
        at += used.max(1);
    }
    // A date or a byline above the title speaks of it too; the furniture there does not.
    for above in (start.saturating_sub(4)..start.saturating_sub(1)).rev() {
        if let Some(found) = credits::line(&blocks[above], reading) {
            credits.add(found);
        }
    }

    let discussion = discussion(blocks, first_prose, &is_furniture, reading);
    let limit = discussion.as_ref().map_or(blocks.len(), |found| found.0.start);
    let end = body_end(blocks, first_prose.max(start), limit, &is_furniture, reading);
    body.extend(first_prose.max(start)..end);
    // Right before a paragraph even "See also" and "Trending" are the article's own words.
    let is_own = |at: usize| {
        let follows = blocks.get(at + 1).is_some_and(|next| words::is_prose(next));
        !is_furniture(&blocks[at]) || words::is_own_words(&blocks[at], follows)
    };
    body.retain(|at| is_own(*at));
    let mut at = end;
    while at < limit {
        at += credit(blocks, at, &mut credits, reading).max(1);
    }
    if let Some(title) = title {
        let own = one_line(bare_title(&blocks[title])).to_lowercase();
        // An image that bears the title as its description left it behind in the text.
        body.retain(|at| one_line(&blocks[*at]).to_lowercase() != own);
    }
    let (discussion, comment_count) = discussion.unwrap_or((0..0, None));
    Frame {
        title,
        credits,
        body,
        discussion,
        comment_count,
    }
}

/// `Title: …` as some dumps begin.
pub(super) fn bare_title(block: &str) -> &str {
    let lead = block.get(..6).filter(|lead| lead.eq_ignore_ascii_case("title:"));
    lead.map_or(block, |_| block[6..].trim())
}

/// Whether a block is a title as long as a paragraph: the date or the byline stands right below it,
/// nothing but menus above it, and more prose follows.
fn is_long_title(blocks: &[String], at: usize, reading: Reading) -> bool {
    let dated = |at: usize| {
        blocks
            .get(at)
            .is_some_and(|block| credits::line(block, reading).is_some())
    };
    let titled = blocks[..at.min(blocks.len())]
        .iter()
        .enumerate()
        .any(|(index, _)| dated(index + 1));
    let short = blocks.get(at).is_some_and(|block| block.chars().count() <= 300);
    short && !titled && dated(at + 1) && blocks[at + 1..].iter().any(|block| words::is_prose(block))
}

/// Words of a menu that lost the gaps between them: `previousforumq&abulletinlanding`.
fn is_glued(block: &str) -> bool {
    let letters = block.chars().filter(char::is_ascii_alphabetic).count();
    !block.contains(char::is_whitespace)
        && letters >= 16
        && !block.contains(['.', '/', '-', '_', '@'])
        && block.is_ascii()
}

/// The title among the lines before the first paragraph: repeated below, or right above the date or
/// the byline, or the last that looks like one.
fn title(blocks: &[String], first_prose: usize, reading: Reading) -> Option<usize> {
    let is_credit = |at: usize| {
        blocks
            .get(at)
            .is_some_and(|block| credits::line(block, reading).is_some() || labels::label(block).is_some())
    };
    let later: HashSet<&String> = blocks[first_prose..].iter().collect();
    let score = |at: usize| -> i32 {
        let block = &blocks[at];
        let yes = |holds: bool, points: i32| if holds { points } else { 0 };
        let count = block.split_whitespace().count();
        yes(later.contains(block), 4)
            + yes(is_credit(at + 1), 4)
            + yes(is_credit(at + 2) && !is_credit(at + 1), 2)
            + yes(at > 0 && is_credit(at - 1), 1)
            + yes(count >= 3, 2)
            + yes(!block.starts_with(char::is_lowercase), 2)
            + yes(block.to_lowercase().starts_with("title:"), 9)
            - yes(
                block.contains([' ', '›', '>', '|', '»']) && block.contains(['›', '>', '|', '»']),
                4,
            )
            - yes(words::is_button(block) || words::is_footer(block), 6)
    };
    let usable = |at: &usize| !is_glued(&blocks[*at]) && !is_credit(*at);
    // Of equals the first: what follows a title before the text is its subtitle or a heading.
    let from = (0..first_prose).filter(usable);
    from.max_by_key(|at| (score(*at), std::cmp::Reverse(*at)))
}

/// Reads the block at an index as a credit; gives how many blocks it took.
fn credit(blocks: &[String], at: usize, credits: &mut Credits, reading: Reading) -> usize {
    let block = &blocks[at];
    if let Some((label, value)) = labels::label(block) {
        if !value.is_empty() {
            let Some(found) = credits::line(block, reading) else {
                // Prose that happens to begin like a label.
                return 0;
            };
            credits.add(found);
            return 1;
        }
        let values: Vec<String> = blocks[at + 1..]
            .iter()
            .take(8)
            .enumerate()
            .take_while(|(nth, line)| credits::is_value(label, line, *nth == 0, reading))
            .map(|(_, line)| line.clone())
            .collect();
        credits.add_values(label, &values, reading);
        return 1 + values.len();
    }
    match credits::line(block, reading) {
        Some(found) => {
            credits.add(found);
            1
        }
        None => 0,
    }
}

/// The discussion: from its heading to the page's furniture. Only where there is a comment in it or
/// it counts them: an essay too may have a heading "Discussion".
fn discussion(
    blocks: &[String],
    from: usize,
    is_furniture: &dyn Fn(&str) -> bool,
    reading: Reading,
) -> Option<(Range<usize>, Option<u32>)> {
    let headings = (from..blocks.len()).filter(|at| words::discussion(&blocks[*at]).is_some());
    headings.take(DISCUSSIONS).find_map(|start| {
        // What is like a footer at its very head, a rating for one, is within it.
        let end = (start + 1..blocks.len())
            .find(|at| is_furniture(&blocks[*at]) && !words::is_button(&blocks[*at]))
            .unwrap_or(blocks.len());
        let lines: Vec<&str> = blocks[start..end].iter().map(String::as_str).collect();
        let count = lines
            .iter()
            .take(6)
            .find_map(|line| words::discussion(line)?.count);
        let found = comments::read(&lines, reading);
        let dated = found.iter().any(|comment| comment.published.is_some());
        let last = !blocks[end..].iter().any(|block| block.chars().count() > 200);
        (count.is_some() || (last && (dated || (!found.is_empty() && lines.len() <= 3 * found.len() + 4))))
            .then_some((start..end, count))
    })
}

/// Where the article's text ends: at the first label or footer after which there is hardly any prose.
fn body_end(
    blocks: &[String],
    start: usize,
    limit: usize,
    is_furniture: &dyn Fn(&str) -> bool,
    reading: Reading,
) -> usize {
    // How much prose there is from each block on, summed once: a dump can have any number of blocks.
    let mut sums = vec![0; limit.saturating_sub(start) + 1];
    for at in (start..limit).rev() {
        let own = words::is_prose(&blocks[at]).then(|| blocks[at].chars().count());
        sums[at - start] = sums[at - start + 1] + own.unwrap_or_default();
    }
    let all = sums[0];
    let ends = |at: usize| {
        let block = &blocks[at];
        let after = sums[at - start];
        let label = labels::label(block)
            .is_some_and(|(_, value)| value.is_empty() || credits::line(block, reading).is_some());
        let weak = || {
            is_furniture(block)
                || words::discussion(block).is_some()
                || credits::line(block, reading).is_some()
        };
        // What a label begins may tell about the author at some length.
        (label && after * 2 <= all) || (after * 4 <= all && weak())
    };
    (start..limit).find(|at| ends(*at)).unwrap_or(limit)
}
