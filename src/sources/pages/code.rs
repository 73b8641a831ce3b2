//! Code as its author wrote it: without the numbers of lines, the buttons and the colours that
//! highlighters add.

use dom_query::{Document, NodeRef};

/// What a highlighter adds to a line, by its classes.
const NUMBERS: &[&str] = &[
    "lineno",
    "linenos",
    "linenumber",
    "line-number",
    "line-numbers",
    "line-numbers-rows",
    "ln",
    "lnt",
    "gutter",
    "rouge-gutter",
    "hljs-ln-numbers",
    "blob-num",
    "copy",
    "copy-button",
    "copy-btn",
    "copy-code-button",
    "toolbar",
    "code-header",
    "code-title",
];
/// What names a language before it: `language-rust`, `lang-rust`.
const LEADS: &[&str] = &["language-", "lang-", "highlight-source-", "src-", "brush:"];
/// What stands beside a language's name, and is none.
const MARKS: &[&str] = &[
    "hljs",
    "highlight",
    "chroma",
    "prettyprint",
    "sourcecode",
    "code",
    "src",
    "codehilite",
    "prism",
    "shiki",
    "notranslate",
];

/// Makes each block of code `<pre><code class="language-…">` with its text alone.
pub(super) fn settle(document: &Document) {
    for table in document.select("table:has(pre)").nodes() {
        unwrap_numbered(table);
    }
    for block in document.select("pre").nodes() {
        let inside = block.ancestors_it(None).any(|around| around.has_name("pre"));
        if inside {
            continue;
        }
        let language = language(block);
        let code = text(block);
        block.remove_children();
        let element = block.tree.new_element("code");
        if let Some(language) = language {
            element.set_attr("class", &format!("language-{language}"));
        }
        element.set_text(code);
        block.append_child(&element);
    }
}

/// A table of two cells, the numbers of the lines and the lines: the lines alone.
fn unwrap_numbered(table: &NodeRef) {
    let cells: Vec<NodeRef> = table
        .descendants_it()
        .filter(|node| node.has_name("td"))
        .collect();
    let [numbers, code] = cells.as_slice() else {
        return;
    };
    let is_number = |c: char| c.is_ascii_digit() || c.is_whitespace();
    let Some(pre) = code
        .descendants_it()
        .find(|node| node.has_name("pre"))
        .filter(|_| numbers.text().chars().all(is_number))
    else {
        return;
    };
    table.replace_with(&pre);
}

/// The language of a block: of itself, of the code within, or of what wraps it.
fn language(block: &NodeRef) -> Option<String> {
    let within = block
        .descendants_it()
        .filter(|node| node.has_name("code"))
        .take(1);
    let around = block.ancestors_it(Some(3)).filter(|node| !node.has_name("body"));
    let nodes: Vec<NodeRef> = std::iter::once(*block).chain(within).chain(around).collect();
    let stated = nodes.iter().find_map(|node| {
        let stated = ["data-lang", "data-language"]
            .iter()
            .find_map(|name| node.attr(name));
        stated
            .map(|language| language.to_string())
            .or_else(|| led(&node.attr("class")?))
    });
    let stated = stated.or_else(|| {
        nodes
            .iter()
            .take(2)
            .find_map(|node| beside_mark(&node.attr("class")?))
    });
    let language = stated?.trim().to_ascii_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || "+#-_.".contains(c);
    (!language.is_empty() && language.len() <= 30 && language.chars().all(plain)).then_some(language)
}

fn led(class: &str) -> Option<String> {
    let class = class.replace("brush: ", "brush:");
    let tokens = class.split_ascii_whitespace();
    let mut led = tokens.filter_map(|token| LEADS.iter().find_map(|lead| token.strip_prefix(lead)));
    led.next()
        .map(|language| language.trim_end_matches(';').to_owned())
}

/// `hljs rust`: the other of two names.
fn beside_mark(class: &str) -> Option<String> {
    let tokens: Vec<&str> = class.split_ascii_whitespace().collect();
    let is_mark = |token: &str| MARKS.contains(&token.to_ascii_lowercase().as_str());
    match tokens.as_slice() {
        [mark, language] | [language, mark] if is_mark(mark) && !is_mark(language) => {
            Some((*language).to_owned())
        }
        _ => None,
    }
}

enum Step<'a> {
    Open(NodeRef<'a>),
    EndLine,
}

/// The text of a block, without what highlighters add, each of its lines on one.
fn text(block: &NodeRef) -> String {
    let mut text = String::new();
    let mut steps: Vec<Step> = block.children_it(true).map(Step::Open).collect();
    while let Some(step) = steps.pop() {
        let node = match step {
            Step::EndLine => {
                if !text.is_empty() && !text.ends_with('\n') {
                    text.push('\n');
                }
                continue;
            }
            Step::Open(node) => node,
        };
        let Some(name) = node.node_name() else {
            if node.is_text() {
                text.push_str(&node.text());
            }
            continue;
        };
        match &*name {
            "br" => text.push('\n'),
            "button" | "script" | "style" => {}
            _ if adds(&node) => {}
            "div" | "li" | "tr" | "p" => {
                steps.push(Step::EndLine);
                steps.extend(node.children_it(true).map(Step::Open));
            }
            _ => steps.extend(node.children_it(true).map(Step::Open)),
        }
    }
    text
}

fn adds(node: &NodeRef) -> bool {
    let of_class = node.attr("class").is_some_and(|class| {
        class
            .split_ascii_whitespace()
            .any(|token| NUMBERS.contains(&token.to_ascii_lowercase().as_str()))
    });
    // A gutter that holds code is the whole block.
    of_class && node.text().chars().filter(|c| c.is_alphabetic()).count() <= 12
}
