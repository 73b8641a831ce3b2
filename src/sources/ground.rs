//! Ground for tests to stand on: a site, a source in a folder, a file of it.

use super::extract::{self, Extract};
use super::files::File;
use super::place::Place;
use crate::articles::Article;
use crate::config;
use crate::problem::Problem;
use std::cell::Cell;
use std::path::PathBuf;
use url::Url;
use uuid::Uuid;

/// A site whose source is in a folder, and one file of it.
pub(crate) struct Ground {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) site: config::Site,
    pub(crate) source: config::Source,
    pub(crate) file: File,
    pub(crate) looked_elsewhere: Cell<bool>,
}

impl Ground {
    pub(crate) fn new(name: &str, url_template: Option<&str>) -> Ground {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let site = config::Site {
            url: Url::parse("https://example.org/").unwrap(),
            timezone: chrono_tz::Tz::Europe__Vienna,
            ..config::Site::nowhere().unwrap()
        };
        let source = config::Source {
            name: "posts".to_owned(),
            kind: config::SourceKind::Markdown,
            origin: config::Origin::Path(PathBuf::from(dir.path())),
            key: None,
            url_template: url_template.map(str::to_owned),
            include: Vec::new(),
            exclude: Vec::new(),
            every: std::time::Duration::from_secs(900),
        };
        let file = File {
            name: name.to_owned(),
            path,
        };
        Ground {
            dir,
            site,
            source,
            file,
            looked_elsewhere: Cell::new(false),
        }
    }

    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            site: &self.site,
            site_id: Uuid::nil(),
            source: &self.source,
            file: &self.file,
            hidden: &[],
            folders: None,
            url: None,
            looked_elsewhere: &self.looked_elsewhere,
        }
    }

    pub(crate) fn article(&self, extract: Extract) -> Result<(Article, Vec<Problem>), Problem> {
        extract::article(extract, &self.place())
    }
}
