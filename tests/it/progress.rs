//! A pass under way, as whoever waits for it sees it: bars on a terminal, lines elsewhere, and
//! `editions show` from beside.

use crate::site::{Run, Site};
use crate::smtp_server::{Fault, Script, SmtpServer, What};
use serde_json::Value;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const READERS: usize = 40;

/// A server that takes its time, and a site with readers to send to.
async fn slow(delay: u64, fault: Option<Fault>) -> (SmtpServer, Site) {
    let server = SmtpServer::start(Script {
        delay: Duration::from_millis(delay),
        fault,
        every: 4,
        ..Script::default()
    })
    .await;
    let site = Site::new().with(&format!(
        "[smtp]\nurl = \"smtp://127.0.0.1:{}\"\nconnections = 1",
        server.port
    ));
    let lines: String = (1..=READERS)
        .map(|n| format!("reader{n}@example.com\n"))
        .collect();
    site.readers(&format!("email\n{lines}"));
    (server, site)
}

async fn run_of(mut command: Command) -> Run {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    Run {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The program with a terminal of its own, which `script` makes.
fn on_a_terminal(site: &Site, arguments: &str) -> Command {
    let mut command = Command::new("script");
    let program = env!("CARGO_BIN_EXE_tidings");
    command
        .args(["-qec", &format!("{program} {arguments}"), "/dev/null"])
        .current_dir(site.path(""))
        .env("TERM", "xterm")
        .stdin(Stdio::null());
    command.env_remove("RUST_LOG");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_sees_bars() {
    let (_server, site) = slow(20, None).await;
    let run = run_of(on_a_terminal(&site, "publish --now weekly -v")).await;
    assert_eq!(run.status, 0, "{run:?}");
    for part in [
        "Sources   [==============================] 1 of 1",
        "Mail      [",
        "of 40, ",
        "a second, ",
        "left",
        "40 sent",
        "pass ended",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    let (_server, site) = slow(20, None).await;
    let run = run_of(on_a_terminal(&site, "publish --now weekly -q")).await;
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn elsewhere_a_line_is_written_now_and_then() {
    let (_server, site) = slow(130, None).await;
    let began = Instant::now();
    let run = run_of(site.command(&["publish", "--now", "weekly"])).await;
    assert_eq!(run.status, 0, "{run:?}");
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert!(!lines.is_empty(), "{:?}: {run:?}", began.elapsed());
    assert!(lines.len() as u64 <= began.elapsed().as_secs() / 5, "{run:?}");
    for line in lines {
        assert!(line.starts_with("tidings: sources 1 of 1, mails "), "{line}");
        assert!(line.contains(" of 40, ") && line.ends_with(" left"), "{line}");
    }
    assert!(run.stdout.contains("40 sent"), "{run:?}");
}

fn shown(site: &Site) -> Option<Value> {
    let run = site.run(&["editions", "show", "weekly/now/1", "--json"]);
    (run.status == 0).then(|| run.json()["editions"][0].clone())
}

/// Asks until the answer is as wished.
async fn wait_for(site: &Site, child: &mut Child, wished: impl Fn(&Value) -> bool) -> Value {
    loop {
        if let Some(edition) = shown(site)
            && wished(&edition["progress"])
        {
            return edition;
        }
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "the pass is over: {:#?}", shown(site));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_is_seen_from_beside_while_it_is_sent() {
    let what = What::Say("451 4.2.0 reader7@example.com: mailbox busy, try later");
    let (_server, site) = slow(40, Some(Fault { step: "rcpt", what })).await;
    let mut child = site.start(&["publish", "--now", "weekly"]);
    let edition = wait_for(&site, &mut child, |progress| {
        progress["mails_per_minute"].as_i64() > Some(0)
            && progress["in_flight"].as_i64() > Some(0)
            && progress["deferred"][0]["mails"].as_i64() > Some(1)
    })
    .await;
    let (counts, progress) = (&edition["counts"], &edition["progress"]);
    let number = |value: &Value| value.as_i64().unwrap();
    assert!(
        number(&progress["in_flight"]) <= number(&counts["queued"]),
        "{edition:#}"
    );
    assert!(number(&progress["seconds_left"]) > 0, "{edition:#}");
    assert!(progress["next_try"].is_string(), "{edition:#}");
    assert_eq!(progress["deferred"].as_array().unwrap().len(), 1, "{edition:#}");
    assert_eq!(progress["failed"], serde_json::json!([]));
    let reason = progress["deferred"][0]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("451 4.2.0 r…@example.com: mailbox busy"),
        "{reason}"
    );
    let for_people = site.run(&["editions", "show", "weekly/now/1"]).stdout;
    for part in [
        " a minute, ",
        " in flight",
        " deferred: 451 4.2.0",
        "tried again from",
    ] {
        assert!(for_people.contains(part), "{part}: {for_people}");
    }
    child.wait().unwrap();
    let edition = shown(&site).unwrap();
    assert_eq!(edition["counts"]["sent"], 30, "{edition:#}");
    assert_eq!(edition["counts"]["deferred"], 10, "{edition:#}");
    assert_eq!(edition["progress"]["in_flight"], 0, "{edition:#}");
    assert_eq!(edition["progress"]["seconds_left"], Value::Null, "{edition:#}");
}
