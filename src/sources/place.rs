//! Where an article stands.

use super::files::File;
use super::folders::{Folders, Hidden};
use super::front_matter::Head;
use super::generators::Here;
use crate::config;
use std::cell::Cell;
use url::Url;
use uuid::Uuid;

/// Its site, its source, its file.
pub(crate) struct Place<'a> {
    pub(crate) site: &'a config::Site,
    pub(crate) site_id: Uuid,
    pub(crate) source: &'a config::Source,
    pub(crate) file: &'a File,
    /// What hides it beside itself.
    pub(crate) hidden: &'a [Hidden],
    /// The folders it is in; of Markdown alone.
    pub(crate) folders: Option<&'a Folders>,
    /// Known from outside: stronger than what the file states.
    pub(crate) url: Option<&'a Url>,
    /// Set by whoever looks at other files (an image beside the article, a file it links to): then the
    /// article can change although its own file does not.
    pub(crate) looked_elsewhere: &'a Cell<bool>,
}

impl Place<'_> {
    /// The site of a generator that it belongs to.
    pub(crate) fn generated(&self) -> Option<&Here> {
        self.folders?.site()
    }

    /// What the file says, with what holds for it where it says nothing itself.
    pub(crate) fn with_defaults(&self, head: Head) -> Head {
        match self.folders {
            Some(folders) => head.with_defaults(folders.defaults(self.file)),
            None => head,
        }
    }
}
