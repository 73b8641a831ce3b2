//! What is said where something is not there, not allowed, or went wrong: small pages, which tell
//! nothing of tokens, files or reasons within.

use super::pages;
use crate::config;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::fmt::Display;
use std::time::Duration;

/// Why a handler has no answer of its own.
#[derive(Debug)]
pub(super) enum Refusal {
    As(StatusCode),
    /// The client asked too often, and has to wait so long.
    TooMany(Duration),
}

impl Refusal {
    pub(super) const BAD_REQUEST: Refusal = Refusal::As(StatusCode::BAD_REQUEST);
    pub(super) const NOT_FOUND: Refusal = Refusal::As(StatusCode::NOT_FOUND);
    pub(super) const GONE: Refusal = Refusal::As(StatusCode::GONE);
    pub(super) const METHOD: Refusal = Refusal::As(StatusCode::METHOD_NOT_ALLOWED);
    pub(super) const PRECONDITION: Refusal = Refusal::As(StatusCode::PRECONDITION_FAILED);
    pub(super) const NOT_ACCEPTABLE: Refusal = Refusal::As(StatusCode::NOT_ACCEPTABLE);

    /// Something of ours failed; the log says what.
    pub(super) fn failed(why: impl Display) -> Refusal {
        tracing::error!(%why, "a request failed");
        Refusal::As(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The store does not answer: it is worth trying again.
    pub(super) fn store(why: impl Display) -> Refusal {
        tracing::error!(%why, "the store did not answer a request");
        Refusal::As(StatusCode::SERVICE_UNAVAILABLE)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Refusal::As(status) => status.into_response(),
            Refusal::TooMany(wait) => {
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let wait = [(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))];
                (StatusCode::TOO_MANY_REQUESTS, wait).into_response()
            }
        }
    }
}

/// A handler panicked: that request fails, and nothing else.
pub(super) fn panicked(why: Box<dyn Any + Send>) -> Response {
    let why = why
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| why.downcast_ref::<&str>().copied());
    Refusal::failed(why.unwrap_or("a panic")).into_response()
}

/// Marks an answer that is for programs: it stays as it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Own;

/// The page for an error that has none yet.
pub(super) fn as_page(response: Response, site: &config::Site) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_error = is_error && response.extensions().get::<Own>().is_none();
    let has_own = |kind: &str| kind.starts_with("text/html") || kind.starts_with("application/json");
    let kind = response.headers().get(header::CONTENT_TYPE);
    if !is_error || kind.is_some_and(|kind| kind.to_str().is_ok_and(has_own)) {
        return response;
    }
    let (title, text) = words(status);
    let page = pages::message(site, title, text);
    let mut answer = (status, page).into_response();
    // Which methods there are, and when to come back.
    for name in [header::ALLOW, header::RETRY_AFTER, header::CONNECTION] {
        if let Some(value) = response.headers().get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => (
            "There is nothing here",
            "The link may be incomplete: mail programs sometimes break long ones. Try the link in the mail once more.",
        ),
        StatusCode::GONE => ("It is no longer here", "What was here has been withdrawn."),
        StatusCode::METHOD_NOT_ALLOWED => (
            "That cannot be done here",
            "This address takes no requests of that kind.",
        ),
        StatusCode::REQUEST_TIMEOUT => ("That took too long", "Please try again."),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "That was too much",
            "The request is larger than anything asked for here.",
        ),
        StatusCode::NOT_ACCEPTABLE => (
            "It is not there in that form",
            "The program that asked takes it in no form that there is.",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "That was too often",
            "Many requests came from your address in a short time. Please wait a little.",
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            "Please try again in a minute",
            "Something we need does not answer just now. Nothing was changed.",
        ),
        status if status.is_client_error() => {
            ("That request cannot be read", "Please try the link once more.")
        }
        _ => (
            "Something went wrong on our side",
            "It has been noted. Please try again in a while.",
        ),
    }
}
