//! The discussion below an article: found by how its elements are named or by its heading, read, and
//! taken out of the page.

use super::lines::{Line, is_within, lines, still_there};
use super::marked;
use crate::articles::Comment;
use crate::sources::dates::{self, Reading};
use crate::sources::visible::comments::{self, Part};
use crate::sources::visible::words::{self, Discussion};
use dom_query::{Attr, NodeId, NodeRef};
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

/// How many lines that can be the heading of a discussion are looked at.
const MOST_HEADINGS: usize = 8;

/// What was found of a discussion.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) comments: Vec<Comment>,
    /// As the page states it.
    pub(super) count: Option<u32>,
}

/// Reads the comments of a page and removes what holds them; gives the lines that are left. `marked` are those
/// that the page marks as a comment each, the outermost first; a reply may stand within one. `title` is the
/// node of the title: what holds that is no discussion.
pub(super) fn take<'a>(
    body: &NodeRef<'a>,
    marked: &[NodeId],
    mut all: Vec<Line<'a>>,
    title: Option<&NodeRef>,
    reading: Reading,
) -> (Found, Vec<Line<'a>>) {
    let mut found = Found::default();
    let marked: Vec<NodeRef> = marked.iter().filter_map(|id| body.tree.get(id)).collect();
    found.comments = marked
        .iter()
        .filter_map(|item| marked::read(item, reading))
        .collect();
    let surely_marked = !found.comments.is_empty();
    let named = named(body, title);
    for container in &named {
        let read = lines(container);
        found.count = found.count.or_else(|| stated_count(&read));
        if !surely_marked {
            found.comments.extend(in_container(container, &read, reading));
        }
        container.remove_from_parent();
    }
    if !named.is_empty() {
        all = still_there(all, body);
    }
    // A heading can be the article's own; then the next may be the discussion's.
    let after = title.map_or(0, |title| {
        all.iter()
            .position(|l| is_within(&l.block, title))
            .map_or(0, |at| at + 1)
    });
    let candidates = (after..all.len()).filter_map(|at| {
        let heading = words::discussion(&all[at].text).filter(|_| !all[at].link)?;
        Some((at, heading))
    });
    let candidates: Vec<_> = candidates.take(MOST_HEADINGS).collect();
    for (at, heading) in candidates {
        if let Some((nodes, more)) = under_heading(&all, at, heading, title, reading) {
            found.count = found.count.or(more.count);
            if !surely_marked {
                found.comments.extend(more.comments);
            }
            nodes.iter().for_each(NodeRef::remove_from_parent);
            all = still_there(all, body);
            break;
        }
    }
    if surely_marked {
        marked.iter().for_each(NodeRef::remove_from_parent);
        all = still_there(all, body);
    }
    let mut seen = HashSet::new();
    found
        .comments
        .retain(|comment| seen.insert((comment.author.clone(), comment.published, comment.text.clone())));
    (found, all)
}

/// The outermost elements that are named as a discussion is.
fn named<'a>(body: &NodeRef<'a>, title: Option<&NodeRef>) -> Vec<NodeRef<'a>> {
    const HOLDING: &[&str] = &["div", "section", "ol", "ul", "aside", "footer", "form"];
    let mut kept: Vec<NodeRef> = Vec::new();
    let mut outer: HashSet<NodeId> = HashSet::new();
    let all_text = OnceCell::new();
    let all_text = || *all_text.get_or_init(|| body.normalized_char_count());
    for node in body.descendants_it().filter(|node| is_named(node, HOLDING)) {
        if node.ancestors_it(None).any(|around| outer.contains(&around.id)) {
            continue;
        }
        let holds_article = match title {
            Some(title) => is_within(title, &node),
            None => node.normalized_char_count() * 2 > all_text(),
        };
        if !holds_article && !node.descendants_it().any(|inner| inner.has_name("h1")) {
            outer.insert(node.id);
            kept.push(node);
        }
    }
    kept
}

/// Whether an element of one of these kinds has a name of a discussion.
fn is_named(node: &NodeRef, kinds: &[&str]) -> bool {
    node.element_ref().is_some_and(|element| {
        let named =
            |attr: &Attr| matches!(&*attr.name.local, "class" | "id") && is_discussion_name(&attr.value);
        kinds.contains(&&*element.name.local) && element.attrs.iter().any(named)
    })
}

fn is_discussion_name(value: &str) -> bool {
    const NAMES: &[&str] = &[
        "comment",
        "comments",
        "commentlist",
        "commentarea",
        "disqus",
        "discussion",
        "responses",
        "respond",
    ];
    // `no-comments` and the like are states of a page, not parts of it.
    const STATES: &[&str] = &[
        "no", "has", "with", "open", "closed", "count", "link", "off", "disabled", "icon",
    ];
    // Hardly any name has to be taken apart.
    const WITHIN: &[&str] = &["comment", "disqus", "discuss", "respon"];
    let lower = value.to_ascii_lowercase();
    if !WITHIN.iter().any(|part| lower.contains(part)) {
        return false;
    }
    lower.split_whitespace().any(|token| {
        let parts: Vec<&str> = token.split(['-', '_']).collect();
        parts.iter().any(|part| NAMES.contains(part)) && !parts.iter().any(|part| STATES.contains(part))
    })
}

fn stated_count(lines: &[Line]) -> Option<u32> {
    lines
        .iter()
        .take(8)
        .find_map(|line| words::discussion(&line.text)?.count)
}

/// The comments of a container: each from the element that holds its date and no other; where the
/// elements do not tell, from the order of the lines.
fn in_container(container: &NodeRef, lines: &[Line], reading: Reading) -> Vec<Comment> {
    let by_elements = by_elements(container, lines, reading);
    let dated = lines.iter().filter(|line| is_date(line, reading)).count();
    if !by_elements.is_empty() && by_elements.len() == dated {
        return by_elements;
    }
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let by_order = comments::read(&texts, reading);
    if by_order.len() >= by_elements.len() {
        by_order
    } else {
        by_elements
    }
}

fn is_date(line: &Line, reading: Reading) -> bool {
    machine_date(line, reading).is_some()
        || matches!(
            comments::parts(&line.text, reading).as_slice(),
            [Part::Date(..), ..]
        )
}

fn machine_date(line: &Line, reading: Reading) -> Option<crate::articles::Published> {
    line.nodes.iter().find_map(|node| {
        let own = std::iter::once(*node)
            .chain(node.ancestors_it(Some(2)))
            .chain(node.descendants_it());
        let time = own.into_iter().find(|n| n.has_name("time"))?;
        dates::parse(&time.attr("datetime")?, reading)
    })
}

fn by_elements(container: &NodeRef, lines: &[Line], reading: Reading) -> Vec<Comment> {
    let dated: Vec<&Line> = lines.iter().filter(|line| is_date(line, reading)).collect();
    // How many runs with a date each element holds.
    let mut held: HashMap<NodeId, (usize, usize)> = HashMap::new();
    for line in &dated {
        for around in around(line) {
            let (runs, last) = held.entry(around.id).or_insert((0, 0));
            if *last != line.run {
                (*runs, *last) = (*runs + 1, line.run);
            }
        }
    }
    let alone = |node: &NodeRef| held.get(&node.id).is_none_or(|(runs, _)| *runs == 1);
    let item_of = |line: &Line<'_>| {
        let inside = around(line).take_while(|node| node.id != container.id && alone(node));
        let item = inside.last()?;
        of_item(&item, reading)
    };
    dated.iter().filter_map(|line| item_of(line)).collect()
}

/// What makes a line, and all the elements around it.
fn around<'a>(line: &Line<'a>) -> impl Iterator<Item = NodeRef<'a>> + use<'a> {
    let first = line.nodes.first().copied().unwrap_or(line.block);
    std::iter::successors(Some(first), NodeRef::parent)
}

/// One comment from the element that is it; `None` where it lacks a text.
fn of_item(item: &NodeRef, reading: Reading) -> Option<Comment> {
    let own = lines(item);
    let mut author = String::new();
    let mut published = None;
    let mut texts: Vec<String> = Vec::new();
    for line in &own {
        let machine = machine_date(line, reading);
        let mut used = false;
        for part in comments::parts(&line.text, reading) {
            match part {
                Part::Date(date, beside) if published.is_none() => {
                    published = machine.or(date).map(|date| date.at);
                    if author.is_empty() {
                        author = beside.unwrap_or_default();
                    }
                    used = true;
                }
                Part::Name(name, _) if author.is_empty() && texts.is_empty() && machine.is_none() => {
                    author = name
                }
                Part::Name(_, text) | Part::Text(text) if used || machine.is_none() => texts.push(text),
                _ => {}
            }
        }
        // "3 days ago" is told by the machine's date beside it alone.
        published = published.or(machine.map(|date| date.at));
    }
    (!texts.is_empty()).then(|| Comment {
        author,
        published,
        text: texts.join("\n\n"),
    })
}

fn lines_within<'a>(all: &[Line<'a>], nodes: &[NodeRef<'a>]) -> Vec<Line<'a>> {
    let taken: HashSet<NodeId> = nodes.iter().map(|node| node.id).collect();
    let inside = |line: &&Line| {
        let within = |own: &NodeRef| {
            taken.contains(&own.id) || own.ancestors_it(None).any(|node| taken.contains(&node.id))
        };
        line.nodes.iter().any(within)
    };
    all.iter().filter(inside).cloned().collect()
}

/// The discussion that a heading opens: the nodes to remove, and what was read of it.
fn under_heading<'a>(
    all: &[Line<'a>],
    at: usize,
    heading: Discussion,
    title: Option<&NodeRef>,
    reading: Reading,
) -> Option<(Vec<NodeRef<'a>>, Found)> {
    let line = &all[at];
    let prose_before: Vec<&Line> = all[..at]
        .iter()
        .filter(|line| words::is_prose(&line.text))
        .collect();
    let holds_article = |node: &NodeRef| {
        node.has_name("body")
            || title.is_some_and(|title| is_within(title, node))
            || prose_before.iter().any(|prose| is_within(&prose.block, node))
    };
    let first = line.nodes.first().copied()?;
    let mut container = if holds_article(&line.block) {
        first
    } else {
        line.block
    };
    let alone_in = container.id;
    while let Some(parent) = container
        .parent()
        .filter(|parent| parent.is_element() && !holds_article(parent))
    {
        container = parent;
    }
    let alone = container.id == alone_in;
    let nodes = if alone {
        siblings_from(container)
    } else {
        vec![container]
    };
    let own = lines_within(all, &nodes);
    let count = heading.count.or_else(|| stated_count(&own));
    let comments = if alone {
        let texts: Vec<&str> = own.iter().map(|line| line.text.as_str()).collect();
        comments::read(&texts, reading)
    } else {
        in_container(&container, &own, reading)
    };
    let has_form = nodes.iter().any(|node| {
        node.descendants_it()
            .any(|n| n.has_name("form") || n.has_name("textarea"))
    });
    let dated = comments.iter().any(|comment| comment.published.is_some());
    let named =
        !line.text.to_lowercase().contains("discussion") && !line.text.to_lowercase().contains("feedback");
    let sure = count.is_some() || has_form || dated || (!alone && named && !comments.is_empty());
    sure.then_some((nodes, Found { comments, count }))
}

/// A heading that stands among the article's own blocks, and what follows it there up to the page's
/// footer.
fn siblings_from(first: NodeRef) -> Vec<NodeRef> {
    let mut nodes = vec![first];
    let mut next = first.next_sibling();
    while let Some(node) = next {
        let text = node.text();
        if node.has_name("footer") || node.has_name("nav") || words::is_footer(text.trim()) {
            break;
        }
        nodes.push(node);
        next = node.next_sibling();
    }
    nodes
}
