//! Saved HTML pages: the body by its weight, the rest by what the page says to machines and, where it
//! says nothing to them, by what it says to readers.

mod body;
mod charset;
mod comments;
mod frame;
mod json_ld;
mod lines;
mod marked;
mod metadata;
mod stated;

use super::dates::Reading;
use super::extract::{self, Extract};
use super::people;
use crate::articles::text::one_line;
use crate::articles::{html, nesting, text};
use crate::problem::Problem;
use dom_query::{Document, NodeRef};
use stated::Metadata;
use std::path::Path;
use url::Url;

/// Reads a page. `url` is where it is published, if that is known from outside; `site` is the site
/// it is of.
///
/// # Errors
/// It is nested too deep to be parsed: `too-deep`.
pub(crate) fn read(
    bytes: &[u8],
    path: &Path,
    url: Option<&Url>,
    site: &Url,
    reading: Reading,
) -> Result<Extract, Problem> {
    let page = text::xml_safe(&charset::decode(bytes)).into_owned();
    if nesting::too_deep(&page) {
        return Err(extract::too_deep(path));
    }
    let document = Document::from(page);
    if depth(&document.root()) > nesting::MAX_DEPTH {
        return Err(extract::too_deep(path));
    }
    let mut stated = metadata::read(&document, reading);
    let reading = match stated.language.as_deref() {
        Some(language) => Reading::new(reading.timezone, language),
        None => reading,
    };
    let own = url.cloned().or_else(|| {
        let stated = html::absolute(stated.url.as_deref()?, site)?;
        Url::parse(&stated).ok()
    });
    let base = base(&document, own.as_ref().unwrap_or(site));
    document.select("base").remove();

    let title = title(&document, &stated);
    let named: Vec<String> = stated.authors.iter().map(|author| author.name.clone()).collect();
    let known = [named, stated.categories.clone(), stated.tags.clone()].concat();
    let (credits, comments) = take_frame(&document, title.as_deref(), &known, reading);
    let fill = |mine: Vec<String>, theirs: Vec<String>| if mine.is_empty() { theirs } else { mine };
    let categories = fill(std::mem::take(&mut stated.categories), credits.categories);
    let tags = fill(std::mem::take(&mut stated.tags), credits.tags);
    let authors = match stated.authors.is_empty() {
        true => credits.authors.into_iter().map(people::person).collect(),
        false => stated.authors,
    };
    let summary = stated.description.filter(|summary| summary.chars().count() >= 20);
    let shown = comments.comments;
    Ok(Extract {
        url: own.as_ref().map(ToString::to_string),
        authors,
        categories: fill(categories, tags),
        language: stated.language,
        published: stated.published.or(credits.published),
        updated: stated.updated.or(credits.updated.map(|date| date.at)),
        summary,
        image: stated.image,
        comment_count: stated.comment_count.or(comments.count),
        comments: if shown.is_empty() { stated.comments } else { shown },
        html: body::extract(document, title.as_deref()),
        base: Some(base),
        title,
        ..Extract::default()
    })
}

/// What relative addresses of the page are relative to.
fn base(document: &Document, own: &Url) -> Url {
    let stated = document.select_single("base[href]").attr("href");
    let joined = stated.and_then(|href| own.join(href.trim()).ok());
    joined
        .filter(|base| matches!(base.scheme(), "http" | "https"))
        .unwrap_or_else(|| own.clone())
}

/// How deep the parsed page is. Counted without recursion: that is what it guards.
fn depth(root: &NodeRef) -> usize {
    let mut deepest = 0;
    let mut open = vec![(*root, 0_usize)];
    while let Some((node, depth)) = open.pop() {
        deepest = deepest.max(depth);
        if depth > nesting::MAX_DEPTH {
            break;
        }
        open.extend(node.children_it(false).map(|child| (child, depth + 1)));
    }
    deepest
}

/// Takes the discussion and the lines that speak of the article out of the page.
fn take_frame(
    document: &Document,
    title: Option<&str>,
    known: &[String],
    reading: Reading,
) -> (super::visible::credits::Credits, comments::Found) {
    let Some(body) = document.body() else {
        return Default::default();
    };
    let title_node = {
        let lines = lines::lines(&body);
        frame::title_line(&lines, title).and_then(|at| lines[at].nodes.first().copied())
    };
    let comments = comments::take(document, title_node.as_ref(), reading);
    let lines = lines::lines(&body);
    let at = title_node.and_then(|node| {
        lines
            .iter()
            .position(|line| line.nodes.iter().any(|own| own.id == node.id))
    });
    let found = frame::credits(&lines, at, reading);
    // A title that is no heading would be taken for the first words of the text.
    if let Some(line) = at.map(|at| &lines[at]).filter(|line| line.heading.is_none()) {
        line.nodes.iter().for_each(NodeRef::remove_from_parent);
    }
    let repeats = at.map(|at| frame::repeats(&lines, at, known)).unwrap_or_default();
    found
        .nodes
        .iter()
        .chain(&repeats)
        .for_each(NodeRef::remove_from_parent);
    (found.credits, comments)
}

/// The title: what the page states to machines, in the words of its own heading where that is the
/// same without the name of the site; else its main heading; else `<title>`.
fn title(document: &Document, stated: &Metadata) -> Option<String> {
    let text_of = |selector: &str| {
        let nodes = document.select(selector);
        let texts: Vec<String> = nodes.nodes().iter().map(|node| one_line(&node.text())).collect();
        texts
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
    };
    let headings = text_of("h1, h2, [itemprop~='headline']");
    let page_title = text_of("head > title").into_iter().next();
    let candidates = [stated.title.clone(), page_title.clone()];
    for candidate in candidates.into_iter().flatten() {
        let whole = frame::same_form(&candidate);
        let own = headings.iter().find(|heading| frame::same_form(heading) == whole);
        let part = || {
            headings.iter().find(|heading| {
                let heading = frame::same_form(heading);
                heading.chars().count() >= 8 && whole.starts_with(&heading)
            })
        };
        if let Some(heading) = own.or_else(part) {
            return Some(heading.clone());
        }
    }
    let without_site = |title: &str| without_site_name(title, stated.site_name.as_deref());
    let main = text_of("h1");
    match (stated.title.as_deref(), main.as_slice(), page_title.as_deref()) {
        (Some(title), ..) => Some(without_site(title)),
        (None, [only], _) => Some(only.clone()),
        (None, _, Some(title)) => Some(without_site(title)),
        (None, several, None) => several.first().cloned(),
    }
}

/// `A title | The Site` without the site.
fn without_site_name(title: &str, site: Option<&str>) -> String {
    for separator in [" | ", " – ", " — ", " - ", " :: ", " » ", " · "] {
        let Some((before, after)) = title.rsplit_once(separator) else {
            continue;
        };
        let is_site = site.is_some_and(|site| frame::same_form(site) == frame::same_form(after));
        if is_site
            || (site.is_none()
                && before.split_whitespace().count() >= 3
                && after.split_whitespace().count() <= 4)
        {
            return before.trim().to_owned();
        }
    }
    title.to_owned()
}
