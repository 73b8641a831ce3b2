//! Which path is whose, and what all answers have in common.

use super::asked::{Asked, Client};
use super::errors::{self, Refusal};
use super::limits::Limits;
use super::protection::protect;
use super::state::State;
use super::{editions, feeds, host, hub, indexnow, preferences, probes, proxies, unsubscribe};
use crate::telemetry::metrics;
use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use std::net::IpAddr;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// What metrics call the paths that are no other route's.
const FEEDS: &str = "feeds";

/// One configuration with the routes that belong to it.
pub(super) struct Serving {
    state: Arc<State>,
    service: TowerToHyperService<Router>,
    /// Feeds at hand that were given, and those that the client had.
    whole: metrics::Requests,
    known: metrics::Requests,
}

impl Serving {
    pub(super) fn new(state: Arc<State>, limits: &Limits) -> Serving {
        let routes = Router::new()
            .route("/health", get(probes::report))
            .route("/health/live", get(probes::live))
            .route("/health/ready", get(probes::ready))
            .route(
                "/unsubscribe/{token}",
                get(unsubscribe::ask).post(unsubscribe::act),
            )
            .route(
                "/preferences/{token}",
                get(preferences::show).post(preferences::act),
            )
            .route("/editions/{*path}", get(editions::show))
            .merge(indexnow::routes(&state.config))
            .merge(hub::routes(&state))
            .fallback(feeds::serve);
        let router = protected(routes, limits)
            .layer(middleware::from_fn_with_state(state.clone(), dress))
            .with_state(state.clone());
        Serving {
            state,
            service: TowerToHyperService::new(router),
            whole: metrics::Requests::of(FEEDS, StatusCode::OK.as_u16()),
            known: metrics::Requests::of(FEEDS, StatusCode::NOT_MODIFIED.as_u16()),
        }
    }

    pub(super) fn tls(&self) -> Option<TlsAcceptor> {
        self.state.tls.clone()
    }

    /// The answer to a request for a feed that is ready in memory, or to one that is none.
    pub(super) fn at_hand(&self, request: &hyper::Request<Incoming>, peer: IpAddr) -> Option<Response> {
        let began = std::time::Instant::now();
        let (method, path) = (request.method(), request.uri().path());
        let headers = request.headers();
        let mut answer = match host::is_said(request.version(), headers) {
            false => Refusal::BAD_REQUEST.into_response(),
            true => {
                let client = self.client(request, peer);
                feeds::at_hand(&self.state, path, method, headers, client)?
            }
        };
        match answer.status() {
            StatusCode::OK => self.whole.answered(began.elapsed()),
            StatusCode::NOT_MODIFIED => self.known.answered(began.elapsed()),
            status => {
                answer = errors::as_page(answer, &self.state.config.site);
                protect(answer.headers_mut());
                metrics::request(FEEDS, status.as_u16(), began.elapsed());
            }
        }
        Some(answer)
    }

    fn client(&self, request: &hyper::Request<Incoming>, peer: IpAddr) -> IpAddr {
        proxies::client(request.headers(), peer, &self.state.config.http.trusted_proxies)
    }

    /// The answer to any other request. There is always one.
    pub(super) async fn answer(&self, request: hyper::Request<Incoming>, peer: IpAddr) -> Response {
        let http = &self.state.config.http;
        let client = self.client(&request, peer);
        let mut request = request.map(Body::new);
        let asked = request.uri().path().to_owned();
        if let Some(uri) = below(request.uri(), http.public_url.path()) {
            *request.uri_mut() = uri;
        }
        let method = request.method().clone();
        request.extensions_mut().insert(Client(client));
        request.extensions_mut().insert(Asked(asked));
        let Ok(response) = self.service.call(request).await;
        // Never the path: it may hold a reader's token.
        tracing::debug!(%method, status = response.status().as_u16(), %client, "answered");
        response
    }
}

/// Routes whose requests have limits, and whose failures stay their own.
fn protected<S: Clone + Send + Sync + 'static>(routes: Router<S>, limits: &Limits) -> Router<S> {
    routes
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            limits.request_time,
        ))
        .layer(RequestBodyLimitLayer::new(limits.body_bytes))
        .layer(CatchPanicLayer::custom(errors::panicked))
}

/// The same without the path of `http.public_url`, whether or not a proxy has taken it away already;
/// `None`: it is not there.
fn below(uri: &Uri, prefix: &str) -> Option<Uri> {
    let rest = uri.path().strip_prefix(prefix.strip_suffix('/')?)?;
    let rest = rest.strip_prefix('/')?;
    let path = match uri.query() {
        Some(query) => format!("/{rest}?{query}"),
        None => format!("/{rest}"),
    };
    path.parse().ok()
}

/// What every answer says; and errors that came from nobody's hand look like all others.
async fn dress(
    axum::extract::State(state): axum::extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let began = std::time::Instant::now();
    // The pattern, never the path: that may hold a reader's token.
    let route = request.extensions().get::<MatchedPath>().cloned();
    // Neither a file nor a row has a NUL in its name; PostgreSQL takes even the question for an error.
    let response = match request.uri().path().contains("%00") {
        true => Refusal::NOT_FOUND.into_response(),
        false => next.run(request).await,
    };
    let mut response = errors::as_page(response, &state.config.site);
    let route = route.as_ref().map_or(FEEDS, MatchedPath::as_str);
    metrics::request(route, response.status().as_u16(), began.elapsed());
    protect(response.headers_mut());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_one_request_alone() {
        async fn broken() {
            panic!("a bug");
        }
        let routes = Router::<()>::new()
            .route("/broken", get(broken))
            .route("/sound", get(async || "sound"));
        let service = TowerToHyperService::new(protected(routes, &Limits::default()));
        for (path, status) in [("/broken", 500), ("/sound", 200), ("/broken", 500)] {
            let mut request = axum::http::Request::new(Body::empty());
            *request.uri_mut() = path.parse().unwrap();
            let Ok(answer) = service.call(request).await;
            assert_eq!(answer.status(), status, "{path}");
        }
    }

    #[test]
    fn the_prefix_goes_whether_or_not_a_proxy_took_it() {
        let path = |uri: &str, prefix: &str| {
            let uri: Uri = uri.parse().unwrap();
            below(&uri, prefix).unwrap_or(uri).to_string()
        };
        assert_eq!(path("/mail/health?a=1", "/mail/"), "/health?a=1");
        assert_eq!(path("/health", "/mail/"), "/health");
        assert_eq!(path("/mailing/health", "/mail/"), "/mailing/health");
        assert_eq!(path("/mail", "/mail/"), "/mail");
        assert_eq!(path("/health", "/"), "/health");
        assert_eq!(path("//health", "/"), "//health");
    }
}
