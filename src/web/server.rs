//! The listener: takes connections until it is told to stop, then lets answers under way end.

use super::connections::Connections;
use super::limits::Limits;
use super::routes::Serving;
use super::state::State;
use crate::problem::Problem;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// When no connection can be taken (no more files may be opened), it is tried again after this.
const BREATH: Duration = Duration::from_millis(100);

/// A service that listens, and answers once it [runs](Server::run).
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
}

impl Server {
    /// Listens at an address; with port 0 the system chooses one.
    ///
    /// # Errors
    /// `http-listen`: the address is taken, or not one of this machine.
    pub async fn bind(listen: SocketAddr) -> Result<Server, Problem> {
        let bound = async {
            let listener = TcpListener::bind(listen).await?;
            let address = listener.local_addr()?;
            Ok::<_, std::io::Error>(Server {
                listener,
                address,
                limits: Limits::default(),
            })
        };
        bound.await.map_err(|why| {
            Problem::error("http-listen", format!("cannot listen at {listen}: {why}"))
                .key("http.listen")
                .hint("is another service there? Stop it, or choose another port")
        })
    }

    /// With other limits.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Server {
        Server { limits, ..self }
    }

    /// Where it listens: with port 0, which one it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is ready. Then it takes no more connections, lets answers under way end
    /// (at most [`Limits::drain`]), and returns.
    ///
    /// Each request is answered with the newest of `states`: to reload the configuration, send
    /// another one. The address it listens at stays, whatever `http.listen` says meanwhile.
    pub async fn run(self, mut states: watch::Receiver<Arc<State>>, stop: impl Future<Output = ()>) {
        let newest = |states: &mut watch::Receiver<Arc<State>>| {
            let state = states.borrow_and_update().clone();
            Arc::new(Serving::new(state, &self.limits))
        };
        let (serving, serving_now) = watch::channel(newest(&mut states));
        let connections = Connections::new(self.limits, serving_now);
        let mut rounds = tokio::time::interval(connections.round());
        let mut tasks = JoinSet::new();
        let mut reloads = true;
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                changed = states.changed(), if reloads => match changed {
                    Ok(()) => drop(serving.send_replace(newest(&mut states))),
                    // Nobody is left to send another one.
                    Err(_) => reloads = false,
                },
                accepted = self.listener.accept() => take(accepted, &connections, &mut tasks).await,
                Some(_) = tasks.join_next() => {}
                _ = rounds.tick() => connections.tend(),
            }
        }
        drop(self.listener);
        connections.end();
        let drained = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(self.limits.drain, drained).await.is_err() {
            tracing::debug!(open = tasks.len(), "connections are cut off");
            tasks.shutdown().await;
        }
    }
}

async fn take(
    accepted: std::io::Result<(TcpStream, SocketAddr)>,
    connections: &Arc<Connections>,
    tasks: &mut JoinSet<()>,
) {
    match accepted {
        Ok((stream, peer)) => match connections.place() {
            Some(place) => drop(tasks.spawn(place.serve(stream, peer.ip()))),
            None => tracing::warn!("a connection was refused: all others are busy"),
        },
        Err(why) => {
            tracing::warn!(%why, "a connection could not be taken");
            tokio::time::sleep(BREATH).await;
        }
    }
}
