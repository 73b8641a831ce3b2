//! Documents on their way to subscribers: each is in memory once, however many get it, and no longer than
//! somebody does.

use crate::app::Site;
use crate::feeds::Format;
use crate::hash::sha256;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// What is delivered.
#[derive(Debug)]
pub(super) struct Document {
    version: String,
    pub(super) bytes: Bytes,
    /// Of the bytes.
    pub(super) hash: String,
    pub(super) media_type: String,
    /// `Link`, with the hub and the document's own URL.
    pub(super) links: String,
}

/// Those that are in memory, by their paths.
#[derive(Debug, Default)]
pub(super) struct Documents(HashMap<String, Weak<Document>>);

impl Documents {
    /// A version of a document.
    pub(super) async fn get(
        &mut self,
        site: &Site,
        path: &str,
        version: &str,
    ) -> std::io::Result<Arc<Document>> {
        self.0.retain(|_, known| known.strong_count() > 0);
        let known = self.0.get(path).and_then(Weak::upgrade);
        if let Some(known) = known.filter(|known| known.version == version) {
            return Ok(known);
        }
        let file = site.config.feeds.dir.join(path);
        let bytes = tokio::task::spawn_blocking(move || std::fs::read(file))
            .await
            .map_err(std::io::Error::other)??;
        let media_type = Format::of(path).map_or("application/octet-stream", Format::media_type);
        let document = Arc::new(Document {
            version: version.to_owned(),
            hash: sha256(&bytes),
            bytes: bytes.into(),
            media_type: format!("{media_type}; charset=utf-8"),
            links: site.config.links(path),
        });
        self.0.insert(path.to_owned(), Arc::downgrade(&document));
        Ok(document)
    }
}
