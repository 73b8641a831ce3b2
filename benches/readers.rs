//! How long many readers take: brought in from a list, then an edition planned and filled for them; and
//! how long others wait for the store meanwhile. Nothing is sent.
//!
//! `cargo bench --bench readers -- [READERS] [STORE]`: 100,000 unless said otherwise, on SQLite in a
//! temporary folder unless the URL of an empty PostgreSQL database is given.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tidings::app::{Site, editions, intake, subscribers};
use tidings::clock::{Clock, from_seconds};
use tidings::config::Config;
use tidings::sql;

/// 2026-11-23T06:00:00Z
const NOW: i64 = 1_795_413_600;

#[tokio::main]
async fn main() {
    // Cargo adds options of its own.
    let mut arguments = std::env::args().skip(1).filter(|given| !given.starts_with("--"));
    let readers: usize = arguments.next().map_or(100_000, |count| count.parse().unwrap());
    let store = arguments.next().unwrap_or("sqlite:data/tidings.db".to_owned());
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path(), &store).await;
    intake::run(&site, from_seconds(NOW)).await.unwrap();
    brought_in(&site, folder.path(), readers).await;
    let waited = fill(site, readers).await;
    println!("the longest that another write took meanwhile: {waited:?}");
}

/// A site of one article and one digest.
async fn site(folder: &Path, store: &str) -> Site {
    let text = format!(
        "[site]\ntitle = \"Tides\"\nurl = \"https://tides.example/\"\n\
         [store]\nurl = \"{store}\"\n\
         [sources.posts]\nkind = \"markdown\"\npath = \"articles\"\n\
         [digests.weekly]\ntitle = \"Weekly\"\nschedule = \"0 7 * * 1\"\nfrom = \"w@tides.example\"\n"
    );
    let config = Config::read(&folder.join("config.toml"), &text, &BTreeMap::new()).unwrap();
    for name in ["articles", "subscribers"] {
        std::fs::create_dir(folder.join(name)).unwrap();
    }
    std::fs::write(folder.join("articles/a.md"), "---\ntitle: A\n---\nA text.\n").unwrap();
    Site::open(config, Clock::System).await.unwrap().0
}

/// A list for the first time, once more as it was, and with one reader more.
async fn brought_in(site: &Site, folder: &Path, readers: usize) {
    let list: String = (1..=readers)
        .map(|n| format!("reader{n}@example.org,Reader {n},\n"))
        .collect();
    for (what, more) in [
        ("new", ""),
        ("unchanged", ""),
        ("one more", "new@example.org,,\n"),
    ] {
        let text = format!("email,name,digests\n{list}{more}");
        std::fs::write(folder.join("subscribers/all.csv"), text).unwrap();
        let began = Instant::now();
        let report = subscribers::run(site, from_seconds(NOW)).await.unwrap();
        println!("a list, {what}: {:?}, {} added", began.elapsed(), report.added);
    }
}

/// Plans and fills an edition for all; how long another write took at most while that was done.
async fn fill(site: Site, readers: usize) -> Duration {
    let is_over = AtomicBool::new(false);
    let began = Instant::now();
    let filled = async {
        let render = |_: &editions::Facts<'_>, _: &[_], _: &[_], _: &str| Ok("{}".to_owned());
        let (filled, _more) = tokio::sync::watch::channel(());
        let report =
            editions::plan_and_fill(&site, from_seconds(NOW), Some("weekly"), &render, &filled).await;
        let took = began.elapsed();
        is_over.store(true, Ordering::Relaxed);
        let recipients = report.unwrap().editions[0].recipients;
        assert_eq!(recipients, i64::try_from(readers).unwrap() + 1);
        println!("an edition for {recipients}: {took:?}");
    };
    let (_, waited) = tokio::join!(filled, longest_write(&site, &is_over));
    waited
}

/// Writes a little all the time.
async fn longest_write(site: &Site, is_over: &AtomicBool) -> Duration {
    let mut longest = Duration::ZERO;
    while !is_over.load(Ordering::Relaxed) {
        let began = Instant::now();
        let write = sql!(
            "INSERT INTO facts (name, value) VALUES ('measured', $1)
             ON CONFLICT (name) DO UPDATE SET value = $1"
        );
        site.store.write(write).bind("x").run().await.unwrap();
        longest = longest.max(began.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    longest
}
