//! Links of wikis: `[[Page]]`, `[[Page#Part|text]]`, `![[picture.png]]`.

use super::context::Context;
use crate::sources::generators::slugs;

/// How long the inside of a link may be.
const LINK_BYTES: usize = 500;
const PICTURES: &[&str] = &["png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "bmp"];

/// The link or picture that begins here, in Markdown, and where it ends: a link where its page is a file
/// of the source, else its text.
pub(super) fn link(text: &str, at: usize, context: &Context) -> Option<(String, usize)> {
    let rest = &text[at..];
    let is_shown = rest.starts_with("![[");
    let inner = rest.strip_prefix('!').unwrap_or(rest).strip_prefix("[[")?;
    let inner = &inner[..inner.floor_char_boundary(LINK_BYTES)];
    let line = inner.split('\n').next().unwrap_or_default();
    let inner = &line[..line.find("]]")?];
    let end = at + usize::from(is_shown) + inner.len() + 4;
    let is_other = inner.contains('[')
        || inner.trim().is_empty()
        || inner.starts_with(char::is_whitespace)
        || inner.chars().all(|c| c.is_ascii_digit())
        || text[end..].starts_with(['(', '[', ':', ']']);
    if is_other {
        return None;
    }
    // In a table the bar is escaped.
    let (page, label) = match inner.split_once('|') {
        Some((page, label)) => (page.trim_end_matches('\\').trim(), Some(label.trim())),
        None => (inner.trim(), None),
    };
    let (page, part) = page.split_once('#').unwrap_or((page, ""));
    let extension = page.rsplit_once('.').map_or("", |(_, extension)| extension);
    if is_shown && PICTURES.iter().any(|known| known.eq_ignore_ascii_case(extension)) {
        let is_size = |label: &&str| label.chars().all(|c| c.is_ascii_digit() || c == 'x');
        let alt = label.filter(|label| !is_size(label)).unwrap_or_default();
        return Some((format!("![{alt}](<{page}>)"), end));
    }
    let shown = label.filter(|label| !label.is_empty());
    let shown = shown.unwrap_or(if page.is_empty() { part } else { page });
    let written = match address(page, part, context) {
        Some(address) => format!("[{shown}](<{address}>)"),
        None => shown.to_owned(),
    };
    Some((written, end))
}

/// The address of a page, by the name of its file or by its title.
fn address(page: &str, part: &str, context: &Context) -> Option<String> {
    if page.is_empty() || page.contains(['<', '>']) {
        return None;
    }
    let found = context.references.resolve(page);
    let found = found.or_else(|| context.references.resolve(&slugs::astro(page)))?;
    Some(match part {
        "" => found,
        part => format!("{found}#{}", slugs::astro(part)),
    })
}
