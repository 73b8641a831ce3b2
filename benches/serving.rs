//! How fast the service answers for a feed, beside a bare axum handler that gives the same bytes from
//! memory, and beside nginx that serves the same file: the whole feed with gzip, and 304 for who has
//! it. Asked by `wrk`, one after the other; each server is a process of its own.
//!
//! `cargo bench --bench serving -- [--pairs 5] [--seconds 3] [--connections 16]`
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

mod support;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::magazine::Magazine;
use support::process::run;
use support::{end, judge, load, median, option, spread};

/// Our requests a second over the bare handler's.
const RATE: f64 = 0.85;
/// Our 99th percentile over its.
const SLOWEST: f64 = 1.5;
/// Enough for a full feed.
const ARTICLES: usize = 200;

/// A server that is stopped when it is dropped.
struct Running {
    process: Child,
    port: u16,
    /// What it calls the present version of the feed.
    tag: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Asked, not killed: nginx has processes of its own to end.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// What `wrk` measured.
#[derive(Clone, Copy)]
struct Measured {
    rate: f64,
    /// In milliseconds.
    slowest: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(n) = arguments.iter().position(|argument| argument == "--bare") {
        return bare(Path::new(&arguments[n + 1]));
    }
    let pairs: usize = option("pairs", 5);
    let magazine = Magazine::new(ARTICLES);
    run(&mut magazine.pass());
    let ours = ours(&magazine);
    let (bytes, _) = fetch(ours.port, "Accept-Encoding: gzip\r\n");
    let file = magazine.path("bare.gz");
    fs::write(&file, &bytes).unwrap();
    println!(
        "the feed has {} bytes, {} with gzip",
        fs::metadata(magazine.path("feeds/rss.xml")).unwrap().len(),
        bytes.len()
    );
    let bare = start_bare(&file);
    let nginx = start_nginx(&magazine);
    let mut bars = Vec::new();
    for (what, status) in [("200 with gzip", 200), ("304", 304)] {
        let (mut rates, mut slowest, mut beside_nginx) = (Vec::new(), Vec::new(), Vec::new());
        for pair in 0..pairs {
            let order = if pair % 2 == 0 {
                [&ours, &bare]
            } else {
                [&bare, &ours]
            };
            let mut found = order.map(|server| measure(server, status));
            if pair % 2 == 1 {
                found.reverse();
            }
            let [mine, its] = found;
            rates.push(mine.rate / its.rate);
            slowest.push(mine.slowest / its.slowest);
            let others = nginx.as_ref().map(|nginx| measure(nginx, status));
            beside_nginx.extend(others.map(|others| mine.rate / others.rate));
            println!(
                "{what}: ours {:.0}/s, 99 % in {:.2} ms; bare {:.0}/s, {:.2} ms; nginx {:.0}/s; load {}",
                mine.rate,
                mine.slowest,
                its.rate,
                its.slowest,
                others.map_or(f64::NAN, |others| others.rate),
                load()
            );
        }
        println!("{what}, ours / bare: {}", spread(&rates));
        println!("{what}, 99 %, ours / bare: {}", spread(&slowest));
        if beside_nginx.is_empty() {
            println!("{what}, ours / nginx: not measured, there is no `nginx` here");
        } else {
            println!("{what}, ours / nginx: {}", spread(&beside_nginx));
        }
        let (rate, slowest) = (median(&rates), median(&slowest));
        bars.push(judge(
            &format!("{what} beside a bare handler"),
            rate,
            "at least 0.85",
            rate >= RATE,
        ));
        bars.push(judge(
            &format!("{what}, 99 %"),
            slowest,
            "at most 1.5",
            slowest <= SLOWEST,
        ));
    }
    // They would outlive the end of the program.
    drop((ours, bare, nginx));
    end(&bars)
}

/// The service, without a limit on requests: all of them come from one address.
fn ours(magazine: &Magazine) -> Running {
    let mut command = support::process::program();
    command
        .arg("serve")
        .env("TIDINGS_HTTP__LISTEN", "127.0.0.1:0")
        .env("TIDINGS_HTTP__RATE", "0")
        .current_dir(magazine.path("."))
        .stderr(Stdio::null());
    let (process, address) = support::process::listening(&mut command);
    answering(process, address.port())
}

/// This program once more, as a handler and nothing else.
fn start_bare(file: &Path) -> Running {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("--bare").arg(file).stdout(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    answering(process, line.trim().parse().unwrap())
}

fn bare(file: &Path) {
    const TAG: &str = "W/\"bare\"";
    let bytes = axum::body::Bytes::from(fs::read(file).unwrap());
    let answer = move |asked: HeaderMap| {
        let bytes = bytes.clone();
        async move {
            if asked.get(header::IF_NONE_MATCH).is_some_and(|tag| tag == TAG) {
                return (StatusCode::NOT_MODIFIED, [(header::ETAG, TAG)]).into_response();
            }
            let headers = [
                (header::ETAG, TAG),
                (header::CONTENT_TYPE, "application/rss+xml; charset=utf-8"),
                (header::CONTENT_ENCODING, "gzip"),
            ];
            (headers, bytes).into_response()
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap().port());
        let router = axum::Router::new().route("/rss.xml", get(answer));
        axum::serve(listener, router).await.unwrap();
    });
}

/// `None`: there is no nginx here.
fn start_nginx(magazine: &Magazine) -> Option<Running> {
    let program = ["nginx", "/usr/sbin/nginx"].into_iter().find(|program| {
        let mut version = Command::new(program);
        version.arg("-v").stderr(Stdio::null());
        version.status().is_ok_and(|status| status.success())
    })?;
    let (root, port) = (magazine.path("feeds"), free_port());
    fs::copy(magazine.path("bare.gz"), root.join("rss.xml.gz")).unwrap();
    let user = if fs::metadata("/proc/self").is_ok_and(|own| is_root(&own)) {
        "user root;"
    } else {
        ""
    };
    let config = format!(
        "daemon off; {user} worker_processes auto; error_log /dev/null; pid {dir}/nginx.pid;\n\
         events {{ worker_connections 512; }}\n\
         http {{ access_log off; gzip_static on; keepalive_requests 1000000000; types {{ application/rss+xml xml; }}\n\
         server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n",
        dir = magazine.path(".").display(),
        root = root.display()
    );
    let file = magazine.path("nginx.conf");
    fs::write(&file, config).unwrap();
    let process = Command::new(program)
        .arg("-c")
        .arg(&file)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Some(answering(process, port))
}

fn is_root(own: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    own.uid() == 0
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Waits until a server answers.
fn answering(process: Child, port: u16) -> Running {
    let patience = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < patience, "nothing listens");
        std::thread::sleep(Duration::from_millis(20));
    }
    let (_, head) = fetch(port, "Accept-Encoding: gzip\r\n");
    let tag = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .starts_with("etag: ")
            .then(|| line[6..].to_owned())
    });
    Running {
        process,
        port,
        tag: tag.unwrap(),
    }
}

/// The body and the head of an answer.
fn fetch(port: u16, headers: &str) -> (Vec<u8>, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "GET /rss.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"
    )
    .unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    (bytes[end + 4..].to_vec(), head)
}

fn measure(server: &Running, status: u16) -> Measured {
    let (seconds, connections): (u64, usize) = (option("seconds", 3), option("connections", 16));
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", "--latency", "-H", "Accept-Encoding: gzip"])
        .arg(format!("-c{connections}"))
        .arg(format!("-d{seconds}s"));
    if status == 304 {
        wrk.arg("-H").arg(format!("If-None-Match: {}", server.tag));
    }
    let done = wrk
        .arg(format!("http://127.0.0.1:{}/rss.xml", server.port))
        .output()
        .unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(
        !text.contains("Non-2xx") && !text.contains("Socket errors"),
        "{text}"
    );
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name));
        line.unwrap_or_else(|| panic!("wrk said: {text}"))
            .trim()
            .to_owned()
    };
    let slowest = value("99%");
    let number: f64 = slowest.trim_end_matches(char::is_alphabetic).parse().unwrap();
    let slowest = match slowest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "us" => number / 1000.0,
        "ms" => number,
        _ => number * 1000.0,
    };
    Measured {
        rate: value("Requests/sec:").parse().unwrap(),
        slowest,
    }
}
