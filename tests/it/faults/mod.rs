//! Faults of our own making, on both databases, against the real program: each ends in a state of
//! delivery and edition that has a name, nobody is lost, and whoever has a mail twice was in doubt.

mod clocks;
mod daemons;
mod databases;
mod kills;
mod proxy;
mod services;
mod smtp;
mod workers;

use crate::database::Database;
use crate::site::{NOW, Run, Site};
use crate::smtp_server::{Script, SmtpServer, copies};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tidings::config::values::StoreUrl;
use tidings::sql;
use tidings::store::Store;

/// A site with many readers, a mail server, and a store on one of the databases.
struct Ground {
    site: Site,
    server: SmtpServer,
    database: Option<Database>,
}

const PUBLISH: [&str; 6] = ["--json", "publish", "--now", "weekly", "--at", NOW];

/// Each database there is: SQLite, and PostgreSQL where a server is named.
async fn everywhere() -> Vec<Option<Database>> {
    let mut databases = vec![None];
    databases.extend(Database::new().await.map(Some));
    databases
}

/// So slow that a pass lasts long enough for something to happen to it.
fn slow() -> Script {
    Script {
        delay: Duration::from_millis(4),
        ..Script::default()
    }
}

impl Ground {
    /// `store_url` where it is not the database's own: something stands between.
    async fn new(
        database: Option<Database>,
        store_url: Option<String>,
        readers: usize,
        more: &str,
    ) -> Ground {
        Ground::with(slow(), database, store_url, readers, more).await
    }

    async fn with(
        script: Script,
        database: Option<Database>,
        store_url: Option<String>,
        readers: usize,
        more: &str,
    ) -> Ground {
        let server = SmtpServer::start(script).await;
        let url = store_url.or(database.as_ref().map(Database::url));
        let store = url.map_or(String::new(), |url| format!("[store]\nurl = \"{url}\"\n"));
        let smtp = format!(
            "[smtp]\nurl = \"smtp://127.0.0.1:{}\"\ntimeout = \"5s\"\n",
            server.port
        );
        let site = Site::new().with(&format!("{store}{smtp}{more}"));
        let lines: String = (1..=readers)
            .map(|n| format!("reader{n}@example.com,Reader {n}\n"))
            .collect();
        site.readers(&format!("email,name\n{lines}"));
        Ground {
            site,
            server,
            database,
        }
    }

    fn name(&self) -> &'static str {
        match self.database {
            Some(_) => "PostgreSQL",
            None => "SQLite",
        }
    }

    /// The store itself, whatever stands between it and the program.
    async fn store(&self) -> Store {
        let url = match &self.database {
            Some(database) => database.store_url(),
            None => StoreUrl::Sqlite(self.site.path("data/tidings.db")),
        };
        Store::open(&url).await.unwrap()
    }

    /// An edition to all, begun and not waited for. What it says is kept.
    fn publish(&self) -> Child {
        let mut command = self.site.command(&PUBLISH);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// The same, unheard.
    fn publish_silently(&self) -> Child {
        self.site.start(&PUBLISH)
    }

    /// Waits until the server has so many mails.
    async fn mails(&self, count: usize) {
        until("mails", || self.server.count() >= count).await;
    }

    /// How many mails somebody has more than once.
    fn extra(&self) -> usize {
        copies(&self.server).values().map(|copies| copies - 1).sum()
    }

    async fn states(&self) -> BTreeMap<String, i64> {
        let count = sql!("SELECT state, count(*) FROM deliveries GROUP BY state");
        let states: Vec<(String, i64)> = self.store().await.read(count).all().await.unwrap();
        states.into_iter().collect()
    }

    async fn doubts(&self) -> usize {
        let sum = sql!("SELECT COALESCE(CAST(sum(doubts) AS BIGINT), 0) FROM deliveries");
        let (doubts,): (i64,) = self.store().await.read(sum).one().await.unwrap();
        usize::try_from(doubts).unwrap()
    }

    /// Everybody has it; who has it twice was in doubt; and there is nothing left to do.
    async fn all_is_well(&self, readers: usize, most_extra: usize) {
        let (extra, doubts) = (self.extra(), self.doubts().await);
        println!("{}: {extra} extra copies, {doubts} in doubt", self.name());
        assert_eq!(copies(&self.server).len(), readers, "{}", self.name());
        assert!(
            extra <= doubts,
            "{}: {extra} extra, {doubts} in doubt",
            self.name()
        );
        assert!(extra <= most_extra, "{}: {extra} extra copies", self.name());
        let sent = BTreeMap::from([("sent".to_owned(), i64::try_from(readers).unwrap())]);
        assert_eq!(self.states().await, sent, "{}", self.name());
        let editions = self.site.ask(&["editions", "list"]);
        assert_eq!(editions["editions"].as_array().unwrap().len(), 1, "{editions}");
        assert_eq!(editions["editions"][0]["state"], "done", "{editions}");
        let again = self.site.publish(&["--now", "weekly"]);
        assert_eq!(
            (&again["deliveries"]["sent"], &again["editions"]),
            (&0.into(), &Value::Array(vec![]))
        );
    }
}

/// What a process that was begun said, and how it ended.
async fn ended(child: Child) -> Run {
    tokio::task::spawn_blocking(move || {
        let output = child.wait_with_output().unwrap();
        Run {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    })
    .await
    .unwrap()
}

/// Waits for something that must come within half a minute.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let bound = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < bound, "{what} did not come");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
