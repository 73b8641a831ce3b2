//! Published documents over HTTP: what the store says was published, at the path of `feeds.url`, and
//! nothing else of that folder.
//!
//! ```text
//! path → shelf (document in memory, or read) ─┬→ page: for people
//!                                             ├→ conditional: 304
//!                                             ├→ delta: 226, what is new
//!                                             └→ coding: 200
//! ```

mod coding;
mod conditional;
mod delta;
mod deltas;
mod document;
mod page;
mod shelf;

pub(super) use shelf::Shelf;

use super::asked::{Asked, Client};
use super::errors::Refusal;
use super::state::State;
use super::throttle::Allowance;
use crate::feeds::old_urls;
use crate::feeds::paths::is_followed;
use axum::body::{Body, Bytes};
use axum::extract::{self, Extension};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use coding::{Choice, Coding};
use conditional::Version;
use document::Document;
use shelf::Missing;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

/// Feed readers may keep a document so long: 15 minutes.
const FRESH: &str = "public, max-age=900";
/// And what is new in it, where a cache knows what that is.
const FRESH_DELTA: &str = "no-store, im, max-age=900";
/// By which fields of a request the answer differs.
const VARY: &str = "Accept-Encoding, Sec-Fetch-Dest, Sec-Fetch-Mode";
const IM: HeaderName = HeaderName::from_static("im");
const DELTA_BASE: HeaderName = HeaderName::from_static("delta-base");

/// The answer to a request for a document that is in memory, where it takes nothing to be made first:
/// that is nearly all of them, so it goes past the routes and their limits on time and size.
pub(super) fn at_hand(
    state: &State,
    asked: &str,
    method: &Method,
    headers: &HeaderMap,
    client: IpAddr,
) -> Option<Response> {
    if (method != Method::GET && method != Method::HEAD)
        || delta::is_asked(headers)
        || page::is_asked(headers)
    {
        return None;
    }
    let path = relative(asked, state)?;
    let document = state.shelf.at_hand(&state.config.feeds.dir, &path)?;
    let answer = match Found::of(&document, headers, state) {
        Found::Known => known(&document, state),
        Found::Whole(Choice::Identity) => whole(&document, None, state),
        Found::Whole(Choice::Coded(coding)) => {
            let coded = document.coded(coding)?;
            whole(&document, Some((coding, coded)), state)
        }
        Found::Whole(Choice::Nothing) => return None,
    };
    Some(match take(state, client) {
        Ok(()) => {
            note(&path, method, headers, client, state);
            bodiless(answer, method)
        }
        Err(refusal) => refusal.into_response(),
    })
}

/// `GET` and `HEAD` of any path that is nobody else's.
pub(super) async fn serve(
    extract::State(state): extract::State<Arc<State>>,
    Extension(Asked(asked)): Extension<Asked>,
    Extension(Client(client)): Extension<Client>,
    extract::RawQuery(query): extract::RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    take(&state, client)?;
    let dir = &state.config.feeds.dir;
    let Some(path) = relative(&asked, &state) else {
        return moved(&asked, query.as_deref(), &state).await;
    };
    let document = match state.shelf.get(dir, &path, &state.store).await {
        Ok(document) => document,
        Err(Missing::Unpublished) => return moved(&asked, query.as_deref(), &state).await,
        Err(Missing::Store(why)) => return Err(Refusal::store(why)),
        Err(Missing::File(why)) if why.kind() == io::ErrorKind::NotFound => return Err(Refusal::NOT_FOUND),
        Err(Missing::File(why)) => return Err(Refusal::failed(format!("{path}: {why}"))),
    };
    if method != Method::GET && method != Method::HEAD {
        return Ok(([(header::ALLOW, "GET,HEAD")], Refusal::METHOD).into_response());
    }
    if page::is_asked(&headers)
        && let Some(mut page) = page::of(&path, &document, &state).await?
    {
        page.headers_mut()
            .insert(header::VARY, HeaderValue::from_static(VARY));
        return Ok(page);
    }
    note(&path, &method, &headers, client, &state);
    let choice = match Found::of(&document, &headers, &state) {
        Found::Known => return Ok(known(&document, &state)),
        Found::Whole(choice) => choice,
    };
    if delta::is_asked(&headers)
        && let Some(delta) = delta::since(&path, &document, &headers, &state.store, state.clock).await
    {
        state.shelf.weigh(&path, &document);
        return news(&document, delta, choice, &state).await;
    }
    let coding = match choice {
        Choice::Identity => return Ok(whole(&document, None, &state)),
        Choice::Nothing => return Err(Refusal::NOT_ACCEPTABLE),
        Choice::Coded(coding) => coding,
    };
    let coded = state.shelf.code(&path, &document, coding).await;
    coded.map_err(|why| Refusal::failed(format!("{path}: {why}")))?;
    let coded = document.coded(coding).map(|coded| (coding, coded));
    Ok(whole(&document, coded, &state))
}

/// Reads documents that were just written, relative to `feeds.dir`, and compresses them: who asks for
/// one does not wait. Those that are asked for anyway come first, and no more than half of the room is
/// taken.
pub async fn make_ready(state: &State, written: &[String]) {
    let shelf = &state.shelf;
    let mut written: Vec<&String> = written.iter().collect();
    written.sort_by_key(|path| !shelf.holds(path));
    for path in written {
        if shelf.is_half_full() && !shelf.holds(path) {
            return;
        }
        // Whoever asks is told what is wrong.
        let Ok(document) = shelf.get(&state.config.feeds.dir, path, &state.store).await else {
            continue;
        };
        for coding in Coding::ALL {
            if document.may_be_coded() && shelf.code(path, &document, coding).await.is_err() {
                break;
            }
        }
    }
}

/// What a client is to be given of a document.
enum Found {
    /// It has it already.
    Known,
    Whole(Choice),
}

impl Found {
    fn of(document: &Document, headers: &HeaderMap, state: &State) -> Found {
        let version = Version {
            tag: &document.tag,
            modified: document.modified,
        };
        if conditional::is_known(headers, version, state.clock.now()) {
            return Found::Known;
        }
        Found::Whole(match coding::choose(headers) {
            Choice::Coded(_) if !document.may_be_coded() => Choice::Identity,
            choice => choice,
        })
    }
}

fn take(state: &State, client: IpAddr) -> Result<(), Refusal> {
    let http = &state.config.http;
    if http.rate == 0 {
        return Ok(());
    }
    let allowance = Allowance {
        rate: http.rate,
        burst: http.burst,
    };
    state.throttle.take(client, allowance).map_err(Refusal::TooMany)
}

/// Counts who reads a document; `HEAD` reads nothing.
fn note(path: &str, method: &Method, headers: &HeaderMap, client: IpAddr, state: &State) {
    if let Some(key) = state.keys.first().filter(|_| method == Method::GET) {
        state
            .readership
            .note(path, headers, client, key, state.clock.now());
    }
}

fn known(document: &Document, state: &State) -> Response {
    let mut answer = StatusCode::NOT_MODIFIED.into_response();
    describe(answer.headers_mut(), document, FRESH, state);
    answer
}

fn whole(document: &Document, coded: Option<(Coding, &Bytes)>, state: &State) -> Response {
    let (body, length) = match coded {
        None => (document.body(), document.length()),
        Some((_, coded)) => (Body::from(coded.clone()), coded.len() as u64),
    };
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    describe(headers, document, FRESH, state);
    headers.insert(header::CONTENT_TYPE, document.headers.content_type.clone());
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Some((coding, _)) = coded {
        headers.insert(header::CONTENT_ENCODING, coding.header());
    }
    answer
}

/// What is new in a document.
async fn news(
    document: &Document,
    delta: delta::Delta,
    choice: Choice,
    state: &State,
) -> Result<Response, Refusal> {
    let (bytes, coding) = match choice {
        Choice::Identity => (delta.bytes, None),
        Choice::Nothing => return Err(Refusal::NOT_ACCEPTABLE),
        Choice::Coded(coding) => {
            let coded = tokio::task::spawn_blocking(move || coding.compress(delta.bytes.as_ref()));
            let coded = coded.await.map_err(Refusal::failed)?.map_err(Refusal::failed)?;
            (Bytes::from(coded), Some(coding))
        }
    };
    let mut answer = (StatusCode::IM_USED, bytes).into_response();
    let headers = answer.headers_mut();
    describe(headers, document, FRESH_DELTA, state);
    headers.insert(header::CONTENT_TYPE, document.headers.content_type.clone());
    headers.insert(IM, HeaderValue::from_static("feed"));
    if let Ok(base) = HeaderValue::try_from(format!("W/\"{}\"", delta.base)) {
        headers.insert(DELTA_BASE, base);
    }
    headers.append(header::VARY, HeaderValue::from_static("A-IM, If-None-Match"));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, coding.header());
    }
    Ok(answer)
}

/// What all answers say of the document.
fn describe(headers: &mut HeaderMap, document: &Document, fresh: &'static str, state: &State) {
    headers.insert(header::ETAG, document.headers.etag.clone());
    // A date that is still to come would be one of the future (RFC 9110 §8.8.2.1).
    if document.modified <= state.clock.now() {
        headers.insert(header::LAST_MODIFIED, document.headers.last_modified.clone());
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(fresh));
    headers.insert(header::VARY, HeaderValue::from_static(VARY));
    // Readers that run in a browser may fetch it.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if is_followed(&document.path) {
        let links = || HeaderValue::try_from(state.config.links(&document.path));
        let links = document
            .headers
            .links
            .get_or_init(|| links().unwrap_or(HeaderValue::from_static("")));
        headers.insert(header::LINK, links.clone());
    }
}

/// `HEAD` says of the body only how long it is.
fn bodiless(mut answer: Response, method: &Method) -> Response {
    if method == Method::HEAD {
        *answer.body_mut() = Body::empty();
    }
    answer
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
    let target = target.ok_or(Refusal::NOT_FOUND)?;
    if !state.store.is_published(&target).await.map_err(Refusal::store)? {
        return Err(Refusal::NOT_FOUND);
    }
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
