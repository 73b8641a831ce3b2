//! Articles as sources give them that mean harm, or know no better: files of each kind, made at random
//! from what has broken feeds before.

use crate::site::Site;
use proptest::prelude::*;
use proptest::sample::{Select, select};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// What the articles are put together from.
#[derive(Deserialize)]
struct Pieces {
    pieces: Vec<String>,
    blocks: Vec<String>,
    dates: Vec<String>,
    slugs: Vec<String>,
    languages: Vec<String>,
}

static PIECES: LazyLock<Pieces> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../fixtures/hostile/pieces.json")).unwrap());

/// Stands in JSON for an escape of half a character.
const HALF: &str = "HALF-A-CHARACTER";

/// What an article is written into, by the folder and the end of the name that its source looks for.
/// The first two are made here.
const FORMS: &[(&str, &str, &str)] = &[
    ("articles", "md", ""),
    ("streams", "json", ""),
    (
        "articles",
        "md",
        include_str!("../../fixtures/hostile/article.md"),
    ),
    ("pages", "html", include_str!("../../fixtures/hostile/page.html")),
    ("texts", "txt", include_str!("../../fixtures/hostile/text.txt")),
    ("streams", "xml", include_str!("../../fixtures/hostile/rss.xml")),
    (
        "streams",
        "atom",
        include_str!("../../fixtures/hostile/atom.atom"),
    ),
];

/// A configuration that reads them all.
pub(crate) const CONFIG: &str = r#"
[site]
title = "Hostile & <b>harmless</b>"
url = "https://tides.example/"
author = "The \"Editors\" <&>"
[sources.posts]
kind = "markdown"
path = "articles"
[sources.pages]
kind = "pages"
path = "pages"
[sources.texts]
kind = "text"
path = "texts"
[sources.streams]
kind = "feed"
path = "streams"
[feeds]
items = 10000
[smtp]
url = "maildir:outbox"
[http]
public_url = "https://tides.example/feeds/"
"#;

/// One article, before it is written down in one of the forms.
#[derive(Debug, Clone)]
pub(crate) struct Stranger {
    title: String,
    name: String,
    category: String,
    summary: String,
    date: String,
    updated: String,
    language: String,
    slug: String,
    address: String,
    body: String,
    form: usize,
}

fn one_of(list: &'static [String]) -> Select<String> {
    select(list)
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![8 => one_of(&PIECES.pieces), 1 => any::<String>()];
    prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat())
}

fn body() -> impl Strategy<Value = String> {
    let block = prop_oneof![8 => one_of(&PIECES.blocks), 2 => text(), 1 => any::<String>()];
    let between = select(&["\n\n", "\n", ""][..]);
    (prop::collection::vec(block, 0..10), between).prop_map(|(blocks, between)| blocks.join(between))
}

prop_compose! {
    pub(crate) fn stranger()(
        title in text(), name in text(), category in text(), summary in text(), address in text(),
        date in one_of(&PIECES.dates), updated in one_of(&PIECES.dates), slug in one_of(&PIECES.slugs),
        language in one_of(&PIECES.languages), body in body(), form in 0..FORMS.len(),
    ) -> Stranger {
        Stranger { title, name, category, summary, date, updated, language, slug, address, body, form }
    }
}

impl Stranger {
    /// Puts it where a source of its form finds it.
    pub(crate) fn write(&self, site: &Site, n: usize) {
        let (folder, end, template) = FORMS[self.form];
        let text = match self.form {
            0 => format!("{}\n\n{}\n", halved(&self.front_matter()), self.body),
            1 => halved(&self.json_feed(n)),
            _ => self.filled(template, n),
        };
        site.write(&format!("{folder}/a{n}.{end}"), text);
    }

    fn filled(&self, template: &str, n: usize) -> String {
        let quoted = |text: &str| halved(&json!(text));
        let body = match template.contains("<![CDATA[") {
            true => self.body.replace("]]>", "]]]]><![CDATA[>"),
            false => self.body.clone(),
        };
        let escaped = self.body.replace('&', "&amp;").replace('<', "&lt;");
        [
            ("@QUOTED_TITLE@", &quoted(&self.title)),
            ("@QUOTED_NAME@", &quoted(&self.name)),
            ("@QUOTED_ADDRESS@", &quoted(&self.address)),
            ("@TITLE@", &self.title),
            ("@NAME@", &self.name),
            ("@CATEGORY@", &self.category),
            ("@SUMMARY@", &self.summary),
            ("@DATE@", &self.date),
            ("@UPDATED@", &self.updated),
            ("@LANGUAGE@", &self.language),
            ("@SLUG@", &self.slug),
            ("@ADDRESS@", &self.address),
            ("@ESCAPED_BODY@", &escaped),
            ("@BODY@", &body),
            ("@N@", &n.to_string()),
        ]
        .into_iter()
        .fold(template.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        })
    }

    fn front_matter(&self) -> Value {
        json!({
            "title": self.title,
            "authors": [self.name, {"name": self.name, "url": self.address}],
            "categories": [self.category, self.name],
            "summary": self.summary,
            "date": self.date,
            "updated": self.updated,
            "language": self.language,
            "slug": self.slug,
            "image": {"src": self.address, "alt": self.title},
            "audio": {"mp3": self.address, "type": self.name, "transcript": self.address, "length": self.date},
            "duration": self.date,
            "episode": self.title,
            "comment_count": 3,
        })
    }

    fn json_feed(&self, n: usize) -> Value {
        json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Other",
            "items": [{
                "id": format!("{}{n}", self.title),
                "url": format!("https://json.example/{n}{}", self.slug),
                "title": self.title,
                "content_html": self.body,
                "summary": self.summary,
                "date_published": self.date,
                "date_modified": self.updated,
                "authors": [{"name": self.name, "url": self.address}],
                "tags": [self.category],
                "language": self.language,
                "image": self.address,
                "attachments": [{"url": self.address, "mime_type": "audio/<b>", "size_in_bytes": self.date}],
            }],
        })
    }
}

fn halved(json: &Value) -> String {
    json.to_string().replace(HALF, "\\ud83d")
}
