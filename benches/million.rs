//! An edition for a million readers: how soon its first mail leaves, how long others wait for the
//! store while it fills, how much memory it takes, and whether the last mails leave as fast as the
//! first. The program runs as it would from a command line; this is the second process at its store.
//!
//! `cargo bench --bench million -- [--readers 1000000] [--runs 5] [--whole 1] [--postgres]`: so many
//! runs up to the end of the fill, the last few of them to the last mail. With `--postgres` the store is
//! a database on the server that `TIDINGS_TEST_POSTGRES` names.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::panic
)]

#[allow(dead_code)]
#[path = "../tests/it/database.rs"]
mod database;
mod support;

use database::Database;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::process::Running;
use support::sink::Sink;
use support::site::Site;
use support::{end, flag, judge, load, median, ms, option, spread};
use tidings::sql;
use tidings::store::Store;

const CONNECTIONS: usize = 10;
/// How often the store is looked at.
const PAUSE: Duration = Duration::from_millis(5);
/// How often it is looked how far the mails are.
const PROGRESS: Duration = Duration::from_millis(250);
/// How long a run goes on after its fill.
const REST: Duration = Duration::from_secs(2);

/// What was seen of one run. Durations in ms.
struct Seen {
    first_mail: f64,
    fill: f64,
    longest_write: f64,
    memory: f64,
    brought_in: f64,
    /// The last tenth's speed over the first tenth's, of a whole run.
    tenths: Option<f64>,
}

#[tokio::main]
async fn main() {
    let readers: usize = option("readers", 1_000_000);
    let runs: usize = option("runs", 5);
    let whole: usize = option("whole", 1);
    let sink = Sink::start();
    let mut seen = Vec::new();
    for run in 0..runs {
        seen.push(one(readers, &sink, run + whole >= runs).await);
    }
    let all = |what: fn(&Seen) -> f64| seen.iter().map(what).collect::<Vec<f64>>();
    let first = all(|run| run.first_mail);
    let waits = all(|run| run.longest_write);
    let memory = all(|run| run.memory.max(run.brought_in));
    let tenths: Vec<f64> = seen.iter().filter_map(|run| run.tenths).collect();
    println!("fill, in ms: {}", spread(&all(|run| run.fill)));
    println!("first mail, in ms: {}", spread(&first));
    println!("longest other write, in ms: {}", spread(&waits));
    println!("memory, in MB: {}", spread(&memory));
    let (first, waits, memory) = (median(&first), median(&waits), median(&memory));
    let mut bars = vec![
        judge("first mail after", first, "at most 1000 ms", first <= 1000.0),
        judge("longest other write", waits, "at most 250 ms", waits <= 250.0),
        judge("memory", memory, "less than 150 MB", memory < 150.0),
    ];
    if !tenths.is_empty() {
        let ratio = median(&tenths);
        bars.push(judge(
            "last tenth over first",
            ratio,
            "at least 0.9",
            ratio >= 0.9,
        ));
    }
    end(&bars);
}

async fn one(readers: usize, sink: &Sink, to_the_end: bool) -> Seen {
    let database = if flag("postgres") {
        Some(
            Database::new()
                .await
                .expect("TIDINGS_TEST_POSTGRES names a server"),
        )
    } else {
        None
    };
    let url = database.as_ref().map(Database::url);
    let smtp = format!("smtp://127.0.0.1:{}", sink.port);
    let (mut site, brought_in) = Site::new(readers, url.as_deref(), &smtp, CONNECTIONS);
    println!(
        "brought in: {:.2} s, {:.0} MB; load {}",
        brought_in.seconds,
        brought_in.memory,
        load()
    );
    let store = Store::open(&site.store_url()).await.unwrap();
    scan(&store).await;
    let mut command = site.next_week(5);
    command.stderr(std::process::Stdio::null());
    let pass = Running::start(&mut command);
    let began = pass.began();
    let filling = Arc::new(AtomicBool::new(true));
    let writes = tokio::spawn(longest_write(store.clone(), filling.clone()));
    let watched = watch(pass, &store, readers, &filling, to_the_end).await;
    let (while_filling, later) = writes.await.unwrap();
    println!(
        "first mail after {:.0} ms, filled after {:.0} ms; longest other write {:.0} ms, {:.0} ms after the fill; \
         {:.0} MB; tenth by tenth: {:.0?} mails a second; load {}",
        ms(watched.first_mail - began),
        ms(watched.filled - began),
        ms(while_filling),
        ms(later),
        watched.memory,
        watched.rates,
        load()
    );
    let tenths = watched.rates.first().zip(watched.rates.last());
    Seen {
        first_mail: ms(watched.first_mail - began),
        fill: ms(watched.filled - began),
        longest_write: ms(while_filling),
        memory: watched.memory,
        brought_in: brought_in.memory,
        tenths: tenths.map(|(first, last)| last / first),
    }
}

/// The one scan that an edition is planned with.
async fn scan(store: &Store) {
    let began = Instant::now();
    let groups = store.groups("weekly", "default").await.unwrap();
    println!("the scan: {:.0} ms, {} groups", ms(began.elapsed()), groups.len());
}

struct Watched {
    first_mail: Instant,
    filled: Instant,
    memory: f64,
    /// Mails a second in each tenth; nothing where the run was cut short.
    rates: Vec<f64>,
}

/// Looks on until the pass has ended; without `to_the_end` that is soon after the fill.
async fn watch(
    mut pass: Running,
    store: &Store,
    readers: usize,
    filling: &AtomicBool,
    to_the_end: bool,
) -> Watched {
    let (mut first_mail, mut filled) = (None, None);
    let mut progress: Vec<(Instant, f64)> = Vec::new();
    while pass.runs() {
        if first_mail.is_none() && is_mail_sent(store).await {
            first_mail = Some(Instant::now());
        }
        if filled.is_none() && is_filled(store).await {
            filled = Some(Instant::now());
            filling.store(false, Ordering::Relaxed);
        }
        if progress.last().is_none_or(|(at, _)| at.elapsed() >= PROGRESS) {
            progress.push((Instant::now(), claimed(store).await));
        }
        if !to_the_end && filled.is_some_and(|filled| filled.elapsed() > REST) && first_mail.is_some() {
            pass.kill();
        }
        tokio::time::sleep(PAUSE).await;
    }
    progress.push((Instant::now(), readers as f64));
    let used = pass.wait();
    Watched {
        first_mail: first_mail.expect("no mail was sent"),
        filled: filled.expect("it was not filled"),
        memory: used.memory,
        rates: if to_the_end {
            rates(&progress, readers)
        } else {
            Vec::new()
        },
    }
}

/// Mails a second in each tenth, between the looks as if they had left evenly.
fn rates(progress: &[(Instant, f64)], readers: usize) -> Vec<f64> {
    let start = progress.iter().rfind(|(_, mails)| *mails == 0.0).unwrap().0;
    let reached = |mails: f64| {
        let after = progress.iter().position(|(_, seen)| *seen >= mails).unwrap();
        let ((at, seen), (later, more)) = (progress[after.max(1) - 1], progress[after]);
        let part = if more > seen {
            (mails - seen) / (more - seen)
        } else {
            1.0
        };
        (at - start) + (later - at).mul_f64(part.clamp(0.0, 1.0))
    };
    let tenth = readers as f64 / 10.0;
    (0..10)
        .map(|n| {
            let (from, to) = (reached(tenth * f64::from(n)), reached(tenth * f64::from(n + 1)));
            tenth / (to - from).as_secs_f64()
        })
        .collect()
}

/// Those that leave first are the first to be settled.
async fn is_mail_sent(store: &Store) -> bool {
    let sent = sql!("SELECT id FROM deliveries WHERE id <= 1000 AND state = 'sent' LIMIT 1");
    store.read(sent).maybe::<(i64,)>().await.unwrap().is_some()
}

async fn is_filled(store: &Store) -> bool {
    let edition = sql!("SELECT state FROM editions ORDER BY id DESC LIMIT 1");
    let state = store.read(edition).maybe::<(String,)>().await.unwrap();
    state.is_some_and(|(state,)| state == "sending" || state == "done")
}

/// How many mails are on their way or gone.
async fn claimed(store: &Store) -> f64 {
    let next = sql!(
        "SELECT CAST(COALESCE(
           (SELECT id - 1 FROM deliveries WHERE next_try IS NOT NULL ORDER BY next_try, id LIMIT 1),
           (SELECT max(id) FROM deliveries), 0) AS BIGINT)"
    );
    let (claimed,): (i64,) = store.read(next).one().await.unwrap();
    claimed as f64
}

/// Writes a little all the time; how long it took at most, while the edition was filled and after.
async fn longest_write(store: Store, filling: Arc<AtomicBool>) -> (Duration, Duration) {
    let (mut during, mut after) = (Duration::ZERO, Duration::ZERO);
    let mut later: Option<Instant> = None;
    while later.is_none_or(|since| since.elapsed() < REST / 2) {
        let was_filling = filling.load(Ordering::Relaxed);
        let began = Instant::now();
        let write = sql!(
            "INSERT INTO facts (name, value) VALUES ('measured', $1)
             ON CONFLICT (name) DO UPDATE SET value = $1"
        );
        store.write(write).bind("x").run().await.unwrap();
        let longest = if was_filling { &mut during } else { &mut after };
        *longest = began.elapsed().max(*longest);
        if !was_filling {
            later.get_or_insert(began);
        }
        tokio::time::sleep(PAUSE).await;
    }
    (during, after)
}
