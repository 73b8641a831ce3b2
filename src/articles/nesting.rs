//! Whether HTML can be parsed within seconds, told by its tags alone. Deep HTML takes a parser time with
//! the square of its depth, many attributes of one tag with the square of their number, and some of what
//! handles the result calls itself once a level: this guards all of them.

use memchr::{memchr, memmem};
use std::borrow::Cow;
use std::ops::Range;

/// How deep elements may stand in one another. Browsers stop at 512; what is deeper is no article.
pub const MAX_DEPTH: usize = 500;
/// The most attributes of one tag: a parser compares each with all before it.
pub const MAX_ATTRIBUTES: usize = 1_000;
/// The most tags and comments: each is a node, many times as large in memory as in its file.
pub const MAX_TAGS: usize = 300_000;
/// The most bytes, each counted once a level it stands in: whatever weighs the elements of a page reads
/// the text of each.
const MAX_WEIGHT: usize = 400_000_000;

/// What makes HTML too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// Elements stand in one another deeper than [`MAX_DEPTH`].
    Depth,
    /// A tag has more than [`MAX_ATTRIBUTES`].
    Attributes,
    /// There are more than [`MAX_TAGS`] tags.
    Tags,
    /// There is very much text, very deep.
    Weight,
}

/// What makes some HTML too much to be parsed; `None` for all that people write.
#[must_use]
pub fn excess(html: &str) -> Option<Excess> {
    survey(html).err()
}

/// What the tags of some HTML tell before it is parsed.
#[derive(Debug, Default)]
pub struct Survey {
    /// Where its programs and style sheets stand, without their tags: what a reader never sees and a
    /// parser would go through. A script that is data (JSON, a formula) is none.
    pub unseen: Vec<Range<usize>>,
    /// Whether a table is never closed.
    pub has_open_table: bool,
}

/// Goes through the tags of some HTML.
///
/// Follows the rules by which browsers close elements as far as they decide what stays open: an
/// element that needs no end tag counts nothing, an end tag reaches out of no table, `</span>` out of
/// no block, and `</b>` and its like close nothing but their own.
///
/// # Errors
/// There is too much of it to be parsed.
pub fn survey(html: &str) -> Result<Survey, Excess> {
    let mut unseen = Vec::new();
    let mut open: Vec<Cow<str>> = Vec::new();
    let (mut tags, mut weight, mut weighed) = (0, 0_usize, html.len());
    // Whether what is open is surely what a browser has open.
    let mut is_told = true;
    let mut rest = html;
    while let Some(start) = memchr(b'<', rest.as_bytes()) {
        rest = &rest[start + 1..];
        tags += 1;
        weight = weight.saturating_add((weighed - rest.len()).saturating_mul(open.len()));
        weighed = rest.len();
        is_little(tags, weight)?;
        let inner = rest.strip_prefix('/');
        let name = tag_name(inner.unwrap_or(rest));
        if name.is_empty() {
            is_told &= !(rest.starts_with("![CDATA[") && in_drawing(&open));
            rest = after_comment(rest);
            continue;
        }
        let stated = &inner.unwrap_or(rest)[name.len()..];
        let (attributes, after) = after_attributes(stated);
        if attributes > MAX_ATTRIBUTES {
            return Err(Excess::Attributes);
        }
        rest = after;
        is_told &= !is_tangled(&open, &name, inner.is_some());
        if needs_no_end(&name) {
            continue;
        }
        let stated = &stated[..stated.len() - rest.len()];
        if inner.is_none() && stated.ends_with("/>") && in_drawing(&open) {
            continue;
        }
        if holds_raw_text(&name) && !in_drawing(&open) {
            if inner.is_none() {
                rest = after_raw_text(after, &name);
                let from = html.len() - after.len();
                let held = from..html.len() - rest.len();
                if is_told && is_unseen(&name, stated, &html[held.clone()]) {
                    unseen.push(held);
                }
            }
        } else if inner.is_some() {
            close(&mut open, &name);
        } else {
            open.push(name);
            if open.len() > MAX_DEPTH {
                return Err(Excess::Depth);
            }
        }
    }
    let weight = weight.saturating_add(weighed.saturating_mul(open.len()));
    is_little(tags, weight)?;
    Ok(Survey {
        unseen,
        has_open_table: open.iter().any(|name| name == "table"),
    })
}

fn is_little(tags: usize, weight: usize) -> Result<(), Excess> {
    if tags > MAX_TAGS {
        Err(Excess::Tags)
    } else if weight > MAX_WEIGHT {
        Err(Excess::Weight)
    } else {
        Ok(())
    }
}

/// Whether one of the elements is a drawing or a formula, in which other rules hold.
fn in_drawing(open: &[Cow<str>]) -> bool {
    open.iter().any(|name| name == "svg" || name == "math")
}

/// Whether browsers have rules for a tag, by what is open, that are not followed here: it may lead out of a
/// drawing, or be none in a list to choose from.
fn is_tangled(open: &[Cow<str>], name: &str, ends: bool) -> bool {
    const HOLDING_HTML: &[&str] = &[
        "annotation-xml",
        "desc",
        "foreignobject",
        "mi",
        "mn",
        "mo",
        "ms",
        "mtext",
        "title",
    ];
    const OTHERS: &[&str] = &["listing", "ruby", "span", "sub", "sup", "var"];
    let is_drawing = |name: &str| matches!(name, "svg" | "math");
    let Some(drawing) = open.iter().rposition(|name| is_drawing(name)) else {
        let chosen = matches!(name, "style" | "svg" | "math") && open.iter().any(|name| name == "select");
        return !ends && (chosen || name == "plaintext");
    };
    if ends {
        return !open[drawing..].iter().any(|own| own == name);
    }
    let is_html = needs_no_end(name)
        || is_formatting(name) && name != "a"
        || is_block(name) && !is_drawing(name)
        || OTHERS.contains(&name);
    is_html || open.last().is_some_and(|last| HOLDING_HTML.contains(&&**last))
}

/// Whether nobody reads what an element holds whose content is text whatever it looks like: a style sheet,
/// or a program. Within `<!--` a program can hold its own end tag, so such a one is left alone.
fn is_unseen(name: &str, attributes: &str, held: &str) -> bool {
    let is_program = || {
        let attributes = attributes.to_ascii_lowercase();
        let is_data = attributes.contains("json") || attributes.contains("math");
        name == "script" && !is_data && memmem::find(held.as_bytes(), b"<!--").is_none()
    };
    !held.is_empty() && (name == "style" || is_program())
}

/// What follows the `<` of no element: a comment, what browsers take for one (`<!`, `<?`, `</3`), or text.
/// `<!-->` and `<!--->` are whole, and `--!>` ends one too.
fn after_comment(text: &str) -> &str {
    let Some(comment) = text.strip_prefix("!--") else {
        let is_comment = text.starts_with(['!', '?', '/']);
        if !is_comment {
            return text;
        }
        return memchr(b'>', text.as_bytes()).map_or("", |end| &text[end + 1..]);
    };
    if let Some(rest) = comment.strip_prefix('>').or_else(|| comment.strip_prefix("->")) {
        return rest;
    }
    let mut rest = comment;
    while let Some(at) = memmem::find(rest.as_bytes(), b"--") {
        // Of more dashes than two the last two end it.
        rest = rest[at..].trim_start_matches('-');
        if let Some(end) = rest.strip_prefix('>').or_else(|| rest.strip_prefix("!>")) {
            return end;
        }
    }
    ""
}

/// How many attributes stand in the rest of a tag, and what follows it. A `>` within quotes ends nothing.
fn after_attributes(tag: &str) -> (usize, &str) {
    let bytes = tag.as_bytes();
    let past = |from: usize, ends: fn(u8) -> bool| {
        let found = bytes[from..].iter().position(|byte| ends(*byte));
        found.map_or(bytes.len(), |at| from + at)
    };
    let (mut at, mut count) = (0, 0);
    while at < bytes.len() && count <= MAX_ATTRIBUTES {
        at = past(at, |byte| !byte.is_ascii_whitespace() && byte != b'/');
        match bytes.get(at) {
            None => break,
            Some(b'>') => return (count, &tag[at + 1..]),
            Some(_) => count += 1,
        }
        // What begins with an equals sign has it in its name.
        at = past(at + 1, |byte| {
            byte.is_ascii_whitespace() || b"/>=".contains(&byte)
        });
        let value = past(at, |byte| !byte.is_ascii_whitespace());
        if bytes.get(value) != Some(&b'=') {
            continue;
        }
        at = past(value + 1, |byte| !byte.is_ascii_whitespace());
        at = match bytes.get(at) {
            Some(quote @ (b'"' | b'\'')) => {
                let end = memchr(*quote, &bytes[at + 1..]);
                end.map_or(bytes.len(), |end| at + end + 2)
            }
            _ => past(at, |byte| byte.is_ascii_whitespace() || byte == b'>'),
        };
    }
    (count, "")
}

fn close(open: &mut Vec<Cow<str>>, name: &str) {
    let own_alone = is_formatting(name);
    let block = is_block(name);
    for at in (0..open.len()).rev() {
        if open[at] == name {
            if own_alone {
                open.remove(at);
            } else {
                open.truncate(at);
            }
            return;
        }
        let stops = if block || own_alone {
            is_barrier(&open[at])
        } else {
            is_block(&open[at])
        };
        if stops {
            return;
        }
    }
}

fn tag_name(text: &str) -> Cow<'_, str> {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Cow::Borrowed("");
    }
    let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
    let name = &text[..text.find(ends).unwrap_or(text.len())];
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

fn needs_no_end(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "body"
            | "br"
            | "col"
            | "colgroup"
            | "dd"
            | "dt"
            | "embed"
            | "head"
            | "hr"
            | "html"
            | "img"
            | "input"
            | "li"
            | "link"
            | "meta"
            | "option"
            | "p"
            | "param"
            | "source"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "track"
            | "wbr"
    )
}

fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "a" | "b"
            | "big"
            | "code"
            | "em"
            | "font"
            | "i"
            | "nobr"
            | "s"
            | "small"
            | "strike"
            | "strong"
            | "tt"
            | "u"
    )
}

fn is_barrier(name: &str) -> bool {
    matches!(
        name,
        "applet" | "caption" | "marquee" | "object" | "select" | "svg" | "table" | "template" | "math"
    )
}

fn is_block(name: &str) -> bool {
    is_barrier(name)
        || matches!(
            name,
            "address"
                | "article"
                | "aside"
                | "blockquote"
                | "button"
                | "center"
                | "details"
                | "dialog"
                | "dir"
                | "div"
                | "dl"
                | "fieldset"
                | "figcaption"
                | "figure"
                | "footer"
                | "form"
                | "h1"
                | "h2"
                | "h3"
                | "h4"
                | "h5"
                | "h6"
                | "header"
                | "hgroup"
                | "main"
                | "menu"
                | "nav"
                | "ol"
                | "pre"
                | "search"
                | "section"
                | "summary"
                | "ul"
        )
}

fn holds_raw_text(name: &str) -> bool {
    matches!(
        name,
        "script" | "style" | "textarea" | "title" | "iframe" | "noembed" | "noframes" | "xmp"
    )
}

/// The end tag of an element whose content is text whatever it looks like, and what follows.
fn after_raw_text<'a>(html: &'a str, name: &str) -> &'a str {
    let mut ends = memmem::find_iter(html.as_bytes(), b"</");
    let end = ends.find(|at| tag_name(&html[at + 2..]) == name);
    end.map_or("", |at| &html[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_html_is_told() {
        for piece in [
            "<div>",
            "<b>",
            "<ul><li>",
            "<div><table></div></table>",
            "<div><span></div x></span><section>",
            "<b><div></b>",
            "<span><div></span>",
            "<p><b id=1>",
            "<DIV class=\"a\">",
            "<svg>",
        ] {
            assert_eq!(excess(&piece.repeat(1000)), Some(Excess::Depth), "{piece}");
        }
    }

    #[test]
    fn long_html_is_not() {
        for piece in [
            "<p>text",
            "<li>text",
            "<div>text</div>",
            "<b>x</b>",
            "<br><img src=x><hr/>",
            "<table><tr><td>x<td>y</table>",
            "<!-- <div> -->",
            "<script>\"<div>\"</script>",
            "<h2>x</h2><ul><li><a href=x>y</a></ul>",
            "a < b <3 </nothing>",
            "<svg><path d=x></svg>",
        ] {
            assert_eq!(excess(&piece.repeat(1000)), None, "{piece}");
        }
        assert_eq!(excess(""), None);
        assert_eq!(excess("<"), None);
    }

    #[test]
    fn tags_without_end_are_told() {
        let attributes = |count: usize| -> String { (0..count).map(|n| format!(" a{n}=\"<p>\"")).collect() };
        assert_eq!(excess(&format!("<p{}>", attributes(1000))), None);
        for separator in [" ", "/", "=b ", "='>' ", " = \">\""] {
            let many: String = (0..1001).map(|n| format!("a{n}{separator}")).collect();
            let tag = format!("<p {many}>");
            assert_eq!(excess(&tag), Some(Excess::Attributes), "{separator}");
            assert_eq!(excess(&tag.repeat(2).to_uppercase()), Some(Excess::Attributes));
        }
        assert_eq!(excess(&"</p>".repeat(MAX_TAGS + 1)), Some(Excess::Tags));
        assert_eq!(excess(&"<!---->".repeat(MAX_TAGS + 1)), Some(Excess::Tags));
        let heavy = format!("{}{}", "<div>".repeat(450), "text ".repeat(200_000));
        assert_eq!(excess(&heavy), Some(Excess::Weight));
        assert_eq!(excess(&"text ".repeat(2_000_000)), None);
    }

    #[test]
    fn quotes_hold_tags_and_unclosed_ones_hold_all() {
        let held = format!("<p title=\"{}\">x", "<div>".repeat(1000));
        assert_eq!(excess(&held), None);
        assert_eq!(excess(&format!("<p title=\"{}", "<div>".repeat(1000))), None);
        assert_eq!(
            excess(&format!("<p title=a\">{}", "<div>".repeat(1000))),
            Some(Excess::Depth)
        );
    }

    #[test]
    fn endless_dashes_are_read_once() {
        assert_eq!(excess(&format!("<!--{}", "-".repeat(5_000_000))), None);
        assert_eq!(excess(&format!("<!--{}", "--x".repeat(1_000_000))), None);
        assert_eq!(
            excess(&format!("{}{}", "<!".repeat(200_000), "x".repeat(3_000_000))),
            None
        );
    }

    #[test]
    fn what_a_browser_nests_counts() {
        let deep = |prefix: &str, tag: &str| excess(&format!("{prefix}{}", tag.repeat(600)));
        for (prefix, tag) in [
            ("<!-->", "<div>"),
            ("<!--->", "<div>"),
            ("<!-- x --!>", "<div>"),
            ("<!-- x --->", "<div>"),
            ("", "<rt>"),
            ("", "<optgroup>"),
            ("<svg>", "<path>"),
            ("<svg><style>", "<g>"),
            ("", "<path/>"),
        ] {
            assert_eq!(deep(prefix, tag), Some(Excess::Depth), "{prefix}{tag}");
        }
        for (prefix, tag) in [
            ("<!-- x ", "<div>"),
            ("<svg>", "<path d='m'/>"),
            ("", "<ruby>a<rt>b</ruby>"),
            ("", "<svg><path d='m'/></svg>"),
        ] {
            assert_eq!(deep(prefix, tag), None, "{prefix}{tag}");
        }
    }
}
