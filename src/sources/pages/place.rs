//! Where a page itself says that its article's text is: by microdata, by the names that themes give the
//! element around it, and by `<article>` and `<main>`.

use super::filed::{self, Filed};
use super::furniture;
use super::lines::is_within;
use super::marks::{Marks, has_token};
use dom_query::{Document, NodeId, NodeRef};

/// Where an article is in its page.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// What holds its text.
    pub(super) node: NodeId,
    /// It is the `<article>` or `<main>`, with what these hold beside the text.
    pub(super) whole: bool,
    /// There is little of it: weighing would find what is longer.
    pub(super) short: bool,
}

/// Properties of microdata that are an article's text.
const PROPERTIES: &[&str] = &["articleBody", "text"];
/// What stands around the articles of a page.
const AROUND: &[&str] = &["nav", "aside", "footer"];
/// What else is not the text's own.
const UNSAID: &[&str] = &["a", "header", "form", "script", "style", "noscript"];
/// The most characters of an article that is shown to lead to another page.
const CARD: usize = 600;
/// A page with more elements that are named as its text does not mean one of them.
const MOST_NAMED: usize = 50;
/// So many blocks around a title are looked at.
const MOST_AROUND: usize = 10;
/// An element that names the text holds this share of what stands there to be read, in hundredths.
const MOST: usize = 50;
/// An inner one of several that hold one another holds this share of the outer one.
const NEARLY_ALL: usize = 70;
/// The most characters of an article that is taken for what its element is alone, without being weighed.
const SHORT: usize = 500;
/// So few characters beside a named text, such as a licence, may be more than it.
const FEW: usize = 400;

/// The elements of a page that may hold its article, by their ids: the page changes before one is chosen.
#[derive(Default)]
pub(super) struct Places {
    named: Vec<NodeId>,
    articles: Vec<NodeId>,
    mains: Vec<NodeId>,
    filing: Vec<NodeId>,
}

impl Places {
    pub(super) fn collect(marks: &Marks) -> Places {
        let wholes: Vec<NodeRef> = marks.wholes().take(MOST_NAMED).collect();
        let ids = |nodes: &[NodeRef]| nodes.iter().map(|node| node.id).collect();
        let by_property = marks
            .properties
            .iter()
            .filter(|node| has_token(node, "itemprop", PROPERTIES) && !node.has_name("meta"));
        let named: Vec<NodeId> = by_property
            .chain(&marks.texts)
            .map(|node| node.id)
            .take(MOST_NAMED + 1)
            .collect();
        Places {
            named: if named.len() > MOST_NAMED {
                Vec::new()
            } else {
                named
            },
            articles: ids(&marks.articles),
            mains: if marks.mains.is_empty() {
                ids(&wholes)
            } else {
                ids(&marks.mains)
            },
            filing: ids(&marks.filing),
        }
    }

    /// The element that holds the article's text, if the page says which. `title` is the block of the
    /// title.
    pub(super) fn choose(&self, document: &Document, title: Option<NodeId>) -> Option<Place> {
        let body = document.body()?;
        let main = self.main(document, title);
        let article = self.article(document, title)?;
        let around = article.or(main).unwrap_or(body);
        let named = there(&self.named, document).filter(|node| is_within(node, &around));
        let named = without_title(named.collect(), title.and_then(|id| document.tree.get(&id)));
        if let Some(named) = innermost(named) {
            let place = Place {
                node: named.id,
                whole: false,
                short: named.normalized_char_count() <= SHORT,
            };
            return holds_most(&named, &around, FEW).then_some(place);
        }
        let whole = article
            .filter(|article| holds_most(article, &main.unwrap_or(body), 0))
            .or(main)
            .or_else(|| with_title(document.tree.get(&title?)?, &body))?;
        Some(Place {
            node: whole.id,
            whole: true,
            short: said(&whole) <= SHORT,
        })
    }

    /// What the links around the text say of it.
    pub(super) fn filed(&self, document: &Document, title: Option<NodeId>) -> Filed {
        let node = title.and_then(|id| document.tree.get(&id));
        let titled = |article: &NodeRef| node.is_some_and(|title| is_within(&title, article));
        let article = self.article(document, title).flatten().filter(titled);
        match article.or_else(|| self.main(document, title)) {
            Some(around) => filed::read(document, &self.filing, &around),
            None => Filed::default(),
        }
    }

    fn main<'a>(&self, document: &'a Document, title: Option<NodeId>) -> Option<NodeRef<'a>> {
        let mains: Vec<NodeRef> = there(&self.mains, document).collect();
        of_title(&mains, title.and_then(|id| document.tree.get(&id)))
    }

    /// The page's own `<article>`, if it has one; `None`: another article of it is much more.
    fn article<'a>(&self, document: &'a Document, title: Option<NodeId>) -> Option<Option<NodeRef<'a>>> {
        let articles: Vec<NodeRef> = there(&self.articles, document).collect();
        let title = title.and_then(|id| document.tree.get(&id));
        let own = of_title(&articles, title);
        let outweighed = own.is_some_and(|own| articles.iter().any(|other| outweighs(other, &own)));
        (!outweighed).then_some(own)
    }
}

/// Those of the elements that are still in the page, and in no part of it that stands around articles.
fn there<'a>(ids: &[NodeId], document: &'a Document) -> impl Iterator<Item = NodeRef<'a>> {
    let nodes = ids.iter().filter_map(|id| document.tree.get(id));
    nodes.filter(|node| {
        let mut in_body = false;
        for around in node.ancestors_it(None) {
            if AROUND.iter().any(|name| around.has_name(name)) {
                return false;
            }
            in_body |= around.has_name("body");
        }
        in_body
    })
}

/// The one that holds the title, the innermost of several; else the only one.
fn of_title<'a>(nodes: &[NodeRef<'a>], title: Option<NodeRef>) -> Option<NodeRef<'a>> {
    let holding = nodes
        .iter()
        .filter(|node| title.is_some_and(|title| is_within(&title, node)))
        .max_by_key(|node| node.ancestors_it(None).count());
    match (holding, nodes) {
        (Some(holding), _) => Some(*holding),
        (None, [only]) => Some(*only),
        _ => None,
    }
}

/// The nearest block around a title that holds most of its page.
fn with_title<'a>(title: NodeRef<'a>, body: &NodeRef) -> Option<NodeRef<'a>> {
    let around = title.ancestors_it(Some(MOST_AROUND));
    let mut around = around.take_while(|around| around.id != body.id);
    around.find(|around| holds_most(around, body, 0))
}

/// Those that do not hold the title: what does is the article rather than its text. All, if each does.
fn without_title<'a>(nodes: Vec<NodeRef<'a>>, title: Option<NodeRef>) -> Vec<NodeRef<'a>> {
    let holds = |node: &NodeRef| title.is_some_and(|title| is_within(&title, node));
    match nodes.iter().all(holds) {
        true => nodes,
        false => nodes.into_iter().filter(|node| !holds(node)).collect(),
    }
}

/// Whether there is much more in another article.
fn outweighs(other: &NodeRef, article: &NodeRef) -> bool {
    if is_within(other, article) || is_within(article, other) {
        return false;
    }
    let length = other.normalized_char_count();
    length > CARD && length > article.normalized_char_count() * 2
}

/// Of elements that hold one another the innermost with nearly all of it; `None` where there are several
/// texts.
fn innermost<'a>(nodes: Vec<NodeRef<'a>>) -> Option<NodeRef<'a>> {
    let mut weighed: Vec<(usize, NodeRef)> = nodes.into_iter().map(|node| (weight(&node), node)).collect();
    weighed.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let (all, mut chosen) = *weighed.first()?;
    for (weight, node) in &weighed[1..] {
        let inner = is_within(node, &chosen);
        if inner && weight * 100 >= all * NEARLY_ALL {
            chosen = *node;
        } else if !inner && !is_within(&chosen, node) && weight * 100 > all * (100 - NEARLY_ALL) {
            return None;
        }
    }
    Some(chosen)
}

/// A text that is not there has no weight, a picture has a little.
fn weight(node: &NodeRef) -> usize {
    let shows = ["img", "picture", "video", "audio", "iframe"];
    let mut nodes = node.descendants_it();
    let picture = nodes.any(|inner| shows.iter().any(|name| inner.has_name(name)));
    node.normalized_char_count() + usize::from(picture)
}

/// Whether a text is most of what is around it, or not more than `few` characters are.
fn holds_most(node: &NodeRef, around: &NodeRef, few: usize) -> bool {
    let own = weight(node);
    let all = || said(around);
    own > 0 && (node.id == around.id || own * 100 >= all() * MOST || all() <= few)
}

/// How many characters an element has to be read: not in links, nor in what stands around its text.
fn said(node: &NodeRef) -> usize {
    let mut said = 0;
    let mut open: Vec<NodeRef> = node.children_it(false).collect();
    while let Some(node) = open.pop() {
        if node.is_text() {
            said += node.normalized_char_count();
            continue;
        }
        let is = |names: &[&str]| names.iter().any(|name| node.has_name(name));
        let card = || node.has_name("article") && node.normalized_char_count() <= CARD;
        if is(UNSAID) || is(AROUND) || furniture::is_named(&node) || card() {
            continue;
        }
        open.extend(node.children_it(false));
    }
    said
}
