//! HTML as plain text, by its tags alone or by the tree that a browser would make of it.

use super::{is_even, one_line, xml_safe};
use crate::articles::simple::{self, Piece};
use dom_query::{Document, NodeData, NodeRef};

/// HTML as readable plain text: a blank line between blocks, `•` and numbers before list items,
/// cells of a row apart, code as it stands; without scripts, pictures and their captions.
#[must_use]
pub fn from_html(html: &str) -> String {
    read(html, false)
}

/// As [`from_html`], where a caption stands for its picture, unless it says whose it is: what a whole
/// article says. What is short of it, such as a summary, is told without its pictures.
#[must_use]
pub fn with_captions(html: &str) -> String {
    read(html, true)
}

fn read(html: &str, captions: bool) -> String {
    match simple::pieces(html).filter(|pieces| are_text(pieces)) {
        Some(pieces) => of_pieces(&pieces),
        None => write(&Document::fragment(html), captions),
    }
}

/// Whether the tags alone tell how it reads: a raised number may lead to a note.
pub(in crate::articles) fn are_text(pieces: &[Piece]) -> bool {
    let raised = |piece: &Piece| matches!(piece, Piece::Open { name: "sup", .. });
    !pieces.iter().any(raised)
}

pub(in crate::articles) fn of_pieces(pieces: &[Piece]) -> String {
    let texts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.len(),
        _ => 2,
    });
    let mut writer = Writer {
        text: String::with_capacity(texts.sum()),
        ..Writer::default()
    };
    writer.write(pieces);
    writer.finish()
}

pub(in crate::articles) fn of_tree(document: &Document) -> String {
    write(document, false)
}

fn write(document: &Document, captions: bool) -> String {
    let mut writer = Writer {
        captions,
        ..Writer::default()
    };
    writer.walk(&document.root());
    writer.finish()
}

/// What is still to be done in a walk over the tree: a stack, not recursion, because the depth of
/// HTML is its author's choice.
enum Step<'a> {
    Open(NodeRef<'a>),
    Close(String),
}

#[derive(Default)]
struct Writer {
    text: String,
    /// The number of the next item of each list around; `None`: bullets.
    lists: Vec<Option<u64>>,
    pre: usize,
    /// Those of pictures are read too.
    captions: bool,
    /// Line breaks owed before the next text.
    breaks: usize,
    space: bool,
}

impl Writer {
    fn write(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.push(text),
                Piece::Close(name) => self.close(name),
                Piece::Open { name, attributes } => {
                    let start = attributes.iter().find(|(attribute, _)| *attribute == "start");
                    self.open(name, start.map(|(_, value)| &**value));
                    if simple::is_void(name) {
                        self.close(name);
                    }
                }
            }
        }
    }

    fn finish(self) -> String {
        match xml_safe(&self.text).trim() {
            all if all.len() == self.text.len() => self.text,
            part => part.to_owned(),
        }
    }

    fn walk(&mut self, root: &NodeRef) {
        let mut steps = vec![Step::Open(*root)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Close(name) => self.close(&name),
                Step::Open(node) => {
                    if let Some(text) = text_of(&node) {
                        self.push(&text);
                        continue;
                    }
                    if let Some(note) = footnote(&node) {
                        self.push(&note);
                        continue;
                    }
                    if let Some(name) = node.node_name() {
                        if is_unread(&name, &node, self.captions) {
                            continue;
                        }
                        self.open(&name, node.attr("start").as_deref());
                        steps.push(Step::Close(name.to_string()));
                    }
                    steps.extend(node.children_it(true).map(Step::Open));
                }
            }
        }
    }

    /// `start` is the attribute of that name, if there is one.
    fn open(&mut self, name: &str, start: Option<&str>) {
        match name {
            "br" => self.breaks = self.breaks.max(1),
            "ul" => self.start_list(None),
            "ol" => self.start_list(Some(start.and_then(|s| s.parse().ok()).unwrap_or(1))),
            "li" => {
                self.breaks = self.breaks.max(1);
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let mark = format!("{number}.");
                        *number = number.saturating_add(1);
                        mark
                    }
                    _ => "•".to_owned(),
                };
                let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(8));
                self.flush_breaks();
                self.text.push_str(&indent);
                self.text.push_str(&mark);
                self.space = true;
            }
            "tr" | "dt" | "dd" | "figcaption" | "caption" | "option" => self.breaks = self.breaks.max(1),
            "td" | "th" => self.space = true,
            "pre" => {
                self.pre += 1;
                self.breaks = 2;
            }
            _ if is_block(name) && !self.just_after_mark() => self.breaks = 2,
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "ul" | "ol" => {
                self.lists.pop();
                self.breaks = self.breaks.max(if self.lists.is_empty() { 2 } else { 1 });
            }
            "li" | "tr" | "dt" | "dd" | "option" => self.breaks = self.breaks.max(1),
            "td" | "th" => self.space = true,
            "pre" => {
                self.pre = self.pre.saturating_sub(1);
                self.breaks = 2;
            }
            _ if is_block(name) => self.breaks = 2,
            _ => {}
        }
    }

    fn start_list(&mut self, first: Option<u64>) {
        self.breaks = self.breaks.max(if self.lists.is_empty() { 2 } else { 1 });
        self.lists.push(first);
    }

    /// A paragraph that opens a list item stays on the line of its mark.
    fn just_after_mark(&self) -> bool {
        self.breaks == 0 && self.space && (self.text.ends_with('•') || self.text.ends_with('.'))
    }

    fn flush_breaks(&mut self) {
        if self.breaks > 0 {
            let end = self.text.trim_end_matches([' ', '\n']).len();
            self.text.truncate(end);
            if !self.text.is_empty() {
                self.text.push_str(if self.breaks == 1 { "\n" } else { "\n\n" });
            }
            self.breaks = 0;
            self.space = false;
        }
    }

    fn push(&mut self, text: &str) {
        if self.pre > 0 {
            self.flush_breaks();
            self.text.push_str(text);
            return;
        }
        if is_even(text) {
            self.space |= text.starts_with(' ');
            let words = text.trim_matches(' ');
            if !words.is_empty() {
                self.push_word(words);
                self.space = text.ends_with(' ');
            }
            return;
        }
        let bound = text.contains('\u{A0}');
        for (index, word) in text
            .split(|c: char| c.is_whitespace() && c != '\u{A0}')
            .enumerate()
        {
            self.space |= index > 0;
            if word.is_empty() {
                continue;
            }
            if bound {
                self.push_word(&word.replace('\u{A0}', " "));
            } else {
                self.push_word(word);
            }
        }
    }

    fn push_word(&mut self, word: &str) {
        self.flush_breaks();
        if self.space && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push(' ');
        }
        self.space = false;
        self.text.push_str(word);
    }
}

fn text_of(node: &NodeRef) -> Option<String> {
    node.query_or(None, |inner| match &inner.data {
        NodeData::Text { contents } => Some(contents.to_string()),
        _ => None,
    })
}

/// Elements whose text is no reading matter; the caption of a picture may be none without the picture.
fn is_unread(name: &str, node: &NodeRef, captions: bool) -> bool {
    let of_picture = || {
        let figure = node
            .ancestors_it(Some(3))
            .find(|ancestor| ancestor.has_name("figure"));
        figure.is_some_and(|figure| {
            let mut inner = figure.descendants_it();
            inner.any(|n| n.has_name("img") || n.has_name("picture") || n.has_name("video"))
        })
    };
    matches!(name, "script" | "style" | "template" | "noscript" | "head")
        || (name == "figcaption" && (!captions || is_credit(&node.text())) && of_picture())
}

/// Whether a caption names a picture's maker, as the press does.
fn is_credit(caption: &str) -> bool {
    const LABELS: &[&str] = &[
        "bild:",
        "credit:",
        "crédit:",
        "crédito:",
        "foto:",
        "image:",
        "image copyright",
        "photo by ",
        "photo:",
        "photograph:",
        "source:",
    ];
    const AGENCIES: &[&str] = &[
        "(ap)",
        "/ap)",
        "afp",
        "alamy",
        "associated press",
        "bloomberg",
        "getty",
        "istock",
        "reuters",
        "shutterstock",
    ];
    let caption = caption.to_lowercase();
    let begins = |(at, _): (usize, &str)| !caption[..at].ends_with(char::is_alphabetic);
    LABELS.iter().any(|label| caption.contains(label))
        || AGENCIES
            .iter()
            .any(|name| caption.match_indices(name).any(begins))
}

/// A raised number that leads to a note: as it stands, it would be part of the word before it.
fn footnote(node: &NodeRef) -> Option<String> {
    if !node.has_name("sup") || !node.descendants_it().any(|inner| inner.has_name("a")) {
        return None;
    }
    let text = one_line(&node.text());
    let number = text.trim_matches(['[', ']']);
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| format!("[{number}]"))
}

/// Elements that stand in a paragraph of their own.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "details"
            | "div"
            | "dl"
            | "fieldset"
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
            | "hr"
            | "main"
            | "nav"
            | "p"
            | "section"
            | "summary"
            | "table"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::articles::simple::samples::{markdown, rendered, tangled};
    use proptest::prelude::*;

    #[test]
    fn html_reads_as_text() {
        for (html, expected) in [
            ("<p>a<p>b", "a\n\nb"),
            (
                "<h2>T</h2><p>one <em>two</em>, <a href=x>three</a>.</p>",
                "T\n\none two, three.",
            ),
            ("<ul><li>a<li><p>b</p><p>c</p></ul><p>d", "• a\n• b\n\nc\n\nd"),
            ("<ol start=3><li>a<li>b<ul><li>c</ul></ol>", "3. a\n4. b\n  • c"),
            ("a<br>b<br><br>c", "a\nb\nc"),
            (
                "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
                "a b\n1 2",
            ),
            ("<pre><code>x\n  y\n</code></pre><p>z", "x\n  y\n\nz"),
            ("<p>a&nbsp;b &amp; c &lt;d&gt;</p>", "a b & c <d>"),
            ("<script>x</script><style>y</style>a", "a"),
            (
                "<figure><img src=x><figcaption>caption</figcaption></figure>a",
                "a",
            ),
            (
                "<figure><pre>code</pre><figcaption>caption</figcaption></figure>",
                "code\n\ncaption",
            ),
            ("<p>a<img src=x alt=\"no\">b</p>", "ab"),
            (
                "<p>word.<sup><a href=x>1</a></sup> H<sub>2</sub>O, x<sup>2</sup></p>",
                "word.[1] H2O, x2",
            ),
            ("&#1;a&#xFFFE;b", "ab"),
            ("", ""),
        ] {
            assert_eq!(from_html(html), expected, "{html}");
        }
    }

    #[test]
    fn captions_stand_for_their_pictures() {
        for (caption, expected) in [
            ("The slip", "The slip\n\na"),
            ("A boat. Photo: Ann Lee", "a"),
            ("A boat (Ann Lee/Reuters)", "a"),
            ("A laptop", "A laptop\n\na"),
        ] {
            let html = format!("<figure><img src=x><figcaption>{caption}</figcaption></figure>a");
            assert_eq!(with_captions(&html), expected, "{caption}");
            assert_eq!(from_html(&html), "a", "{caption}");
        }
    }

    #[test]
    fn deep_html_reads_without_recursion() {
        assert_eq!(from_html(&format!("{}x", "<i>".repeat(3000))), "x");
    }

    /// What is taken apart by its tags alone reads as the parser's tree does.
    fn same_both_ways(html: &str) -> Result<(), TestCaseError> {
        prop_assert_eq!(from_html(html), of_tree(&Document::fragment(html)), "{}", html);
        Ok(())
    }

    proptest! {
        #[test]
        fn simple_markdown_reads_the_same_both_ways(markdown in markdown()) {
            same_both_ways(&rendered(&markdown))?;
        }

        #[test]
        fn tangled_elements_read_the_same_both_ways(html in tangled()) {
            same_both_ways(&html)?;
        }
    }
}
