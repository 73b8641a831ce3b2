//! The documents that others build on: their keys and types, what may stand beside them, and how the
//! commands end.

use crate::site::{NOW, Site};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;
use std::process::Stdio;

/// What a value has to be: `text`, `id`, `number`, `instant`, `list`, `texts`, `object`; with `?` it
/// may be `null`, but must be there all the same.
type Keys = &'static [(&'static str, &'static str)];

const SOURCE: Keys = &[
    ("name", "text"),
    ("read", "number"),
    ("new", "number"),
    ("updated", "number"),
    ("unchanged", "number"),
    ("held", "number"),
    ("removed", "number"),
    ("failed", "number"),
];
const COUNTS: Keys = &[
    ("queued", "number"),
    ("sent", "number"),
    ("deferred", "number"),
    ("failed", "number"),
    ("suppressed", "number"),
    ("unknown", "number"),
    ("in_doubt", "number"),
];
const ARTICLE: Keys = &[
    ("id", "id"),
    ("source", "text"),
    ("path", "text"),
    ("url", "text"),
    ("title", "text"),
    ("authors", "texts"),
    ("categories", "texts"),
    ("published", "instant"),
    ("updated", "instant?"),
    ("summary", "text?"),
    ("state", "text"),
    ("announced", "instant?"),
    ("first_seen", "instant"),
    ("comment_count", "number?"),
];
const EDITION: Keys = &[
    ("id", "id"),
    ("digest", "text"),
    ("cadence", "text"),
    ("number", "number"),
    ("slot", "instant?"),
    ("state", "text"),
    ("starts_at", "instant"),
    ("started_at", "instant?"),
    ("finished_at", "instant?"),
    ("upto", "number"),
    ("variants", "number"),
    ("articles", "list"),
    ("counts", "object"),
    ("hold", "object?"),
];
const DELIVERY: Keys = &[
    ("id", "id"),
    ("kind", "text"),
    ("edition", "id?"),
    ("subscriber", "id?"),
    ("address", "text?"),
    ("state", "text"),
    ("attempts", "number"),
    ("message_id", "text"),
    ("code", "number?"),
    ("reply", "text?"),
    ("next_try", "instant?"),
    ("sent_at", "instant?"),
    ("relay", "text?"),
];
const SUBSCRIBER: Keys = &[
    ("id", "id"),
    ("address", "text?"),
    ("name", "text?"),
    ("address_state", "text"),
    ("subscriptions", "list"),
    ("created", "instant"),
];
const PING: Keys = &[
    ("id", "id"),
    ("kind", "text"),
    ("endpoint", "text"),
    ("subjects", "texts"),
    ("change", "text"),
    ("state", "text"),
    ("attempts", "number"),
    ("status", "number?"),
    ("answer", "text?"),
    ("next_try", "instant?"),
    ("created", "instant"),
    ("finished", "instant?"),
];
const PAGE: Keys = &[
    ("file", "text"),
    ("url", "text?"),
    ("guid", "text?"),
    ("title", "text?"),
    ("published", "instant?"),
    ("published_precision", "text?"),
    ("updated", "instant?"),
    ("authors", "texts"),
    ("categories", "texts"),
    ("language", "text?"),
    ("summary", "text?"),
    ("image", "object?"),
    ("content_html", "text"),
    ("content_text", "text"),
    ("headings", "list"),
    ("comments", "list"),
    ("comment_count", "number?"),
];
const PROBLEM: Keys = &[
    ("severity", "text"),
    ("code", "text"),
    ("file", "text?"),
    ("line", "number?"),
    ("key", "text?"),
    ("message", "text"),
    ("hint", "text?"),
];

/// A site that has said something to everybody: pages with comments, a Maildir, pings to a folder.
fn told() -> (Site, Value) {
    let site = Site::new()
        .with("[pings.hub]\nkind = \"websub\"\nendpoint = \"file:outbox/pings\"")
        .with("[pings.blogs]\nkind = \"xmlrpc\"\nendpoint = \"file:outbox/pings\"");
    site.write(
        "articles/third.md",
        "---\ntitle: Third tide\ndate: 2026-11-22 08:30\nauthor: Ann Lee\ncategories: [Sea, Coast]\n\
         comments:\n- {author: Bo, date: 2026-11-22 09:00, text: Fine}\n---\n\nText.\n\n## Part\n\nMore text.\n",
    );
    site.readers("email,name\nann@example.com,Ann\nbo@example.com,Bo\ncy@example.com,\n");
    let report = site.publish(&["--now", "weekly"]);
    (site, report)
}

fn is_instant(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        text.ends_with('Z')
            && chrono::DateTime::parse_from_rfc3339(text).is_ok()
            && text.len() == "2026-11-23T06:00:00Z".len()
    })
}

fn has(object: &Value, keys: Keys, of: &str) {
    for (key, kind) in keys {
        let Some(value) = object.get(key) else {
            panic!("{of} has no key {key}: {object:#}");
        };
        if kind.ends_with('?') && value.is_null() {
            continue;
        }
        let good = match kind.trim_end_matches('?') {
            "text" | "id" => value.is_string(),
            "number" => value.is_u64(),
            "instant" => is_instant(value),
            "list" => value.is_array(),
            "texts" => value
                .as_array()
                .is_some_and(|list| list.iter().all(Value::is_string)),
            "object" => value.is_object(),
            other => panic!("no such kind: {other}"),
        };
        assert!(good, "{of}: {key} is no {kind}: {value}");
    }
}

/// A document whose list holds something, each entry with the keys.
fn each<'v>(document: &'v Value, list: &str, keys: Keys) -> &'v Vec<Value> {
    assert_eq!(document["schema"], 1, "{list}");
    let entries = document[list]
        .as_array()
        .unwrap_or_else(|| panic!("no list {list}: {document:#}"));
    assert!(!entries.is_empty(), "nothing in {list}");
    for entry in entries {
        has(entry, keys, list);
    }
    entries
}

#[test]
fn the_report_of_a_pass() {
    let (site, report) = told();
    each(&report, "sources", SOURCE);
    has(
        &report["feeds"],
        &[("written", "texts"), ("unchanged", "number")],
        "feeds",
    );
    let edition: Keys = &[
        ("id", "id"),
        ("digest", "text"),
        ("cadence", "text"),
        ("slot", "instant?"),
        ("articles", "texts"),
        ("recipients", "number"),
    ];
    assert_eq!(each(&report, "editions", edition)[0]["recipients"], 3);
    has(&report["deliveries"], COUNTS, "deliveries");
    assert_eq!(report["deliveries"]["sent"], 3);
    let ping: Keys = &[("endpoint", "text"), ("state", "text"), ("answer", "text?")];
    each(&report, "pings", ping);
    has(
        &report,
        &[
            ("planned", "list"),
            ("skipped", "list"),
            ("look_at", "texts"),
            ("errors", "list"),
        ],
        "the report",
    );
    // What goes wrong stands in the report, and not beside it.
    site.write("articles/bad.md", "---\ntitle: [\n---\n");
    let run = site.try_publish(&[]);
    assert_eq!(run.status, 1, "{run:?}");
    each(&run.json(), "errors", PROBLEM);
}

#[test]
fn documents_of_articles() {
    let (site, _) = told();
    let list = site.ask(&["articles", "list"]);
    let articles = each(&list, "articles", ARTICLE);
    let third = articles.iter().find(|a| a["path"] == "third.md").unwrap();
    let told = site.ask(&["articles", "explain", third["id"].as_str().unwrap()]);
    assert_eq!(told["schema"], 1);
    has(&told, ARTICLE, "explain");
    let more: Keys = &[
        ("content_html", "text"),
        ("content_text", "text"),
        ("feeds", "texts"),
        ("pings", "list"),
    ];
    has(&told, more, "explain");
    each(
        &told,
        "comments",
        &[("author", "text"), ("published", "instant?"), ("text", "text")],
    );
    each(&told, "editions", &[("id", "id"), ("deliveries", "number")]);
    each(
        &told,
        "journey",
        &[("at", "instant"), ("event", "text"), ("why", "text")],
    );

    let one = site.ask(&["articles", "extract", "articles/third.md", "--kind", "markdown"]);
    let page = &each(&one, "pages", PAGE)[0];
    assert_eq!(page["headings"][0]["level"], 2);
    assert_eq!(page["comment_count"], 1);
    // A page per file in order, also where there is nothing.
    let files = ["articles", "extract", "none.md", "articles/third.md"];
    let run = site.run(&[&files[..], &["--kind", "markdown", "--json"]].concat());
    assert_eq!(run.status, 1, "{run:?}");
    assert_eq!(each(&run.json(), "pages", PAGE).len(), 2);
}

#[test]
fn documents_of_mail_and_pings() {
    let (site, _) = told();
    let slots: Keys = &[
        ("digest", "text"),
        ("cadence", "text"),
        ("local", "text"),
        ("utc", "instant"),
        ("articles", "number"),
        ("recipients", "number"),
    ];
    let next = site.ask(&["digests", "next", "weekly", "--from", NOW, "--count", "3"]);
    assert_eq!(each(&next, "slots", slots).len(), 3);
    let list = site.ask(&["editions", "list"]);
    let edition = &each(&list, "editions", EDITION)[0];
    has(&edition["counts"], COUNTS, "counts");
    has(
        &edition["articles"][0],
        &[("id", "id"), ("title", "text"), ("url", "text")],
        "articles",
    );
    let shown = site.ask(&["editions", "show", edition["id"].as_str().unwrap()]);
    assert_eq!(shown["editions"][0]["id"], edition["id"]);
    each(&site.ask(&["deliveries", "list"]), "deliveries", DELIVERY);
    let readers = site.ask(&["subscribers", "list"]);
    let subscription: Keys = &[
        ("digest", "text"),
        ("standing", "text"),
        ("cadence", "text"),
        ("cursor", "number"),
    ];
    for reader in each(&readers, "subscribers", SUBSCRIBER) {
        each_of(&reader["subscriptions"], subscription);
    }
    each(&site.ask(&["pings", "list"]), "pings", PING);
    let site = site.replacing("title = \"Test Tides\"", "titel = \"Test Tides\"");
    let run = site.run(&["check", "--json"]);
    assert_eq!(run.status, 2, "{run:?}");
    each(&run.json(), "problems", PROBLEM);
}

fn each_of(list: &Value, keys: Keys) {
    let list = list.as_array().unwrap();
    assert!(!list.is_empty());
    list.iter().for_each(|entry| has(entry, keys, "entry"));
}

#[test]
fn lists_are_paged() {
    let (site, _) = told();
    for list in ["articles", "editions", "deliveries", "subscribers", "pings"] {
        let ids = |more: &[&str]| -> Vec<String> {
            let document = site.ask(&[&[list, "list"], more].concat());
            let entries = document[list].as_array().unwrap();
            entries
                .iter()
                .map(|entry| entry["id"].as_str().unwrap().to_owned())
                .collect()
        };
        let all = ids(&[]);
        let distinct: BTreeSet<&String> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "{list}");
        let mut paged = ids(&["--limit", "1"]);
        while let Some(last) = paged.last().cloned() {
            let page = ids(&["--limit", "1", "--after", &last]);
            if page.is_empty() {
                break;
            }
            assert!(paged.len() < all.len(), "{list} never ends");
            paged.extend(page);
        }
        assert_eq!(paged, all, "{list}");
    }
}

#[test]
fn global_flags_go_before_and_after_the_command() {
    let (site, _) = told();
    for command in [["articles", "list"], ["editions", "list"], ["digests", "next"]] {
        let before = site.run(&[&["--json", "-q"], &command[..]].concat());
        let after = site.run(&[&command[..], &["--json", "-v", "--config", "config.toml"]].concat());
        assert_eq!((before.status, after.status), (0, 0), "{before:?} {after:?}");
        assert_eq!(before.json(), after.json());
    }
    // What is no command line at all has no document; what cannot be done says so in one.
    for wrong in [&["publish", "--at", "yesterday"][..], &["nonsense"]] {
        let run = site.run(&[wrong, &["--json"]].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{wrong:?}: {run:?}");
        assert!(!run.stderr.is_empty(), "{wrong:?}");
    }
    for wrong in [
        &["publish", "--now", "none"][..],
        &["--config", "none.toml", "publish"],
        &["articles", "explain", "none"],
        &["editions", "show", "none"],
        &["subscribers", "show", "none"],
    ] {
        let run = site.run(&[wrong, &["--json"]].concat());
        assert_eq!(run.status, 2, "{wrong:?}: {run:?}");
        each(&run.json(), "errors", PROBLEM);
        assert!(!run.stderr.is_empty(), "{wrong:?}");
    }
}

/// As `head` does: reads a little, and goes away.
#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let site = Site::empty();
    let text = "word ".repeat(200_000);
    site.write("articles/long.md", format!("---\ntitle: Long\n---\n\n{text}\n"));
    let extract = [
        "articles",
        "extract",
        "articles/long.md",
        "--kind",
        "markdown",
        "-q",
    ];
    for more in [&[][..], &["--json"]] {
        let mut child = site
            .command(&[&extract[..], more].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!((ended.status.code(), said.as_str()), (Some(0), ""), "{more:?}");
    }
}
