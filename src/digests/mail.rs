//! A digest's mail: rendered and frozen when its edition starts, filled for each reader later.
//!
//! [`Frozen`] is all a mail needs but the reader, so that every try of every reader's mail has the
//! same bytes, whatever becomes of articles, templates and the program in between.

use super::context::{self, Items, Shown};
use super::facts::EditionFacts;
use super::freeze;
use super::headers::Head;
use super::page;
use super::pieces;
use super::templates::{Part, Sources, Templates};
use crate::articles::state::Stored;
use crate::problem::Problem;
use handlebars::Context;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

pub use super::freeze::Body;
pub use super::pieces::{Hole, Piece, Reader, clean_name, html_escape};

/// Of the HTML part, in bytes. Gmail hides what comes after 102 KB; holes are filled later and mail
/// programs count in their own ways, so some is left.
pub const HTML_BUDGET: usize = 90 * 1024;
/// So many of the articles that are not shown are named; the rest is a number.
const HEADLINES: usize = 50;

/// All of a mail but the reader. Kept as JSON in `variants.message`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Frozen {
    pub head: Head,
    pub subject: Body,
    pub text: Body,
    pub html: Body,
    pub size: Size,
    /// The edition in a browser, for everybody: without a reader, and without the links of one.
    /// `None`: its template cannot do without.
    #[serde(default)]
    pub page: Option<String>,
    /// Only where a part is rendered reader by reader.
    remade: Option<Remade>,
    /// Stands before the subject, whoever reads.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    mark: String,
}

/// How much of its edition a mail shows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    pub articles: usize,
    pub headlines: usize,
    /// "and N more"
    pub more: usize,
    /// Articles that stand as headlines or not at all because the mail would be too large for Gmail.
    pub left_out: usize,
    /// Of the HTML part, in bytes.
    pub html: usize,
}

impl Size {
    /// Gmail will hide the end: the template alone is too large.
    #[must_use]
    pub fn is_clipped(&self) -> bool {
        self.html > HTML_BUDGET
    }
}

/// What a part is rendered from, reader by reader.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Remade {
    sources: Sources,
    context: serde_json::Value,
    #[serde(skip)]
    parsed: OnceLock<Templates>,
}

/// What one reader reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Frozen {
    /// A mail of no edition: all parts from one context.
    ///
    /// # Errors
    /// What is wrong with the templates.
    pub(super) fn of_parts(
        templates: &Templates,
        context: serde_json::Value,
        head: Head,
    ) -> Result<Frozen, Problem> {
        let [subject, text, html] = Part::ALL.map(|part| freeze::freeze(templates, part, &context));
        let (subject, text, html) = (subject?, text?, html?);
        let one_by_one = [&subject, &text, &html]
            .into_iter()
            .any(|body| *body == Body::ReaderByReader);
        Ok(Frozen {
            head,
            subject,
            text,
            html,
            size: Size::default(),
            page: None,
            mark: String::new(),
            remade: one_by_one.then(|| Remade {
                sources: templates.sources().clone(),
                context,
                parsed: OnceLock::new(),
            }),
        })
    }

    /// The same mail with a mark before its subject.
    #[must_use]
    pub fn marked(mut self, mark: &str) -> Frozen {
        mark.clone_into(&mut self.mark);
        if let Body::Pieces { named, nameless } = &mut self.subject {
            let pieces = std::iter::once(named).chain(nameless);
            pieces.for_each(|pieces| pieces.insert(0, Piece::Text(mark.to_owned())));
        }
        self
    }

    #[must_use]
    pub fn part(&self, part: Part) -> &Body {
        match part {
            Part::Subject => &self.subject,
            Part::Text => &self.text,
            Part::Html => &self.html,
        }
    }

    /// Subject, text and HTML with holes, for readers with or without a name, to be encoded once.
    /// `None`: a part is rendered reader by reader, and [`Frozen::for_reader`] makes the mail.
    #[must_use]
    pub fn pieces(&self, named: bool) -> Option<[&[Piece]; 3]> {
        Some([
            self.subject.pieces(named)?,
            self.text.pieces(named)?,
            self.html.pieces(named)?,
        ])
    }

    /// What a reader reads.
    ///
    /// # Errors
    /// A template rendered reader by reader that fails for this one.
    pub fn for_reader(&self, reader: &Reader) -> Result<Filled, Problem> {
        let name = reader.name.and_then(clean_name);
        let reader = Reader {
            name: name.as_deref(),
            ..*reader
        };
        Ok(Filled {
            subject: self.filled(Part::Subject, &reader)?,
            text: self.filled(Part::Text, &reader)?,
            html: self.filled(Part::Html, &reader)?,
        })
    }

    fn filled(&self, part: Part, reader: &Reader) -> Result<String, Problem> {
        let escape = match part {
            Part::Html => html_escape,
            Part::Subject | Part::Text => str::to_owned,
        };
        if let Some(pieces) = self.part(part).pieces(reader.name.is_some()) {
            return Ok(pieces::fill(pieces, reader, escape));
        }
        let Some(remade) = &self.remade else {
            return Err(Problem::error("template", "the frozen mail has no template"));
        };
        let mut context = remade.context.clone();
        context::set_reader(&mut context, reader);
        let finished = freeze::finished(remade.templates()?, part, &Context::from(context))?;
        Ok(match part {
            Part::Subject => self.mark.clone() + &finished,
            Part::Text | Part::Html => finished,
        })
    }
}

impl Remade {
    /// Parsed once for all readers.
    fn templates(&self) -> Result<&Templates, Problem> {
        if let Some(templates) = self.parsed.get() {
            return Ok(templates);
        }
        let parsed = Templates::parse(self.sources.clone()).map_err(|problems| {
            let first = problems.into_iter().next();
            first.unwrap_or_else(|| Problem::error("template", "does not parse"))
        })?;
        Ok(self.parsed.get_or_init(|| parsed))
    }
}

/// Renders an edition's mail for all who get these articles. `headlines` are shown by title alone.
///
/// # Errors
/// What is wrong with the templates, by file, line and field: then nothing may be sent.
pub fn render(
    templates: &Templates,
    edition: &EditionFacts,
    articles: &[Stored],
    headlines: &[Stored],
) -> Result<Frozen, Problem> {
    let items = Items::new(edition, articles, headlines);
    let (shown, html_size) = fit(templates, edition, &items)?;
    let mut context = context::of_edition(edition, &items, shown);
    // What is of no variant, as a test, has no page.
    let page = match edition.variant.is_empty() {
        true => None,
        false => page::render(templates, context.clone()).ok(),
    };
    if page.is_none() {
        context["edition"]["view_url"] = serde_json::Value::Null;
    }
    let named = shown
        .headlines
        .min(articles.len() - shown.articles + headlines.len());
    let size = Size {
        articles: shown.articles,
        headlines: named,
        more: articles.len() + headlines.len() - shown.articles - named,
        left_out: articles.len() - shown.articles,
        html: html_size,
    };
    Ok(Frozen {
        size,
        page,
        ..Frozen::of_parts(templates, context, Head::of(edition))?
    })
}

/// Renders the template's own sample, as an edition of this digest.
///
/// # Errors
/// What is wrong with the templates or the sample.
pub fn render_sample(templates: &Templates, edition: &EditionFacts) -> Result<Frozen, Problem> {
    let sample = &templates.sources().sample;
    let mut context: serde_json::Value = serde_json::from_str(&sample.text).map_err(|error| {
        Problem::error("template-sample", error.to_string()).file(std::path::Path::new(&sample.file))
    })?;
    if let Some(edition) = context
        .get_mut("edition")
        .and_then(serde_json::Value::as_object_mut)
    {
        edition.insert("view_url".to_owned(), serde_json::Value::Null);
    }
    Frozen::of_parts(templates, context, Head::of(edition))
}

/// Finds how much fits into a mail: as many articles as there is room for, but one at least, and of
/// that one less content if need be. Gives the size of the HTML part too.
fn fit(templates: &Templates, edition: &EditionFacts, items: &Items) -> Result<(Shown, usize), Problem> {
    let size = |shown: Shown| -> Result<usize, Problem> {
        let mut context = context::of_edition(edition, items, shown);
        context::set_reader(&mut context, &typical_reader(edition));
        Ok(freeze::finished(templates, Part::Html, &Context::from(context))?.len())
    };
    let mut shown = Shown {
        articles: items.articles.len().min(context::LONGEST_LIST),
        headlines: HEADLINES,
        content: context::LONGEST_CONTENT,
    };
    let mut bytes = size(shown)?;
    if bytes <= HTML_BUDGET || shown.articles == 0 {
        return Ok((shown, bytes));
    }
    // The most articles that fit lie between one and those that do not fit.
    let (mut fits, mut too_many) = (1, shown.articles);
    while too_many - fits > 1 {
        let half = fits.midpoint(too_many);
        if size(Shown {
            articles: half,
            ..shown
        })? <= HTML_BUDGET
        {
            fits = half;
        } else {
            too_many = half;
        }
    }
    shown.articles = fits;
    for content in [context::LONGEST_CONTENT, context::LONGEST_CONTENT / 4, 0] {
        shown.content = content;
        bytes = size(shown)?;
        if bytes <= HTML_BUDGET {
            return Ok((shown, bytes));
        }
    }
    shown.headlines = 0;
    bytes = size(shown)?;
    Ok((shown, bytes))
}

/// A reader to measure with: a name, and links as long as real ones.
fn typical_reader<'a>(edition: &EditionFacts<'a>) -> Reader<'a> {
    let url = edition.public_url.as_str();
    Reader {
        name: Some("A Reader With a Name"),
        preferences_url: url,
        unsubscribe_url: url,
    }
}
