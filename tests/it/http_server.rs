//! A small HTTP/1.1 server that answers as it is told, and remembers what it was asked.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one request.
#[derive(Debug, Clone)]
pub(crate) enum Script {
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// Nothing, for ever.
    Hang,
    /// A status line and headers, and then nothing, for ever.
    HangInBody,
    /// A body without end.
    Endless,
    /// The connection is closed without an answer.
    Close,
    /// 204, after that long.
    Late(Duration),
}

impl Script {
    pub(crate) fn status(line: &str) -> Script {
        Script::with(line, "", "")
    }

    /// `headers` each end with CR LF.
    pub(crate) fn with(line: &str, headers: &str, body: &str) -> Script {
        let length = body.len();
        Script::Raw(
            format!(
                "HTTP/1.1 {line}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
            )
            .into_bytes(),
        )
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `POST /hub HTTP/1.1` and the headers, in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// How many requests are under way.
#[derive(Debug, Default)]
struct Busy {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// Stops when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    script: Arc<Mutex<VecDeque<Script>>>,
    busy: Arc<Busy>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Follows the script request by request; its last line goes on.
    pub(crate) async fn start(script: impl IntoIterator<Item = Script>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Mutex::new(script.into_iter().collect::<VecDeque<_>>()));
        let busy = Arc::new(Busy::default());
        let (log, lines, of) = (asked.clone(), script.clone(), busy.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, lines, busy) = (log.clone(), lines.clone(), of.clone());
                tokio::spawn(async move {
                    let now = busy.now.fetch_add(1, Ordering::SeqCst) + 1;
                    busy.most.fetch_max(now, Ordering::SeqCst);
                    serve(stream, log, lines).await;
                    busy.now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Server {
            address,
            asked,
            script,
            busy,
            task,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hub", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The most requests that were ever under way together.
    pub(crate) fn most_at_once(&self) -> usize {
        self.busy.most.load(Ordering::SeqCst)
    }

    /// From now on.
    pub(crate) fn answers(&self, script: impl IntoIterator<Item = Script>) {
        *self.script.lock().unwrap() = script.into_iter().collect();
    }

    /// Waits until so many requests have come.
    pub(crate) async fn wait_for(&self, count: usize) {
        for _ in 0..1000 {
            if self.asked.lock().unwrap().len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{count} requests did not come");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, asked: Arc<Mutex<Vec<Asked>>>, script: Arc<Mutex<VecDeque<Script>>>) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    asked.lock().unwrap().push(request);
    let line = {
        let mut script = script.lock().unwrap();
        match script.len() {
            0 => Script::status("204 No Content"),
            1 => script[0].clone(),
            _ => script.pop_front().unwrap(),
        }
    };
    match line {
        Script::Raw(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Script::Hang => std::future::pending().await,
        Script::HangInBody => {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<method")
                .await;
            std::future::pending().await
        }
        Script::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        }
        Script::Close => {}
        Script::Late(wait) => {
            tokio::time::sleep(wait).await;
            let _ = stream
                .write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
                .await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
            .unwrap_or(0);
        if body.len() >= length {
            return Some(Asked {
                head,
                body: body.to_owned(),
            });
        }
    }
}
