//! Saved HTML pages: the body by its weight, the rest by what the page says to machines and, where it
//! says nothing to them, by what it says to readers.

mod body;
mod charset;
mod classes;
mod code;
mod comments;
mod edges;
mod embeds;
mod filed;
mod frame;
mod furniture;
mod items;
mod json_ld;
mod lines;
mod marked;
mod marks;
mod meta;
mod metadata;
mod place;
mod seen;
mod stated;
mod tables;

use super::dates::Reading;
use super::extract::{self, Extract};
use super::people;
use super::visible::credits::Credits;
use crate::articles::text::one_line;
use crate::articles::{Author, formulas, html, nesting, text};
use crate::problem::Problem;
use dom_query::{Document, NodeId, NodeRef};
use filed::Filed;
use marks::{Holds, Marks};
use place::Places;
use stated::Metadata;
use std::mem::take;
use std::path::Path;
use url::Url;

/// Reads a page. `url` is where it is published, if that is known from outside; `site` is the site
/// it is of; `charset` is what its server said of its encoding. Where neither it nor anybody else says where
/// it is published, `made` says so by its date.
///
/// # Errors
/// It is nested too deep to be parsed (`too-deep`), or there is too much of it (`too-complex`).
pub(crate) fn read(
    bytes: &[u8],
    path: &Path,
    url: Option<&Url>,
    site: &Url,
    reading: Reading,
    charset: Option<&str>,
    made: impl Fn(&Extract) -> Option<Url>,
) -> Result<Extract, Problem> {
    let page = charset::decode(bytes, charset);
    let (page, has_open_table) = seen::of_page(&text::xml_safe(&page), path)?;
    let document = Document::from(page);
    if depth(&document.root()) > nesting::MAX_DEPTH {
        return Err(extract::too_deep(path));
    }
    if has_open_table {
        tables::close(&document);
    }
    Ok(take_apart(document, url, site, reading, made))
}

/// What a parsed page says, and its content. The page is used up.
fn take_apart(
    document: Document,
    url: Option<&Url>,
    site: &Url,
    reading: Reading,
    made: impl Fn(&Extract) -> Option<Url>,
) -> Extract {
    let marks = Marks::collect(&document);
    let mut stated = metadata::read(&document, &marks, reading);
    let language = stated.language.as_deref();
    let reading = language.map_or(reading, |language| Reading::new(reading.timezone, language));
    let own = url.cloned().or_else(|| stated_url(&stated, site));
    let stated_base = marks.bases.iter().find_map(|base| base.attr("href"));
    marks.bases.iter().for_each(NodeRef::remove_from_parent);
    let title = title(&marks, &stated);
    let marked: Vec<NodeId> = marks.comments.iter().map(|node| node.id).collect();
    let places = Places::collect(&marks);
    let holds = marks.holds;
    drop(marks);

    let named: Vec<String> = stated.authors.iter().map(|author| author.name.clone()).collect();
    let known = [named, stated.categories.clone()].concat();
    let Frame {
        mut credits,
        comments,
        title: title_block,
        filed,
    } = take_frame(&document, title.as_deref(), &places, &marked, &known, reading);
    let (authors, categories) = lists(&mut stated, &mut credits, filed);
    let summary = stated.description.filter(|summary| summary.chars().count() >= 20);
    let image = stated.image.unwrap_or_default();
    let known = Extract {
        url: own.as_ref().map(ToString::to_string),
        published: stated.published.or(credits.published),
        ..Extract::default()
    };
    let own = own.or_else(|| made(&known)).unwrap_or_else(|| site.clone());
    let base = base(stated_base.as_deref(), own);
    settle(&document, holds, &base);
    let place = places.choose(&document, title_block);
    let html = body::extract(document, place, title.as_deref(), reading, &base);
    Extract {
        authors,
        categories,
        language: stated.language,
        updated: stated.updated.or(credits.updated.map(|date| date.at)),
        summary,
        image_size: (image.width, image.height),
        audio: stated.audio,
        image: Some((image.address, image.alt)).filter(|(address, _)| !address.is_empty()),
        comment_count: stated.comment_count.or(comments.count),
        comments: filled([comments.comments, stated.comments]),
        html,
        base: Some(base),
        title,
        warnings: stated.paid.then(not_free).into_iter().collect(),
        ..known
    }
}

/// Makes what programs would show of a page such as an article can hold it.
fn settle(document: &Document, holds: Holds, base: &Url) {
    if holds.code {
        code::settle(document);
    }
    if holds.formulas {
        formulas::settle(document);
    }
    if holds.frames {
        embeds::settle(document, base);
    }
}

fn stated_url(stated: &Metadata, site: &Url) -> Option<Url> {
    let url = html::absolute(stated.url.as_deref()?, site)?;
    Url::parse(&url).ok()
}

/// Its authors and its categories, from where they are stated best.
fn lists(stated: &mut Metadata, credits: &mut Credits, filed: Filed) -> (Vec<Author>, Vec<String>) {
    let categories = filled([
        take(&mut stated.categories),
        take(&mut credits.categories),
        filed.categories,
        take(&mut stated.tags),
        take(&mut credits.tags),
        filed.tags,
    ]);
    let named = take(&mut credits.authors).into_iter().map(people::person);
    let authors = filled([take(&mut stated.authors), named.collect(), filed.authors]);
    (authors, categories)
}

/// The first of several lists that has anything.
fn filled<T, const N: usize>(lists: [Vec<T>; N]) -> Vec<T> {
    lists
        .into_iter()
        .find(|list| !list.is_empty())
        .unwrap_or_default()
}

/// Says of a page that states so that it is not for everybody. What of it stands in the page is read all
/// the same: whoever fetches the page has it.
fn not_free() -> Problem {
    Problem::warning(
        "not-free",
        "it says that not everybody may read it, and all that stands in it is published",
    )
    .hint("leave it out with `exclude`, or publish summaries alone with `feeds.content`")
}

/// What relative addresses of the page are relative to.
fn base(stated: Option<&str>, own: Url) -> Url {
    let joined = stated.and_then(|href| own.join(href.trim()).ok());
    joined
        .filter(|base| matches!(base.scheme(), "http" | "https"))
        .unwrap_or(own)
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

/// What stands around an article.
#[derive(Default)]
struct Frame {
    credits: Credits,
    comments: comments::Found,
    /// The block of the title.
    title: Option<NodeId>,
    filed: Filed,
}

/// Takes the discussion and the lines that speak of the article out of the page.
fn take_frame(
    document: &Document,
    title: Option<&str>,
    places: &Places,
    marked: &[NodeId],
    known: &[String],
    reading: Reading,
) -> Frame {
    let Some(body) = document.body() else {
        return Frame::default();
    };
    let all = lines::lines(&body);
    let title_node = frame::title_line(&all, title).and_then(|at| all[at].nodes.first().copied());
    let (comments, all) = comments::take(&body, marked, all, title_node.as_ref(), reading);
    let at = title_node.and_then(|node| {
        all.iter()
            .position(|line| line.nodes.iter().any(|own| own.id == node.id))
    });
    let title_block = at
        .map(|at| &all[at])
        .filter(|line| frame::is_titled(line, title))
        .map(|line| line.block.id);
    let filed = places.filed(document, title_block);
    let found = frame::credits(&all, at, reading);
    // A title that is no heading would be taken for the first words of the text.
    if let Some(line) = at.map(|at| &all[at]).filter(|line| line.heading.is_none()) {
        line.nodes.iter().for_each(NodeRef::remove_from_parent);
    }
    let repeats = at.map(|at| frame::repeats(&all, at, known)).unwrap_or_default();
    found
        .nodes
        .iter()
        .chain(&repeats)
        .for_each(NodeRef::remove_from_parent);
    let credits = found.credits;
    Frame {
        credits,
        comments,
        title: title_block,
        filed,
    }
}

/// The title: what the page states to machines, in the words of its own heading where that is the
/// same without the name of the site; else its main heading; else `<title>`.
fn title(marks: &Marks, stated: &Metadata) -> Option<String> {
    let texts = |nodes: &mut dyn Iterator<Item = NodeRef>| -> Vec<String> {
        let texts = nodes.map(|node| without_anchor(&one_line(&node.text())).to_owned());
        texts.filter(|text| !text.is_empty()).collect()
    };
    let mut headings = texts(&mut marks.headings.iter().copied());
    headings.extend(texts(&mut marks.of_property("headline")));
    let page_title = marks
        .title
        .map(|node| one_line(&node.text()))
        .filter(|text| !text.is_empty());
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
    let main = texts(&mut marks.headings.iter().copied().filter(|node| node.has_name("h1")));
    match (stated.title.as_deref(), main.as_slice(), page_title.as_deref()) {
        (Some(title), ..) => Some(without_site(title)),
        (None, [only], _) => Some(only.clone()),
        (None, _, Some(title)) => Some(without_site(title)),
        (None, several, None) => several.first().cloned(),
    }
}

/// A heading without the sign of its anchor.
fn without_anchor(heading: &str) -> &str {
    let bare = heading.trim_end_matches(['¶', '§', '🔗']);
    bare.strip_suffix(" #").unwrap_or(bare).trim_end()
}

/// `A title | The Site` without the site.
fn without_site_name(title: &str, site: Option<&str>) -> String {
    for separator in [" | ", " – ", " — ", " - ", " :: ", " » ", " · "] {
        let Some((before, after)) = title.rsplit_once(separator) else {
            continue;
        };
        let first = title.split_once(separator);
        let is = |name: &str| site.is_some_and(|site| frame::same_form(site) == frame::same_form(name));
        if let Some((_, rest)) = first.filter(|(first, _)| is(first)) {
            return rest.trim().to_owned();
        }
        if is(after)
            || (site.is_none()
                && before.split_whitespace().count() >= 3
                && after.split_whitespace().count() <= 4)
        {
            return before.trim().to_owned();
        }
    }
    title.to_owned()
}
