//! `/metrics` for Prometheus, on a listener of its own: it is for the operator, not for readers.

use crate::clock::Clock;
use crate::problem::Problem;
use crate::store::Store;
use crate::telemetry::metrics::{self, Recording};
use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, interval, timeout};

/// The text format of Prometheus.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Connections at once.
const CONNECTIONS: usize = 16;
/// For a request's header fields.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// A connection is over after that.
const CONNECTION_AGE: Duration = Duration::from_secs(60);
/// The store is asked at most once in so long, however often somebody scrapes …
const FRESH: Duration = Duration::from_secs(5);
/// … and not for longer than that: then the last levels are shown.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two tidyings of what was recorded.
const TIDY: Duration = Duration::from_secs(10);

/// A listener for whoever scrapes, answering once it [runs](Metrics::run).
pub struct Metrics {
    listener: TcpListener,
    address: SocketAddr,
    recording: Recording,
}

/// What a scrape needs.
struct Levels {
    recording: Recording,
    store: Store,
    clock: Clock,
    /// When the store was asked last.
    asked: Mutex<Option<Instant>>,
}

impl Metrics {
    /// Listens at an address; with port 0 the system chooses one. From now on the process records.
    ///
    /// # Errors
    /// `metrics-listen`: the address is taken, or not one of this machine.
    pub async fn bind(listen: SocketAddr) -> Result<Metrics, Problem> {
        let problem = |why: String| {
            Problem::error(
                "metrics-listen",
                format!("cannot show metrics at {listen}: {why}"),
            )
            .key("metrics.listen")
            .hint("is another service there? Stop it, or choose another port")
        };
        let bound = async {
            let listener = TcpListener::bind(listen).await?;
            let address = listener.local_addr()?;
            Ok::<_, std::io::Error>((listener, address))
        };
        let (listener, address) = bound.await.map_err(|why| problem(why.to_string()))?;
        let recording = metrics::record().map_err(|why| problem(why.to_string()))?;
        Ok(Metrics {
            listener,
            address,
            recording,
        })
    }

    /// Where it listens: with port 0, which one it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is ready. What only the store knows is read when somebody asks.
    pub async fn run(self, store: Store, clock: Clock, stop: impl Future<Output = ()>) {
        tracing::info!(address = %self.address, "metrics are shown");
        let recording = self.recording.clone();
        let levels = Arc::new(Levels {
            recording: self.recording,
            store,
            clock,
            asked: Mutex::new(None),
        });
        let router = Router::new().route("/metrics", get(move || scrape(levels.clone())));
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let mut tidy = interval(TIDY);
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return,
                _ = tidy.tick() => recording.tidy(),
                accepted = self.listener.accept() => {
                    let (Ok((stream, _)), Ok(place)) = (accepted, places.clone().try_acquire_owned()) else {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    };
                    let service = TowerToHyperService::new(router.clone());
                    tokio::spawn(async move {
                        let mut http = http1::Builder::new();
                        http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME);
                        let served = http.serve_connection(TokioIo::new(stream), service);
                        let _ = timeout(CONNECTION_AGE, served).await;
                        drop(place);
                    });
                }
            }
        }
    }
}

async fn scrape(levels: Arc<Levels>) -> impl IntoResponse {
    levels.refresh().await;
    (
        [(header::CONTENT_TYPE, MEDIA_TYPE)],
        Body::from(levels.recording.text()),
    )
}

impl Levels {
    async fn refresh(&self) {
        let mut asked = self.asked.lock().await;
        if asked.is_some_and(|asked| asked.elapsed() < FRESH) {
            return;
        }
        match timeout(PATIENCE, self.store.levels(self.clock.now().timestamp())).await {
            Ok(Ok(levels)) => metrics::levels(&levels),
            Ok(Err(error)) => tracing::warn!(%error, "metrics: the store does not answer"),
            Err(_) => tracing::warn!("metrics: the store takes too long"),
        }
        *asked = Some(Instant::now());
    }
}
