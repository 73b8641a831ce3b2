//! `health`, `health/live`, `health/ready`: for whoever watches the service.

use super::state::State;
use crate::clock::rfc3339;
use axum::extract;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// `GET /health/live`: that there is an answer is the answer.
pub(super) async fn live() -> Response {
    answer(StatusCode::OK, &serde_json::json!({ "alive": true }))
}

/// `GET /health/ready`: 503 until the first turn is done, and while the store does not answer.
pub(super) async fn ready(extract::State(state): extract::State<Arc<State>>) -> Response {
    let ready = state.health().is_ready();
    answer(status(ready), &serde_json::json!({ "ready": ready }))
}

/// `GET /health`: all of it; 503 where it is not ready, or behind.
pub(super) async fn report(extract::State(state): extract::State<Arc<State>>) -> Response {
    let health = state.health();
    let document = serde_json::json!({
        "schema": 1,
        "alive": true,
        "ready": health.is_ready(),
        "store": health.store,
        "behind": health.behind,
        "last_pass": health.last_pass.map(rfc3339),
    });
    answer(status(health.is_well()), &document)
}

fn status(good: bool) -> StatusCode {
    match good {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn answer(status: StatusCode, document: &serde_json::Value) -> Response {
    let json = HeaderValue::from_static("application/json");
    (
        status,
        [
            (header::CONTENT_TYPE, json),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
        format!("{document}\n"),
    )
        .into_response()
}
