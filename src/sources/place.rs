//! Where an article stands.

use super::files::File;
use crate::config;
use url::Url;
use uuid::Uuid;

/// Its site, its source, its file.
pub(crate) struct Place<'a> {
    pub(crate) site: &'a config::Site,
    pub(crate) site_id: Uuid,
    pub(crate) source: &'a config::Source,
    pub(crate) file: &'a File,
    /// Known from outside: stronger than what the file states.
    pub(crate) url: Option<&'a Url>,
}
