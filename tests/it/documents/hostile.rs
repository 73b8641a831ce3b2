//! Articles that mean harm go the whole way: read by their sources, cleaned, stored, published.

use super::judges::Judges;
use super::shown::{self, Shown};
use super::strangers::{CONFIG, Stranger, stranger};
use crate::site::Site;
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::json;

/// So late that no date but the last lies ahead.
const LATE: &str = "2200-01-01T00:00:00Z";

/// Publishes what lies there, and looks at every document. What a source refuses it names; it never
/// keeps the rest.
fn published(site: &Site) -> Vec<Shown> {
    let run = site.run(&["--json", "publish", "--at", LATE]);
    assert!(run.status <= 1 && !run.stderr.contains("panicked"), "{run:?}");
    let codes = run.codes();
    let ours = ["feed-unrenderable", "feeds-unwritable"];
    assert!(!codes.iter().any(|code| ours.contains(&code.as_str())), "{run:?}");
    let root = site.path("feeds");
    if let Some(judges) = Judges::found() {
        judges.look_at(&root);
    }
    shown::parsed(&std::fs::read_to_string(root.join("feeds.opml")).unwrap());
    let folders = shown::folders(&root).into_iter();
    let others = folders.filter(|folder| *folder != root);
    others.for_each(|folder| drop(shown::folder(&folder)));
    shown::folder(&root)
}

fn site() -> Site {
    let site = Site::bare(CONFIG);
    for folder in ["articles", "pages", "texts", "streams"] {
        std::fs::create_dir_all(site.path(folder)).unwrap();
    }
    site.article("good.md", "A good one", "2026-11-20", "All is well.");
    site
}

fn publish_all(strangers: &[Stranger]) -> Vec<Shown> {
    let site = site();
    for (n, stranger) in strangers.iter().enumerate() {
        stranger.write(&site, n);
    }
    published(&site)
}

proptest! {
    #![proptest_config(Config { cases: 16, max_shrink_iters: 60, ..Config::default() })]

    #[test]
    fn whatever_a_source_brings_every_document_is_right(strangers in prop::collection::vec(stranger(), 40)) {
        let shown = publish_all(&strangers);
        prop_assert!(shown.iter().any(|shown| shown.title == "A good one"));
        prop_assert!(shown.len() > 10, "only {} of 41 came through", shown.len());
    }
}

#[test]
fn titles_are_shown_as_they_were_written() {
    let titles = [
        ("AT&T", "AT&T"),
        ("AT&amp;T", "AT&amp;T"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("&lt;script&gt;", "&lt;script&gt;"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a < b && c > d", "a < b && c > d"),
        ("]]> <![CDATA[x]]>", "]]> <![CDATA[x]]>"),
        ("<!-- x --> <!DOCTYPE y>", "<!-- x --> <!DOCTYPE y>"),
        (
            "\u{1F6A2} \u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}",
            "\u{1F6A2} \u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}",
        ),
        ("e\u{301} and \u{E9}", "e\u{301} and \u{E9}"),
        ("\u{5E9}\u{5DC}\u{5D5}\u{5DD} 1", "\u{5E9}\u{5DC}\u{5D5}\u{5DD} 1"),
        ("a\u{202E}gpj.exe", "a\u{202E}gpj.exe\u{202C}"),
        ("two\nlines\tand\u{2028}more", "two lines and more"),
        ("nul\u{0} bell\u{7} back\u{8} next", "nul bell back next"),
        ("{{ page }} {% x %} $a$ *b*", "{{ page }} {% x %} $a$ *b*"),
    ];
    let site = site();
    for (n, (written, _)) in titles.iter().enumerate() {
        let head = json!({"title": written, "date": format!("2026-10-{:02}", n + 1)});
        site.write(&format!("articles/t{n}.md"), format!("{head}\n\nText.\n"));
    }
    let shown = published(&site);
    let mut seen: Vec<&str> = shown.iter().map(|shown| shown.title.as_str()).collect();
    assert_eq!(seen.remove(0), "A good one");
    let wanted: Vec<&str> = titles.iter().rev().map(|(_, shown)| *shown).collect();
    assert_eq!(seen, wanted);
}

#[test]
fn dates_long_past_and_far_ahead_are_dates() {
    let site = site();
    let dates = [
        "1900-01-01",
        "1901-02-03",
        "1969-12-31T23:59:59Z",
        "2101-01-02",
        "2199-12-31T23:59:59Z",
    ];
    for (n, date) in dates.iter().enumerate() {
        site.article(&format!("d{n}.md"), date, date, "Text.");
    }
    site.article("ahead.md", "Still ahead", "2200-01-02", "Text.");
    site.write("articles/none.md", "---\ntitle: Undated\n---\n\nText.\n");
    let shown = published(&site);
    let seen: Vec<&str> = shown.iter().map(|shown| shown.title.as_str()).collect();
    let newest_first = [
        "Undated",
        dates[4],
        dates[3],
        "A good one",
        dates[2],
        dates[1],
        dates[0],
    ];
    assert_eq!(seen, newest_first);
}

#[test]
fn slugs_that_are_the_same_are_named_and_others_find_a_place() {
    let site = site();
    for (n, slug) in [
        "same",
        "same",
        "\u{5E9}\u{5DC}\u{5D5}\u{5DD}",
        "../../up",
        "a b&c<d>",
    ]
    .iter()
    .enumerate()
    {
        let head = json!({"title": slug, "date": "2026-10-01", "slug": slug, "category": slug});
        site.write(&format!("articles/s{n}.md"), format!("{head}\n\nText.\n"));
    }
    let run = site.run(&["--json", "publish", "--at", LATE]);
    assert!(run.codes().contains(&"same-url".to_owned()), "{run:?}");
    let shown = published(&site);
    assert!(
        shown
            .iter()
            .any(|shown| shown.title == "\u{5E9}\u{5DC}\u{5D5}\u{5DD}")
    );
    let folders = shown::folders(&site.path("feeds"));
    assert!(
        folders
            .iter()
            .all(|folder| folder.starts_with(site.path("feeds")))
    );
    assert!(folders.contains(&site.path("feeds/category/\u{5E9}\u{5DC}\u{5D5}\u{5DD}")));
}

#[test]
fn bodies_of_five_megabytes_are_whole_or_named() {
    let site = site().replacing("items = 10000", "by_author = false");
    let sentence = "All quiet at the ferry. ]]> 1 < 2 & 3. \u{1F6A2} ";
    for (name, piece) in [
        ("prose", format!("{}\n\n", sentence.repeat(100))),
        ("word", "x".to_owned()),
        ("deep", "<div><b>".to_owned()),
        (
            "scripts",
            format!("<p><script>alert(1)</script>{}</p>\n", "x".repeat(5_000)),
        ),
    ] {
        let big = piece.repeat(5_000_000 / piece.len());
        site.article(&format!("{name}.md"), name, "2026-10-01", &big);
    }
    let shown = published(&site);
    let length = |name: &str| {
        let found = shown.iter().find(|shown| shown.title == name);
        found.map(|shown| shown.html.as_ref().map_or(0, String::len))
    };
    assert!(length("prose") > Some(5_000_000));
    assert!(length("word") >= Some(5_000_000));
    assert_eq!(length("deep"), None, "refused by name");
    assert!(length("scripts") > Some(4_500_000) && length("scripts") < Some(5_000_000));
}
