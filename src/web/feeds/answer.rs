//! Answers about a document. Their header fields are the same for one version each time, so they are made
//! once for each kind of answer.

use super::coding::Coding;
use super::document::Document;
use super::heads::Kind;
use crate::clock::Instant;
use crate::config::Config;
use crate::feeds::Format;
use crate::feeds::paths::is_followed;
use crate::web::protection::protect;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use std::sync::OnceLock;

/// Feed readers may keep a document so long: 15 minutes.
pub(super) const FRESH: &str = "public, max-age=900";
/// And what is new in it, where a cache knows what that is.
const FRESH_DELTA: &str = "no-store, im, max-age=900";
/// By which fields of a request the answer differs.
pub(super) const VARY: &str = "Accept-Encoding, Sec-Fetch-Dest, Sec-Fetch-Mode";

const IM: HeaderName = HeaderName::from_static("im");
const DELTA_BASE: HeaderName = HeaderName::from_static("delta-base");

/// What answers about a document depend on.
#[derive(Clone, Copy)]
pub(super) struct Answers<'a> {
    pub(super) document: &'a Document,
    pub(super) config: &'a Config,
    pub(super) now: Instant,
}

impl Answers<'_> {
    /// For a client that has this version.
    pub(super) fn known(self) -> Response {
        self.of(Kind::Known, Body::empty(), None)
    }

    /// All of it, in a coding or as it is.
    pub(super) fn whole(self, coded: Option<(Coding, &Bytes)>) -> Response {
        match coded {
            None => {
                let document = self.document;
                self.of(Kind::Whole, document.body(), Some(document.length()))
            }
            Some((coding, coded)) => {
                let length = coded.len() as u64;
                self.of(Kind::Coded(coding), Body::from(coded.clone()), Some(length))
            }
        }
    }

    /// What is new in it since the version of a tag (RFC 3229).
    pub(super) fn news(self, base: &str, news: Bytes, coding: Option<Coding>) -> Response {
        let length = news.len() as u64;
        let mut answer = self.of(Kind::Delta, Body::from(news), Some(length));
        let head = answer.headers_mut();
        head.insert(IM, HeaderValue::from_static("feed"));
        head.insert(DELTA_BASE, text(tag(base)));
        head.append(header::VARY, HeaderValue::from_static("A-IM, If-None-Match"));
        if let Some(coding) = coding {
            head.insert(header::CONTENT_ENCODING, coding.header());
        }
        answer
    }

    fn of(self, kind: Kind, body: Body, length: Option<u64>) -> Response {
        let mut answer = Response::new(body);
        *answer.status_mut() = match kind {
            Kind::Known => StatusCode::NOT_MODIFIED,
            Kind::Whole | Kind::Coded(_) => StatusCode::OK,
            Kind::Delta => StatusCode::IM_USED,
        };
        let made = self.document.heads.of(kind);
        *answer.headers_mut() = match made.and_then(OnceLock::get) {
            Some(made) => made.clone(),
            None => {
                let head = self.head(kind, length);
                // One that leaves out the date would leave it out for ever.
                if let Some(made) = made.filter(|_| self.is_dated()) {
                    let _ = made.set(head.clone());
                }
                head
            }
        };
        answer
    }

    /// A date that is still to come would be one of the future (RFC 9110 §8.8.2.1).
    fn is_dated(self) -> bool {
        self.document.modified <= self.now
    }

    fn head(self, kind: Kind, length: Option<u64>) -> HeaderMap {
        let Answers { document, config, .. } = self;
        let mut head = HeaderMap::new();
        head.insert(header::ETAG, text(tag(&document.tag)));
        if self.is_dated() {
            head.insert(header::LAST_MODIFIED, text(http_date(document.modified)));
        }
        let fresh = match kind {
            Kind::Delta => FRESH_DELTA,
            _ => FRESH,
        };
        head.insert(header::CACHE_CONTROL, HeaderValue::from_static(fresh));
        head.insert(header::VARY, HeaderValue::from_static(VARY));
        // Readers that run in a browser may fetch it.
        head.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        if is_followed(&document.path) {
            head.insert(header::LINK, text(config.links(&document.path)));
        }
        if kind != Kind::Known {
            let media_type = document
                .format
                .map_or("application/octet-stream", Format::media_type);
            head.insert(header::CONTENT_TYPE, text(format!("{media_type}; charset=utf-8")));
        }
        if let Some(length) = length {
            head.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        if let Kind::Coded(coding) = kind {
            head.insert(header::CONTENT_ENCODING, coding.header());
        }
        // Who has the document has this as well.
        if kind != Kind::Known {
            protect(&mut head);
        }
        head
    }
}

fn text(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// Weak: what is compressed on the way may keep it.
fn tag(tag: &str) -> String {
    format!("W/\"{tag}\"")
}

fn http_date(at: Instant) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
