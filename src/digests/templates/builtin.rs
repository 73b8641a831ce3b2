//! The templates that come with the program: `email-templates/` of the repository, as they stand in
//! for files that a site does not have.

use super::source::{Part, Source, Sources};
use std::collections::BTreeMap;

macro_rules! file {
    ($path:literal) => {
        (
            concat!("email-templates/", $path),
            include_str!(concat!("../../../email-templates/", $path)),
        )
    };
}

/// The partials by name.
const PARTIALS: &[(&str, (&str, &str))] = &[
    ("autodiscovery", file!("partials/autodiscovery.hbs")),
    ("article", file!("partials/article.hbs")),
    ("footer", file!("partials/footer.hbs")),
    ("greeting", file!("partials/greeting.hbs")),
    ("headlines", file!("partials/headlines.hbs")),
    ("layout", file!("partials/layout.hbs")),
    ("lead", file!("partials/lead.hbs")),
    ("masthead", file!("partials/masthead.hbs")),
    ("meta", file!("partials/meta.hbs")),
    ("styles", file!("partials/styles.hbs")),
];

/// The built-in file of a template, as `builtin("digest", "html.hbs")`.
#[must_use]
pub fn builtin(template: &str, file: &str) -> Option<Source> {
    let (name, text) = match (template, file) {
        ("digest", "subject.hbs") => file!("digest/subject.hbs"),
        ("digest", "text.hbs") => file!("digest/text.hbs"),
        ("digest", "html.hbs") => file!("digest/html.hbs"),
        ("digest", "sample.json") => file!("digest/sample.json"),
        ("alert", "subject.hbs") => file!("alert/subject.hbs"),
        ("alert", "text.hbs") => file!("alert/text.hbs"),
        ("alert", "html.hbs") => file!("alert/html.hbs"),
        ("alert", "sample.json") => file!("alert/sample.json"),
        _ => return None,
    };
    Some(source(name, text))
}

/// All built-in partials.
#[must_use]
pub fn builtin_partials() -> BTreeMap<String, Source> {
    let entry = |(name, (file, text)): &(&str, (&str, &str))| ((*name).to_owned(), source(file, text));
    PARTIALS.iter().map(entry).collect()
}

fn source(name: &str, text: &str) -> Source {
    Source {
        file: format!("built-in {name}"),
        text: text.to_owned(),
    }
}

/// The built-in template of a name, whole.
#[must_use]
pub fn builtin_template(name: &str) -> Option<Sources> {
    Some(Sources {
        subject: builtin(name, Part::Subject.file())?,
        text: builtin(name, Part::Text.file())?,
        html: builtin(name, Part::Html.file())?,
        sample: builtin(name, "sample.json")?,
        partials: builtin_partials(),
    })
}
