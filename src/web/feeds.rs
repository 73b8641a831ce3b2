//! Published documents over HTTP: what the store says was published, at the path of `feeds.url`, and
//! nothing else of that folder.

use super::asked::Asked;
use super::errors::Refusal;
use super::state::State;
use crate::clock::Instant;
use crate::feeds::{Format, old_urls};
use crate::hash::sha256;
use axum::extract::{self, Extension};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use std::fs;
use std::io;
use std::path::{Component, Path};
use std::sync::Arc;

/// Feed readers may keep a document so long: 15 minutes.
const FRESH: &str = "public, max-age=900";

/// A document as it is on disk.
struct Document {
    bytes: Vec<u8>,
    modified: Instant,
}

/// `GET` and `HEAD` of any path that is nobody else's.
pub(super) async fn serve(
    extract::State(state): extract::State<Arc<State>>,
    Extension(Asked(asked)): Extension<Asked>,
    extract::RawQuery(query): extract::RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let path = relative(&asked, &state);
    let Some(path) = published(path, &state).await? else {
        return moved(&asked, query.as_deref(), &state).await;
    };
    if method != Method::GET && method != Method::HEAD {
        return Ok(([(header::ALLOW, "GET,HEAD")], Refusal::METHOD).into_response());
    }
    let (dir, name) = (state.config.feeds.dir.clone(), path.clone());
    let read = tokio::task::spawn_blocking(move || read(&dir, &name));
    match read.await.map_err(Refusal::failed)? {
        Ok(document) => Ok(answer(&path, document, &headers)),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Err(Refusal::NOT_FOUND),
        Err(why) => Err(Refusal::failed(format!("{path}: {why}"))),
    }
}

/// The document, where it was published.
async fn published(path: Option<String>, state: &State) -> Result<Option<String>, Refusal> {
    let Some(path) = path else {
        return Ok(None);
    };
    let there = state.store.is_published(&path).await.map_err(Refusal::store)?;
    Ok(there.then_some(path))
}

/// Sends on who asks where a feed was before the site moved here.
async fn moved(asked: &str, query: Option<&str>, state: &State) -> Result<Response, Refusal> {
    let feeds = &state.config.feeds;
    let site = state.config.site.url.path();
    let below = asked.strip_prefix(site).unwrap_or(asked);
    let decoded = percent_encoding::percent_decode_str(below).decode_utf8();
    let target = decoded
        .ok()
        .and_then(|path| old_urls::target(&feeds.old_urls, &path, query));
    let target = published(target, state).await?.ok_or(Refusal::NOT_FOUND)?;
    let url = feeds.url.join(&target).map_err(Refusal::failed)?;
    let headers = [
        (header::LOCATION, url.to_string()),
        (header::CACHE_CONTROL, FRESH.to_owned()),
    ];
    Ok((StatusCode::MOVED_PERMANENTLY, headers).into_response())
}

/// Which document a path asks for: what follows the path of `feeds.url`, with or without that of
/// `http.public_url` in front.
fn relative(asked: &str, state: &State) -> Option<String> {
    let config = &state.config;
    let prefix = config.http.public_url.path();
    let rest = match asked.strip_prefix(config.feeds.url.path()) {
        Some(rest) => rest.to_owned(),
        // A proxy took the prefix away.
        None => {
            let whole = format!("{prefix}{}", asked.strip_prefix('/')?);
            whole.strip_prefix(config.feeds.url.path())?.to_owned()
        }
    };
    let path = percent_encoding::percent_decode_str(&rest).decode_utf8().ok()?;
    Some(path.into_owned())
}

/// Reads a document, and nothing that is not below the folder, links followed.
fn read(dir: &Path, name: &str) -> io::Result<Document> {
    let name = Path::new(name);
    let is_plain = name.components().all(|part| matches!(part, Component::Normal(_)));
    let file = fs::canonicalize(dir.join(name))?;
    if !is_plain || !file.starts_with(fs::canonicalize(dir)?) {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok(Document {
        modified: fs::metadata(&file)?.modified().map(DateTime::<Utc>::from)?,
        bytes: fs::read(file)?,
    })
}

fn answer(path: &str, document: Document, asked: &HeaderMap) -> Response {
    // Weak: a proxy that compresses it may keep it.
    let tag = format!("W/\"{}\"", &sha256(&document.bytes)[..32]);
    let headers = [
        (header::ETAG, tag.clone()),
        (header::LAST_MODIFIED, http_date(document.modified)),
        (header::CACHE_CONTROL, FRESH.to_owned()),
        // Readers that run in a browser may fetch it.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
    ];
    if is_known(asked, &tag, document.modified) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let kind = [(header::CONTENT_TYPE, content_type(path))];
    (headers, kind, document.bytes).into_response()
}

/// Whether the client has this document already. A tag counts more than a date (RFC 9110 §13.2.2).
fn is_known(asked: &HeaderMap, tag: &str, modified: Instant) -> bool {
    let text = |name: HeaderName| {
        asked
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    if asked.contains_key(header::IF_NONE_MATCH) {
        let bare = tag.trim_start_matches("W/");
        return asked.get_all(header::IF_NONE_MATCH).iter().any(|field| {
            let known = field.to_str().unwrap_or_default();
            known
                .split(',')
                .map(str::trim)
                .any(|known| known == "*" || known.trim_start_matches("W/") == bare)
        });
    }
    text(header::IF_MODIFIED_SINCE)
        .and_then(|since| DateTime::parse_from_rfc2822(since).ok())
        .is_some_and(|since| since.timestamp() >= modified.timestamp())
}

fn http_date(at: Instant) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn content_type(path: &str) -> HeaderValue {
    let name = path.rsplit('/').next().unwrap_or_default();
    let known = [Format::Rss, Format::Atom, Format::Json, Format::Opml];
    let kind = known
        .into_iter()
        .find(|format| format.file_name() == name)
        .map_or("application/octet-stream", Format::media_type);
    HeaderValue::try_from(format!("{kind}; charset=utf-8"))
        .unwrap_or(HeaderValue::from_static("application/octet-stream"))
}
