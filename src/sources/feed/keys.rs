//! What tells the items of a feed from one another, and each from itself at the next reading.
//!
//! An item is known by its address, without what only counts visitors, and by the guid that it
//! states. Either may change, or be worth nothing: then the other one holds.

use crate::articles::text::one_line;
use crate::clock::Instant;
use crate::problem::Problem;
use crate::sources::collection::Item;
use crate::sources::extract::Extract;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use url::Url;
use uuid::Uuid;

/// Parts of a query that say where a reader came from, and nothing of the page: names, and the
/// beginnings of names.
const COUNTING: [&str; 7] = ["fbclid", "gclid", "mc_cid", "mc_eid", "igshid", "msclkid", "xtor"];
const COUNTING_STARTS: [&str; 3] = ["utm_", "at_medium", "at_campaign"];

/// An item as it stands in its feed.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) guid: Option<String>,
    pub(super) link: Option<Url>,
    pub(super) extract: Result<Extract, Problem>,
}

/// Gives each item its key, its address and its guid. `home`: the address of the feed's site, which
/// is no item's own.
pub(super) fn settle(mut raws: Vec<Raw>, home: Option<&Url>, from: &Path) -> (Vec<Item>, Vec<Problem>) {
    for raw in &mut raws {
        raw.guid = raw
            .guid
            .take()
            .map(|guid| one_line(&guid))
            .filter(|guid| !guid.is_empty());
    }
    let (raws, mut warnings) = once_each(raws, home, from);
    let guids = count(raws.iter().filter_map(|raw| raw.guid.clone()));
    let links = count(
        raws.iter()
            .filter_map(|raw| raw.link.clone().map(without_counting)),
    );
    let shared = guids.iter().filter(|(_, times)| **times > 1);
    warnings.extend(shared.map(|(guid, _)| twice(guid, from)));
    let mut names = HashMap::new();
    let items = raws.into_iter().map(|raw| {
        let guid = raw.guid.clone().filter(|guid| guids[guid] == 1);
        let link = raw.link.clone().map(without_counting);
        let is_own = |link: &Url| links[link] == 1 && !is_home(link, home);
        let own = link.clone().filter(is_own);
        // Without a guid readers know an item by its link.
        let guid = guid.or_else(|| own.as_ref().and(raw.link.as_ref()).map(Url::to_string));
        let name = unused(guid.clone().unwrap_or_else(|| name_of(&raw)), &mut names);
        let (key, url) = match own {
            Some(link) => (short(&address(&link)), Some(link)),
            // The page that several items share, at a place of its own.
            None => (
                short(&name),
                link.or_else(|| home.cloned()).map(|page| at(page, &name)),
            ),
        };
        let extract = raw.extract.map(|extract| Extract {
            guid,
            slug: Some(fragment(&name)),
            url: url.map(String::from),
            ..extract
        });
        Item { key, extract }
    });
    (items.collect(), warnings)
}

/// Each item once. Of two versions of one item the newer is taken, else the one that comes later.
fn once_each(raws: Vec<Raw>, home: Option<&Url>, from: &Path) -> (Vec<Raw>, Vec<Problem>) {
    let mut kept: Vec<Raw> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut in_versions = BTreeSet::new();
    for raw in raws {
        let signs = signs(&raw, home);
        let place = signs.iter().find_map(|sign| places.get(sign)).copied();
        places.extend(signs.into_iter().map(|sign| (sign, place.unwrap_or(kept.len()))));
        let Some(place) = place else {
            kept.push(raw);
            continue;
        };
        if said(&raw) != said(&kept[place]) {
            in_versions.extend(raw.guid.clone());
            if date(&raw) >= date(&kept[place]) {
                kept[place] = raw;
            }
        }
    }
    let warnings = in_versions.iter().map(|guid| versions(guid, from));
    (kept, warnings.collect())
}

/// What is the same in every copy of an item that stands several times in its feed: all of it, or its
/// guid, its own link and either its title or its text. Of one that says nothing it cannot be known.
fn signs(raw: &Raw, home: Option<&Url>) -> Vec<String> {
    let Some((title, html)) = said(raw).filter(|(title, html)| title.is_some() || !html.is_empty()) else {
        return Vec::new();
    };
    let link = raw.link.clone().map(without_counting);
    match (&raw.guid, &link) {
        (None, None) => Vec::new(),
        (Some(guid), Some(link)) if !is_home(link, home) => {
            let of_title = title.map(|title| format!("title {:?}", (guid, link.as_str(), title)));
            let of_text = Some(html).filter(|html| !html.is_empty());
            let of_text = of_text.map(|html| format!("text {:?}", (guid, link.as_str(), html)));
            of_title.into_iter().chain(of_text).collect()
        }
        (guid, link) => vec![format!(
            "all {:?}",
            (guid, link.as_ref().map(Url::as_str), title, html)
        )],
    }
}

/// Its title and its text.
fn said(raw: &Raw) -> Option<(Option<&str>, &str)> {
    let extract = raw.extract.as_ref().ok()?;
    Some((extract.title.as_deref(), &extract.html))
}

fn date(raw: &Raw) -> Option<Instant> {
    let extract = raw.extract.as_ref().ok()?;
    extract.updated.or_else(|| Some(extract.published?.at))
}

fn is_home(link: &Url, home: Option<&Url>) -> bool {
    home.is_some_and(|home| address(link) == address(home))
}

/// The name, with a number where an item before has it.
fn unused(name: String, names: &mut HashMap<String, usize>) -> String {
    let mut own = name.clone();
    while names.contains_key(&own) {
        let times = names.entry(name.clone()).or_insert(1);
        *times += 1;
        own = format!("{name}-{times}");
    }
    names.insert(own.clone(), 1);
    own
}

fn count<T: std::hash::Hash + Eq>(all: impl Iterator<Item = T>) -> HashMap<T, usize> {
    all.fold(HashMap::new(), |mut counts, one| {
        *counts.entry(one).or_default() += 1;
        counts
    })
}

/// What an item without a guid and without an address of its own is known by: its title and date,
/// else its text.
fn name_of(raw: &Raw) -> String {
    let Ok(extract) = &raw.extract else {
        return raw.link.as_ref().map_or_else(String::new, Url::to_string);
    };
    let title = extract.title.as_deref().filter(|title| !title.is_empty());
    let date = extract.published.map(|published| published.at.timestamp());
    match (title, date) {
        (None, None) => extract.html.clone(),
        (title, date) => format!("{} {}", title.unwrap_or_default(), date.unwrap_or_default()),
    }
}

/// Without what counts visitors.
fn without_counting(mut url: Url) -> Url {
    let counts = |name: &str| {
        let name = name.to_ascii_lowercase();
        COUNTING.contains(&name.as_str()) || COUNTING_STARTS.iter().any(|start| name.starts_with(start))
    };
    let Some(query) = url.query() else {
        return url;
    };
    let parts: Vec<&str> = query
        .split('&')
        .filter(|part| !counts(part.split('=').next().unwrap_or_default()))
        .collect();
    if parts.len() < query.split('&').count() {
        let kept = parts.join("&");
        url.set_query(Some(kept.as_str()).filter(|kept| !kept.is_empty()));
    }
    url
}

/// An address without what may change while the page stays: how it is fetched.
fn address(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let rest = &url[url::Position::BeforePath..];
    format!("{host}{port}{}", rest.trim_end_matches('/'))
}

fn at(mut page: Url, name: &str) -> Url {
    page.set_fragment(Some(&fragment(name)));
    page
}

/// A name as the path of an article.
fn short(name: &str) -> String {
    match name.len() <= 300 && !name.is_empty() {
        true => name.to_owned(),
        false => fragment(name),
    }
}

/// A name as a part of an address: as it is, where it is short and plain.
fn fragment(name: &str) -> String {
    let is_plain = name.len() <= 60
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    match is_plain && !name.is_empty() {
        true => name.to_owned(),
        false => Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
            .simple()
            .to_string()[..16]
            .to_owned(),
    }
}

fn versions(guid: &str, from: &Path) -> Problem {
    Problem::warning(
        "same-id",
        format!("the item with the guid {guid:?} is there in several versions; the newest is taken"),
    )
    .file(from)
    .hint("an item stands in a feed once: correct the feed")
}

fn twice(guid: &str, from: &Path) -> Problem {
    Problem::warning(
        "same-id",
        format!("several items have the guid {guid:?}; each is known by its address instead"),
    )
    .file(from)
    .hint("a guid belongs to one item for ever: correct the feed")
}
