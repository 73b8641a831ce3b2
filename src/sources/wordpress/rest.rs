//! A site's REST interface: its posts page by page, and later only those that were changed.

use super::answer::{date, extract, number, why_not};
use super::markup::attribute;
use crate::sources::collection::{Collection, Item};
use crate::sources::documents::Around;
use crate::sources::left_out::LeftOut;
use crate::sources::progress::{Ending, Progress};
use crate::sources::scan::{Scan, guarded};
use crate::sources::talk::{Silence, Talk, answered, meant};
use crate::sources::web::Web;
use crate::{clock, config};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;
use url::Url;

/// Where the memory keeps how far a site was read.
const MEMORY: &str = "wordpress";
/// Posts of one answer.
const PER_PAGE: usize = 100;
const RELATION: &str = "https://api.w.org/";

/// What refusals mean.
const HINTS: [(u16, &str); 3] = [
    (
        401,
        "it wants a login: let its REST interface be read by everybody, or take in an export",
    ),
    (
        403,
        "something in front of it refuses programs: allow ours, or take in an export",
    ),
    (
        404,
        "its REST interface is switched off, or the URL is not the site's: take in an export, or its feed",
    ),
];

/// What is remembered of a site.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    /// The root of its interface.
    root: Option<Url>,
    #[serde(flatten)]
    progress: Progress,
}

/// Reads a site.
pub(crate) async fn read(source: &config::Source, url: &Url, web: Web<'_>, scan: &mut Scan) {
    let mut talk = Talk::new(url, None, web);
    let mut memory: Memory = web.past.recall(MEMORY).unwrap_or_default();
    let outcome = posts(&mut talk, url, web, &mut memory).await;
    scan.notes.keep(url.as_str(), talk.visit());
    let (collection, ending) = match outcome {
        Ok(read) => read,
        Err(Silence::Early) => {
            scan.readable = false;
            return;
        }
        Err(Silence::Failed(problem)) => {
            if memory.root.is_some() && answered(&problem, 404) {
                // It may be elsewhere by now.
                memory.root = None;
                scan.notes.keep(MEMORY, &memory);
            }
            scan.is_unreadable(meant(problem, &HINTS));
            return;
        }
    };
    let around = Around::of(source, web);
    if let Some(progress) = memory.progress.take(collection, ending, around, web, scan) {
        scan.notes.keep(MEMORY, &Memory { progress, ..memory });
    }
}

/// All posts, or those that were changed. A page that fails after others leaves what they gave, and the
/// problem; at a first reading nothing, for what is read first is the baseline.
async fn posts(
    talk: &mut Talk<'_>,
    url: &Url,
    web: Web<'_>,
    memory: &mut Memory,
) -> Result<(Collection, Ending), Silence> {
    let root = root(talk, url, memory).await?;
    let plan = memory.progress.plan(web);
    let mut pages = Pages::default();
    let broken = match pages.all(talk, &root, plan.since).await {
        Ok(()) => None,
        Err(Silence::Failed(problem)) if !memory.progress.is_none() && !pages.posts.is_empty() => {
            Some(meant(problem, &HINTS))
        }
        Err(silence) => return Err(silence),
    };
    if pages.shifted && memory.progress.is_none() {
        let message = "posts were taken away while it was read first";
        return Err(Silence::Failed(talk.problem("api", message)));
    }
    let from = Path::new(url.as_str());
    let mut left_out = LeftOut::default();
    let mut collection = Collection::default();
    for post in &pages.posts {
        if let Some(changed) = date(post, "modified_gmt").or_else(|| date(post, "date_gmt")) {
            memory.progress.reach(changed.timestamp());
        }
        match why_not(post) {
            Some(why) => {
                left_out.count(&why);
                collection
                    .left_out
                    .push((number(post), date(post, "modified_gmt")));
            }
            None => collection.items.push(Item {
                key: number(post),
                extract: guarded(from, || Ok(extract(post, from, &mut collection.warnings))),
            }),
        }
    }
    collection.warnings.extend(left_out.note(from));
    memory.root = Some(root);
    let ending = Ending {
        plan,
        shifted: pages.shifted,
        broken,
    };
    Ok((collection, ending))
}

/// Where the interface is: as the site's head says, else where it is unless somebody moved it.
async fn root(talk: &mut Talk<'_>, url: &Url, memory: &Memory) -> Result<Url, Silence> {
    let is_root = |url: &Url| {
        url.path().contains("/wp-json") || url.query().is_some_and(|query| query.contains("rest_route"))
    };
    if let Some(root) = memory.root.as_ref().filter(|_| !memory.progress.is_none()) {
        return Ok(root.clone());
    }
    if is_root(url) {
        return Ok(url.clone());
    }
    let answer = talk.get(url, "text/html, */*;q=0.1").await?;
    let named = answer.header("link").and_then(in_header).or_else(|| {
        let head = String::from_utf8_lossy(&answer.body[..answer.body.len().min(512 * 1024)]);
        in_head(&head)
    });
    let guess = || {
        answer.url.join(if answer.url.path().ends_with('/') {
            "wp-json/"
        } else {
            "/wp-json/"
        })
    };
    match named.and_then(|named| answer.url.join(&named).ok()) {
        Some(root) if matches!(root.scheme(), "http" | "https") => Ok(root),
        _ => guess().map_err(|_| Silence::Failed(talk.problem("api", "it names no REST interface"))),
    }
}

/// `<https://example.org/wp-json/>; rel="https://api.w.org/"`
fn in_header(link: &str) -> Option<String> {
    let at = link.find(RELATION)?;
    let before = &link[..at];
    let start = before.rfind('<')? + 1;
    Some(before[start..start + before[start..].find('>')?].to_owned())
}

fn in_head(head: &str) -> Option<String> {
    let at = head.find(RELATION)?;
    let start = head[..at].rfind("<link")?;
    let tag = &head[start..start + head[start..].find('>')?];
    (tag.len() < 2000).then(|| attribute(tag, "href"))?
}

/// A question to the interface; `?rest_route=` is its form where addresses are plain.
fn question(root: &Url, page: usize, since: Option<(&str, i64)>) -> Url {
    let mut url = root.clone();
    let plain = url.query_pairs().find(|(key, _)| key == "rest_route");
    let route = plain.map(|(_, route)| format!("{}/wp/v2/posts", route.trim_end_matches('/')));
    match &route {
        Some(_) => url.set_query(None),
        None => {
            let path = url.path().trim_end_matches('/');
            let path = path.trim_end_matches("/wp/v2/posts").trim_end_matches("/wp/v2");
            let path = format!("{path}/wp/v2/posts");
            url.set_path(&path);
        }
    }
    let mut query = url.query_pairs_mut();
    if let Some(route) = route {
        query.append_pair("rest_route", &route);
    }
    // In the order of their ids a page does not shift when something new is published meanwhile.
    query
        .append_pair("per_page", &PER_PAGE.to_string())
        .append_pair("page", &page.to_string())
        .append_pair("orderby", "id")
        .append_pair("order", "asc")
        .append_pair("_embed", "author,wp:term,wp:featuredmedia");
    if let Some((key, since)) = since {
        // The server asks for what is later; what came within the same second is asked for again.
        let since = clock::from_seconds(since - 1)
            .format("%Y-%m-%dT%H:%M:%SZ")
            .to_string();
        query.append_pair(key, &since);
    }
    drop(query);
    url
}

/// What the pages held.
#[derive(Default)]
struct Pages {
    posts: Vec<Value>,
    ids: HashSet<String>,
    /// How many there are in all, as the first page says.
    total: Option<String>,
    /// Something was taken away meanwhile: a post may have slipped onto a page that was read already.
    shifted: bool,
}

impl Pages {
    /// All, or what was changed or came since: the day of what was planned comes without a change.
    async fn all(&mut self, talk: &mut Talk<'_>, root: &Url, since: Option<i64>) -> Result<(), Silence> {
        let Some(since) = since else {
            return self.read(talk, root, None).await;
        };
        self.read(talk, root, Some(("modified_after", since))).await?;
        self.read(talk, root, Some(("after", since))).await
    }

    async fn read(
        &mut self,
        talk: &mut Talk<'_>,
        root: &Url,
        since: Option<(&str, i64)>,
    ) -> Result<(), Silence> {
        let mut seen = HashSet::new();
        for page in 1.. {
            let asked = talk.json(&question(root, page, since)).await;
            let (value, answer) = match asked {
                // Behind the last page.
                Err(Silence::Failed(problem)) if page > 1 && answered(&problem, 400) => {
                    talk.forgive();
                    return Ok(());
                }
                other => other?,
            };
            let Value::Array(posts) = value else {
                return Err(Silence::Failed(
                    talk.problem("api", "its answer is no list of posts"),
                ));
            };
            let total = answer.header("x-wp-total").map(str::to_owned);
            self.shifted |= page > 1 && total != self.total;
            self.total = total;
            let (count, before) = (posts.len(), seen.len());
            for post in posts {
                seen.insert(number(&post));
                if self.ids.insert(number(&post)) {
                    self.posts.push(post);
                }
            }
            let last = answer
                .header("x-wp-totalpages")
                .and_then(|pages| pages.trim().parse::<usize>().ok());
            let is_last = last.map_or(count < PER_PAGE, |last| page >= last);
            // A server that gives the same page for ever has no more.
            if is_last || count == 0 || seen.len() == before {
                return Ok(());
            }
        }
        Ok(())
    }
}
