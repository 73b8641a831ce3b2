//! The values of a head, as their authors mean them. By which names they go stands in [`keys`].

use super::keys;
use crate::articles::{Author, Comment, Precision, Published};
use crate::problem::Problem;
use crate::sources::dates::{self, Reading};
use crate::sources::people;
use chrono::DateTime;
use serde_json::{Map, Value};

/// The values of a head, and where it stands in its file.
#[derive(Debug, Default)]
pub(crate) struct Head {
    values: Map<String, Value>,
    /// What holds where it says nothing itself.
    defaults: Map<String, Value>,
    text: String,
    /// The line of the file that the first line of `text` is.
    first_line: u64,
    pub(crate) present: bool,
}

impl Head {
    pub(super) fn new(values: Map<String, Value>, text: &str, first_line: u64) -> Head {
        Head {
            values,
            defaults: Map::new(),
            text: text.to_owned(),
            first_line,
            present: true,
        }
    }

    /// Of values that stand in no article.
    pub(crate) fn of_values(values: Map<String, Value>) -> Head {
        Head::new(values, "", 1)
    }

    /// What holds where it says nothing itself.
    pub(crate) fn with_defaults(self, defaults: Map<String, Value>) -> Head {
        Head { defaults, ..self }
    }

    /// The first of the keys that is there and not null, at the top or, for generators that keep
    /// their own keys apart, in one of [`keys::GROUPS`].
    pub(crate) fn get(&self, keys: &[&str]) -> Option<(&str, &Value)> {
        let nested = keys::GROUPS
            .iter()
            .filter_map(|group| self.values.get(*group)?.as_object());
        std::iter::once(&self.values)
            .chain(nested)
            .chain([&self.defaults])
            .find_map(|values| first(values, keys))
    }

    /// The same at the top alone: `params.url` may be any address.
    pub(crate) fn own(&self, keys: &[&str]) -> Option<(&str, &Value)> {
        first(&self.values, keys).or_else(|| first(&self.defaults, keys))
    }

    /// A text at the top, also where a number or a flag stands.
    pub(crate) fn own_text(&self, keys: &[&str]) -> Option<String> {
        self.own(keys)
            .and_then(|(_, value)| scalar(value))
            .filter(|text| !text.is_empty())
    }

    /// A text, also where a number or a flag stands.
    pub(crate) fn text(&self, keys: &[&str]) -> Option<String> {
        self.get(keys)
            .and_then(|(_, value)| scalar(value))
            .filter(|t| !t.trim().is_empty())
    }

    /// A flag, written as one or as `"true"`, `yes`, `no`.
    pub(crate) fn flag(&self, keys: &[&str]) -> Option<bool> {
        self.get(keys).and_then(|(_, value)| flag(value))
    }

    /// A list, also where one text stands: with commas in it, it is several; with only blanks, if
    /// `by_words`. The first of the keys that is not empty.
    pub(crate) fn list(&self, keys: &[&str], by_words: bool) -> Vec<String> {
        let mut lists = keys.iter().filter_map(|key| match self.get(&[key])? {
            (_, Value::Array(list)) => Some(list.iter().filter_map(named).collect()),
            (_, value) => scalar(value).map(|text| parts(&text, by_words)),
        });
        lists
            .find(|list: &Vec<String>| !list.is_empty())
            .unwrap_or_default()
    }

    /// The first of the keys that states a date. A flag or a word of [`keys::NO_DATES`] states none.
    ///
    /// # Errors
    /// What is there and no date: `front-matter`, with key and line. Better than a date that nobody meant.
    pub(crate) fn date(&self, keys: &[&str], reading: Reading) -> Result<Option<Published>, Problem> {
        for (key, value) in keys.iter().filter_map(|key| self.get(&[key])) {
            if let Some(date) = value.as_i64().and_then(since_1970) {
                return Ok(Some(date));
            }
            let text = scalar(value).unwrap_or_default();
            let word = text.to_ascii_lowercase();
            if word.is_empty() || flag(value).is_some() || keys::NO_DATES.contains(&word.as_str()) {
                continue;
            }
            return dates::parse(&text, reading).map(Some).ok_or_else(|| {
                let shown: String = text.chars().take(100).collect();
                let mut problem = Problem::error("front-matter", format!("{shown:?} is no date"))
                    .key(key)
                    .hint("write it as 2026-01-23 or 2026-01-23T15:41:00+01:00");
                problem.line = self.line_of(key);
                problem
            });
        }
        Ok(None)
    }

    /// `author: Ann`, `authors: [Ann, Bob]`, `authors: [{name: Ann, url: …}]`.
    pub(crate) fn authors(&self) -> Vec<Author> {
        let person = |value: &Value| {
            let url = ["url", "uri", "link", "website"]
                .iter()
                .find_map(|key| value.get(*key).and_then(scalar));
            named(value).map(|name| Author {
                name: people::without_mail(&name).to_owned(),
                url,
            })
        };
        match self.get(keys::AUTHORS) {
            Some((_, Value::Array(list))) => list.iter().filter_map(person).collect(),
            Some((_, value @ Value::Object(_))) => person(value).into_iter().collect(),
            Some((_, value)) => scalar(value)
                .map(|text| people::names(&text))
                .unwrap_or_default()
                .iter()
                .map(|name| people::person(people::without_mail(name).to_owned()))
                .collect(),
            None => Vec::new(),
        }
    }

    /// The image's address and its description.
    pub(crate) fn image(&self) -> Option<(String, String)> {
        keys::IMAGE.iter().find_map(|key| {
            let value = match self.get(&[key])?.1 {
                Value::Array(list) => list.first()?,
                value => value,
            };
            let inside = |keys: &[&str]| {
                keys.iter()
                    .find_map(|key| value.get(*key).and_then(Value::as_str))
            };
            let address = value.as_str().or_else(|| inside(keys::IMAGE_ADDRESS))?.trim();
            let alt = inside(&["alt", "caption", "title"]).map(str::to_owned);
            let alt = alt.or_else(|| self.text(keys::IMAGE_ALT)).unwrap_or_default();
            (!address.is_empty()).then(|| (address.to_owned(), alt))
        })
    }

    /// `comments: [{author, date, text}]`; `comments: true`, which other programs read, says nothing.
    pub(crate) fn comments(&self, reading: Reading) -> Option<Vec<Comment>> {
        let (_, Value::Array(list)) = self.get(keys::COMMENTS)? else {
            return None;
        };
        let comment = |value: &Value| {
            let inside = |keys: &[&str]| keys.iter().find_map(|key| value.get(*key).and_then(scalar));
            Some(Comment {
                author: inside(&["author", "name", "by"]).unwrap_or_default(),
                published: inside(&["date", "published"])
                    .and_then(|date| dates::parse(&date, reading))
                    .map(|date| date.at),
                text: inside(&["text", "body", "content", "comment"])?,
            })
        };
        Some(list.iter().filter_map(comment).collect())
    }

    /// The line of the file in which a key of the top level stands.
    pub(crate) fn line_of(&self, key: &str) -> Option<u64> {
        let stands = |line: &str| {
            let line = line.trim_start().trim_start_matches(['"', '\'']);
            line.strip_prefix(key).is_some_and(|rest| {
                rest.trim_start_matches(['"', '\''])
                    .trim_start()
                    .starts_with([':', '='])
            })
        };
        let index = self.text.lines().position(stands)?;
        Some(self.first_line + index as u64)
    }
}

fn first<'a>(values: &'a Map<String, Value>, keys: &[&str]) -> Option<(&'a str, &'a Value)> {
    keys.iter().find_map(|wanted| {
        let mut entries = values.iter();
        let found = entries.find(|(key, value)| key.eq_ignore_ascii_case(wanted) && !value.is_null());
        found.map(|(key, value)| (key.as_str(), value))
    })
}

/// Several names that stand in one text.
fn parts(text: &str, by_words: bool) -> Vec<String> {
    let parts: Vec<&str> = match by_words && !text.contains(',') {
        true => text.split_whitespace().collect(),
        false => text.split(',').map(str::trim).collect(),
    };
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// Seconds, or as JavaScript counts, milliseconds since 1970; a number of eight digits is a day.
fn since_1970(number: i64) -> Option<Published> {
    let seconds = match number {
        100_000_000..=99_999_999_999 => number,
        100_000_000_000..=99_999_999_999_999 => number / 1000,
        _ => return None,
    };
    let at = DateTime::from_timestamp(seconds, 0)?;
    let precision = Precision::Second;
    Some(Published { at, precision })
}

/// A flag, written as one or as a word.
pub(crate) fn flag(value: &Value) -> Option<bool> {
    match scalar(value)?.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// One value as text; a list or a table is none.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A text, or the name of a table.
fn named(value: &Value) -> Option<String> {
    scalar(value)
        .or_else(|| {
            ["name", "title", "label"]
                .iter()
                .find_map(|key| value.get(*key).and_then(scalar))
        })
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::rfc3339;
    use crate::sources::front_matter::split;
    use chrono_tz::Tz;

    fn head(file: &str) -> Head {
        split(file).unwrap().head
    }

    fn reading() -> Reading {
        Reading::new(Tz::UTC, "en")
    }

    #[test]
    fn yaml_and_toml_say_the_same() {
        let yaml = "---\ntitle: \"A: b\"\ndate: 2026-01-23\ndraft: true\nauthors: [Ann, Bob]\ncategories:\n  - X\n---\nBody\n";
        let toml = "+++\ntitle = \"A: b\"\ndate = 2026-01-23\ndraft = true\nauthors = [\"Ann\", \"Bob\"]\ncategories = [\"X\"]\n+++\nBody\n";
        for file in [yaml, toml] {
            let split = split(file).unwrap();
            assert_eq!(split.body, "Body\n");
            assert_eq!(split.head.text(&["title"]).unwrap(), "A: b");
            assert_eq!(split.head.flag(&["draft"]), Some(true));
            let date = split.head.date(&["date"], reading()).unwrap().unwrap();
            assert_eq!(rfc3339(date.at), "2026-01-23T00:00:00Z");
            let names: Vec<String> = split.head.authors().into_iter().map(|a| a.name).collect();
            assert_eq!(names, ["Ann", "Bob"]);
            assert_eq!(split.head.list(&["categories"], false), ["X"]);
        }
    }

    #[test]
    fn authors_in_every_form() {
        for (file, expected) in [
            ("---\nauthor: Ann Lee\n---\n", vec![("Ann Lee", None)]),
            (
                "---\nauthor: Ann Lee and Bob Ray\n---\n",
                vec![("Ann Lee", None), ("Bob Ray", None)],
            ),
            (
                "---\nauthor:\n  name: Ann\n  url: https://a.example\n---\n",
                vec![("Ann", Some("https://a.example"))],
            ),
            (
                "---\nauthors:\n- name: Ann\n- Bob\n---\n",
                vec![("Ann", None), ("Bob", None)],
            ),
            (
                "+++\n[[authors]]\nname = \"Ann\"\n[[authors]]\nname = \"Bob\"\n+++\n",
                vec![("Ann", None), ("Bob", None)],
            ),
            ("---\nparams:\n  author: Ann\n---\n", vec![("Ann", None)]),
            ("---\nauthor:\n---\n", vec![]),
            ("---\nauthors: [Ann <ann@b.example>]\n---\n", vec![("Ann", None)]),
            (
                "---\nauthor: ann@b.example (Ann Lee)\n---\n",
                vec![("Ann Lee", None)],
            ),
        ] {
            let authors = head(file).authors();
            let found: Vec<(&str, Option<&str>)> = authors
                .iter()
                .map(|a| (a.name.as_str(), a.url.as_deref()))
                .collect();
            assert_eq!(found, expected, "{file}");
        }
    }

    #[test]
    fn titles_keep_their_spelling() {
        for (written, expected) in [
            ("1984", "1984"),
            ("1.10", "1.10"),
            ("007", "007"),
            ("2026-01-23", "2026-01-23"),
            ("true", "true"),
            ("No", "No"),
            ("On", "On"),
            ("1e3", "1e3"),
            ("'It''s'", "It's"),
            ("\"\\ud83d\\ude00 smile\"", "😀 smile"),
        ] {
            let file = format!("---\ntitle: {written}\n---\n");
            assert_eq!(head(&file).text(&["title"]).unwrap(), expected, "{written}");
        }
    }

    #[test]
    fn comments_are_a_list_or_nothing() {
        let file = "---\ncomments:\n- {author: Ann, date: 2026-01-24, text: Fine}\n- {text: Hm}\n---\n";
        let comments = head(file).comments(reading()).unwrap();
        assert_eq!(comments.len(), 2);
        assert_eq!(comments[0].author, "Ann");
        assert!(head("---\ncomments: true\n---\n").comments(reading()).is_none());
    }
}
