//! Whether four times the readers take four times as long: whole passes for 5,000 and for 20,000
//! readers through a local `smtp-sink`, one after the other.
//!
//! `cargo bench --bench scaling -- [--few 5000] [--many 20000] [--pairs 5]`
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

mod support;

use support::process::run;
use support::sink::Sink;
use support::site::Site;
use support::{end, judge, load, median, option, spread};

/// How much longer the larger number takes, over how much larger it is.
const BAR: f64 = 1.1;
const ARTICLES: usize = 24;
const CONNECTIONS: usize = 10;

fn main() {
    let few: usize = option("few", 5_000);
    let many: usize = option("many", 20_000);
    let pairs: usize = option("pairs", 5);
    let sink = Sink::start();
    let smtp = format!("smtp://127.0.0.1:{}", sink.port);
    let (mut small, _) = Site::new(few, None, &smtp, CONNECTIONS);
    let (mut large, _) = Site::new(many, None, &smtp, CONNECTIONS);
    run(&mut small.next_week(ARTICLES));
    run(&mut large.next_week(ARTICLES));
    let mut ratios = Vec::new();
    for pair in 0..pairs {
        let (mut short, mut long) = (small.next_week(ARTICLES), large.next_week(ARTICLES));
        let (short, long) = if pair % 2 == 0 {
            (run(&mut short), run(&mut long))
        } else {
            let long = run(&mut long);
            (run(&mut short), long)
        };
        ratios.push(long.seconds / short.seconds);
        println!(
            "{few}: {:.2} s ({:.2} s of processor); {many}: {:.2} s ({:.2} s of processor); {:.3}, of processor {:.3}; load {}",
            short.seconds,
            short.cpu,
            long.seconds,
            long.cpu,
            long.seconds / short.seconds,
            long.cpu / short.cpu,
            load()
        );
    }
    println!("time({many}) / time({few}): {}", spread(&ratios));
    let bar = many as f64 / few as f64 * BAR;
    let ratio = median(&ratios);
    end(&[judge(
        "longer by",
        ratio,
        &format!("at most {bar:.1}"),
        ratio <= bar,
    )]);
}
