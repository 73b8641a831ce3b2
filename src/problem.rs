//! What went wrong, in the form in which every report carries it.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::Path;

/// The most that a problem says of one thing, in characters: strangers' names can be long as books, and a
/// report is read in a terminal.
const LONGEST_MESSAGE: usize = 1_000;
const LONGEST_KEY: usize = 200;
const LONGEST_HINT: usize = 600;

/// How much a problem matters. Only an error changes an exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Note,
    Warning,
    Error,
}

/// As in JSON: `warning`.
impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// One thing that is wrong: what, where, and what to do. `code` is stable and listed in the manual
/// (`docs/problems.md`). One that was kept and is read back has an owned code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Problem<Code = &'static str> {
    pub severity: Severity,
    pub code: Code,
    pub file: Option<String>,
    pub line: Option<u64>,
    pub key: Option<String>,
    pub message: String,
    pub hint: Option<String>,
    /// While it lasts mail waits: every pass says so by its exit status, not the first alone. No part
    /// of a report.
    #[serde(skip)]
    pub blocks_mail: bool,
}

impl Problem {
    /// A problem that stops the one thing it is about. Of a message without end its beginning is kept.
    pub fn error(code: &'static str, message: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Error,
            code,
            file: None,
            line: None,
            key: None,
            message: bounded(message.into(), LONGEST_MESSAGE),
            hint: None,
            blocks_mail: false,
        }
    }

    /// A problem that stops nothing.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(code, message)
        }
    }

    /// Something to know.
    pub fn note(code: &'static str, message: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Note,
            ..Problem::error(code, message)
        }
    }

    /// Names the file it is in.
    #[must_use]
    pub fn file(mut self, file: &Path) -> Problem {
        self.file = Some(file.display().to_string());
        self
    }

    /// Names the line, counted from 1.
    #[must_use]
    pub fn line(mut self, line: u64) -> Problem {
        self.line = Some(line);
        self
    }

    /// Names the key of the configuration or front matter, as `smtp.url`.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Problem {
        self.key = Some(bounded(key.into(), LONGEST_KEY));
        self
    }

    /// Mail waits until it is mended.
    #[must_use]
    pub fn blocking_mail(mut self) -> Problem {
        self.blocks_mail = true;
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(bounded(hint.into(), LONGEST_HINT));
        self
    }
}

/// `file:line: key: message (hint)`, what of it there is, on one line: of what strangers wrote nothing
/// moves the cursor of a terminal, or begins a line of a log.
impl<Code> std::fmt::Display for Problem<Code> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", plain(file))?;
            if let Some(line) = self.line {
                write!(f, "{line}:")?;
            }
            write!(f, " ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{}: ", plain(key))?;
        }
        write!(f, "{}", plain(&self.message))?;
        match &self.hint {
            Some(hint) => write!(f, " ({})", plain(hint)),
            None => Ok(()),
        }
    }
}

/// No more than so many characters; what was cut ends in three dots.
fn bounded(mut text: String, most: usize) -> String {
    if let Some((cut, _)) = text.char_indices().nth(most) {
        text.truncate(cut);
        text.push('…');
    }
    text
}

fn plain(text: &str) -> Cow<'_, str> {
    let one = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    match text.chars().all(|c| one(c) == c) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.chars().map(one).collect()),
    }
}

impl std::error::Error for Problem {}

/// As one that was read back.
impl From<Problem> for Problem<String> {
    fn from(problem: Problem) -> Problem<String> {
        Problem {
            severity: problem.severity,
            code: problem.code.to_owned(),
            file: problem.file,
            line: problem.line,
            key: problem.key,
            message: problem.message,
            hint: problem.hint,
            blocks_mail: problem.blocks_mail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_does_not_go_on_and_on() {
        let name = "é".repeat(5_000);
        let problem = Problem::error("export", format!("it ends within <{name}>"))
            .key(name.as_str())
            .hint(name.as_str());
        let said = problem.to_string();
        assert!(
            said.chars().count() < 1_900,
            "{} characters",
            said.chars().count()
        );
        assert!(
            said.contains("it ends within <éé") && said.contains("é… ("),
            "{said}"
        );
        let short = Problem::error("export", "x".repeat(LONGEST_MESSAGE));
        assert_eq!(short.message.len(), LONGEST_MESSAGE, "what fits is left whole");
    }

    #[test]
    fn a_problem_is_one_line_whatever_it_speaks_of() {
        let problem = Problem::error("feed", "a\nb\u{1b}[2J\u{7f}é")
            .file(Path::new("x\u{9b}.xml"))
            .line(3);
        assert_eq!(problem.to_string(), "x\u{FFFD}.xml:3: a b\u{FFFD}[2J\u{FFFD}é");
    }
}
