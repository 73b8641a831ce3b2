//! The folder of each category and author: readable, never two the same, and never another once
//! given, whatever comes or goes later. The store remembers them; a store that lost them gives the
//! same again, oldest article first.

use super::clean;
use crate::articles::identity;
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;

/// The longest a slug may be, in bytes.
const LONGEST: usize = 100;

/// Names that Windows keeps for devices: no folder can be called so there.
const DEVICES: [&str; 4] = ["aux", "con", "nul", "prn"];

/// Where a name has nothing that a folder can be called by.
const NAMELESS: &str = "untitled";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Category,
    Author,
}

impl Kind {
    /// The folder above those of its topics, and its name in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Category => "category",
            Kind::Author => "author",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Kind> {
        [Kind::Category, Kind::Author]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// A slug that was given, as the store remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slug {
    pub kind: Kind,
    /// What tells this name from others.
    pub key: String,
    pub slug: String,
}

/// What tells one name from another: neither case nor the way an accent is composed nor the width
/// of a space does.
#[must_use]
pub(crate) fn key(name: &str) -> String {
    clean::line(name)
        .nfc()
        .collect::<String>()
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// All slugs given so far.
#[derive(Debug, Clone, Default)]
pub struct Slugs {
    given: BTreeMap<(Kind, String), String>,
    taken: BTreeSet<(Kind, String)>,
}

impl Slugs {
    /// As the store remembers them. What could leave the folder is left out, whoever wrote it.
    pub fn new(given: impl IntoIterator<Item = Slug>) -> Slugs {
        let mut slugs = Slugs::default();
        for slug in given.into_iter().filter(|slug| usable(&slug.slug)) {
            slugs.take(slug);
        }
        slugs
    }

    /// Where that category or author has its feeds; `None`: it has none.
    #[must_use]
    pub fn get(&self, kind: Kind, name: &str) -> Option<&str> {
        self.given.get(&(kind, key(name))).map(String::as_str)
    }

    /// Gives a name its slug, which is the plain one, else with `-2`, `-3` …; `None`: it has one.
    pub fn add(&mut self, kind: Kind, name: &str) -> Option<Slug> {
        let key = key(name);
        if self.given.contains_key(&(kind, key.clone())) {
            return None;
        }
        let mut plain = identity::slug(name);
        if !usable(&numbered(&plain, 2)) {
            plain = NAMELESS.to_owned();
        }
        let free = |slug: &String| usable(slug) && !self.taken.contains(&(kind, slug.clone()));
        let slug = std::iter::once(plain.clone())
            .chain((2u64..).map(|n| numbered(&plain, n)))
            .find(free)?;
        let slug = Slug { kind, key, slug };
        self.take(slug.clone());
        Some(slug)
    }

    fn take(&mut self, slug: Slug) {
        self.taken.insert((slug.kind, slug.slug.clone()));
        self.given.insert((slug.kind, slug.key), slug.slug);
    }
}

/// The slug with a number behind it, cut so that it stays short enough.
fn numbered(slug: &str, n: u64) -> String {
    let number = format!("-{n}");
    let room = slug.floor_char_boundary(LONGEST.saturating_sub(number.len()));
    format!("{}{number}", &slug[..room])
}

/// Whether a folder can be called so on every system, and lies where it should.
fn usable(slug: &str) -> bool {
    let port = |name: &str| {
        slug.strip_prefix(name)
            .is_some_and(|rest| rest.chars().count() == 1 && rest.chars().all(char::is_numeric))
    };
    (1..=LONGEST).contains(&slug.len())
        && slug
            .chars()
            .all(|c| !c.is_ascii_punctuation() || c == '-' || c == '_')
        && !slug.chars().any(|c| c.is_control() || c.is_whitespace())
        && !DEVICES.contains(&slug)
        && !port("com")
        && !port("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug(slugs: &mut Slugs, name: &str) -> String {
        slugs.add(Kind::Category, name);
        slugs.get(Kind::Category, name).unwrap().to_owned()
    }

    #[test]
    fn names_with_one_slug_get_numbers_and_keep_them() {
        let mut slugs = Slugs::default();
        assert_eq!(slug(&mut slugs, "C++"), "c");
        assert_eq!(slug(&mut slugs, "C#"), "c-2");
        assert_eq!(slug(&mut slugs, "C"), "c-3");
        assert_eq!(slug(&mut slugs, "c 2"), "c-2-2");
        assert_eq!(slug(&mut slugs, "C#"), "c-2");
        assert!(
            slugs.add(Kind::Category, "c++").is_none(),
            "only its case differs"
        );
        slugs.add(Kind::Author, "C");
        assert_eq!(
            slugs.get(Kind::Author, "C"),
            Some("c"),
            "authors have their own folders"
        );
    }

    #[test]
    fn remembered_slugs_are_kept() {
        let given = Slug {
            kind: Kind::Category,
            key: "c#".into(),
            slug: "c".into(),
        };
        let mut slugs = Slugs::new([given]);
        assert_eq!(slug(&mut slugs, "C++"), "c-2");
        assert_eq!(slug(&mut slugs, "C#"), "c");
    }

    #[test]
    fn other_scripts_stay_readable() {
        let mut slugs = Slugs::default();
        assert_eq!(slug(&mut slugs, "Ärger & Wut"), "ärger-wut");
        assert_eq!(slug(&mut slugs, "科学 技術"), "科学-技術");
        assert_eq!(
            slug(&mut slugs, "A\u{308}rger wut"),
            "ärger-wut-2",
            "another name, composed alike"
        );
    }

    #[test]
    fn no_slug_leaves_the_folder_or_names_a_device() {
        let mut slugs = Slugs::default();
        for name in [
            "..",
            ".",
            "/",
            "../../etc",
            "con",
            "NUL",
            "com1",
            "COM¹",
            "lpt9",
            "",
            "\u{0}",
            "a\\b",
            "🙂",
        ] {
            let slug = slug(&mut slugs, name);
            assert!(usable(&slug), "{name:?} gives {slug:?}");
        }
        assert_eq!(slug(&mut slugs, "con"), "con-2");
        let long = "ä".repeat(300);
        assert!(slug(&mut slugs, &long).len() <= LONGEST);
        assert!(slug(&mut slugs, &(long + "!x")).len() <= LONGEST);
    }

    #[test]
    fn what_the_store_should_not_hold_is_left_out() {
        let bad = ["..", "a/b", "", "a\\b", "con"].map(|slug| Slug {
            kind: Kind::Author,
            key: slug.to_owned(),
            slug: slug.to_owned(),
        });
        assert!(Slugs::new(bad).given.is_empty());
    }
}
