//! Postfix's `smtp-sink`, which takes mail and throws it away, and `smtp-source`, which makes it.

use super::process::{Used, run};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What `smtp-source` puts before a message of the length it is told, in bytes.
const HEADERS: usize = 120;

/// A running `smtp-sink`. It ends with this.
pub(crate) struct Sink {
    process: Child,
    pub(crate) port: u16,
}

impl Sink {
    pub(crate) fn start() -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        // Started by root it must be told who to be.
        let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
        let process = Command::new(program("smtp-sink"))
            .args(if is_root { &["-u", "nobody"][..] } else { &[] })
            .args([&format!("127.0.0.1:{port}"), "1000"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let patience = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < patience, "smtp-sink does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        Sink { process, port }
    }

    /// Lets `smtp-source` send so many mails of so many bytes each.
    pub(crate) fn by_source(&self, mails: usize, bytes: usize, connections: usize) -> Used {
        run(Command::new(program("smtp-source"))
            .args(["-d", "-s", &connections.to_string()])
            .args(["-m", &mails.to_string()])
            .args(["-l", &(bytes - HEADERS).to_string()])
            .args(["-f", "news@tides.example", "-t", "reader@example.com"])
            .arg(format!("127.0.0.1:{}", self.port)))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where a program of Postfix's is. Debian keeps it where not every user looks.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("{name} is missing (Debian's package postfix)"))
}
