//! Addresses in a text that goes to others: `ann@example.org` becomes `a…@example.org`.

use std::borrow::Cow;

/// The text with every address masked, whoever wrote it: ourselves, a mail server, a library.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (before, after) = (&rest[..at], &rest[at..]);
        let local = local_part(before);
        safe.push_str(&before[..before.len() - local.len()]);
        // Between two at signs there is no address of its own to tell: nothing of it is shown.
        let follows_at = local.len() == before.len() && safe.ends_with('@');
        if !local.is_empty() && !follows_at {
            safe.extend(local.chars().find(|c| c.is_alphanumeric()));
            safe.push('…');
        }
        safe.push('@');
        rest = &after[1..];
    }
    safe.push_str(rest);
    Cow::Owned(safe)
}

/// What stands before an `@` and belongs to the address: up to a character that no unquoted local part
/// has, or the whole of a quoted one. In JSON its quotation marks are escaped.
fn local_part(before: &str) -> &str {
    if let Some(quoted) = before.strip_suffix('"') {
        let open = quoted.rfind('"').unwrap_or(0);
        let escaped = quoted.ends_with('\\') && before[..open].ends_with('\\');
        return &before[open - usize::from(escaped)..];
    }
    let ends = |c: char| c.is_whitespace() || c.is_control() || "<>()[]:;,\"\\@".contains(c);
    let local = before.rfind(ends).map_or(before, |end| {
        let width = before[end..].chars().next().map_or(1, char::len_utf8);
        &before[end + width..]
    });
    // Those of a URL are not the address's.
    local.trim_start_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked_wherever_they_stand() {
        for (text, expected) in [
            ("nobody here", "nobody here"),
            (
                "550 5.1.1 <ann.b+c@example.org>: no",
                "550 5.1.1 <a…@example.org>: no",
            ),
            (
                "to ann@example.org, bo@example.org",
                "to a…@example.org, b…@example.org",
            ),
            ("\"reader\":\"ann@example.org\"", "\"reader\":\"a…@example.org\""),
            ("reader=jürgen@example.org", "r…@example.org"),
            ("smtp://news@mail.example.org:25", "smtp://n…@mail.example.org:25"),
            ("x \"ann b\"@example.org y", "x a…@example.org y"),
            (r#"{"r":"\"ann b\"@example.org"}"#, r#"{"r":"a…@example.org"}"#),
            ("@ @ a@b@c", "@ @ a…@@c"),
        ] {
            assert_eq!(masked(text), expected, "{text}");
        }
    }
}
