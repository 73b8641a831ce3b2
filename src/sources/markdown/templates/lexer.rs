//! Finds what a generator would run in a text: shortcodes, tags, expressions, attribute lists. What
//! stands in code is text. One pass, no matter what is left open.

use super::super::code::{self, Indented, Spans};
use super::tag::{Form, Tag, Token};
use std::borrow::Cow;
use std::collections::HashSet;

/// How long the inside of a tag may be; what is longer has no end.
const TAG_BYTES: usize = 8 * 1024;
/// How long that of an expression may be.
const EXPRESSION_BYTES: usize = 1024;
/// Tags whose content is taken as it is.
const VERBATIM: &[&str] = &[
    "comment",
    "highlight",
    "katex",
    "latex",
    "math",
    "mermaid",
    "raw",
    "rawhtml",
    "verbatim",
];

/// How a tag is kept from being run, and how it is then shown.
const ESCAPED: &[(&str, &str, (&str, &str))] = &[
    ("{{</*", "*/>}}", ("{{<", ">}}")),
    ("{{%/*", "*/%}}", ("{{%", "%}}")),
    ("{{/*", "*/}}", ("{{", "}}")),
    ("{%/*", "*/%}", ("{%", "%}")),
];

/// Whether a text may hold anything of this.
pub(super) fn has_tags(text: &str) -> bool {
    let begins = |pair: &[u8]| pair[0] == b'{' && matches!(pair[1], b'{' | b'%' | b':' | b'#' | b'.');
    text.as_bytes().windows(2).any(begins)
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer {
        text,
        at: 0,
        kept: 0,
        tokens: Vec::new(),
        never_closed: HashSet::new(),
        spans: Spans::default(),
        indented: Indented::default(),
        ends: Vec::new(),
    };
    lexer.run();
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// What is before this is in the tokens.
    kept: usize,
    tokens: Vec<Token<'a>>,
    /// Names for which no end was found once.
    never_closed: HashSet<&'a str>,
    spans: Spans,
    indented: Indented,
    /// For what closes a tag: from where it was looked for, and where it is.
    ends: Vec<(&'static str, usize, usize)>,
}

impl<'a> Lexer<'a> {
    fn run(&mut self) {
        self.fence();
        while let Some(found) = self.text.as_bytes()[self.at..]
            .iter()
            .position(|byte| matches!(byte, b'\n' | b'`' | b'{'))
        {
            self.at += found;
            match self.text.as_bytes()[self.at] {
                b'\n' => {
                    self.at += 1;
                    self.fence();
                }
                b'`' => self.span(),
                _ => self.brace(),
            }
        }
        self.keep(self.text.len());
    }

    /// What was passed over is text.
    fn keep(&mut self, end: usize) {
        if end > self.kept {
            self.tokens
                .push(Token::Text(Cow::Borrowed(&self.text[self.kept..end])));
        }
        self.kept = end;
    }

    fn put(&mut self, token: Token<'a>, from: usize, end: usize) {
        self.keep(from);
        self.tokens.push(token);
        self.kept = end;
        self.at = end;
    }

    /// At the start of a line: passes over fenced and indented code.
    fn fence(&mut self) {
        let fenced = code::fenced(self.text, self.at);
        if let Some(code) = fenced.or_else(|| self.indented.at(self.text, self.at)) {
            self.code(code.start, code.end);
            self.at = code.after;
        }
    }

    /// At a backtick: passes over a code span.
    fn span(&mut self) {
        match self.spans.at(self.text, self.at) {
            Ok(code) => {
                self.code(code.start, code.end);
                self.at = code.after;
            }
            Err(after) => self.at = after,
        }
    }

    /// Code stays as it is, but for the marks by which its author kept it from being run.
    fn code(&mut self, start: usize, end: usize) {
        let code = &self.text[start..end];
        let (mut at, mut raw) = (0, code.contains("endraw"));
        while let Some(found) = code[at..].find('{') {
            let from = at + found;
            at = from + 1;
            // What would end beyond this code is none.
            let within = |length: usize| from + length <= code.len();
            if let Some((text, length)) = self.escaped(start + from).filter(|(_, length)| within(*length)) {
                self.put(Token::Text(Cow::Owned(text)), start + from, start + from + length);
                at = from + length;
            } else if raw
                && let Some(tag) = self.block(start + from)
                && matches!(tag.name, "raw" | "endraw")
                && within(tag.whole.len())
            {
                self.put(Token::Text(Cow::Borrowed("")), tag.at, tag.at + tag.whole.len());
                at = from + tag.whole.len();
                raw = !tag.closes || code[at..].contains("endraw");
            }
        }
        self.at = end;
    }

    /// At a brace.
    fn brace(&mut self) {
        let from = self.at;
        let rest = &self.text[from..];
        if let Some((text, length)) = self.escaped(from) {
            self.put(Token::Text(Cow::Owned(text)), from, from + length);
            return;
        }
        let tag = match rest.as_bytes().get(1) {
            Some(b'{') => match rest.as_bytes().get(2) {
                Some(b'<') => self.delimited(Form::Shortcode, "{{<", ">}}"),
                Some(b'%') => self.delimited(Form::Shortcode, "{{%", "%}}"),
                _ => self.expression(),
            },
            Some(b'%') => self.block(from),
            Some(b'#') if rest.starts_with("{# ") => self.delimited(Form::Comment, "{#", "#}"),
            Some(b':') => self.attributes(),
            Some(b'.' | b'#') => self.attributes().filter(|tag| tag.alone),
            _ => None,
        };
        let Some(tag) = tag else {
            self.at += 1;
            return;
        };
        let end = from + tag.whole.len();
        match self.verbatim(&tag) {
            Some((inner, after)) => self.put(Token::Verbatim(tag, inner), from, after),
            None => self.put(Token::Tag(tag), from, end),
        }
    }

    /// A tag that its author kept from being run, as it is to be shown, and how long it is written.
    fn escaped(&mut self, from: usize) -> Option<(String, usize)> {
        let text = self.text;
        for (open, close, shown) in ESCAPED {
            if text[from..].starts_with(open) {
                let start = from + open.len();
                let end = self.next(close, start).filter(|end| end - start <= TAG_BYTES)?;
                let whole = format!("{}{}{}", shown.0, &text[start..end], shown.1);
                return Some((whole, end + close.len() - from));
            }
        }
        None
    }

    fn block(&mut self, from: usize) -> Option<Tag<'a>> {
        let tag = self.delimited_at(from, Form::Block, "{%", "%}")?;
        let closes = tag.name.starts_with("end");
        Some(Tag { closes, ..tag })
    }

    fn expression(&mut self) -> Option<Tag<'a>> {
        let tag = self.delimited(Form::Expression, "{{", "}}")?;
        let inner = &tag.whole[2..tag.whole.len() - 2];
        // Formulas are full of braces.
        let before = self.text[..tag.at].chars().next_back();
        let glued = before.is_some_and(|c| c.is_alphanumeric() || "^_\\}".contains(c));
        let formula = inner.contains('\\') || (glued && !inner.contains(['.', '|', '(', ' ']));
        let sentence = inner.contains("\n\n") || inner.trim().is_empty();
        (!formula && !sentence).then_some(tag)
    }

    fn attributes(&mut self) -> Option<Tag<'a>> {
        let tag = self.delimited(Form::Attributes, "{", "}")?;
        let inner = &tag.whole[1..tag.whole.len() - 1];
        let plain = !inner.contains(['\n', '{']) && inner.len() > 1;
        let begins = inner.chars().nth(1)?;
        (plain && (begins.is_alphanumeric() || " .#:/".contains(begins))).then_some(tag)
    }

    fn delimited(&mut self, form: Form, open: &str, close: &'static str) -> Option<Tag<'a>> {
        self.delimited_at(self.at, form, open, close)
    }

    fn delimited_at(&mut self, from: usize, form: Form, open: &str, close: &'static str) -> Option<Tag<'a>> {
        let text = self.text;
        if !text[from..].starts_with(open) {
            return None;
        }
        let start = from + open.len();
        let most = if form == Form::Expression {
            EXPRESSION_BYTES
        } else {
            TAG_BYTES
        };
        let first = self.next(close, start).filter(|at| at - start <= most)?;
        let inside = if text[start..first].contains(['"', '\'', '`']) {
            let limit = text.floor_char_boundary(start + most);
            out_of_quotes(&text[start..limit], close).map_or(first, |length| start + length)
        } else {
            first
        };
        let end = inside + close.len();
        let inner = text[start..inside].trim_matches('-').trim();
        let closes = form == Form::Shortcode && inner.starts_with('/');
        let inner = if closes { inner[1..].trim_start() } else { inner };
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        let stop = inner.find(|c| !plain(c)).unwrap_or(inner.len());
        let before = text[..from].trim_end_matches([' ', '\t']);
        let after = text[end..].trim_start_matches([' ', '\t', '\r']);
        Some(Tag {
            form,
            whole: &text[from..end],
            at: from,
            name: &inner[..stop],
            rest: inner[stop..].trim(),
            closes,
            alone: (before.is_empty() || before.ends_with('\n'))
                && (after.is_empty() || after.starts_with('\n')),
        })
    }

    /// Where what closes a tag stands next.
    fn next(&mut self, close: &'static str, from: usize) -> Option<usize> {
        let text = self.text;
        let find = || {
            text.get(from..)
                .and_then(|rest| rest.find(close))
                .map_or(usize::MAX, |at| from + at)
        };
        let at = match self.ends.iter_mut().find(|(known, _, _)| *known == close) {
            Some((_, since, at)) => {
                if from < *since || from > *at {
                    (*since, *at) = (from, find());
                }
                *at
            }
            None => {
                let at = find();
                self.ends.push((close, from, at));
                at
            }
        };
        (at != usize::MAX).then_some(at)
    }

    /// The content of a tag that is not looked into, and where what follows it begins.
    fn verbatim(&mut self, tag: &Tag<'a>) -> Option<(&'a str, usize)> {
        let may = matches!(tag.form, Form::Shortcode | Form::Block);
        if tag.closes || !may || !VERBATIM.contains(&tag.name) || self.never_closed.contains(tag.name) {
            return None;
        }
        let start = tag.at + tag.whole.len();
        let open = if tag.form == Form::Block { "{%" } else { "{{" };
        let mut at = start;
        while let Some(found) = self.text[at..].find(open) {
            at += found;
            let closing = match tag.form {
                Form::Block => self.block(at),
                _ if self.text[at..].starts_with("{{<") => self.delimited_at(at, tag.form, "{{<", ">}}"),
                _ => self.delimited_at(at, tag.form, "{{%", "%}}"),
            };
            let ends = |closing: &Tag| {
                let name = match tag.form {
                    Form::Block => closing.name.strip_prefix("end").unwrap_or_default(),
                    _ => closing.name,
                };
                closing.closes && (name == tag.name || (name.is_empty() && tag.form == Form::Block))
            };
            if let Some(closing) = closing.filter(ends) {
                return Some((&self.text[start..at], at + closing.whole.len()));
            }
            at += open.len();
        }
        self.never_closed.insert(tag.name);
        None
    }
}

/// Where a tag is closed outside of quotes.
fn out_of_quotes(text: &str, close: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            None if text[at..].starts_with(close) => return Some(at),
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
    }
    None
}
