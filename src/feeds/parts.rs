//! A document that was written, taken apart again: what stands in it item by item, so that a reader
//! can be given those alone that it has not seen (RFC 3229).

use super::document::Format;
use crate::hash::{hex, short};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

/// The marks of all items, in their order: an item that is new or otherwise than before has a mark of
/// its own. `None`: it is no feed, or one that cannot be read.
#[must_use]
pub fn marks(format: Format, text: &str) -> Option<Vec<String>> {
    match format {
        Format::Rss | Format::Atom => {
            let items = items(text)?;
            Some(items.into_iter().map(|item| mark(&text[item])).collect())
        }
        Format::Json => {
            let mut document: Value = serde_json::from_str(text).ok()?;
            Some(
                json_items(&mut document)?
                    .iter()
                    .map(|item| mark(&item.to_string()))
                    .collect(),
            )
        }
        _ => None,
    }
}

/// The same document without the items of these marks.
#[must_use]
pub fn without(format: Format, text: &str, known: &HashSet<&str>) -> Option<String> {
    match format {
        Format::Rss | Format::Atom => {
            let mut rest = String::with_capacity(text.len());
            let mut at = 0;
            for item in items(text)? {
                if known.contains(mark(&text[item.clone()]).as_str()) {
                    rest.push_str(&text[at..item.start]);
                    // With the line break and the indent after it.
                    let after = &text[item.end..];
                    at = item.end + (after.len() - after.trim_start().len());
                }
            }
            rest.push_str(&text[at..]);
            Some(rest)
        }
        Format::Json => {
            let mut document: Value = serde_json::from_str(text).ok()?;
            json_items(&mut document)?.retain(|item| !known.contains(mark(&item.to_string()).as_str()));
            let mut text = serde_json::to_string_pretty(&document).ok()?;
            text.push('\n');
            Some(text)
        }
        _ => None,
    }
}

fn mark(item: &str) -> String {
    hex(&short(unmoved(item).as_bytes())[..8])
}

/// An entry of Atom without the part of a second by which its last change is told from that of its
/// neighbours: it may be another one with other neighbours.
fn unmoved(item: &str) -> Cow<'_, str> {
    let parts = item.split_once("<updated>").and_then(|(before, rest)| {
        let (moment, after) = rest.split_once("</updated>")?;
        Some((before, moment.get(.."2026-11-30T07:00:00".len())?, after))
    });
    match parts {
        Some((before, second, after)) => Cow::Owned([before, second, after].concat()),
        None => Cow::Borrowed(item),
    }
}

fn json_items(document: &mut Value) -> Option<&mut Vec<Value>> {
    document.get_mut("items")?.as_array_mut()
}

/// Where the items of an XML document stand: `rss/channel/item`, `feed/entry`.
fn items(text: &str) -> Option<Vec<Range<usize>>> {
    let mut reader = Reader::from_str(text);
    let (mut path, mut start, mut items) = (Vec::new(), 0, Vec::new());
    loop {
        let before = usize::try_from(reader.buffer_position()).ok()?;
        let is_item = |path: &[String]| match path {
            [rss, channel, item] => rss == "rss" && channel == "channel" && item == "item",
            [feed, entry] => feed == "feed" && entry == "entry",
            _ => false,
        };
        match reader.read_event().ok()? {
            Event::Start(element) => {
                path.push(element.name().as_ref().to_owned());
                if is_item(&path) {
                    start = before;
                }
            }
            Event::End(_) => {
                if is_item(&path) {
                    items.push(start..usize::try_from(reader.buffer_position()).ok()?);
                }
                path.pop()?;
            }
            Event::Eof => return Some(items),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::documents;
    use crate::feeds::tests::example;

    fn written(titles: &[&str]) -> Vec<(Format, String)> {
        let articles: Vec<_> = titles
            .iter()
            .map(|title| example::article(title, title))
            .collect();
        let selection = example::whole_site(&articles);
        let documents = documents(&selection, &articles, &example::site()).unwrap();
        documents
            .into_iter()
            .map(|document| {
                (
                    document.format,
                    String::from_utf8(document.at(example::at(0))).unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn what_is_left_is_the_document_of_the_other_items() {
        let all = written(&["a", "b <item> & ]]> }", "c"]);
        let two = written(&["b <item> & ]]> }", "c"]);
        let one = written(&["b <item> & ]]> }"]);
        for (((format, all), (_, two)), (_, one)) in all.iter().zip(&two).zip(&one) {
            let found = marks(*format, all).unwrap();
            assert_eq!(found.len(), 3, "{format:?}");
            assert_eq!(marks(*format, two).unwrap(), found[1..], "{format:?}");
            let known = HashSet::from([found[0].as_str()]);
            let rest = without(*format, all, &known).unwrap();
            assert_eq!(marks(*format, &rest), marks(*format, two), "{format:?}");
            // The moments of entries are told apart within a document.
            assert!(*format == Format::Atom || &rest == two, "{format:?}: {rest}");
            let known = HashSet::from([found[0].as_str(), &found[2]]);
            let rest = without(*format, all, &known).unwrap();
            assert_eq!(marks(*format, &rest), marks(*format, one), "{format:?}");
            let known: HashSet<&str> = found.iter().map(String::as_str).collect();
            let none = without(*format, all, &known).unwrap();
            assert_eq!(marks(*format, &none), Some(Vec::new()), "{format:?}");
        }
    }

    #[test]
    fn what_is_no_feed_has_no_items() {
        assert_eq!(marks(Format::Opml, "<opml/>"), None);
        assert_eq!(marks(Format::Rss, "<rss><channel><item></channel></rss>"), None);
        assert_eq!(marks(Format::Json, "{\"items\": 1}"), None);
        assert_eq!(without(Format::Json, "[", &HashSet::new()), None);
    }
}
