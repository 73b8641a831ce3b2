//! A subscriber of WebSub, after the words of the Recommendation alone: it discovers the hub of a topic,
//! subscribes, says whether that was itself, takes what is delivered and checks who sent it. What the
//! names of the site lead to it is told, as others are by DNS.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What it does when it is asked whether it wants something.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    Agree,
    /// The challenge with something behind it.
    Wrong,
    Refuse,
    Redirect(String),
    Hang,
    Garbage,
    Late(Duration),
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) method: String,
    pub(crate) target: String,
    /// By their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Came {
    /// A parameter of its query.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let url = Url::parse("http://x/").unwrap().join(&self.target).unwrap();
        let mut pairs = url.query_pairs();
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

#[derive(Debug)]
struct Manners {
    asked: Asked,
    /// The status that deliveries are answered with, and more header fields; 0: none, for ever.
    told: (u16, String),
}

/// Stops when it is dropped.
pub(crate) struct Subscriber {
    pub(crate) address: SocketAddr,
    came: Arc<Mutex<Vec<Came>>>,
    manners: Arc<Mutex<Manners>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Subscriber {
    /// One that agrees to everything and takes everything.
    pub(crate) async fn start() -> Subscriber {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let came = Arc::new(Mutex::new(Vec::new()));
        let manners = Arc::new(Mutex::new(Manners {
            asked: Asked::Agree,
            told: (202, String::new()),
        }));
        let (log, ways) = (came.clone(), manners.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, log.clone(), ways.clone()));
            }
        });
        Subscriber {
            address,
            came,
            manners,
            task,
        }
    }

    pub(crate) fn callback(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From now on.
    pub(crate) fn when_asked(&self, asked: Asked) {
        self.manners.lock().unwrap().asked = asked;
    }

    /// From now on.
    pub(crate) fn when_told(&self, status: u16, headers: &str) {
        self.manners.lock().unwrap().told = (status, headers.to_owned());
    }

    /// All requests of a method.
    pub(crate) fn came(&self, method: &str) -> Vec<Came> {
        let came = self.came.lock().unwrap();
        came.iter()
            .filter(|came| came.method == method)
            .cloned()
            .collect()
    }

    /// Waits until so many requests of a method have come; the latest.
    pub(crate) async fn wait_for(&self, method: &str, count: usize) -> Came {
        let began = Instant::now();
        loop {
            let came = self.came(method);
            if came.len() >= count {
                return came.last().unwrap().clone();
            }
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "{method} {count} does not come, only {}",
                came.len()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// The hubs and the own URL that a topic names in its `Link` fields.
pub(crate) fn linked(answer: &Answer) -> (Vec<String>, String) {
    let (mut hubs, mut own) = (Vec::new(), String::new());
    for link in answer.headers.get("link").map_or("", String::as_str).split(',') {
        let Some((url, rel)) = link.trim().split_once('>') else {
            continue;
        };
        let url = url.trim_start_matches('<').to_owned();
        match rel {
            rel if rel.contains("rel=\"hub\"") => hubs.push(url),
            rel if rel.contains("rel=\"self\"") => own = url,
            _ => {}
        }
    }
    (hubs, own)
}

/// A GET, at the address that the URL's host means.
pub(crate) async fn get(at: SocketAddr, url: &str) -> Answer {
    exchange(at, "GET", url, "", "").await
}

/// A form that is posted.
pub(crate) async fn post(at: SocketAddr, url: &str, pairs: &[(&str, &str)]) -> Answer {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    exchange(
        at,
        "POST",
        url,
        "Content-Type: application/x-www-form-urlencoded\r\n",
        &form,
    )
    .await
}

/// One request, and what comes back.
pub(crate) async fn exchange(at: SocketAddr, method: &str, url: &str, headers: &str, body: &str) -> Answer {
    let url = Url::parse(url).unwrap();
    let mut stream = TcpStream::connect(at).await.unwrap();
    let target = &url[url::Position::BeforePath..];
    let host = url.host_str().unwrap();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let (status, headers) = head_of(&String::from_utf8_lossy(&bytes[..end]));
    Answer {
        status: status.split(' ').nth(1).unwrap().parse().unwrap(),
        headers,
        body: bytes[end + 4..].to_vec(),
    }
}

fn head_of(head: &str) -> (String, BTreeMap<String, String>) {
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default().to_owned();
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    (first, headers)
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<Came>>>, manners: Arc<Mutex<Manners>>) {
    let Some(came) = read(&mut stream).await else {
        return;
    };
    log.lock().unwrap().push(came.clone());
    let (asked, told) = {
        let manners = manners.lock().unwrap();
        (manners.asked.clone(), manners.told.clone())
    };
    let challenge = came
        .query("hub.challenge")
        .or(came.query("challenge"))
        .unwrap_or_default();
    let text = |status: &str, more: &str, body: &str| {
        format!(
            "HTTP/1.1 {status}\r\nConnection: close\r\n{more}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let answer = match (came.method.as_str(), asked, told) {
        ("GET", Asked::Agree, _) => text("200 OK", "", &challenge),
        ("GET", Asked::Wrong, _) => text("200 OK", "", &format!("{challenge}x")),
        ("GET", Asked::Refuse, _) => text("404 Not Found", "", ""),
        ("GET", Asked::Redirect(to), _) => text("302 Found", &format!("Location: {to}\r\n"), &challenge),
        ("GET", Asked::Garbage, _) => "\u{0}\u{1}garbage\r\n\r\n\r\n".to_owned(),
        ("GET", Asked::Late(wait), _) => {
            tokio::time::sleep(wait).await;
            text("200 OK", "", &challenge)
        }
        ("GET", Asked::Hang, _) | (_, _, (0, _)) => std::future::pending().await,
        (_, _, (status, headers)) => text(&format!("{status} X"), &headers, "thanks"),
    };
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> Option<Came> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 16 * 1024]);
    let end = loop {
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let (first, headers) = head_of(&String::from_utf8_lossy(&bytes[..end]));
    let length: usize = headers
        .get("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        body.extend_from_slice(&chunk[..count]);
    }
    let mut words = first.split(' ');
    Some(Came {
        method: words.next()?.to_owned(),
        target: words.next()?.to_owned(),
        headers,
        body,
    })
}
