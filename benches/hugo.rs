//! How fast many articles become feeds, beside Hugo: the program's first pass over a folder of Markdown,
//! into a durable store and to all feeds in three formats, and Hugo's build of the same feeds in RSS
//! alone, with `_build.render = "never"` and `list = "always"` for every page. Then a pass after which
//! one article was edited.
//!
//! Hugo renders only what a feed shows; we take in every article, whole.
//!
//! `cargo bench --bench hugo -- [--articles 10000] [--pairs 5] [--edits 5]`
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

mod support;

use std::process::{Command, Stdio};
use support::magazine::{AUTHORS, CATEGORIES, ITEMS, Magazine};
use support::process::{Used, run};
use support::{end, judge, load, median, option, spread};

/// Our time over Hugo's.
const TIME: f64 = 0.8;
/// Our memory over Hugo's.
const MEMORY: f64 = 0.5;
/// The pass after one edit over the first one.
const EDITED: f64 = 0.1;

fn main() {
    let articles: usize = option("articles", 10_000);
    let pairs: usize = option("pairs", 5);
    let edits: usize = option("edits", 5);
    let mut magazine = Magazine::new(articles);
    let with_hugo = has_hugo();
    // Once for the caches of both.
    run(&mut magazine.pass());
    let (mut times, mut memory, mut cold) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..pairs {
        let mut used = [None, None];
        for turn in [pair % 2, 1 - pair % 2] {
            magazine.forget();
            match turn {
                0 => used[0] = Some(run(&mut magazine.pass())),
                _ if with_hugo => used[1] = Some(run(&mut magazine.hugo())),
                _ => {}
            }
        }
        let [Some(ours), theirs] = used else { continue };
        tell("ours", ours);
        cold.push(ours.seconds);
        if let Some(theirs) = theirs {
            tell("Hugo", theirs);
            times.push(ours.seconds / theirs.seconds);
            memory.push(ours.memory / theirs.memory);
        }
    }
    let mut bars = Vec::new();
    if with_hugo {
        bars.push(same_items(&magazine));
        println!("time, ours / Hugo's: {}", spread(&times));
        println!("memory, ours / Hugo's: {}", spread(&memory));
        let (time, memory) = (median(&times), median(&memory));
        bars.push(judge("time beside Hugo", time, "at most 0.8", time <= TIME));
        bars.push(judge(
            "memory beside Hugo",
            memory,
            "at most 0.5",
            memory <= MEMORY,
        ));
    } else {
        println!("beside Hugo: not measured, there is no `hugo` here");
    }
    bars.push(edited(&mut magazine, edits, median(&cold)));
    end(&bars)
}

fn has_hugo() -> bool {
    let mut version = Command::new("hugo");
    version.arg("version").stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

fn tell(who: &str, used: Used) {
    println!(
        "{who}: {:.2} s ({:.2} s of processor), {:.0} MB; load {}",
        used.seconds,
        used.cpu,
        used.memory,
        load()
    );
}

/// Whether both made the same feeds with as many items each.
fn same_items(magazine: &Magazine) -> bool {
    magazine.forget();
    run(&mut magazine.pass());
    run(&mut magazine.hugo());
    let ours = magazine.items("feeds", "rss.xml");
    let theirs = magazine.items("public", "index.xml");
    for (feed, items) in &ours {
        println!("{items} items in {feed:?}");
    }
    let whole = ours.len() == 1 + CATEGORIES + AUTHORS && ours.iter().all(|(_, items)| *items == ITEMS);
    if ours != theirs {
        println!("Hugo's: {theirs:?}");
    }
    let same = ours == theirs && whole;
    judge(
        "feeds with the same number of items",
        ours.len() as f64,
        "28",
        same,
    )
}

/// Passes that each find one article edited.
fn edited(magazine: &mut Magazine, edits: usize, cold: f64) -> bool {
    let mut shares = Vec::new();
    for _ in 0..edits {
        magazine.edit();
        let used = run(&mut magazine.pass());
        tell("after one edit", used);
        shares.push(used.seconds / cold);
    }
    println!("one edit, over the first pass: {}", spread(&shares));
    let share = median(&shares);
    judge("after one edit", share, "less than 0.1", share < EDITED)
}
