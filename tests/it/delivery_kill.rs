//! Killed at any point of an edition and run again: everybody has it, and what anybody has twice was in
//! doubt.

use crate::site::{NOW, Site};
use crate::smtp_server::{Script, SmtpServer, copies};
use serde_json::json;
use std::process::Child;
use std::time::Duration;
use tidings::config::values::StoreUrl;
use tidings::sql;
use tidings::store::Store;

const READERS: i64 = 2000;
const KILLS: usize = 20;
const CONNECTIONS: usize = 10;

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
    let counts = copies(&server);
    let extra: usize = counts.values().map(|copies| copies - 1).sum();
    let (doubts, attempts) = doubts_and_attempts(&site).await;
    println!("{extra} extra copies, {doubts} in doubt, {attempts} attempts");
    assert_eq!(counts.len() as i64, READERS);
    assert!(extra <= KILLS * CONNECTIONS, "{extra} extra copies");
    assert!(extra as i64 <= doubts, "{extra} extra copies, {doubts} in doubt");
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

/// What the store says of all deliveries.
async fn doubts_and_attempts(site: &Site) -> (i64, i64) {
    let url = StoreUrl::Sqlite(site.path("data/tidings.db"));
    let store = Store::open(&url).await.unwrap();
    let sums = sql!("SELECT CAST(sum(doubts) AS BIGINT), CAST(sum(attempts) AS BIGINT) FROM deliveries");
    store.read(sums).one().await.unwrap()
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
