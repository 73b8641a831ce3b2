//! The patterns by which generators make addresses: their named styles and their placeholders.

/// Jekyll's named styles.
const STYLES: &[(&str, &str)] = &[
    ("date", "/:categories/:year/:month/:day/:title:output_ext"),
    ("pretty", "/:categories/:year/:month/:day/:title/"),
    ("ordinal", "/:categories/:year/:y_day/:title:output_ext"),
    (
        "weekdate",
        "/:categories/:year/W:week/:short_day/:title:output_ext",
    ),
    ("none", "/:categories/:title:output_ext"),
];

/// Placeholders that stand for no part of a date.
const NAMES: &[&str] = &[
    "title",
    "slug",
    "slugorfilename",
    "slugorcontentbasename",
    "name",
    "filename",
    "basename",
    "contentbasename",
    "section",
    "sections",
    "categories",
    "slugified_categories",
    "collection",
    "output_ext",
];

/// What each part of a date is, for `chrono`.
const DATES: &[(&str, &str)] = &[
    ("year", "%Y"),
    ("short_year", "%y"),
    ("month", "%m"),
    ("i_month", "%-m"),
    ("short_month", "%b"),
    ("long_month", "%B"),
    ("monthname", "%B"),
    ("day", "%d"),
    ("i_day", "%-d"),
    ("y_day", "%j"),
    ("yearday", "%-j"),
    ("week", "%V"),
    ("w_year", "%G"),
    ("w_day", "%u"),
    ("short_day", "%a"),
    ("long_day", "%A"),
    ("weekdayname", "%A"),
    ("weekday", "%w"),
    ("hour", "%H"),
    ("minute", "%M"),
    ("second", "%S"),
];

/// A piece of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    /// `:year`; of `:sections[1:]` also what stands in the brackets.
    Placeholder(&'a str, Option<&'a str>),
}

/// The pattern of a style of Jekyll's; any other text is one itself.
pub(crate) fn of_style(text: &str) -> &str {
    let style = STYLES.iter().find(|(name, _)| *name == text);
    style.map_or(text, |(_, pattern)| pattern)
}

/// What makes a part of a date, for `chrono`.
pub(crate) fn date(name: &str) -> Option<&'static str> {
    let found = DATES.iter().find(|(known, _)| *known == name);
    found.map(|(_, format)| *format)
}

/// The first placeholder that has no meaning here.
pub(super) fn unknown(pattern: &str) -> Option<String> {
    pieces(of_style(pattern)).find_map(|piece| match piece {
        Piece::Placeholder(name, _) if date(name).is_none() && !NAMES.contains(&name) => {
            Some(format!(":{name}"))
        }
        _ => None,
    })
}

/// The pieces of a pattern, in order.
pub(crate) fn pieces(pattern: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = pattern;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = first(rest);
        rest = after;
        Some(piece)
    })
}

/// The first piece of a text that is not empty, and what follows it.
fn first(text: &str) -> (Piece<'_>, &str) {
    let plain = |c: char| !(c.is_ascii_lowercase() || c == '_');
    let name = |rest: &str| rest.find(plain).unwrap_or(rest.len());
    if let Some(rest) = text.strip_prefix(':')
        && let end @ 1.. = name(rest)
    {
        let (word, after) = rest.split_at(end);
        let slice = after.strip_prefix('[').and_then(|after| after.split_once(']'));
        return match slice.filter(|_| word == "sections") {
            Some((slice, after)) => (Piece::Placeholder(word, Some(slice)), after),
            None => (Piece::Placeholder(word, None), after),
        };
    }
    let skipped = text.chars().next().map_or(0, char::len_utf8);
    let next = text[skipped..].find(':').map_or(text.len(), |at| at + skipped);
    (Piece::Text(&text[..next]), &text[next..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fall_into_pieces() {
        let placeholder = |name| Piece::Placeholder(name, None);
        for (pattern, expected) in [
            (
                "/:year/a",
                vec![Piece::Text("/"), placeholder("year"), Piece::Text("/a")],
            ),
            (
                "W:week:",
                vec![Piece::Text("W"), placeholder("week"), Piece::Text(":")],
            ),
            (
                ":sections[1:]/:slug",
                vec![
                    Piece::Placeholder("sections", Some("1:")),
                    Piece::Text("/"),
                    placeholder("slug"),
                ],
            ),
            ("é:", vec![Piece::Text("é"), Piece::Text(":")]),
            ("https://x/", vec![Piece::Text("https"), Piece::Text("://x/")]),
            ("", vec![]),
        ] {
            assert_eq!(pieces(pattern).collect::<Vec<_>>(), expected, "{pattern}");
        }
        assert_eq!(unknown("ordinal"), None);
        assert_eq!(unknown("/:wind/:title"), Some(":wind".to_owned()));
    }
}
