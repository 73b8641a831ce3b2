//! The service over real sockets: what it answers, to whom, and what it refuses.

mod editions;
mod feeds;
mod limits;
mod people;
mod preferences;
mod serving;
mod tls;
mod unsubscribe;

use crate::database::Database;
use crate::site;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tidings::app::Site;
use tidings::app::pass::{self, Wish};
use tidings::app::report::PassReport;
use tidings::clock::{Clock, Instant};
use tidings::config::Config;
use tidings::config::environment::Environment;
use tidings::store::subscribers::Subscriber;
use tidings::subscribers::tokens::{self, Purpose};
use tidings::web::health::Health;
use tidings::web::{Limits, Server, State};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// Below which links in mails begin, in most of these tests.
pub(crate) const PUBLIC: &str = "\n[http]\npublic_url = \"https://mail.tides.example/\"\n";

/// A site with its service running.
pub(crate) struct House {
    pub(crate) folder: site::Site,
    pub(crate) site: Site,
    pub(crate) address: SocketAddr,
    pub(crate) states: watch::Sender<Arc<State>>,
    pub(crate) health: watch::Sender<Health>,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
    _database: Option<Database>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In lower case up to the colon.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// A header that is there at most once; empty: it is not.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let value = found.next().map_or("", |(_, value)| value);
        assert!(found.next().is_none(), "{name} twice: {self:?}");
        value
    }
}

/// The stores to tell a story on: SQLite, and PostgreSQL where there is one.
pub(crate) async fn databases() -> Vec<Option<Database>> {
    let mut all = vec![None];
    all.extend(Database::new().await.map(Some));
    all
}

impl House {
    /// Two articles, one reader, one digest, on SQLite.
    pub(crate) async fn open(toml: &str) -> House {
        House::open_on(None, toml, Limits::default()).await
    }

    pub(crate) async fn open_on(database: Option<Database>, toml: &str, limits: Limits) -> House {
        let mut folder = site::Site::new().with(toml);
        if let Some(database) = &database {
            folder = folder.with(&format!("[store]\nurl = \"{}\"\n", database.url()));
        }
        let clock = Clock::Fixed(site::NOW.parse().unwrap());
        let config = load(&folder);
        let (site, _) = Site::open(config, clock).await.unwrap();
        let (health, is_healthy) = watch::channel(Health::default());
        let (states, newest) = watch::channel(Arc::new(state(&site, is_healthy)));
        let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let server = server.limits(limits);
        let address = server.address();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(newest, async move { drop(stopped.await) }));
        House {
            folder,
            site,
            address,
            states,
            health,
            stop: Some(stop),
            task: Some(task),
            _database: database,
        }
    }

    /// The configuration as the file has it now, in the running service.
    pub(crate) fn reload(&mut self) -> Result<(), tidings::problem::Problem> {
        self.site.config = Arc::new(load(&self.folder));
        let site = &self.site;
        let state = State::new(
            site.config.clone(),
            site.store.clone(),
            vec![site.key.clone()],
            site.clock,
            self.health.subscribe(),
        )?;
        self.states.send_replace(Arc::new(state));
        Ok(())
    }

    /// One pass, at an instant as RFC 3339 has it.
    pub(crate) async fn pass_at(&self, at: &str) -> PassReport {
        let at: Instant = at.parse().unwrap();
        let site = Site {
            clock: Clock::Fixed(at),
            ..self.site.clone()
        };
        tokio::spawn(async move { pass::publish(&site, Vec::new(), &Wish::default()).await })
            .await
            .unwrap()
            .unwrap()
    }

    pub(crate) async fn pass(&self) -> PassReport {
        self.pass_at(site::NOW).await
    }

    pub(crate) async fn ann(&self) -> Subscriber {
        let found = self.site.store.subscriber("ann@example.com", None).await;
        found.unwrap().unwrap()
    }

    /// The path of Ann's link.
    pub(crate) async fn link(&self, purpose: Purpose) -> String {
        let token = tokens::token(&self.site.key, purpose, "weekly", self.ann().await.id);
        format!("/{}/{token}", purpose.word())
    }

    pub(crate) async fn standing(&self) -> String {
        self.ann().await.subscriptions[0].standing.clone()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", "").await
    }

    /// `headers` each end with CR LF.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let length = match body {
            "" => String::new(),
            body => format!("Content-Length: {}\r\n", body.len()),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: attacker.example\r\nConnection: close\r\n{length}{headers}\r\n{body}"
        );
        self.say(&request).await.expect("an answer")
    }

    /// These bytes, and what is answered until the connection ends.
    pub(crate) async fn say(&self, request: &str) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes);
        let read = tokio::time::timeout(Duration::from_secs(20), read).await;
        // One that was cut off may be reset.
        let _ = read.expect("the connection ends");
        parse(&bytes)
    }

    /// A form's POST.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.ask("POST", path, headers, form).await
    }

    /// Stops the service, and waits for its end.
    pub(crate) async fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(task) = self.task.take() {
            task.await.unwrap();
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

fn load(folder: &site::Site) -> Config {
    Config::load(&folder.path("config.toml"), &Environment::new()).unwrap()
}

fn state(site: &Site, health: watch::Receiver<Health>) -> State {
    let keys = vec![site.key.clone()];
    State::new(site.config.clone(), site.store.clone(), keys, site.clock, health).unwrap()
}

pub(crate) fn parse(bytes: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Some(Answer {
        status,
        headers: headers.collect(),
        body: body.to_owned(),
    })
}
