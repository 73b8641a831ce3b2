//! Formulas in TeX: kept as they are written, whatever their characters would mean in Markdown.

/// How long a formula in a line may be, and one in lines of its own.
pub(super) const INLINE_BYTES: usize = 1024;
pub(super) const BLOCK_BYTES: usize = 16 * 1024;
/// What stands around a formula in a line.
const INLINE: &[(&str, &str)] = &[("$$", "$$"), ("$", "$"), ("\\\\(", "\\\\)"), ("\\(", "\\)")];
/// What stands around one in lines of its own.
const BLOCK: &[(&str, &str)] = &[("$$", "$$"), ("\\\\[", "\\\\]"), ("\\[", "\\]")];

/// A formula that begins at the start of a line and ends at the end of one, as a block of code, and where
/// it ends. `prefix` is what the line begins with.
pub(super) fn block(text: &str, at: usize, prefix: &str) -> Option<(String, usize)> {
    let rest = &text[at..];
    if !rest.starts_with(['$', '\\']) {
        return None;
    }
    let within = &rest[..rest.floor_char_boundary(BLOCK_BYTES)];
    let environment = rest
        .strip_prefix("\\begin{")
        .and_then(|rest| rest.split_once('}'));
    if let Some((name, _)) = environment.filter(|(name, _)| name.len() <= 30) {
        let end = format!("\\end{{{name}}}");
        let length = within.find(&end)? + end.len();
        return as_code(rest, 0, length, length, prefix).map(|code| (code, at + length));
    }
    let (open, close) = BLOCK.iter().find(|(open, _)| rest.starts_with(open))?;
    let length = within.get(open.len()..)?.find(close)? + open.len();
    let end = length + close.len();
    as_code(rest, open.len(), length, end, prefix).map(|code| (code, at + end))
}

/// The part of a text between two places as a block of code, if nothing follows on the line of its end.
fn as_code(text: &str, from: usize, to: usize, end: usize, prefix: &str) -> Option<String> {
    let after = text[end..].split('\n').next().unwrap_or_default();
    let inner = &text[from..to];
    if !after.trim().is_empty() || inner.trim().is_empty() || inner.contains("```") {
        return None;
    }
    let inner = inner.strip_prefix(['\r', '\n']).unwrap_or(inner);
    let first = match text[from..].starts_with(['\r', '\n']) {
        true => String::new(),
        false => prefix.to_owned(),
    };
    let inner = inner.trim_end_matches([' ', '\t', '>']).trim_end();
    Some(format!("```math\n{first}{}\n{prefix}```", inner.trim_end()))
}

/// A formula within a line, with all its characters kept from meaning anything, and where it ends.
pub(super) fn inline(text: &str, at: usize) -> Option<(String, usize)> {
    let rest = &text[at..];
    let (open, close) = INLINE.iter().find(|(open, _)| rest.starts_with(open))?;
    let start = open.len();
    let paragraph = &rest[..rest.floor_char_boundary(INLINE_BYTES)];
    let paragraph = paragraph.split("\n\n").next().unwrap_or_default();
    let end = start + ended(paragraph.get(start..)?, close)?;
    let inner = &rest[start..end];
    let before = text[..at].chars().next_back();
    let after = rest[end + close.len()..].chars().next();
    let is_dollar = *open == "$";
    let glued = is_dollar
        && (before.is_some_and(|c| c.is_alphanumeric() || c == '$')
            || after.is_some_and(|c| c.is_ascii_digit() || c == '$')
            || inner.starts_with(char::is_whitespace)
            || inner.ends_with(char::is_whitespace));
    let is_tex = match *open {
        "$$" => true,
        "$" => inner.contains(['\\', '_', '^', '*', '<', '~', '|', '{', '&']),
        // An escaped bracket is mostly just one.
        _ => inner.contains(['\\', '_', '^', '{', '=']),
    };
    if glued || !is_tex || inner.is_empty() || inner.contains(['`']) || inner.contains("](") {
        return None;
    }
    let whole = &rest[..end + close.len()];
    let mut kept = String::with_capacity(whole.len() * 2);
    for c in whole.chars() {
        if c.is_ascii_punctuation() {
            kept.push('\\');
        }
        kept.push(c);
    }
    Some((kept, at + whole.len()))
}

/// Where a formula ends that is not escaped.
fn ended(text: &str, close: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let found = at + text[at..].find(close)?;
        let backslashes = text[..found]
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'\\')
            .count();
        if backslashes % 2 == 0 {
            return Some(found);
        }
        at = found + close.len();
    }
}
