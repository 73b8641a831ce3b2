//! The head of a Markdown file: YAML between `---`, TOML between `+++`. Keys of the common
//! generators are read as their authors mean them; the manual lists them.

use super::dates::{self, Reading};
use super::people;
use crate::articles::{Author, Comment, Published};
use crate::problem::Problem;
use serde_json::{Map, Value};

/// A Markdown file in its two parts.
#[derive(Debug)]
pub(crate) struct Split<'a> {
    pub(crate) head: Head,
    pub(crate) body: &'a str,
}

/// The values of a head, and where it stands in its file.
#[derive(Debug, Default)]
pub(crate) struct Head {
    values: Map<String, Value>,
    text: String,
    /// The line of the file that the first line of `text` is.
    first_line: u64,
    pub(crate) present: bool,
}

/// Parts a file into head and body. A file that begins with neither `---` nor `+++` has no head.
///
/// # Errors
/// A head that does not end, or is no YAML or TOML: `front-matter`, with the line.
pub(crate) fn split(file: &str) -> Result<Split<'_>, Problem> {
    let file = file.strip_prefix('\u{FEFF}').unwrap_or(file);
    // Blank lines before it are common, and no Markdown would begin with one on purpose.
    let start = file.trim_start_matches(['\n', '\r', ' ', '\t']);
    let skipped = count_lines(&file[..file.len() - start.len()]);
    let fence = match start.lines().next().map(str::trim_end) {
        Some("---") => "---",
        Some("+++") => "+++",
        _ => {
            return Ok(Split {
                head: Head::default(),
                body: file,
            });
        }
    };
    let inner = start.find('\n').map_or("", |end| &start[end + 1..]);
    let Some((text, body)) = until_fence(inner, fence) else {
        // A rule as the very first line of a text that goes on is no head.
        if fence == "---" && !looks_like_yaml(inner) {
            return Ok(Split {
                head: Head::default(),
                body: file,
            });
        }
        return Err(
            Problem::error("front-matter", format!("the front matter has no second {fence}"))
                .line(skipped + 1)
                .hint(format!("put a line {fence} after it")),
        );
    };
    let first_line = skipped + 2;
    let values = match fence {
        "---" => yaml(text, first_line)?,
        _ => toml(text, first_line)?,
    };
    let head = Head {
        values,
        text: text.to_owned(),
        first_line,
        present: true,
    };
    Ok(Split { head, body })
}

fn count_lines(text: &str) -> u64 {
    text.matches('\n').count() as u64
}

fn looks_like_yaml(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let key = first.split(':').next().unwrap_or_default();
    first.contains(':') && !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-".contains(c))
}

fn until_fence<'a>(inner: &'a str, fence: &str) -> Option<(&'a str, &'a str)> {
    let mut at = 0;
    for line in inner.split_inclusive('\n') {
        let bare = line.trim_end();
        if bare == fence || (fence == "---" && bare == "...") {
            return Some((&inner[..at], &inner[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

fn yaml(text: &str, first_line: u64) -> Result<Map<String, Value>, Problem> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    let options = serde_saphyr::options! {
        with_snippet: false,
        leading_zero_numbers_as_strings: true,
    };
    let value: Value = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error.location().map_or(1, |at| at.line().max(1));
        let message = error.without_snippet().to_string();
        broken(message.lines().next().unwrap_or_default(), first_line + line - 1)
            .hint("text with a colon, a # or a quote in it needs quotes around it")
    })?;
    match value {
        Value::Object(mut values) => {
            keep_spelling(&mut values, text);
            Ok(values)
        }
        Value::Null => Ok(Map::new()),
        _ => Err(broken("it is no list of keys and values", first_line).hint("write it as key: value")),
    }
}

/// `title: 1.10` is text although it looks like a number: read again as what it is written as.
fn keep_spelling(values: &mut Map<String, Value>, text: &str) {
    #[derive(serde::Deserialize)]
    struct Texts {
        title: Option<String>,
        slug: Option<String>,
    }
    let number = |key: &str| matches!(values.get(key), Some(Value::Number(_)));
    if !number("title") && !number("slug") {
        return;
    }
    let Ok(texts) = serde_saphyr::from_str::<Texts>(text) else {
        return;
    };
    for (key, text) in [("title", texts.title), ("slug", texts.slug)] {
        if let Some(text) = text {
            values.insert(key.to_owned(), Value::String(text));
        }
    }
}

fn toml(text: &str, first_line: u64) -> Result<Map<String, Value>, Problem> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let before = error
            .span()
            .and_then(|span| text.get(..span.start))
            .unwrap_or_default();
        broken(error.message(), first_line + count_lines(before))
    })?;
    match from_toml(toml::Value::Table(table)) {
        Value::Object(values) => Ok(values),
        _ => Ok(Map::new()),
    }
}

fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::String(number.to_string()),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(list) => Value::Array(list.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => Value::Object(
            table
                .into_iter()
                .map(|(key, value)| (key, from_toml(value)))
                .collect(),
        ),
    }
}

fn broken(message: &str, line: u64) -> Problem {
    Problem::error(
        "front-matter",
        format!("the front matter cannot be read: {message}"),
    )
    .line(line)
}

impl Head {
    /// The first of the keys that is there and not null, at the top or, for generators that keep
    /// their own keys apart, under `params`, `extra` or `taxonomies`.
    fn get(&self, keys: &[&str]) -> Option<(&str, &Value)> {
        let nested = ["params", "extra", "taxonomies"]
            .iter()
            .filter_map(|group| self.values.get(*group)?.as_object());
        for values in std::iter::once(&self.values).chain(nested) {
            for wanted in keys {
                let found = values
                    .iter()
                    .find(|(key, value)| key.eq_ignore_ascii_case(wanted) && !value.is_null());
                if let Some((key, value)) = found {
                    return Some((key, value));
                }
            }
        }
        None
    }

    /// A text, also where a number or a flag stands.
    pub(crate) fn text(&self, keys: &[&str]) -> Option<String> {
        self.get(keys)
            .and_then(|(_, value)| scalar(value))
            .filter(|t| !t.trim().is_empty())
    }

    /// A flag, written as one or as `"true"`, `yes`, `no`.
    pub(crate) fn flag(&self, keys: &[&str]) -> Option<bool> {
        let (_, value) = self.get(keys)?;
        match scalar(value)?.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        }
    }

    /// A list, also where one text stands; with commas in it, it is several.
    pub(crate) fn list(&self, keys: &[&str]) -> Vec<String> {
        match self.get(keys) {
            Some((_, Value::Array(list))) => list.iter().filter_map(named).collect(),
            Some((_, value)) => scalar(value)
                .map(|text| text.split(',').map(|part| part.trim().to_owned()).collect())
                .unwrap_or_default(),
            None => Vec::new(),
        }
    }

    /// A date.
    ///
    /// # Errors
    /// What is there and no date: `front-matter`, with key and line. Better than a date that nobody meant.
    pub(crate) fn date(&self, keys: &[&str], reading: Reading) -> Result<Option<Published>, Problem> {
        let Some((key, value)) = self.get(keys) else {
            return Ok(None);
        };
        let text = scalar(value).unwrap_or_default();
        if text.trim().is_empty() || text == "false" {
            return Ok(None);
        }
        dates::parse(&text, reading).map(Some).ok_or_else(|| {
            let mut problem = Problem::error("front-matter", format!("{text:?} is no date"))
                .key(key)
                .hint("write it as 2026-01-23 or 2026-01-23T15:41:00+01:00");
            problem.line = self.line_of(key);
            problem
        })
    }

    /// `author: Ann`, `authors: [Ann, Bob]`, `authors: [{name: Ann, url: …}]`.
    pub(crate) fn authors(&self) -> Vec<Author> {
        let person = |value: &Value| {
            let url = ["url", "uri", "link", "website"]
                .iter()
                .find_map(|key| value.get(*key).and_then(scalar));
            named(value).map(|name| Author { name, url })
        };
        match self.get(&["authors", "author", "by"]) {
            Some((_, Value::Array(list))) => list.iter().filter_map(person).collect(),
            Some((_, value @ Value::Object(_))) => person(value).into_iter().collect(),
            Some((_, value)) => scalar(value)
                .map(|text| people::names(&text))
                .unwrap_or_default()
                .into_iter()
                .map(|name| Author { name, url: None })
                .collect(),
            None => Vec::new(),
        }
    }

    /// The image's address and its description.
    pub(crate) fn image(&self) -> Option<(String, String)> {
        let (_, value) = self.get(&[
            "image",
            "cover",
            "featured_image",
            "featuredImage",
            "heroImage",
            "hero",
            "thumbnail",
            "images",
            "ogImage",
        ])?;
        let value = match value {
            Value::Array(list) => list.first()?,
            value => value,
        };
        let inside = |keys: &[&str]| keys.iter().find_map(|key| value.get(*key).and_then(scalar));
        let address = scalar(value).or_else(|| inside(&["src", "url", "path", "image", "file"]))?;
        let alt = inside(&["alt", "caption", "title"])
            .or_else(|| self.text(&["image_alt", "imageAlt", "heroImageAlt", "image-alt"]))
            .unwrap_or_default();
        (!address.trim().is_empty()).then_some((address, alt))
    }

    /// `comments: [{author, date, text}]`; `comments: true`, which other programs read, says nothing.
    pub(crate) fn comments(&self, reading: Reading) -> Option<Vec<Comment>> {
        let (_, Value::Array(list)) = self.get(&["comments"])? else {
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

/// One value as text; a list or a table is none.
fn scalar(value: &Value) -> Option<String> {
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
            assert_eq!(split.head.list(&["categories"]), ["X"]);
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
            ("'It''s'", "It's"),
            ("\"\\ud83d\\ude00 smile\"", "😀 smile"),
        ] {
            let file = format!("---\ntitle: {written}\n---\n");
            assert_eq!(head(&file).text(&["title"]).unwrap(), expected, "{written}");
        }
    }

    #[test]
    fn a_broken_head_is_named_with_its_line() {
        for (file, line) in [
            ("---\ntitle: a\nbad: [1, 2\n---\nBody\n", 3),
            ("---\ntitle: a: b\n---\n", 2),
            ("+++\ntitle = \"a\"\nbad = \n+++\n", 3),
            ("---\ntitle: a\n", 1),
            ("\n\n+++\ntitle = 'a'\n", 3),
            ("---\n- a\n- b\n---\n", 2),
        ] {
            let problem = split(file).unwrap_err();
            assert_eq!(problem.code, "front-matter");
            assert_eq!(problem.line, Some(line), "{file:?}: {problem}");
        }
        let head = head("---\ntitle: a\ndate: soon\n---\n");
        let problem = head.date(&["date"], reading()).unwrap_err();
        assert_eq!((problem.line, problem.key.as_deref()), (Some(3), Some("date")));
    }

    #[test]
    fn a_file_without_a_head_is_all_body() {
        for file in ["Just text\n", "---\n\nA rule first.\n", "", "# Heading\n---\n"] {
            let split = split(file).unwrap();
            assert!(!split.head.present);
            assert_eq!(split.body, file);
        }
        assert!(split("---\n---\nBody").unwrap().head.present);
        assert_eq!(
            split("---\r\ntitle: a\r\n---\r\nBody\r\n").unwrap().body,
            "Body\r\n"
        );
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
