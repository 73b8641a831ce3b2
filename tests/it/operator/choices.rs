//! Articles that the operator takes into a planned edition, or leaves out of it.

use crate::site::Site;
use serde_json::Value;

const SLOT: &str = "2026-11-23T07:00:00Z";
const NEXT_SLOT: &str = "2026-11-30T07:00:00Z";
const EDITION: &str = "weekly/2026-11-23T07:00Z";

/// A site with an edition of two articles that starts in an hour.
fn planned() -> Site {
    let site = Site::new().with("grace = \"12h\"");
    site.publish(&[]);
    site
}

fn id(site: &Site, title: &str) -> String {
    let list = site.ask(&["articles", "list"]);
    let found = list["articles"]
        .as_array()
        .unwrap()
        .iter()
        .find(|article| article["title"] == title);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

/// The titles of an edition's articles.
fn titles(site: &Site, edition: &str) -> Vec<String> {
    let shown = site.ask(&["editions", "show", edition]);
    let articles = shown["editions"][0]["articles"].as_array().unwrap();
    let title = |article: &Value| article["title"].as_str().unwrap().to_owned();
    articles.iter().map(title).collect()
}

fn refused(site: &Site, arguments: &[&str]) -> String {
    let run = site.run(&[&["--json"], arguments].concat());
    assert_eq!(run.status, 2, "{run:?}");
    run.codes().remove(0)
}

#[test]
fn what_is_excluded_never_comes_and_what_is_deferred_comes_next() {
    let site = planned();
    let (first, second) = (id(&site, "First light"), id(&site, "Second wind"));
    let done = site.ask(&["editions", "exclude", EDITION, &first]);
    assert_eq!(done["chosen"][0]["title"], "First light");
    assert_eq!(titles(&site, EDITION), ["Second wind"]);
    let done = site.ask(&["editions", "exclude", EDITION, &second, "--defer"]);
    assert_eq!(done["chosen"][0]["number"], 3);
    site.article("third.md", "Third time", "2026-11-22", "The third one.");
    site.publish_at("2026-11-23T06:30:00Z");
    let report = site.publish_at(SLOT);
    assert_eq!(report["skipped"][0]["reason"], "no new articles");
    site.publish_at(NEXT_SLOT);
    assert_eq!(
        titles(&site, "weekly/2026-11-30T07:00Z"),
        ["Third time", "Second wind"]
    );
    assert_eq!(site.mails().len(), 1);
}

#[test]
fn an_edition_takes_in_what_came_after_it_was_planned() {
    let site = planned();
    site.article("third.md", "Third time", "2026-11-22", "The third one.");
    site.article("fourth.md", "Fourth wall", "2026-11-23", "The fourth one.");
    site.publish_at("2026-11-23T06:30:00Z");
    let fourth = id(&site, "Fourth wall");
    let run = site.run(&["editions", "include", EDITION, &fourth]);
    assert!(run.stdout.contains("taken in: Fourth wall"), "{run:?}");
    site.publish_at(SLOT);
    // With all below it.
    let mut got = titles(&site, EDITION);
    got.sort();
    assert_eq!(got, ["First light", "Fourth wall", "Second wind", "Third time"]);
}

#[test]
fn what_cannot_be_chosen_is_refused_and_nothing_is_changed() {
    let site = planned();
    let (first, second) = (id(&site, "First light"), id(&site, "Second wind"));
    site.article("draft.md", "Not yet", "2026-12-24", "For Christmas.");
    site.publish_at("2026-11-23T06:30:00Z");
    let draft = id(&site, "Not yet");
    let include = ["editions", "include", EDITION];
    let exclude = ["editions", "exclude", EDITION];
    assert_eq!(
        refused(&site, &["editions", "include", "weekly/nothing", &first]),
        "unknown-edition"
    );
    assert_eq!(
        refused(&site, &[&include[..], &[&first, "nothing"]].concat()),
        "unknown-article"
    );
    assert_eq!(
        refused(&site, &[&include[..], &[&draft]].concat()),
        "article-not-public"
    );
    assert_eq!(
        refused(&site, &[&exclude[..], &[&draft]].concat()),
        "article-not-in-edition"
    );
    // One that is wrong among several: none is excluded.
    assert_eq!(
        refused(&site, &[&exclude[..], &[&first, &draft]].concat()),
        "article-not-in-edition"
    );
    site.publish_at(SLOT);
    assert_eq!(titles(&site, EDITION), ["Second wind", "First light"]);
    assert_eq!(
        refused(&site, &[&exclude[..], &[&second]].concat()),
        "edition-frozen"
    );
    assert_eq!(
        refused(&site, &[&include[..], &[&second]].concat()),
        "edition-frozen"
    );
}

#[test]
fn who_has_it_already_does_not_get_it_again() {
    let site = planned();
    site.publish_at(SLOT);
    site.readers("email\nann@example.com\nben@example.com\n");
    site.article("third.md", "Third time", "2026-11-24", "The third one.");
    let planning = "2026-11-29T20:00:00Z";
    site.publish_at(planning);
    let next = "weekly/2026-11-30T07:00Z";
    let first = id(&site, "First light");
    for words in [&["include"][..], &["exclude"], &["exclude", "--defer"]] {
        let line = [&["editions"], words, &[next, &first]].concat();
        assert_eq!(refused(&site, &line), "article-not-in-edition", "{words:?}");
    }
}
