//! Containers between colons, as VuePress, Docusaurus, Starlight and Pandoc have them, callouts in
//! quotations, as GitHub, Hugo and Obsidian have them, and lists of attributes.

use super::templates::{Arguments, escape};

/// Containers that are set apart, under their title or their name.
const CALLOUTS: &[&str] = &[
    "abstract",
    "attention",
    "bug",
    "caution",
    "danger",
    "error",
    "example",
    "failure",
    "faq",
    "hint",
    "important",
    "info",
    "note",
    "question",
    "quote",
    "seealso",
    "success",
    "summary",
    "tip",
    "todo",
    "warn",
    "warning",
];

/// What stands between `:::name` and `:::`.
pub(super) struct Container {
    element: Option<&'static str>,
    title: Option<String>,
}

impl Container {
    /// Of what follows the colons; `None`: that is no container.
    pub(super) fn read(text: &str) -> Option<Container> {
        let text = text.trim_end_matches(':').trim_end();
        let (name, rest) = match text.strip_prefix('{') {
            Some(rest) => {
                let (inner, rest) = rest.split_once('}')?;
                let class = inner.split_whitespace().find_map(|word| word.strip_prefix('.'));
                (class.unwrap_or_default(), rest)
            }
            None => {
                let end = text.find(|c: char| !(c.is_alphanumeric() || "-_".contains(c)));
                let (name, rest) = text.split_at(end.unwrap_or(text.len()));
                if !name.starts_with(|c: char| c.is_alphabetic()) {
                    return None;
                }
                (name, rest)
            }
        };
        let name = name.to_ascii_lowercase();
        let (label, rest) = label(rest);
        let (stated, rest) = attributes(rest);
        let said = Some(rest.trim())
            .filter(|rest| !rest.is_empty())
            .map(str::to_owned);
        let label = label.map(str::to_owned).or(stated);
        Some(match name.as_str() {
            "details" => Container {
                element: Some("details"),
                title: Some(label.or(said).unwrap_or_else(|| "Details".to_owned())),
            },
            name if CALLOUTS.contains(&name) => Container {
                element: Some("blockquote"),
                title: Some(label.or(said).unwrap_or_else(|| capitalised(name))),
            },
            // For the looks of the page: its content alone.
            _ => Container {
                element: None,
                title: label,
            },
        })
    }

    /// What stands for its first line.
    pub(super) fn begin(&self, prefix: &str) -> String {
        let blank = prefix.trim_end();
        let title = self.title.as_deref().unwrap_or_default();
        match self.element {
            Some("details") => format!(
                "{blank}\n{prefix}<details><summary>{}</summary>\n{blank}",
                escape(title)
            ),
            Some(element) => {
                format!("{blank}\n{prefix}<{element}>\n{blank}\n{prefix}<strong>{title}</strong>\n{blank}")
            }
            None if title.is_empty() => blank.to_owned(),
            None => format!("{blank}\n{prefix}<strong>{title}</strong>\n{blank}"),
        }
    }

    /// What stands for its last line.
    pub(super) fn end(&self, prefix: &str) -> String {
        let blank = prefix.trim_end();
        match self.element {
            Some(element) => format!("{blank}\n{prefix}</{element}>\n{blank}"),
            None => blank.to_owned(),
        }
    }
}

/// `[Label]` at the beginning, and what follows it.
fn label(text: &str) -> (Option<&str>, &str) {
    let inner = text.trim_start().strip_prefix('[');
    match inner.and_then(|inner| inner.rsplit_once(']')) {
        Some((label, rest)) if !rest.contains('[') => (Some(label.trim()).filter(|l| !l.is_empty()), rest),
        _ => (None, text),
    }
}

/// The title in a list of attributes, and the text without that list.
fn attributes(text: &str) -> (Option<String>, &str) {
    let text = text.trim();
    match text.strip_suffix('}').and_then(|text| text.rsplit_once('{')) {
        Some((rest, inner)) => {
            let title = Arguments::read(inner).named(&["title"]).map(str::to_owned);
            (title, rest)
        }
        None => (None, text),
    }
}

/// The name of a directive that stands alone on its line, without its colons; `None`: that is no
/// directive.
pub(super) fn leaf(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)));
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    let is_whole = rest.is_empty()
        || (rest.starts_with('[') && rest.ends_with([']', '}']))
        || (rest.starts_with('{') && rest.ends_with('}'));
    (name.starts_with(|c: char| c.is_ascii_alphabetic()) && is_whole).then_some(name)
}

/// The first line of a quotation that is a callout, `[!NOTE] Title`, as one under its title.
pub(super) fn callout(prefix: &str, bare: &str) -> Option<String> {
    let (kind, title) = bare.strip_prefix("[!")?.split_once(']')?;
    let kind = kind.split('|').next().unwrap_or_default().trim();
    let is_name = |c: char| c.is_alphanumeric() || "-_ ".contains(c);
    if kind.is_empty() || !kind.chars().all(is_name) || title.starts_with(['(', '[', ':']) {
        return None;
    }
    let title = title.trim_start_matches(['+', '-']).trim();
    let title = match title {
        "" => capitalised(kind),
        title => title.to_owned(),
    };
    Some(format!("{prefix}<strong>{title}</strong>\n{}", prefix.trim_end()))
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars.flat_map(char::to_lowercase)).collect()
}

/// Whether a line is a list of attributes and nothing else: `{.note #a key="value"}`.
pub(super) fn is_attributes(line: &str) -> bool {
    let Some(mut rest) = line.strip_prefix('{').and_then(|line| line.strip_suffix('}')) else {
        return false;
    };
    let mut found = false;
    let is_name = |c: char| c.is_alphanumeric() || "-_:".contains(c);
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return found;
        }
        found = true;
        let name = rest.trim_start_matches(['.', '#']);
        let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
        if end == 0 {
            return false;
        }
        let after = &name[end..];
        rest = match after.strip_prefix('=') {
            Some(value) => match value.strip_prefix('"').map(|value| value.split_once('"')) {
                Some(Some((_, after))) => after,
                Some(None) => return false,
                None => &value[value.find(' ').unwrap_or(value.len())..],
            },
            None if name.len() == rest.len() => return false,
            None => after,
        };
        if !rest.is_empty() && !rest.starts_with(' ') {
            return false;
        }
    }
}
