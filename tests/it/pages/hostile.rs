//! Pages that mean no good: each ends soon, as an article or with what is wrong with it by name.

use super::{PROSE, page, read, text};
use std::time::{Duration, Instant};

/// In a build that checks everything, on a busy machine: a page that a parser takes with the square of
/// its length takes minutes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The code of the problem of a page; empty where it is an article.
fn outcome(what: &str, html: &[u8]) -> &'static str {
    let start = Instant::now();
    let code = read(html).map_or_else(
        |problem| {
            assert!(problem.hint.is_some() && problem.file.is_some(), "{what}");
            problem.code
        },
        |_| "",
    );
    let took = start.elapsed();
    eprintln!("{what}: {code} {took:.1?}");
    assert!(took < PATIENCE, "{what} took {took:?}");
    code
}

fn numbered(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}

#[test]
fn what_no_parser_takes_is_refused_by_name() {
    for (what, html, code) in [
        ("nested", "<div>".repeat(10_000), "too-deep"),
        (
            "formatting",
            numbered(2_000, |n| format!("<p><b id={n}><i id={n}>")),
            "too-deep",
        ),
        ("tables", "<table><tr><td>".repeat(1_000), "too-deep"),
        (
            "attributes",
            format!("<p{}>", numbered(100_000, |n| format!(" a{n}=b"))),
            "too-complex",
        ),
        (
            "one attribute again",
            format!("<p{}>", " a".repeat(100_000)),
            "too-complex",
        ),
        ("breaks", "<br>".repeat(1_000_000), "too-complex"),
        ("end tags", "</p>".repeat(1_000_000), "too-complex"),
        ("comments", "<!---->".repeat(1_000_000), "too-complex"),
        (
            "heavy",
            format!("{}{}", "<div>".repeat(450), "word ".repeat(1_000_000)),
            "too-complex",
        ),
        ("large", " ".repeat(50 << 20), "too-large"),
    ] {
        assert_eq!(outcome(what, html.as_bytes()), code, "{what}");
    }
}

#[test]
fn what_is_strange_is_read_in_time() {
    let cells = |rows: usize, columns: usize| {
        format!(
            "<table>{}</table>",
            format!("<tr>{}", "<td>x".repeat(columns)).repeat(rows)
        )
    };
    for (what, body) in [
        ("entities", "&amp;&lt;&#x41;&nosuch;".repeat(5_000)),
        ("nulls", format!("{PROSE}{}", "\0".repeat(100_000))),
        (
            "unclosed comment",
            format!("{PROSE}<!-- {}", "<p>x".repeat(50_000)),
        ),
        (
            "unclosed script",
            format!("{PROSE}<script>{}", "<p>x".repeat(50_000)),
        ),
        (
            "unclosed attribute",
            format!("{PROSE}<p title=\"{}", "<p>x".repeat(50_000)),
        ),
        ("long table", cells(4_000, 5)),
        ("wide table", cells(5, 4_000)),
        ("no cells", format!("<table>{}", "<b>x</b><p>y</p>".repeat(5_000))),
        ("misnested", "<b><p>x</b>y</p>".repeat(5_000)),
        ("links", "<a href=/x>word </a>".repeat(10_000)),
        ("labels", "<p>Category:</p><p>x</p>".repeat(5_000)),
        (
            "footers",
            "<p>Related articles</p><p>A sentence that is long enough to be prose, all in all.</p>"
                .repeat(4_000),
        ),
        (
            "comments",
            "<div class=comment><p>Ann</p><time datetime=2026-01-01>x</time><p>Fine words here.</p></div>"
                .repeat(2_000),
        ),
        (
            "named",
            "<div class=related id=comments><ul class=share><li>x</ul></div>".repeat(4_000),
        ),
        (
            "places",
            "<article class=post><div class=entry-content><p>x</p>".repeat(150),
        ),
        (
            "bodies",
            "<div class=post-content itemprop=articleBody>x</div>".repeat(10_000),
        ),
        ("tags", "<a href=/tags/x>x</a> ".repeat(20_000)),
        (
            "edits",
            format!("<p>{}</p>", "<a rel=edit href=/tags/x>x</a> ".repeat(20_000)),
        ),
        ("headings", "<h1>The same</h1><h2>Comments</h2>".repeat(5_000)),
        ("one line", "word ".repeat(500_000)),
        ("one word", "w".repeat(2_000_000)),
        (
            "frames",
            "<iframe src=https://www.youtube.com/embed/x></iframe>".repeat(5_000),
        ),
    ] {
        let html = page(
            "<title>Strange</title>",
            &format!("<h1>Strange</h1>{PROSE}{body}"),
        );
        assert_eq!(outcome(what, html.as_bytes()), "", "{what}");
    }
}

#[test]
fn metadata_without_end_is_read_in_time() {
    for (what, head) in [
        ("metas", "<meta property=article:tag content=x>".repeat(20_000)),
        (
            "graph",
            format!(
                "<script type=application/ld+json>{{\"@graph\":[{}{{}}]}}</script>",
                "{\"@type\":\"Article\",\"author\":{\"@id\":\"#a\"}},".repeat(10_000)
            ),
        ),
        (
            "scripts",
            "<script type=application/ld+json>{\"@type\":\"Article\"</script>".repeat(10_000),
        ),
        (
            "selectors",
            format!(
                "<script type=application/ld+json>{{\"@type\":\"Article\",\"isAccessibleForFree\":false,\"hasPart\":[{}{{}}]}}</script>",
                "{\"isAccessibleForFree\":false,\"cssSelector\":\"div:has(p) :not(a:has(b)) > *\"},"
                    .repeat(5_000)
            ),
        ),
        (
            "authors",
            format!("<meta name=author content=\"{}\">", "Ann Lee, ".repeat(100_000)),
        ),
        ("title", format!("<title>{}</title>", "word - ".repeat(300_000))),
    ] {
        let html = page(&head, &format!("<h1>Strange</h1>{PROSE}"));
        assert_eq!(outcome(what, html.as_bytes()), "", "{what}");
    }
}

#[test]
fn lying_encodings() {
    let wide = |html: &str| -> Vec<u8> { html.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let html = "<html><head><meta charset=\"utf-8\"><title>Größe</title></head><body><h1>Größe</h1>";
    let html = format!("{html}{PROSE}<p>Und das Café am Ufer hat für alle geöffnet, die später kommen.</p>");
    let (latin, ..) = encoding_rs::WINDOWS_1252.encode(&html);
    for (what, bytes) in [
        ("as it says", html.as_bytes().to_vec()),
        ("windows-1252 said to be UTF-8", latin.to_vec()),
        ("UTF-16 without a mark", wide(&html)),
        (
            "UTF-8 said to be latin",
            html.replace("utf-8", "iso-8859-1").into_bytes(),
        ),
        (
            "a mark before a lie",
            [b"\xEF\xBB\xBF", html.replace("utf-8", "windows-1251").as_bytes()].concat(),
        ),
    ] {
        let (article, _) = read(&bytes).unwrap();
        assert_eq!(article.title, "Größe", "{what}");
        assert!(
            text(&article).ends_with("Und das Café am Ufer hat für alle geöffnet, die später kommen."),
            "{what}"
        );
    }
}

/// What one page says is not heard in another, whichever order they come in.
#[test]
fn no_page_says_anothers_words() {
    let html = |n: usize| {
        page(
            &format!(
                "<title>Title {n}</title><meta name=author content=\"Ann Lee{}\">",
                "x".repeat(n)
            ),
            &format!(
                "<h1>Title {n}</h1><p>Word{n} stands here alone.</p>{}<p>Last{n} of all words.</p>",
                PROSE.replace("ferry", &format!("ferry{n}"))
            ),
        )
    };
    let read_all = |order: &mut dyn Iterator<Item = usize>| -> Vec<_> {
        order.map(|n| (n, read(html(n).as_bytes()).unwrap().0)).collect()
    };
    let forward = read_all(&mut (0..6));
    let mut backward = read_all(&mut (0..6).rev());
    backward.reverse();
    assert_eq!(forward, backward);
    for (n, article) in &forward {
        for other in (0..6).filter(|other| other != n) {
            for word in ["Word", "Last", "ferry"] {
                assert!(
                    !article.content_html.contains(&format!("{word}{other} ")),
                    "{n} has {word}{other}"
                );
            }
        }
    }
}
