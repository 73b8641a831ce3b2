//! Whether others answer: the public address, the feeds there, the endpoints of pings. Nothing is
//! told to anybody: every request is a GET.

use crate::clock::Instant;
use crate::config::values::Endpoint;
use crate::config::{Config, Origin, SourceKind};
use crate::http::{Ask, Client, Limits, Whose};
use crate::pings;
use crate::problem::Problem;
use crate::sources::Past;
use crate::sources::remote::{self, Web};
use url::Url;
use uuid::Uuid;

const LIMITS: Limits = Limits {
    body: 1024,
    redirects: 5,
};

/// Asks all of them.
pub(super) async fn all(config: &Config, site_id: Uuid, now: Instant) -> anyhow::Result<Vec<Problem>> {
    let client = Client::new(&config.http_client, &config.site.url)?;
    let (sources, public, feeds, endpoints) = tokio::join!(
        sources(config, &client, site_id, now),
        public_url(config, &client),
        feeds(config, &client),
        endpoints(config, &client)
    );
    let sitemaps = sitemaps(config, &client).await;
    let keys = keys(config, &client).await;
    Ok([sources, public, feeds, endpoints, sitemaps, keys].concat())
}

/// The status of an answer, or why there is none.
async fn status(client: &Client, url: &Url) -> Result<u16, String> {
    let answer = client.ask(url, Whose::Operator, Ask::Get, LIMITS).await;
    answer
        .map(|answer| answer.status)
        .map_err(|error| error.to_string())
}

/// Reads the feeds that are sources, as a pass would that knows nothing yet.
async fn sources(config: &Config, client: &Client, site_id: Uuid, now: Instant) -> Vec<Problem> {
    let past = Past::default();
    let web = Web {
        client,
        site: &config.site,
        site_id,
        past: &past,
        now,
        by_every: false,
    };
    let mut problems = Vec::new();
    for source in config
        .sources
        .iter()
        .filter(|source| source.kind == SourceKind::Feed)
    {
        let scan = remote::read(source, web).await;
        problems.extend(scan.failed.into_iter().map(|failed| failed.problem));
        problems.extend(scan.warnings);
    }
    problems
}

/// Links in mails lead there.
async fn public_url(config: &Config, client: &Client) -> Vec<Problem> {
    let url = &config.http.public_url;
    let why = match status(client, url).await {
        Ok(status) if status < 500 => return Vec::new(),
        Ok(status) => format!("answers with status {status}"),
        Err(why) => why,
    };
    let problem = Problem::error("public-url-silent", format!("{url}: {why}")).file(&config.file);
    vec![
        problem
            .key("http.public_url")
            .hint("links in mails, to unsubscribe too, lead there"),
    ]
}

async fn feeds(config: &Config, client: &Client) -> Vec<Problem> {
    let Ok(url) = config.feeds.url.join("rss.xml") else {
        return Vec::new();
    };
    let why = match status(client, &url).await {
        Ok(200) => return Vec::new(),
        Ok(status) => format!("answers with status {status}"),
        Err(why) => why,
    };
    let problem = Problem::warning("feed-not-published", format!("{url}: {why}")).file(&config.file);
    vec![
        problem
            .key("feeds.url")
            .hint(format!("publish the folder {} there", config.feeds.dir.display())),
    ]
}

/// The sitemaps that are sources.
async fn sitemaps(config: &Config, client: &Client) -> Vec<Problem> {
    let mut problems = Vec::new();
    for source in &config.sources {
        let (SourceKind::Sitemap, Origin::Url(url)) = (source.kind, &source.origin) else {
            continue;
        };
        let why = match status(client, url).await {
            Ok(status) if status < 400 => continue,
            Ok(status) => format!("it answers {status}"),
            Err(why) => why,
        };
        problems.push(
            Problem::error("source-unreachable", format!("cannot be fetched: {why}"))
                .file(source.origin.shown())
                .key(format!("sources.{}.url", source.name))
                .hint("correct its url, or see what is wrong with its server"),
        );
    }
    problems
}

/// Whether search engines find the keys of IndexNow.
async fn keys(config: &Config, client: &Client) -> Vec<Problem> {
    let mut problems = Vec::new();
    for ping in &config.pings {
        let (Some(key), Endpoint::Url(_)) = (&ping.key, &ping.endpoint) else {
            continue;
        };
        let Some(url) = pings::key_url(&config.site.url, key) else {
            continue;
        };
        let answer = client.ask(&url, Whose::Operator, Ask::Get, LIMITS).await;
        let why = match answer {
            Ok(answer) if answer.status == 200 && answer.body.trim_ascii() == key.as_bytes() => continue,
            Ok(answer) if answer.status == 200 => "holds something else".to_owned(),
            Ok(answer) => format!("answers with status {}", answer.status),
            Err(error) => error.to_string(),
        };
        problems.push(
            Problem::warning("indexnow-key", format!("the key is not found at {url}: {why}"))
                .file(&config.file)
                .key(format!("pings.{}.key", ping.name))
                .hint("put a file of that name there, which holds the key and nothing else"),
        );
    }
    problems
}

/// Any answer will do: endpoints take only POST.
async fn endpoints(config: &Config, client: &Client) -> Vec<Problem> {
    let mut problems = Vec::new();
    for ping in &config.pings {
        let Endpoint::Url(url) = &ping.endpoint else {
            continue;
        };
        if let Err(why) = status(client, url).await {
            problems.push(
                Problem::warning("ping-endpoint-silent", format!("{url}: {why}"))
                    .file(&config.file)
                    .key(format!("pings.{}.endpoint", ping.name))
                    .hint("pings to it wait, and it is tried again by itself"),
            );
        }
    }
    problems
}
