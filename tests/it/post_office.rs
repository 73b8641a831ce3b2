//! A site with one edition to deliver, on either database.

use sqlx::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tidings::app::Site;
use tidings::app::delivery::{DeliveryReport, Waits, run_with};
use tidings::clock::{Clock, Instant, from_seconds};
use tidings::config::values::{Protocol, Secret, StoreUrl, Tls, TransportUrl};
use tidings::config::{self, Config, InDoubt};
use tidings::digests::mail::{Frozen, Hole, Piece};
use tidings::sql;
use tidings::store::Store;
use tidings::store::db::rows;
use tidings::subscribers::tokens::SiteKey;

/// The pass's instant: 2026-11-30T07:00:00Z.
pub(crate) const NOW: i64 = 1_796_022_000;

pub(crate) struct PostOffice {
    pub(crate) site: Site,
    pub(crate) folder: PathBuf,
    /// Removes the folder at the end, if it is ours.
    _temporary: Option<tempfile::TempDir>,
}

/// What can differ from test to test.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) url: TransportUrl,
    pub(crate) smtp: fn(&mut config::Smtp),
    pub(crate) delivery: fn(&mut config::Delivery),
    pub(crate) database: Option<String>,
    pub(crate) clock: Clock,
}

impl Setup {
    /// A plain server on loopback.
    pub(crate) fn to(port: u16) -> Setup {
        Setup::with(server(port, "127.0.0.1", Tls::None, None))
    }

    pub(crate) fn with(url: TransportUrl) -> Setup {
        Setup {
            url,
            smtp: |_| {},
            delivery: |_| {},
            database: None,
            clock: Clock::Fixed(now()),
        }
    }
}

pub(crate) fn server(port: u16, host: &str, tls: Tls, user: Option<&str>) -> TransportUrl {
    TransportUrl::Server {
        protocol: Protocol::Smtp,
        user: user.map(str::to_owned),
        host: host.to_owned(),
        port,
        tls,
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
        office.site.store.migrate().await.unwrap();
        office._temporary = Some(temporary);
        office
    }

    /// The folder of another process, or of an earlier start.
    pub(crate) async fn open_in(folder: &Path, setup: Setup) -> PostOffice {
        let (url, store) = match &setup.database {
            None => {
                let file = folder.join("tidings.db");
                (format!("sqlite:{}", file.display()), StoreUrl::Sqlite(file))
            }
            Some(url) => (url.clone(), StoreUrl::Postgres(Secret::new(url.clone()))),
        };
        let site = Site {
            config: Arc::new(config(folder, store, &setup)),
            store: Store::open(&url).await.unwrap(),
            clock: setup.clock,
            id: uuid::Uuid::nil(),
            key: SiteKey::new(&[7; 32]),
        };
        PostOffice {
            site,
            folder: folder.to_owned(),
            _temporary: None,
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
            .bind(serde_json::to_string(&frozen()).unwrap())
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
        let site = self.site.clone();
        // Spawned, so that it runs as it does in the program.
        tokio::spawn(async move { run_with(&site, at, waits()).await })
            .await
            .unwrap()
            .unwrap()
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
        patience: Duration::from_secs(2),
        lease: Duration::from_secs(3),
        pause: Duration::from_millis(5),
    }
}

/// A private database on the server that `TIDINGS_TEST_POSTGRES` names, or `None` where it names none.
pub(crate) async fn private_postgres() -> Option<String> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let Ok(server) = std::env::var("TIDINGS_TEST_POSTGRES") else {
        println!("left out: TIDINGS_TEST_POSTGRES names no PostgreSQL server");
        return None;
    };
    let name = format!(
        "delivery_{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::SeqCst)
    );
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(create).execute(&mut connection).await.unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(url.into())
}

pub(crate) fn frozen() -> Frozen {
    let text = |text: &str| Piece::Text(text.to_owned());
    Frozen {
        from: "Weekly News <news@news.example.org>".to_owned(),
        reply_to: None,
        date: NOW,
        list_id: "Weekly News <weekly.news.example.org>".to_owned(),
        feedback_id: "1:weekly:tidings".to_owned(),
        domain: "news.example.org".to_owned(),
        subject: vec![text("What is new – this week")],
        text: vec![
            text("Hello "),
            Piece::Hole(Hole::Name),
            text(",\n.\n..two\n"),
            Piece::Hole(Hole::Unsubscribe),
            text("\n"),
        ],
        html: vec![
            text("<p>Hello "),
            Piece::Hole(Hole::Name),
            text("</p>\n<a href=\""),
            Piece::Hole(Hole::Preferences),
            text("\">choices</a>\n"),
        ],
    }
}

fn config(folder: &Path, store: StoreUrl, setup: &Setup) -> Config {
    let mut smtp = config::Smtp {
        url: setup.url.clone(),
        password: None,
        ca: None,
        helo: "client.example".to_owned(),
        connections: 1,
        rate: None,
        timeout: Duration::from_millis(500),
        pipelining: true,
    };
    (setup.smtp)(&mut smtp);
    let mut delivery = config::Delivery {
        retry: [60, 300].map(Duration::from_secs).to_vec(),
        give_up: Duration::from_secs(3 * 86400),
        in_doubt: InDoubt::Retry,
    };
    (setup.delivery)(&mut delivery);
    let public_url: url::Url = "https://news.example.org/".parse().unwrap();
    Config {
        file: folder.join("config.toml"),
        root: folder.to_owned(),
        site: config::Site {
            id: None,
            title: "News".to_owned(),
            url: "https://example.org/".parse().unwrap(),
            description: String::new(),
            language: "en".to_owned(),
            timezone: chrono_tz::UTC,
            author: None,
            postal_address: None,
            logo: None,
        },
        store,
        sources: Vec::new(),
        feeds: config::Feeds {
            dir: folder.join("feeds"),
            url: public_url.join("feeds/").unwrap(),
            items: 50,
            content: config::Content::Full,
            by_category: false,
            by_author: false,
        },
        digests: Vec::new(),
        smtp,
        delivery,
        pings: Vec::new(),
        http: config::Http { public_url },
        http_client: config::HttpClient::default(),
        subscribers: config::Subscribers {
            dir: folder.join("subscribers"),
        },
        templates: folder.join("email-templates"),
    }
}
