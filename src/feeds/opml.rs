//! OPML 2.0: one outline a feed, in its RSS form, so that a reader which takes the list in
//! subscribes to nothing twice. OPML says that its texts may be HTML.

use super::clean;
use super::document::{Format, HOLE, WriteError, rfc2822};
use super::selection::{Selection, Subject};
use super::site::FeedSite;
use super::slugs::Kind;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

type Out = Writer<Vec<u8>>;

pub(crate) fn write(selections: &[Selection], site: &FeedSite) -> Result<String, WriteError> {
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let mut opml = BytesStart::new("opml");
    opml.push_attribute(("version", "2.0"));
    out.write_event(Event::Start(opml))?;
    open(&mut out, "head")?;
    text(&mut out, "title", &clean::as_html(&clean::line(&site.site.title)))?;
    text(&mut out, "dateModified", &rfc2822(HOLE))?;
    close(&mut out, "head")?;
    open(&mut out, "body")?;
    for selection in selections.iter().filter(|selection| kind(selection).is_none()) {
        outline(&mut out, selection, site)?;
    }
    for (of, heading) in [(Kind::Category, "Categories"), (Kind::Author, "Authors")] {
        let of_kind: Vec<_> = selections
            .iter()
            .filter(|selection| kind(selection) == Some(of))
            .collect();
        group(&mut out, &of_kind, heading, site)?;
    }
    close(&mut out, "body")?;
    close(&mut out, "opml")?;
    let mut bytes = out.into_inner();
    bytes.push(b'\n');
    Ok(String::from_utf8(bytes)?)
}

/// Under which heading it stands; `None`: under none.
fn kind(selection: &Selection) -> Option<Kind> {
    match &selection.subject {
        Subject::Topic(kind, _) => Some(*kind),
        Subject::Site | Subject::Own(_) => None,
    }
}

fn group(out: &mut Out, selections: &[&Selection], heading: &str, site: &FeedSite) -> Result<(), WriteError> {
    if selections.is_empty() {
        return Ok(());
    }
    let mut group = BytesStart::new("outline");
    group.push_attribute(("text", heading));
    out.write_event(Event::Start(group))?;
    for selection in selections {
        outline(out, selection, site)?;
    }
    close(out, "outline")
}

fn outline(out: &mut Out, selection: &Selection, site: &FeedSite) -> Result<(), WriteError> {
    let title = clean::line(&selection.title(&site.site));
    let description = clean::line(&site.site.description);
    let language = clean::language(&site.site.language);
    let url = site.url(&selection.path(Format::Rss));
    let mut outline = BytesStart::new("outline");
    outline.push_attribute(("type", "rss"));
    outline.push_attribute(("version", "RSS2"));
    outline.push_attribute(("text", &*clean::as_html(&title)));
    outline.push_attribute(("title", &*clean::as_html(&title)));
    outline.push_attribute(("xmlUrl", url.as_str()));
    outline.push_attribute(("htmlUrl", site.site.url.as_str()));
    if !description.is_empty() {
        outline.push_attribute(("description", &*clean::as_html(&description)));
    }
    if let Some(language) = &language {
        outline.push_attribute(("language", language.as_str()));
    }
    out.write_event(Event::Empty(outline))?;
    Ok(())
}

fn open(out: &mut Out, name: &str) -> Result<(), WriteError> {
    Ok(out.write_event(Event::Start(BytesStart::new(name)))?)
}

fn close(out: &mut Out, name: &str) -> Result<(), WriteError> {
    Ok(out.write_event(Event::End(BytesEnd::new(name)))?)
}

fn text(out: &mut Out, name: &str, value: &str) -> Result<(), WriteError> {
    open(out, name)?;
    out.write_event(Event::Text(BytesText::new(value)))?;
    close(out, name)
}
