//! `preferences/TOKEN`: which digests a reader gets, to leave each or all, and to come back to what
//! they left. Looking changes nothing.

use super::asked::Client;
use super::errors::Refusal;
use super::pages::{self, Notice};
use super::readers::{self, Act, Reader, Token};
use super::state::State;
use crate::store::choices::Standing;
use crate::subscribers::tokens::Purpose;
use axum::body::Bytes;
use axum::extract::{self, Extension};
use axum::response::Response;
use serde::Serialize;
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;

/// A digest as the page shows it.
#[derive(Debug, Serialize)]
struct Line<'a> {
    name: &'a str,
    title: &'a str,
    standing: &'static str,
    /// What its button does; `None`: there is nothing that the reader can do.
    action: Option<&'static str>,
    label: &'static str,
}

/// `GET`, `HEAD`: the page.
pub(super) async fn show(
    extract::State(state): extract::State<Arc<State>>,
    Token(token): Token,
) -> Result<Response, Refusal> {
    let reader = Reader::behind(&state, Purpose::Preferences, &token).await?;
    Ok(page(&state, &reader, None))
}

/// `POST`: what one of its buttons asks for, then the page as it is now.
pub(super) async fn act(
    extract::State(state): extract::State<Arc<State>>,
    Extension(Client(client)): Extension<Client>,
    Token(token): Token,
    body: Bytes,
) -> Result<Response, Refusal> {
    let reader = Reader::behind(&state, Purpose::Preferences, &token).await?;
    let digest = readers::field(&body, "digest");
    let done = match (readers::field(&body, "action").as_deref(), digest) {
        (Some("leave"), Some(digest)) => {
            let title = readers::title(&state, &digest).to_owned();
            readers::leave(&state, of(&reader, Some(digest), client)).await?;
            format!("You no longer get {title}.")
        }
        (Some("leave-all"), _) => {
            readers::leave(&state, of(&reader, None, client)).await?;
            "You no longer get any of these.".to_owned()
        }
        (Some("rejoin"), Some(digest)) => {
            let title = readers::title(&state, &digest).to_owned();
            match readers::rejoin(&state, &reader, of(&reader, Some(digest), client)).await? {
                true => format!("You get {title} again."),
                false => format!("Nothing was changed: {title} cannot be sent to you from here."),
            }
        }
        _ => return Err(Refusal::BAD_REQUEST),
    };
    let reader = Reader::behind(&state, Purpose::Preferences, &token).await?;
    Ok(page(&state, &reader, Some(&done)))
}

fn of(reader: &Reader, digest: Option<String>, client: IpAddr) -> Act {
    Act {
        subscriber: reader.claim.subscriber,
        digest,
        wording: "a button of the page of all mails",
        client,
    }
}

fn page(state: &State, reader: &Reader, done: Option<&str>) -> Response {
    let site = &state.config.site;
    let Some(address) = reader.masked_address() else {
        return nothing(state);
    };
    let digests = &state.config.digests;
    let lines: Vec<Line> = digests
        .iter()
        .filter_map(|digest| {
            let of_digest = |standing: &&Standing| standing.digest == digest.name;
            let standing = reader.standings.iter().find(of_digest)?;
            Some(line(reader, standing, &digest.title))
        })
        .collect();
    if lines.is_empty() {
        return nothing(state);
    }
    let subscribed = lines.iter().filter(|line| line.action == Some("leave")).count();
    let context = json!({
        "title": "All mails you get",
        "notice": done,
        "address": address,
        "returned": !reader.may_be_mailed(),
        "leave_all": subscribed > 1,
        "digests": lines,
    });
    pages::page(site, "preferences", context)
}

fn line<'a>(reader: &Reader, standing: &'a Standing, title: &'a str) -> Line<'a> {
    let (text, action, label) = match standing.standing.as_str() {
        "active" => ("You get it.", Some("leave"), "Leave"),
        "paused" => ("It is paused.", Some("leave"), "Leave"),
        "pending" => ("It waits for you to confirm.", Some("leave"), "Leave"),
        _ if reader.may_return(standing) => ("You left it.", Some("rejoin"), "Get it again"),
        _ => ("You do not get it.", None, ""),
    };
    Line {
        name: &standing.digest,
        title,
        standing: text,
        action,
        label,
    }
}

fn nothing(state: &State) -> Response {
    pages::notice(
        &state.config.site,
        &Notice {
            title: "No mails go to you".to_owned(),
            text: vec!["Nothing is subscribed by this link any more.".to_owned()],
            button: None,
            link: None,
        },
    )
}
