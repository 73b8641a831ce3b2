//! One part of a mail, rendered for all readers at once where that can be done.

use super::context;
use super::pieces::{Piece, Reader};
use super::sentinel::Sentinel;
use super::templates::{Failure, Part, Templates};
use super::words;
use crate::problem::Problem;
use handlebars::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// A part without its reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Rendered, with holes. Readers without a name have their own rendering where a template
    /// depends on there being one.
    Pieces {
        named: Vec<Piece>,
        nameless: Option<Vec<Piece>>,
    },
    /// What it shows depends on more than the place where the reader stands: rendered for each.
    ReaderByReader,
}

impl Body {
    /// The rendering for readers with or without a name; `None`: there is none for all of them.
    #[must_use]
    pub fn pieces(&self, named: bool) -> Option<&[Piece]> {
        match self {
            Body::Pieces { named: own, nameless } => match nameless {
                Some(nameless) if !named => Some(nameless),
                _ => Some(own),
            },
            Body::ReaderByReader => None,
        }
    }
}

/// Renders a part for one reader as it is to be sent.
pub(super) fn finished(templates: &Templates, part: Part, context: &Context) -> Result<String, Failure> {
    let rendered = templates.render(part, context)?;
    let problem = |message: String| {
        let file = &templates.sources().part(part).file;
        Failure::Problem(Box::new(
            Problem::error("template", message).file(Path::new(file)),
        ))
    };
    let text = match part {
        Part::Subject => words::one_line(&rendered),
        Part::Text => words::tidy(&rendered),
        Part::Html => inlined(&rendered).map_err(|why| problem(format!("its styles: {why}")))?,
    };
    if text.is_empty() {
        return Err(problem("renders to nothing".to_owned()));
    }
    Ok(text)
}

/// Moves style rules into the elements they are about, because several mail programs drop `<style>`.
/// What stands in `@media` stays where it is.
fn inlined(html: &str) -> Result<String, css_inline::InlineError> {
    let inliner = css_inline::CSSInliner::options()
        .load_remote_stylesheets(false)
        .keep_style_tags(false)
        .keep_at_rules(true)
        .minify_css(true)
        .build();
    Ok(attributes_escaped(&styles_last(inliner.inline(html)?)))
}

/// The inliner puts what stays ahead of all else in the head; a saved mail must say its charset within
/// the first 1,024 bytes.
fn styles_last(html: String) -> String {
    const START: &str = "<head><style>";
    const END: &str = "</style>";
    let moved = html.find(START).and_then(|start| {
        let style = start + "<head>".len();
        let end = style + html[style..].find(END)? + END.len();
        let close = end + html[end..].find("</head>")?;
        Some(
            [
                &html[..style],
                &html[end..close],
                &html[style..end],
                &html[close..],
            ]
            .concat(),
        )
    });
    moved.unwrap_or(html)
}

/// Writes `<` and `>` within attributes as entities. HTML does not ask for it and the inliner does not
/// do it, but what reads mail is not always a parser of HTML.
fn attributes_escaped(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let (mut in_tag, mut in_value) = (false, false);
    let mut chars = html.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '<' if in_value => out.push_str("&lt;"),
            '>' if in_value => out.push_str("&gt;"),
            _ => out.push(c),
        }
        match c {
            '"' if in_tag => in_value = !in_value,
            '<' if !in_tag => in_tag = chars.peek().is_some_and(char::is_ascii_alphabetic),
            '>' if !in_value => in_tag = false,
            _ => {}
        }
    }
    out
}

/// Renders a part once for all readers, or finds that it must be rendered for each.
///
/// # Errors
/// A template that is wrong.
pub(super) fn freeze(templates: &Templates, part: Part, context: &Value) -> Result<Body, Problem> {
    let mut context = context.clone();
    context["reader"] = Value::Null;
    let all_text = format!("{context}{}", templates.sources().all_text());
    for pair in Sentinel::pairs() {
        if pair.0.touches(&all_text) || pair.1.touches(&all_text) {
            continue;
        }
        match attempt(templates, part, &mut context, &pair) {
            Ok(Attempt::Done(body)) => return Ok(body),
            Ok(Attempt::Taken) => {}
            Err(Failure::DependsOnReader) => return Ok(Body::ReaderByReader),
            Err(Failure::Problem(problem)) => return Err(*problem),
        }
    }
    Ok(Body::ReaderByReader)
}

enum Attempt {
    Done(Body),
    /// The rendering has such characters of its own: other sentinels are needed.
    Taken,
}

type Pair = (Sentinel, Sentinel);

fn attempt(templates: &Templates, part: Part, context: &mut Value, pair: &Pair) -> Result<Attempt, Failure> {
    let mut renderings = Vec::new();
    for named in [true, false] {
        let first = rendering(templates, part, context, &pair.0.reader(named))?;
        let second = rendering(templates, part, context, &pair.1.reader(named))?;
        if pair.1.touches(&first) || pair.0.touches(&second) {
            return Ok(Attempt::Taken);
        }
        let pieces = pair.0.cut(&first);
        let left_over = |piece: &Piece| matches!(piece, Piece::Text(text) if pair.0.touches(text));
        if pieces != pair.1.cut(&second) || pieces.iter().any(left_over) {
            return Ok(Attempt::Done(Body::ReaderByReader));
        }
        renderings.push(pieces);
    }
    let nameless = renderings.pop();
    let named = renderings.pop().unwrap_or_default();
    let nameless = nameless.filter(|nameless| *nameless != named);
    Ok(Attempt::Done(Body::Pieces { named, nameless }))
}

fn rendering(
    templates: &Templates,
    part: Part,
    context: &mut Value,
    reader: &Reader,
) -> Result<String, Failure> {
    context::set_reader(context, reader);
    finished(templates, part, &Context::from(context.clone()))
}
