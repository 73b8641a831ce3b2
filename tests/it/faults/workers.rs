//! Two who send, one of them frozen (as by a debugger, a full machine or a paused container) for longer
//! than its lease, and then woken.

use super::{Ground, ended, until};
use crate::database::Database;
use crate::smtp_server::Script;
use std::process::{Child, Command};
use std::time::Duration;
use tidings::sql;
use tokio::sync::watch;

const READERS: usize = 300;
const CONNECTIONS: usize = 8;

/// A server that can keep its replies to itself: whoever sends waits then, and is doing nothing else
/// when it is frozen.
async fn with_a_gate(database: Option<Database>) -> (Ground, watch::Sender<bool>) {
    let (gate, is_open) = watch::channel(true);
    let script = Script {
        gate: Some(is_open),
        ..super::slow()
    };
    let ground = Ground::with(script, database, None, READERS, "[delivery]\nlease = \"3s\"\n").await;
    (ground, gate)
}

/// Freezes a pass in the midst of its mails.
async fn frozen(ground: &Ground, gate: &watch::Sender<bool>) -> Child {
    let pass = ground.publish();
    ground.mails(60).await;
    gate.send_replace(false);
    tokio::time::sleep(Duration::from_millis(300)).await;
    signal(&pass, "STOP");
    gate.send_replace(true);
    pass
}

fn signal(process: &Child, name: &str) {
    let mut kill = Command::new("kill");
    kill.args([&format!("-{name}"), &process.id().to_string()]);
    assert!(kill.status().unwrap().success());
}

/// Everything about the deliveries that a late outcome could change.
async fn rows(ground: &Ground) -> Vec<(i64, String, i64, i64, Option<i64>, Option<String>)> {
    let all = sql!("SELECT id, state, attempts, doubts, sent_at, reply FROM deliveries ORDER BY id");
    ground.store().await.read(all).all().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sleeps_past_its_lease_is_taken_over_and_does_nothing_more() {
    let Some(database) = Database::new().await else {
        return;
    };
    let (ground, gate) = with_a_gate(Some(database)).await;
    let sleeper = frozen(&ground, &gate).await;
    let other = ended(ground.publish()).await;
    assert_eq!(other.status, 0, "{other:?}");
    let (before, mails) = (rows(&ground).await, ground.server.count());
    assert!(
        before.iter().all(|row| row.1 == "sent"),
        "the other has sent the rest"
    );
    signal(&sleeper, "CONT");
    let woken = ended(sleeper).await;
    assert_eq!(
        (woken.status, woken.codes()),
        (1, vec!["lease-lost".to_owned()]),
        "{woken:?}"
    );
    assert_eq!(rows(&ground).await, before, "a late outcome changed a row");
    assert_eq!(ground.server.count(), mails, "a final dot after the lease");
    ground.all_is_well(READERS, CONNECTIONS).await;
}

/// Its lock says that it lives, however long it sleeps: others send what it has not claimed, and it
/// sends the rest.
#[tokio::test(flavor = "multi_thread")]
async fn who_sleeps_beside_sqlite_is_not_taken_over() {
    let (ground, gate) = with_a_gate(None).await;
    let sleeper = frozen(&ground, &gate).await;
    let other = ended(ground.publish()).await;
    assert_eq!(other.status, 0, "{other:?}");
    let states = ground.states().await;
    assert!(states["sending"] > 0 && states.len() == 2, "{states:?}");
    let mails = ground.server.count();
    signal(&sleeper, "CONT");
    until("more mails", || ground.server.count() > mails).await;
    let woken = ended(sleeper).await;
    assert_eq!(woken.status, 0, "{woken:?}");
    ground.all_is_well(READERS, 0).await;
}
