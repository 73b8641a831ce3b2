//! How soon subscribers of the built-in hub are told: the real `tidings serve`, a thousand callbacks on this
//! machine that subscribed as WebSub has it, and one article that is saved. From the moment that the feed
//! is on disk until the last of them has it, whole.
//!
//! `cargo bench --bench hub -- [--subscribers 1000] [--ports 100] [--runs 5]`
//!
//! The subscribers share ports, as those of a service would, and are measured once more on a single one,
//! where fewer are told at once.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "the times of files are the machine's")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use support::process::{listening, program};
use support::{end, judge, load, median, option, spread};

/// All are told within so many seconds.
const BAR: f64 = 2.0;
/// So long something is waited for.
const BOUND: Duration = Duration::from_secs(120);

fn main() {
    let subscribers: usize = option("subscribers", 1000);
    let ports: usize = option("ports", 100);
    let runs: usize = option("runs", 5);
    let many = measure(subscribers, ports, runs);
    let one = measure(subscribers, 1, runs);
    end(&[
        judge(
            "seconds until all are told",
            median(&many),
            "at most 2",
            median(&many) <= BAR,
        ),
        judge(
            "seconds until all are told, one port",
            median(&one),
            "at most 2",
            median(&one) <= BAR,
        ),
    ]);
}

fn measure(subscribers: usize, ports: usize, runs: usize) -> Vec<f64> {
    let site = Site::new();
    let service = Service::start(&site);
    let listeners = Listeners::open(ports);
    subscribe(&service, &listeners, subscribers);
    println!("{subscribers} subscribers on {ports} ports");
    let mut all = Vec::new();
    for run in 0..runs {
        let saved = Instant::now();
        let before = listeners.told.load(Ordering::SeqCst);
        site.article(&format!("news-{run}"));
        wait("all are told", || {
            listeners.told.load(Ordering::SeqCst) >= before + subscribers
        });
        let since_saved = saved.elapsed().as_secs_f64();
        let last = listeners.last.lock().unwrap().unwrap();
        let written = written(&site.folder.join("feeds/rss.xml"));
        let took = last.duration_since(written).unwrap_or_default().as_secs_f64();
        println!(
            "{took:.3} s after the feed was written, {since_saved:.3} s after the article was saved; load {}",
            load()
        );
        all.push(took);
        // Who is told twice would be seen by now.
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(
            listeners.told.load(Ordering::SeqCst),
            before + subscribers,
            "each is told once"
        );
    }
    println!("seconds: {}", spread(&all));
    all
}

/// When a document came to its place: its other time says when its content changed, in whole seconds.
fn written(file: &Path) -> SystemTime {
    let metadata = std::fs::metadata(file).unwrap();
    let (seconds, nanos) = (metadata.ctime(), metadata.ctime_nsec());
    SystemTime::UNIX_EPOCH + Duration::new(seconds.try_into().unwrap(), nanos.try_into().unwrap())
}

/// A site of twenty articles, below `target/tmp`.
struct Site {
    folder: PathBuf,
    _kept: tempfile::TempDir,
}

impl Site {
    fn new() -> Site {
        let parent = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        std::fs::create_dir_all(&parent).unwrap();
        let kept = tempfile::TempDir::new_in(parent).unwrap();
        let site = Site {
            folder: kept.path().to_owned(),
            _kept: kept,
        };
        std::fs::create_dir_all(site.folder.join("articles")).unwrap();
        let config = "[site]\ntitle = 'T'\nurl = 'http://tides.example/'\n[sources.posts]\nkind = 'markdown'\n\
            path = 'articles'\n[http]\nlisten = '127.0.0.1:0'\npublic_url = 'http://tides.example/'\n\
            trusted_proxies = ['127.0.0.1']\n[http_client]\nallow = ['127.0.0.0/8']\n";
        std::fs::write(site.folder.join("config.toml"), config).unwrap();
        (0..20).for_each(|n| site.article(&format!("old-{n}")));
        site
    }

    fn article(&self, name: &str) {
        let text = format!(
            "---\ntitle: {name}\ndate: 2026-01-01\n---\n\n{}\n",
            "Words of an article. ".repeat(200)
        );
        std::fs::write(self.folder.join(format!("articles/{name}.md")), text).unwrap();
    }
}

/// Killed when it is dropped.
struct Service {
    child: Child,
    address: SocketAddr,
}

impl Service {
    fn start(site: &Site) -> Service {
        let mut command = program();
        command.current_dir(&site.folder).args(["-q", "serve"]);
        let (child, address) = listening(&mut command);
        wait("the feeds", || {
            get(address, "/rss.xml").starts_with("HTTP/1.1 200")
        });
        Service { child, address }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Callbacks: they give challenges back, and take what they are told.
struct Listeners {
    addresses: Vec<SocketAddr>,
    asked: Arc<AtomicUsize>,
    told: Arc<AtomicUsize>,
    last: Arc<Mutex<Option<SystemTime>>>,
}

impl Listeners {
    fn open(ports: usize) -> Listeners {
        let (asked, told, last) = (
            Arc::<AtomicUsize>::default(),
            Arc::<AtomicUsize>::default(),
            Arc::default(),
        );
        let addresses = (0..ports)
            .map(|_| {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let address = listener.local_addr().unwrap();
                // As many threads as the hub asks of one port at once.
                for _ in 0..if ports == 1 { 8 } else { 1 } {
                    let listener = listener.try_clone().unwrap();
                    let (asked, told, last) = (asked.clone(), told.clone(), Arc::clone(&last));
                    std::thread::spawn(move || {
                        while let Ok((stream, _)) = listener.accept() {
                            answer(stream, &asked, &told, &last);
                        }
                    });
                }
                address
            })
            .collect();
        Listeners {
            addresses,
            asked,
            told,
            last,
        }
    }
}

fn answer(mut stream: TcpStream, asked: &AtomicUsize, told: &AtomicUsize, last: &Mutex<Option<SystemTime>>) {
    let (head, length) = {
        let mut reader = BufReader::new(&mut stream);
        let (mut head, mut line) = (String::new(), String::new());
        while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
            head.push_str(&line);
            line.clear();
        }
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        (head, length)
    };
    let challenge = head
        .split("hub.challenge=")
        .nth(1)
        .and_then(|rest| rest.split(['&', ' ']).next());
    let body = challenge.unwrap_or_default();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes());
    if challenge.is_some() {
        asked.fetch_add(1, Ordering::SeqCst);
    } else if length > 0 {
        *last.lock().unwrap() = Some(SystemTime::now());
        told.fetch_add(1, Ordering::SeqCst);
    }
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Each of an address of its own, as a proxy tells it.
fn subscribe(service: &Service, listeners: &Listeners, subscribers: usize) {
    for n in 0..subscribers {
        let address = listeners.addresses[n % listeners.addresses.len()];
        let form = format!(
            "hub.mode=subscribe&hub.topic=http%3A%2F%2Ftides.example%2Frss.xml&hub.secret=s{n}\
             &hub.callback=http%3A%2F%2F{address}%2Fcallback%2F{n}"
        );
        let mut stream = TcpStream::connect(service.address).unwrap();
        let client = format!("203.0.{}.{}", n / 250, n % 250 + 1);
        write!(
            stream,
            "POST /hub HTTP/1.1\r\nHost: tides.example\r\nX-Forwarded-For: {client}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    }
    wait("all are asked", || {
        listeners.asked.load(Ordering::SeqCst) >= subscribers
    });
    // The last of them are written down.
    std::thread::sleep(Duration::from_secs(1));
}

fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < BOUND, "{what}: not within {BOUND:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
