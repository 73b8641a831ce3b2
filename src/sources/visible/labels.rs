//! Labels that pages put before what they say of an article: `Category:`, `Written by`. Knows nothing of
//! the values.

use super::words;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Author,
    Category,
    Tags,
    Date,
    Updated,
}

const LABELS: &[(Label, &[&str])] = &[
    (
        Label::Category,
        &[
            "category",
            "categories",
            "filed under",
            "filed in",
            "posted in",
            "posted under",
            "published in",
            "topic",
            "topics",
            "section",
            "sections",
            "subject",
            "subjects",
            "channel",
            "rubric",
            "kategorie",
            "kategorien",
            "rubrik",
            "thema",
            "catégorie",
            "catégories",
            "rubrique",
            "categoría",
            "categorías",
            "categoria",
            "categorie",
            "in category",
            "column",
            "department",
        ],
    ),
    (
        Label::Tags,
        &[
            "tags",
            "tag",
            "tagged",
            "tagged with",
            "tagged as",
            "keywords",
            "labels",
            "schlagwörter",
        ],
    ),
    (
        Label::Author,
        &[
            "author",
            "authors",
            "author(s)",
            "written by",
            "words by",
            "words",
            "posted by",
            "published by",
            "text by",
            "story by",
            "article by",
            "reported by",
            "writer",
            "writers",
            "contributor",
            "contributors",
            "about the author",
            "autor",
            "autorin",
            "autoren",
            "auteur",
            "auteurs",
            "autore",
            "geschrieben von",
            "publicado por",
            "escrito por",
            "écrit par",
            "scritto da",
            "by",
            "von",
            "par",
            "por",
        ],
    ),
    (
        Label::Updated,
        &[
            "updated",
            "updated on",
            "last updated",
            "last updated on",
            "last modified",
            "modified",
            "aktualisiert",
        ],
    ),
    (
        Label::Date,
        &[
            "date",
            "published",
            "published on",
            "posted",
            "posted on",
            "first published",
            "publication date",
            "date published",
            "publish date",
            "released",
            "veröffentlicht",
            "veröffentlicht am",
            "datum",
            "publié le",
            "fecha",
        ],
    ),
];

pub(super) fn known_label(text: &str) -> Option<Label> {
    let lower = text.trim().to_lowercase();
    LABELS
        .iter()
        .find(|(_, names)| names.contains(&lower.as_str()))
        .map(|(label, _)| *label)
}

/// A label at the start of a line, and the value that stands behind it on the same line. A colon or
/// a dash ends it; `None` for a label alone without one unless it can be nothing else.
pub(crate) fn label(line: &str) -> Option<(Label, &str)> {
    let line = line.trim();
    for (at, c) in line.char_indices().take(40) {
        if matches!(c, ':' | '：' | '—' | '–' | '|' | '»' | '›') {
            let found = known_label(&line[..at])?;
            return Some((found, line[at + c.len_utf8()..].trim()));
        }
    }
    if line.len() > 40 {
        return None;
    }
    // Without a colon, as a heading of its own: capital first, and not the name of a page of the site.
    let alone = known_label(line)?;
    let lower = line.to_lowercase();
    let page = lower.ends_with('s')
        || matches!(
            lower.as_str(),
            "by" | "von" | "par" | "por" | "section" | "words" | "text"
        );
    let capital = line.starts_with(char::is_uppercase);
    (capital && !page && matches!(alone, Label::Author | Label::Category)).then_some((alone, ""))
}

/// What leads to a value without a colon, at the start of a line that is about nothing else: `Posted in
/// Travel`, `Written by Ann Lee`.
pub(crate) fn lead(line: &str) -> Option<(Label, &str)> {
    const LEADS: &[(&str, Label)] = &[
        ("posted in ", Label::Category),
        ("posted under ", Label::Category),
        ("filed under ", Label::Category),
        ("filed in ", Label::Category),
        ("published in ", Label::Category),
        ("tagged with ", Label::Tags),
        ("tagged as ", Label::Tags),
        ("tagged ", Label::Tags),
        ("posted by ", Label::Author),
        ("written by ", Label::Author),
        ("words by ", Label::Author),
        ("published by ", Label::Author),
    ];
    if words::is_prose(line) || line.ends_with(['.', '!', '?']) {
        return None;
    }
    LEADS.iter().find_map(|(lead, label)| {
        let start = line.get(..lead.len())?;
        start
            .eq_ignore_ascii_case(lead)
            .then(|| (*label, line[lead.len()..].trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_alone_and_with_values() {
        assert_eq!(label("Category:"), Some((Label::Category, "")));
        assert_eq!(label("Author: Ann Lee"), Some((Label::Author, "Ann Lee")));
        assert_eq!(label("Filed under: Food"), Some((Label::Category, "Food")));
        assert_eq!(label("Author"), Some((Label::Author, "")));
        assert_eq!(label("TOPICS — Food"), Some((Label::Category, "Food")));
        for text in [
            "categories",
            "Categories",
            "A story: the end",
            "Note: this",
            "12:30",
        ] {
            assert_eq!(label(text), None, "{text}");
        }
    }

    #[test]
    fn leads_need_no_colon() {
        assert_eq!(
            lead("Posted in Coast, Sea"),
            Some((Label::Category, "Coast, Sea"))
        );
        assert_eq!(lead("written by Ann Lee"), Some((Label::Author, "Ann Lee")));
        for text in ["Posted in haste, this letter is short.", "Tagged", "Coast"] {
            assert_eq!(lead(text), None, "{text}");
        }
    }
}
