//! `tidings init`: a new site, complete and working: configuration, templates, and a first article or
//! those of the site that moves here.

mod draft;
mod from;

use super::output::{self, Exit};
use clap::Args;
pub use draft::Named;
use draft::{Document, Words, article, drafts, make, next};
use std::path::PathBuf;

#[derive(Debug, Clone, Args)]
pub struct Init {
    /// Where; made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    #[command(flatten)]
    pub named: Named,
    /// What there is already: a folder of articles or of a site generator, an export of WordPress or
    /// Ghost, a feed, or the URL of a site, sitemap or feed
    #[arg(long, value_name = "FILE|URL")]
    pub from: Option<String>,
}

/// Makes the site. Nothing that is there is overwritten.
///
/// # Errors
/// A URL or title that cannot be used; files that are there already, each by name; a folder that
/// cannot be written.
pub async fn run(init: &Init, json: bool, quiet: bool) -> anyhow::Result<Exit> {
    if let Some(from) = &init.from {
        return from::run(&init.dir, from, &init.named, json, quiet).await;
    }
    let mut drafts = drafts(&Words::of(&init.named))?;
    drafts.push(("articles/hello.md".into(), article()));
    make(&init.dir, &drafts)?;
    if json {
        let made = drafts.iter().map(|(path, _)| path.as_path()).collect();
        output::json(&Document { made })?;
    } else if !quiet {
        output::print(&format!("A new site in {}. Next:\n", init.dir.display()))?;
        output::print(&next(&init.dir))?;
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::articles::identity;
    use crate::cli::output::WrongUse;
    use crate::config::Config;
    use std::path::Path;

    fn init(dir: &Path, url: &str, title: &str) -> Init {
        Init {
            dir: dir.to_owned(),
            named: Named {
                url: Some(url.to_owned()),
                title: Some(title.to_owned()),
            },
            from: None,
        }
    }

    #[tokio::test]
    async fn a_new_site_has_a_configuration_that_loads() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("a/site");
        let title = "Ann's \"Notes\" \\ {{url}}";
        run(&init(&dir, "https://www.notes.example/blog", title), false, true)
            .await
            .unwrap();
        let config = Config::load(&dir.join("config.toml"), &Default::default()).unwrap();
        assert_eq!(config.warnings, []);
        assert_eq!(config.site.title, title);
        assert_eq!(config.site.url.as_str(), "https://www.notes.example/blog/");
        assert_eq!(config.site.id, Some(identity::site_id(&config.site.url)));
        assert_eq!(config.digests[0].from.address.to_string(), "weekly@notes.example");
        for file in [
            "articles/hello.md",
            "email-templates/digest/html.hbs",
            "subscribers/readers.csv",
            ".gitignore",
        ] {
            assert!(dir.join(file).is_file(), "{file}");
        }
    }

    #[tokio::test]
    async fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".gitignore"), "mine").unwrap();
        let error = run(&init(folder.path(), "https://example.org/", "T"), false, true)
            .await
            .unwrap_err();
        let WrongUse(problems) = error.downcast_ref().unwrap();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].file.as_deref().unwrap().ends_with(".gitignore"));
        assert!(!folder.path().join("config.toml").exists());
        assert_eq!(
            std::fs::read_to_string(folder.path().join(".gitignore")).unwrap(),
            "mine"
        );
    }

    #[tokio::test]
    async fn a_wrong_url_or_title_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for (url, title) in [
            ("example.org", "T"),
            ("https://example.org/", " "),
            ("https://example.org/", "a\nb"),
        ] {
            assert!(
                run(&init(&folder.path().join("x"), url, title), false, true)
                    .await
                    .is_err()
            );
        }
        assert!(!folder.path().join("x").exists());
    }
}
