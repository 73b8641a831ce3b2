//! The real service as a process of its own.

use crate::site::Site;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// So long a test waits for something to happen.
pub(crate) const BOUND: Duration = Duration::from_secs(60);

/// Killed when it is dropped, if it was not stopped.
pub(crate) struct Service {
    child: Child,
    /// Where it listens; `None`: a worker.
    pub(crate) address: Option<SocketAddr>,
    /// Where it shows metrics, if anywhere.
    pub(crate) metrics: Option<SocketAddr>,
    log: Arc<Mutex<String>>,
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) took: Duration,
    pub(crate) log: String,
}

impl Service {
    /// `tidings serve` on a site, at a free port; it is ready when this returns.
    pub(crate) fn start(site: &Site) -> Service {
        Service::start_with(site, &[])
    }

    /// The same with more in the environment.
    pub(crate) fn start_with(site: &Site, environment: &[(&str, &str)]) -> Service {
        let mut command = site.command(&["serve"]);
        command.envs(environment.iter().copied());
        Service::ready(command)
    }

    /// `tidings worker` on a site.
    pub(crate) fn worker(site: &Site) -> Service {
        Service::spawn(site.command(&["worker"])).0
    }

    fn ready(command: Command) -> Service {
        Service::begin(command).ready()
    }

    /// `tidings serve` on a site, begun and not waited for.
    pub(crate) fn start_soon(site: &Site) -> Starting {
        Service::begin(site.command(&["serve"]))
    }

    fn begin(mut command: Command) -> Starting {
        command.env("TIDINGS_HTTP__LISTEN", "127.0.0.1:0");
        let (service, stdout) = Service::spawn(command);
        Starting {
            service,
            stdout: Box::new(stdout),
        }
    }

    fn spawn(mut command: Command) -> (Service, BufReader<impl Read>) {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let (stderr, to) = (BufReader::new(child.stderr.take().unwrap()), log.clone());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let mut log = to.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let service = Service {
            child,
            address: None,
            metrics: None,
            log,
        };
        (service, stdout)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Sends a signal, as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Stops it with SIGTERM.
    pub(crate) fn stop(self) -> Ended {
        self.signal("TERM");
        self.ended()
    }

    /// Waits until it has ended.
    pub(crate) fn ended(mut self) -> Ended {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Ended {
                    status: status.code(),
                    took: began.elapsed(),
                    log: self.log(),
                };
            }
            assert!(began.elapsed() < BOUND, "it does not end: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// One GET: status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address.unwrap()).unwrap();
        stream.set_read_timeout(Some(BOUND)).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        (status, body.unwrap_or_default())
    }
}

/// A service that may not listen yet.
pub(crate) struct Starting {
    service: Service,
    stdout: Box<dyn BufRead>,
}

impl Starting {
    /// Waits until it is ready.
    pub(crate) fn ready(mut self) -> Service {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let log = self.service.log();
        let ready: serde_json::Value =
            serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why}: {line:?} {log}"));
        assert_eq!(ready["schema"], 1);
        self.service.address = Some(ready["listening"].as_str().unwrap().parse().unwrap());
        self.service.metrics = ready["metrics"].as_str().map(|address| address.parse().unwrap());
        self.service
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is so; what is waited for is said where it does not come.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < BOUND, "{what} does not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
