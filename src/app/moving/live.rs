//! A live site: what it can be read by, the fullest way first.

use super::found::{Found, unknown};
use crate::config::{HttpClient, OldSystem, Origin, SourceKind};
use crate::http::{Answer, Ask, Client, End, Limits, Whose};
use crate::problem::Problem;
use crate::sources::About;
use crate::sources::recognise::{self, Signs};
use url::Url;

/// The most bytes of an answer that are read to see what it is.
const LOOK: usize = 4 * 1024 * 1024;
/// Where sitemaps mostly are.
const SITEMAPS: [&str; 4] = [
    "/sitemap.xml",
    "/sitemap_index.xml",
    "/sitemap-index.xml",
    "/wp-sitemap.xml",
];

pub(super) async fn look(url: &Url, config: &HttpClient) -> Result<Found, Problem> {
    let shown = url.as_str();
    let client = Client::new(config, url).map_err(|error| unknown(shown, &error.to_string()))?;
    let answer = get(&client, url, url).await.map_err(|why| unknown(shown, &why))?;
    match recognise::document(&answer.body, url.path()) {
        Some(kind @ (SourceKind::Feed | SourceKind::Sitemap)) => {
            let what = if kind == SourceKind::Feed {
                "a feed"
            } else {
                "a sitemap"
            };
            let mut found = Found::new(kind, what, Origin::Url(url.clone()));
            found.about = home(&client, url).await;
            Ok(found)
        }
        Some(SourceKind::Pages) => of_page(&client, url, &answer).await,
        _ => Err(unknown(
            shown,
            "what answers there is neither a page nor a feed nor a sitemap",
        )),
    }
}

/// What a page's site can be read by.
async fn of_page(client: &Client, url: &Url, answer: &Answer) -> Result<Found, Problem> {
    let page = String::from_utf8_lossy(&answer.body);
    let signs = recognise::signs(&page, &answer.url, answer.header("link"));
    let system = signs.generator.clone().unwrap_or_default();
    let is = |name: &str| system.to_ascii_lowercase().starts_with(name);
    let mut found = if signs.wordpress.is_some() && answers_programs(client, &signs, url).await {
        Found::new(
            SourceKind::Wordpress,
            "a WordPress site",
            Origin::Url(url.clone()),
        )
    } else if let Some(sitemap) = sitemap(client, &answer.url, url).await {
        Found::new(SourceKind::Sitemap, "a site with a sitemap", Origin::Url(sitemap))
    } else if let Some(feed) = signs.feeds.iter().find(|feed| is_of(feed, &answer.url)) {
        let mut found = Found::new(SourceKind::Feed, "a site with a feed", Origin::Url(feed.clone()));
        found.warnings.push(
            Problem::warning(
                "init-from",
                "the site has no sitemap, and its feed shows only the newest articles",
            )
            .file(std::path::Path::new(feed.as_str()))
            .hint("an export of the whole site, as a second source, brings in the rest"),
        );
        found
    } else {
        return Err(unknown(
            url.as_str(),
            "the page names no feed, and its site has no sitemap",
        ));
    };
    if is("ghost") && found.kind != SourceKind::Ghost {
        found.warnings.push(
            Problem::warning("init-from", "a Ghost site is read best with a key of its Content API")
                .file(std::path::Path::new(url.as_str()))
                .hint("make one under Integrations, and write kind = \"ghost\", url = its address, key = { env = \"GHOST_KEY\" }"),
        );
    }
    found.old = OldSystem::ALL
        .iter()
        .find(|(name, _)| is(name))
        .map(|(_, old)| *old);
    if found.kind == SourceKind::Wordpress {
        found.old = Some(OldSystem::Wordpress);
    }
    found.about = about(signs, &answer.url);
    Ok(found)
}

/// Whether a feed is of the same host. Elsewhere we do not go unasked: the operator can name it.
fn is_of(feed: &Url, site: &Url) -> bool {
    feed.host_str() == site.host_str()
}

fn about(signs: Signs, url: &Url) -> About {
    About {
        system: signs.generator,
        title: signs.title,
        url: Some(url.to_string()),
        description: signs.description,
        language: signs.language,
        timezone: None,
        ..About::default()
    }
}

/// What the home page of a URL's site says; nothing where it does not answer.
async fn home(client: &Client, url: &Url) -> About {
    let Ok(root) = url.join("/") else {
        return About::default();
    };
    match get(client, &root, url).await {
        Ok(answer) => {
            let page = String::from_utf8_lossy(&answer.body);
            about(recognise::signs(&page, &root, None), &root)
        }
        Err(_) => About {
            url: Some(root.to_string()),
            ..About::default()
        },
    }
}

async fn answers_programs(client: &Client, signs: &Signs, named: &Url) -> bool {
    let Some(api) = &signs.wordpress else {
        return false;
    };
    let mut posts = api.clone();
    let route = api.query_pairs().find(|(name, _)| name == "rest_route").is_some();
    if route {
        posts.set_query(Some("rest_route=/wp/v2/posts&per_page=1"));
    } else {
        posts.set_path(&format!("{}/wp/v2/posts", api.path().trim_end_matches('/')));
        posts.set_query(Some("per_page=1"));
    }
    let answer = get(client, &posts, named).await;
    answer.is_ok_and(|answer| answer.body.trim_ascii_start().starts_with(b"["))
}

/// The site's sitemap: where robots.txt says, else where sitemaps mostly are.
async fn sitemap(client: &Client, url: &Url, named: &Url) -> Option<Url> {
    let robots = get(client, &url.join("/robots.txt").ok()?, named).await;
    let robots = robots
        .map(|answer| String::from_utf8_lossy(&answer.body).into_owned())
        .unwrap_or_default();
    let listed = robots.lines().filter_map(|line| {
        let (field, value) = line.split_once(':')?;
        let is_sitemap = field.trim().eq_ignore_ascii_case("sitemap");
        is_sitemap.then(|| url.join(value.trim()).ok())?
    });
    let usual = SITEMAPS.iter().filter_map(|path| url.join(path).ok());
    let candidates: Vec<Url> = listed
        .take(3)
        .chain(usual)
        .filter(|at| at.origin() == url.origin())
        .collect();
    for at in candidates {
        let answer = get(client, &at, named).await;
        let is_sitemap = |answer: &Answer| recognise::document(&answer.body, "") == Some(SourceKind::Sitemap);
        if answer.as_ref().is_ok_and(is_sitemap) {
            return Some(at);
        }
    }
    None
}

/// The answer, or why there is none to look at. Only what is of the origin that the operator named may be
/// at a private address.
async fn get(client: &Client, url: &Url, named: &Url) -> Result<Answer, String> {
    let whose = match url.origin() == named.origin() {
        true => Whose::Operator,
        false => Whose::Stranger,
    };
    let limits = Limits {
        body: LOOK,
        redirects: 5,
    };
    let answer = client.ask(url, whose, Ask::Get, limits).await;
    let answer = answer.map_err(|error| error.to_string())?;
    match (answer.status, answer.end) {
        (200..=299, End::Whole | End::Cut) => Ok(answer),
        (200..=299, End::Broken) => Err("the answer broke off".to_owned()),
        (status, _) => Err(format!("it answers {status}")),
    }
}
