//! Plain text: what XML can hold of it, and how it is got out of HTML. Pure; knows no source.

use super::simple::{self, Piece};
use super::{Article, Author, Comment};
use dom_query::{Document, NodeData, NodeRef};
use std::borrow::Cow;

/// Whether XML 1.0 can hold the character (its production `Char`).
#[must_use]
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// Whether XML 1.0 can hold all of the text.
#[must_use]
pub fn is_xml_safe(text: &str) -> bool {
    // What it cannot hold are control characters, and two that begin with this byte.
    let plain = |b: u8| b != 0xEF && (b >= b' ' || matches!(b, b'\t' | b'\n' | b'\r'));
    text.bytes().all(plain) || text.chars().all(is_xml_char)
}

/// The text without what XML 1.0 cannot hold: control characters, U+FFFE, U+FFFF.
#[must_use]
pub fn xml_safe(text: &str) -> Cow<'_, str> {
    if is_xml_safe(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_xml_char(*c)).collect())
    }
}

/// The text on one line, each run of white space one space, only what XML can hold.
#[must_use]
pub fn one_line(text: &str) -> String {
    line_of(text, usize::MAX)
}

/// The text on one line; where it has more bytes than `enough`, at least so many of it.
fn line_of(text: &str, enough: usize) -> String {
    let mut line = String::with_capacity(text.len().min(enough));
    for word in text.split(|c: char| c.is_whitespace() || c == '\u{200B}' || c == '\u{FEFF}') {
        let word = xml_safe(word);
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
        if line.len() > enough {
            break;
        }
    }
    line
}

/// The beginning of a text on one line, cut between words, with `…` where something was cut.
/// Never longer than `max_chars`.
#[must_use]
pub fn first_words(text: &str, max_chars: usize) -> String {
    // No character has more than four bytes.
    let line = line_of(text, max_chars.saturating_mul(4));
    if line.chars().count() <= max_chars {
        return line;
    }
    let cut: String = line.chars().take(max_chars.saturating_sub(1)).collect();
    // A script without spaces, or one endless word, is cut where it must be.
    let whole = match cut.rfind(' ') {
        Some(space) if space > cut.len() / 2 => &cut[..space],
        _ => cut.as_str(),
    };
    let whole = whole.trim_end_matches(|c: char| c.is_whitespace() || ",;:–—-".contains(c));
    format!("{whole}…")
}

/// HTML as readable plain text: a blank line between blocks, `•` and numbers before list items,
/// cells of a row apart, code as it stands; without scripts, pictures and their captions.
#[must_use]
pub fn from_html(html: &str) -> String {
    match simple::pieces(html).filter(|pieces| are_text(pieces)) {
        Some(pieces) => of_pieces(&pieces),
        None => of_tree(&Document::fragment(html)),
    }
}

/// Whether the tags alone tell how it reads: a raised number may lead to a note.
pub(super) fn are_text(pieces: &[Piece]) -> bool {
    let raised = |piece: &Piece| matches!(piece, Piece::Open { name: "sup", .. });
    !pieces.iter().any(raised)
}

pub(super) fn of_pieces(pieces: &[Piece]) -> String {
    let mut writer = Writer::default();
    writer.write(pieces);
    writer.finish()
}

pub(super) fn of_tree(document: &Document) -> String {
    let mut writer = Writer::default();
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
        xml_safe(&self.text).trim().to_owned()
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
                        if is_unread(&name, &node) {
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
        let bound = text.contains('\u{A0}');
        for (index, word) in text
            .split(|c: char| c.is_whitespace() && c != '\u{A0}')
            .enumerate()
        {
            self.space |= index > 0;
            if word.is_empty() {
                continue;
            }
            self.flush_breaks();
            if self.space && !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push(' ');
            }
            self.space = false;
            if bound {
                self.text.push_str(&word.replace('\u{A0}', " "));
            } else {
                self.text.push_str(word);
            }
        }
    }
}

fn text_of(node: &NodeRef) -> Option<String> {
    node.query_or(None, |inner| match &inner.data {
        NodeData::Text { contents } => Some(contents.to_string()),
        _ => None,
    })
}

/// Elements whose text is no reading matter; the caption of a picture is none without the picture.
fn is_unread(name: &str, node: &NodeRef) -> bool {
    let caption_of_picture = || {
        let figure = node
            .ancestors_it(Some(3))
            .find(|ancestor| ancestor.has_name("figure"));
        figure.is_some_and(|figure| {
            let mut inner = figure.descendants_it();
            inner.any(|n| n.has_name("img") || n.has_name("picture") || n.has_name("video"))
        })
    };
    matches!(name, "script" | "style" | "template" | "noscript" | "head")
        || (name == "figcaption" && caption_of_picture())
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

/// The article with only text that XML can hold, one line where one line is meant. What sources make
/// goes through here last, whatever they took it from.
#[must_use]
pub fn clean(article: Article) -> Article {
    let optional = |text: Option<String>| text.map(|t| one_line(&t)).filter(|t| !t.is_empty());
    let guid = article.guid.map(|guid| xml_safe(guid.trim()).into_owned());
    Article {
        guid: guid.filter(|guid| !guid.is_empty()),
        title: one_line(&article.title),
        authors: distinct_authors(article.authors),
        categories: distinct(article.categories.iter().map(|c| one_line(c))),
        language: optional(article.language),
        summary: one_line(&article.summary),
        content_html: xml_safe(&article.content_html).into_owned(),
        image: article.image.map(|image| super::Image {
            alt: one_line(&image.alt),
            media_type: optional(image.media_type),
            ..image
        }),
        comments: article
            .comments
            .into_iter()
            .map(|comment| Comment {
                author: one_line(&comment.author),
                text: xml_safe(comment.text.trim()).into_owned(),
                ..comment
            })
            .collect(),
        updated: article.updated.map(|updated| match article.published {
            Some(published) => updated.max(published.at),
            None => updated,
        }),
        ..article
    }
}

fn distinct_authors(authors: Vec<Author>) -> Vec<Author> {
    let mut kept: Vec<Author> = Vec::new();
    for author in authors {
        let name = one_line(&author.name);
        let known = kept
            .iter_mut()
            .find(|a| a.name.to_lowercase() == name.to_lowercase());
        match known {
            Some(known) => known.url = known.url.take().or(author.url),
            None if name.is_empty() => {}
            None => kept.push(Author { name, ..author }),
        }
    }
    kept
}

/// Each text once, in order, without the empty ones; upper and lower case are the same.
fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts.filter(|t| !t.is_empty()) {
        if !kept.iter().any(|k| k.to_lowercase() == text.to_lowercase()) {
            kept.push(text);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::simple::samples::{markdown, rendered, tangled};
    use super::*;
    use crate::articles::{Precision, Published};
    use chrono::DateTime;
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
    fn deep_html_reads_without_recursion() {
        assert_eq!(from_html(&format!("{}x", "<i>".repeat(3000))), "x");
    }

    #[test]
    fn words_are_cut_between_them() {
        assert_eq!(first_words("one two three", 13), "one two three");
        assert_eq!(first_words("one two, three", 11), "one two…");
        assert_eq!(first_words("  a \n b\tc ", 20), "a b c");
        assert_eq!(first_words("日本語の長い文章です", 5), "日本語の…");
        assert_eq!(first_words("", 5), "");
    }

    #[test]
    fn an_article_is_clean_throughout() {
        let dirty = "a\u{8}\n b\u{FFFE}";
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let article = clean(Article {
            id: String::new(),
            source: String::new(),
            path: String::new(),
            url: String::new(),
            title: dirty.to_owned(),
            authors: ["Ann\u{0}", "ann", " "]
                .map(|name| Author {
                    name: name.to_owned(),
                    url: None,
                })
                .to_vec(),
            categories: ["x\u{1}", "X", ""].map(str::to_owned).to_vec(),
            language: Some("en\u{2}".to_owned()),
            published: Some(Published {
                at: at(100),
                precision: Precision::Second,
            }),
            updated: Some(at(50)),
            summary: dirty.to_owned(),
            content_html: dirty.to_owned(),
            image: None,
            comments: vec![Comment {
                author: dirty.to_owned(),
                published: None,
                text: format!("{dirty} "),
            }],
            comment_count: None,
            guid: None,
            draft: false,
            expires: None,
        });
        assert_eq!((article.title.as_str(), article.summary.as_str()), ("a b", "a b"));
        assert_eq!(article.authors.len(), 1);
        assert_eq!(article.categories, ["x"]);
        assert_eq!(article.language.as_deref(), Some("en"));
        assert_eq!(article.content_html, "a\n b");
        assert_eq!(
            (
                article.comments[0].author.as_str(),
                article.comments[0].text.as_str()
            ),
            ("a b", "a\n b")
        );
        assert_eq!(article.updated, Some(at(100)), "never before it was published");
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

        #[test]
        fn no_forbidden_character_gets_past(text in any::<String>()) {
            prop_assert!(xml_safe(&text).chars().all(is_xml_char));
            prop_assert!(from_html(&text).chars().all(is_xml_char));
            let line = one_line(&text);
            prop_assert!(line.chars().all(is_xml_char) && !line.contains('\n') && line.trim() == line);
        }

        #[test]
        fn cuts_are_never_too_long(text in any::<String>(), most in 1_usize..50) {
            prop_assert!(first_words(&text, most).chars().count() <= most);
        }

        #[test]
        fn safe_text_is_left_alone(text in "[ -~à-ü\u{10000}-\u{1FFFF}]*") {
            prop_assert_eq!(xml_safe(&text), text.as_str());
        }
    }
}
