//! How fast mails leave, beside the fastest there is: a pass of the program for many readers through
//! `smtp-sink`, and Postfix's load generator `smtp-source -d` through the same, with as many
//! connections and mails of the same mean size. We record what became of each reader, on disk; it
//! records nothing.
//!
//! `cargo bench --bench delivery -- [--readers 20000] [--connections 20] [--articles 16] [--pairs 5]
//! [--store URL]`
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

mod support;

use support::sink::Sink;
use support::site::{Site, mean_size};
use support::{end, judge, load, median, option, spread};

/// Our speed over theirs.
const BAR: f64 = 0.8;

fn main() {
    let readers: usize = option("readers", 20_000);
    let connections: usize = option("connections", 20);
    let articles: usize = option("articles", 16);
    let pairs: usize = option("pairs", 5);
    let store: String = option("store", String::new());
    let store = Some(store.as_str()).filter(|url| !url.is_empty());

    let size = mean_size(articles);
    let sink = Sink::start();
    let smtp = format!("smtp://127.0.0.1:{}", sink.port);
    let (mut site, _) = Site::new(readers, store, &smtp, connections);
    println!("{readers} readers, mails of {size} bytes, {connections} connections");
    // The first of each is slower: files and programs are read for the first time.
    support::process::run(&mut site.next_week(articles));
    sink.by_source(readers / 4, size, connections);

    let (mut ratios, mut work) = (Vec::new(), Vec::new());
    for pair in 0..pairs {
        let mut pass = site.next_week(articles);
        let (ours, theirs) = if pair % 2 == 0 {
            let ours = support::process::run(&mut pass);
            (ours, sink.by_source(readers, size, connections))
        } else {
            let theirs = sink.by_source(readers, size, connections);
            (support::process::run(&mut pass), theirs)
        };
        ratios.push(theirs.seconds / ours.seconds);
        work.push(ours.cpu / readers as f64 * 1e6);
        println!(
            "ours {:.2} s ({:.2} s of processor, {:.0} MB), smtp-source {:.2} s ({:.2} s of processor): {:.3}; load {}",
            ours.seconds,
            ours.cpu,
            ours.memory,
            theirs.seconds,
            theirs.cpu,
            theirs.seconds / ours.seconds,
            load()
        );
    }
    println!("processor time a mail, in µs: {}", spread(&work));
    println!("smtp-source's time over ours: {}", spread(&ratios));
    let ratio = median(&ratios);
    end(&[judge(
        "speed over smtp-source -d",
        ratio,
        "at least 0.8",
        ratio >= BAR,
    )]);
}
