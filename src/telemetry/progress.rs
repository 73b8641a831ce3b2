//! How far a pass has got, for whoever waits for it: bars on a terminal, a line now and then elsewhere.
//!
//! The work only counts, in atomics; a thread of its own looks at them a few times a second, so nobody
//! who works ever waits for the terminal.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A pass that is over before that shows nothing.
const BARS_AFTER: Duration = Duration::from_millis(400);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// Between two lines.
const LINES: Duration = Duration::from_secs(5);
/// The rate is that of the last so many seconds.
const RATE_OVER: Duration = Duration::from_secs(10);

/// One thing that is counted up to a total that may still grow.
struct Count {
    done: AtomicU64,
    total: AtomicU64,
}

impl Count {
    const fn new() -> Count {
        Count {
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
        }
    }

    fn read(&self) -> (u64, u64) {
        (self.done.load(Relaxed), self.total.load(Relaxed))
    }
}

static SOURCES: Count = Count::new();
static MAILS: Count = Count::new();

/// So many sources are to be read.
pub fn sources(total: usize) {
    SOURCES.total.fetch_add(total as u64, Relaxed);
}

/// One of them was.
pub fn source_read() {
    SOURCES.done.fetch_add(1, Relaxed);
}

/// So many mails more are to be sent.
pub fn mails(more: u64) {
    MAILS.total.fetch_add(more, Relaxed);
}

/// A mail has had its try.
pub fn mail_done() {
    MAILS.done.fetch_add(1, Relaxed);
}

/// The bars that are on the screen now.
static BARS: Mutex<Option<MultiProgress>> = Mutex::new(None);

/// Writes to standard error while the bars are out of the way.
///
/// # Errors
/// Whatever `write` meets.
pub fn above_the_bars(write: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let bars = BARS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match bars {
        Some(bars) => bars.suspend(write),
        None => write(),
    }
}

/// Shows how far the work has got until it is dropped.
pub struct Shown {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Begins to show it on standard error.
///
/// # Errors
/// Where the system gives no thread.
pub fn show() -> io::Result<Shown> {
    let (stop, stopped) = mpsc::channel();
    let on_terminal = io::stderr().is_terminal();
    let work = move || {
        let mut screen = Screen::new(on_terminal);
        while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            screen.look();
        }
        screen.clear();
    };
    let thread = std::thread::Builder::new()
        .name("progress".to_owned())
        .spawn(work)?;
    Ok(Shown {
        stop: Some(stop),
        thread: Some(thread),
    })
}

impl Drop for Shown {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread knows.
struct Screen {
    on_terminal: bool,
    began: Instant,
    last_line: Instant,
    pace: Pace,
    bars: Option<[ProgressBar; 2]>,
}

impl Screen {
    fn new(on_terminal: bool) -> Screen {
        let began = Instant::now();
        Screen {
            on_terminal,
            began,
            last_line: began,
            pace: Pace::default(),
            bars: None,
        }
    }

    fn look(&mut self) {
        self.pace.saw(Instant::now(), MAILS.read().0);
        if self.on_terminal && self.began.elapsed() >= BARS_AFTER {
            self.draw();
        } else if !self.on_terminal && self.last_line.elapsed() >= LINES {
            self.last_line = Instant::now();
            let line = line(SOURCES.read(), MAILS.read(), self.pace.rate());
            let _ = writeln!(io::stderr(), "tidings: {line}");
        }
    }

    fn draw(&mut self) {
        let [sources, mails] = self.bars.get_or_insert_with(|| {
            let all = MultiProgress::new();
            let bars = ["Sources", "Mail"].map(|what| all.add(bar(what)));
            *BARS.lock().unwrap_or_else(PoisonError::into_inner) = Some(all);
            bars
        });
        set(sources, SOURCES.read());
        set(mails, MAILS.read());
        mails.set_message(pace(MAILS.read(), self.pace.rate()));
    }

    fn clear(&mut self) {
        for bar in self.bars.iter().flatten() {
            bar.finish_and_clear();
        }
        *BARS.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn bar(what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:<9} [{bar:30}] {pos} of {len}{msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    ProgressBar::new(0).with_style(style).with_prefix(what)
}

fn set(bar: &ProgressBar, (done, total): (u64, u64)) {
    bar.set_length(total);
    bar.set_position(done);
}

/// `sources 3 of 3, mails 120 of 5000, 40 a second, 2 minutes left`
fn line(sources: (u64, u64), mails: (u64, u64), rate: f64) -> String {
    let sources = format!("sources {} of {}", sources.0, sources.1);
    match mails.1 {
        0 => sources,
        total => format!("{sources}, mails {} of {total}{}", mails.0, pace(mails, rate)),
    }
}

/// `, 40 a second, 2 minutes left`; nothing where nothing moves.
fn pace((done, total): (u64, u64), rate: f64) -> String {
    if rate <= 0.0 || done >= total {
        return String::new();
    }
    let left = Duration::from_secs_f64((total - done) as f64 / rate);
    format!(", {rate:.0} a second, {} left", in_words(left))
}

/// `40 seconds`, `12 minutes`, `3 hours`.
#[must_use]
pub fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    let (n, what) = match seconds {
        0..=99 => (seconds, "second"),
        100..=5999 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3600), "hour"),
    };
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// How fast a count has grown lately.
#[derive(Default)]
struct Pace(std::collections::VecDeque<(Instant, u64)>);

impl Pace {
    fn saw(&mut self, at: Instant, count: u64) {
        self.0.push_back((at, count));
        while self
            .0
            .front()
            .is_some_and(|(seen, _)| at.duration_since(*seen) > RATE_OVER)
        {
            self.0.pop_front();
        }
    }

    /// A second.
    fn rate(&self) -> f64 {
        let (Some((first, from)), Some((last, to))) = (self.0.front(), self.0.back()) else {
            return 0.0;
        };
        let took = last.duration_since(*first).as_secs_f64();
        if took > 0.0 {
            (to - from) as f64 / took
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut pace = Pace::default();
        let began = Instant::now();
        assert_eq!(pace.rate(), 0.0);
        // Ten a second for a while, then a hundred.
        for second in 0..=20 {
            pace.saw(began + Duration::from_secs(second), 10 * second);
        }
        assert_eq!(pace.rate(), 10.0);
        for second in 21..=31 {
            pace.saw(began + Duration::from_secs(second), 200 + 100 * (second - 20));
        }
        assert_eq!(pace.rate(), 100.0);
    }

    #[test]
    fn a_line_says_how_far_and_how_long() {
        assert_eq!(line((1, 3), (0, 0), 0.0), "sources 1 of 3");
        assert_eq!(
            line((3, 3), (120, 5000), 40.0),
            "sources 3 of 3, mails 120 of 5000, 40 a second, 3 minutes left"
        );
        assert_eq!(
            line((3, 3), (5000, 5000), 40.0),
            "sources 3 of 3, mails 5000 of 5000"
        );
        assert_eq!(in_words(Duration::from_secs(1)), "1 second");
        assert_eq!(in_words(Duration::from_secs(36_000)), "10 hours");
    }
}
