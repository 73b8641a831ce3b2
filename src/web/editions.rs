//! `editions/…`: an edition as its mails show it, for everybody: without a reader, and without the
//! links of one.

use super::errors::Refusal;
use super::pages;
use super::state::State;
use crate::digests;
use axum::extract::{self, Path};
use axum::response::Response;
use std::sync::Arc;

/// `GET`, `HEAD`: the page of an edition that goes out or has gone out.
pub(super) async fn show(
    extract::State(state): extract::State<Arc<State>>,
    path: Result<Path<String>, extract::rejection::PathRejection>,
) -> Result<Response, Refusal> {
    let Path(path) = path.map_err(|_| Refusal::NOT_FOUND)?;
    let (name, variant) = digests::viewed(&path);
    let found = state.store.edition_page(name, variant).await;
    let found = found.map_err(Refusal::store)?.ok_or(Refusal::NOT_FOUND)?;
    match (found.state.as_str(), found.held) {
        ("dropped", _) => Err(Refusal::GONE),
        // Its mails go out after the first chunk.
        ("filling" | "sending" | "done", None) => {
            let page = digests::page::of_message(&found.message);
            Ok(pages::edition(page.ok_or(Refusal::NOT_FOUND)?))
        }
        _ => Err(Refusal::NOT_FOUND),
    }
}
