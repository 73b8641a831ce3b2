//! Killed at any point of an edition and run again: everybody has it, and what anybody has twice was in
//! doubt.

use crate::post_office::{PostOffice, Setup};
use crate::site::{NOW, Site};
use crate::smtp_server::{Script, SmtpServer};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tidings::clock::Clock;
use tidings::sql;

const READERS: i64 = 2000;
const KILLS: usize = 20;
/// As `setup` has it.
const CONNECTIONS: usize = 10;

/// Says to the process that is killed where its store is and where its mail goes: `FOLDER:PORT`.
const CHILD: &str = "TIDINGS_TEST_DELIVERS";

fn setup(port: u16) -> Setup {
    Setup {
        smtp: "connections = 10
timeout = \"10s\"",
        clock: Clock::System,
        ..Setup::to(port)
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the process that `twenty_kills_lose_nobody` starts and kills"]
async fn delivers_until_killed() {
    let Ok(place) = std::env::var(CHILD) else { return };
    let (folder, port) = place.rsplit_once(':').unwrap();
    let office = PostOffice::open_in(Path::new(folder), setup(port.parse().unwrap())).await;
    office.pass_at(Clock::System.now()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_lose_nobody() {
    let server = SmtpServer::start(slow()).await;
    let office = PostOffice::open(setup(server.port)).await;
    office.seed(READERS).await;
    office
        .site
        .store
        .write(sql!("UPDATE deliveries SET next_try = 1"))
        .run()
        .await
        .unwrap();
    let start = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "delivery_kill::delivers_until_killed", "--ignored"])
            .env(CHILD, format!("{}:{}", office.folder.display(), server.port))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    kill_often(&server, start).await;
    let counts = reader_copies(&server);
    let extra: usize = counts.values().map(|copies| copies - 1).sum();
    let (doubts, attempts) = office
        .site
        .store
        .read(sql!(
            "SELECT CAST(sum(doubts) AS BIGINT), CAST(sum(attempts) AS BIGINT) FROM deliveries"
        ))
        .one::<(i64, i64)>()
        .await
        .unwrap();
    println!("{extra} extra copies, {doubts} in doubt, {attempts} attempts");
    assert_eq!(counts.len() as i64, READERS);
    assert!(extra <= KILLS * CONNECTIONS, "{extra} extra copies");
    assert!(extra as i64 <= doubts, "{extra} extra copies, {doubts} in doubt");
    assert_eq!(
        office.states().await,
        BTreeMap::from([("sent".to_owned(), READERS)])
    );
}

/// The same with the program itself, from the articles on.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_of_a_pass_lose_nobody() {
    let server = SmtpServer::start(slow()).await;
    let site = Site::new().with(&format!(
        "[smtp]\nurl = \"smtp://127.0.0.1:{}\"\nconnections = {CONNECTIONS}\n",
        server.port
    ));
    let readers: String = (1..=READERS)
        .map(|n| format!("reader{n}@example.com,Reader {n}\n"))
        .collect();
    site.readers(&format!("email,name\n{readers}"));
    kill_often(&server, || {
        site.start(&["publish", "--now", "weekly", "--at", NOW])
    })
    .await;
    let counts = reader_copies(&server);
    let extra: usize = counts.values().map(|copies| copies - 1).sum();
    println!("{extra} extra copies");
    assert_eq!(counts.len() as i64, READERS);
    assert!(extra <= KILLS * CONNECTIONS, "{extra} extra copies");
    let listed = site.ask(&["deliveries", "list"]);
    let listed = listed["deliveries"].as_array().unwrap();
    assert_eq!(listed.len() as i64, READERS);
    assert!(listed.iter().all(|delivery| delivery["state"] == "sent"));
    assert_eq!(
        site.ask(&["editions", "list"])["editions"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let last = site.publish(&["--now", "weekly"]);
    assert_eq!(
        (&last["deliveries"]["sent"], &last["editions"]),
        (&json!(0), &json!([]))
    );
}

/// So slow that there is time to kill in.
fn slow() -> Script {
    Script {
        delay: Duration::from_millis(4),
        ..Script::default()
    }
}

/// Starts a process, kills it after a random number of mails or milliseconds, twenty times; then lets
/// it come to its end.
async fn kill_often(server: &SmtpServer, start: impl Fn() -> Child) {
    let seed = std::env::var("TIDINGS_TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let mut random = Random(seed.unwrap_or_else(|| u64::from(std::process::id()) * 7919 + 1));
    println!("TIDINGS_TEST_SEED={}", random.0);
    let share = READERS as usize / KILLS;
    for kill in 0..KILLS {
        let before = server.count();
        assert!(before < READERS as usize, "nothing is left to kill");
        let mut child = start();
        // Every fifth dies early, perhaps before its first mail; the others in the midst of it.
        let early = kill % 5 == 4;
        let target = before
            + if early {
                0
            } else {
                1 + random.below(share as u64 * 9 / 10) as usize
            };
        let bound = std::time::Instant::now() + Duration::from_secs(20);
        while server.count() < target && std::time::Instant::now() < bound {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        let longest = if early { 60_000 } else { 3_000 };
        tokio::time::sleep(Duration::from_micros(random.below(longest))).await;
        child.kill().unwrap();
        child.wait().unwrap();
        println!("kill {kill} after {} mails", server.count() - before);
    }
    for _ in 0..2 {
        assert!(start().wait().unwrap().success());
    }
}

fn reader_copies(server: &SmtpServer) -> BTreeMap<String, usize> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for taken in server.taken() {
        ids.entry(taken.to).or_default().push(taken.message_id);
    }
    for (reader, ids) in &ids {
        assert!(
            !ids[0].is_empty() && ids.iter().all(|id| *id == ids[0]),
            "{reader} {ids:?}"
        );
    }
    ids.into_iter().map(|(reader, ids)| (reader, ids.len())).collect()
}

/// xorshift64: the same kills for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound.max(1)
    }
}
