//! A small web server with pages, which remembers what it was asked and how many asked at once.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What a path answers.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Status line, header lines (each with CR LF), body.
    Said(String, String, Vec<u8>),
    /// The same, after a while.
    Late(Duration, Box<Reply>),
    /// Nothing until the other side goes away.
    Hang,
    /// A body that never ends.
    Endless,
}

impl Reply {
    pub(crate) fn status(line: &str) -> Reply {
        Reply::Said(line.to_owned(), String::new(), Vec::new())
    }

    pub(crate) fn with(headers: &str, body: impl Into<Vec<u8>>) -> Reply {
        Reply::Said("200 OK".to_owned(), headers.to_owned(), body.into())
    }

    pub(crate) fn html(body: impl Into<Vec<u8>>) -> Reply {
        Reply::with("Content-Type: text/html; charset=utf-8\r\n", body)
    }

    pub(crate) fn to(target: &str) -> Reply {
        Reply::Said(
            "301 Moved".to_owned(),
            format!("Location: {target}\r\n"),
            Vec::new(),
        )
    }
}

#[derive(Default)]
struct State {
    pages: HashMap<String, Reply>,
    asked: Vec<(String, String, Instant)>,
    open: usize,
    most_open: usize,
}

/// Goes on until the tests end.
#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Web {
    pub(crate) fn start() -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let web = Web {
            address: listener.local_addr().unwrap(),
            state: Arc::default(),
        };
        let state = web.state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = state.clone();
                thread::spawn(move || serve(stream, &state));
            }
        });
        web
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn set(&self, path: &str, reply: Reply) {
        self.state.lock().unwrap().pages.insert(path.to_owned(), reply);
    }

    pub(crate) fn unset(&self, path: &str) {
        self.state.lock().unwrap().pages.remove(path);
    }

    /// The paths that were asked for since the last look.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut state = self.state.lock().unwrap();
        std::mem::take(&mut state.asked)
            .into_iter()
            .map(|(path, ..)| path)
            .collect()
    }

    /// The same, with the head of each request in lower case and its time.
    pub(crate) fn heads(&self) -> Vec<(String, String, Instant)> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    pub(crate) fn count(&self) -> usize {
        self.state.lock().unwrap().asked.len()
    }

    pub(crate) fn wait_for(&self, count: usize) {
        for _ in 0..3000 {
            if self.count() >= count {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{count} requests did not come, only {}", self.count());
    }

    /// The most requests that were open at once.
    pub(crate) fn most_open(&self) -> usize {
        self.state.lock().unwrap().most_open
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if !matches!(reader.read_line(&mut head), Ok(read) if read > 0) {
            return;
        }
    }
    let path = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let head = head.to_lowercase();
    let reply = {
        let mut state = state.lock().unwrap();
        state.open += 1;
        state.most_open = state.most_open.max(state.open);
        state.asked.push((path.clone(), head.clone(), Instant::now()));
        state
            .pages
            .get(&path)
            .cloned()
            .unwrap_or_else(|| Reply::status("404 Not Found"))
    };
    say(&mut stream, reply, &head, state);
}

fn say(stream: &mut TcpStream, reply: Reply, head: &str, state: &Mutex<State>) {
    match reply {
        Reply::Late(wait, reply) => {
            thread::sleep(wait);
            return say(stream, *reply, head, state);
        }
        Reply::Said(line, headers, body) => {
            let same = headers.to_lowercase().lines().any(|line| {
                line.strip_prefix("etag: ")
                    .is_some_and(|tag| head.contains(&format!("if-none-match: {tag}")))
            });
            let (line, body) = match same {
                true => ("304 Not Modified".to_owned(), Vec::new()),
                false => (line, body),
            };
            let length = body.len();
            let head =
                format!("HTTP/1.1 {line}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n");
            // Before the client can ask for the next.
            state.lock().unwrap().open -= 1;
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
            return;
        }
        Reply::Hang => {
            let _ = BufReader::new(stream).read_line(&mut String::new());
        }
        Reply::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>");
            while stream.write_all(&[b'x'; 65536]).is_ok() {}
        }
    }
    state.lock().unwrap().open -= 1;
}
