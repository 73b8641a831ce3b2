//! Files become articles: what is published of them, what is kept out, and what is said of bad ones.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs `articles extract` in a folder; gives the exit status and the document.
fn extract(folder: &Path, kind: &str, files: &[&str]) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_tidings"))
        .args(["articles", "extract", "--json", "--kind", kind])
        .args(["--url", "https://example.org/posts/this"])
        .args(files)
        .current_dir(folder)
        .output()
        .unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), document)
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/articles")
}

#[test]
fn each_fixture_comes_out_whole() {
    for (kind, file) in [
        ("markdown", "everything.md"),
        ("pages", "labels-and-comments.html"),
        ("text", "labels-and-comments.txt"),
        ("pages", "blog-with-replies.html"),
        ("pages", "tables-and-breaks.html"),
        ("pages", "german.html"),
        ("pages", "essay-with-a-discussion.html"),
        ("pages", "json-ld.html"),
        ("text", "menus-and-bio.txt"),
        ("pages", "labels-side-by-side.html"),
        ("pages", "microdata.html"),
        ("pages", "theme-with-two-dates.html"),
        ("pages", "arabic.html"),
        ("pages", "note.html"),
        ("text", "long-title.txt"),
    ] {
        let (status, document) = extract(&fixtures(), kind, &[file]);
        assert_eq!(status, 0, "{file}: {document:#}");
        insta::assert_json_snapshot!(file.replace('.', "-"), document["pages"][0]);
    }
}

#[test]
fn both_forms_of_a_page_say_the_same() {
    let (_, page) = extract(&fixtures(), "pages", &["labels-and-comments.html"]);
    let (_, text) = extract(&fixtures(), "text", &["labels-and-comments.txt"]);
    let (page, text) = (&page["pages"][0], &text["pages"][0]);
    for key in [
        "title",
        "published",
        "published_precision",
        "authors",
        "categories",
        "comments",
        "comment_count",
    ] {
        assert_eq!(page[key], text[key], "{key}");
    }
    let headings = |page: &Value| -> Vec<Value> {
        let headings = page["headings"].as_array().unwrap();
        headings.iter().map(|heading| heading["text"].clone()).collect()
    };
    assert_eq!(headings(page), headings(text));
}

#[test]
fn one_page_per_file_and_a_name_for_each_that_failed() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).unwrap();
    write("good.md", b"---\ntitle: Good\ndate: 2026-01-23\n---\nText.\n");
    write("broken.md", b"---\ntitle: a\ndate: [oops\n---\nText.\n");
    write("latin.md", b"Caf\xe9\n");
    write("bell.md", b"one\ntwo \x07\n");
    write("deep.md", "<div>".repeat(10_000).as_bytes());
    write("empty.md", b"");
    let large = std::fs::File::create(dir.path().join("large.md")).unwrap();
    large.set_len(50 << 20).unwrap();
    let files = [
        "good.md",
        "broken.md",
        "latin.md",
        "bell.md",
        "deep.md",
        "large.md",
        "none.md",
        "empty.md",
    ];
    let (status, document) = extract(dir.path(), "markdown", &files);
    assert_eq!(status, 1);
    let pages = document["pages"].as_array().unwrap();
    let named: Vec<&str> = pages.iter().map(|page| page["file"].as_str().unwrap()).collect();
    assert_eq!(named, files);
    assert_eq!(pages[0]["title"], "Good");
    assert_eq!(pages[1]["title"], Value::Null);
    assert_eq!(pages[7]["title"], "empty");
    let errors: Vec<(&str, &str, Option<u64>)> = document["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| {
            (
                e["code"].as_str().unwrap(),
                e["file"].as_str().unwrap(),
                e["line"].as_u64(),
            )
        })
        .collect();
    assert_eq!(
        errors,
        [
            ("front-matter", "broken.md", Some(3)),
            ("invalid-utf8", "latin.md", Some(1)),
            ("control-character", "bell.md", Some(2)),
            ("too-deep", "deep.md", None),
            ("too-large", "large.md", None),
            ("unreadable-file", "none.md", None),
        ]
    );
    assert!(
        document["errors"]
            .as_array()
            .unwrap()
            .iter()
            .all(|e| e["hint"].is_string())
    );
}

#[test]
fn pages_that_would_exhaust_a_parser_fail_by_name() {
    let dir = tempfile::tempdir().unwrap();
    for (name, html) in [
        ("deep.html", format!("<h1>Deep</h1>{}x", "<div>".repeat(10_000))),
        ("bold.html", "<b>".repeat(100_000)),
        ("lists.html", "<ul><li>".repeat(10_000)),
        ("barrier.html", "<div><table></div></table>".repeat(100_000)),
    ] {
        std::fs::write(dir.path().join(name), html).unwrap();
        let (status, document) = extract(dir.path(), "pages", &[name]);
        assert_eq!(status, 1, "{name}");
        assert_eq!(document["errors"][0]["code"], "too-deep", "{name}");
        assert_eq!(document["errors"][0]["file"], name);
    }
    // As deep as is allowed, it is an article like any other.
    let html = format!(
        "<h1>Low</h1>{}<p>{}</p>",
        "<div>".repeat(450),
        "Some words, and more of them. ".repeat(40)
    );
    std::fs::write(dir.path().join("low.html"), html).unwrap();
    let (status, document) = extract(dir.path(), "pages", &["low.html"]);
    assert_eq!(status, 0, "{document:#}");
    assert!(
        document["pages"][0]["content_text"]
            .as_str()
            .unwrap()
            .starts_with("Some words")
    );
}

/// Real input to measure on, which is not the project's to hand on: a part of the folder that
/// `TIDINGS_TEST_CORPUS` names; `None` where it names none.
fn corpus(part: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("TIDINGS_TEST_CORPUS") else {
        eprintln!("not measured: TIDINGS_TEST_CORPUS names no folder");
        return None;
    };
    Some(Path::new(&folder).join(part))
}

#[test]
fn the_seed_page_comes_out_as_expected_from_both_forms() {
    let Some(folder) = corpus("seed") else {
        return;
    };
    let expected: Value =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    for (kind, file) in [("pages", "article-page.html"), ("text", "article-page.txt")] {
        let (status, document) = extract(&folder, kind, &[file]);
        assert_eq!(status, 0);
        let page = &document["pages"][0];
        for key in ["title", "authors", "categories"] {
            assert_eq!(page[key], expected[key], "{file}: {key}");
        }
        let begins =
            |value: &Value, start: &Value| value.as_str().unwrap().starts_with(start.as_str().unwrap());
        assert!(begins(&page["published"], &expected["published"]));
        assert_eq!(page["published_precision"], "day");
        let headings: Vec<&Value> = page["headings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|h| &h["text"])
            .collect();
        assert_eq!(
            headings,
            expected["headings"]
                .as_array()
                .unwrap()
                .iter()
                .collect::<Vec<_>>()
        );
        let text = page["content_text"].as_str().unwrap();
        let paragraphs: Vec<&str> = text.split("\n\n").collect();
        assert!(paragraphs[0].starts_with(expected["first_paragraph_starts"].as_str().unwrap()));
        assert!(
            paragraphs
                .last()
                .unwrap()
                .starts_with(expected["last_paragraph_starts"].as_str().unwrap())
        );
        let comments = expected["comments"].as_array().unwrap();
        assert_eq!(page["comments"].as_array().unwrap().len(), comments.len());
        for (found, wanted) in page["comments"].as_array().unwrap().iter().zip(comments) {
            assert_eq!(found["author"], wanted["author"]);
            assert!(begins(&found["published"], &wanted["published"]));
            assert!(begins(&found["text"], &wanted["text_starts"]));
        }
        for word in expected["body_must_not_contain"].as_array().unwrap() {
            assert!(
                !text
                    .to_lowercase()
                    .contains(&word.as_str().unwrap().to_lowercase()),
                "{file}: {word}"
            );
        }
        assert!(!text.contains(expected["title"].as_str().unwrap()), "{file}");
    }
}

/// Words in fours, each with how often it stands there.
fn shingles(text: &str) -> std::collections::HashMap<Vec<&str>, usize> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let mut counted = std::collections::HashMap::new();
    for four in words.windows(words.len().clamp(1, 4)) {
        *counted.entry(four.to_vec()).or_default() += 1;
    }
    counted
}

#[test]
fn bodies_of_real_pages_are_found() {
    let Some(folder) = corpus("pages") else {
        return;
    };
    let truth: Value =
        serde_json::from_slice(&std::fs::read(folder.join("ground-truth.json")).unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut files: Vec<String> = Vec::new();
    for key in truth.as_object().unwrap().keys() {
        let packed = Command::new("gzip")
            .args(["-dc".into(), folder.join(format!("html/{key}.html.gz"))])
            .output()
            .unwrap();
        std::fs::write(dir.path().join(format!("{key}.html")), packed.stdout).unwrap();
        files.push(format!("{key}.html"));
    }
    let names: Vec<&str> = files.iter().map(String::as_str).collect();
    let (status, document) = extract(dir.path(), "pages", &names);
    assert_eq!(status, 0);
    let (mut precision, mut recall) = (0.0, 0.0);
    let pages = document["pages"].as_array().unwrap();
    for (page, wanted) in pages.iter().zip(truth.as_object().unwrap().values()) {
        let found = shingles(page["content_text"].as_str().unwrap());
        let wanted = shingles(wanted["articleBody"].as_str().unwrap());
        let common: usize = found
            .iter()
            .map(|(four, n)| *n.min(wanted.get(four).unwrap_or(&0)))
            .sum();
        let share = |of: &std::collections::HashMap<_, usize>| {
            common as f64 / of.values().sum::<usize>().max(1) as f64
        };
        precision += share(&found) / pages.len() as f64;
        recall += share(&wanted) / pages.len() as f64;
    }
    let f1 = 2.0 * precision * recall / (precision + recall);
    eprintln!(
        "{} pages: precision {precision:.4}, recall {recall:.4}, F1 {f1:.4}",
        pages.len()
    );
    assert!(f1 >= 0.955, "F1 {f1:.4}");
}
