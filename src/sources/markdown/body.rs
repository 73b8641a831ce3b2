//! The text of an article: parsed once, and its title, excerpt and HTML taken from that.

use super::context::Context;
use super::left_out::broken_reference;
use super::links;
use super::references::is_to_file;
use crate::articles::text;
use crate::problem::Problem;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream, html};
use std::collections::HashMap;

/// The dialect: CommonMark with what the generators add to it by default.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
}

/// The parsed text: events, and where its excerpt ends.
pub(super) struct Body<'a> {
    events: Vec<Event<'a>>,
    /// How long the text is, in bytes.
    length: usize,
    more: Option<usize>,
    pub(super) warnings: Vec<Problem>,
}

/// How many links, pictures and code blocks are open after an event, links written as HTML among them.
fn inside_links(open: usize, event: &Event) -> usize {
    match event {
        Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => open + 1,
        Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => open.saturating_sub(1),
        Event::InlineHtml(html) if html.starts_with("<a ") => open + 1,
        Event::InlineHtml(html) if html.starts_with("</a") => open.saturating_sub(1),
        _ => open,
    }
}

impl<'a> Body<'a> {
    pub(super) fn parse(markdown: &'a str, context: &Context) -> Body<'a> {
        let mut body = Body {
            events: Vec::with_capacity(markdown.len() / 16),
            length: markdown.len(),
            more: None,
            warnings: Vec::new(),
        };
        // Within links and code no address is made one.
        let mut linked = 0_usize;
        let mut has_notes = false;
        for event in TextMergeStream::new(Parser::new_ext(markdown, options())) {
            linked = inside_links(linked, &event);
            has_notes |= matches!(event, Event::Start(Tag::FootnoteDefinition(_)));
            match event {
                Event::Html(ref html) | Event::InlineHtml(ref html) if is_more(html) => {
                    body.more = body.more.or(Some(body.events.len()));
                    body.events.push(event);
                }
                Event::TaskListMarker(done) => {
                    body.events
                        .push(Event::Text(if done { "☑ " } else { "☐ " }.into()));
                }
                Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    id,
                }) => {
                    let dest_url = match is_to_file(&dest_url) {
                        true => body.article_address(&dest_url, context).into(),
                        false => dest_url,
                    };
                    body.events.push(Event::Start(Tag::Link {
                        link_type,
                        dest_url,
                        title,
                        id,
                    }));
                }
                Event::Text(text) if linked == 0 && links::may_hold(&text) => {
                    links::linked(text, &mut body.events);
                }
                event => body.events.push(event),
            }
        }
        if has_notes {
            body.put_notes_last();
        }
        body
    }

    /// Footnotes go behind the text, wherever they are written, in the order in which it refers to them.
    fn put_notes_last(&mut self) {
        let (mut kept, mut notes) = (Vec::with_capacity(self.events.len()), Vec::new());
        let mut named: HashMap<CowStr, usize> = HashMap::new();
        let mut is_open = false;
        for (index, event) in std::mem::take(&mut self.events).into_iter().enumerate() {
            if self.more == Some(index) {
                self.more = Some(kept.len());
            }
            match &event {
                Event::FootnoteReference(name) => {
                    let count = named.len();
                    named.entry(name.clone()).or_insert(count);
                }
                Event::Start(Tag::FootnoteDefinition(name)) => {
                    is_open = true;
                    notes.push((name.clone(), Vec::new()));
                }
                _ => {}
            }
            let ends = matches!(event, Event::End(TagEnd::FootnoteDefinition));
            match notes.last_mut().filter(|_| is_open) {
                Some((_, note)) => note.push(event),
                None => kept.push(event),
            }
            is_open &= !ends;
        }
        notes.sort_by_key(|(name, _)| named.get(name).copied().unwrap_or(usize::MAX));
        kept.extend(notes.into_iter().flat_map(|(_, events)| events));
        self.events = kept;
    }

    /// The address of an article that is referred to by its file.
    fn article_address(&mut self, reference: &str, context: &Context) -> String {
        match context.references.resolve(reference) {
            Some(address) => address,
            // Zola's own way; any other may be an address as it stands.
            None if !reference.starts_with('@') => reference.to_owned(),
            None => {
                self.warnings.push(broken_reference(reference));
                String::new()
            }
        }
    }

    /// The first heading with text: that text, its level, and the events it is made of.
    pub(super) fn lead_heading(&self) -> Option<(String, u8, (usize, usize))> {
        let mut start = None;
        for (index, event) in self.events.iter().enumerate() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => start = Some((index, *level as u8)),
                Event::End(TagEnd::Heading(_)) => {
                    let (from, level) = start?;
                    let text = plain(&self.events[from..=index]);
                    if !text.is_empty() {
                        return Some((text, level, (from, index)));
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// What stands before the more-tag, as plain text.
    pub(super) fn excerpt(&self, without: Option<(usize, usize)>) -> Option<String> {
        let before = self.events[..self.more?].iter().cloned();
        Some(text::from_html(&self.rendered(before, without))).filter(|text| !text.is_empty())
    }

    /// All of it as HTML, without a range of events.
    pub(super) fn into_html(mut self, without: Option<(usize, usize)>) -> String {
        let events = std::mem::take(&mut self.events);
        self.rendered(events.into_iter(), without)
    }

    fn rendered(&self, events: impl Iterator<Item = Event<'a>>, without: Option<(usize, usize)>) -> String {
        let kept = events
            .enumerate()
            .filter(|(index, _)| without.is_none_or(|(from, to)| !(from..=to).contains(index)));
        let mut rendered = String::with_capacity(self.length + self.length / 4);
        html::push_html(&mut rendered, kept.map(|(_, event)| event));
        rendered
    }
}

/// The mark between an excerpt and the rest.
fn is_more(html: &str) -> bool {
    let inner = html
        .trim()
        .strip_prefix("<!--")
        .and_then(|html| html.strip_suffix("-->"));
    inner.is_some_and(|inner| {
        let word = inner.trim();
        word.eq_ignore_ascii_case("more") || word.eq_ignore_ascii_case("excerpt")
    })
}

fn plain(events: &[Event]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    text::one_line(&text)
}
