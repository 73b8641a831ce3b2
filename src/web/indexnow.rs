//! `KEY.txt`: the file by which search engines know that pings of IndexNow are the site's own.

use super::state::State;
use crate::config::Config;
use axum::Router;
use axum::http::header;
use axum::routing::get;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A route for each key of the configuration.
pub(super) fn routes(config: &Config) -> Router<Arc<State>> {
    let keys: BTreeSet<&String> = config.pings.iter().filter_map(|ping| ping.key.as_ref()).collect();
    keys.into_iter().fold(Router::new(), |routes, key| {
        let text = key.clone();
        let answer = async move || ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text);
        routes.route(&format!("/{key}.txt"), get(answer))
    })
}
