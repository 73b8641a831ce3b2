//! What all documents of a site have in common.

use super::slugs::Slugs;
use crate::config;
use url::Url;
use uuid::Uuid;

/// The site as its documents show it.
#[derive(Debug, Clone)]
pub struct FeedSite {
    /// The store's: the permanent ids of the feeds come from it.
    pub id: Uuid,
    pub site: config::Site,
    pub feeds: config::Feeds,
    /// The WebSub hubs that are told of changes.
    pub hubs: Vec<Url>,
    /// Where readers of RSS register with rssCloud.
    pub cloud: Option<Url>,
    /// Where each category and author has its feeds.
    pub slugs: Slugs,
}

impl FeedSite {
    /// Where a document or folder of `feeds.dir` is published.
    pub(crate) fn url(&self, path: &str) -> Url {
        self.feeds.published_at(path)
    }
}
