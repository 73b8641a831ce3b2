//! What a page says of itself to machines, from the surest to the least sure: JSON-LD, microdata and
//! RDFa, `<meta>` and `<link>`, then classes of microformats, `rel` and `<address>`.

use super::classes::Class;
use super::marks::{Marks, has_token, value};
use super::stated::Metadata;
use super::{filed, items, json_ld, meta};
use crate::articles::text::one_line;
use crate::articles::{Author, Published};
use crate::sources::dates::{self, Reading};
use crate::sources::people;
use crate::sources::visible::words;
use dom_query::{Document, NodeRef};

pub(super) fn read(document: &Document, marks: &Marks, reading: Reading) -> Metadata {
    let json = json_ld::read(&marks.json, reading);
    let head = meta::read(marks, reading);
    let language = language(document).or_else(|| head.language.clone());
    // What the whole page says of itself is surer here than what one script says of one node.
    let url = head.url.clone();
    let found = json
        .or(items::read(marks, reading))
        .or(head)
        .or(in_classes(marks, reading));
    let mut found = found.or(meta::for_search(marks));
    found.url = url.or(found.url);
    found.language = language.or(found.language);
    // Who is named in one place may have an address in another.
    for author in found.authors.iter_mut().filter(|author| author.url.is_none()) {
        author.url = linked(marks, &author.name);
    }
    found
}

fn language(document: &Document) -> Option<String> {
    let root = document.html_root();
    let stated = ["lang", "xml:lang"].iter().find_map(|name| root.attr(name))?;
    Some(stated.trim().to_owned()).filter(|language| !language.is_empty())
}

/// What classes and relations say: nothing was made for machines alone here.
fn in_classes(marks: &Marks, reading: Reading) -> Metadata {
    let named = |class| marks.of_class(class).find(|node| !is_in_comment(node));
    let tags: Vec<NodeRef> = marks
        .of_relation("tag")
        .chain(marks.of_class(Class::Category).filter(is_tag))
        .filter(|node| node.has_name("a") && !is_category(node) && !is_beside(node))
        .collect();
    Metadata {
        title: named(Class::Title)
            .filter(|node| in_entry(node))
            .map(|node| one_line(&value(&node))),
        description: named(Class::Summary)
            .filter(|node| in_entry(node))
            .map(|node| one_line(&node.text())),
        authors: authors(marks),
        categories: categories(marks),
        tags: texts(&tags),
        published: date(marks, "datePublished", Class::Published, reading).or_else(|| {
            marks
                .times
                .iter()
                .filter(|node| node.has_attr("pubdate"))
                .find_map(|node| dates::parse(&value(node), reading))
        }),
        updated: date(marks, "dateModified", Class::Updated, reading).map(|date| date.at),
        ..Metadata::default()
    }
}

/// Whether an element is of the page's own entry.
fn in_entry(node: &NodeRef) -> bool {
    node.ancestors_it(None)
        .any(|around| has_token(&around, "class", &["h-entry", "hentry"]))
}

fn date(marks: &Marks, property: &str, class: Class, reading: Reading) -> Option<Published> {
    let of_class = marks.of_class(class).filter(|node| {
        node.has_name("time")
            || node.has_name("abbr")
            || has_token(node, "class", &["dt-published", "dt-updated"])
    });
    let mut nodes = marks.of_property(property).chain(of_class);
    nodes.find_map(|node| {
        if is_in_comment(&node) {
            return None;
        }
        let stated = ["datetime", "content", "title"]
            .iter()
            .find_map(|name| node.attr(name));
        stated
            .and_then(|stated| dates::parse(&stated, reading))
            .or_else(|| dates::parse(&node.text(), reading))
    })
}

fn authors(marks: &Marks) -> Vec<Author> {
    let found = |nodes: Vec<NodeRef>| -> Vec<Author> { nodes.iter().filter_map(marked_author).collect() };
    let properties = marks.of_property("author").collect();
    // The name of a card, where the card is an author's: a card may be the site's owner's.
    let cards = marks
        .of_class(Class::AuthorCard)
        .chain(marks.of_class(Class::FullName).filter(|node| {
            node.ancestors_it(Some(4))
                .any(|around| has_token(&around, "class", &["vcard"]))
        }));
    let cards = cards
        .chain(
            marks
                .of_class(Class::Author)
                .filter(|node| has_token(node, "class", &["author"]) && has_token(node, "class", &["vcard"])),
        )
        .collect();
    let relations = marks
        .of_relation("author")
        .filter(|node| node.has_name("a"))
        .collect();
    let addresses = marks.addresses.iter().filter(|node| {
        let mut around = node.ancestors_it(None);
        around
            .any(|around| around.has_name("article") || around.has_name("main") || around.has_name("header"))
    });
    let addresses = addresses.copied().collect();
    // The first: cards of other articles follow.
    let named = marks.of_class(Class::Author).filter(|node| !is_beside(node));
    let named = named.take(1).collect();
    let by_rank = [properties, cards, relations, addresses, named]
        .into_iter()
        .map(found);
    by_rank
        .into_iter()
        .find(|authors| !authors.is_empty())
        .unwrap_or_default()
}

/// Where a link of the page that is marked as its author's leads, by the author's name.
fn linked(marks: &Marks, name: &str) -> Option<String> {
    let of_name = |node: &NodeRef| one_line(&node.text()).eq_ignore_ascii_case(name);
    let mut links = marks.of_relation("author").filter(|node| node.has_name("a"));
    let link = links.find(of_name)?;
    link.attr("href").map(|href| href.to_string())
}

fn is_in_comment(node: &NodeRef) -> bool {
    let named = |ancestor: NodeRef| {
        ["class", "itemprop", "id"].iter().any(|name| {
            ancestor
                .attr(name)
                .is_some_and(|value| value.to_lowercase().contains("comment"))
        })
    };
    node.ancestors_it(None)
        .filter(|n| !n.has_name("body") && !n.has_name("html"))
        .any(named)
}

/// The person an element names: its `name` property, else all its text.
fn marked_author(node: &NodeRef) -> Option<Author> {
    // Who wrote a comment did not write the article.
    if is_in_comment(node) {
        return None;
    }
    let inner = node.descendants_it().find(|inner| {
        has_token(inner, "itemprop", &["name"]) || has_token(inner, "class", &["p-name", "fn"])
    });
    let named = inner.unwrap_or(*node);
    let text = named
        .attr("content")
        .map_or_else(|| named.text().to_string(), |content| content.to_string());
    let text = one_line(&text);
    let by = ["By ", "by ", "Written by ", "Posted by "];
    let name = by
        .iter()
        .find_map(|by| text.strip_prefix(by))
        .unwrap_or(&text)
        .trim();
    let link = std::iter::once(*node)
        .chain(node.descendants_it())
        .find(|n| n.has_name("a"));
    let url = link
        .and_then(|link| link.attr("href"))
        .map(|href| href.to_string());
    words::is_name(name, true).then(|| Author {
        url,
        ..people::person(name.to_owned())
    })
}

fn categories(marks: &Marks) -> Vec<String> {
    let properties: Vec<NodeRef> = marks.of_property("articleSection").collect();
    let marked = texts(&properties);
    if !marked.is_empty() {
        return marked;
    }
    let filing = marks.of_relation("tag").filter(|node| is_category(node));
    let related = marks.of_relation("category").chain(filing);
    let related = related.filter(|node| node.has_name("a") && !is_beside(node));
    let within = marks.of_class(Class::Categories).flat_map(|node| {
        node.descendants_it()
            .filter(|n| n.has_name("a"))
            .collect::<Vec<_>>()
    });
    let own = marks.of_class(Class::Category).filter(|node| !is_tag(node));
    texts(&related.chain(within).chain(own).collect::<Vec<_>>())
}

/// Whether a link that is said to be a tag's leads to a category.
fn is_category(node: &NodeRef) -> bool {
    node.attr("href")
        .is_some_and(|href| filed::kind(&href) == Some(filed::Kind::Category))
}

fn is_tag(node: &NodeRef) -> bool {
    node.attr("href")
        .is_some_and(|href| filed::kind(&href) == Some(filed::Kind::Tag))
}

/// Whether an element stands where a page lists what the whole site has.
fn is_beside(node: &NodeRef) -> bool {
    node.ancestors_it(None)
        .any(|around| around.has_name("aside") || around.has_name("nav"))
}

/// What short elements say, at most a dozen.
fn texts(nodes: &[NodeRef]) -> Vec<String> {
    nodes
        .iter()
        .map(|node| {
            let text = node.attr("content").unwrap_or_else(|| node.text());
            one_line(&text).trim_start_matches('#').to_owned()
        })
        .filter(|text| !text.is_empty() && text.chars().count() <= 60)
        .take(12)
        .collect()
}
