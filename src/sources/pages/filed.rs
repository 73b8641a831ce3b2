//! The links by which a page files its article: to its tags, its categories and its authors, told by where
//! they lead.

use super::lines::is_within;
use crate::articles::Author;
use crate::articles::text::one_line;
use crate::sources::people;
use crate::sources::visible::words;
use dom_query::{Document, NodeId, NodeRef};

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Tag,
    Category,
    Author,
}

/// Folders of a site, each with what lies in it.
const FOLDERS: &[(&str, Kind)] = &[
    ("tag", Kind::Tag),
    ("tags", Kind::Tag),
    ("category", Kind::Category),
    ("categories", Kind::Category),
    ("author", Kind::Author),
    ("authors", Kind::Author),
];

/// What an address leads to: `/blog/tags/ropes/`, `/categories/#boats`.
pub(super) fn kind(href: &str) -> Option<Kind> {
    // Hardly any address has to be taken apart.
    if href.len() > 300 {
        return None;
    }
    let path = href.split(['?']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    let mut parts = path.split(['/', '#']).filter(|part| !part.is_empty()).rev();
    let (_, folder) = (parts.next()?, parts.next()?);
    let folder = FOLDERS.iter().find(|(name, _)| folder.eq_ignore_ascii_case(name));
    folder.map(|(_, kind)| *kind)
}

/// What the links of a page's article say of it.
#[derive(Debug, Default)]
pub(super) struct Filed {
    pub(super) tags: Vec<String>,
    pub(super) categories: Vec<String>,
    pub(super) authors: Vec<Author>,
}

/// The most names of one kind.
const MOST: usize = 12;
/// The most links that are looked at.
const MOST_LINKS: usize = 200;

/// Reads those of the links that stand within `around`, the page's own article. Those of its sentences do
/// not count, nor those of other articles that it shows.
pub(super) fn read(document: &Document, links: &[NodeId], around: &NodeRef) -> Filed {
    let mut filed = Filed::default();
    for link in links
        .iter()
        .take(MOST_LINKS)
        .filter_map(|id| document.tree.get(id))
    {
        let stated = link
            .attr("href")
            .and_then(|href| Some((kind(&href)?, href.to_string())));
        let Some((kind, href)) = stated.filter(|_| is_within(&link, around) && is_apart(&link, around))
        else {
            continue;
        };
        let name = one_line(&link.text());
        let name = name.trim_start_matches('#').trim();
        if name.is_empty() || name.chars().count() > 60 {
            continue;
        }
        let names = match kind {
            Kind::Tag => &mut filed.tags,
            Kind::Category => &mut filed.categories,
            Kind::Author => {
                let known = filed.authors.iter().any(|own| own.name == name);
                if !known && filed.authors.len() < MOST && words::is_name(name, true) {
                    filed.authors.push(Author {
                        url: Some(href),
                        ..people::person(name.to_owned())
                    });
                }
                continue;
            }
        };
        if !names.iter().any(|own| own == name) && names.len() < MOST {
            names.push(name.to_owned());
        }
    }
    filed
}

/// Whether a link stands with others of its kind, or alone, and not in a sentence.
fn is_apart(link: &NodeRef, around: &NodeRef) -> bool {
    let mut outer = link.ancestors_it(None).take_while(|node| node.id != around.id);
    if outer.any(|node| ["nav", "aside", "article"].iter().any(|name| node.has_name(name))) {
        return false;
    }
    let Some(parent) = link.parent() else {
        return false;
    };
    let beside = parent.children_it(false).filter(|node| !node.has_name("a"));
    let said: usize = beside.map(|node| node.normalized_char_count()).sum();
    said <= 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_say_what_lies_there() {
        for (href, expected) in [
            ("/tags/ropes/", Some(Kind::Tag)),
            ("https://bay.example/blog/tag/ropes", Some(Kind::Tag)),
            ("/categories/#boats", Some(Kind::Category)),
            ("/category/boats/?page=2", Some(Kind::Category)),
            ("/author/ann/", Some(Kind::Author)),
            ("/tags/", None),
            ("/posts/tags", None),
            ("/posts/late/", None),
            ("#tags", None),
        ] {
            assert_eq!(kind(href), expected, "{href}");
        }
    }
}
