//! The database is away, locked, full, or takes no writes, in the midst of a pass. For a while: nobody
//! notices. For longer than `delivery.lease`: the pass ends and says why, and the next one carries on.

use super::proxy::Proxy;
use super::{Ground, PUBLISH, ended};
use crate::database::Database;
use crate::site::Run;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const READERS: usize = 400;
/// `smtp.connections`, as it is where nothing is said.
const CONNECTIONS: usize = 8;
const IMPATIENT: &str = "[delivery]\nlease = \"3s\"\n";

/// A ground on PostgreSQL with a way between that can be cut.
async fn with_a_way_between(more: &str, readers: usize) -> Option<(Ground, Proxy)> {
    let database = Database::new().await?;
    let proxy = Proxy::to(&database.url()).await;
    let url = proxy.url(&database.url());
    Some((Ground::new(Some(database), Some(url), readers, more).await, proxy))
}

/// It ends with status 1, and says that it is the store.
fn names_the_store(run: &Run) {
    assert_eq!(run.status, 1, "{run:?}");
    assert_eq!(run.codes(), ["store"], "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_gone_for_ten_seconds_leaves_nothing_in_doubt() {
    let Some((ground, proxy)) = with_a_way_between("", READERS).await else {
        return;
    };
    let pass = ground.publish();
    ground.mails(60).await;
    proxy.cut();
    let before = ground.server.count();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let meanwhile = ground.server.count() - before;
    assert!(
        meanwhile <= 2 * CONNECTIONS,
        "{meanwhile} final dots without a commit"
    );
    proxy.mend();
    let run = ended(pass).await;
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(run.json()["deliveries"]["sent"], READERS, "{run:?}");
    assert_eq!(ground.doubts().await, 0);
    ground.all_is_well(READERS, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stays_away_ends_the_pass_and_the_next_carries_on() {
    let Some((ground, proxy)) = with_a_way_between(IMPATIENT, READERS).await else {
        return;
    };
    let pass = ground.publish();
    ground.mails(60).await;
    proxy.cut();
    names_the_store(&ended(pass).await);
    names_the_store(&ended(ground.publish()).await);
    proxy.mend();
    let run = ended(ground.publish()).await;
    assert_eq!(run.status, 0, "{run:?}");
    ground.all_is_well(READERS, CONNECTIONS).await;
}

/// What was committed, and was not known to be: outcomes are not counted twice, and claims that nobody
/// heard of do not stay with a worker that lives.
#[tokio::test(flavor = "multi_thread")]
async fn answers_of_the_database_that_are_lost_do_no_harm() {
    // So many that claims are under way all the time.
    const READERS: usize = 2000;
    let Some((ground, proxy)) = with_a_way_between("", READERS).await else {
        return;
    };
    let pass = ground.publish();
    for part in 1..10 {
        ground.mails(part * READERS / 20).await;
        proxy.deafen_at_commit().await;
        proxy.cut();
        tokio::time::sleep(Duration::from_millis(50)).await;
        proxy.mend();
    }
    let run = ended(pass).await;
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(ground.doubts().await, 0);
    ground.all_is_well(READERS, 0).await;
}

/// A server that is restarted, twice in a second: what is under way is begun again.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_the_database_ends_are_made_again() {
    let Some(database) = Database::new().await else {
        return;
    };
    let ground = Ground::new(Some(database), None, READERS, "").await;
    let pass = ground.publish();
    for part in 1..=6 {
        ground.mails(part * READERS / 8).await;
        end_connections(&ground).await;
    }
    let run = ended(pass).await;
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(ground.doubts().await, 0);
    ground.all_is_well(READERS, 0).await;
}

/// As after a fail-over to a standby, or with a full disk: it is there, and takes no writes.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_takes_no_writes_for_a_while_is_waited_for() {
    let Some(database) = Database::new().await else {
        return;
    };
    let ground = Ground::new(Some(database.clone()), None, READERS, "").await;
    let pass = ground.publish();
    ground.mails(60).await;
    for read_only in ["on", "off"] {
        database
            .execute(&format!(
                "ALTER DATABASE {} SET default_transaction_read_only = {read_only}",
                database.name()
            ))
            .await;
        end_connections(&ground).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let run = ended(pass).await;
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(ground.doubts().await, 0);
    ground.all_is_well(READERS, 0).await;
}

async fn end_connections(ground: &Ground) {
    let database = ground.database.as_ref().unwrap();
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
        database.name()
    );
    database.execute(&end).await;
}

/// Somebody else writes for as long as this lives.
async fn locked(ground: &Ground) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(ground.site.path("data/tidings.db"));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut connection)
        .await
        .unwrap();
    connection
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_somebody_else_writes_for_seconds_is_waited_for() {
    let ground = Ground::new(None, None, READERS, "").await;
    let pass = ground.publish();
    ground.mails(60).await;
    let lock = locked(&ground).await;
    let before = ground.server.count();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(ground.server.count() - before <= 2 * CONNECTIONS);
    drop(lock);
    let run = ended(pass).await;
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(ground.doubts().await, 0);
    ground.all_is_well(READERS, 0).await;
}

/// SQLite itself waits half a minute for somebody else's lock.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stays_locked_ends_the_pass_and_the_next_carries_on() {
    let ground = Ground::new(None, None, READERS, IMPATIENT).await;
    let pass = ground.publish();
    ground.mails(60).await;
    let lock = locked(&ground).await;
    names_the_store(&ended(pass).await);
    drop(lock);
    let run = ended(ground.publish()).await;
    assert_eq!(run.status, 0, "{run:?}");
    ground.all_is_well(READERS, CONNECTIONS).await;
}

/// For a while, and for good. No file may grow beyond what it is: to SQLite that is a disk without room.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_waited_for_and_ends_the_pass_in_the_end() {
    let ground = Ground::new(None, None, READERS, IMPATIENT).await;
    let pass = publish_where_a_limit_is_no_signal(&ground);
    ground.mails(60).await;
    limit_files(&pass, "8192:unlimited");
    let before = ground.server.count();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(ground.server.count() - before <= 2 * CONNECTIONS);
    limit_files(&pass, "unlimited:unlimited");
    ground.mails(READERS / 2).await;
    assert_eq!(ground.doubts().await, 0);
    limit_files(&pass, "8192:unlimited");
    names_the_store(&ended(pass).await);
    let run = ended(ground.publish()).await;
    assert_eq!(run.status, 0, "{run:?}");
    ground.all_is_well(READERS, CONNECTIONS).await;
}

/// The signal for a file that is too large ends a process, unless it is ignored.
fn publish_where_a_limit_is_no_signal(ground: &Ground) -> Child {
    let program = env!("CARGO_BIN_EXE_tidings");
    let mut bash = Command::new("bash");
    bash.current_dir(ground.site.path("."))
        .args(["-c", &format!("trap '' XFSZ; exec {program} \"$@\""), "tidings"])
        .args(PUBLISH)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    bash.spawn().unwrap()
}

/// As `SOFT:HARD`, in bytes.
fn limit_files(process: &Child, limits: &str) {
    let mut prlimit = Command::new("prlimit");
    prlimit.args(["--pid", &process.id().to_string(), &format!("--fsize={limits}")]);
    assert!(prlimit.status().unwrap().success());
}
