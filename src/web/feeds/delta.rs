//! For readers that ask for changes alone (`A-IM: feed`, RFC 3229): the items of a document that are new
//! or otherwise than in the version they have.
//!
//! Which items a version held is kept in the store when it is given to such a reader, so that a restart
//! loses nothing. Whose version is not known any more gets all of the document.

use super::conditional;
use super::document::Document;
use crate::clock::Clock;
use crate::feeds::parts;
use crate::store::Store;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::task::spawn_blocking;

const A_IM: HeaderName = HeaderName::from_static("a-im");
/// In a document of more items they are not told apart.
const ITEMS: usize = 2_000;
/// Of the versions that a client says it has, so many are looked for.
const TRIED: usize = 4;

/// The document without what a client has.
pub(super) struct Delta {
    /// The tag of the version that the client has.
    pub(super) base: String,
    pub(super) bytes: Bytes,
}

/// Libraries that ask for changes whatever the program on top of them makes of the answer. rss2email up to
/// 3.13 takes it for an error.
const ASK_UNASKED: [&str; 2] = ["feedparser/", "UniversalFeedParser/"];

/// Whether the client takes it (`A-IM: feed, gzip;q=0.5`).
pub(super) fn is_asked(asked: &HeaderMap) -> bool {
    if asked.get(header::USER_AGENT).is_some_and(asks_unasked) {
        return false;
    }
    let fields = asked
        .get_all(A_IM)
        .into_iter()
        .filter_map(|field| field.to_str().ok());
    let mut manipulations = fields.flat_map(|field| field.split(','));
    manipulations.any(|manipulation| {
        let mut parts = manipulation.split(';').map(str::trim);
        let is_feed = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("feed"));
        let refused = parts.any(|part| {
            let quality = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
            quality.is_some_and(|quality| quality.parse::<f32>().is_ok_and(|quality| quality == 0.0))
        });
        is_feed && !refused
    })
}

fn asks_unasked(user_agent: &HeaderValue) -> bool {
    let user_agent = user_agent.to_str().unwrap_or_default();
    ASK_UNASKED.iter().any(|library| user_agent.starts_with(library))
}

/// What is new in a document for a client that has another version of it. `None`: it gets all of it.
pub(super) async fn since(
    path: &str,
    document: &Arc<Document>,
    asked: &HeaderMap,
    store: &Store,
    clock: Clock,
) -> Option<Delta> {
    remember(path, document, store, clock);
    let tags = conditional::tags(asked).filter(|tag| tag.len() == document.tag.len());
    for tag in tags.take(TRIED) {
        let delta = |bytes| Delta {
            base: tag.to_owned(),
            bytes,
        };
        if let Some(made) = document.deltas.of(tag) {
            return Some(delta(made));
        }
        let marks = match store.feed_version(path, tag).await {
            Ok(marks) => marks,
            Err(why) => {
                tracing::warn!(%why, "which items a reader has is not known: it gets all of them");
                return None;
            }
        };
        if let Some(marks) = marks {
            let made = made(document.clone(), marks).await?;
            document.deltas.keep(tag, made.clone());
            return Some(delta(made));
        }
    }
    None
}

/// Keeps the marks of the items, once a version. The answer does not wait for it.
fn remember(path: &str, document: &Arc<Document>, store: &Store, clock: Clock) {
    if !document.deltas.is_first() {
        return;
    }
    let (path, document, store) = (path.to_owned(), document.clone(), store.clone());
    tokio::spawn(async move {
        let read = {
            let document = document.clone();
            move || parts::marks(document.format?, document.text()?)
        };
        let marks = spawn_blocking(read).await.ok().flatten();
        let Some(marks) = marks.filter(|marks| marks.len() <= ITEMS) else {
            return;
        };
        let marks = marks.join(" ");
        let kept = store.keep_feed_version(&path, &document.tag, &marks, clock.now());
        if let Err(why) = kept.await {
            tracing::warn!(%why, "which items a document has could not be kept");
            document.deltas.try_again();
        }
    });
}

async fn made(document: Arc<Document>, marks: String) -> Option<Bytes> {
    let make = move || {
        let known: HashSet<&str> = marks.split(' ').collect();
        parts::without(document.format?, document.text()?, &known)
    };
    spawn_blocking(make).await.ok().flatten().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_changes() {
        for (field, expected) in [
            ("feed", true),
            ("Feed", true),
            ("feed, gzip", true),
            ("diffe, feed;q=0.5", true),
            ("feed;q=0", false),
            ("feed; q=0.0, gzip", false),
            ("feeds", false),
            ("gzip", false),
            ("", false),
            ("\u{e9}", false),
        ] {
            let mut asked = HeaderMap::new();
            asked.insert(
                A_IM,
                axum::http::HeaderValue::from_bytes(field.as_bytes()).unwrap(),
            );
            assert_eq!(is_asked(&asked), expected, "{field}");
        }
        assert!(!is_asked(&HeaderMap::new()));
    }

    #[test]
    fn who_asks_unasked_gets_all() {
        for (user_agent, expected) in [
            (
                "feedparser/6.0.10 +https://github.com/kurtmckee/feedparser/",
                false,
            ),
            (
                "UniversalFeedParser/5.2.1 +https://code.google.com/p/feedparser/",
                false,
            ),
            ("Liferea/1.15 (Linux; https://lzone.de/liferea/)", true),
            ("rss2email/3.14 (https://github.com/rss2email/rss2email)", true),
            ("", true),
        ] {
            let mut asked = HeaderMap::new();
            asked.insert(A_IM, HeaderValue::from_static("feed"));
            asked.insert(header::USER_AGENT, HeaderValue::from_static(user_agent));
            assert_eq!(is_asked(&asked), expected, "{user_agent}");
        }
    }
}
