//! Two processes started within ten milliseconds of each other, fifty times, on either database: one
//! edition a slot, one mail a reader.

use super::{Ground, ended};
use crate::database::Database;
use std::collections::BTreeSet;

const ROUNDS: usize = 50;
const READERS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn two_passes_at_once_make_one_edition_on_sqlite() {
    fifty_times(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_passes_at_once_make_one_edition_on_postgresql() {
    if let Some(database) = Database::new().await {
        fifty_times(Some(database)).await;
    }
}

/// Each day at seven; the two come five seconds later.
async fn fifty_times(database: Option<Database>) {
    let mut ground = Ground::new(database, None, READERS, "").await;
    ground.site = ground.site.replacing("0 7 * * 1", "0 7 * * *");
    let day = |n: usize| {
        let first = chrono::NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        first + chrono::Days::new(n as u64)
    };
    let pass = |day: chrono::NaiveDate| {
        let mut command = ground.site.command(&["--json", "publish", "--at"]);
        command.arg(format!("{day}T07:00:05Z"));
        command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    assert_eq!(ended(pass(day(0))).await.status, 0);
    for round in 1..=ROUNDS {
        let body = format!("What came on day {round}, and {}.", round * 7919 % 1009);
        ground.site.article(
            &format!("day{round}.md"),
            &format!("Day {round}"),
            &day(round).to_string(),
            &body,
        );
        let two = [pass(day(round)), pass(day(round))];
        for one in two {
            let run = ended(one).await;
            assert_eq!(run.status, 0, "{round}: {run:?}");
        }
    }
    let editions = ground.site.ask(&["editions", "list", "--limit", "1000"]);
    let editions = editions["editions"].as_array().unwrap();
    let slots: BTreeSet<&str> = editions
        .iter()
        .map(|edition| edition["slot"].as_str().unwrap())
        .collect();
    let done = editions.iter().filter(|edition| edition["state"] == "done");
    assert_eq!(
        (done.count(), slots.len(), editions.len()),
        (ROUNDS, ROUNDS, ROUNDS),
        "{editions:?}"
    );
    let taken = ground.server.taken();
    let ids: BTreeSet<&String> = taken.iter().map(|mail| &mail.message_id).collect();
    assert_eq!((taken.len(), ids.len()), (ROUNDS * READERS, ROUNDS * READERS));
}
