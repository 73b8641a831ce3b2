//! No template can run without end: what would is refused when it is parsed.
//!
//! Handlebars has no loops but `each`, so the work of a template can be counted from its tree: each
//! partial and block adds, each `each` multiplies. A partial that includes itself by any way is
//! refused, and so is one named by an expression, because nobody could count it.

use super::source::{Source, Sources};
use crate::problem::Problem;
use handlebars::Handlebars;
use handlebars::template::{DecoratorTemplate, Parameter, Template, TemplateElement};
use std::collections::HashMap;

/// In bytes, of one template file.
const LARGEST_FILE: usize = 256 * 1024;
/// Blocks within blocks in one file, brackets within brackets in one tag.
const DEEPEST_FILE: usize = 24;
/// Blocks and partials within one another.
const DEEPEST: usize = 64;
/// What an `each` is taken to repeat: no list in the context is longer.
const LONGEST_LIST: u64 = 100;
/// Elements written, by that count.
const MOST_WORK: u64 = 50_000_000;
/// In bytes, what one part of a mail may come to. A mail of this size is never sent; it is cut.
const LARGEST_OUTPUT: usize = 16 * 1024 * 1024;

fn refused(source: &Source, why: &str) -> Problem {
    Problem::error("template", why).file(std::path::Path::new(&source.file))
}

/// What must hold before the parser, which calls itself for each level, may look at it.
pub(super) fn before_parsing(source: &Source) -> Result<(), Problem> {
    if source.text.len() > LARGEST_FILE {
        return Err(refused(source, "is larger than 256 KB"));
    }
    let (mut blocks, mut brackets) = (0_usize, 0_usize);
    let mut rest = source.text.as_str();
    while let Some(at) = rest.find("{{") {
        let tag = &rest[at + 2..];
        let end = tag.find("}}").unwrap_or(tag.len());
        let (inside, after) = tag.split_at(end);
        match inside.trim_start_matches(['{', '~', ' ']).chars().next() {
            Some('#' | '^') => blocks += 1,
            Some('/') => blocks = blocks.saturating_sub(1),
            _ => {}
        }
        for c in inside.chars() {
            match c {
                '(' | '[' | '{' => brackets += 1,
                ')' | ']' | '}' => brackets = brackets.saturating_sub(1),
                _ => {}
            }
            if brackets > DEEPEST_FILE {
                return Err(refused(source, "has too many brackets within one another"));
            }
        }
        if blocks > DEEPEST_FILE {
            return Err(refused(source, "has more than 24 blocks within one another"));
        }
        brackets = 0;
        rest = after;
    }
    Ok(())
}

/// Counts the work of every part.
pub(super) fn after_parsing(sources: &Sources, registry: &Handlebars) -> Vec<Problem> {
    let mut bodies: HashMap<&str, Vec<&Template>> = HashMap::new();
    for (name, _) in sources.all() {
        if let Some(template) = registry.get_template(name) {
            bodies.entry(name).or_default().push(template);
            inline_partials(template, &mut bodies);
        }
    }
    let mut counter = Counter {
        bodies: &bodies,
        known: HashMap::new(),
        open: Vec::new(),
    };
    let mut problems = Vec::new();
    for (name, source) in sources.all() {
        match counter.named(name) {
            Ok(cost) if cost.own > MOST_WORK => {
                problems.push(refused(
                    source,
                    "repeats its partials and lists too often to be rendered",
                ));
            }
            Ok(cost) if cost.depth > DEEPEST => {
                problems.push(refused(
                    source,
                    "has more than 64 blocks and partials within one another",
                ));
            }
            Ok(_) => {}
            Err(why) => problems.push(refused(source, &why)),
        }
    }
    problems
}

/// `{{#*inline "name"}}`: reachable under its name from anywhere, as far as counting goes.
fn inline_partials<'a>(template: &'a Template, bodies: &mut HashMap<&'a str, Vec<&'a Template>>) {
    for element in &template.elements {
        if let TemplateElement::DecoratorBlock(decorator) = element {
            let name = decorator.params.first();
            if let (Some(Parameter::Literal(serde_json::Value::String(name))), Some(body)) =
                (name, &decorator.template)
            {
                bodies.entry(name).or_default().push(body);
            }
        }
        for inner in inner_templates(element) {
            inline_partials(inner, bodies);
        }
    }
}

fn inner_templates(element: &TemplateElement) -> impl Iterator<Item = &Template> {
    let (first, second) = match element {
        TemplateElement::HelperBlock(helper) => (helper.template.as_ref(), helper.inverse.as_ref()),
        TemplateElement::DecoratorBlock(decorator) | TemplateElement::PartialBlock(decorator) => {
            (decorator.template.as_ref(), None)
        }
        _ => (None, None),
    };
    first.into_iter().chain(second)
}

/// The work of a template: its elements, and how often it writes the block it was given.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    own: u64,
    blocks: u64,
    depth: usize,
}

impl Cost {
    fn plus(self, other: Cost) -> Cost {
        Cost {
            own: self.own.saturating_add(other.own),
            blocks: self.blocks.saturating_add(other.blocks),
            depth: self.depth.max(other.depth),
        }
    }

    fn times(self, factor: u64) -> Cost {
        Cost {
            own: self.own.saturating_mul(factor),
            blocks: self.blocks.saturating_mul(factor),
            ..self
        }
    }

    fn deeper(self) -> Cost {
        Cost {
            depth: self.depth + 1,
            ..self
        }
    }
}

struct Counter<'a> {
    bodies: &'a HashMap<&'a str, Vec<&'a Template>>,
    known: HashMap<&'a str, Cost>,
    /// The partials that are being counted: one that is met again includes itself.
    open: Vec<&'a str>,
}

impl<'a> Counter<'a> {
    /// The cost of what has a name; nothing where nobody has it (rendering names it then).
    fn named(&mut self, name: &str) -> Result<Cost, String> {
        let Some((name, bodies)) = self.bodies.get_key_value(name) else {
            return Ok(Cost::default());
        };
        if let Some(cost) = self.known.get(name) {
            return Ok(*cost);
        }
        if self.open.contains(name) {
            return Err(format!("the partial `{name}` includes itself"));
        }
        self.open.push(name);
        let mut cost = Cost::default();
        for body in bodies {
            cost = cost.plus(self.template(body)?);
        }
        self.open.pop();
        self.known.insert(name, cost);
        Ok(cost)
    }

    fn template(&mut self, template: &'a Template) -> Result<Cost, String> {
        let mut cost = Cost::default();
        for element in &template.elements {
            cost = cost.plus(self.element(element)?);
        }
        Ok(cost.deeper())
    }

    fn element(&mut self, element: &'a TemplateElement) -> Result<Cost, String> {
        let one = Cost {
            own: 1,
            ..Cost::default()
        };
        match element {
            TemplateElement::PartialExpression(partial) | TemplateElement::PartialBlock(partial) => {
                Ok(one.plus(self.partial(partial)?))
            }
            TemplateElement::HelperBlock(helper) => {
                let mut inside = Cost::default();
                for inner in inner_templates(element) {
                    inside = inside.plus(self.template(inner)?);
                }
                let each = helper.name.as_name() == Some("each");
                Ok(one.plus(inside.times(if each { LONGEST_LIST } else { 1 })))
            }
            _ => Ok(one),
        }
    }

    fn partial(&mut self, partial: &'a DecoratorTemplate) -> Result<Cost, String> {
        let name = match &partial.name {
            Parameter::Subexpression(_) => None,
            Parameter::Literal(name) => name.as_str(),
            name => name.as_name(),
        };
        let name = name.ok_or("a partial is included by an expression; write its name")?;
        if name == "@partial-block" {
            return Ok(Cost {
                blocks: 1,
                ..Cost::default()
            });
        }
        let body = self.named(name)?;
        let Some(block) = &partial.template else {
            return Ok(Cost { blocks: 0, ..body });
        };
        let block = self.template(block)?;
        let written = block.times(body.blocks.saturating_add(1));
        Ok(Cost {
            own: body.own.saturating_add(written.own),
            blocks: written.blocks,
            depth: body.depth + block.depth,
        })
    }
}

/// Takes what a template writes, up to a bound.
#[derive(Debug, Default)]
pub(super) struct Capped(Vec<u8>);

impl Capped {
    pub(super) fn into_string(self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl std::io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > LARGEST_OUTPUT {
            return Err(std::io::Error::other("comes to more than 16 MB"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
