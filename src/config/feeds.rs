//! What feeds there are, and where: the table `[feeds]`, checked.

use crate::articles::card::Filter;
use std::path::PathBuf;
use url::Url;
use uuid::Uuid;

/// How much of an article a feed carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    Full,
    Summary,
}

#[derive(Debug, Clone)]
pub struct Feeds {
    pub dir: PathBuf,
    /// Where `dir` is published; ends with `/`. Default: `http.public_url`.
    pub url: Url,
    /// At most so many items a document.
    pub items: usize,
    pub content: Content,
    pub by_category: bool,
    pub by_author: bool,
    /// Whether older articles stand in the pages of an archive.
    pub archive: bool,
    /// Whether comments have feeds.
    pub comments: bool,
    /// Whether there are sitemaps.
    pub sitemap: bool,
    /// The operator's own selections.
    pub more: Vec<MoreFeed>,
    /// What directories are told of feeds that have recordings.
    pub podcast: Podcast,
    /// Where feeds were before the site moved here; a request there is sent on.
    pub old_urls: Vec<OldUrl>,
}

/// What directories of podcasts want to know of a feed, and no article says.
#[derive(Debug, Clone, Default)]
pub struct Podcast {
    /// Each with the one that it is divided into, if one is meant.
    pub categories: Vec<(String, Option<String>)>,
    pub explicit: bool,
    /// Default: `site.logo`.
    pub image: Option<Url>,
    /// Whether it is to be heard from its beginning.
    pub serial: bool,
    /// Default: the feed's author.
    pub owner: Option<String>,
    /// Public: directories write there to be sure whose it is.
    pub email: Option<String>,
    /// By which directories know the feed of the whole site, where it had one before.
    pub guid: Option<Uuid>,
}

impl Feeds {
    /// Where a document or folder of `dir` is published.
    #[must_use]
    pub fn published_at(&self, path: &str) -> Url {
        self.url.join(path).unwrap_or_else(|_| self.url.clone())
    }
}

/// A feed of the operator's own choice: what it asks for must all hold, and of each list one is enough.
#[derive(Debug, Clone)]
pub struct MoreFeed {
    pub title: String,
    /// Relative to `dir`, of plain names, with `/` at the end.
    pub folder: String,
    pub filter: Filter,
    /// Words and phrases that stand in the title, the summary or the text; empty: any.
    pub words: Vec<String>,
    pub items: usize,
    pub content: Content,
}

/// Systems whose feeds have known addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldSystem {
    Wordpress,
    Ghost,
    Hugo,
    Jekyll,
    Zola,
    Astro,
    Eleventy,
    Blogger,
    Substack,
    Tumblr,
}

impl OldSystem {
    /// Each by the name it has in the configuration.
    pub const ALL: [(&str, OldSystem); 10] = [
        ("wordpress", OldSystem::Wordpress),
        ("ghost", OldSystem::Ghost),
        ("hugo", OldSystem::Hugo),
        ("jekyll", OldSystem::Jekyll),
        ("zola", OldSystem::Zola),
        ("astro", OldSystem::Astro),
        ("eleventy", OldSystem::Eleventy),
        ("blogger", OldSystem::Blogger),
        ("substack", OldSystem::Substack),
        ("tumblr", OldSystem::Tumblr),
    ];
}

/// Where a feed was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OldUrl {
    /// Wherever this system has its feeds.
    System(OldSystem),
    /// A path of the site, and the document that it is now, relative to `feeds.url`.
    Path { path: String, target: String },
}
