//! `config.toml` and the environment, checked once: whoever holds a [`Config`] need not doubt it.
//!
//! `keys` lists what there may be, with the defaults; `load` reads and merges; `values` are the
//! small types that check themselves. The manual (`docs/configuration.md`) shows the same keys and
//! defaults, and a test holds the two together.

pub mod environment;
mod feeds;
mod hub;
pub mod keys;
mod load;
mod pings;
mod raw;
mod secrets;
mod section;
mod tables;
mod transport;
pub mod values;

pub use feeds::{Content, Feeds, MoreFeed, OldSystem, OldUrl, Podcast};
pub use hub::{Hub, Signature};
pub use pings::{Ping, PingKind};

use crate::problem::Problem;
use crate::schedule::Schedule;
use crate::subscribers::address::{Address, Mailbox};
use chrono_tz::Tz;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;
use values::{Endpoint, Secret, StoreUrl, TransportUrl};

/// All of `config.toml`. Paths are absolute or relative to the working directory, never to the file.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from, for messages.
    pub file: PathBuf,
    /// The folder of that file: the site's root.
    pub root: PathBuf,
    pub site: Site,
    pub store: StoreUrl,
    /// In the order of the file: of two sources with one URL the first wins.
    pub sources: Vec<Source>,
    pub feeds: Feeds,
    pub digests: Vec<Digest>,
    pub smtp: Smtp,
    pub delivery: Delivery,
    pub pings: Vec<Ping>,
    pub http: Http,
    pub hub: Hub,
    /// Where metrics are served, if anywhere.
    pub metrics: Option<SocketAddr>,
    pub http_client: HttpClient,
    pub subscribers: Subscribers,
    pub operator: Operator,
    /// `email-templates` beside the file.
    pub templates: PathBuf,
    /// What is not as it should be, but stops nothing.
    pub warnings: Vec<Problem>,
}

impl Config {
    /// Where the site's own hub is, where it has one.
    #[must_use]
    pub fn own_hub(&self) -> Option<Url> {
        let url = self.http.public_url.join("hub").ok();
        url.filter(|_| self.hub.enabled)
    }

    /// Where rssCloud's registrations go, where the site takes them.
    #[must_use]
    pub fn cloud(&self) -> Option<Url> {
        let url = self.http.public_url.join("rsscloud/pleaseNotify").ok();
        url.filter(|_| self.hub.enabled)
    }

    /// The hubs where readers may subscribe: the site's own, and those that are told of changes.
    #[must_use]
    pub fn hubs(&self) -> Vec<Url> {
        let others = self.pings.iter().filter(|ping| ping.kind == PingKind::Websub);
        let others = others.filter_map(|ping| match &ping.endpoint {
            Endpoint::Url(url) => Some(url.clone()),
            Endpoint::Folder(_) => None,
        });
        self.own_hub().into_iter().chain(others).collect()
    }

    /// What a published document says of itself in `Link`: its hubs, and its own URL. `path` is relative
    /// to `feeds.dir`.
    #[must_use]
    pub fn links(&self, path: &str) -> String {
        let own = self
            .feeds
            .url
            .join(path)
            .unwrap_or_else(|_| self.feeds.url.clone());
        let hubs = self.hubs().into_iter().map(|hub| format!("<{hub}>; rel=\"hub\""));
        let links: Vec<String> = hubs.chain([format!("<{own}>; rel=\"self\"")]).collect();
        links.join(", ")
    }
}

#[derive(Debug, Clone)]
pub struct Site {
    /// `None`: derived from `url` at the first run and then kept by the store.
    pub id: Option<uuid::Uuid>,
    pub title: String,
    /// Ends with `/`.
    pub url: Url,
    pub description: String,
    /// BCP 47.
    pub language: String,
    pub timezone: Tz,
    /// Stands in where an article has no author.
    pub author: Option<String>,
    /// In the footer of every bulk mail.
    pub postal_address: Option<String>,
    /// Absolute.
    pub logo: Option<Url>,
}

impl Site {
    /// The site of articles that are only looked at: in English, in UTC, at no address.
    ///
    /// # Errors
    /// None that can happen.
    pub fn nowhere() -> Result<Site, url::ParseError> {
        Ok(Site {
            id: None,
            title: String::new(),
            url: Url::parse("http://site.invalid/")?,
            description: String::new(),
            language: "en".to_owned(),
            timezone: Tz::UTC,
            author: None,
            postal_address: None,
            logo: None,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    Markdown,
    Pages,
    Text,
    Feed,
    Sitemap,
    Wordpress,
    Ghost,
}

impl SourceKind {
    /// As it is written in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            SourceKind::Markdown => "markdown",
            SourceKind::Pages => "pages",
            SourceKind::Text => "text",
            SourceKind::Feed => "feed",
            SourceKind::Sitemap => "sitemap",
            SourceKind::Wordpress => "wordpress",
            SourceKind::Ghost => "ghost",
        }
    }
}

/// Where the articles of a source are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A folder or a single file.
    Path(PathBuf),
    /// The operator's own words: it may lead to a private address.
    Url(Url),
}

impl Origin {
    /// As the file that a problem is in.
    #[must_use]
    pub fn shown(&self) -> &Path {
        match self {
            Origin::Path(path) => path,
            Origin::Url(url) => Path::new(url.as_str()),
        }
    }

    /// The folder or file, where it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Origin::Path(path) => Some(path),
            Origin::Url(_) => None,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Source {
    pub name: String,
    pub kind: SourceKind,
    pub origin: Origin,
    /// What opens it, where it wants one.
    pub key: Option<Secret>,
    /// Absolute, with `{slug} {path} {year} {month} {day}`; `None`: `SITE_URL/{slug}`.
    pub url_template: Option<String>,
    /// Globs relative to `path`; empty: all files of the kind.
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    /// How often the service reads it; a URL is asked no more often.
    pub every: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    Newest,
    Oldest,
}

/// What becomes of slots that passed while nobody was running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CatchUp {
    Once,
    Skip,
}

#[derive(Debug, Clone)]
pub struct Digest {
    pub name: String,
    pub title: String,
    pub schedule: Schedule,
    /// Default: the site's.
    pub timezone: Tz,
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// A folder of `email-templates`.
    pub template: String,
    /// Only articles of these; empty: all.
    pub categories: Vec<String>,
    pub authors: Vec<String>,
    pub sources: Vec<String>,
    /// How many of the newest articles the first edition of all may hold.
    pub first_edition: usize,
    pub min_articles: usize,
    /// More than these stand as headlines (or roll over, with [`Order::Oldest`]).
    pub max_articles: Option<usize>,
    pub order: Order,
    pub catch_up: CatchUp,
    /// An edition is planned so much before its slot, to be looked at.
    pub grace: Duration,
    /// An edition waits until the operator releases it.
    pub approval: bool,
}

#[derive(Debug, Clone)]
pub struct Smtp {
    pub url: TransportUrl,
    pub password: Option<Secret>,
    /// Beside those of the system: a PEM file with certificates of the operator's own authority.
    pub ca: Option<PathBuf>,
    /// What EHLO says; default: the host of `http.public_url`.
    pub helo: String,
    /// At most so many at once.
    pub connections: u32,
    /// At most so many mails a second over all connections.
    pub rate: Option<u32>,
    /// For each command; the reply to the final dot is given twice as long.
    pub timeout: Duration,
    /// Off only for servers that announce PIPELINING and get it wrong.
    pub pipelining: bool,
}

/// What is done with a mail whose answer was never read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InDoubt {
    Retry,
    Leave,
}

#[derive(Debug, Clone)]
pub struct Delivery {
    /// The waits between tries; the last one goes on.
    pub retry: Vec<Duration>,
    /// After which a deferred mail is given up.
    pub give_up: Duration,
    pub in_doubt: InDoubt,
    /// Whoever sends and could not reach the database for so long counts as dead.
    pub lease: Duration,
}

#[derive(Debug, Clone)]
pub struct Http {
    /// Where the service listens.
    pub listen: SocketAddr,
    /// Where readers reach the service; ends with `/`. Links in mails come from here alone.
    pub public_url: Url,
    /// Networks of proxies in front of us: what they say of a client's address is believed.
    pub trusted_proxies: Vec<values::Network>,
    /// Requests for feeds that one client address may make a minute, in the long run; 0: as many as it
    /// likes.
    pub rate: u32,
    /// And at once.
    pub burst: u32,
    /// `None`: plain HTTP, for a proxy or for this machine alone.
    pub tls: Option<HttpTls>,
}

/// PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpTls {
    /// The service's own first, then those between it and the authority.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Debug, Clone, Default)]
pub struct HttpClient {
    /// Networks that URLs from content, strangers and redirects may reach although private, as
    /// `10.0.0.0/8`.
    pub allow: Vec<values::Network>,
    /// For a whole request.
    pub timeout: Duration,
}

#[derive(Debug, Clone)]
pub struct Subscribers {
    /// The folder of the CSV files.
    pub dir: PathBuf,
}

/// Who is told when something needs a person.
#[derive(Debug, Clone, Default)]
pub struct Operator {
    pub mail: Option<Address>,
    /// Default: the first digest's. There where `mail` is.
    pub from: Option<Mailbox>,
    pub webhook: Option<Endpoint>,
    /// Asked after each good pass.
    pub heartbeat: Option<Endpoint>,
}
