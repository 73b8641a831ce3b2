//! Addresses that stand bare in a text become links, as GitHub's dialect and most generators have it.

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

/// How an address may begin.
const BEGINNINGS: &[&str] = &["https://", "http://", "www."];

/// Whether it is worth looking.
pub(super) fn may_hold(text: &str) -> bool {
    text.contains("://") || text.contains("www.")
}

/// The text with its addresses as links.
pub(super) fn linked<'a>(text: CowStr<'a>, events: &mut Vec<Event<'a>>) {
    let mut kept = 0;
    let mut at = 0;
    while let Some((from, to)) = next(&text, at) {
        let address = &text[from..to];
        if from > kept {
            events.push(Event::Text(text[kept..from].to_owned().into()));
        }
        let scheme = if address.starts_with("www.") {
            "http://"
        } else {
            ""
        };
        events.push(Event::Start(Tag::Link {
            link_type: LinkType::Autolink,
            dest_url: format!("{scheme}{address}").into(),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        }));
        events.push(Event::Text(address.to_owned().into()));
        events.push(Event::End(TagEnd::Link));
        (kept, at) = (to, to);
    }
    match kept {
        0 => events.push(Event::Text(text)),
        kept if kept < text.len() => events.push(Event::Text(text[kept..].to_owned().into())),
        _ => {}
    }
}

/// Where the next address begins and ends.
fn next(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    while let Some(found) = BEGINNINGS.iter().filter_map(|word| text[at..].find(word)).min() {
        let start = at + found;
        let before = text[..start].chars().next_back();
        let apart = before.is_none_or(|c| c.is_whitespace() || "*_~(\"'“‘".contains(c));
        let end = start + end(&text[start..]);
        let host = text[start..end].rsplit("//").next().unwrap_or_default();
        if apart
            && host
                .trim_start_matches("www.")
                .contains(|c: char| c.is_alphanumeric())
            && host.contains('.')
        {
            return Some((start, end));
        }
        at = start + 4;
    }
    None
}

/// How long an address is: to white space or `<`, without the marks that end a sentence.
fn end(text: &str) -> usize {
    let stop = |c: char| c.is_whitespace() || matches!(c, '<' | '"' | '”' | '’');
    let mut end = text.find(stop).unwrap_or(text.len());
    let mut open = text[..end].matches('(').count();
    let mut closed = text[..end].matches(')').count();
    while let Some(last) = text[..end].chars().next_back() {
        match last {
            ')' if closed > open => closed -= 1,
            '(' => open -= 1,
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' | '…' => {}
            _ => break,
        }
        end -= last.len_utf8();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_addresses_are_found() {
        for (text, expected) in [
            ("see https://b.example/a_b.", vec!["https://b.example/a_b"]),
            ("(http://b.example/x(1))", vec!["http://b.example/x(1)"]),
            ("www.b.example, and more", vec!["www.b.example"]),
            (
                "https://b.example/?a=b&c, www.c.example!",
                vec!["https://b.example/?a=b&c", "www.c.example"],
            ),
            ("no http:// here, nor xhttps://b.example/ or www.", vec![]),
            ("https://日本.example/ö?", vec!["https://日本.example/ö"]),
        ] {
            let mut events = Vec::new();
            linked(text.into(), &mut events);
            let links: Vec<String> = events
                .windows(2)
                .filter_map(|pair| match pair {
                    [Event::Start(Tag::Link { .. }), Event::Text(text)] => Some(text.to_string()),
                    _ => None,
                })
                .collect();
            assert_eq!(links, expected, "{text}");
            let whole: String = events
                .iter()
                .filter_map(|event| match event {
                    Event::Text(text) => Some(text.as_ref()),
                    _ => None,
                })
                .collect();
            assert_eq!(whole, text);
        }
    }
}
