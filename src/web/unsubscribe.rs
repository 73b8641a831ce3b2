//! `unsubscribe/TOKEN`: looking changes nothing, for mail programs and scanners follow every link; a
//! POST unsubscribes, from the page's button or as one click of the mail program's own (RFC 8058).

use super::asked::Client;
use super::errors::Refusal;
use super::pages::{self, Button, Link, Notice};
use super::readers::{self, Act, Reader, Token};
use super::state::State;
use crate::subscribers::tokens::{self, Purpose};
use axum::body::Bytes;
use axum::extract::{self, Extension};
use axum::response::Response;
use std::net::IpAddr;
use std::sync::Arc;

/// `GET`, `HEAD`: a page with a button.
pub(super) async fn ask(
    extract::State(state): extract::State<Arc<State>>,
    Token(token): Token,
) -> Result<Response, Refusal> {
    let reader = Reader::behind(&state, Purpose::Unsubscribe, &token).await?;
    Ok(match reader.standing() {
        Some(standing) if standing.is_subscribed() => question(&state, &reader),
        _ => left(&state, &reader, "You do not get"),
    })
}

/// `POST`: any body but our own button's to undo unsubscribes, as form or multipart, so that no mail
/// program's idea of a one-click request is lost. Without cookie, without redirect, and done twice
/// it is the same.
pub(super) async fn act(
    extract::State(state): extract::State<Arc<State>>,
    Extension(Client(client)): Extension<Client>,
    Token(token): Token,
    body: Bytes,
) -> Result<Response, Refusal> {
    let reader = Reader::behind(&state, Purpose::Unsubscribe, &token).await?;
    if readers::field(&body, "action").as_deref() == Some("undo") {
        return undo(&state, &reader, client).await;
    }
    let is_one_click = body.windows(9).any(|part| part == b"One-Click");
    let wording = match is_one_click {
        true => "one click in a mail program (List-Unsubscribe)",
        false => "the button of the page behind a mail's link",
    };
    readers::leave(&state, of(&reader, wording, client)).await?;
    let reader = Reader::behind(&state, Purpose::Unsubscribe, &token).await?;
    Ok(left(&state, &reader, "You no longer get"))
}

async fn undo(state: &Arc<State>, reader: &Reader, client: IpAddr) -> Result<Response, Refusal> {
    let act = of(
        reader,
        "the button to undo, on the page behind a mail's link",
        client,
    );
    let is_back = readers::rejoin(state, reader, act).await?;
    // Also who was never away, or has come back already.
    let is_subscribed = reader.standing().is_some_and(|standing| standing.is_subscribed());
    if !is_back && !is_subscribed {
        return Ok(left(state, reader, "You do not get"));
    }
    let digest = readers::title(state, &reader.claim.digest);
    Ok(pages::notice(
        &state.config.site,
        &Notice {
            title: format!("You get {digest} again"),
            text: vec!["The next mail brings what is new since the last one you got.".to_owned()],
            button: None,
            link: Some(preferences(state, reader)),
        },
    ))
}

fn of(reader: &Reader, wording: &'static str, client: IpAddr) -> Act {
    Act {
        subscriber: reader.claim.subscriber,
        digest: Some(reader.claim.digest.clone()),
        wording,
        client,
    }
}

fn question(state: &State, reader: &Reader) -> Response {
    let digest = readers::title(state, &reader.claim.digest);
    let to = reader.masked_address().unwrap_or_default();
    pages::notice(
        &state.config.site,
        &Notice {
            title: format!("Unsubscribe from {digest}?"),
            text: vec![format!("{to} will get no more mails of it.")],
            button: Some(Button {
                action: "unsubscribe",
                label: "Unsubscribe".to_owned(),
                quiet: false,
            }),
            link: Some(preferences(state, reader)),
        },
    )
}

fn left(state: &State, reader: &Reader, begins: &str) -> Response {
    let digest = readers::title(state, &reader.claim.digest);
    let returns = reader.standing().filter(|standing| reader.may_return(standing));
    let mut text = Vec::new();
    if returns.is_some() {
        text.push("It counts from now on, also for mails that are still waiting to be sent.".to_owned());
        text.push("Was it not you? Somebody to whom a mail was passed on may have clicked.".to_owned());
    } else {
        text.push("No mails of it go to you.".to_owned());
    }
    pages::notice(
        &state.config.site,
        &Notice {
            title: format!("{begins} {digest}"),
            text,
            button: returns.map(|_| Button {
                action: "undo",
                label: "Undo: subscribe me again".to_owned(),
                quiet: true,
            }),
            link: reader.subscriber.as_ref().map(|_| preferences(state, reader)),
        },
    )
}

fn preferences(state: &State, reader: &Reader) -> Link {
    let public_url = &state.config.http.public_url;
    let url = state
        .keys
        .first()
        .map(|key| tokens::preferences_url(public_url, key, &reader.claim.digest, reader.claim.subscriber));
    Link {
        url: url.unwrap_or_else(|| public_url.to_string()),
        label: "All mails you get",
    }
}
