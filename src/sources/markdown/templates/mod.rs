//! Shortcodes, tags and expressions in a Markdown text. What has a plain meaning becomes Markdown or
//! HTML, of what would have to be run the inner text stays, and it is named; nothing is shown raw.

mod arguments;
mod expressions;
mod known;
mod lexer;
mod tag;
#[cfg(test)]
mod tests;

use super::context::Context;
use super::left_out::LeftOut;
use crate::problem::Problem;
pub(super) use arguments::Arguments;
pub(super) use known::escape;
use known::{Meaning, meaning};
use std::borrow::Cow;
use std::collections::HashMap;
use tag::{Form, Tag, Token};

/// Tags that compute and show nothing.
const SILENT: &[&str] = &[
    "assign",
    "capture",
    "decrement",
    "import",
    "increment",
    "liquid",
    "set",
];
/// Tags whose content is a template: without being run it says nothing.
const TEMPLATES: &[&str] = &["capture", "css", "for", "js", "macro", "set", "tablerow"];
/// Tags of which only the first branch is taken.
const BRANCHES: &[&str] = &["case", "if", "ifchanged", "ifversion", "unless"];
const OTHERWISE: &[&str] = &["elif", "else", "elseif", "elsif", "when"];
/// Tags that bring in another file, which tells by its name what it makes.
const INCLUDES: &[&str] = &["include", "include_cached", "include_relative", "render"];

/// A text without what its generator would run, and what was left out of it. `first_line` is the line
/// of the file it begins on.
pub(super) fn run<'a>(text: &'a str, first_line: u64, context: &Context) -> (Cow<'a, str>, Vec<Problem>) {
    if !lexer::has_tags(text) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let tokens = lexer::tokens(text);
    let mut writer = Writer {
        context,
        pairs: pairs(&tokens),
        out: String::with_capacity(text.len()),
        left_out: LeftOut::new(text, first_line),
        after: HashMap::new(),
        branches: Vec::new(),
        unended: false,
    };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at = writer.write(at, token, &tokens).max(at + 1);
    }
    (Cow::Owned(writer.out), writer.left_out.warnings())
}

/// What a component of that name becomes; `None`: that is not known, or it does not say enough.
pub(super) fn component(name: &str, arguments: &Arguments) -> Option<String> {
    match meaning(name)? {
        Meaning::Figure => known::figure(arguments),
        Meaning::Embed(host) => known::embed(host, arguments).map(|link| format!("<p>{link}</p>")),
        _ => None,
    }
}

/// For each tag the one that closes it.
fn pairs(tokens: &[Token]) -> HashMap<usize, usize> {
    let mut open: HashMap<(bool, &str), Vec<usize>> = HashMap::new();
    let mut pairs = HashMap::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Tag(tag) = token else {
            continue;
        };
        let block = match tag.form {
            Form::Block => true,
            Form::Shortcode => false,
            _ => continue,
        };
        // Zola closes all with the same word.
        let name = match tag.name {
            "end" if block => "",
            name if block && tag.closes => &name[3..],
            _ if block && tag.rest.starts_with('(') => "",
            name => name,
        };
        if !tag.closes {
            open.entry((block, name)).or_default().push(at);
        } else if let Some(begin) = open.get_mut(&(block, name)).and_then(Vec::pop) {
            pairs.insert(begin, at);
        }
    }
    pairs
}

struct Writer<'a, 'c> {
    context: &'c Context<'c>,
    pairs: HashMap<usize, usize>,
    out: String,
    left_out: LeftOut<'a>,
    /// What is written where a tag closes.
    after: HashMap<usize, String>,
    /// Where the branches end that are open.
    branches: Vec<usize>,
    /// A comment of kramdown was left open.
    unended: bool,
}

impl<'a> Writer<'a, '_> {
    /// Writes a token; gives the next one to write, if it is not the one that follows.
    fn write(&mut self, at: usize, token: &Token<'a>, tokens: &[Token<'a>]) -> usize {
        match token {
            Token::Text(text) => self.out.push_str(text),
            Token::Verbatim(tag, inner) => self.verbatim(tag, inner),
            Token::Tag(tag) => match tag.form {
                Form::Comment => {}
                Form::Attributes => return self.attributes(at, tag, tokens),
                Form::Expression if !tag.rest.starts_with('(') => self.expression(tag),
                _ if tag.closes => {
                    self.branches.retain(|end| *end != at);
                    if let Some(text) = self.after.remove(&at) {
                        self.out.push_str(&text);
                    }
                }
                _ => return self.tag(at, tag),
            },
        }
        0
    }

    fn verbatim(&mut self, tag: &Tag<'a>, inner: &str) {
        match meaning(tag.name) {
            Some(Meaning::Code) => {
                let code = known::code(tag.name, &Arguments::read(tag.rest), inner);
                self.block(
                    &code,
                    tag.alone || tag.whole.contains('\n') || inner.contains('\n'),
                );
            }
            Some(Meaning::Raw) => self.out.push_str(inner),
            _ => {}
        }
    }

    /// HTML in the place of a tag. A line break after it keeps what follows from being HTML too.
    fn block(&mut self, html: &str, alone: bool) {
        self.out.push_str(html);
        if alone {
            self.out.push('\n');
        }
    }

    /// An attribute list is for the looks of the page. With its line, if it has one.
    fn attributes(&mut self, at: usize, tag: &Tag<'a>, tokens: &[Token<'a>]) -> usize {
        if tag.alone {
            let line = self.out.rfind('\n').map_or(0, |end| end);
            self.out.truncate(line);
        }
        if matches!(tag.whole, "{:toc}" | "{: toc}" | "{:TOC}") {
            // A list above it is where the table of contents would be.
            let line = self.out.rfind('\n').map_or(0, |end| end + 1);
            if self.out[line..].trim_start().starts_with(['*', '-', '+', '1']) {
                self.out.truncate(line);
            }
        }
        if tag.whole.starts_with("{::comment}") && !self.unended {
            let ends = |token: &Token| matches!(token, Token::Tag(tag) if tag.whole.starts_with("{:/"));
            let end = tokens[at..].iter().position(ends);
            // Looked for once: one that is left open has no end, and neither have those after it.
            self.unended = end.is_none();
            return end.map_or(0, |length| at + length + 1);
        }
        0
    }

    fn expression(&mut self, tag: &Tag<'a>) {
        let inner = tag.whole[2..tag.whole.len() - 2].trim_matches('-').trim();
        match expressions::value(inner, self.context) {
            Some(value) => self.out.push_str(&escape(&value)),
            None => self.left_out.name(&shown(tag, inner), tag.at),
        }
    }

    fn tag(&mut self, at: usize, tag: &Tag<'a>) -> usize {
        if OTHERWISE.contains(&tag.name) && tag.form == Form::Block {
            return self.branches.last().copied().unwrap_or(0);
        }
        let rest = tag.rest.strip_suffix('/').unwrap_or(tag.rest);
        let arguments = Arguments::read(rest);
        if self.with_meaning(at, tag, tag.name, rest, &arguments) {
            return 0;
        }
        if INCLUDES.contains(&tag.name) && tag.form == Form::Block {
            let (file, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let file = file.trim_matches(['"', '\'', ',']);
            let stem = file
                .rsplit('/')
                .next()
                .unwrap_or(file)
                .split('.')
                .next()
                .unwrap_or(file);
            if self.with_meaning(at, tag, stem, rest, &Arguments::read(rest)) {
                return 0;
            }
        }
        if !(SILENT.contains(&tag.name) && tag.form == Form::Block) {
            self.left_out.name(&shown(tag, tag.name), tag.at);
        }
        let end = self.pairs.get(&at).copied();
        match end {
            Some(end) if tag.form == Form::Block && TEMPLATES.contains(&tag.name) => end + 1,
            Some(end) if tag.name.ends_with(".inline") => end + 1,
            Some(end) if tag.form == Form::Block && BRANCHES.contains(&tag.name) => {
                self.branches.push(end);
                0
            }
            _ => 0,
        }
    }

    /// Writes a tag as what its name means; `false`: that is not known, or it does not say enough.
    fn with_meaning(
        &mut self,
        at: usize,
        tag: &Tag<'a>,
        name: &str,
        rest: &str,
        arguments: &Arguments,
    ) -> bool {
        let end = self.pairs.get(&at).copied();
        match meaning(name) {
            Some(Meaning::Figure) => match known::figure(arguments) {
                Some(html) => self.block(&html, tag.alone),
                None => return false,
            },
            Some(Meaning::Embed(host)) => match known::embed(host, arguments) {
                Some(link) if tag.alone => self.block(&format!("<p>{link}</p>"), true),
                Some(link) => self.out.push_str(&link),
                None => return false,
            },
            Some(meaning @ (Meaning::Quote | Meaning::Details)) => {
                let Some(end) = end else {
                    return false;
                };
                let (before, after) = match meaning {
                    Meaning::Quote => known::quote(arguments),
                    _ => known::details(arguments),
                };
                self.out.push_str(&before);
                self.after.insert(end, after);
            }
            Some(Meaning::Reference) => {
                let to = arguments.get(&["path"], 0).unwrap_or(rest);
                match self.context.references.resolve(to) {
                    Some(address) => self.out.push_str(&address),
                    None => self.left_out.broken(to, tag.at),
                }
            }
            Some(Meaning::Parameter) => {
                let value = arguments.plain(0).and_then(|key| self.context.head.text(&[key]));
                match value {
                    Some(value) => self.out.push_str(&escape(&value)),
                    None => return false,
                }
            }
            Some(Meaning::Nothing) => {}
            Some(Meaning::Code | Meaning::Raw) | None => return false,
        }
        true
    }
}

/// A tag as it is told of: by its braces and its name.
fn shown(tag: &Tag, what: &str) -> String {
    let what: String = crate::articles::text::first_words(what, 60);
    match tag.form {
        Form::Shortcode if tag.whole.starts_with("{{%") => format!("{{{{% {what} %}}}}"),
        Form::Shortcode => format!("{{{{< {what} >}}}}"),
        Form::Block => format!("{{% {what} %}}"),
        _ => format!("{{{{ {what} }}}}"),
    }
}
