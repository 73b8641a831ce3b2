//! Published documents over HTTP: what the store says was published, at the path of `feeds.url`, and
//! nothing else of that folder.
//!
//! ```text
//! path → shelf (document in memory, or read) ─┬→ page: for people
//!                                             ├→ conditional: 304
//!                                             ├→ delta: 226, what is new
//!                                             └→ coding: 200
//! ```

mod answer;
mod coding;
mod conditional;
mod delta;
mod deltas;
mod document;
mod heads;
mod page;
mod shelf;

pub(super) use shelf::Shelf;

use super::asked::{Asked, Client};
use super::errors::Refusal;
use super::state::State;
use super::throttle::Allowance;
use crate::clock::Instant;
use crate::feeds::old_urls;
use answer::{Answers, VARY};
use axum::body::{Body, Bytes};
use axum::extract::{self, Extension};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use coding::{Choice, Coding};
use conditional::Version;
use document::Document;
use shelf::Missing;
use std::borrow::Cow;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

/// The answer to a request for a document that is in memory, where it takes nothing to be made first:
/// that is nearly all of them, so it goes past the routes and their limits on time and size.
pub(super) fn at_hand(
    state: &State,
    asked: &str,
    method: &Method,
    headers: &HeaderMap,
    client: IpAddr,
) -> Option<Response> {
    if !is_read(method) || delta::is_asked(headers) || page::is_asked(headers) {
        return None;
    }
    let path = relative(asked, state)?;
    let document = state.shelf.at_hand(&state.config.feeds.dir, &path)?;
    let now = state.clock.now();
    let answers = answers(&document, state, now);
    let answer = match Found::of(&document, headers, now) {
        Found::Known => answers.known(),
        Found::Refused => return None,
        Found::Whole(Choice::Identity) => answers.whole(None),
        Found::Whole(Choice::Coded(coding)) => {
            let coded = document.coded(coding)?;
            answers.whole(Some((coding, coded)))
        }
        Found::Whole(Choice::Nothing) => return None,
    };
    Some(match take(state, client) {
        Ok(()) => {
            note(&path, method, headers, client, state, now);
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
        return moved(&asked, query.as_deref(), &method, &state).await;
    };
    let document = match state.shelf.get(dir, &path, &state.store).await {
        Ok(document) => document,
        Err(Missing::Unpublished) => return moved(&asked, query.as_deref(), &method, &state).await,
        Err(Missing::Store(why)) => return Err(Refusal::store(why)),
        Err(Missing::File(why)) if why.kind() == io::ErrorKind::NotFound => return Err(Refusal::NOT_FOUND),
        Err(Missing::File(why)) => return Err(Refusal::failed(format!("{path}: {why}"))),
    };
    if !is_read(&method) {
        return Ok(only_read());
    }
    if page::is_asked(&headers)
        && let Some(mut page) = page::of(&path, &document, &state).await?
    {
        page.headers_mut()
            .insert(header::VARY, HeaderValue::from_static(VARY));
        return Ok(page);
    }
    let now = state.clock.now();
    note(&path, &method, &headers, client, &state, now);
    let answers = answers(&document, &state, now);
    let choice = match Found::of(&document, &headers, now) {
        Found::Known => return Ok(answers.known()),
        Found::Refused => return Err(Refusal::PRECONDITION),
        Found::Whole(choice) => choice,
    };
    if delta::is_asked(&headers)
        && let Some(delta) = delta::since(&path, &document, &headers, &state.store, state.clock).await
    {
        state.shelf.weigh(&path, &document);
        return news(answers, delta, choice).await;
    }
    let coding = match choice {
        Choice::Identity => return Ok(answers.whole(None)),
        Choice::Nothing => return Err(Refusal::NOT_ACCEPTABLE),
        Choice::Coded(coding) => coding,
    };
    let coded = state.shelf.code(&path, &document, coding).await;
    coded.map_err(|why| Refusal::failed(format!("{path}: {why}")))?;
    let coded = document.coded(coding).map(|coded| (coding, coded));
    Ok(answers.whole(coded))
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
    /// It wants another version.
    Refused,
    Whole(Choice),
}

impl Found {
    fn of(document: &Document, headers: &HeaderMap, now: Instant) -> Found {
        let version = Version {
            tag: &document.tag,
            modified: document.modified,
        };
        if conditional::is_refused(headers, version) {
            return Found::Refused;
        }
        if conditional::is_known(headers, version, now) {
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
fn note(path: &str, method: &Method, headers: &HeaderMap, client: IpAddr, state: &State, now: Instant) {
    if let Some(key) = state.keys.first().filter(|_| method == Method::GET) {
        state.readership.note(path, headers, client, key, now);
    }
}

fn answers<'a>(document: &'a Document, state: &'a State, now: Instant) -> Answers<'a> {
    Answers {
        document,
        config: &state.config,
        now,
    }
}

/// What is new in a document.
async fn news(answers: Answers<'_>, delta: delta::Delta, choice: Choice) -> Result<Response, Refusal> {
    let (bytes, coding) = match choice {
        Choice::Identity => (delta.bytes, None),
        Choice::Nothing => return Err(Refusal::NOT_ACCEPTABLE),
        Choice::Coded(coding) => {
            let coded = tokio::task::spawn_blocking(move || coding.compress(delta.bytes.as_ref()));
            let coded = coded.await.map_err(Refusal::failed)?.map_err(Refusal::failed)?;
            (Bytes::from(coded), Some(coding))
        }
    };
    Ok(answers.news(&delta.base, bytes, coding))
}

/// `HEAD` says of the body only how long it is.
fn bodiless(mut answer: Response, method: &Method) -> Response {
    if method == Method::HEAD {
        *answer.body_mut() = Body::empty();
    }
    answer
}

/// Sends on who asks where a feed was before the site moved here.
async fn moved(
    asked: &str,
    query: Option<&str>,
    method: &Method,
    state: &State,
) -> Result<Response, Refusal> {
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
    if !is_read(method) {
        return Ok(only_read());
    }
    let url = feeds.url.join(&target).map_err(Refusal::failed)?;
    let headers = [
        (header::LOCATION, url.to_string()),
        (header::CACHE_CONTROL, answer::FRESH.to_owned()),
    ];
    Ok((StatusCode::MOVED_PERMANENTLY, headers).into_response())
}

fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

fn only_read() -> Response {
    ([(header::ALLOW, "GET,HEAD")], Refusal::METHOD).into_response()
}

/// Which document a path asks for: what follows the path of `feeds.url`, with or without that of
/// `http.public_url` in front.
fn relative<'a>(asked: &'a str, state: &State) -> Option<Cow<'a, str>> {
    let config = &state.config;
    let feeds = config.feeds.url.path();
    let below_public = || {
        // A proxy took the prefix away.
        let (shared, rest) = (config.http.public_url.path(), asked.strip_prefix('/')?);
        match feeds.strip_prefix(shared) {
            Some(below) => rest.strip_prefix(below),
            None => None,
        }
    };
    let rest = asked.strip_prefix(feeds).or_else(below_public)?;
    percent_encoding::percent_decode_str(rest).decode_utf8().ok()
}
