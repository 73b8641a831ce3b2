//! Delivery against a server that misbehaves at every step, with and without PIPELINING: nobody is lost,
//! and the only second copies are those of mails whose answer was lost.

mod connections;
mod maildir;
mod message;
mod refusals;
mod secured;
mod stores;

use crate::post_office::{PostOffice, Setup};
use crate::smtp_server::{Fault, Script, SmtpServer, What, copies};
use tidings::app::delivery::DeliveryReport;
use tidings::app::report::DeliveryCounts as Counts;

const READERS: i64 = 21;

fn script(step: &'static str, what: What, pipelining: bool) -> Script {
    Script {
        pipelining,
        fault: Some(Fault { step, what }),
        ..Script::default()
    }
}

/// An edition to 21 readers, to a server that misbehaves at every seventh mail, in one pass.
async fn one_pass(script: Script) -> (SmtpServer, PostOffice, DeliveryReport) {
    let server = SmtpServer::start(script).await;
    let office = PostOffice::open(Setup::to(server.port)).await;
    office.seed(READERS).await;
    let report = office.pass().await;
    (server, office, report)
}

fn extra(server: &SmtpServer) -> usize {
    copies(server).values().map(|copies| copies - 1).sum()
}

fn codes(report: &DeliveryReport) -> Vec<&str> {
    report.problems.iter().map(|problem| problem.code).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_get_it_over_one_connection() {
    for pipelining in [true, false] {
        let (server, office, report) = one_pass(Script {
            pipelining,
            ..Script::default()
        })
        .await;
        assert_eq!(
            report.counts,
            Counts {
                sent: 21,
                ..Counts::default()
            }
        );
        assert_eq!(
            (server.connections(), copies(&server).len(), extra(&server)),
            (1, 21, 0)
        );
        assert!(report.problems.is_empty());
        let again = office.pass().await;
        assert_eq!((again.counts, server.count()), (Counts::default(), 21));
    }
}
