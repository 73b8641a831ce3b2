//! What happens to a service while it runs: its database goes away, the clock is set, and another service
//! is started at the same moment.

use super::proxy::Proxy;
use super::{Ground, everywhere};
use crate::database::Database;
use crate::service::running::{Service, Starting, until};
use crate::site::Site;
use crate::smtp_server::{SmtpServer, copies};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tidings::clock::Clock;

const WEEKLY: &str = "schedule = \"0 7 * * 1\"";
const EVERY_SECOND: &str = "schedule = \"* * * * * *\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_gone_for_ten_seconds_ends_no_service_and_leaves_nothing_in_doubt() {
    const READERS: usize = 1000;
    let Some(database) = Database::new().await else {
        return;
    };
    let proxy = Proxy::to(&database.url()).await;
    let url = proxy.url(&database.url());
    let mut ground = Ground::new(Some(database), Some(url), READERS, "").await;
    ground.site = ground.site.replacing(WEEKLY, EVERY_SECOND);
    let service = Service::start(&ground.site);
    ground.mails(100).await;
    proxy.cut();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(ground.server.count() < READERS);
    proxy.mend();
    until("the rest of the mails", || {
        copies(&ground.server).len() == READERS
    })
    .await;
    // And it goes on as ever.
    ground
        .site
        .article("third.md", "Third tide", "2026-11-22", "The third one.");
    until("the next edition", || ground.server.count() == 2 * READERS).await;
    assert_eq!(ground.doubts().await, 0);
    let ended = service.stop();
    assert_eq!(ended.status, Some(0), "{}", ended.log);
    assert_eq!(ground.states().await["sent"], 2 * i64::try_from(READERS).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_at_once_fifty_times_make_one_edition_on_sqlite() {
    fifty_times(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_at_once_fifty_times_make_one_edition_on_postgresql() {
    if let Some(database) = Database::new().await {
        fifty_times(Some(database)).await;
    }
}

/// A slot each second, and something new each time the two are started.
async fn fifty_times(database: Option<Database>) {
    const ROUNDS: usize = 50;
    let server = SmtpServer::start(super::slow()).await;
    let store = database
        .as_ref()
        .map_or(String::new(), |d| format!("[store]\nurl = \"{}\"\n", d.url()));
    let smtp = format!("[smtp]\nurl = \"smtp://127.0.0.1:{}\"\n", server.port);
    let site = Site::new()
        .replacing(WEEKLY, EVERY_SECOND)
        .with(&format!("{store}{smtp}"));
    site.readers("email\nann@example.com\nbo@example.org\ncy@example.net\n");
    for round in 1..=ROUNDS {
        let body = format!("What came in round {round}, and {}.", round * 7919 % 1009);
        site.article(
            &format!("round{round}.md"),
            &format!("Round {round}"),
            "2026-11-22",
            &body,
        );
        let two = [Service::start_soon(&site), Service::start_soon(&site)].map(Starting::ready);
        until("the mails", || server.count() >= 3 * round).await;
        for service in two {
            let ended = service.stop();
            assert_eq!(ended.status, Some(0), "{round}: {}", ended.log);
        }
        assert_eq!(server.count(), 3 * round, "round {round}");
    }
    let taken = server.taken();
    let ids: BTreeSet<&String> = taken.iter().map(|mail| &mail.message_id).collect();
    assert_eq!(ids.len(), 3 * ROUNDS);
    let editions = site.ask(&["editions", "list", "--limit", "10000"]);
    let editions = editions["editions"].as_array().unwrap();
    let slots: BTreeSet<&str> = editions.iter().map(|e| e["slot"].as_str().unwrap()).collect();
    assert_eq!(slots.len(), editions.len(), "two editions of one slot");
    assert_eq!(editions.iter().filter(|e| e["state"] == "done").count(), ROUNDS);
}

/// A wall clock that can be set while a process runs.
struct WallClock {
    library: String,
    file: PathBuf,
}

impl WallClock {
    /// `None`: there is no `faketime` here.
    fn new(folder: &Path) -> Option<WallClock> {
        let shown = Command::new("faketime")
            .args(["-m", "-f", "+0", "sh", "-c", "echo $LD_PRELOAD"])
            .output();
        let Ok(shown) = shown else {
            let is_strict = std::env::var("TIDINGS_TEST_STRICT").as_deref() == Ok("1");
            assert!(!is_strict, "faketime is missing");
            println!("left out: faketime is missing (Debian's package faketime)");
            return None;
        };
        let library = String::from_utf8(shown.stdout).unwrap().trim().to_owned();
        let file = folder.join("clock");
        Some(WallClock { library, file })
    }

    /// From now on it is that time, and goes on from there.
    fn set(&self, to: &str) {
        let to = chrono::DateTime::parse_from_rfc3339(to).unwrap().timestamp();
        let offset = to - Clock::System.now().timestamp();
        // Renamed, so that nobody reads half of it.
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, format!("{offset:+}\n")).unwrap();
        std::fs::rename(beside, &self.file).unwrap();
    }

    fn environment(&self) -> [(&str, &str); 4] {
        [
            ("LD_PRELOAD", self.library.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.to_str().unwrap()),
            ("FAKETIME_NO_CACHE", "1"),
            // Only the wall clock is wrong; time passes as ever.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ]
    }
}

/// Longer than a service needs to notice that the clock was set.
const NOTICED: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_while_the_service_runs_sends_nothing_twice() {
    for database in everywhere().await {
        let store = database
            .as_ref()
            .map_or(String::new(), |d| format!("[store]\nurl = \"{}\"\n", d.url()));
        let site = Site::new()
            .replacing(WEEKLY, "schedule = \"0 7 * * *\"")
            .with(&store);
        let Some(clock) = WallClock::new(&site.path(".")) else {
            return;
        };
        clock.set("2026-11-23T06:59:55Z");
        let service = Service::start_with(&site, &clock.environment());
        until("the first slot", || site.mails().len() == 1).await;
        // An hour back: the same slot comes a second time.
        site.article("third.md", "Third tide", "2026-11-22", "The third one.");
        clock.set("2026-11-23T06:00:05Z");
        tokio::time::sleep(NOTICED).await;
        clock.set("2026-11-23T06:59:57Z");
        tokio::time::sleep(NOTICED).await;
        assert_eq!(site.mails().len(), 1, "the slot was taken before");
        // A day forward, past a slot: it is caught up, once.
        clock.set("2026-11-24T07:30:00Z");
        until("the slot that was missed", || site.mails().len() == 2).await;
        // Back again, and through that slot once more.
        site.article("fourth.md", "Fourth tide", "2026-11-22", "The fourth one.");
        clock.set("2026-11-24T06:59:57Z");
        tokio::time::sleep(NOTICED).await;
        assert_eq!(site.mails().len(), 2);
        clock.set("2026-11-25T06:59:57Z");
        until("the next slot", || site.mails().len() == 3).await;
        let ended = service.stop();
        assert_eq!(ended.status, Some(0), "{}", ended.log);
        let editions = site.ask(&["editions", "list"]);
        let editions = editions["editions"].as_array().unwrap();
        let slots: Vec<&str> = editions.iter().map(|e| e["id"].as_str().unwrap()).collect();
        let mut slots = slots;
        slots.sort_unstable();
        assert_eq!(
            slots,
            [
                "weekly/2026-11-23T07:00Z",
                "weekly/2026-11-24T07:00Z",
                "weekly/2026-11-25T07:00Z"
            ]
        );
    }
}
