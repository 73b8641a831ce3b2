//! What themes put before the first and after the last words of an article, told by what it says and
//! where it leads: tags, the way to the next article, shares, edits, tables of contents.

use super::filed;
use super::lines::Line;
use crate::sources::dates::Reading;
use crate::sources::visible::credits;
use dom_query::NodeRef;
use url::Url;

/// What a line at an edge begins with that is none of the text.
const BEGINNINGS: &[&str] = &[
    "back to ",
    "bearbeiten",
    "comments have been disabled",
    "comments are closed",
    "discuss on ",
    "discuss this ",
    "edit on ",
    "edit page",
    "edit this ",
    "go back",
    "improve this page",
    "last updated",
    "last modified",
    "leave a comment",
    "modifier cette page",
    "reply by ",
    "reply to this post",
    "reply via ",
    "seite bearbeiten",
    "share on",
    "share this ",
    "suggest changes",
    "suggest an edit",
    "this post is licensed under",
    "view source",
];
/// What such a line is, without its marks.
const WHOLES: &[&str] = &[
    "categories",
    "category",
    "contents",
    "edit",
    "filed under",
    "in this article",
    "in this post",
    "inhalt",
    "inhaltsverzeichnis",
    "on this page",
    "permalink",
    "related",
    "share",
    "sommaire",
    "table of contents",
    "tagged",
    "tags",
    "tweet",
    "what's in this post",
];
/// What leads to the article before or after.
const TURNS: &[&str] = &[
    "newer",
    "newer post",
    "next",
    "next article",
    "next post",
    "older",
    "older post",
    "prev",
    "previous",
    "previous article",
    "previous post",
    "nächster beitrag",
    "vorheriger beitrag",
    "weiter",
    "zurück",
    "article précédent",
    "article suivant",
    "précédent",
    "suivant",
    "anterior",
    "siguiente",
    "上一篇",
    "下一篇",
    "前の記事",
    "次の記事",
];
/// What stands before the name of an article before…
const BACK: [char; 3] = ['←', '«', '‹'];
/// …and behind that of one after.
const ON: [char; 3] = ['→', '»', '›'];
/// Where links lead that share a page.
const SHARES: &[&str] = &[
    "api.whatsapp.com/send",
    "bsky.app/intent",
    "facebook.com/share",
    "linkedin.com/share",
    "news.ycombinator.com/submitlink",
    "pinterest.com/pin/create",
    "reddit.com/submit",
    "t.me/share",
    "telegram.me/share",
    "twitter.com/intent",
    "wa.me/",
    "x.com/intent",
];
/// The most lines that are looked at on each side.
const MOST: usize = 60;

/// Takes what is none of the text off its beginning and its end.
pub(super) fn remove(lines: &[Line], reading: Reading) {
    let credits = |line: &Line| line.heading.is_none() && credits::line(&line.text, reading).is_some();
    let edge = |at: &usize| is_edge(&lines[*at]) || heads_contents(&lines[*at..]) || credits(&lines[*at]);
    let first = (0..lines.len().min(MOST)).take_while(edge).count();
    let mut last = lines.len();
    while last > first && lines.len() - last < MOST {
        let line = &lines[last - 1];
        // Where a line says only "Next", the link below it is its own.
        let turned = || last >= first + 2 && is_turn(&lines[last - 2].text) && !links(line).is_empty();
        if turned() {
            last -= 2;
        } else if is_edge(line) {
            last -= 1;
        } else {
            break;
        }
    }
    for line in lines[..first].iter().chain(&lines[last..]) {
        line.nodes.iter().for_each(NodeRef::remove_from_parent);
    }
}

fn is_edge(line: &Line) -> bool {
    if line.heading == Some(1) {
        return false;
    }
    let lower = line.text.to_lowercase();
    let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
    let short = lower.chars().count() <= 120;
    let said = || {
        BEGINNINGS.iter().any(|start| bare.starts_with(start))
            || WHOLES.contains(&bare)
            || is_reading_time(bare)
    };
    short && (lower.chars().all(is_mark) || said() || leads_away(line))
}

/// `•`, `|`, `/`: what stands between links.
fn is_mark(c: char) -> bool {
    c.is_whitespace() || "•·|/—–-,→←»«›‹#".contains(c)
}

/// `5 min read`, `less than 1 minute read`, `212 words`.
fn is_reading_time(bare: &str) -> bool {
    let words: Vec<&str> = bare.split(|c: char| c.is_whitespace() || c == '-').collect();
    let number = words
        .iter()
        .any(|word| word.parse::<u32>().is_ok() || *word == "one");
    let unit = ["min", "mins", "minute", "minutes", "words"];
    number
        && words.len() <= 6
        && words.iter().any(|word| unit.contains(word))
        && words
            .last()
            .is_some_and(|last| *last == "read" || unit.contains(last))
}

/// Whether a few words stand above links that lead to places of this page.
fn heads_contents(lines: &[Line]) -> bool {
    let [heading, below @ ..] = lines else {
        return false;
    };
    let here = |line: &Line| {
        let links = links(line);
        !links.is_empty()
            && links
                .iter()
                .all(|link| is_here(&link.attr("href").unwrap_or_default()))
    };
    heading.text.chars().count() <= 30 && below.len() > 2 && below[..2].iter().all(here)
}

fn is_here(href: &str) -> bool {
    href.starts_with('#') && href.len() > 1
}

/// `Previous`, `« Prev`, `Next:`, in any language behind an arrow.
fn is_turn(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    let arrow = lower.starts_with(BACK) || lower.ends_with(ON);
    TURNS.contains(&lower.trim_matches(|c: char| !c.is_alphanumeric()))
        || (arrow && lower.split_whitespace().count() <= 3)
}

/// Whether a line is made of links alone, and each leads to tags, to a share, to the article before or
/// after, or to a place of this page.
fn leads_away(line: &Line) -> bool {
    let links = links(line);
    !links.is_empty() && links.iter().all(is_away)
}

fn is_away(link: &NodeRef) -> bool {
    let text = link.text();
    let text = text.trim();
    let relations = link.attr("rel").unwrap_or_default().to_lowercase();
    let related = relations
        .split_ascii_whitespace()
        .any(|relation| matches!(relation, "tag" | "prev" | "next" | "category" | "edit"));
    let arrow = text.starts_with(BACK) || text.ends_with(ON);
    let labelled = text.split_once(':').is_some_and(|(label, _)| is_turn(label));
    let href = link.attr("href").unwrap_or_default();
    related
        || arrow
        || labelled
        || is_turn(text)
        || is_here(&href)
        || filed::kind(&href).is_some()
        || is_share(&href)
}

fn is_share(href: &str) -> bool {
    Url::parse(href).is_ok_and(|url| {
        let host = url.host_str().unwrap_or_default();
        let place = format!("{}{}", host.trim_start_matches("www."), url.path());
        SHARES.iter().any(|share| place.starts_with(share))
    })
}

/// The links of a line that says nothing beside them.
fn links<'a>(line: &Line<'a>) -> Vec<NodeRef<'a>> {
    let mut links = Vec::new();
    let mut beside = String::new();
    let mut open: Vec<NodeRef> = line.nodes.clone();
    while let Some(node) = open.pop() {
        let of_link = || node.ancestors_it(Some(4)).find(|around| around.has_name("a"));
        if node.has_name("a") {
            links.push(node);
        } else if let Some(link) = of_link() {
            links.push(link);
        } else if node.is_text() {
            beside.push_str(&node.text());
        } else {
            open.extend(node.children_it(true));
        }
    }
    if beside.chars().any(char::is_alphanumeric) {
        links.clear();
    }
    links
}
