//! A way to a server that can be cut, and come back.

use crate::trap::Trap;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Open,
    /// Deaf as soon as a transaction is to be committed.
    DeafAtCommit,
    /// What the client says goes through, and what the server answers is lost.
    Deaf,
    Cut,
}

/// Listens on a port of its own, and passes on what comes. Ends when dropped.
pub(super) struct Proxy {
    port: u16,
    way: watch::Sender<Way>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// To the server of a URL.
    pub(super) async fn to(url: &str) -> Proxy {
        Proxy::trapped(url, &Trap::default()).await
    }

    /// With a trap at the points `commit` (the server has not heard of it) and `committed` (the client
    /// has not).
    pub(super) async fn trapped(url: &str, trap: &Trap) -> Proxy {
        let url = Url::parse(url).unwrap();
        let target = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let way = watch::Sender::new(Way::Open);
        let (is, trap) = (way.clone(), trap.clone());
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, target.clone(), is.clone(), trap.clone()));
            }
        });
        Proxy { port, way, task }
    }

    /// The same URL, this way.
    pub(super) fn url(&self, url: &str) -> String {
        let mut url = Url::parse(url).unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.port)).unwrap();
        url.into()
    }

    /// Breaks all connections, and each new one at once.
    pub(super) fn cut(&self) {
        self.way.send_replace(Way::Cut);
    }

    /// Loses the answer to the next COMMIT, and all others from then on; whoever waits for one finds
    /// out when the way is cut. Ends when that COMMIT is with the server.
    pub(super) async fn deafen_at_commit(&self) {
        self.way.send_replace(Way::DeafAtCommit);
        let mut way = self.way.subscribe();
        way.wait_for(|way| *way == Way::Deaf).await.unwrap();
        tokio::time::sleep(Duration::from_millis(40)).await;
    }

    pub(super) fn mend(&self) {
        self.way.send_replace(Way::Open);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(client: TcpStream, target: (String, u16), way: watch::Sender<Way>, trap: Trap) {
    if *way.borrow() == Way::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut cut = way.subscribe();
    let to_the_server = |bytes: &[u8]| {
        let commits = holds(bytes, b"COMMIT");
        way.send_if_modified(|way| {
            let is_time = commits && *way == Way::DeafAtCommit;
            if is_time {
                *way = Way::Deaf;
            }
            is_time
        });
        !(commits && trap.at("commit"))
    };
    let to_the_client = |bytes: &[u8]| {
        let is_killed = holds(bytes, b"COMMIT\0") && trap.at("committed");
        !is_killed && *way.borrow() != Way::Deaf
    };
    tokio::select! {
        () = carry(from_client, to_server, to_the_server) => {}
        () = carry(from_server, to_client, to_the_client) => {}
        _ = cut.wait_for(|way| *way == Way::Cut) => {}
    }
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// What `passes`, until one side ends.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, passes: impl Fn(&[u8]) -> bool) {
    let mut bytes = vec![0; 16_384];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        if passes(&bytes[..read]) && to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
