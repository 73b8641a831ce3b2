//! Articles that stay although they were not read again: of feeds, which show the newest, of sources
//! that are not due, of files that have not changed.

use super::*;

/// A feed as it is found: there may be more.
fn feed(articles: Vec<Article>) -> Reading {
    Reading {
        partial: true,
        all_there: false,
        ..source("feed", articles)
    }
}

/// A folder of which only these were read again.
fn folder(name: &str, read: Vec<Article>, unchanged: &[&str]) -> Reading {
    Reading {
        unchanged: unchanged.iter().map(|path| (*path).to_owned()).collect(),
        ..source(name, read)
    }
}

fn not_due(name: &str) -> Reading {
    Reading {
        readable: false,
        ..source(name, Vec::new())
    }
}

#[test]
fn what_drops_out_of_a_feed_stays() {
    let mut world = World::new(10);
    world.pass(1, vec![feed(vec![article("a", 0), article("b", 1)])]);
    world.pass(2, vec![feed(vec![article("b", 1), article("c", 2)])]);
    assert_eq!(world.announced(), ["a", "b", "c"]);
    assert_eq!(world.state("a"), State::Public);
    let outcome = world.pass(3, vec![feed(Vec::new())]);
    assert_eq!(outcome.counts[0].removed, 0);
    assert_eq!(world.state("c"), State::Public);
}

#[test]
fn a_feed_that_changes_all_its_ids_announces_nothing_again() {
    let with_ids = |scheme: &str| {
        let items = ["a", "b", "c"].map(|path| Article {
            id: format!("tag:example.org,2026:{scheme}/{path}"),
            path: format!("{scheme}/{path}"),
            ..article(path, 0)
        });
        feed(items.to_vec())
    };
    let mut world = World::new(10);
    world.pass(1, vec![with_ids("old")]);
    let before = world.before.highest;
    let outcome = world.pass(2, vec![with_ids("new")]);
    assert_eq!((outcome.counts[0].new, world.before.highest), (0, before));
    assert_eq!(world.before.known.len(), 3);
}

/// Another item with the same link takes a feed's item off its page and puts it at a place there.
#[test]
fn an_item_that_comes_to_share_its_page_is_not_announced_again() {
    let at_place = |path: &str, day: i64| Article {
        path: format!("place {path}"),
        url: format!("https://example.org/log#{path}"),
        ..article(path, day)
    };
    let alone = Article {
        path: "log".into(),
        url: "https://example.org/log".into(),
        ..article("a", 0)
    };
    let mut world = World::new(10);
    world.pass(1, vec![feed(Vec::new())]);
    world.pass(2, vec![feed(vec![alone.clone()])]);
    // One of the same title and another day is another one.
    let other = Article {
        title: alone.title.clone(),
        ..at_place("b", 2)
    };
    let edited = Article {
        content_html: "<p>Other words</p>".into(),
        ..at_place("a", 0)
    };
    let outcome = world.pass(3, vec![feed(vec![edited.clone(), other])]);
    assert_eq!((outcome.counts[0].new, outcome.numbers.len()), (1, 1));
    assert_eq!(world.before.known.len(), 2);
    // It is alone again, under another title.
    let again = Article {
        title: "Another title".into(),
        content_html: edited.content_html,
        path: "alone".into(),
        ..alone
    };
    let outcome = world.pass(4, vec![feed(vec![again])]);
    assert_eq!((outcome.counts[0].new, outcome.numbers.len()), (0, 0));
    assert_eq!(world.before.known.len(), 2);
}

#[test]
fn an_unchanged_file_is_read_and_unchanged() {
    let mut world = World::new(10);
    world.pass(
        1,
        vec![folder("posts", vec![article("a", 0), article("b", 0)], &[])],
    );
    let outcome = world.pass(2, vec![folder("posts", Vec::new(), &["a"])]);
    let counts = &outcome.counts[0];
    assert_eq!((counts.read, counts.unchanged, counts.removed), (1, 1, 1));
    assert_eq!(
        (world.state("a"), world.state("b")),
        (State::Public, State::Removed)
    );
    assert!(outcome.changes.is_empty());
}

#[test]
fn an_unchanged_file_keeps_its_url_against_a_new_one() {
    let mut world = World::new(10);
    world.pass(1, vec![folder("posts", vec![article("b", 0)], &[])]);
    let rival = Article {
        url: article("b", 0).url,
        ..article("a", 0)
    };
    let outcome = world.pass(2, vec![folder("posts", vec![rival], &["b"])]);
    assert!(
        matches!(&outcome.findings[..], [Finding::SameUrl { kept, left_out, .. }] if kept == "b" && left_out == "a")
    );
    assert_eq!(world.before.known.len(), 1);
}

/// What the first of two sources has is not announced from the second, whether it was read or not.
#[test]
fn what_stays_in_an_earlier_source_shadows_a_later_one() {
    for first in [
        folder("posts", Vec::new(), &["a"]),
        not_due("posts"),
        Reading {
            partial: true,
            all_there: false,
            ..source("posts", Vec::new())
        },
        Reading {
            failed: vec!["a".to_owned()],
            ..source("posts", Vec::new())
        },
    ] {
        let mut world = World::new(10);
        world.pass(
            1,
            vec![source("posts", vec![article("a", 0)]), source("more", Vec::new())],
        );
        let copy = Article {
            path: "copy".into(),
            ..article("a", 0)
        };
        world.pass(2, vec![first, source("more", vec![copy])]);
        assert_eq!(world.announced(), ["a"]);
        assert_eq!(world.before.known.len(), 1);
    }
}

#[test]
fn an_earlier_source_takes_over_what_stays_in_a_later_one() {
    let mut world = World::new(10);
    world.pass(
        1,
        vec![
            source("posts", Vec::new()),
            folder("more", vec![article("a", 0)], &[]),
        ],
    );
    let own = Article {
        path: "own".into(),
        ..article("a", 0)
    };
    world.pass(
        2,
        vec![source("posts", vec![own]), folder("more", Vec::new(), &["a"])],
    );
    assert_eq!(world.announced(), ["own"]);
    assert_eq!(world.at("own").source, "posts");
    assert_eq!(world.before.known.len(), 1);
}

/// In a feed that shows the newest alone nothing is seen to go: what says the same is known by that.
#[test]
fn what_says_the_same_at_the_same_time_is_the_same_under_another_address() {
    let part = |articles| Reading {
        partial: true,
        all_there: false,
        ..source("posts", articles)
    };
    let under = |old: &str, new: &str, day| Article {
        path: new.into(),
        url: format!("https://example.org/{new}"),
        ..article(old, day)
    };
    let mut world = World::new(10);
    world.pass(1, vec![part(vec![article("a", 0)])]);
    let outcome = world.pass(2, vec![part(vec![under("a", "b", 0)])]);
    assert_eq!((outcome.counts[0].new, outcome.counts[0].updated), (0, 1));
    assert_eq!(world.at("b").url, "https://example.org/b");
    // Said again on another day it is news.
    let outcome = world.pass(3, vec![part(vec![under("a", "b", 0), under("a", "c", 2)])]);
    assert_eq!(outcome.counts[0].new, 1);
    assert_eq!(world.announced(), ["b", "c"]);
}

/// The id of the one that moved follows from where it was. Whoever comes there is another article.
#[test]
fn the_place_of_an_unchanged_file_that_had_moved_is_free_for_another() {
    let mut world = World::new(10);
    world.pass(1, vec![source("posts", vec![article("a", 0)])]);
    let there = moved(article("a", 0), "b");
    world.pass(2, vec![source("posts", vec![there])]);
    let newcomer = Article {
        content_html: "<p>Something else</p>".into(),
        ..article("a", 2)
    };
    let outcome = world.pass(3, vec![folder("posts", vec![newcomer], &["b"])]);
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
    assert_eq!(world.announced(), ["b", "a"]);
}
