//! A live site by its sitemaps: what they list is asked for page by page, as robots.txt allows, newest
//! first, and only what may have changed.
//!
//! A reading has a measure of time and pages. What it fetched is taken in with what is remembered of it;
//! the next reading goes on. All that a site listed when it was read first was there before: nobody is
//! told of it, whichever reading brings it.

mod address;
mod agent;
mod choice;
mod crawl;
mod document;
mod gather;
mod list;
mod marks;
mod memory;
mod page;
mod robots;

use super::dates::Reading;
use super::past::Past;
use super::scan::Scan;
use super::web::Web;
use crate::config;
use crate::problem::Problem;
use crate::sources::fetch::unreachable;
use agent::Agent;
use choice::{Choice, Taken};
use crawl::{Crawled, Crawling};
use gather::Gathering;
use list::List;
use memory::{CRAWL, Crawl, Page, Verdict};
use page::Around;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long a pass reads a site; the service, which has other things to do, comes back soon.
const PASS_TIME: Duration = Duration::from_secs(120);
const TURN_TIME: Duration = Duration::from_secs(15);
/// So often a page that was never had is tried before articles that are listed no more may be removed:
/// it could be one of them, at another address.
const TRIES: u32 = 3;

/// Whether the site is to be read: its time has come, or there are pages left from the last reading.
pub(crate) fn is_due(every: i64, web: Web<'_>) -> bool {
    let crawl: Crawl = web.past.recall(CRAWL).unwrap_or_default();
    let since = web.now.timestamp() - crawl.asked;
    crawl.more || since < 0 || since >= every
}

/// Reads the site. `every`: how often, in seconds.
pub(crate) async fn read(source: &config::Source, url: &Url, every: i64, web: Web<'_>, scan: &mut Scan) {
    let mut crawl: Crawl = web.past.recall(CRAWL).unwrap_or_default();
    if crawl.is_left_alone(web.now) {
        scan.readable = false;
        return;
    }
    crawl.not_before = 0;
    crawl.asked = web.now.timestamp();
    let time = if web.by_every { TURN_TIME } else { PASS_TIME };
    let mut agent = Agent::new(web, url, time);
    match whole(source, url, every, &mut agent, &mut crawl, time, scan).await {
        Ok(()) => {}
        Err(Some(problem)) => scan.is_unreadable(problem),
        Err(None) => scan.readable = false,
    }
    scan.notes.keep(CRAWL, &crawl);
}

async fn whole(
    source: &config::Source,
    url: &Url,
    every: i64,
    agent: &mut Agent<'_>,
    crawl: &mut Crawl,
    time: Duration,
    scan: &mut Scan,
) -> Result<(), Option<Problem>> {
    let web = agent.web;
    let choice = Choice::new(&source.include, &source.exclude)?;
    let reading = Reading::new(web.site.timezone, &web.site.language);
    let fresh = if web.by_every { every } else { 0 };
    let mut list = listed(url, fresh, agent, crawl, time, scan).await?;
    scan.warnings.append(&mut list.warnings);
    let (pages, changed, lists) = remembered(&list, &choice, web.past, crawl);
    let around = Around {
        site: web.site.clone(),
        site_id: web.site_id,
        source: source.clone(),
        home: url.clone(),
        listed: list.pages.iter().map(|entry| entry.key.clone()).collect(),
        narrow: choice.is_narrow(),
    };
    let mut crawling = Crawling {
        agent,
        source: url,
        around: Arc::new(around),
        scan,
        reading,
        pages,
        changed,
    };
    let mut crawled = crawling.run(&list, crawl).await;
    let Crawling { pages, changed, .. } = crawling;
    if !crawl.begun && list.is_cut {
        crawl.cut = Some(web.now.timestamp());
    }
    crawl.begun = true;
    crawl.more = crawled.left > 0;
    if crawl.not_before == 0 {
        crawl.failures = 0;
    }
    scan.articles = std::mem::take(&mut crawled.articles);
    settle(&list, &pages, web.past, crawled.left, scan);
    for key in changed {
        scan.notes.keep(&key, &pages[&key]);
    }
    tell(url, &pages, lists, list.foreign, &crawled, scan);
    Ok(())
}

/// What the site lists, where its robots.txt lets us ask.
async fn listed<'s>(
    url: &'s Url,
    fresh: i64,
    agent: &mut Agent<'_>,
    crawl: &mut Crawl,
    time: Duration,
    scan: &mut Scan,
) -> Result<List<'s>, Option<Problem>> {
    let web = agent.web;
    if let Err(why) = agent.robots(url, &mut scan.notes).await {
        crawl.leave_alone(None, web.now);
        return Err(Some(unreachable(url, &why)));
    }
    let gathering = Gathering {
        agent,
        source: url,
        first: !crawl.begun,
        notes: &mut scan.notes,
        reading: Reading::new(web.site.timezone, &web.site.language),
        reserve: time / 2,
        fresh,
    };
    let list = gathering.run(crawl).await?;
    if list.pages.is_empty() && (!web.past.known.is_empty() || list.foreign > 0) {
        return Err(Some(lists_nothing(url, list.foreign)));
    }
    Ok(list)
}

/// What is known of the pages that are listed and chosen; the keys of those that are remembered from now
/// on; how many are plainly no articles.
fn remembered(
    list: &List<'_>,
    choice: &Choice,
    past: &Past,
    crawl: &Crawl,
) -> (HashMap<String, Page>, HashSet<String>, usize) {
    let (mut pages, mut new, mut lists) = (HashMap::new(), HashSet::new(), 0);
    for entry in &list.pages {
        match choice.takes(&entry.url) {
            Taken::Yes => {}
            Taken::NotWanted => continue,
            Taken::NoArticle => {
                lists += 1;
                continue;
            }
        }
        let known: Option<Page> = past.recall(&entry.key);
        let mut page = known.clone().unwrap_or_else(|| Page {
            old: crawl.had(entry),
            ..Page::default()
        });
        page.newest_only = entry.newest_only;
        if known.as_ref() != Some(&page) {
            new.insert(entry.key.clone());
        }
        pages.insert(entry.key.clone(), page);
    }
    (pages, new, lists)
}

/// Says of each article that is known whether it is there, and which articles nobody is told of.
fn settle(list: &List<'_>, pages: &HashMap<String, Page>, past: &Past, left: usize, scan: &mut Scan) {
    let read: HashSet<&str> = scan
        .articles
        .iter()
        .map(|article| article.path.as_str())
        .collect();
    let is_there = |page: &Page| matches!(page.verdict, Verdict::New | Verdict::Article | Verdict::Forbidden);
    let mut unchanged = Vec::new();
    for key in past.known.iter().filter(|key| !read.contains(key.as_str())) {
        let listed = pages.get(key).map(is_there);
        // What was only ever listed among the newest is not gone when they are others.
        let dropped = || {
            let page: Option<Page> = past.recall(key);
            list.place(key).is_none() && page.is_some_and(|page| page.newest_only && is_there(&page))
        };
        if listed.unwrap_or_else(dropped) {
            unchanged.push(key.clone());
        }
    }
    let old = read
        .iter()
        .filter(|key| pages.get(**key).is_some_and(|page| page.old));
    scan.baseline = old.map(|key| (*key).to_owned()).collect();
    scan.unchanged = unchanged;
    let unread = |page: &Page| page.verdict == Verdict::New && page.failures <= TRIES;
    scan.partial = !list.whole || left > 0 || pages.values().any(unread);
    scan.more = left > 0;
    // What was cut is left for good, and what is old is told to nobody.
    let is_late = |page: &Page| unread(page) && !page.old;
    scan.behind = (!list.whole && !list.is_cut) || pages.values().any(is_late);
    if !scan.partial {
        let is_page = |key: &&String| key.starts_with('/') && list.place(key).is_none();
        let kept: HashSet<&String> = scan.unchanged.iter().collect();
        let forgotten = past
            .memory
            .keys()
            .filter(is_page)
            .filter(|key| !kept.contains(key));
        scan.notes.0.extend(forgotten.map(|key| (key.clone(), None)));
    }
}

fn lists_nothing(url: &Url, foreign: usize) -> Problem {
    let why = match foreign {
        0 => "it lists no page any more".to_owned(),
        _ => format!("all of its {foreign} addresses are of other hosts, or are none"),
    };
    document::no_sitemap(url, &why)
}

/// Tells what could not be had, what is left for the next reading, and what is no article.
fn tell(
    url: &Url,
    pages: &HashMap<String, Page>,
    lists: usize,
    foreign: usize,
    crawled: &Crawled,
    scan: &mut Scan,
) {
    let from = Path::new(url.as_str());
    if let Some((first, why)) = &crawled.first_missing {
        let text = format!(
            "{} pages could not be had, the first of them {first}: {why}",
            crawled.missing
        );
        let problem = Problem::warning("pages-missing", text).file(from);
        scan.warnings
            .push(problem.hint("they are tried again later; what is known of them stays"));
    }
    if crawled.left > 0 {
        let text = format!(
            "{} pages are still to be read: there is a measure for each reading",
            crawled.left
        );
        let problem = Problem::note("pages-left", text).file(from);
        scan.warnings
            .push(problem.hint("the next reading goes on with them; nothing counts as removed until then"));
    }
    if crawled.asked == 0 {
        return;
    }
    let count = |verdict: Verdict| pages.values().filter(|page| page.verdict == verdict).count();
    let reasons = [
        (lists, "are lists or files by their address"),
        (count(Verdict::Other), "have no date or are no articles"),
        (count(Verdict::Elsewhere), "say that they are another page"),
        (count(Verdict::Noindex), "want to be in no index"),
        (count(Verdict::Forbidden), "are kept off by robots.txt"),
        (foreign, "are of other hosts"),
    ];
    let reasons = reasons.into_iter().filter(|(count, _)| *count > 0);
    let reasons: Vec<String> = reasons.map(|(count, why)| format!("{count} {why}")).collect();
    if !reasons.is_empty() {
        let text = format!("pages that are left out: {}", reasons.join(", "));
        let problem = Problem::note("pages-left-out", text).file(from);
        scan.warnings
            .push(problem.hint("`include` and `exclude` say which paths are articles"));
    }
}
