//! Mail templates: a subject, a text and an HTML part with their partials, in Handlebars.
//!
//! They come as strings with the names of their files (`app::templates` reads those) and know
//! nothing of disks, readers or delivery. Rendering is strict: a field that does not exist is an
//! error with file, line and column, never an empty place in ten thousand mails. `limits` refuses
//! what could run without end.

mod builtin;
mod errors;
mod functions;
mod helpers;
mod limits;
mod source;

pub use builtin::{builtin, builtin_partials, builtin_template};
pub use source::{Part, Source, Sources};

use crate::problem::Problem;
use handlebars::{Context, Handlebars};

/// Why a part was not rendered.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The template or its data is wrong.
    Problem(Box<Problem>),
    /// Only while the reader is a sentinel: what is shown depends on more than the place where the
    /// name or a link stands.
    DependsOnReader,
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        match failure {
            Failure::Problem(problem) => *problem,
            Failure::DependsOnReader => Problem::error("template", "depends on the reader"),
        }
    }
}

/// What templates may call, beside `if`, `unless`, `each` and `with`.
pub fn helper_names() -> impl Iterator<Item = &'static str> {
    functions::ALL.iter().map(|function| function.name)
}

/// A mail's templates, parsed.
#[derive(Debug, Clone)]
pub struct Templates {
    sources: Sources,
    html: Handlebars<'static>,
    /// The same partials without HTML's escapes, for subject and text.
    plain: Handlebars<'static>,
}

impl Templates {
    /// Parses all files.
    ///
    /// # Errors
    /// One problem `template` for each file that does not parse or could run without end.
    pub fn parse(sources: Sources) -> Result<Templates, Vec<Problem>> {
        let mut html = helpers::registry();
        let mut plain = helpers::registry();
        plain.register_escape_fn(handlebars::no_escape);
        let mut problems = Vec::new();
        for (name, source) in sources.all() {
            if let Err(problem) = limits::before_parsing(source) {
                problems.push(problem);
                continue;
            }
            match handlebars::Template::compile_with_name(&source.text, name.to_owned()) {
                Ok(template) => {
                    html.register_template(name, template.clone());
                    plain.register_template(name, template);
                }
                Err(error) => problems.push(errors::of_parsing(source, &error)),
            }
        }
        if problems.is_empty() {
            problems = limits::after_parsing(&sources, &plain);
        }
        if problems.is_empty() {
            Ok(Templates { sources, html, plain })
        } else {
            Err(problems)
        }
    }

    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Renders one part as it stands in its template.
    pub(crate) fn render(&self, part: Part, context: &Context) -> Result<String, Failure> {
        let registry = match part {
            Part::Html => &self.html,
            Part::Subject | Part::Text => &self.plain,
        };
        let mut out = limits::Capped::default();
        let rendered = registry.render_with_context_to_write(part.file(), context, &mut out);
        match rendered {
            Ok(()) => Ok(out.into_string()),
            Err(error) if helpers::depends_on_reader(&error) => Err(Failure::DependsOnReader),
            Err(error) => {
                let problem = errors::of_rendering(&self.sources, part, context.data(), &error);
                Err(Failure::Problem(Box::new(problem)))
            }
        }
    }
}
