//! Documents on their way to subscribers: each is in memory once, however many get it, and no longer than
//! somebody does.

use crate::app::Site;
use crate::feeds::Format;
use crate::hash::sha256;
use bytes::Bytes;
use std::collections::{HashMap, HashSet};
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
pub(super) struct Documents {
    known: HashMap<String, Weak<Document>>,
    /// Those that could not be read, as was said already.
    unread: HashSet<String>,
}

impl Documents {
    /// A version of a document.
    pub(super) async fn get(
        &mut self,
        site: &Site,
        path: &str,
        version: &str,
    ) -> std::io::Result<Arc<Document>> {
        self.known.retain(|_, known| known.strong_count() > 0);
        let known = self.known.get(path).and_then(Weak::upgrade);
        if let Some(known) = known.filter(|known| known.version == version) {
            return Ok(known);
        }
        let file = site.config.feeds.dir.join(path);
        let read = tokio::task::spawn_blocking(move || std::fs::read(file)).await;
        let bytes = match read.map_err(std::io::Error::other).flatten() {
            Ok(bytes) => bytes,
            Err(why) => {
                if self.unread.insert(path.to_owned()) {
                    tracing::warn!(path, %why, "a document cannot be read for its subscribers");
                }
                return Err(why);
            }
        };
        self.unread.remove(path);
        let media_type = Format::of(path).map_or("application/octet-stream", Format::media_type);
        let document = Arc::new(Document {
            version: version.to_owned(),
            hash: sha256(&bytes),
            bytes: bytes.into(),
            media_type: format!("{media_type}; charset=utf-8"),
            links: site.config.links(path),
        });
        self.known.insert(path.to_owned(), Arc::downgrade(&document));
        Ok(document)
    }
}
