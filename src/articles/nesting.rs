//! How deep HTML is nested, told by its tags alone. Parsing deep HTML takes time with the square of
//! its depth, and some of what handles the result calls itself once a level: this guards both.

/// How deep elements may stand in one another. Browsers stop at 512; what is deeper is no article.
pub const MAX_DEPTH: usize = 500;

/// Whether elements stand in one another deeper than [`MAX_DEPTH`].
///
/// Follows the rules by which browsers close elements as far as they decide what stays open: an
/// element that needs no end tag counts nothing, an end tag reaches out of no table, `</span>` out of
/// no block, and `</b>` and its like close nothing but their own.
#[must_use]
pub fn too_deep(html: &str) -> bool {
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end..]);
            continue;
        }
        let inner = rest.strip_prefix('/');
        let name = tag_name(inner.unwrap_or(rest));
        if name.is_empty() || needs_no_end(&name) {
            continue;
        }
        if holds_raw_text(&name) {
            rest = if inner.is_some() {
                rest
            } else {
                after_raw_text(rest, &name)
            };
        } else if inner.is_some() {
            close(&mut open, &name);
        } else {
            open.push(name);
            if open.len() > MAX_DEPTH {
                return true;
            }
        }
    }
    false
}

fn close(open: &mut Vec<String>, name: &str) {
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

fn tag_name(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ':';
    let end = text.find(|c| !plain(c)).unwrap_or(text.len());
    text[..end.min(32)].to_ascii_lowercase()
}

fn needs_no_end(name: &str) -> bool {
    matches!(
        name,
        "area" | "base" | "body" | "br" | "col" | "colgroup" | "dd" | "dt" | "embed" | "head" | "hr" | "html"
            | "img" | "input" | "li" | "link" | "meta" | "optgroup" | "option" | "p" | "param" | "rb" | "rp"
            | "rt" | "rtc" | "source" | "tbody" | "td" | "tfoot" | "th" | "thead" | "tr" | "track" | "wbr"
            // Drawings close these with a slash.
            | "path" | "circle" | "rect" | "line" | "polygon" | "polyline" | "ellipse" | "use" | "stop"
    ) || !name.starts_with(|c: char| c.is_ascii_alphabetic())
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

/// What follows the end tag of an element whose content is text whatever it looks like.
fn after_raw_text<'a>(html: &'a str, name: &str) -> &'a str {
    let mut rest = html;
    while let Some(at) = rest.find("</") {
        rest = &rest[at + 2..];
        if tag_name(rest) == name {
            return rest;
        }
    }
    ""
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
            assert!(too_deep(&piece.repeat(1000)), "{piece}");
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
            assert!(!too_deep(&piece.repeat(1000)), "{piece}");
        }
        assert!(!too_deep(""));
        assert!(!too_deep("<"));
    }
}
