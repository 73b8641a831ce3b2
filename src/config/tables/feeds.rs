//! The table `[feeds]`.

use crate::articles::card::Filter;
use crate::config::section::{Section, because, known_source, one_line};
use crate::config::values::{self, BadValue};
use crate::config::{Content, Feeds, Http, MoreFeed, OldSystem, OldUrl, Podcast, Site, keys};
use crate::subscribers::address::Address;

/// What stands there already: folders and documents below `feeds.dir`, and paths of the service.
const TAKEN: [&str; 16] = [
    "archive",
    "author",
    "category",
    "comments",
    "rss.xml",
    "atom.xml",
    "feed.json",
    "feeds.opml",
    "sitemap.xml",
    "news-sitemap.xml",
    "autodiscovery.html",
    "editions",
    "health",
    "hub",
    "preferences",
    "unsubscribe",
];

/// At most so many items a document.
const MOST_ITEMS: u32 = 10_000;

/// What other tables say, that this one depends on.
pub(super) struct Known<'a> {
    pub site: Option<&'a Site>,
    pub http: Option<&'a Http>,
    pub sources: &'a [&'a str],
}

pub(super) fn feeds(table: &mut Section, known: &Known) -> Option<Feeds> {
    let dir = table.folder("dir");
    let url = match table.is_missing("url") {
        true => known.http.map(|http| http.public_url.clone()),
        false => table.parse("url", values::base_url),
    };
    let items = table.number("items", 1..=MOST_ITEMS).map(|items| items as usize);
    let content = content(table);
    let by_category = table.flag("by_category");
    let by_author = table.flag("by_author");
    let archive = table.flag("archive");
    let comments = table.flag("comments");
    let sitemap = table.flag("sitemap");
    let old_urls = table.list("old_urls", old_url);
    let podcast = table.within("podcast", podcast);
    let (items, content) = (items?, content?);
    let mut folders: Vec<String> = Vec::new();
    let more = table.named("more", |name, table| {
        let more = more(name, table, known, (items, content))?;
        if let Some(folder) = folders.iter().find(|folder| same(folder, &more.folder)) {
            let bad = BadValue::new(format!("{folder:?} is the folder of another feed"));
            table.refuse("path", bad.hint("give it a path of its own"));
            return None;
        }
        folders.push(more.folder.clone());
        Some(more)
    });
    Some(Feeds {
        dir: dir?,
        url: url?,
        items,
        content,
        archive: archive?,
        comments: comments?,
        sitemap: sitemap?,
        more: more?,
        podcast: podcast?,
        by_category: by_category?,
        by_author: by_author?,
        old_urls: old_urls?,
    })
}

fn content(table: &mut Section) -> Option<Content> {
    let words = [("full", Content::Full), ("summary", Content::Summary)];
    table.choice("content", &words, &[])
}

fn podcast(table: &mut Section) -> Option<Podcast> {
    let categories = table.list("categories", |text| {
        let (outer, inner) = match text.split_once('>') {
            Some((outer, inner)) => (outer, Some(inner)),
            None => (text, None),
        };
        let name = |name: &str| match one_line(name)?.trim() {
            "" => Err(BadValue::new("a category is empty").hint("write \"Arts\" or \"Arts > Books\"")),
            name => Ok(name.to_owned()),
        };
        Ok::<_, BadValue>((name(outer)?, inner.map(name).transpose()?))
    });
    let explicit = table.flag("explicit");
    let serial = table.choice("type", &[("episodic", false), ("serial", true)], &[]);
    let email = table.parse("email", |text| Address::parse(text).map_err(because));
    let guid = table.parse("guid", |text| {
        let bad = |_| BadValue::new(format!("{text:?} is no UUID")).hint("copy it from the old feed");
        text.parse::<uuid::Uuid>().map_err(bad)
    });
    Some(Podcast {
        categories: categories?,
        explicit: explicit?,
        serial: serial?,
        image: table.parse("image", values::web_url),
        owner: table.text("owner"),
        email: email.map(|address| address.to_string()),
        guid,
    })
}

/// A feed of the operator's own, with what `[feeds]` says where it says nothing.
fn more(
    name: &str,
    table: &mut Section,
    known: &Known,
    (of_all, as_all): (usize, Content),
) -> Option<MoreFeed> {
    let title = match table.is_missing("title") {
        true => known.site.map(|site| format!("{}: {name}", site.title)),
        false => table.required("title", "what the feed is called"),
    };
    let folder = match table.is_missing("path") {
        true => folder(name).map_err(|bad| table.refuse("path", bad)).ok(),
        false => table.parse("path", folder),
    };
    let categories = table.names("categories");
    let authors = table.names("authors");
    let words = table.names("words");
    let sources = table.list("sources", |text| known_source(text, known.sources));
    let content = match table.is_missing("content") {
        true => Some(as_all),
        false => content(table),
    };
    let items = match table.is_missing("items") {
        true => Some(of_all),
        false => table.number("items", 1..=MOST_ITEMS).map(|items| items as usize),
    };
    Some(MoreFeed {
        title: title?,
        folder: folder?,
        filter: Filter {
            categories: categories?,
            authors: authors?,
            sources: sources?,
        },
        words: words?,
        items: items?,
        content: content?,
    })
}

/// Two that one folder may be on some disks.
fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// A folder below `feeds.dir`, with `/` at the end: of names that every system takes and that no
/// other document has.
fn folder(text: &str) -> Result<String, BadValue> {
    let path = one_line(text)?.trim().trim_matches('/');
    let plain = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    let is_name = |name: &str| {
        (1..=100).contains(&name.len())
            && !name.starts_with('.')
            && !name.ends_with(['.', ' '])
            && name.chars().all(plain)
    };
    if !path.split('/').all(is_name) {
        return Err(BadValue::new(format!("{text:?} is no folder below feeds.dir"))
            .hint("write names of letters, digits, - and _, as \"boats\" or \"lists/boats\""));
    }
    let first = path.split('/').next().unwrap_or_default();
    if TAKEN.iter().any(|taken| same(taken, first)) {
        return Err(
            BadValue::new(format!("{first:?} is the path of something else")).hint("choose another path")
        );
    }
    Ok(format!("{path}/"))
}

/// The name of a system, or a path of the site with the document that it is now behind a space.
fn old_url(text: &str) -> Result<OldUrl, BadValue> {
    if let Some((_, system)) = OldSystem::ALL.iter().find(|(name, _)| *name == text) {
        return Ok(OldUrl::System(*system));
    }
    if !text.starts_with('/') {
        let names = OldSystem::ALL.map(|(name, _)| name);
        let hint = match keys::nearest(text, names) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => format!("write a path as \"/feed.xml\", or one of {}", names.join(", ")),
        };
        return Err(BadValue::new(format!("{text:?} is no system with feeds at known addresses")).hint(hint));
    }
    let (path, target) = match text.split_once(' ') {
        Some((path, target)) => (path, target.trim().trim_start_matches('/')),
        None if text.ends_with(".json") => (text, "feed.json"),
        None if text.contains("atom") => (text, "atom.xml"),
        None => (text, "rss.xml"),
    };
    if path.contains(['?', '#']) || target.is_empty() || target.contains([' ', '?', '#']) {
        return Err(BadValue::new(format!("{text:?} is no path of a feed"))
            .hint("write it as \"/old/feed.xml\", or as \"/old/feed.xml category/boats/rss.xml\""));
    }
    Ok(OldUrl::Path {
        path: path.to_owned(),
        target: target.to_owned(),
    })
}
