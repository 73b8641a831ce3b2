//! A document as a tree, whatever is wrong with it: unclosed and crossing tags, bare `<` and `&`,
//! attributes without quotes, undeclared prefixes, an end in the middle. Nothing is an error here.

use super::tag::Tag;
use super::{entities, names};
use std::collections::HashMap;

/// No feed has more elements; what comes after them is not read.
const MOST_NODES: usize = 1_000_000;
/// Elements within elements; deeper ones are taken as text of this one.
const MOST_OPEN: usize = 700;
/// Elements of HTML that have no end.
const VOID: [&str; 8] = [
    "br",
    "hr",
    "img",
    "wbr",
    "xhtml:br",
    "xhtml:hr",
    "xhtml:img",
    "xhtml:wbr",
];
/// Elements of which one ends where the next begins.
const ITEMS: [&str; 2] = ["item", "entry"];

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Element {
    /// In lower case, with the prefix that its namespace has here.
    pub(super) name: String,
    /// Names as those of elements.
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Node>,
    /// Where in the document it begins, in bytes.
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Everything is in here.
    pub(super) top: Element,
    /// Where it broke off; the elements that were open there are in the tree, half as they are, and
    /// this is where the first of them began that is an item.
    pub(super) cut: Option<Cut>,
}

/// Where a document broke off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub(super) at: usize,
    /// Where the item began that is not whole.
    pub(super) item: Option<usize>,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(found.1.trim()).filter(|value| !value.is_empty())
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The children of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |child| child.name == name)
    }

    /// The texts of the children of these names, those of the first name first.
    pub(super) fn texts<'a>(&'a self, names: &'a [&'a str]) -> impl Iterator<Item = String> + 'a {
        let found = names.iter().flat_map(|name| self.all(name));
        found.map(Element::text).filter(|text| !text.is_empty())
    }

    pub(super) fn first_text(&self, names: &[&str]) -> Option<String> {
        self.texts(names).next()
    }

    /// All text in it.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.gather(&mut text);
        text.trim().to_owned()
    }

    fn gather(&self, text: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(piece) => text.push_str(piece),
                Node::Element(element) => element.gather(text),
            }
        }
    }
}

/// Takes a document apart.
pub(super) fn parse(text: &str) -> Tree {
    let mut builder = Builder::default();
    let mut rest = text;
    let end = loop {
        let Some(start) = rest.find('<') else {
            builder.text(&entities::resolve(rest));
            break None;
        };
        builder.text(&entities::resolve(&rest[..start]));
        rest = &rest[start..];
        let at = text.len() - rest.len();
        let Some(length) = builder.markup(rest, at) else {
            break Some(at);
        };
        rest = &rest[length..];
    };
    builder.finish(end, text.len())
}

/// The length up to and with an end mark.
fn up_to(text: &str, end: &str) -> Option<usize> {
    Some(text.find(end)? + end.len())
}

#[derive(Default)]
struct Builder {
    /// The elements that are open; the first is the top.
    open: Vec<Element>,
    /// How many prefixes were declared when each of them began.
    scopes: Vec<usize>,
    /// Prefix, and namespace.
    declared: Vec<(String, String)>,
    /// Names as they were written, at a depth of no declaration in between.
    known: HashMap<String, String>,
    nodes: usize,
}

impl Builder {
    fn top(&mut self) -> &mut Element {
        if self.open.is_empty() {
            self.open.push(Element::default());
            self.scopes.push(0);
        }
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let children = &mut self.top().children;
        if let Some(Node::Text(before)) = children.last_mut() {
            before.push_str(text);
        } else {
            children.push(Node::Text(text.to_owned()));
            self.nodes += 1;
        }
    }

    /// Takes what begins with `<`; its length. `None`: it has no end, or there is too much.
    fn markup(&mut self, text: &str, at: usize) -> Option<usize> {
        if self.nodes > MOST_NODES {
            return None;
        }
        match text.as_bytes().get(1) {
            Some(b'!') => self.declaration(text),
            Some(b'?') => up_to(text, ">"),
            Some(b'/') => {
                let length = up_to(text, ">")?;
                self.end(text[2..length - 1].trim());
                Some(length)
            }
            Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' || !byte.is_ascii() => {
                let tag = Tag::read(text)?;
                let length = tag.length;
                self.start(tag, at);
                Some(length)
            }
            _ => {
                self.text("<");
                Some(1)
            }
        }
    }

    fn declaration(&mut self, text: &str) -> Option<usize> {
        if text.starts_with("<!--") {
            return up_to(text, "-->");
        }
        if text
            .get(..9)
            .is_some_and(|start| start.eq_ignore_ascii_case("<![CDATA["))
        {
            let end = text.find("]]>")?;
            self.text(&text[9..end]);
            return Some(end + 3);
        }
        // A document type, maybe with declarations of its own, which are of no interest.
        let end = text.find('>')?;
        match text[..end].contains('[') {
            true => {
                let inside = up_to(text, "]")?;
                Some(inside + up_to(&text[inside..], ">")?)
            }
            false => Some(end + 1),
        }
    }

    fn start(&mut self, tag: Tag, at: usize) {
        self.top();
        let scope = self.declared.len();
        for (name, value) in &tag.attributes {
            match name.strip_prefix("xmlns") {
                Some("") => self.declared.push((String::new(), value.clone())),
                Some(prefix) if prefix.starts_with(':') => {
                    self.declared.push((prefix[1..].to_owned(), value.clone()));
                }
                _ => {}
            }
        }
        if self.declared.len() > scope {
            self.known.clear();
        }
        let name = self.name(&tag.name);
        self.close_item_before(&name);
        let attributes = tag.attributes.into_iter();
        let attributes = attributes.filter(|(name, _)| !name.starts_with("xmlns"));
        let attributes: Vec<(String, String)> = attributes
            .map(|(name, value)| (self.attribute_name(&name), value))
            .collect();
        let element = Element {
            name,
            attributes,
            children: Vec::new(),
            at,
        };
        self.nodes += 1;
        let is_closed = tag.is_closed || VOID.contains(&element.name.as_str());
        if is_closed || self.open.len() >= MOST_OPEN {
            self.forget(scope);
            self.top().children.push(Node::Element(element));
        } else {
            self.open.push(element);
            self.scopes.push(scope);
        }
    }

    /// An item that was never closed ends where the next one begins.
    fn close_item_before(&mut self, name: &str) {
        if !ITEMS.contains(&name) {
            return;
        }
        let near = self.open.len().saturating_sub(2);
        let open = self
            .open
            .iter()
            .skip(near)
            .position(|open| ITEMS.contains(&open.name.as_str()));
        if let Some(open) = open {
            self.close_down_to(near + open);
        }
    }

    fn end(&mut self, written: &str) {
        let name = self.name(written);
        if let Some(at) = self.open.iter().rposition(|open| open.name == name)
            && at > 0
        {
            self.close_down_to(at);
        }
    }

    fn close_down_to(&mut self, at: usize) {
        while self.open.len() > at {
            let (Some(element), Some(scope)) = (self.open.pop(), self.scopes.pop()) else {
                return;
            };
            self.forget(scope);
            self.top().children.push(Node::Element(element));
        }
    }

    fn forget(&mut self, scope: usize) {
        if self.declared.len() > scope {
            self.declared.truncate(scope);
            self.known.clear();
        }
    }

    /// The name that an element has here.
    fn name(&mut self, written: &str) -> String {
        if let Some(name) = self.known.get(written) {
            return name.clone();
        }
        let name = self.canonical(written, true);
        if self.known.len() < 1000 {
            self.known.insert(written.to_owned(), name.clone());
        }
        name
    }

    fn attribute_name(&self, written: &str) -> String {
        self.canonical(written, false)
    }

    fn canonical(&self, written: &str, by_default: bool) -> String {
        let (prefix, local) = written.split_once(':').unwrap_or(("", written));
        let local = local.to_ascii_lowercase();
        let namespace = self.declared.iter().rev().find(|(known, _)| known == prefix);
        let namespace = namespace.map(|(_, uri)| uri.as_str());
        let own = match prefix {
            "" if !by_default => "",
            // Whatever the document itself is in is what feeds are in.
            "" if namespace.is_some() && namespace == self.first_namespace() => {
                names::of_namespace(namespace.unwrap_or_default()).unwrap_or_default()
            }
            _ => names::of_prefix(prefix, namespace),
        };
        match own {
            "" => local,
            own => format!("{own}:{local}"),
        }
    }

    fn first_namespace(&self) -> Option<&str> {
        let first = self.declared.iter().find(|(prefix, _)| prefix.is_empty());
        first.map(|(_, uri)| uri.as_str())
    }

    fn finish(mut self, end: Option<usize>, length: usize) -> Tree {
        self.top();
        let item = self.open.iter().find(|open| ITEMS.contains(&open.name.as_str()));
        let item = item.map(|item| item.at);
        let cut = (end.is_some() || self.open.len() > 1).then(|| Cut {
            at: end.unwrap_or(length),
            item,
        });
        self.close_down_to(1);
        Tree {
            top: self.open.pop().unwrap_or_default(),
            cut,
        }
    }
}
