//! The files of a mail.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One part of a mail and the template it is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    Subject,
    Text,
    Html,
}

impl Part {
    pub const ALL: [Part; 3] = [Part::Subject, Part::Text, Part::Html];

    /// The name of its file in a template's folder.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Part::Subject => "subject.hbs",
            Part::Text => "text.hbs",
            Part::Html => "html.hbs",
        }
    }
}

/// A template file: what it is called in messages, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub file: String,
    pub text: String,
}

/// All the files of one mail. Two equal ones render the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    pub subject: Source,
    pub text: Source,
    pub html: Source,
    /// A sample context, JSON.
    pub sample: Source,
    /// By the name under which templates include them.
    pub partials: BTreeMap<String, Source>,
}

impl Sources {
    #[must_use]
    pub fn part(&self, part: Part) -> &Source {
        match part {
            Part::Subject => &self.subject,
            Part::Text => &self.text,
            Part::Html => &self.html,
        }
    }

    /// The file behind a name that Handlebars knows.
    pub(super) fn named(&self, name: &str) -> Option<&Source> {
        let part = Part::ALL.into_iter().find(|part| part.file() == name);
        part.map(|part| self.part(part))
            .or_else(|| self.partials.get(name))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Source)> {
        let parts = Part::ALL.into_iter().map(|part| (part.file(), self.part(part)));
        let partials = self.partials.iter().map(|(name, source)| (name.as_str(), source));
        parts.chain(partials)
    }

    /// The text of all files that render, for looking into.
    pub(crate) fn all_text(&self) -> String {
        self.all().map(|(_, source)| source.text.as_str()).collect()
    }
}
