//! The elements of a page that say something of it to machines, found in one walk.

use super::classes::{Class, names_text};
use super::{filed, marked};
use dom_query::{Attr, Document, Element, NodeRef};

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
    /// By what a class says of them.
    classed: Vec<(Class, NodeRef<'a>)>,
    /// With a class that names an article's text.
    pub(super) texts: Vec<NodeRef<'a>>,
    /// Whose id says that they hold all of a page's own.
    wholes: Vec<NodeRef<'a>>,
    /// Marked as a comment each.
    pub(super) comments: Vec<NodeRef<'a>>,
    pub(super) times: Vec<NodeRef<'a>>,
    /// `h1` and `h2`.
    pub(super) headings: Vec<NodeRef<'a>>,
    pub(super) addresses: Vec<NodeRef<'a>>,
    /// `main`, or what has that role.
    pub(super) mains: Vec<NodeRef<'a>>,
    pub(super) articles: Vec<NodeRef<'a>>,
    /// Links to tags, categories and authors.
    pub(super) filing: Vec<NodeRef<'a>>,
    pub(super) bases: Vec<NodeRef<'a>>,
    pub(super) holds: Holds,
}

/// What a page holds that is settled before its text is looked for.
#[derive(Default, Clone, Copy)]
pub(super) struct Holds {
    /// Blocks of code.
    pub(super) code: bool,
    /// Formulas, as the programs that show them write them.
    pub(super) formulas: bool,
    /// Films, sounds and posts of elsewhere, in frames.
    pub(super) frames: bool,
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
                self.holds.formulas |= kind.starts_with("math/tex");
            }
            "math" | "mjx-container" => self.holds.formulas = true,
            "time" => self.times.push(node),
            "h1" | "h2" => self.headings.push(node),
            "address" => self.addresses.push(node),
            "main" => self.mains.push(node),
            "pre" => self.holds.code = true,
            "base" => self.bases.push(node),
            "iframe" | "embed" | "object" | "amp-iframe" | "lite-youtube" | "amp-youtube" => {
                self.holds.frames = true
            }
            "article" => self.articles.push(node),
            _ => {}
        }
        for attribute in &element.attrs {
            self.take_attribute(node, &element, attribute);
        }
    }

    fn take_attribute(&mut self, node: NodeRef<'a>, element: &Element, attribute: &Attr) {
        let tokens = || attribute.value.split_ascii_whitespace();
        match &*attribute.name.local {
            "itemprop" => {
                self.properties.push(node);
                if tokens().any(|token| token == "comment") {
                    self.take_comment(node);
                }
            }
            name @ ("itemtype" | "typeof") => {
                self.items.push(node);
                if name == "itemtype" && marked::is_type(&attribute.value) {
                    self.take_comment(node);
                }
            }
            "class" => {
                let from = self.classed.len();
                for class in tokens().filter_map(Class::of) {
                    if !self.classed[from..].iter().any(|(own, _)| *own == class) {
                        self.classed.push((class, node));
                    }
                }
                if tokens().any(|token| names_text(token, &node)) {
                    self.texts.push(node);
                }
                self.holds.formulas |=
                    attribute.value.contains("katex") || attribute.value.contains("MathJax");
            }
            "id" if tokens().any(|token| Class::of(token) == Some(Class::Whole)) => self.wholes.push(node),
            "href" if filed::kind(&attribute.value).is_some() => self.filing.push(node),
            "role" if &*attribute.value == "main" && &*element.name.local != "main" => {
                self.mains.push(node);
            }
            _ => {}
        }
    }

    /// Once, though its type and its property may both say so.
    fn take_comment(&mut self, node: NodeRef<'a>) {
        if self.comments.last().is_none_or(|last| last.id != node.id) {
            self.comments.push(node);
        }
    }

    /// The elements of which a class says so.
    pub(super) fn of_class(&self, class: Class) -> impl Iterator<Item = NodeRef<'a>> {
        let own = self.classed.iter().filter(move |(own, _)| *own == class);
        own.map(|(_, node)| *node)
    }

    /// The blocks whose class or id says that they hold all of a page's own.
    pub(super) fn wholes(&self) -> impl Iterator<Item = NodeRef<'a>> {
        let named = self.of_class(Class::Whole).chain(self.wholes.iter().copied());
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
