//! The machine's clock is set back an hour, and forward a day, between passes: nothing is sent twice, no
//! slot is taken twice, and those found late follow `catch_up`. The clock is really another one: the
//! program runs below `faketime`.

use super::everywhere;
use crate::database::Database;
use crate::site::{Run, Site};
use serde_json::{Value, json};
use std::process::Command;

/// Daily at seven, in UTC, as is all that follows.
fn site(database: Option<&Database>, catch_up: &str) -> Site {
    let store = database.map_or(String::new(), |database| {
        format!("[store]\nurl = \"{}\"\n", database.url())
    });
    let daily = format!("0 7 * * *\"\ncatch_up = \"{catch_up}");
    let site = Site::new().replacing("0 7 * * 1", &daily).with(&store);
    site.readers("email,name\nann@example.com,Ann\nbo@example.com,Bo\n");
    site
}

/// A pass while the machine's clock says so. `None`: there is no `faketime` here.
fn pass(site: &Site, clock: &str) -> Option<Run> {
    let mut faketime = Command::new("faketime");
    faketime
        .args(["-f", clock, env!("CARGO_BIN_EXE_tidings"), "--json", "publish"])
        .current_dir(site.path("."))
        .env("TZ", "UTC")
        // Only the wall clock is wrong; time passes as ever.
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let output = match faketime.output() {
        Ok(output) => output,
        Err(error) => {
            let is_strict = std::env::var("TIDINGS_TEST_STRICT").as_deref() == Ok("1");
            assert!(!is_strict, "faketime: {error}");
            println!("left out: faketime is missing (Debian's package faketime)");
            return None;
        }
    };
    let run = Run {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    assert_eq!(run.status, 0, "{clock}: {run:?}");
    Some(run)
}

/// The editions a pass made, and how many mails it sent.
fn made(run: &Run) -> (Vec<String>, u64) {
    let report = run.json();
    let editions = report["editions"].as_array().unwrap();
    let ids = editions
        .iter()
        .map(|edition| edition["id"].as_str().unwrap().to_owned());
    (ids.collect(), report["deliveries"]["sent"].as_u64().unwrap())
}

fn nothing() -> (Vec<String>, u64) {
    (Vec::new(), 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_an_hour_sends_nothing_twice() {
    for database in everywhere().await {
        let site = site(database.as_ref(), "once");
        let Some(first) = pass(&site, "2026-11-23 06:00:00") else {
            return;
        };
        assert_eq!(made(&first), nothing());
        let slot = vec!["weekly/2026-11-23T07:00Z".to_owned()];
        assert_eq!(made(&pass(&site, "2026-11-23 07:10:00").unwrap()), (slot, 2));
        // Set back before the slot, which then comes a second time.
        site.article("third.md", "Third time", "2026-11-22", "Something new.");
        for clock in [
            "2026-11-23 06:10:00",
            "2026-11-23 06:59:59",
            "2026-11-23 07:00:01",
            "2026-11-23 07:10:30",
        ] {
            assert_eq!(made(&pass(&site, clock).unwrap()), nothing(), "{clock}");
        }
        let next = vec!["weekly/2026-11-24T07:00Z".to_owned()];
        assert_eq!(made(&pass(&site, "2026-11-24 07:00:01").unwrap()), (next, 2));
        assert_eq!(site.mails().len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_forward_a_day_and_back_takes_no_slot_twice() {
    for database in everywhere().await {
        let site = site(database.as_ref(), "once");
        let Some(_) = pass(&site, "2026-11-23 06:00:00") else {
            return;
        };
        // A day ahead: the slot of that day is there, and it carries what there is.
        let ahead = vec!["weekly/2026-11-24T07:00Z".to_owned()];
        let forward = pass(&site, "2026-11-24 07:30:00").unwrap();
        assert_eq!(made(&forward), (ahead, 2));
        // The one that was jumped over is told, and not made up for.
        assert_eq!(skipped(&forward), ["2026-11-23T07:00:00Z"]);
        // Back to the right time: its slots have been, so nothing goes out until the next one.
        site.article("third.md", "Third time", "2026-11-22", "Something new.");
        for clock in [
            "2026-11-23 07:30:00",
            "2026-11-24 07:00:30",
            "2026-11-24 07:31:00",
        ] {
            assert_eq!(made(&pass(&site, clock).unwrap()), nothing(), "{clock}");
        }
        let next = vec!["weekly/2026-11-25T07:00Z".to_owned()];
        assert_eq!(made(&pass(&site, "2026-11-25 07:00:10").unwrap()), (next, 2));
        assert_eq!(site.mails().len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_forward_follows_catch_up() {
    for database in everywhere().await {
        let site = site(database.as_ref(), "skip");
        let Some(_) = pass(&site, "2026-11-23 06:00:00") else {
            return;
        };
        // Found more than an hour late: left out, its articles roll over.
        let late = pass(&site, "2026-11-24 09:30:00").unwrap();
        assert_eq!(made(&late).1, 0);
        assert_eq!(skipped(&late), ["2026-11-23T07:00:00Z", "2026-11-24T07:00:00Z"]);
        let next = pass(&site, "2026-11-25 07:00:10").unwrap();
        assert_eq!(made(&next).1, 2);
        assert_eq!(
            next.json()["editions"][0]["articles"].as_array().unwrap().len(),
            2
        );
    }
}

fn skipped(run: &Run) -> Vec<Value> {
    let report = run.json();
    let skipped = report["skipped"].as_array().unwrap();
    skipped
        .iter()
        .map(|slot| slot["slot"].clone())
        .collect::<Vec<_>>()
        .into_iter()
        .map(|slot| json!(slot))
        .collect()
}
