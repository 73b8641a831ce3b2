//! A WordPress export as it stands in the file: RSS with elements of WordPress's own. Read item by
//! item, and only what is needed of each.

use crate::problem::Problem;
use crate::sources::decoded::Decoded;
use crate::sources::files::{MAX_BYTES, unreadable};
use crate::sources::scan::About;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::collections::HashMap;
use std::io::{Read, Seek};
use std::path::Path;

/// The longest text of one element, in bytes.
const TEXT: usize = MAX_BYTES as usize;
/// The most bytes between two tags.
const PIECE: usize = 64 * 1024 * 1024;
/// Elements below that depth are only counted.
const DEPTH: usize = 64;

/// All of an export that articles are made of.
#[derive(Debug, Default)]
pub(super) struct Export {
    pub(super) about: About,
    /// Names by login.
    pub(super) authors: HashMap<String, String>,
    /// In the order of the file, of whatever type; of those that are no posts without their text.
    pub(super) posts: Vec<Post>,
    /// Why it was not read to its end.
    pub(super) broken: Option<Problem>,
    /// Whether an element of WordPress's own stood in it.
    pub(super) is_one: bool,
}

/// One item.
#[derive(Debug, Default)]
pub(super) struct Post {
    pub(super) line: u64,
    /// By the name of the element.
    pub(super) fields: HashMap<String, String>,
    pub(super) terms: Vec<Term>,
    pub(super) metas: Vec<(String, String)>,
    /// Each by the names of its elements.
    pub(super) comments: Vec<HashMap<String, String>>,
    /// An element of it was longer than is read.
    pub(super) too_large: bool,
}

impl Post {
    /// An element's text, empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |text| text.trim())
    }

    pub(super) fn meta(&self, key: &str) -> Option<&str> {
        let found = self.metas.iter().find(|(name, _)| name == key)?;
        Some(found.1.trim())
    }
}

/// A category or tag.
#[derive(Debug, Default)]
pub(super) struct Term {
    pub(super) domain: String,
    pub(super) nicename: String,
    pub(super) name: String,
}

/// What is kept of an item.
const FIELDS: &[&str] = &[
    "title",
    "link",
    "pubDate",
    "dc:creator",
    "guid",
    "content:encoded",
    "excerpt:encoded",
    "wp:post_id",
    "wp:post_date",
    "wp:post_date_gmt",
    "wp:post_modified_gmt",
    "wp:post_name",
    "wp:status",
    "wp:post_parent",
    "wp:post_type",
    "wp:post_password",
    "wp:attachment_url",
];
/// The types whose text is of use: reusable blocks stand in posts, attachments have captions.
const WITH_TEXT: &[&str] = &["", "post", "wp_block"];

/// Reads an export. What stands whole before a break is there, with the reason of the break.
pub(super) fn read<R: Read + Seek>(input: R, from: &Path) -> Result<Export, Problem> {
    let decoded = Decoded::new(input, PIECE).map_err(|error| unreadable(from, &error))?;
    let mut reader = Reader::from_reader(decoded);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let mut parser = Parser::default();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        reader.get_mut().mark();
        let event = reader.read_event_into(&mut buffer);
        let line = reader.get_ref().line();
        match event {
            Ok(Event::Start(start)) => parser.start(&start, line),
            Ok(Event::Empty(start)) => {
                parser.start(&start, line);
                parser.end(start.name().as_ref());
            }
            Ok(Event::End(end)) => parser.end(end.name().as_ref()),
            Ok(Event::Text(text)) => parser.text(&text.xml10_content()),
            Ok(Event::CData(text)) => parser.text(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => parser.text(&resolved(&reference)),
            Ok(Event::Eof) if parser.path.is_empty() && parser.below == 0 => break,
            Ok(Event::Eof) => {
                let inner = parser.path.last().cloned().unwrap_or_default();
                parser.export.broken = Some(broken(from, line, &format!("it ends within <{inner}>")));
                break;
            }
            Ok(_) => {}
            Err(error) => {
                parser.export.broken = Some(broken(from, line, &error.to_string()));
                break;
            }
        }
    }
    Ok(parser.export)
}

fn broken(from: &Path, line: u64, why: &str) -> Problem {
    Problem::error("export", format!("the export breaks off: {why}"))
        .file(from)
        .line(line)
        .hint("export it again; what stands whole before that is taken, and what is known stays")
}

/// A character, or the reference as it stands: nothing is expanded.
fn resolved(reference: &BytesRef) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    let name = reference.xml10_content();
    match quick_xml::escape::resolve_xml_entity(&name) {
        Some(text) => text.to_owned(),
        None => format!("&{name};"),
    }
}

#[derive(Default)]
struct Parser {
    export: Export,
    path: Vec<String>,
    /// How many elements are open below the depth that is looked at.
    below: usize,
    text: String,
    overflow: bool,
    post: Option<Post>,
    term: Term,
    meta: (String, String),
    comment: HashMap<String, String>,
    author: HashMap<String, String>,
}

impl Parser {
    fn start(&mut self, start: &BytesStart, line: u64) {
        let qualified = start.name();
        let name = qualified.as_ref();
        if self.path.len() >= DEPTH {
            self.below += 1;
            return;
        }
        self.text.clear();
        self.overflow = false;
        self.export.is_one |= name.starts_with("wp:");
        match name {
            "item" => {
                self.post = Some(Post {
                    line,
                    ..Post::default()
                });
            }
            "category" => {
                let attribute = |wanted: &str| {
                    let found = start.try_get_attribute(wanted).ok().flatten();
                    found.map_or_else(String::new, |found| found.value.into_owned())
                };
                self.term = Term {
                    domain: attribute("domain"),
                    nicename: attribute("nicename"),
                    name: String::new(),
                };
            }
            "wp:postmeta" => self.meta = Default::default(),
            "wp:comment" => self.comment.clear(),
            "wp:author" => self.author.clear(),
            _ => {}
        }
        self.path.push(name.to_owned());
    }

    fn text(&mut self, text: &str) {
        if self.below > 0 {
            return;
        }
        if self.text.len() + text.len() > TEXT {
            self.overflow = true;
            return;
        }
        self.text.push_str(text);
    }

    fn end(&mut self, name: &str) {
        if self.below > 0 {
            self.below -= 1;
            return;
        }
        // An end without a beginning is none; an element that was never ended ends with those around it.
        let Some(at) = self.path.iter().rposition(|open| open == name) else {
            return;
        };
        self.path.truncate(at);
        let parent = self.path.last().cloned().unwrap_or_default();
        let text = std::mem::take(&mut self.text);
        match (parent.as_str(), name) {
            ("channel", "item") => self.end_post(),
            ("channel", "wp:author") => self.end_author(),
            ("channel", _) => self.end_of_channel(name, text),
            ("wp:author", _) => drop(self.author.insert(name.to_owned(), text)),
            ("wp:comment", _) => drop(self.comment.insert(name.to_owned(), text)),
            ("wp:postmeta", "wp:meta_key") => self.meta.0 = text,
            ("wp:postmeta", "wp:meta_value") => self.meta.1 = text,
            ("item", _) => self.end_of_item(name, text),
            _ => {}
        }
    }

    fn end_of_channel(&mut self, name: &str, text: String) {
        let about = &mut self.export.about;
        let field = match name {
            "title" => &mut about.title,
            "link" | "wp:base_blog_url" => &mut about.url,
            "description" => &mut about.description,
            "language" => &mut about.language,
            "generator" => {
                let version = text.rsplit_once("v=").map_or("", |(_, version)| version.trim());
                about.system = Some(format!("WordPress {version}").trim_end().to_owned());
                return;
            }
            _ => return,
        };
        *field = Some(text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .or(field.take());
    }

    fn end_author(&mut self) {
        let get = |name: &str| self.author.get(name).map_or("", |text| text.trim());
        let login = get("wp:author_login").to_owned();
        let whole = format!("{} {}", get("wp:author_first_name"), get("wp:author_last_name"));
        let names = [get("wp:author_display_name"), whole.trim()];
        if let Some(name) = names
            .into_iter()
            .find(|name| !name.is_empty() && !name.contains('@'))
        {
            self.export.authors.insert(login, name.to_owned());
        }
    }

    fn end_of_item(&mut self, name: &str, text: String) {
        let Some(post) = &mut self.post else {
            return;
        };
        match name {
            "category" => {
                self.term.name = text;
                post.terms.push(std::mem::take(&mut self.term));
            }
            "wp:postmeta" => {
                let meta = std::mem::take(&mut self.meta);
                if super::protected::is_read(&meta.0) {
                    post.metas.push(meta);
                }
            }
            "wp:comment" => post.comments.push(std::mem::take(&mut self.comment)),
            name if FIELDS.contains(&name) => {
                post.too_large |= std::mem::take(&mut self.overflow);
                post.fields.insert(name.to_owned(), text);
            }
            _ => {}
        }
    }

    fn end_post(&mut self) {
        let Some(mut post) = self.post.take() else {
            return;
        };
        if !WITH_TEXT.contains(&post.get("wp:post_type")) {
            post.fields.remove("content:encoded");
            post.comments.clear();
        }
        self.export.posts.push(post);
    }
}
