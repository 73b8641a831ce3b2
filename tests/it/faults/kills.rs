//! SIGKILL at eighty points of a pass that have names, one after another, with claims open: everybody has
//! the mail, what anybody has twice was in doubt, and there is one edition.

use super::proxy::Proxy;
use super::{Ground, ended, slow, until};
use crate::database::Database;
use crate::site::{NOW, Site};
use crate::smtp_server::Script;
use crate::trap::Trap;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tidings::sql;

const READERS: usize = 2500;
const CONNECTIONS: usize = 8;

/// Where transactions end: before the database has heard of it, and after, before the program has. The
/// first ones are those of opening, reading, planning and filling; then come claims and outcomes.
const COMMITS: [&str; 2] = ["commit", "committed"];
/// Where the mail server meets the program, in the order of a mail. `body`: all but the final dot is
/// there. `dot`: the dot came, and the mail is not taken. `taken`: it is, and the answer is not given.
const STEPS: [&str; 9] = [
    "greeting", "ehlo", "mail", "rcpt", "data", "body", "dot", "taken", "answered",
];

/// Eighty points: which, and at the how manieth time.
fn points() -> Vec<(&'static str, u32)> {
    let commits = (1..=8).flat_map(|nth| COMMITS.map(|point| (point, nth)));
    let steps = (1..=7).flat_map(|nth| STEPS.map(|point| (point, nth)));
    commits.chain(steps).chain([("taken", 50)]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn eighty_kills_on_postgresql_lose_nobody() {
    let Some(database) = Database::new().await else {
        return;
    };
    let trap = Trap::default();
    let proxy = Proxy::trapped(&database.url(), &trap).await;
    let url = proxy.url(&database.url());
    let ground = Ground::with(trapped(&trap), Some(database), Some(url), READERS, "").await;
    kill_at_all_points(&ground, &trap).await;
}

/// SQLite has no server between: its log says that a transaction is being written.
#[tokio::test(flavor = "multi_thread")]
async fn eighty_kills_on_sqlite_lose_nobody() {
    let trap = Trap::default();
    let ground = Ground::with(trapped(&trap), None, None, READERS, "").await;
    let log = ground.site.path("data/tidings.db-wal");
    let (watched, watching) = (trap.clone(), Arc::new(()));
    let is_watching = Arc::downgrade(&watching);
    let watch = std::thread::spawn(move || watch_log(&log, &watched, &is_watching));
    kill_at_all_points(&ground, &trap).await;
    drop(watching);
    watch.join().unwrap();
}

/// A store without articles is filled without the log: killed before anything stands in its place, and
/// when much of it does, it is empty as before, and the next pass fills it.
#[test]
fn a_first_pass_that_is_killed_leaves_an_empty_store() {
    const ARTICLES: usize = 1200;
    let site = Site::empty();
    let text = "The tide comes in and goes out again, and nobody asks it to. ".repeat(300);
    for n in 0..ARTICLES {
        site.article(&format!("{n}.md"), &format!("Tide {n}"), "2026-11-20", &text);
    }
    let journal = site.path("data/tidings.db-journal");
    let megabytes = || std::fs::metadata(site.path("data/tidings.db")).map_or(0, |meta| meta.len() >> 20);
    let mut is_filled = false;
    for least in [0, 8] {
        let mut pass = site.start(&["publish", "--at", NOW]);
        // SQLite makes the tables with a journal of this kind too.
        let bound = Instant::now() + Duration::from_secs(60);
        while !(site.path("data/secret").exists() && journal.exists() && megabytes() >= least) {
            assert!(Instant::now() < bound && pass.try_wait().unwrap().is_none());
            std::thread::sleep(Duration::from_micros(50));
        }
        pass.kill().unwrap();
        pass.wait().unwrap();
        // On a quick disk it may have come to its end before the signal came.
        is_filled |= !journal.exists();
        let articles = site.ask(&["articles", "list"]);
        assert_eq!(articles["articles"].as_array().unwrap().is_empty(), !is_filled);
        if is_filled {
            break;
        }
    }
    let report = site.publish(&[]);
    assert_eq!(report["sources"][0]["new"], if is_filled { 0 } else { ARTICLES });
    assert!(!journal.exists() && megabytes() >= 8);
}

fn trapped(trap: &Trap) -> Script {
    Script {
        trap: Some(trap.clone()),
        ..slow()
    }
}

async fn kill_at_all_points(ground: &Ground, trap: &Trap) {
    let points = points();
    assert_eq!(points.len(), 80);
    let mut killed = 0;
    for (point, nth) in points {
        let before = ground.server.count();
        trap.set(ground.publish_silently(), point, nth);
        until("the kill", || trap.ended().is_some()).await;
        killed += usize::from(trap.ended() == Some(true));
        println!("{point} {nth}: {} mails", ground.server.count() - before);
        end_leases(ground).await;
    }
    println!("{killed} kills");
    // A pass that comes to its end before the point is none; there are few of them.
    assert!(killed >= 76, "{killed} kills");
    let last = ended(ground.publish()).await;
    assert_eq!(last.status, 0, "{last:?}");
    ground.all_is_well(READERS, 80 * CONNECTIONS).await;
}

/// As if a minute had passed by the database's clock.
async fn end_leases(ground: &Ground) {
    if ground.database.is_some() {
        let end = sql!("UPDATE workers SET leased_until = 0");
        ground.store().await.write(end).run().await.unwrap();
    }
}

/// Each time the log has changed a transaction is being written: before or after it counts, as it falls.
fn watch_log(log: &Path, trap: &Trap, is_watching: &Weak<()>) {
    let state = || {
        std::fs::metadata(log)
            .ok()
            .map(|log| (log.len(), log.modified().unwrap()))
    };
    let mut last = state();
    while is_watching.strong_count() > 0 {
        let now = state();
        if now != last {
            last = now;
            for point in COMMITS {
                trap.at(point);
            }
        }
        std::thread::sleep(Duration::from_micros(50));
    }
}
