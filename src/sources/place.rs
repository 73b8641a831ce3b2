//! Where an article stands.

use super::files::File;
use crate::config;
use std::cell::Cell;
use url::Url;
use uuid::Uuid;

/// What hides an article, by the keys with which it can say otherwise of itself.
pub(crate) type Hidden = &'static [&'static str];

/// Its site, its source, its file.
pub(crate) struct Place<'a> {
    pub(crate) site: &'a config::Site,
    pub(crate) site_id: Uuid,
    pub(crate) source: &'a config::Source,
    pub(crate) file: &'a File,
    /// What hides it beside itself.
    pub(crate) hidden: &'a [Hidden],
    /// Known from outside: stronger than what the file states.
    pub(crate) url: Option<&'a Url>,
    /// Set by whoever looks at other files (an image beside the article, a file it links to): then the
    /// article can change although its own file does not.
    pub(crate) looked_elsewhere: &'a Cell<bool>,
}
