//! The languages of a site, told by the name of a file or by the folder it is in.

use std::path::{Path, PathBuf};

#[derive(Debug, Default)]
pub(super) struct Languages {
    known: Vec<Language>,
    usual: Option<usize>,
}

#[derive(Debug)]
pub(super) struct Language {
    /// In lower case.
    pub(super) code: String,
    /// What stands before its addresses: `de/`, or nothing.
    pub(super) prefix: String,
    /// The folder of its content, where it has one of its own.
    pub(super) folder: Option<PathBuf>,
    pub(super) is_disabled: bool,
}

impl Languages {
    /// Of a site with several; one alone is none.
    pub(super) fn new(known: Vec<Language>, default: &str) -> Languages {
        let usual = known
            .iter()
            .position(|language| language.code == default.to_lowercase());
        match known.len() {
            0 | 1 => Languages::default(),
            _ => Languages { known, usual },
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    pub(super) fn usual(&self) -> Option<&Language> {
        self.known.get(self.usual?)
    }

    /// The name of a file without its language, and that.
    pub(super) fn of_name<'n>(&self, stem: &'n str) -> (&'n str, Option<&Language>) {
        let Some((bare, code)) = stem.rsplit_once('.').filter(|_| !self.known.is_empty()) else {
            return (stem, None);
        };
        let mut known = self.known.iter();
        match known.find(|language| language.code.eq_ignore_ascii_case(code)) {
            Some(language) if !bare.is_empty() && !bare.ends_with('/') => (bare, Some(language)),
            _ => (stem, None),
        }
    }

    /// The folder of a language that a file is in.
    pub(super) fn of_folder(&self, file: &Path) -> Option<(&Path, &Language)> {
        self.known.iter().find_map(|language| {
            let folder = language.folder.as_deref()?;
            file.starts_with(folder).then_some((folder, language))
        })
    }
}
