//! Mail as files.

use super::codes;
use crate::post_office::{PostOffice, Setup};
use tidings::app::report::DeliveryCounts as Counts;
use tidings::sql;

#[tokio::test(flavor = "multi_thread")]
async fn a_maildir_holds_one_file_a_delivery() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let outbox = folder.path().join("outbox");
    let office = PostOffice::open(Setup::with(format!("maildir:{}", outbox.display()))).await;
    office.seed(3).await;
    assert_eq!(
        office.pass().await.counts,
        Counts {
            sent: 3,
            ..Counts::default()
        }
    );
    let files = |part: &str| {
        let mut files: Vec<_> = std::fs::read_dir(outbox.join(part))
            .unwrap()
            .map(|f| f.unwrap().path())
            .collect();
        files.sort();
        files
    };
    let new = files("new");
    assert_eq!((new.len(), files("tmp").len(), files("cur").len()), (3, 0, 0));
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&new[0]), mode(&outbox), mode(&outbox.join("new"))),
        (0o600, 0o700, 0o700)
    );
    let first = std::fs::read_to_string(&new[0]).unwrap();
    let start = "Return-Path: <news@news.example.org>\nDelivered-To: reader1@example.com\n";
    assert!(first.starts_with(start) && !first.contains('\r'), "{first}");

    // A repeat overwrites.
    let again = sql!("UPDATE deliveries SET state = 'queued', next_try = 0 WHERE id = 1");
    office.site.store.write(again).run().await.unwrap();
    assert_eq!(office.pass().await.counts.sent, 1);
    assert_eq!(files("new"), new);
    assert_eq!(std::fs::read_to_string(&new[0]).unwrap(), first);
}

/// Root may write anywhere, so the way is barred with a file where a folder must be.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_takes_no_mail_keeps_it_queued() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = folder.path().join("outbox");
    std::fs::write(&outbox, "in the way").unwrap();
    let office = PostOffice::open(Setup::with(format!("maildir:{}", outbox.display()))).await;
    office.seed(3).await;
    let report = office.pass().await;
    assert_eq!(codes(&report), ["maildir-unwritable"]);
    assert_eq!(report.problems[0].file.as_deref(), outbox.to_str());
    assert_eq!(
        report.counts,
        Counts {
            queued: 3,
            ..Counts::default()
        }
    );
    std::fs::remove_file(&outbox).unwrap();
    assert_eq!(
        office.pass().await.counts,
        Counts {
            sent: 3,
            ..Counts::default()
        }
    );
}
