//! Whether others answer: the public address, the feeds there, the endpoints of pings. Nothing is
//! told to anybody: every request is a GET.

use crate::config::Config;
use crate::config::values::Endpoint;
use crate::http::{Ask, Client, Limits, Whose};
use crate::problem::Problem;
use url::Url;

const LIMITS: Limits = Limits {
    body: 1024,
    redirects: 5,
};

/// Asks all of them, at the same time.
pub(super) async fn all(config: &Config) -> anyhow::Result<Vec<Problem>> {
    let client = Client::new(&config.http_client, &config.site.url)?;
    let (public, feeds, pings) = tokio::join!(
        public_url(config, &client),
        feeds(config, &client),
        pings(config, &client)
    );
    Ok([public, feeds, pings].concat())
}

/// The status of an answer, or why there is none.
async fn status(client: &Client, url: &Url) -> Result<u16, String> {
    let answer = client.ask(url, Whose::Operator, Ask::Get, LIMITS).await;
    answer
        .map(|answer| answer.status)
        .map_err(|error| error.to_string())
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

/// Any answer will do: endpoints take only POST.
async fn pings(config: &Config, client: &Client) -> Vec<Problem> {
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
                    .hint("pings to it will be tried again for two days, then given up"),
            );
        }
    }
    problems
}
