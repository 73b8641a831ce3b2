//! HTML so simple that its tags alone say what any parser makes of it: what Markdown becomes, and most
//! of what editors write. Taking it apart here costs a tenth of building the tree that browsers would;
//! what is in any way unusual is left to the real parsers, which give the same for all that is taken
//! here (the tests hold the two side by side).

use memchr::{memchr, memchr2};
use std::borrow::Cow;

/// Elements may stand in one another so deep, a tag may have so many attributes, and all of it so many
/// bytes: far from what no parser would take.
const DEPTH: usize = 64;
const ATTRIBUTES: usize = 16;
const BYTES: usize = 512 * 1024;

/// Each name with its value, references resolved.
pub(super) type Attributes<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// A tag, or what stands between two.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Open {
        name: &'a str,
        attributes: Attributes<'a>,
    },
    /// Not of elements that hold nothing.
    Close(&'a str),
    Text(Cow<'a, str>),
}

/// What stands in what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Flow,
    Phrasing,
    Items,
    Sections,
    Rows,
    Cells,
    Nothing,
}

/// As what an element stands, and what stands in it.
fn element(name: &str) -> Option<(Content, Content)> {
    use Content::{Cells, Flow, Items, Nothing, Phrasing, Rows, Sections};
    Some(match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "pre" => (Flow, Phrasing),
        "blockquote" | "div" => (Flow, Flow),
        "ul" | "ol" => (Flow, Items),
        "hr" => (Flow, Nothing),
        "li" => (Items, Flow),
        "table" => (Flow, Sections),
        "thead" | "tbody" => (Sections, Rows),
        "tr" => (Rows, Cells),
        "td" | "th" => (Cells, Phrasing),
        "a" | "em" | "strong" | "code" | "del" | "sup" | "sub" => (Phrasing, Phrasing),
        "br" | "img" => (Phrasing, Nothing),
        _ => return None,
    })
}

/// Whether the element has no end tag.
pub(super) fn is_void(name: &str) -> bool {
    element(name).is_some_and(|(_, holds)| holds == Content::Nothing)
}

fn fits(content: Content, within: Content) -> bool {
    content == within || (content == Content::Phrasing && within == Content::Flow)
}

/// Takes simple HTML apart: known elements, each where it belongs and closed in its turn, so that no
/// parser has anything to mend. `None`: it is not simple.
pub(super) fn pieces(html: &str) -> Option<Vec<Piece<'_>>> {
    // Parsers leave out or replace these.
    if html.len() > BYTES || html.starts_with('\u{FEFF}') || memchr2(b'\0', b'\r', html.as_bytes()).is_some()
    {
        return None;
    }
    let mut pieces = Vec::with_capacity(html.len() / 32);
    let mut open: Vec<(&str, Content)> = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let holds = open.last().map_or(Content::Flow, |(_, holds)| *holds);
        let end = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
        if end > 0 {
            let text = &rest[..end];
            if !may_hold(holds, text, pieces.last()) {
                return None;
            }
            pieces.push(Piece::Text(decode(text)?));
            rest = &rest[end..];
        } else if let Some(tag) = rest.strip_prefix("</") {
            let (name, after) = tag.split_once('>')?;
            let (opened, _) = open.pop()?;
            if opened != name {
                return None;
            }
            pieces.push(Piece::Close(name));
            rest = after;
        } else {
            let (name, after) = name(&rest[1..]);
            let (content, inner) = element(name)?;
            let (attributes, after) = attributes(after, inner == Content::Nothing)?;
            let again = name == "a" && open.iter().any(|(outer, _)| *outer == "a");
            if !fits(content, holds) || again || open.len() == DEPTH {
                return None;
            }
            if inner != Content::Nothing {
                open.push((name, inner));
            }
            pieces.push(Piece::Open { name, attributes });
            rest = after;
        }
    }
    open.is_empty().then_some(pieces)
}

/// Parsers move text out of tables, and drop the line break that `pre` begins with.
fn may_hold(holds: Content, text: &str, before: Option<&Piece>) -> bool {
    match holds {
        Content::Sections | Content::Rows | Content::Cells => text.bytes().all(|b| b.is_ascii_whitespace()),
        _ => !(text.starts_with('\n') && matches!(before, Some(Piece::Open { name: "pre", .. }))),
    }
}

fn name(tag: &str) -> (&str, &str) {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let end = tag.bytes().position(|b| !plain(b)).unwrap_or(tag.len());
    tag.split_at(end)
}

/// The attributes of a tag, each once and in double quotes, and what follows the tag.
fn attributes(mut tag: &str, is_void: bool) -> Option<(Attributes<'_>, &str)> {
    let mut found = Attributes::new();
    loop {
        if let Some(after) = tag.strip_prefix('>') {
            return Some((found, after));
        }
        if let Some(after) = tag.strip_prefix("/>").or_else(|| tag.strip_prefix(" />")) {
            return is_void.then_some((found, after));
        }
        let (name, value) = name(tag.strip_prefix(' ')?);
        let (value, after) = value.strip_prefix("=\"")?.split_once('"')?;
        if found.len() == ATTRIBUTES
            || name.is_empty()
            || value.contains('<')
            || found.iter().any(|(earlier, _)| *earlier == name)
        {
            return None;
        }
        found.push((name, decode(value)?));
        tag = after;
    }
}

/// The references that writers of HTML need.
const REFERENCES: [(&str, char); 6] = [
    ("&amp;", '&'),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&quot;", '"'),
    ("&#39;", '\''),
    ("&nbsp;", '\u{A0}'),
];

fn decode(raw: &str) -> Option<Cow<'_, str>> {
    if memchr(b'&', raw.as_bytes()).is_none() {
        return Some(Cow::Borrowed(raw));
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (reference, character) = REFERENCES
            .iter()
            .find(|(reference, _)| rest.starts_with(reference))?;
        text.push(*character);
        rest = &rest[reference.len()..];
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

/// HTML to try both ways on.
#[cfg(test)]
pub(super) mod samples {
    use proptest::prelude::*;

    /// What Markdown becomes, as it is written and with what may be wrong in it.
    pub(in crate::articles) fn markdown() -> impl Strategy<Value = String> {
        let word =
            "(tide|boat|\\*|a&b|&amp;lt;|&copy;|\\[x\\]|<b>|</p>|<br>|\u{A0}|\"q\"|'s|é|\u{FEFF}|>|1\\. |# )";
        let link = "\\[t \\*e\\*\\]\\((/a|b c|https://e\\.example/\\?a=1&b=2|javascript:x|data:x|mailto:a@b\\.example|//c\\.example|#n|https://\\[x|)( \"a <t> & b\")?\\)";
        let image = "!\\[a\\]\\((/a\\.png|data:x|mailto:x|i j)\\)";
        let inline =
            format!("({word}|{link}|{image}|\\*\\*s\\*\\*|\\*e\\*|`c<d>`|~~d~~|  \n|\\[\\^1\\]| | | )");
        let line = format!(
            "(|# |### |> |> > |- |  - |    |1\\. |7\\. |\\[\\^1\\]: |- \\[x\\] |```rust\n|```\n|---\n|\\| a \\| b \\|\n\\|---\\|:-:\\|\n\\| )({inline}){{0,4}}(\n|\n\n)"
        );
        let lines = format!("({line}){{0,12}}");
        proptest::string::string_regex(&lines).unwrap()
    }

    pub(in crate::articles) fn rendered(markdown: &str) -> String {
        use pulldown_cmark::{Options, Parser, html};
        let mut rendered = String::new();
        html::push_html(&mut rendered, Parser::new_ext(markdown, Options::all()));
        rendered
    }

    /// Elements that hold one another anyhow, most of them closed.
    pub(in crate::articles) fn tangled() -> impl Strategy<Value = String> {
        let open = "<(p|div|ul|ol start=\"3\"|li|a href=\"/x\"|em|strong|code class=\"language-c x\"|pre|h2 id=\"i\"|table|thead|tbody|tr|td style=\"x\"|th|sup|del|blockquote|b|span|img src=\"a\" alt=\"&quot;\"|br|br /|hr/)>";
        let close = "</(p|div|ul|ol|li|a|em|strong|code|pre|h2|table|thead|tbody|tr|td|th|sup|del|blockquote|b|span)>";
        let text = "(a|\n| |&amp;|&lt;|&#39;|&amp|&nbsp;|<!-- c -->|>|x y)";
        let known = [
            "p", "div", "ul", "li", "em", "a", "pre", "code", "h2", "sup", "table", "tbody", "tr", "td",
        ];
        let leaf = proptest::string::string_regex(&format!("({text}|{text}|{text}|{open}|{close})")).unwrap();
        leaf.prop_recursive(6, 40, 5, move |inner| {
            (
                proptest::sample::select(known.to_vec()),
                proptest::collection::vec(inner, 0..5),
            )
                .prop_map(|(name, inner)| format!("<{name}>{}</{name}>", inner.concat()))
        })
    }
}
