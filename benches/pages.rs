//! How fast pages become articles, beside the library that finds their bodies: `sources::read_bytes` on
//! each page of a folder, from its bytes to the finished article, and `dom_smoothie` alone on the same
//! pages, decoded beforehand, in its formatted text mode. Then ours on two threads.
//!
//! `cargo bench --bench pages -- [--corpus ../shared/corpus/pages] [--rounds 3] [--pairs 7]`
//!
//! The corpus is a folder with `html/*.html.gz` or `html/*.html`. Where there is none, nothing is measured.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

mod support;

use dom_smoothie::{Config, Readability, TextMode};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use support::{end, judge, load, median, option, spread};
use tidings::config::{Site, SourceKind};
use tidings::sources;

/// Our throughput over the library's, each on one thread.
const ONE: f64 = 0.7;
/// Our throughput on two threads over the library's on one.
const TWO: f64 = 1.0;

/// A page as it was saved, and decoded for the library.
struct Page {
    name: String,
    bytes: Vec<u8>,
    text: String,
}

fn main() {
    let corpus: PathBuf = option("corpus", PathBuf::from("../shared/corpus/pages"));
    let rounds: usize = option("rounds", 3);
    let pairs: usize = option("pairs", 7);
    let pages = unpack(&corpus.join("html"));
    if pages.is_empty() {
        println!("not measured: no pages in {}", corpus.display());
        return;
    }
    let bytes: usize = pages.iter().map(|page| page.text.len()).sum();
    let volume = (bytes * rounds) as f64 / 1e6;
    println!(
        "{} pages, {:.1} MB, {rounds} rounds",
        pages.len(),
        bytes as f64 / 1e6
    );
    // The first of each is slower.
    seconds(1, || pages.iter().for_each(ours));
    seconds(1, || pages.iter().for_each(library));

    let (mut one, mut two) = (Vec::new(), Vec::new());
    for pair in 0..pairs {
        let mine = || seconds(rounds, || pages.iter().for_each(ours));
        let theirs = || seconds(rounds, || pages.iter().for_each(library));
        let (mine, theirs) = if pair % 2 == 0 {
            let mine = mine();
            (mine, theirs())
        } else {
            let theirs = theirs();
            (mine(), theirs)
        };
        let both = seconds(rounds, || together(&pages));
        one.push(theirs / mine);
        two.push(theirs / both);
        println!(
            "ours {:.1} MB/s, dom_smoothie {:.1} MB/s: {:.3}; ours on two threads {:.1} MB/s: {:.3}; load {}",
            volume / mine,
            volume / theirs,
            theirs / mine,
            volume / both,
            theirs / both,
            load()
        );
    }
    println!("throughput over the library's: {}", spread(&one));
    println!("on two threads over the library's on one: {}", spread(&two));
    let (one, two) = (median(&one), median(&two));
    end(&[
        judge("throughput over the library's", one, "at least 0.7", one >= ONE),
        judge(
            "on two threads over the library's on one",
            two,
            "more than 1",
            two > TWO,
        ),
    ]);
}

/// The pages of a folder, unpacked; none where there is no such folder.
fn unpack(folder: &Path) -> Vec<Page> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let unpacked = files.iter().map(|file| {
        let bytes = if file.extension().is_some_and(|extension| extension == "gz") {
            Command::new("gzip").arg("-dc").arg(file).output().unwrap().stdout
        } else {
            std::fs::read(file).unwrap()
        };
        Page {
            name: file.file_stem().unwrap().to_string_lossy().into_owned(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
        }
    });
    unpacked.collect()
}

fn ours(page: &Page) {
    let scan = sources::read_bytes(
        &page.bytes,
        &page.name,
        page.name.as_ref(),
        SourceKind::Pages,
        &site(),
        None,
    );
    assert_eq!(black_box(scan).articles.len(), 1, "{}", page.name);
}

fn library(page: &Page) {
    let config = Config {
        text_mode: TextMode::Formatted,
        ..Config::default()
    };
    let parsed = Readability::new(page.text.as_str(), None, Some(config)).and_then(|mut page| page.parse());
    let _ = black_box(parsed);
}

/// Each page once, on two threads.
fn together(pages: &[Page]) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        while let Some(page) = pages.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            ours(page);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
}

fn seconds(rounds: usize, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..rounds {
        work();
    }
    start.elapsed().as_secs_f64()
}

fn site() -> Site {
    Site {
        url: url::Url::parse("https://example.org/").unwrap(),
        ..Site::nowhere().unwrap()
    }
}
