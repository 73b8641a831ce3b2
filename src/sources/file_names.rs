//! What the name of an article's file says: its slug, its path, its date.

use super::generators::without_extension;
use super::place::Place;
use std::path::Path;

/// A text as one or more steps of a URL's path: none of them `..`, nothing that ends the path.
pub(super) fn as_path(text: &str) -> String {
    let hyphens = |c: char| if c.is_whitespace() { '-' } else { c };
    let steps = text
        .split('/')
        .map(str::trim)
        .map(|step| step.chars().map(hyphens).collect::<String>());
    joined(steps)
}

/// An address from the site's root that a generator makes, as a URL's path: its spaces stay, and so does
/// a slash at its end.
pub(super) fn as_address(text: &str) -> String {
    let address = joined(text.split('/').map(str::to_owned));
    match text.ends_with('/') && !address.is_empty() {
        true => address + "/",
        false => address,
    }
}

fn joined(steps: impl Iterator<Item = String>) -> String {
    let steps = steps.filter(|step| !matches!(step.as_str(), "" | "." | ".."));
    let escaped = steps.map(|step| {
        step.chars().fold(String::new(), |mut path, c| {
            match c {
                '?' | '#' | '%' | '\\' | ':' | '"' | '<' | '>' => {
                    path.push_str(&format!("%{:02X}", c as u32))
                }
                c => path.push(c),
            }
            path
        })
    });
    escaped.collect::<Vec<_>>().join("/")
}

/// The file's name without its extension and without the date that Jekyll puts before it; for an
/// `index` file that of its folder.
pub(crate) fn file_slug(place: &Place) -> String {
    without_date(own_name(place)).to_owned()
}

/// The date that stands before a file's name, as `2026-01-23` of `2026-01-23-title.md`, or that of its
/// folder: `2026-01-23-title/index.md`, `2026-01-23/title.md`.
pub(crate) fn file_date<'a>(place: &'a Place) -> Option<&'a str> {
    let own = own_name(place);
    if without_date(own).len() < own.len() {
        return own.get(..10);
    }
    let folder = stem(place).rsplit('/').nth(1)?;
    (is_date(folder) || without_date(folder).len() < folder.len()).then(|| folder.get(..10))?
}

/// The file's path without its extension, and without the language that its name says where its site has
/// several.
fn stem<'a>(place: &'a Place) -> &'a str {
    let stem = without_extension(&place.file.name);
    place.generated().map_or(stem, |site| site.by_name(stem).0)
}

/// What stands before the address of a file whose name says its language.
pub(crate) fn language_prefix<'a>(place: &'a Place) -> &'a str {
    let stem = without_extension(&place.file.name);
    let prefix = place.generated().and_then(|site| site.by_name(stem).1);
    prefix.unwrap_or_default()
}

/// The name by which a file is meant: that of its folder, if it is the `index` of it.
pub(crate) fn own_name<'a>(place: &'a Place) -> &'a str {
    let stem = stem(place);
    match stem.rsplit_once('/') {
        Some((folder, "index")) => folder.rsplit('/').next().unwrap_or(folder),
        // The source is this file alone.
        None if stem == "index" && place.source.origin.path() == Some(&place.file.path) => {
            let folder = place.file.path.parent().and_then(Path::file_name);
            folder.and_then(|folder| folder.to_str()).unwrap_or(stem)
        }
        _ => stem.rsplit('/').next().unwrap_or(stem),
    }
}

/// The file's path without its extension; for an `index` file that of its folder.
pub(crate) fn file_path(place: &Place) -> String {
    let stem = stem(place);
    match stem.rsplit_once('/') {
        Some((folder, "index")) => folder.to_owned(),
        None if stem == "index" => own_name(place).to_owned(),
        _ => stem.to_owned(),
    }
}

fn is_date(text: &str) -> bool {
    let shape = |(index, c): (usize, char)| match index {
        4 | 7 => c == '-',
        _ => c.is_ascii_digit(),
    };
    text.len() == 10 && text.char_indices().all(shape)
}

/// A name without the date before it.
pub(crate) fn without_date(stem: &str) -> &str {
    match stem.split_at_checked(11) {
        Some((date, rest)) if !rest.is_empty() && date.ends_with(['-', '_']) && is_date(&date[..10]) => rest,
        _ => stem,
    }
}

/// Whether a file is the `index` of its folder.
pub(super) fn is_index(place: &Place) -> bool {
    stem(place).rsplit('/').next() == Some("index")
}
