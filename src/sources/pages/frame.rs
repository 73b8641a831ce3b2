//! Where the title of a page stands, and what the lines around the article say of it: dates and
//! bylines near the title, labels such as "Category:" anywhere below.

use super::filed::{self, Kind};
use super::lines::{Line, is_within};
use crate::articles::Published;
use crate::articles::text::one_line;
use crate::sources::dates::{self, Reading};
use crate::sources::visible::credits::{self, Credits};
use crate::sources::visible::labels::{self, Label};
use crate::sources::visible::words;
use dom_query::NodeRef;

/// How many lines above and below the title may speak of it.
const ABOVE: usize = 6;
const BELOW: usize = 16;

/// The line of the title: a heading of its words, else any line of them, else the first `h1`.
pub(super) fn title_line(lines: &[Line], stated: Option<&str>) -> Option<usize> {
    let wanted = stated.map(same_form);
    let equal = |line: &Line| {
        wanted
            .as_deref()
            .is_some_and(|wanted| same_form(&line.text) == wanted)
    };
    // A stated title may carry the name of the site behind it.
    let begins = |line: &Line| {
        let own = same_form(&line.text);
        own.chars().count() >= 8 && wanted.as_deref().is_some_and(|wanted| wanted.starts_with(&own))
    };
    let heading = |line: &Line| line.heading.is_some_and(|level| level <= 3);
    let main = |line: &Line| line.heading == Some(1);
    lines
        .iter()
        .position(|line| heading(line) && equal(line))
        .or_else(|| lines.iter().position(|line| main(line) && begins(line)))
        .or_else(|| lines.iter().position(|line| heading(line) && begins(line)))
        .or_else(|| lines.iter().position(main))
        .or_else(|| lines.iter().position(equal))
}

/// Whether a line has the words of the title that the page states, or begins it.
pub(super) fn is_titled(line: &Line, stated: Option<&str>) -> bool {
    let own = same_form(&line.text);
    stated.is_some_and(|stated| !own.is_empty() && same_form(stated).starts_with(&own))
}

/// A text with its letters and digits alone, to compare titles whose quotes and dashes differ.
pub(super) fn same_form(text: &str) -> String {
    let kept: String = one_line(text)
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What lines said, and the nodes of those lines: they are no content.
#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) credits: Credits,
    pub(super) nodes: Vec<NodeRef<'a>>,
}

/// Reads the lines around a title and the labels of the whole page.
pub(super) fn credits<'a>(lines: &[Line<'a>], title: Option<usize>, reading: Reading) -> Found<'a> {
    let mut found = Found::default();
    if let Some(title) = title {
        near(lines, title, reading, &mut found);
    }
    labelled(lines, title.map_or(0, |at| at + 1), reading, &mut found);
    found
}

fn near<'a>(lines: &[Line<'a>], title: usize, reading: Reading, found: &mut Found<'a>) {
    let below = below(lines, title);
    let from = title.saturating_sub(ABOVE);
    // What stands below the title is nearer to it than what stands above.
    for at in (title + 1..title + 1 + below).chain((from..title).rev()) {
        let line = &lines[at];
        if found
            .nodes
            .iter()
            .any(|node| line.nodes.iter().any(|own| own.id == node.id))
        {
            continue;
        }
        // When the file was changed, and the like.
        if at > title && is_aside(line) {
            continue;
        }
        let first_of_run = at == 0 || lines[at - 1].run != line.run;
        let run = || lines.iter().filter(|other| other.run == line.run);
        let each_says_enough = || run().all(|line| of_line(line, &line.text, reading).is_some());
        let together = (first_of_run && line.whole != line.text && !each_says_enough())
            .then(|| of_line(line, &line.whole, reading))
            .flatten();
        if let Some(credits) = together {
            let links = run().flat_map(links).collect::<Vec<_>>();
            found.credits.add(by_links(credits, &links));
            found
                .nodes
                .extend(run().flat_map(|other| other.nodes.iter().copied()));
        } else if let Some(credits) = linked(line, reading).or_else(|| of_line(line, &line.text, reading)) {
            // Above the title menus stand too: only what has a date, a name or a label in it counts.
            let labelled = labels::label(&line.text).is_some_and(|(_, value)| !value.is_empty());
            if at < title && undated(&credits) && credits.authors.is_empty() && !labelled {
                continue;
            }
            found.credits.add(by_links(credits, &links(line)));
            found.nodes.extend(line.nodes.iter().copied());
        }
    }
}

fn is_aside(line: &Line) -> bool {
    let mut around = std::iter::successors(Some(line.block), NodeRef::parent);
    around.any(|around| around.has_name("aside"))
}

/// How many lines below the title come before the article's text. Within the `<header>` of the title none
/// is the text's.
fn below(lines: &[Line], title: usize) -> usize {
    let header = lines[title]
        .block
        .ancestors_it(None)
        .find(|around| around.has_name("header"));
    let in_header = |line: &Line| header.is_some_and(|header| is_within(&line.block, &header));
    let below = lines[title + 1..].iter().take(BELOW);
    below
        .take_while(|line| in_header(line) || !words::is_prose(&line.text))
        .count()
}

/// What a line says, with the tags and categories that its links lead to: they part them better than its
/// words.
fn by_links(mut credits: Credits, links: &[NodeRef]) -> Credits {
    let of = |kind: Kind| -> Vec<String> {
        let links = links.iter().filter(|link| {
            link.attr("href")
                .is_some_and(|href| filed::kind(&href) == Some(kind))
        });
        links
            .map(|link| one_line(&link.text()))
            .filter(|name| !name.is_empty())
            .collect()
    };
    for (names, kind) in [
        (&mut credits.categories, Kind::Category),
        (&mut credits.tags, Kind::Tag),
    ] {
        let linked = of(kind);
        if !linked.is_empty() {
            *names = linked;
        }
    }
    credits
}

/// The links of a line.
fn links<'a>(line: &Line<'a>) -> Vec<NodeRef<'a>> {
    let mut links = Vec::new();
    for node in &line.nodes {
        links.extend(
            std::iter::once(*node)
                .chain(node.descendants_it())
                .filter(|node| node.has_name("a")),
        );
    }
    links
}

/// A text without what its links offer: to edit the page.
fn without_offers(line: &Line, text: &str) -> String {
    let mut text = text.to_owned();
    // What is longer is no byline.
    if text.len() > 1_000 {
        return text;
    }
    for link in links(line).iter().filter(|link| is_edit(link)) {
        text = text.replacen(&one_line(&link.text()), " ", 1);
    }
    text
}

/// Whether a link leads to where the page can be changed: it says so, or leads into a forge.
fn is_edit(link: &NodeRef) -> bool {
    const FORGES: &[&str] = &["bitbucket.org", "codeberg.org", "github.com", "gitlab.com"];
    let relation = link
        .attr("rel")
        .is_some_and(|rel| rel.split_ascii_whitespace().any(|rel| rel == "edit"));
    let href = link.attr("href").unwrap_or_default();
    let in_forge = FORGES.iter().any(|forge| {
        href.split_once(forge)
            .is_some_and(|(_, path)| path.split('/').filter(|part| !part.is_empty()).count() > 2)
    });
    relation || in_forge
}

fn undated(credits: &Credits) -> bool {
    credits.published.is_none() && credits.updated.is_none()
}

/// The lines near the title that only repeat what is known of the article, a category above its title
/// for one: they are no content.
pub(super) fn repeats<'a>(lines: &[Line<'a>], title: usize, known: &[String]) -> Vec<NodeRef<'a>> {
    let below = below(lines, title);
    let near = title.saturating_sub(ABOVE)..title + 1 + below;
    let known: Vec<String> = known.iter().map(|name| same_form(name)).collect();
    lines[near]
        .iter()
        .filter(|line| line.heading.is_none() && known.contains(&same_form(&line.text)))
        .flat_map(|line| line.nodes.iter().copied())
        .collect()
}

/// One line near the title; a `<time>` in it knows its date better than its words.
fn of_line(line: &Line, text: &str, reading: Reading) -> Option<Credits> {
    let text = &*without_offers(line, text);
    let times = times(line, reading);
    let machine = times.first().map(|(_, date)| *date);
    let credits = credits::line(text, reading).or_else(|| beside_times(text, &times, reading));
    match (credits, machine) {
        (Some(mut credits), Some(date)) if credits.updated.is_none() => {
            credits.published = Some(date);
            Some(credits)
        }
        // "3 days ago" is a date only with a machine's beside it.
        (None, Some(date)) if text.split_whitespace().count() <= 6 => Some(Credits {
            published: Some(date),
            ..Credits::default()
        }),
        (credits, _) => credits,
    }
}

/// The `<time>` elements of a line that name their date to machines, with their words.
fn times(line: &Line, reading: Reading) -> Vec<(String, Published)> {
    let inside = line
        .nodes
        .iter()
        .flat_map(|node| std::iter::once(*node).chain(node.descendants_it()));
    inside
        .filter(|node| node.has_name("time"))
        .filter_map(|node| {
            let date = dates::parse(&node.attr("datetime")?, reading)?;
            Some((one_line(&node.text()), date))
        })
        .collect()
}

/// What a line says beside dates that machines read, whatever their words. Several may touch: a style
/// shows only one of them.
fn beside_times(text: &str, times: &[(String, Published)], reading: Reading) -> Option<Credits> {
    let (_, published) = times.first()?;
    let updated = times.get(1).map(|(_, updated)| updated);
    let mut rest = text.to_owned();
    for (words, _) in times.iter().filter(|(words, _)| !words.is_empty()) {
        rest = rest.replacen(words, " ", 1);
    }
    let mut credits = credits::line(&rest, reading)?;
    credits.published = Some(*published);
    credits.updated = updated.copied().filter(|updated| updated.at > published.at);
    Some(credits)
}

fn labelled<'a>(lines: &[Line<'a>], from: usize, reading: Reading, found: &mut Found<'a>) {
    let mut at = from;
    while at < lines.len() {
        let line = &lines[at];
        at += 1;
        let stated = labels::label(&line.text).or_else(|| labels::lead(&line.text));
        let Some((label, value)) = stated.filter(|_| !line.link) else {
            continue;
        };
        if !value.is_empty() {
            let credits = linked(line, reading).or_else(|| credits::line(&line.text, reading));
            if let Some(credits) = credits {
                found.credits.add(by_links(credits, &links(line)));
                found.nodes.extend(line.nodes.iter().copied());
            }
            continue;
        }
        let values = values(lines, at, line, label, reading);
        if values.is_empty() {
            continue;
        }
        let texts: Vec<String> = values.iter().map(|value| value.text.clone()).collect();
        found.credits.add_values(label, &texts, reading);
        found.nodes.extend(line.nodes.iter().copied());
        found
            .nodes
            .extend(values.iter().flat_map(|value| value.nodes.iter().copied()));
        at += values.len();
    }
}

/// What a label says whose value is made of links and nothing else: they part it better than any
/// comma.
fn linked(line: &Line, reading: Reading) -> Option<Credits> {
    let (label, value) = labels::label(&line.text).or_else(|| labels::lead(&line.text))?;
    let texts: Vec<String> = links(line).iter().map(|link| one_line(&link.text())).collect();
    let whole = same_form(&texts.join(" ")) == same_form(value);
    if texts.len() < 2 || !whole || !texts.iter().all(|v| credits::is_value(label, v, true, reading)) {
        return None;
    }
    let mut credits = Credits::default();
    credits.add_values(label, &texts, reading);
    Some(credits)
}

/// The lines that are a label's values: those that follow it within its own block, or where it is
/// alone there, within the block around.
fn values<'l, 'a>(
    lines: &'l [Line<'a>],
    from: usize,
    label_line: &Line<'a>,
    label: Label,
    reading: Reading,
) -> Vec<&'l Line<'a>> {
    let leading = |inside: Vec<&'l Line<'a>>| {
        let enumerated = inside.into_iter().enumerate();
        let values =
            enumerated.take_while(|(nth, line)| credits::is_value(label, &line.text, *nth == 0, reading));
        values.map(|(_, line)| line).collect()
    };
    let same_run: Vec<&'l Line<'a>> = lines[from..]
        .iter()
        .take_while(|line| line.run == label_line.run)
        .collect();
    if !same_run.is_empty() {
        return leading(same_run);
    }
    let mut around = label_line.block;
    for _ in 0..3 {
        let Some(parent) = around
            .parent()
            .filter(|parent| !parent.has_name("body") && parent.is_element())
        else {
            break;
        };
        around = parent;
        let inside: Vec<&'l Line<'a>> = lines[from..]
            .iter()
            .take(8)
            .take_while(|line| is_within(&line.block, &around))
            .collect();
        if !inside.is_empty() {
            return leading(inside);
        }
    }
    Vec::new()
}
