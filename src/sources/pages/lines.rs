//! A page as a reader sees it: its lines, each with the nodes that make it.

use crate::articles::text::one_line;
use dom_query::{Element, NodeData, NodeRef};

/// One line of a page.
#[derive(Clone)]
pub(super) struct Line<'a> {
    pub(super) text: String,
    /// The whole run of inline content it is part of; the same text where it is all of it.
    pub(super) whole: String,
    /// Which run: lines of one run follow one another.
    pub(super) run: usize,
    /// What makes the line and nothing else.
    pub(super) nodes: Vec<NodeRef<'a>>,
    /// The block it stands in.
    pub(super) block: NodeRef<'a>,
    /// 1 to 6.
    pub(super) heading: Option<u8>,
    /// Nothing in it but links.
    pub(super) link: bool,
}

enum Step<'a> {
    Open(NodeRef<'a>),
    Close,
}

/// The lines under a node, in order. A run that is made of short elements alone is a line for each:
/// a page's style sets them apart.
pub(super) fn lines<'a>(root: &NodeRef<'a>) -> Vec<Line<'a>> {
    let mut reader = Reader {
        lines: Vec::new(),
        pieces: Vec::new(),
        blocks: vec![*root],
        runs: 0,
    };
    let mut steps = vec![Step::Open(*root)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Close => {
                reader.flush();
                reader.blocks.pop();
            }
            Step::Open(node) => match reader.open(node, node.id == root.id) {
                Inside::Block => {
                    steps.push(Step::Close);
                    steps.extend(node.children_it(true).map(Step::Open));
                }
                Inside::Inline => steps.extend(node.children_it(true).map(Step::Open)),
                Inside::Nothing => {}
            },
        }
    }
    reader.flush();
    reader.lines
}

/// The lines of which nothing was taken out of the page since they were read.
pub(super) fn still_there<'a>(lines: Vec<Line<'a>>, root: &NodeRef) -> Vec<Line<'a>> {
    lines
        .into_iter()
        .filter(|line| line.nodes.iter().all(|node| is_within(node, root)))
        .collect()
}

/// Whether a node is another, or in it.
pub(super) fn is_within(node: &NodeRef, around: &NodeRef) -> bool {
    node.id == around.id || node.ancestors_it(None).any(|ancestor| ancestor.id == around.id)
}

/// What of a node is still to be looked at.
enum Inside {
    /// Its children, and then its end.
    Block,
    /// Its children alone.
    Inline,
    Nothing,
}

struct Reader<'a> {
    lines: Vec<Line<'a>>,
    pieces: Vec<(NodeRef<'a>, String)>,
    blocks: Vec<NodeRef<'a>>,
    runs: usize,
}

impl<'a> Reader<'a> {
    /// Takes a node, and tells what of it is to be looked at next.
    fn open(&mut self, node: NodeRef<'a>, is_root: bool) -> Inside {
        if is_root {
            return Inside::Block;
        }
        if is_text(&node) {
            self.pieces.push((node, node.text().to_string()));
            return Inside::Nothing;
        }
        let Some(element) = node.element_ref() else {
            return Inside::Nothing;
        };
        let name: &str = &element.name.local;
        if is_hidden(&element) {
            return Inside::Nothing;
        }
        if name == "br" {
            self.flush();
            return Inside::Nothing;
        }
        if !is_inline(name) {
            self.flush();
            self.blocks.push(node);
            return Inside::Block;
        }
        if holds_lines(&node) {
            return Inside::Inline;
        }
        self.pieces.push((node, node.text().to_string()));
        Inside::Nothing
    }

    fn flush(&mut self) {
        let pieces: Vec<(NodeRef<'a>, String)> = std::mem::take(&mut self.pieces);
        // What stands between blocks is white space, mostly.
        if pieces.iter().all(|(_, text)| text.trim_ascii().is_empty()) {
            return;
        }
        let texts: Vec<&str> = pieces.iter().map(|(_, text)| text.as_str()).collect();
        let whole = one_line(&texts.concat());
        let Some(block) = self.blocks.last().copied().filter(|_| !whole.is_empty()) else {
            return;
        };
        self.runs += 1;
        let heading = heading_level(&block);
        let full: Vec<&(NodeRef<'a>, String)> = pieces
            .iter()
            .filter(|(_, text)| !text.trim().is_empty())
            .collect();
        let apart = heading.is_none()
            && full.len() > 1
            && full
                .iter()
                .all(|(node, text)| node.is_element() && text.chars().count() <= 60);
        let is_link =
            |node: &NodeRef| node.has_name("a") || node.ancestors_it(Some(4)).any(|n| n.has_name("a"));
        if apart {
            // Read together it must not become one word.
            let together = one_line(&texts.join(" "));
            for (node, text) in full {
                let line = Line {
                    text: one_line(text),
                    whole: together.clone(),
                    run: self.runs,
                    nodes: vec![*node],
                    block,
                    heading,
                    link: is_link(node),
                };
                self.lines.push(line);
            }
        } else {
            let link = full.iter().all(|(node, _)| is_link(node));
            let nodes = pieces.iter().map(|(node, _)| *node).collect();
            self.lines.push(Line {
                text: whole.clone(),
                whole,
                run: self.runs,
                nodes,
                block,
                heading,
                link,
            });
        }
    }
}

fn is_text(node: &NodeRef) -> bool {
    node.query_or(false, |inner| matches!(inner.data, NodeData::Text { .. }))
}

fn heading_level(block: &NodeRef) -> Option<u8> {
    let name = block.node_name()?;
    let name: &str = &name;
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "acronym"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
            | "img"
            | "picture"
            | "ruby"
    )
}

fn is_hidden(element: &Element) -> bool {
    let by_name = matches!(
        &*element.name.local,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "head"
            | "svg"
            | "select"
            | "textarea"
            | "iframe"
            | "object"
            | "button"
            | "input"
            | "canvas"
            | "video"
            | "audio"
    );
    by_name
        || element
            .attrs
            .iter()
            .any(|attribute| match &*attribute.name.local {
                "hidden" => true,
                "style" => {
                    let style = attribute.value.replace(' ', "").to_ascii_lowercase();
                    style.contains("display:none") || style.contains("visibility:hidden")
                }
                _ => false,
            })
}

/// Whether an inline element holds blocks or line breaks, so that its content is several lines.
fn holds_lines(node: &NodeRef) -> bool {
    node.descendants_it().any(|inner| {
        inner
            .element_ref()
            .is_some_and(|element| &*element.name.local == "br" || !is_inline(&element.name.local))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dom_query::Document;

    fn texts(html: &str) -> Vec<String> {
        let document = Document::from(html);
        let body = document.body().unwrap();
        lines(&body).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn blocks_and_breaks_end_lines() {
        let html = "<h1>A <em>title</em></h1><div>one<br>two<p>three</p>four</div><ul><li>x<li>y</ul><script>no</script>";
        assert_eq!(texts(html), ["A title", "one", "two", "three", "four", "x", "y"]);
        assert_eq!(texts("<a href=x><div>in</div></a>out"), ["in", "out"]);
        assert_eq!(
            texts("<p hidden>no</p><p style='display: none'>no</p><p>yes"),
            ["yes"]
        );
    }

    #[test]
    fn elements_side_by_side_are_lines() {
        assert_eq!(texts("<div><a>Ann</a><a>Bob</a></div>"), ["Ann", "Bob"]);
        assert_eq!(texts("<p>By <a>Ann</a></p>"), ["By Ann"]);
        assert_eq!(
            texts("<h2><span>One</span> <span>title</span></h2>"),
            ["One title"]
        );
    }
}
