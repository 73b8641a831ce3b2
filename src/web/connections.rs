//! Connections that are open: how many, which of them are idle, and how each ends.

use super::limits::Limits;
use super::patience::{Doing, Patience, PatienceTimer};
use super::routes::Serving;
use futures_util::future::Either;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::cell::RefCell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::future::ready;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};

/// After which a connection that was told to end is cut off.
const LAST_MINUTE: Duration = Duration::from_secs(60);

/// All connections that are open.
pub(super) struct Connections {
    began: Instant,
    limits: Limits,
    serving: watch::Receiver<Arc<Serving>>,
    /// The number of the next one.
    next: AtomicU64,
    open: Mutex<HashMap<u64, Open>>,
}

/// One of them, as the others see it.
struct Open {
    since: Instant,
    patience: Arc<Patience>,
    /// `None`: it was told already.
    end: Option<oneshot::Sender<End>>,
}

/// How a connection is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// With the answer it is at, if there is one.
    Answered,
    /// The same, but at once if no request has come meanwhile: another needs its place.
    Idle,
    /// At once: another needs its place, and whoever is there does not take what was asked for.
    Slow,
}

/// A place among the open connections, given back when it is dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    number: u64,
    patience: Arc<Patience>,
    ending: oneshot::Receiver<End>,
}

impl Connections {
    pub(super) fn new(limits: Limits, serving: watch::Receiver<Arc<Serving>>) -> Arc<Connections> {
        Arc::new(Connections {
            began: Instant::now(),
            limits,
            serving,
            next: AtomicU64::new(0),
            open: Mutex::default(),
        })
    }

    /// How long there is between two looks at what is open ([`Connections::tend`]): the times of
    /// connections are kept to about that.
    pub(super) fn round(&self) -> Duration {
        let shortest = self.limits.header_time.min(self.limits.connection_age);
        (shortest / 16).clamp(Duration::from_millis(10), Duration::from_secs(1))
    }

    /// Looks which of them have taken too long over a request, or are too old.
    pub(super) fn tend(&self) {
        for open in self.open().values_mut() {
            open.patience.look();
            if open.since.elapsed() >= self.limits.connection_age {
                open.end(End::Answered);
            }
        }
    }

    /// Tells all of them to end.
    pub(super) fn end(&self) {
        for open in self.open().values_mut() {
            open.end(End::Answered);
        }
    }

    /// A place for one more. Where all are taken, the one that has been idle longest must go, or else one
    /// that has been at one request for too long; `None`: all are busy.
    pub(super) fn place(self: &Arc<Connections>) -> Option<Place> {
        let mut open = self.open();
        if open.len() >= self.limits.connections {
            let (number, how) = self.in_the_way(&open)?;
            // Its place is free from now on, so that two that come at once push out two.
            open.remove(&number)?.end(how);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (end, ending) = oneshot::channel();
        let place = Place {
            connections: self.clone(),
            number,
            patience: Patience::new(self.began, self.limits.header_time),
            ending,
        };
        let one = Open {
            since: Instant::now(),
            patience: place.patience.clone(),
            end: Some(end),
        };
        open.insert(number, one);
        Some(place)
    }

    fn in_the_way(&self, open: &HashMap<u64, Open>) -> Option<(u64, End)> {
        let slow = self.began.elapsed().saturating_sub(self.limits.request_time);
        // One that was told to end goes by itself, and keeps its place until then.
        let all = open.iter().filter(|(_, open)| open.end.is_some());
        let others = all.filter_map(|(number, open)| match open.patience.doing() {
            Doing::Waits(until) => Some((0, until, *number, End::Idle)),
            Doing::Answers(from) if u128::from(from) < slow.as_millis() => {
                Some((1, from, *number, End::Slow))
            }
            Doing::Answers(_) => None,
        });
        let first = others.min_by_key(|(rank, time, number, _)| (*rank, *time, *number));
        first.map(|(_, _, number, how)| (number, how))
    }

    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn end(&mut self, how: End) {
        if let Some(end) = self.end.take() {
            // It may be over already.
            let _ = end.send(how);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.open().remove(&self.number);
    }
}

impl Place {
    /// Serves one connection to its end.
    pub(super) async fn serve(mut self, stream: TcpStream, peer: IpAddr) {
        let _ = stream.set_nodelay(true);
        let tls = self.connections.serving.borrow().tls();
        match tls {
            None => self.speak(stream, peer).await,
            Some(tls) => {
                let handshake = tls.accept(stream);
                let handshake = tokio::time::timeout(self.connections.limits.header_time, handshake);
                let shaken = tokio::select! {
                    shaken = handshake => shaken,
                    _ = &mut self.ending => return,
                };
                match shaken {
                    Ok(Ok(stream)) => self.speak(stream, peer).await,
                    Ok(Err(why)) => tracing::debug!(%peer, %why, "a TLS handshake failed"),
                    Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
                }
            }
        }
    }

    async fn speak(&mut self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static, peer: IpAddr) {
        let connections = &self.connections;
        let newest = Newest::of(&connections.serving);
        let service = service_fn(move |request| {
            let serving = newest.get();
            match serving.at_hand(&request, peer) {
                Some(answer) => Either::Left(ready(Ok::<_, Infallible>(answer))),
                None => Either::Right(async move { Ok(serving.answer(request, peer).await) }),
            }
        });
        // hyper takes no more than 100 header fields. Another number would cost it an allocation a request.
        let connection = http1::Builder::new()
            .timer(PatienceTimer(self.patience.clone()))
            .header_read_timeout(connections.limits.header_time)
            .max_header_size(connections.limits.header_bytes)
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended_as(peer, ended),
            end = &mut self.ending => {
                let waits = matches!(self.patience.doing(), Doing::Waits(_));
                if matches!((end, waits), (Ok(End::Slow), _) | (Ok(End::Idle), true)) {
                    return tracing::debug!(%peer, "closed for another connection");
                }
            }
        }
        connection.as_mut().graceful_shutdown();
        match tokio::time::timeout(LAST_MINUTE, connection).await {
            Ok(ended) => ended_as(peer, ended),
            Err(_) => tracing::debug!(%peer, "cut off: it did not take its answer"),
        }
    }
}

/// What a connection answers with: looked for again only where there is something newer.
struct Newest(RefCell<(watch::Receiver<Arc<Serving>>, Arc<Serving>)>);

impl Newest {
    fn of(serving: &watch::Receiver<Arc<Serving>>) -> Newest {
        let mut serving = serving.clone();
        let now = serving.borrow_and_update().clone();
        Newest(RefCell::new((serving, now)))
    }

    fn get(&self) -> Arc<Serving> {
        let (serving, now) = &mut *self.0.borrow_mut();
        if serving.has_changed().unwrap_or(false) {
            *now = serving.borrow_and_update().clone();
        }
        now.clone()
    }
}

fn ended_as(peer: IpAddr, ended: hyper::Result<()>) {
    if let Err(why) = ended {
        tracing::debug!(%peer, %why, "a connection ended early");
    }
}
