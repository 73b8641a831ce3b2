//! The lines of the classic editor as paragraphs, as WordPress shows them (its `wpautop`).

/// The longest tag, in characters.
const TAG: usize = 5000;
/// Elements that stand between paragraphs, never in one.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "canvas",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "iframe",
    "legend",
    "li",
    "main",
    "map",
    "math",
    "menu",
    "nav",
    "ol",
    "option",
    "p",
    "section",
    "select",
    "style",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];
/// Blocks that are never closed.
const ALONE: &[&str] = &["hr", "col"];
/// Blocks in which lines are text as they are.
const NO_PARAGRAPHS: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "dt",
    "dd",
    "td",
    "th",
    "caption",
    "figcaption",
    "figure",
    "summary",
    "legend",
    "option",
    "address",
    "center",
    "ul",
    "ol",
    "table",
    "tbody",
    "tr",
    "thead",
    "dl",
    "iframe",
];
/// Elements of which every character stays.
const VERBATIM: &[&str] = &["pre", "script", "style", "textarea", "svg"];

/// Blank lines become paragraphs, other ends of lines `<br>`.
pub(super) fn paragraphs(content: &str) -> String {
    let mut paragraphs = Paragraphs::default();
    let mut rest = content;
    while !rest.is_empty() {
        let Some(tag) = rest.strip_prefix('<').and_then(tag) else {
            let mut later = rest.char_indices().skip(1);
            let end = later.find(|(_, c)| *c == '<').map_or(rest.len(), |(at, _)| at);
            paragraphs.line.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        };
        let name = tag.name.to_ascii_lowercase();
        let mut whole = &rest[..tag.length];
        if VERBATIM.contains(&name.as_str()) && !tag.is_end {
            let end = rest
                .find(&format!("</{}", tag.name))
                .and_then(|at| Some(at + rest[at..].find('>')? + 1));
            whole = &rest[..end.unwrap_or(rest.len())];
            paragraphs.verbatim(whole);
        } else if BLOCKS.contains(&name.as_str()) {
            paragraphs.block(&name, tag.is_end, whole);
        } else {
            paragraphs.line.push_str(whole);
        }
        rest = &rest[whole.len()..];
    }
    paragraphs.flush();
    paragraphs.made
}

#[derive(Default)]
struct Paragraphs {
    made: String,
    /// What is no paragraph yet.
    line: String,
    open: Vec<String>,
}

impl Paragraphs {
    fn block(&mut self, name: &str, is_end: bool, tag: &str) {
        self.flush();
        self.made.push_str(tag);
        if ALONE.contains(&name) {
            return;
        }
        match is_end {
            true => {
                if let Some(at) = self.open.iter().rposition(|open| open == name) {
                    self.open.truncate(at);
                }
            }
            false => {
                // A paragraph ends where the next one begins.
                if self.open.last().is_some_and(|open| open == "p") {
                    self.open.pop();
                }
                if self.open.len() < 1000 {
                    self.open.push(name.to_owned());
                }
            }
        }
    }

    fn verbatim(&mut self, text: &str) {
        self.flush();
        self.made.push_str(text);
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.line);
        let pieces = between_blank_lines(&text);
        let bare = self
            .open
            .last()
            .is_some_and(|open| NO_PARAGRAPHS.contains(&open.as_str()));
        for piece in &pieces {
            let broken = with_breaks(piece);
            match bare && pieces.len() == 1 {
                true => self.made.push_str(&broken),
                false => self.made.push_str(&format!("<p>{broken}</p>\n")),
            }
        }
    }
}

fn between_blank_lines(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for line in text.split('\n').map(str::trim) {
        let last = pieces.len() - 1;
        match (line.is_empty(), pieces[last].is_empty()) {
            (true, true) => {}
            (true, false) => pieces.push(String::new()),
            (false, true) => pieces[last].push_str(line),
            (false, false) => {
                pieces[last].push('\n');
                pieces[last].push_str(line);
            }
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn with_breaks(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut in_tag = false;
    for (n, line) in text.split('\n').enumerate() {
        let has_break = ["<br>", "<br/>", "<br />"].iter().any(|tag| made.ends_with(tag));
        if n > 0 {
            // The end of a line within a tag is none of the text.
            made.push_str(if in_tag || has_break { "\n" } else { "<br>\n" });
        }
        made.push_str(line);
        in_tag = match line.rfind(['<', '>']) {
            Some(at) => line[at..].starts_with('<'),
            None => in_tag,
        };
    }
    made
}

struct Tag<'a> {
    name: &'a str,
    is_end: bool,
    length: usize,
}

/// A tag, from behind its `<`.
fn tag(text: &str) -> Option<Tag<'_>> {
    let (is_end, body) = match text.strip_prefix('/') {
        Some(body) => (true, body),
        None => (false, text),
    };
    let name = &body[..body
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .unwrap_or(body.len())];
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let mut quote = None;
    let end = body.char_indices().skip(1).take(TAG).find(|&(_, c)| {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '>' | '<') => return true,
            _ => {}
        }
        false
    });
    // A quote that was never closed ends nowhere.
    let end = match end {
        Some((at, '>')) => at,
        Some(_) => return None,
        None => body.char_indices().take(TAG).find(|(_, c)| *c == '>')?.0,
    };
    Some(Tag {
        name,
        is_end,
        length: text.len() - body.len() + end + 2,
    })
}
