//! A site with one weekly digest, on the disk that the program is built on: a folder in memory would
//! make durable writes look free.

use super::process::{Used, program, run};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;
use tidings::clock::{Instant, from_seconds, rfc3339};
use tidings::config::values::{Secret, StoreUrl};

/// Sunday, 2026-11-22T07:00:00Z: the slots are a day later and each week from then on.
const SUNDAY: i64 = 1_795_330_800;
const DAY: i64 = 86_400;

pub(crate) struct Site {
    folder: TempDir,
    store: String,
    week: i64,
}

impl Site {
    /// A site after its first pass, with so many readers brought in; and what that pass used. Mails go
    /// to the URL.
    pub(crate) fn new(readers: usize, store: Option<&str>, smtp: &str, connections: usize) -> (Site, Used) {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let store = store.unwrap_or("sqlite:data/tidings.db").to_owned();
        let site = Site {
            folder,
            store,
            week: 0,
        };
        let config = format!(
            "[site]\ntitle = \"Tides\"\nurl = \"https://tides.example/\"\npostal_address = \"1 Quay\"\n\
             [store]\nurl = \"{}\"\n\
             [sources.posts]\nkind = \"markdown\"\npath = \"articles\"\n\
             [digests.weekly]\ntitle = \"Weekly\"\nschedule = \"0 7 * * 1\"\nfrom = \"news@tides.example\"\n\
             [http]\npublic_url = \"https://tides.example/\"\n\
             [smtp]\nurl = \"{smtp}\"\nconnections = {connections}\n",
            site.store
        );
        fs::write(site.path("config.toml"), config).unwrap();
        for folder in ["articles", "subscribers"] {
            fs::create_dir(site.path(folder)).unwrap();
        }
        let mut list = "email,name\n".to_owned();
        for n in 1..=readers {
            writeln!(list, "reader{n}@example.com,Reader {n}").unwrap();
        }
        fs::write(site.path("subscribers/all.csv"), list).unwrap();
        let used = run(&mut site.pass(SUNDAY));
        (site, used)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the store is, for a second process.
    pub(crate) fn store_url(&self) -> StoreUrl {
        match self.store.strip_prefix("sqlite:") {
            Some(file) => StoreUrl::Sqlite(self.path(file)),
            None => StoreUrl::Postgres(Secret::new(self.store.clone())),
        }
    }

    /// The pass of the next week, with so many new articles to mail.
    pub(crate) fn next_week(&mut self, articles: usize) -> Command {
        let week = self.week;
        self.week += 1;
        let slot = SUNDAY + DAY + week * 7 * DAY;
        for n in 0..articles {
            // Articles that are alike would be held: somebody may have imported old ones.
            let text = format!("What tide {n} of week {week} brought in, and what it took away. ").repeat(12);
            let date = rfc3339(at(slot - DAY));
            fs::write(
                self.path(&format!("articles/{week}-{n}.md")),
                format!("---\ntitle: Article {n} of week {week}\ndate: {date}\n---\n{text}\n"),
            )
            .unwrap();
        }
        self.pass(slot)
    }

    fn pass(&self, seconds: i64) -> Command {
        let mut command = program();
        command
            .args(["publish", "--at", &rfc3339(at(seconds))])
            .current_dir(self.folder.path());
        command
    }
}

fn at(seconds: i64) -> Instant {
    from_seconds(seconds)
}

/// How long a mail with so many articles is on the wire, in bytes, on average.
pub(crate) fn mean_size(articles: usize) -> usize {
    let (mut site, _) = Site::new(100, None, "maildir:outbox", 1);
    run(&mut site.next_week(articles));
    let mails = fs::read_dir(site.path("outbox/new")).unwrap();
    let sizes: Vec<usize> = mails
        .map(|mail| {
            let mail = fs::read_to_string(mail.unwrap().path()).unwrap();
            // Two lines are the Maildir's own; on the wire a line ends with two characters.
            mail.lines().skip(2).map(|line| line.len() + 2).sum()
        })
        .collect();
    assert_eq!(sizes.len(), 100);
    sizes.iter().sum::<usize>() / sizes.len()
}
