//! What a page marks of its article in its own elements: microdata and RDFa Lite (schema.org).

use super::marks::{Marks, has_token, value};
use super::stated::{Metadata, Picture, is_article, keywords, pixels, sections};
use crate::articles::Author;
use crate::articles::text::one_line;
use crate::sources::dates::{self, Reading};
use dom_query::NodeRef;

/// How a syntax names its parts.
struct Syntax {
    /// Opens an item.
    scope: &'static str,
    kind: &'static str,
    property: &'static str,
}

const SYNTAXES: &[Syntax] = &[
    Syntax {
        scope: "itemscope",
        kind: "itemtype",
        property: "itemprop",
    },
    Syntax {
        scope: "typeof",
        kind: "typeof",
        property: "property",
    },
];

/// An item of a page: its properties in their order, without those of items within.
struct Item<'a> {
    syntax: &'static Syntax,
    properties: Vec<(String, NodeRef<'a>)>,
}

impl<'a> Item<'a> {
    fn read(node: NodeRef<'a>, syntax: &'static Syntax) -> Item<'a> {
        let mut properties = Vec::new();
        let mut open: Vec<NodeRef> = node.children_it(true).collect();
        while let Some(node) = open.pop() {
            if let Some(names) = node.attr(syntax.property) {
                for name in names.split_ascii_whitespace() {
                    let name = name.rsplit(['/', ':', '#']).next().unwrap_or(name);
                    properties.push((name.to_owned(), node));
                }
            }
            if !node.has_attr(syntax.scope) {
                open.extend(node.children_it(true));
            }
        }
        Item { syntax, properties }
    }

    /// The elements of the first of these properties that there is.
    fn all(&self, names: &[&str]) -> Vec<NodeRef<'a>> {
        let of = |name: &str| -> Vec<NodeRef<'a>> {
            let own = self.properties.iter().filter(|(own, _)| own == name);
            own.map(|(_, node)| *node).collect()
        };
        names
            .iter()
            .map(|name| of(name))
            .find(|nodes| !nodes.is_empty())
            .unwrap_or_default()
    }

    fn text(&self, names: &[&str]) -> Option<String> {
        let texts = self.all(names).into_iter().map(|node| self.named(&node));
        texts.into_iter().find(|text| !text.is_empty())
    }

    /// The item that a property is; `None` for a text.
    fn within(&self, node: &NodeRef<'a>) -> Option<Item<'a>> {
        node.has_attr(self.syntax.scope)
            .then(|| Item::read(*node, self.syntax))
    }

    /// A text, or the name of a thing.
    fn named(&self, node: &NodeRef<'a>) -> String {
        let name = self.within(node).and_then(|item| item.text(&["name"]));
        // The address of a person is no name of theirs.
        let text = || {
            if node.has_name("a") {
                node.text().to_string()
            } else {
                value(node)
            }
        };
        one_line(&name.unwrap_or_else(text))
    }

    /// Each of the links of a list, else the words of a text.
    fn keywords(&self, node: &NodeRef<'a>) -> Vec<String> {
        let links = node.descendants_it().filter(|inner| inner.has_name("a"));
        let linked: Vec<String> = links.map(|link| one_line(&link.text())).collect();
        match linked.is_empty() {
            true => keywords(&self.named(node)).collect(),
            false => linked,
        }
    }

    fn date(&self, names: &[&str], reading: Reading) -> Option<crate::articles::Published> {
        self.all(names)
            .iter()
            .find_map(|node| dates::parse(&value(node), reading))
    }

    fn author(&self, node: &NodeRef<'a>) -> Option<Author> {
        let name = self.named(node);
        let within = self.within(node);
        let stated = within.and_then(|item| item.all(&["url", "sameAs"]).first().map(value));
        let mut inside = std::iter::once(*node).chain(node.descendants_it());
        let link = || {
            inside
                .find(|n| n.has_name("a"))?
                .attr("href")
                .map(|href| href.to_string())
        };
        (!name.is_empty() && name.chars().count() <= 60).then(|| Author {
            name: name
                .trim_start_matches("By ")
                .trim_start_matches("by ")
                .to_owned(),
            url: stated.or_else(link),
        })
    }

    fn picture(&self, node: &NodeRef<'a>) -> Option<Picture> {
        let shown = |node: &NodeRef| Picture {
            address: value(node),
            alt: node.attr("alt").map(|alt| alt.to_string()).unwrap_or_default(),
            width: node.attr("width").and_then(|width| pixels(&width)),
            height: node.attr("height").and_then(|height| pixels(&height)),
        };
        let picture = match self.within(node) {
            None => shown(node),
            Some(item) => {
                let size = |name: &str| pixels(&item.text(&[name])?);
                let own = item.all(&["url", "contentUrl"]).first().map(shown)?;
                Picture {
                    width: size("width").or(own.width),
                    height: size("height").or(own.height),
                    alt: item.text(&["caption"]).unwrap_or(own.alt),
                    ..own
                }
            }
        };
        (!picture.address.is_empty()).then_some(picture)
    }
}

/// Reads the item that is the article: of several the one that holds the page's heading.
pub(super) fn read(marks: &Marks, reading: Reading) -> Metadata {
    let of = |syntax: &'static Syntax| {
        let articles = marks.items.iter().filter(|node| {
            node.attr(syntax.kind)
                .is_some_and(|kinds| kinds.split_ascii_whitespace().any(is_article))
                && !has_token(node, syntax.property, &["comment", "isPartOf", "mentions"])
        });
        let articles: Vec<NodeRef> = articles.copied().collect();
        let holds_heading = |node: &&NodeRef| node.descendants_it().any(|inner| inner.has_name("h1"));
        let article = match articles.as_slice() {
            [only] => only,
            several => {
                let mut own = several.iter().filter(holds_heading);
                own.next().filter(|_| own.next().is_none())?
            }
        };
        Some(of_article(&Item::read(*article, syntax), reading))
    };
    SYNTAXES.iter().find_map(of).unwrap_or_default()
}

fn of_article(item: &Item, reading: Reading) -> Metadata {
    let short = |names: &[&str]| -> Vec<String> {
        let texts = item.all(names).into_iter().map(|node| item.named(&node));
        texts
            .filter(|text| !text.is_empty() && text.chars().count() <= 60)
            .collect()
    };
    let count = item.text(&["commentCount"]).and_then(|count| count.parse().ok());
    let old_count = || {
        item.text(&["interactionCount"])?
            .strip_prefix("UserComments:")?
            .trim()
            .parse()
            .ok()
    };
    Metadata {
        title: item.text(&["headline", "name"]),
        description: item.text(&["description", "abstract"]),
        authors: item
            .all(&["author", "creator"])
            .iter()
            .filter_map(|node| item.author(node))
            .collect(),
        categories: sections(short(&["articleSection"])),
        tags: item
            .all(&["keywords"])
            .iter()
            .flat_map(|node| item.keywords(node))
            .collect(),
        published: item.date(&["datePublished", "dateCreated"], reading),
        updated: item.date(&["dateModified"], reading).map(|date| date.at),
        image: item
            .all(&["image", "thumbnailUrl"])
            .iter()
            .find_map(|node| item.picture(node)),
        language: item.text(&["inLanguage"]),
        url: item
            .all(&["url"])
            .first()
            .map(value)
            .filter(|url| !url.is_empty()),
        comment_count: count.or_else(old_count),
        paid: item
            .text(&["isAccessibleForFree"])
            .is_some_and(|text| text.eq_ignore_ascii_case("false")),
        ..Metadata::default()
    }
}
