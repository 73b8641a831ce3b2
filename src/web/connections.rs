//! Connections that are open: how many, which of them are idle, and how each ends.

use super::limits::Limits;
use super::routes::Serving;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// After which a connection that was told to end is cut off.
const LAST_MINUTE: Duration = Duration::from_secs(60);
/// No request is under way for a number of milliseconds; this one says that one is.
const BUSY: u64 = u64::MAX;

/// All connections that are open.
pub(super) struct Connections {
    began: Instant,
    limits: Limits,
    serving: watch::Receiver<Arc<Serving>>,
    stopping: watch::Receiver<bool>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    connections: HashMap<u64, Arc<Connection>>,
}

/// One of them, as the others see it.
struct Connection {
    /// Since when it has waited for a request, in milliseconds; or [`BUSY`].
    idle_since: AtomicU64,
    /// Told when another needs its place.
    evicted: Notify,
}

/// A place among the open connections, given back when it is dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    number: u64,
    connection: Arc<Connection>,
}

impl Connections {
    pub(super) fn new(
        limits: Limits,
        serving: watch::Receiver<Arc<Serving>>,
        stopping: watch::Receiver<bool>,
    ) -> Arc<Connections> {
        Arc::new(Connections {
            began: Instant::now(),
            limits,
            serving,
            stopping,
            open: Mutex::default(),
        })
    }

    /// A place for one more. Where all are taken, the one that has been idle longest must go; `None`:
    /// all are busy.
    pub(super) fn place(self: &Arc<Connections>) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.connections.len() >= self.limits.connections {
            let idle = |connection: &Connection| connection.idle_since.load(Ordering::Relaxed);
            let (number, _) = open
                .connections
                .iter()
                .map(|(number, connection)| (*number, idle(connection)))
                .filter(|(_, since)| *since != BUSY)
                .min_by_key(|(number, since)| (*since, *number))?;
            // Its place is free from now on, so that two that come at once push out two.
            let evicted = open.connections.remove(&number)?;
            evicted.evicted.notify_one();
        }
        let number = open.next;
        open.next += 1;
        let connection = Arc::new(Connection {
            idle_since: AtomicU64::new(self.milliseconds()),
            evicted: Notify::new(),
        });
        open.connections.insert(number, connection.clone());
        Some(Place {
            connections: self.clone(),
            number,
            connection,
        })
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(BUSY - 1)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let open = &self.connections.open;
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        open.connections.remove(&self.number);
    }
}

impl Place {
    /// Serves one connection to its end.
    pub(super) async fn serve(self, stream: TcpStream, peer: IpAddr) {
        let _ = stream.set_nodelay(true);
        let tls = self.connections.serving.borrow().tls();
        let evicted = self.connection.clone();
        let served = async {
            match tls {
                None => self.speak(stream, peer).await,
                Some(tls) => {
                    let handshake = tls.accept(stream);
                    match tokio::time::timeout(self.connections.limits.header_time, handshake).await {
                        Ok(Ok(stream)) => self.speak(stream, peer).await,
                        Ok(Err(why)) => tracing::debug!(%peer, %why, "a TLS handshake failed"),
                        Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
                    }
                }
            }
        };
        tokio::select! {
            () = served => {}
            () = evicted.evicted.notified() => tracing::debug!(%peer, "closed for another connection"),
        }
    }

    async fn speak(&self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static, peer: IpAddr) {
        let limits = &self.connections.limits;
        let service = service_fn(|request| {
            let serving = self.connections.serving.borrow().clone();
            let busy = Busy::new(self);
            async move {
                let answer = serving.answer(request, peer).await;
                drop(busy);
                Ok::<_, Infallible>(answer)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_time)
            .max_header_size(limits.header_bytes)
            .max_headers(limits.header_fields)
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let mut stopping = self.connections.stopping.clone();
        tokio::select! {
            ended = connection.as_mut() => return ended_as(peer, ended),
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = tokio::time::sleep(limits.connection_age) => {}
        }
        connection.as_mut().graceful_shutdown();
        match tokio::time::timeout(LAST_MINUTE, connection).await {
            Ok(ended) => ended_as(peer, ended),
            Err(_) => tracing::debug!(%peer, "cut off: it did not take its answer"),
        }
    }
}

fn ended_as(peer: IpAddr, ended: hyper::Result<()>) {
    if let Err(why) = ended {
        tracing::debug!(%peer, %why, "a connection ended early");
    }
}

/// A request under way: while there is one, its connection is not idle.
struct Busy<'a>(&'a Place);

impl Busy<'_> {
    fn new(place: &Place) -> Busy<'_> {
        place.connection.idle_since.store(BUSY, Ordering::Relaxed);
        Busy(place)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let now = self.0.connections.milliseconds();
        self.0.connection.idle_since.store(now, Ordering::Relaxed);
    }
}
