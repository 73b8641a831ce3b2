//! A program run to its end, with what it used, or started to serve.

use super::option;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Between two looks at a process.
const PAUSE: Duration = Duration::from_millis(5);

/// The system counts processor time in hundredths of a second.
const TICK: f64 = 0.01;

/// What a process used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    pub(crate) seconds: f64,
    /// Processor time of user and system, in seconds.
    pub(crate) cpu: f64,
    /// The most resident memory, in MB.
    pub(crate) memory: f64,
}

/// A process under observation.
pub(crate) struct Running {
    child: Child,
    began: Instant,
    memory: f64,
}

impl Running {
    /// Its standard output is thrown away.
    pub(crate) fn start(command: &mut Command) -> Running {
        let child = command.stdout(Stdio::null()).spawn().unwrap();
        Running {
            child,
            began: Instant::now(),
            memory: 0.0,
        }
    }

    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// Looks at it once; whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
        if let Some(peak) = line("VmHWM:") {
            let kilobytes: f64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
            self.memory = self.memory.max(kilobytes / 1024.0);
        }
        line("State:").is_some_and(|state| !state.trim().starts_with('Z'))
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    pub(crate) fn wait(mut self) -> Used {
        while self.runs() {
            std::thread::sleep(PAUSE);
        }
        let seconds = self.began.elapsed().as_secs_f64();
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks = |field: usize| fields[field].parse::<f64>().unwrap();
        let status = self.child.wait().unwrap();
        assert!(
            status.code() == Some(0) || status.code().is_none(),
            "it ended with {status}"
        );
        Used {
            seconds,
            cpu: (ticks(11) + ticks(12)) * TICK,
            memory: self.memory,
        }
    }
}

/// Starts a service, and reads from its first line where it listens.
pub(crate) fn listening(command: &mut Command) -> (Child, SocketAddr) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    (child, ready["listening"].as_str().unwrap().parse().unwrap())
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Used {
    Running::start(command).wait()
}

/// The program that is measured, without a variable of the environment that would change its
/// configuration.
pub(crate) fn program() -> Command {
    let program: String = option("program", env!("CARGO_BIN_EXE_tidings").to_owned());
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TIDINGS_")) {
        command.env_remove(name);
    }
    command
}
