//! Small sites of five generators: what of each becomes an article, and how.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use tidings::articles::Article;
use tidings::clock::rfc3339;
use tidings::config::{Origin, Site, Source, SourceKind};
use tidings::sources::{self, Scan};
use uuid::Uuid;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/generators")
}

/// Reads a folder as a source of a site at `https://example.org/`.
pub(crate) fn read(folder: &Path, url_template: Option<&str>) -> Scan {
    let source = Source {
        name: "posts".to_owned(),
        kind: SourceKind::Markdown,
        origin: Origin::Path(folder.to_owned()),
        key: None,
        url_template: url_template.map(str::to_owned),
        include: Vec::new(),
        exclude: Vec::new(),
        every: std::time::Duration::from_secs(900),
    };
    let site = Site {
        id: None,
        title: "Marsh".to_owned(),
        url: url::Url::parse("https://example.org/").unwrap(),
        description: String::new(),
        language: "en".to_owned(),
        timezone: chrono_tz::Tz::UTC,
        author: None,
        postal_address: None,
        logo: None,
    };
    sources::read(&source, &site, Uuid::nil(), &sources::Past::default())
}

/// All that a reading gave, for people to read.
fn shown(scan: &Scan) -> String {
    let mut text = String::new();
    for article in &scan.articles {
        write_article(&mut text, article);
    }
    for failed in &scan.failed {
        writeln!(text, "failed {}: {}", failed.path, failed.problem.message).unwrap();
    }
    for warning in &scan.warnings {
        let file = warning.file.as_deref().unwrap_or_default();
        let file = file.rsplit("/generators/").next().unwrap_or(file);
        let line = warning.line.map_or(String::new(), |line| format!(":{line}"));
        writeln!(text, "{} {file}{line}: {}", warning.code, warning.message).unwrap();
    }
    text
}

fn write_article(text: &mut String, article: &Article) {
    let published = article
        .published
        .map_or("no date".to_owned(), |published| rfc3339(published.at));
    let names: Vec<&str> = article
        .authors
        .iter()
        .map(|author| author.name.as_str())
        .collect();
    writeln!(
        text,
        "## {}{}",
        article.path,
        if article.draft { " (draft)" } else { "" }
    )
    .unwrap();
    writeln!(text, "{} | {}", article.title, article.url).unwrap();
    write!(text, "{published}").unwrap();
    for (label, at) in [("updated", article.updated), ("until", article.expires)] {
        if let Some(at) = at {
            write!(text, ", {label} {}", rfc3339(at)).unwrap();
        }
    }
    writeln!(
        text,
        " | by {} | in {}",
        names.join(", "),
        article.categories.join(", ")
    )
    .unwrap();
    writeln!(text, "> {}", article.summary).unwrap();
    if let Some(image) = &article.image {
        writeln!(
            text,
            "image {} {:?} {:?} bytes",
            image.url, image.alt, image.length
        )
        .unwrap();
    }
    writeln!(text, "{}\n", article.content_html.trim()).unwrap();
}

fn public(scan: &Scan) -> Vec<&str> {
    let shown = scan.articles.iter().filter(|article| !article.draft);
    shown.map(|article| article.path.as_str()).collect()
}

fn length(path: &str) -> u64 {
    std::fs::metadata(fixtures().join(path)).unwrap().len()
}

fn image<'a>(scan: &'a Scan, path: &str) -> (&'a str, Option<u64>) {
    let article = scan.articles.iter().find(|article| article.path == path).unwrap();
    let image = article.image.as_ref().unwrap();
    (&image.url, image.length)
}

/// Nothing of any generator's language is in what readers see.
fn nothing_raw(scan: &Scan) {
    for article in scan.articles.iter() {
        let code_apart = article
            .content_html
            .replace("<code>", "\u{0}<")
            .replace("<pre>", "\u{0}<");
        let prose: String = code_apart
            .split('\u{0}')
            .map(|part| part.split("</code>").last().unwrap())
            .collect();
        for raw in [
            "{{<",
            "{{%",
            "{% ",
            "{:",
            "import {",
            "<Image",
            "{answer",
            "page.date",
        ] {
            assert!(!prose.contains(raw), "{}: {raw}: {prose}", article.path);
        }
    }
}

#[test]
fn hugo() {
    let scan = read(
        &fixtures().join("hugo/content/posts"),
        Some("https://example.org/posts/{slug}/"),
    );
    insta::assert_snapshot!("generator-hugo", shown(&scan));
    nothing_raw(&scan);
    assert_eq!(
        public(&scan),
        [
            "ferry/index.md",
            "heron.md",
            "json-head.md",
            "later.md",
            "toml-head.md"
        ]
    );
    assert_eq!(
        image(&scan, "ferry/index.md"),
        (
            "https://example.org/posts/ferry/deck.png",
            Some(length("hugo/content/posts/ferry/deck.png"))
        )
    );
    assert_eq!(
        image(&scan, "heron.md"),
        (
            "https://example.org/img/heron.png",
            Some(length("hugo/static/img/heron.png"))
        )
    );
}

#[test]
fn jekyll() {
    let scan = read(
        &fixtures().join("jekyll"),
        Some("https://example.org/{year}/{month}/{day}/{slug}.html"),
    );
    insta::assert_snapshot!("generator-jekyll", shown(&scan));
    nothing_raw(&scan);
    assert_eq!(
        image(&scan, "_posts/2026-03-01-welcome-to-the-quay.md"),
        (
            "https://example.org/assets/quay.png",
            Some(length("jekyll/assets/quay.png"))
        )
    );
    // The same from its folder of posts alone: pictures lie beside that.
    let posts = read(&fixtures().join("jekyll/_posts"), None);
    assert_eq!(
        image(&posts, "2026-03-01-welcome-to-the-quay.md").1,
        Some(length("jekyll/assets/quay.png"))
    );
}

#[test]
fn zola() {
    let scan = read(
        &fixtures().join("zola/content/blog"),
        Some("https://example.org/blog/{slug}/"),
    );
    insta::assert_snapshot!("generator-zola", shown(&scan));
    nothing_raw(&scan);
    assert_eq!(
        image(&scan, "net/index.md"),
        (
            "https://example.org/blog/a-net/knots.png",
            Some(length("zola/content/blog/net/knots.png"))
        )
    );
    assert_eq!(
        image(&scan, "2026-03-01_eels.md").1,
        Some(length("zola/static/eel.png"))
    );
}

#[test]
fn astro() {
    let scan = read(
        &fixtures().join("astro/src/content/blog"),
        Some("https://example.org/blog/{slug}/"),
    );
    insta::assert_snapshot!("generator-astro", shown(&scan));
    nothing_raw(&scan);
    assert_eq!(
        image(&scan, "first-post.md").1,
        Some(length("astro/public/blog-placeholder-3.png"))
    );
}

#[test]
fn eleventy() {
    let scan = read(&fixtures().join("eleventy"), Some("https://example.org/{path}/"));
    insta::assert_snapshot!("generator-eleventy", shown(&scan));
    nothing_raw(&scan);
}

#[cfg(unix)]
#[test]
fn links_in_circles_come_to_an_end() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("good.md", "---\ntitle: Good\ndate: 2026-01-01\n---\nText.\n");
    std::fs::create_dir(dir.path().join("deep")).unwrap();
    symlink("..", dir.path().join("deep/up")).unwrap();
    symlink("b.md", dir.path().join("a.md")).unwrap();
    symlink("a.md", dir.path().join("b.md")).unwrap();
    symlink("self.md", dir.path().join("self.md")).unwrap();
    let scan = read(dir.path(), None);
    assert_eq!(public(&scan), ["good.md"]);
    let failed: Vec<(&str, &str)> = scan
        .failed
        .iter()
        .map(|failed| (failed.path.as_str(), failed.problem.code))
        .collect();
    let circles = ["a.md", "b.md", "self.md"].map(|name| (name, "unreadable-file"));
    assert_eq!(failed, circles);
}

/// Writes files and reads them: the articles, and which of them are drafts.
fn drafts_of(files: &[(&str, &str)]) -> Vec<(String, bool)> {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let articles = read(dir.path(), None).articles.into_iter();
    articles.map(|article| (article.path, article.draft)).collect()
}

const PIECE: &str = "---\ntitle: A\ndate: 2026-01-23\n---\nx";

#[test]
fn what_hides_a_folder_hides_all_in_it() {
    for (file, text, path, draft) in [
        ("a/_index.md", "---\ndraft: true\n---\n", "a/b/c.md", true),
        ("_index.md", "+++\ndraft = true\n+++\n", "a/b/c.md", true),
        ("a/_index.md", "---\ntitle: A\n---\n", "a/b/c.md", false),
        ("a/_index.md", "---\ntitle: [\n---\n", "a/c.md", true),
        (
            "a/_index.md",
            "---\ncascade: {draft: true}\n---\n",
            "a/c.md",
            true,
        ),
        (
            "a/_index.md",
            "---\ncascade: {draft: true}\n---\n",
            "b/c.md",
            false,
        ),
        (
            "_index.md",
            "+++\n[[cascade]]\n[cascade._build]\nlist = \"never\"\n+++\n",
            "a/c.md",
            true,
        ),
        (
            "_index.md",
            "+++\n[cascade.build]\nrender = \"never\"\n+++\n",
            "a/c.md",
            true,
        ),
        (
            "_index.md",
            "---\ncascade: [{draft: true, target: {path: '/a/**'}}]\n---\n",
            "a/c.md",
            true,
        ),
        (
            "_index.md",
            "---\ncascade: [{draft: true, target: {path: '/a/**'}}]\n---\n",
            "b/c.md",
            false,
        ),
        ("a/a.json", "{\"permalink\": false}", "a/b/c.md", true),
        ("a/a.11tydata.json", "{\"draft\": true}", "a/c.md", true),
        (
            "a/c.11tydata.json",
            "{\"eleventyExcludeFromCollections\": true}",
            "a/c.md",
            true,
        ),
        ("a/d.11tydata.json", "{\"draft\": true}", "a/c.md", false),
        ("x.txt", "", "_a/c.mdx", true),
        ("x.txt", "", "a/_posts/c.md", false),
        ("_config.yml", "", "_boats/c.md", false),
    ] {
        let found = drafts_of(&[(file, text), (path, PIECE)]);
        assert_eq!(found, [(path.to_owned(), draft)], "{file}: {text}");
    }
    let own = "---\ntitle: A\ndraft: false\ndate: 2026-01-23\n---\nx";
    let cascade = ("a/_index.md", "---\ncascade: {draft: true}\n---\n");
    assert_eq!(
        drafts_of(&[cascade, ("a/c.md", own)]),
        [("a/c.md".to_owned(), false)]
    );
}

#[test]
fn what_lies_in_a_bundle_is_no_article() {
    let bundle = [("a/index.md", PIECE), ("a/b.md", PIECE), ("a/c/index.md", PIECE)];
    let hugo = [&bundle[..], &[("hugo.toml", "")]].concat();
    assert_eq!(drafts_of(&hugo), [("a/index.md".to_owned(), false)]);
    assert_eq!(drafts_of(&bundle).len(), 3);
}
