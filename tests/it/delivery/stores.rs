//! The ledger on both databases.

use super::{copies, extra, script};
use crate::database::Database;
use crate::post_office::{NOW, PostOffice, Setup, now};
use crate::smtp_server::{Script, SmtpServer, What};
use tidings::app::delivery::list;
use tidings::store::deliveries::Wanted;

/// The core of it on the other database: faults, a hold, a worker that died and one that lives.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_postgresql() {
    let Some(database) = Database::new().await else {
        return;
    };
    let server = SmtpServer::start(Script {
        only: Some("reader7@"),
        ..script("dot", What::Drop, true)
    })
    .await;
    let office = PostOffice::open(Setup {
        database: Some(database),
        smtp: "connections = 3",
        ..Setup::to(server.port)
    })
    .await;
    office.seed(200).await;
    let store = &office.site.store;
    // A worker that died with two claims, the first of them in doubt, and with a lease that goes on.
    store.begin_worker("dead", 2).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.claim("dead", 0, 1, NOW, 2).await.unwrap().len(), 2);
    tx.commit().await.unwrap();
    let report = office.pass().await;
    assert_eq!(report.counts.sent, 199, "{report:?}");
    assert_eq!((copies(&server).len(), extra(&server)), (200, 1));
    // Reader 7's answer never comes: tried twice, then it waits. The third is the dead worker's.
    assert_eq!((report.counts.in_doubt, report.counts.queued), (3, 1));
    assert_eq!(store.workers().await.unwrap(), []);
    assert_eq!(office.pass_at(now()).await.counts.sent, 0);
    let listed = list(
        &office.site,
        &Wanted {
            limit: 3,
            ..Wanted::default()
        },
    )
    .await
    .unwrap();
    assert_eq!(listed[0].attempts, 2, "the one in doubt is counted");
    assert_eq!(listed[1].attempts, 1, "the other was never begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_outcome_changes_no_row() {
    for postgres in [false, true] {
        let database = if postgres { Database::new().await } else { None };
        if postgres && database.is_none() {
            return;
        }
        let office = PostOffice::open(Setup {
            database,
            ..Setup::to(1)
        })
        .await;
        office.seed(2).await;
        let store = &office.site.store;
        store.begin_worker("slow", 0).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let claimed = tx.claim("slow", 0, 1, NOW, 2).await.unwrap();
        assert!(tx.bury("slow", true).await.unwrap());
        let taken = tx.take_over("slow", NOW, false).await.unwrap();
        assert_eq!((taken.in_doubt, taken.put_back), (1, 1));
        assert!(!tx.is_worker("slow").await.unwrap());
        let again = tx.claim("quick", 0, 1, NOW, 1).await.unwrap();
        assert_eq!(
            (again[0].id, again[0].attempts, again[0].doubts),
            (claimed[0].id, 1, 1)
        );
        let outcome = tidings::store::deliveries::Outcome {
            id: claimed[0].id,
            turn: claimed[0].turn,
            state: tidings::store::deliveries::State::Failed,
            tried: true,
            in_doubt: false,
            code: Some(550),
            reply: Some("no".to_owned()),
            relay: None,
            next_try: None,
            at: NOW,
            hold: None,
        };
        assert_eq!(tx.settle("slow", &[&outcome]).await.unwrap(), 0);
        assert_eq!(tx.settle("quick", &[&outcome]).await.unwrap(), 1);
        // A claim whose answer was lost, begun again under the same turn.
        let unheard = tx.claim("quick", 0, 1, NOW, 1).await.unwrap();
        assert_eq!(tx.put_back_unheard("quick", 1, NOW).await.unwrap(), 0);
        assert_eq!(tx.put_back_unheard("quick", 0, NOW).await.unwrap(), 1);
        assert_eq!(tx.claim("quick", 0, 1, NOW, 1).await.unwrap(), unheard);
        tx.commit().await.unwrap();
    }
}
