//! `hub` and `rsscloud/pleaseNotify`: who wants to be told of changed documents says so here. Nothing is
//! sent from here: a request is entered, and the hub asks its callback.

use super::asked::Client;
use super::errors::{Own, Refusal};
use super::state::State;
use super::throttle::Allowance;
use crate::http;
use crate::hub::{self, Refused, Wanted};
use crate::store::hub_requests::NewHubRequest;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{self, Extension};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// Requests of one client: a reader of many feeds subscribes to all of them at once.
const ALLOWANCE: Allowance = Allowance {
    rate: 60,
    burst: 2_000,
};
/// The most subscriptions, and of one host.
const SUBSCRIPTIONS: i64 = 100_000;
const SUBSCRIPTIONS_OF_HOST: i64 = 10_000;
/// The most requests that wait to be verified, and of one host.
const REQUESTS: i64 = 5_000;
const REQUESTS_OF_HOST: i64 = 2_000;
/// rssCloud's answer says whether the callback took a first notice: it is waited for so long …
const PATIENCE: Duration = Duration::from_secs(12);
/// … and looked for so often.
const LOOK: Duration = Duration::from_millis(250);

/// The routes, where the site has a hub.
pub(super) fn routes(state: &State) -> Router<Arc<State>> {
    match state.config.hub.enabled {
        true => Router::new()
            .route("/hub", post(subscribe))
            .route("/rsscloud/pleaseNotify", post(please_notify)),
        false => Router::new(),
    }
}

/// `POST hub`: 202, and the callback is asked.
async fn subscribe(
    extract::State(state): extract::State<Arc<State>>,
    Extension(Client(client)): Extension<Client>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    throttle(&state, client)?;
    let wanted = match is_form(&headers) {
        true => hub::read(&body, &state.config.feeds.url),
        false => Err(Refused::new(
            415,
            "a form is wanted: application/x-www-form-urlencoded",
        )),
    };
    let entered = match wanted {
        Ok(wanted) => enter(&state, vec![wanted]).await?.map(drop),
        Err(refused) => Err(refused),
    };
    Ok(match entered {
        Ok(()) => own(
            StatusCode::ACCEPTED,
            TEXT,
            "accepted; your callback is asked now\n".to_owned(),
        ),
        Err(refused) => refusal(&refused),
    })
}

/// `POST rsscloud/pleaseNotify`: the answer says what came of it.
async fn please_notify(
    extract::State(state): extract::State<Arc<State>>,
    Extension(Client(client)): Extension<Client>,
    body: Bytes,
) -> Result<Response, Refusal> {
    throttle(&state, client)?;
    let host = match client {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    let asked = state.clock.now().timestamp();
    let ids = match hub::please_notify(&body, host, &state.config.feeds.url) {
        Ok(wanted) => enter(&state, wanted).await?.map_err(|refused| refused.text),
        Err(why) => Err(why),
    };
    let (success, message) = match ids {
        Err(why) => (false, why),
        Ok(ids) => outcome(&state, &ids, asked).await?,
    };
    Ok(own(StatusCode::OK, XML, hub::result(success, &message)))
}

fn throttle(state: &State, client: IpAddr) -> Result<(), Refusal> {
    state
        .hub_throttle
        .take(client, ALLOWANCE)
        .map_err(Refusal::TooMany)
}

/// Waits for what the callback says to what was asked at a time, in seconds since 1970.
async fn outcome(state: &State, ids: &[(i64, Wanted)], asked: i64) -> Result<(bool, String), Refusal> {
    let began = tokio::time::Instant::now();
    let open: Vec<i64> = ids.iter().map(|(id, _)| *id).collect();
    while state
        .store
        .open_hub_requests(&open)
        .await
        .map_err(Refusal::store)?
        > 0
    {
        if began.elapsed() > PATIENCE {
            return Ok((
                true,
                "Your address has not answered yet; it is being asked.".to_owned(),
            ));
        }
        sleep(LOOK).await;
    }
    for (_, wanted) in ids {
        let fill = fill(state, wanted).await?;
        // One from before is none of this registration's.
        if fill.expires.is_none_or(|expires| expires < asked + wanted.lease) {
            let why = "Your address did not take the notice, or not give back the challenge.";
            return Ok((false, why.to_owned()));
        }
    }
    Ok((
        true,
        "You will be told of changes. Register again within 25 hours.".to_owned(),
    ))
}

/// Enters what is wanted, where there is room for it.
async fn enter(state: &State, wanted: Vec<Wanted>) -> Result<Result<Vec<(i64, Wanted)>, Refused>, Refusal> {
    let mut new = Vec::with_capacity(wanted.len());
    for wanted in &wanted {
        if let Err(refused) = check(state, wanted, new.len()).await? {
            return Ok(Err(refused));
        }
        new.push(NewHubRequest {
            protocol: wanted.protocol.name(),
            mode: wanted.mode.name(),
            path: wanted.path.clone(),
            topic: wanted.topic.clone(),
            callback: wanted.callback.to_string(),
            host: hub::host(&wanted.callback),
            secret: wanted.secret.clone(),
            lease: wanted.lease,
        });
    }
    let ids = state.store.add_hub_requests(&new, state.clock.now()).await;
    let ids = ids.map_err(Refusal::store)?;
    state.hub_asked.notify_one();
    Ok(Ok(ids.into_iter().zip(wanted).collect()))
}

/// Whether the document is there, the callback is not one that must not be asked, and there is room.
async fn check(state: &State, wanted: &Wanted, with_it: usize) -> Result<Result<(), Refused>, Refusal> {
    if http::is_forbidden(&wanted.callback, &state.config.http_client.allow) {
        return Ok(Err(Refused::new(
            400,
            "the callback is at an address that is not public",
        )));
    }
    let there = state
        .store
        .is_published(&wanted.path)
        .await
        .map_err(Refusal::store)?;
    if !there {
        return Ok(Err(Refused::new(404, "there is no such document")));
    }
    let fill = fill(state, wanted).await?;
    let new = i64::try_from(with_it).unwrap_or(i64::MAX / 2) + 1;
    let is_full = fill.expires.is_none()
        && (fill.subscriptions + new > SUBSCRIPTIONS || fill.of_host + new > SUBSCRIPTIONS_OF_HOST);
    if is_full {
        return Ok(Err(Refused::new(
            503,
            "the hub has no room for more subscriptions",
        )));
    }
    if fill.requests + new > REQUESTS || fill.requests_of_host + new > REQUESTS_OF_HOST {
        return Ok(Err(Refused::new(
            429,
            "too many requests wait to be verified; try again later",
        )));
    }
    Ok(Ok(()))
}

async fn fill(state: &State, wanted: &Wanted) -> Result<crate::store::hub::Fill, Refusal> {
    let (protocol, callback) = (wanted.protocol.name(), wanted.callback.as_str());
    let host = hub::host(&wanted.callback);
    let fill = state
        .store
        .hub_fill(protocol, &wanted.path, callback, &host)
        .await;
    fill.map_err(Refusal::store)
}

/// What says nothing of its kind is taken for a form.
fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_none_or(|kind| {
        let kind = kind.to_str().unwrap_or_default().to_ascii_lowercase();
        kind.split(';').next().map(str::trim) == Some("application/x-www-form-urlencoded")
    })
}

const TEXT: &str = "text/plain; charset=utf-8";
const XML: &str = "text/xml; charset=utf-8";

fn refusal(refused: &Refused) -> Response {
    let status = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut answer = own(status, TEXT, format!("{}\n", refused.text));
    if matches!(refused.status, 429 | 503) {
        let wait = axum::http::HeaderValue::from_static("600");
        answer.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    answer
}

/// An answer for programs, whatever its status.
fn own(status: StatusCode, kind: &'static str, body: String) -> Response {
    (status, Extension(Own), [(header::CONTENT_TYPE, kind)], body).into_response()
}
