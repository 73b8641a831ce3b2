//! A site's Content API: its posts page by page, and later only those that were changed. The key goes
//! to the server and nowhere else.

use super::post::{self, Around};
use super::rows::{Document, Tables};
use crate::config;
use crate::problem::Problem;
use crate::sources::collection::Collection;
use crate::sources::dates::Reading;
use crate::sources::documents;
use crate::sources::progress::{Ending, Progress};
use crate::sources::scan::Scan;
use crate::sources::talk::{Silence, Talk, meant};
use crate::sources::web::Web;
use crate::{clock, config::values::Secret};
use serde::de::DeserializeSeed;
use std::collections::HashSet;
use std::path::Path;
use url::Url;

/// Where the memory keeps how far a site was read.
const MEMORY: &str = "ghost";
const PER_PAGE: &str = "50";
/// What refusals mean.
const HINTS: [(u16, &str); 3] = [
    (
        401,
        "the key is not the one of its Content API: copy it from Settings → Integrations",
    ),
    (
        403,
        "the key is not the one of its Content API, or the site is private",
    ),
    (
        404,
        "no Ghost answers there: write the URL that its admin page has before /ghost; of a version before 5 all of it, with /ghost/api/v3/content",
    ),
];

/// Reads a site.
pub(crate) async fn read(source: &config::Source, url: &Url, web: Web<'_>, scan: &mut Scan) {
    let Some(key) = source.key.as_ref().map(Secret::reveal) else {
        scan.is_unreadable(
            Problem::error("api", "a Ghost site wants the key of its Content API")
                .file(source.origin.shown())
                .key(format!("sources.{}.key", source.name))
                .hint("make one with Settings → Integrations → Add custom integration"),
        );
        return;
    };
    let mut talk = Talk::new(url, Some(key), web);
    let mut progress: Progress = web.past.recall(MEMORY).unwrap_or_default();
    let plan = progress.plan(web);
    let mut tables = Tables::default();
    let mut shifted = false;
    let read = pages(&mut talk, url, key, plan.since, &mut tables, &mut shifted).await;
    scan.notes.keep(url.as_str(), talk.visit());
    let broken = match read {
        Ok(()) => None,
        Err(Silence::Failed(problem)) if !progress.is_none() && !tables.posts.is_empty() => {
            Some(meant(problem, &HINTS))
        }
        Err(Silence::Failed(problem)) => return scan.is_unreadable(meant(problem, &HINTS)),
        Err(Silence::Early) => {
            scan.readable = false;
            return;
        }
    };
    if shifted && progress.is_none() {
        return scan.is_unreadable(talk.problem("api", "posts were taken away while it was read first"));
    }
    let around = documents::Around::of(source, web);
    let collection = collect(tables, url, web, around.from, &mut progress);
    let ending = Ending {
        plan,
        shifted,
        broken,
    };
    if let Some(progress) = progress.take(collection, ending, around, web, scan) {
        scan.notes.keep(MEMORY, &progress);
    }
}

fn collect(tables: Tables, url: &Url, web: Web<'_>, from: &Path, progress: &mut Progress) -> Collection {
    for post in &tables.posts {
        let changed = chrono::DateTime::parse_from_rfc3339(post.updated_at.get());
        progress.reach(changed.map_or(0, |at| at.timestamp()));
    }
    let around = Around {
        from,
        site: url,
        has_template: false,
        reading: Reading::new(web.site.timezone, &web.site.language),
    };
    post::collection(tables, around)
}

async fn pages(
    talk: &mut Talk<'_>,
    url: &Url,
    key: &str,
    since: Option<i64>,
    tables: &mut Tables,
    shifted: &mut bool,
) -> Result<(), Silence> {
    let (mut ids, mut total) = (HashSet::new(), None);
    let mut page = 1;
    loop {
        let Some(question) = question(url, key, page, since) else {
            return Err(Silence::Failed(talk.problem("api", "its URL cannot be asked")));
        };
        let (value, _) = talk.json(&question).await?;
        let mut read = Tables::default();
        let pagination = &value["meta"]["pagination"];
        let next = pagination["next"].as_u64();
        // Something was taken away meanwhile: a post may have slipped onto a page that was read already.
        *shifted |= page > 1 && total != pagination["total"].as_u64();
        total = pagination["total"].as_u64();
        // What is read of JSON already can be read as tables.
        let _ = Document(&mut read).deserialize(value);
        if !read.is_one {
            return Err(Silence::Failed(talk.problem("api", "its answer has no posts")));
        }
        let before = tables.posts.len();
        let new = read
            .posts
            .into_iter()
            .filter(|post| ids.insert(post.id.get().to_owned()));
        tables.posts.extend(new);
        match next {
            // A server that gives the same page for ever has no more.
            Some(next) if next > page && tables.posts.len() > before => page = next,
            _ => return Ok(()),
        }
    }
}

fn question(site: &Url, key: &str, page: u64, since: Option<i64>) -> Option<Url> {
    let base = site.as_str().split(['?', '#']).next()?.trim_end_matches('/');
    let base = base.trim_end_matches("/posts").trim_end_matches("/ghost");
    let mut url = match base.contains("/ghost/api/") {
        // Old versions have their number in it.
        true => Url::parse(&format!("{base}/posts/")).ok()?,
        false => Url::parse(&format!("{base}/ghost/api/content/posts/")).ok()?,
    };
    let mut query = url.query_pairs_mut();
    // In this order a page does not shift when something new is published meanwhile.
    query
        .append_pair("key", key)
        .append_pair("include", "tags,authors")
        .append_pair("formats", "html")
        .append_pair("order", "published_at asc, id asc")
        .append_pair("limit", PER_PAGE)
        .append_pair("page", &page.to_string());
    if let Some(since) = since {
        // What came within the same second is asked for again.
        let since = clock::from_seconds(since).format("%Y-%m-%d %H:%M:%S").to_string();
        query.append_pair("filter", &format!("updated_at:>='{since}'"));
    }
    drop(query);
    Some(url)
}
