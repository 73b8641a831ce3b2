//! Feeds in XML: RSS from 0.90 to 2.0, Atom 0.3 and 1.0, and CDF.

use super::addresses::{join, web_address};
use super::canonical;
use super::document::{Document, Source, entry, no_feed};
use super::item;
use super::keys::Raw;
use super::markup::Markup;
use super::scope::Scope;
use super::tree::{self, Cut, Element, Tree};
use crate::articles::text;
use crate::problem::Problem;
use crate::sources::scan::About;
use url::Url;

/// What feeds begin with.
const ROOTS: [&str; 6] = ["rss", "rdf:rdf", "rdf", "feed", "channel", "entry"];
const ITEMS: [&str; 2] = ["item", "entry"];
/// Items stand no deeper than so.
const DEEPEST: usize = 4;
/// The media types of feeds that a page may link.
const FEED_TYPES: [&str; 4] = [
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/json",
];

pub(super) fn read(source: Source) -> Result<Document, Problem> {
    let Tree { top, cut } = tree::parse(source.text);
    let root = root(&top, source)?;
    let mut items = Vec::new();
    find_items(&top, 0, &mut items);
    if items.is_empty() && !ROOTS.contains(&root.name.as_str()) {
        return Err(foreign(&root.name, source));
    }
    let channel = root.all("channel").next().unwrap_or(root);
    let about = match ITEMS.contains(&root.name.as_str()) {
        true => About::default(),
        false => about(channel, root, source),
    };
    let home = home(&about, source);
    let around = Scope {
        home: home.clone().or_else(|| Some(source.site.clone())),
        language: about.language.clone(),
        authors: authors(channel, root),
        ..Scope::default()
    };
    let mut warnings = Vec::new();
    let is_cut = cut.is_some();
    if let Some(Cut { at, item }) = cut {
        items.retain(|(found, _)| Some(found.at) != item);
        warnings.push(source.broken_off(at, items.len()));
    }
    let raws = items.into_iter().map(|(item, bases)| {
        let scope = bases
            .iter()
            .fold(around.clone(), |scope, element| scope.within(element));
        raw(item, &scope, source)
    });
    Ok(Document {
        raws: raws.collect(),
        about,
        home,
        warnings,
        cut: is_cut,
    })
}

/// One item; where it cannot be read it is named by what it is known by.
fn raw(item: &Element, scope: &Scope, source: Source) -> Raw {
    let (document, beside) = canonical::entry(item, scope, source.reading);
    match entry(&document, source.from) {
        Ok(entry) => item::raw(entry, beside),
        Err(problem) => Raw {
            link: beside
                .original
                .or(beside.permalink)
                .or_else(|| scope.address(&item.first_text(&["link"])?)),
            guid: beside.guid,
            extract: Err(problem.line(source.line(item.at))),
        },
    }
}

/// The element that the feed is.
fn root<'a>(top: &'a Element, source: Source) -> Result<&'a Element, Problem> {
    let known = top
        .elements()
        .find(|element| ROOTS.contains(&element.name.as_str()));
    let root = known.or_else(|| top.elements().next());
    let root = root.ok_or_else(|| no_feed(source.from, "there is nothing in it that looks like one"))?;
    match known.is_none() && is_page(top) {
        true => Err(page(top, source)),
        false => Ok(root),
    }
}

fn is_page(top: &Element) -> bool {
    top.elements().any(|element| {
        let local = element.name.rsplit(':').next().unwrap_or_default();
        matches!(local, "html" | "head" | "body")
    })
}

/// A page of HTML, and the feed that it links.
fn page(top: &Element, source: Source) -> Problem {
    let mut links = Vec::new();
    linked_feeds(top, &mut links);
    let base = source.url();
    let problem = no_feed(source.from, "it is a page of HTML");
    match links.first() {
        Some(link) => {
            let url = join(base.as_ref(), link).map_or_else(|| link.clone(), String::from);
            problem.hint(format!("the feed that it links is {}", text::one_line(&url)))
        }
        None => problem.hint("name the feed itself; the page links none"),
    }
}

fn linked_feeds(element: &Element, links: &mut Vec<String>) {
    for child in element.elements() {
        let rel = child.attribute("rel").unwrap_or_default().to_ascii_lowercase();
        let kind = child.attribute("type").unwrap_or_default().to_ascii_lowercase();
        if rel.split_whitespace().any(|rel| rel == "alternate") && FEED_TYPES.contains(&kind.as_str()) {
            links.extend(child.attribute("href").map(str::to_owned));
        }
        linked_feeds(child, links);
    }
}

/// Another kind of document.
fn foreign(name: &str, source: Source) -> Problem {
    let problem = no_feed(
        source.from,
        &format!("it is a document of <{}>", text::first_words(name, 40)),
    );
    match name.rsplit(':').next() {
        Some("urlset" | "sitemapindex") => problem.hint("for a sitemap write kind = \"sitemap\""),
        _ => problem,
    }
}

/// The items in an element, with those around them that may say something for all of them.
fn find_items<'a>(parent: &'a Element, depth: usize, items: &mut Vec<(&'a Element, Vec<&'a Element>)>) {
    for child in parent.elements() {
        if ITEMS.contains(&child.name.as_str()) {
            items.push((child, Vec::new()));
        } else if depth < DEEPEST && !child.name.starts_with("xhtml:") {
            let first = items.len();
            find_items(child, depth + 1, items);
            for (_, around) in &mut items[first..] {
                around.insert(0, child);
            }
        }
    }
}

fn authors(channel: &Element, root: &Element) -> Vec<crate::articles::Author> {
    let found = canonical::people(channel);
    if !found.is_empty() {
        return found;
    }
    let of_root = canonical::people(root);
    let editor = || {
        channel
            .first_text(&["managingeditor"])
            .and_then(|text| canonical::name_alone(&text))
    };
    match of_root.is_empty() {
        true => editor().map(crate::sources::people::person).into_iter().collect(),
        false => of_root,
    }
}

/// What a feed says of its site.
fn about(channel: &Element, root: &Element, source: Source) -> About {
    let texts = |names: &[&str]| {
        let found = names.iter().flat_map(|name| channel.all(name));
        let mut markups = found.filter_map(|element| Markup::of(element, None));
        markups
            .find(|markup| !markup.is_empty())
            .map(|markup| item::plain(&markup))
    };
    let linked = |wanted: &str| {
        let mut links = channel
            .all("link")
            .filter(|link| link.attribute("rel").unwrap_or("alternate") == wanted);
        links.find_map(|link| link.attribute("href").map(str::to_owned))
    };
    let scope = Scope {
        home: source.url(),
        ..Scope::default()
    }
    .within(root)
    .within(channel);
    let plain_link = || {
        channel
            .all("link")
            .find(|link| link.attribute("href").is_none() && link.attribute("rel").is_none())
            .map(Element::text)
    };
    let page = plain_link()
        .filter(|text| !text.is_empty())
        .or_else(|| linked("alternate"))
        .or_else(|| channel.attribute("href").map(str::to_owned));
    let language = channel.first_text(&["language", "dc:language"]);
    let absolute = |address: String| scope.address(&address).map(String::from);
    About {
        system: channel.first_text(&["generator"]),
        title: texts(&["title", "dc:title"]),
        url: page.and_then(absolute),
        description: texts(&["description", "subtitle", "tagline", "abstract", "itunes:summary"]),
        language: language.or(scope.language.clone()),
        feed: linked("self").and_then(absolute),
        hub: linked("hub").and_then(absolute),
        ..About::default()
    }
}

/// What addresses are relative to where nothing is stated.
fn home(about: &About, source: Source) -> Option<Url> {
    let stated = about.url.as_deref().and_then(web_address);
    stated
        .or_else(|| about.feed.as_deref().and_then(web_address))
        .or_else(|| source.url())
}
