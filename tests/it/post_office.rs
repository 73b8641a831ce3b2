//! A site with one edition to deliver, on either database.

use crate::database::Database;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tidings::app::Site;
use tidings::app::delivery::{DeliveryReport, Orders, Waits, run};
use tidings::app::editions::waiting;
use tidings::clock::{Clock, Instant, from_seconds};
use tidings::config::Config;
use tidings::config::environment::Environment;
use tidings::sql;
use tidings::store::db::rows;
use tidings::subscribers::address::Mailbox;

/// The pass's instant: 2026-11-30T07:00:00Z.
pub(crate) const NOW: i64 = 1_796_022_000;

pub(crate) struct PostOffice {
    pub(crate) site: Site,
    /// Removes the folder at the end, if it is ours.
    _temporary: Option<tempfile::TempDir>,
    _database: Option<Database>,
}

/// One connection, and short waits.
pub(crate) const SMTP: &str = "connections = 1\ntimeout = \"1s\"";

/// What can differ from test to test.
#[derive(Clone)]
pub(crate) struct Setup {
    /// `smtp.url`
    pub(crate) url: String,
    /// More lines of `[smtp]` and of `[delivery]`.
    pub(crate) smtp: &'static str,
    pub(crate) delivery: &'static str,
    /// A PostgreSQL database, instead of SQLite.
    pub(crate) database: Option<Database>,
    pub(crate) clock: Clock,
}

impl Setup {
    /// A plain server on loopback.
    pub(crate) fn to(port: u16) -> Setup {
        Setup::with(format!("smtp://127.0.0.1:{port}"))
    }

    pub(crate) fn with(url: String) -> Setup {
        Setup {
            url,
            smtp: SMTP,
            delivery: "",
            database: None,
            clock: Clock::Fixed(now()),
        }
    }
}

pub(crate) fn now() -> Instant {
    from_seconds(NOW)
}

impl PostOffice {
    /// A new folder and a new store, without readers.
    pub(crate) async fn open(setup: Setup) -> PostOffice {
        let temporary = tempfile::tempdir().unwrap();
        let mut office = PostOffice::open_in(temporary.path(), setup).await;
        office._temporary = Some(temporary);
        office
    }

    /// The same in a folder that is there.
    pub(crate) async fn open_in(folder: &Path, setup: Setup) -> PostOffice {
        let text = config(&setup);
        let environment = Environment::new();
        let config = Config::read(&folder.join("config.toml"), &text, &environment).unwrap();
        let (site, _) = Site::open(config, setup.clock).await.unwrap();
        PostOffice {
            site,
            _temporary: None,
            _database: setup.database,
        }
    }

    /// Puts an edition to `readers` readers into the store, all due.
    pub(crate) async fn seed(&self, readers: i64) {
        let store = &self.site.store;
        let list = (1..=readers).map(|n| (n, format!("reader{n}@example.com"), format!("Reader {n}")));
        let statements = [
            sql!(
                "INSERT INTO subscriptions (subscriber, digest, standing, cursor, since)
                 SELECT id, 'weekly', 'active', 0, 0 FROM subscribers WHERE true"
            ),
            sql!(
                "INSERT INTO editions (id, name, digest, cadence, upto, planned, starts, state)
                 VALUES (1, 'weekly/2026-11-30T07:00Z', 'weekly', 'default', 1, 1, 1, 'sending')"
            ),
        ];
        store
            .write(sql!(
                "INSERT INTO subscribers (id, address, key, name, created)
                 SELECT CAST(r.value->>0 AS BIGINT), r.value->>1, r.value->>1, r.value->>2, 0
                 FROM jsonb_each($1) AS r WHERE true"
            ))
            .bind(rows(list))
            .run()
            .await
            .unwrap();
        for statement in statements {
            store.write(statement).run().await.unwrap();
        }
        store
            .write(sql!(
                "INSERT INTO variants (id, edition, key, articles, message) VALUES (1, 1, 'a', '[]', $1)"
            ))
            .bind(frozen().to_string())
            .run()
            .await
            .unwrap();
        store
            .write(sql!(
                "INSERT INTO deliveries (edition, variant, subscriber, next_try)
                 SELECT 1, 1, id, $1 FROM subscribers ORDER BY id"
            ))
            .bind(NOW)
            .run()
            .await
            .unwrap();
    }

    /// One pass, with waits that suit a test.
    pub(crate) async fn pass(&self) -> DeliveryReport {
        self.pass_at(now()).await
    }

    pub(crate) async fn pass_at(&self, at: Instant) -> DeliveryReport {
        let mut site = self.site.clone();
        site.clock = Clock::Fixed(at);
        // Spawned, so that it runs as it does in the program.
        let orders = Orders {
            waits: waits(),
            ..Orders::of_a_pass(at)
        };
        let delivered = tokio::spawn(async move { run(&site, orders).await });
        let mut report = delivered.await.unwrap().unwrap();
        report.problems.extend(waiting(&self.site).await.unwrap());
        report
    }

    /// How many deliveries are in each state.
    pub(crate) async fn states(&self) -> BTreeMap<String, i64> {
        self.site
            .store
            .read(sql!(
                "SELECT state, count(*) FROM deliveries GROUP BY state ORDER BY state"
            ))
            .all::<(String, i64)>()
            .await
            .unwrap()
            .into_iter()
            .collect()
    }

    /// The edition's hold.
    pub(crate) async fn hold(&self) -> Option<String> {
        let (reason,) = self
            .site
            .store
            .read(sql!("SELECT hold_reason FROM editions WHERE id = 1"))
            .one::<(Option<String>,)>()
            .await
            .unwrap();
        reason
    }
}

pub(crate) fn waits() -> Waits {
    Waits {
        patience: Duration::from_secs(4),
        pause: Duration::from_millis(5),
    }
}

/// A mail as an edition keeps it, without articles.
fn frozen() -> serde_json::Value {
    let text = |text: &str| json!({ "text": text });
    let hole = |hole: &str| json!({ "hole": hole });
    let body = |pieces: Vec<serde_json::Value>| json!({ "pieces": { "named": pieces, "nameless": null } });
    let from = Mailbox::parse("Weekly News <news@news.example.org>").unwrap();
    json!({
        "head": {
            "from": from,
            "reply_to": null,
            "date": "2026-11-30T07:00:00Z",
            "domain": "news.example.org",
            "list_title": "Weekly News",
            "list_id": "weekly.news.example.org",
            "feedback_id": "1:weekly:tidings",
            "one_click": true,
        },
        "subject": body(vec![text("What is new – this week")]),
        "text": body(vec![
            text("Hello "), hole("name"), text(",\n.\n..two\n"), hole("unsubscribe"), text("\n"),
        ]),
        "html": body(vec![
            text("<p>Hello "), hole("name"), text("</p>\n<a href=\""), hole("preferences"), text("\">choices</a>\n"),
        ]),
        "size": { "articles": 1, "headlines": 0, "more": 0, "left_out": 0, "html": 100 },
        "remade": null,
    })
}

fn config(setup: &Setup) -> String {
    let store = setup
        .database
        .as_ref()
        .map_or("sqlite:data/tidings.db".to_owned(), Database::url);
    format!(
        r#"
        [site]
        title = "News"
        url = "https://example.org/"
        [store]
        url = "{store}"
        [smtp]
        url = "{url}"
        helo = "client.example"
        {smtp}
        [delivery]
        retry = ["1m", "5m"]
        lease = "3s"
        {delivery}
        [http]
        public_url = "https://news.example.org/"
        "#,
        url = setup.url,
        smtp = setup.smtp,
        delivery = setup.delivery,
    )
}
