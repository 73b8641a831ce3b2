//! The elements of a page that say something of it to machines, found in one walk.

use super::filed;
use dom_query::{Document, Element, NodeRef};

/// Elements by what they may say, in the order of the page.
#[derive(Default)]
pub(super) struct Marks<'a> {
    pub(super) title: Option<NodeRef<'a>>,
    pub(super) metas: Vec<NodeRef<'a>>,
    /// `<link>`, and `<a>` that says what it leads to.
    pub(super) links: Vec<NodeRef<'a>>,
    pub(super) json: Vec<NodeRef<'a>>,
    /// With `itemprop`.
    pub(super) properties: Vec<NodeRef<'a>>,
    /// With `itemtype` or `typeof`.
    pub(super) items: Vec<NodeRef<'a>>,
    /// With a class.
    pub(super) classed: Vec<NodeRef<'a>>,
    pub(super) times: Vec<NodeRef<'a>>,
    /// `h1` and `h2`.
    pub(super) headings: Vec<NodeRef<'a>>,
    pub(super) addresses: Vec<NodeRef<'a>>,
    /// `main`, or what has that role.
    pub(super) mains: Vec<NodeRef<'a>>,
    pub(super) articles: Vec<NodeRef<'a>>,
    /// With an id.
    pub(super) identified: Vec<NodeRef<'a>>,
    /// Links to tags, categories and authors.
    pub(super) filing: Vec<NodeRef<'a>>,
    /// Whether there may be formulas, as the programs that show them write them.
    pub(super) formulas: bool,
}

impl<'a> Marks<'a> {
    pub(super) fn collect(document: &'a Document) -> Marks<'a> {
        let mut marks = Marks::default();
        for node in document.root().descendants_it() {
            marks.take(node);
        }
        marks
    }

    fn take(&mut self, node: NodeRef<'a>) {
        let Some(element) = node.element_ref() else {
            return;
        };
        let has = |name: &str| element.attrs.iter().any(|attr| &*attr.name.local == name);
        match &*element.name.local {
            "meta" if has("content") => self.metas.push(node),
            // A drawing has titles too.
            "title" => self.title = self.title.or(Some(node)),
            "link" => self.links.push(node),
            "a" if has("rel") => self.links.push(node),
            "script" => {
                let mut attributes = element.attrs.iter();
                let kind = attributes.find(|attr| &*attr.name.local == "type");
                let kind = kind
                    .map(|attr| attr.value.to_ascii_lowercase())
                    .unwrap_or_default();
                if kind.contains("ld+json") {
                    self.json.push(node);
                }
                self.formulas |= kind.starts_with("math/tex");
            }
            "math" | "mjx-container" => self.formulas = true,
            "time" => self.times.push(node),
            "h1" | "h2" => self.headings.push(node),
            "address" => self.addresses.push(node),
            "main" => self.mains.push(node),
            "article" => self.articles.push(node),
            _ => {}
        }
        for attribute in &element.attrs {
            match &*attribute.name.local {
                "itemprop" => self.properties.push(node),
                "itemtype" | "typeof" => self.items.push(node),
                "class" => {
                    self.classed.push(node);
                    self.formulas |= attribute.value.contains("katex") || attribute.value.contains("MathJax");
                }
                "id" => self.identified.push(node),
                "href" if filed::kind(&attribute.value).is_some() => self.filing.push(node),
                "role" if &*attribute.value == "main" && &*element.name.local != "main" => {
                    self.mains.push(node);
                }
                _ => {}
            }
        }
    }

    /// The elements with one of these classes.
    pub(super) fn of_class(&self, names: &[&str]) -> impl Iterator<Item = NodeRef<'a>> {
        self.classed
            .iter()
            .copied()
            .filter(|node| has_token(node, "class", names))
    }

    /// The blocks that have one of these names as their class or id.
    pub(super) fn wholes(&self, names: &[&str]) -> impl Iterator<Item = NodeRef<'a>> {
        let identified = self.identified.iter().filter(|node| has_token(node, "id", names));
        let named = self.of_class(names).chain(identified.copied());
        named.filter(|node| node.has_name("div") || node.has_name("section"))
    }

    /// The elements with a property of microdata.
    pub(super) fn of_property(&self, name: &str) -> impl Iterator<Item = NodeRef<'a>> {
        self.properties
            .iter()
            .copied()
            .filter(move |node| has_token(node, "itemprop", &[name]))
    }

    /// The links of one of these relations.
    pub(super) fn of_relation(&self, name: &str) -> impl Iterator<Item = NodeRef<'a>> {
        self.links
            .iter()
            .copied()
            .filter(move |node| has_token(node, "rel", &[name]))
    }
}

/// Whether an attribute that is a list of words holds one of these.
pub(super) fn has_token(node: &NodeRef, attribute: &str, words: &[&str]) -> bool {
    let holds = |element: &Element| {
        let mut attributes = element.attrs.iter();
        let stated = attributes.find(|stated| &*stated.name.local == attribute);
        stated.is_some_and(|stated| {
            stated
                .value
                .split_ascii_whitespace()
                .any(|word| words.contains(&word))
        })
    };
    node.element_ref().is_some_and(|element| holds(&element))
}

/// What an element says to machines: by the rules of microdata.
pub(super) fn value(node: &NodeRef) -> String {
    let names: &[&str] = match node.node_name().as_deref() {
        Some("a" | "area" | "link") => &["content", "href"],
        Some("img" | "source" | "video" | "audio" | "iframe" | "embed" | "track") => &["content", "src"],
        Some("time" | "abbr" | "ins" | "del") => &["content", "datetime", "title"],
        Some("data" | "meter") => &["content", "value"],
        _ => &["content"],
    };
    let stated = names.iter().find_map(|name| node.attr(name));
    stated.unwrap_or_else(|| node.text()).trim().to_owned()
}
