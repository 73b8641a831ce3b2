//! Each rule of what is new and what is announced, on a store that is a value.

mod stays;

use super::*;
use crate::articles::state::State;
use crate::articles::{Precision, Published, identity};
use crate::clock::from_seconds;

const DAY: i64 = 86_400;
const SITE: Uuid = Uuid::from_u128(7);

/// The store as far as an intake sees it.
#[derive(Default)]
struct World {
    before: Before,
    first_edition: usize,
    now: i64,
}

/// A source as it is found.
fn source(name: &str, articles: Vec<Article>) -> Reading {
    Reading {
        unchanged: Vec::new(),
        baseline: Vec::new(),
        partial: false,
        all_there: false,
        source: name.into(),
        articles: articles
            .into_iter()
            .map(|article| Article {
                id: if article.id.is_empty() {
                    identity::article_id(SITE, name, &article.path)
                } else {
                    article.id
                },
                source: name.into(),
                ..article
            })
            .collect(),
        failed: Vec::new(),
        readable: true,
    }
}

/// An article published on a day; its text is of its own.
fn article(path: &str, day: i64) -> Article {
    Article {
        id: String::new(),
        source: String::new(),
        path: path.into(),
        url: format!("https://example.org/{path}"),
        title: format!("Title of {path}"),
        authors: Vec::new(),
        categories: Vec::new(),
        language: None,
        published: Some(Published {
            at: from_seconds(day * DAY),
            precision: Precision::Second,
        }),
        updated: None,
        summary: String::new(),
        content_html: format!("<p>The text of {path}</p>"),
        image: None,
        audio: None,
        comments: Vec::new(),
        comment_count: None,
        guid: None,
        draft: false,
        expires: None,
    }
}

/// One that looks like another but for its path and URL.
fn moved(article: Article, path: &str) -> Article {
    Article {
        path: path.into(),
        url: format!("https://example.org/{path}"),
        ..article
    }
}

impl World {
    fn new(first_edition: usize) -> World {
        World {
            first_edition,
            ..World::default()
        }
    }

    /// Runs a pass on a day and keeps what it wrote.
    fn pass(&mut self, day: i64, readings: Vec<Reading>) -> Outcome {
        self.now = day * DAY;
        let now = from_seconds(self.now);
        let read: Vec<String> = readings
            .iter()
            .filter(|reading| reading.readable)
            .map(|reading| reading.source.clone())
            .collect();
        let rules = Rules {
            now,
            site: SITE,
            first_edition: self.first_edition,
        };
        let hashed = hash_all(readings, |_| false, |_| ());
        let outcome = reconcile(hashed, &self.before, rules);
        for change in &outcome.changes {
            self.before.known.retain(|known| known.id != change.article.id);
            self.before.known.push(Known {
                id: change.article.id.clone(),
                guid: change.article.guid.clone(),
                source: change.article.source.clone(),
                path: change.article.path.clone(),
                url: change.article.url.clone(),
                title: change.article.title.clone(),
                hash: change.hash.clone(),
                likeness: change.likeness.clone(),
                first_seen: change.first_seen,
                standing: change.standing,
            });
        }
        for (id, marks) in &outcome.marks {
            self.known_mut(id).standing.marks = *marks;
        }
        for (id, number) in &outcome.numbers {
            self.known_mut(id).standing.number = Some(*number);
            self.before.highest = *number;
        }
        self.before
            .last_pass
            .extend(read.into_iter().map(|name| (name, now)));
        outcome
    }

    fn known_mut(&mut self, id: &str) -> &mut Known {
        self.before.known.iter_mut().find(|known| known.id == id).unwrap()
    }

    fn at(&self, path: &str) -> &Known {
        let mut there = self.before.known.iter().filter(|known| known.path == path);
        let found = there.next().unwrap();
        assert!(there.next().is_none(), "two articles are at {path}");
        found
    }

    fn state(&self, path: &str) -> State {
        self.at(path).standing.state(from_seconds(self.now))
    }

    fn number(&self, path: &str) -> Option<i64> {
        self.at(path).standing.number
    }

    /// The paths by number.
    fn announced(&self) -> Vec<&str> {
        let mut numbered: Vec<&Known> = self
            .before
            .known
            .iter()
            .filter(|known| known.standing.number.is_some())
            .collect();
        numbered.sort_by_key(|known| known.standing.number);
        for (known, number) in numbered.iter().zip(1..) {
            assert_eq!(known.standing.number, Some(number), "the numbers have no gap");
        }
        numbered.into_iter().map(|known| known.path.as_str()).collect()
    }
}

#[test]
fn the_first_pass_announces_the_newest_of_all_sources_oldest_first() {
    let mut world = World::new(3);
    let posts = source(
        "posts",
        vec![article("a", 10), article("b", 40), article("c", 20)],
    );
    let pages = source("pages", vec![article("d", 30), article("e", 50), article("f", 5)]);
    world.pass(100, vec![posts, pages]);
    assert_eq!(world.announced(), ["d", "b", "e"]);
    assert_eq!(world.state("c"), State::Baseline);
    assert_eq!(world.state("f"), State::Baseline);
}

#[test]
fn a_draft_and_a_date_to_come_are_no_baseline_and_are_announced_in_their_time() {
    let mut world = World::new(1);
    let draft = Article {
        draft: true,
        ..article("draft", 3)
    };
    let posts = |draft: &Article| {
        source(
            "posts",
            vec![
                article("a", 1),
                article("b", 2),
                article("later", 105),
                draft.clone(),
            ],
        )
    };
    world.pass(100, vec![posts(&draft)]);
    assert_eq!(world.announced(), ["b"]);
    assert_eq!(world.state("later"), State::Scheduled);
    assert_eq!(world.state("draft"), State::Draft);
    world.pass(104, vec![posts(&draft)]);
    assert_eq!(world.announced(), ["b"]);
    world.pass(105, vec![posts(&draft)]);
    assert_eq!(world.announced(), ["b", "later"]);
    let done = Article {
        draft: false,
        ..draft
    };
    world.pass(106, vec![posts(&done)]);
    assert_eq!(world.announced(), ["b", "later", "draft"]);
    assert_eq!(world.state("a"), State::Baseline);
}

#[test]
fn a_source_added_later_is_baseline_throughout_and_then_like_the_others() {
    let mut world = World::new(10);
    let posts = || source("posts", vec![article("a", 1)]);
    world.pass(100, vec![posts()]);
    world.pass(
        101,
        vec![
            posts(),
            source("pages", vec![article("p", 100), article("q", 99)]),
        ],
    );
    assert_eq!(world.announced(), ["a"]);
    assert_eq!(world.state("p"), State::Baseline);
    let grown = source(
        "pages",
        vec![article("p", 100), article("q", 99), article("r", 101)],
    );
    world.pass(102, vec![posts(), grown]);
    assert_eq!(world.announced(), ["a", "r"]);
}

#[test]
fn a_first_pass_that_can_read_nothing_is_none() {
    let mut world = World::new(10);
    let closed = Reading {
        readable: false,
        ..source("posts", Vec::new())
    };
    world.pass(100, vec![closed]);
    world.pass(101, vec![source("posts", vec![article("a", 1)])]);
    assert_eq!(world.announced(), ["a"]);
}

#[test]
fn a_site_that_begins_empty_announces_its_first_articles() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", Vec::new())]);
    world.pass(
        101,
        vec![source("posts", vec![article("b", 101), article("a", 100)])],
    );
    assert_eq!(world.announced(), ["a", "b"]);
}

#[test]
fn without_a_date_the_first_time_seen_stands_in() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", Vec::new())]);
    let undated = Article {
        published: None,
        ..article("a", 0)
    };
    world.pass(101, vec![source("posts", vec![undated.clone()])]);
    world.pass(102, vec![source("posts", vec![undated])]);
    assert_eq!(world.at("a").standing.published, from_seconds(101 * DAY));
    assert_eq!(world.announced(), ["a"]);
}

#[test]
fn numbers_of_one_pass_go_by_date_and_then_by_id() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", Vec::new())]);
    let same = |id: &str, path: &str| Article {
        id: id.into(),
        ..article(path, 99)
    };
    world.pass(
        101,
        vec![source(
            "posts",
            vec![same("2", "x"), same("1", "y"), article("z", 98)],
        )],
    );
    assert_eq!(world.announced(), ["z", "y", "x"]);
}

#[test]
fn an_edit_is_written_and_never_announced_again() {
    let mut world = World::new(10);
    let first = world.pass(100, vec![source("posts", vec![article("a", 1)])]);
    assert_eq!((first.counts[0].new, first.changes.len()), (1, 1));
    let edited = Article {
        content_html: "<p>All is other</p>".into(),
        title: "Another title".into(),
        published: article("a", 99).published,
        ..article("a", 1)
    };
    let second = world.pass(101, vec![source("posts", vec![edited.clone()])]);
    assert_eq!((second.counts[0].updated, second.changes.len()), (1, 1));
    assert!(second.numbers.is_empty());
    assert_eq!(world.number("a"), Some(1));
    let third = world.pass(102, vec![source("posts", vec![edited])]);
    assert_eq!(
        (third.counts[0].unchanged, third.changes.len(), third.marks.len()),
        (1, 0, 0)
    );
}

#[test]
fn a_renamed_file_is_the_same_article_also_in_later_passes() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", vec![article("a", 1), article("b", 2)])]);
    let id = world.at("a").id.clone();
    let scan = || source("posts", vec![moved(article("a", 1), "renamed"), article("b", 2)]);
    let outcome = world.pass(101, vec![scan()]);
    assert_eq!(
        (
            outcome.counts[0].new,
            outcome.counts[0].updated,
            outcome.counts[0].removed
        ),
        (0, 1, 0)
    );
    assert_eq!(world.at("renamed").id, id);
    let outcome = world.pass(102, vec![scan()]);
    assert_eq!(outcome.counts[0].unchanged, 2);
    assert_eq!(world.announced(), ["renamed", "b"]);
}

#[test]
fn the_place_of_a_renamed_file_is_free_for_another_article() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", vec![article("a", 1)])]);
    let id = world.at("a").id.clone();
    let renamed = || Article {
        content_html: "<p>The text of a</p>".into(),
        title: "Title of a".into(),
        ..article("old", 1)
    };
    let another = || Article {
        content_html: "<p>Something else</p>".into(),
        title: "Something else".into(),
        ..article("a", 100)
    };
    world.pass(101, vec![source("posts", vec![renamed()])]);
    let scan = || source("posts", vec![renamed(), another()]);
    let outcome = world.pass(102, vec![scan()]);
    assert_eq!(outcome.counts[0].new, 1);
    assert_eq!(world.at("old").id, id);
    assert_ne!(world.at("a").id, id);
    assert_eq!(world.announced(), ["old", "a"]);
    assert_eq!(world.pass(103, vec![scan()]).counts[0].unchanged, 2);
}

#[test]
fn a_file_renamed_and_edited_at_once_is_known_by_its_url() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", vec![article("a", 1)])]);
    let renamed = Article {
        path: "2024-a".into(),
        content_html: "<p>Quite another text</p>".into(),
        ..article("a", 1)
    };
    let outcome = world.pass(101, vec![source("posts", vec![renamed])]);
    assert_eq!((outcome.counts[0].new, outcome.counts[0].removed), (0, 0));
    assert_eq!(world.announced(), ["2024-a"]);
}

#[test]
fn the_same_content_is_a_new_article_while_the_old_one_stands() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", vec![article("a", 1)])]);
    let copy = moved(article("a", 1), "copy");
    let outcome = world.pass(101, vec![source("posts", vec![article("a", 1), copy])]);
    assert_eq!(outcome.counts[0].new, 1);
    assert_eq!(world.announced(), ["a", "copy"]);
}

#[test]
fn a_source_under_another_name_keeps_its_articles() {
    let mut world = World::new(10);
    world.pass(100, vec![source("blog", vec![article("a", 1), article("b", 2)])]);
    let outcome = world.pass(101, vec![source("posts", vec![article("a", 1), article("b", 2)])]);
    assert_eq!((outcome.counts[0].new, outcome.counts[0].updated), (0, 2));
    assert_eq!(world.announced(), ["a", "b"]);
    assert_eq!(world.before.known.len(), 2);
}

#[test]
fn a_stated_id_goes_with_the_article_and_not_with_the_path() {
    let with_id = |id: &str, path: &str| Article {
        id: id.into(),
        content_html: format!("<p>The text of {id}</p>"),
        title: id.into(),
        ..article(path, 1)
    };
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", vec![with_id("x", "a")])]);
    let scan = source("posts", vec![with_id("y", "a"), with_id("x", "b")]);
    let outcome = world.pass(101, vec![scan]);
    assert_eq!(outcome.counts[0].new, 1);
    assert_eq!((world.at("b").id.as_str(), world.number("b")), ("x", Some(1)));
    assert_eq!((world.at("a").id.as_str(), world.number("a")), ("y", Some(2)));
}

#[test]
fn another_stated_id_with_another_text_is_another_article() {
    let with_id = |id: &str| Article {
        id: id.into(),
        url: format!("https://example.org/{id}"),
        content_html: format!("<p>The text of {id}</p>"),
        title: id.into(),
        ..article("index", 1)
    };
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", vec![with_id("x")])]);
    let outcome = world.pass(101, vec![source("posts", vec![with_id("y")])]);
    assert_eq!((outcome.counts[0].new, outcome.counts[0].removed), (1, 1));
    // The first one comes back: its id says so, though the path is another's by now.
    let outcome = world.pass(102, vec![source("posts", vec![with_id("x")])]);
    assert_eq!((outcome.counts[0].new, outcome.counts[0].removed), (0, 1));
    assert_eq!(world.before.known.len(), 2);
}

#[test]
fn a_source_put_before_another_takes_over_what_both_have() {
    let mut world = World::new(10);
    let copy = |path: &str| Article {
        url: "https://example.org/a".into(),
        ..article(path, 1)
    };
    world.pass(100, vec![source("pages", vec![copy("a.html")])]);
    let scan = vec![
        source("posts", vec![copy("a")]),
        source("pages", vec![copy("a.html")]),
    ];
    let outcome = world.pass(101, scan);
    assert_eq!((outcome.counts[0].new, outcome.counts[1].removed), (0, 0));
    assert_eq!(
        (world.at("a").source.as_str(), world.number("a")),
        ("posts", Some(1))
    );
}

#[test]
fn another_scheme_of_ids_makes_nothing_new() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", vec![article("a", 1), article("b", 2)])]);
    let stated = |article: Article| Article {
        id: format!("tag:{}", article.path),
        ..article
    };
    let scan = || source("posts", vec![stated(article("a", 1)), stated(article("b", 2))]);
    assert_eq!(world.pass(101, vec![scan()]).counts[0].new, 0);
    assert_eq!(world.announced(), ["a", "b"]);
    let third = |article: Article| Article {
        id: format!("urn:{}", article.path),
        ..article
    };
    let scan = source("posts", vec![third(article("a", 1)), third(article("b", 2))]);
    assert_eq!(world.pass(102, vec![scan]).counts[0].new, 0);
    assert_eq!(world.before.known.len(), 2);
}

#[test]
fn what_is_gone_is_removed_and_not_new_when_it_comes_back() {
    let mut world = World::new(10);
    let both = || source("posts", vec![article("a", 1), article("b", 2)]);
    world.pass(100, vec![both()]);
    let outcome = world.pass(101, vec![source("posts", vec![article("b", 2)])]);
    assert_eq!((outcome.counts[0].removed, outcome.marks.len()), (1, 1));
    assert_eq!(world.state("a"), State::Removed);
    assert_eq!(
        world
            .pass(102, vec![source("posts", vec![article("b", 2)])])
            .counts[0]
            .removed,
        0
    );
    let back = world.pass(103, vec![both()]);
    assert_eq!((back.counts[0].new, back.counts[0].updated), (0, 1));
    assert!(back.numbers.is_empty());
    assert_eq!(world.state("a"), State::Public);
}

#[test]
fn a_folder_that_cannot_be_listed_removes_nothing() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", vec![article("a", 1)])]);
    let closed = Reading {
        readable: false,
        failed: vec![".".into()],
        ..source("posts", Vec::new())
    };
    let outcome = world.pass(101, vec![closed]);
    assert_eq!((outcome.counts[0].removed, outcome.marks.len()), (0, 0));
    assert_eq!(world.state("a"), State::Public);
}

#[test]
fn a_file_or_folder_that_fails_leaves_its_articles_as_they_were() {
    let mut world = World::new(10);
    let all = || {
        source(
            "posts",
            vec![article("a", 1), article("sub/b", 2), article("subway", 3)],
        )
    };
    world.pass(100, vec![all()]);
    let failing = Reading {
        failed: vec!["a".into(), "sub".into()],
        ..source("posts", Vec::new())
    };
    let outcome = world.pass(101, vec![failing]);
    assert_eq!((outcome.counts[0].failed, outcome.counts[0].removed), (2, 1));
    assert_eq!(world.state("a"), State::Error);
    assert_eq!(world.state("sub/b"), State::Error);
    assert_eq!(world.state("subway"), State::Removed);
    assert_eq!(world.number("a"), Some(1));
    let repaired = world.pass(102, vec![all()]);
    assert!(repaired.numbers.is_empty());
    assert_eq!(world.state("a"), State::Public);
}

#[test]
fn an_article_that_cannot_be_read_waits_with_its_number() {
    let mut world = World::new(10);
    let later = || source("posts", vec![article("later", 105)]);
    world.pass(100, vec![later()]);
    let failing = Reading {
        failed: vec!["later".into()],
        ..source("posts", Vec::new())
    };
    world.pass(106, vec![failing]);
    assert_eq!(world.number("later"), None);
    world.pass(107, vec![later()]);
    assert_eq!(world.number("later"), Some(1));
}

#[test]
fn un_published_and_expired_articles_are_not_new_when_they_come_back() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", vec![article("a", 1), article("b", 2)])]);
    let hidden = |article: Article| Article {
        draft: true,
        ..article
    };
    let expired = |article: Article| Article {
        expires: Some(from_seconds(101 * DAY)),
        ..article
    };
    world.pass(
        101,
        vec![source(
            "posts",
            vec![hidden(article("a", 1)), expired(article("b", 2))],
        )],
    );
    assert_eq!(
        (world.state("a"), world.state("b")),
        (State::Draft, State::Expired)
    );
    let back = world.pass(102, vec![source("posts", vec![article("a", 1), article("b", 2)])]);
    assert!(back.numbers.is_empty());
    assert_eq!(
        (world.state("a"), world.state("b")),
        (State::Public, State::Public)
    );
}

#[test]
fn of_two_sources_with_one_url_the_first_wins() {
    let mut world = World::new(10);
    let copy = |path: &str| Article {
        url: "https://example.org/a".into(),
        ..article(path, 1)
    };
    let scan = || {
        vec![
            source("posts", vec![copy("a")]),
            source("pages", vec![copy("a.html")]),
        ]
    };
    let outcome = world.pass(100, scan());
    assert_eq!(outcome.changes.len(), 1);
    assert!(outcome.findings.is_empty());
    assert_eq!(world.at("a").source, "posts");
    // The first one goes: the other carries on what the reader knows.
    let id = world.at("a").id.clone();
    let outcome = world.pass(
        101,
        vec![source("posts", vec![]), source("pages", vec![copy("a.html")])],
    );
    assert_eq!((outcome.counts[1].new, outcome.counts[0].removed), (0, 0));
    assert_eq!(
        (world.at("a.html").id.clone(), world.number("a.html")),
        (id.clone(), Some(1))
    );
    // And back.
    world.pass(102, scan());
    assert_eq!((world.at("a").id.clone(), world.number("a")), (id, Some(1)));
    assert_eq!(world.before.known.len(), 1);
}

#[test]
fn one_url_twice_in_a_source_is_an_error_that_names_both() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", vec![article("b", 1)])]);
    let copy = || Article {
        url: "https://example.org/b".into(),
        ..article("a", 2)
    };
    let outcome = world.pass(101, vec![source("posts", vec![copy(), article("b", 1)])]);
    assert_eq!(
        outcome.findings,
        [Finding::SameUrl {
            source: "posts".into(),
            url: "https://example.org/b".into(),
            kept: "b".into(),
            left_out: "a".into(),
        }]
    );
    assert_eq!((outcome.counts[0].failed, outcome.counts[0].new), (1, 0));
    // One that was known and now claims another's URL stays as it was.
    world.pass(102, vec![source("posts", vec![article("a", 2), article("b", 1)])]);
    assert_eq!(world.number("a"), Some(2));
    world.pass(103, vec![source("posts", vec![copy(), article("b", 1)])]);
    assert_eq!(world.at("a").url, "https://example.org/a");
    assert_eq!(world.state("a"), State::Error);
}

#[test]
fn one_stated_id_twice_in_a_source_is_an_error_that_names_both() {
    let mut world = World::new(10);
    let with_id = |path: &str| Article {
        id: "x".into(),
        ..article(path, 1)
    };
    let outcome = world.pass(100, vec![source("posts", vec![with_id("a"), with_id("b")])]);
    assert_eq!(
        outcome.findings,
        [Finding::SameId {
            source: "posts".into(),
            id: "x".into(),
            kept: "a".into(),
            left_out: "b".into(),
        }]
    );
    assert_eq!(outcome.changes.len(), 1);
}

/// A source with this many articles, all of days 1, 2, …
fn archive(count: i64) -> Vec<Article> {
    (1..=count).map(|n| article(&format!("old-{n}"), n)).collect()
}

#[test]
fn a_burst_of_old_articles_is_held_and_told() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", archive(6))]);
    let more = (1..=6).map(|n| article(&format!("more-{n}"), n));
    let scan = || source("posts", archive(6).into_iter().chain(more.clone()).collect());
    let outcome = world.pass(101, vec![scan()]);
    assert_eq!(outcome.counts[0].held, 6);
    assert!(outcome.numbers.is_empty());
    assert_eq!(world.state("more-1"), State::Held);
    let held = [Finding::Held {
        source: "posts".into(),
        articles: 6,
    }];
    assert_eq!(outcome.findings, held);
    let outcome = world.pass(102, vec![scan()]);
    assert!(
        outcome.numbers.is_empty(),
        "held means until somebody releases them"
    );
    assert_eq!(outcome.findings, held, "it is said until then");
    assert_eq!(outcome.counts[0].held, 0, "the count is of this pass");
}

#[test]
fn a_burst_with_known_titles_or_content_is_held() {
    for same_title in [true, false] {
        let mut world = World::new(10);
        world.pass(100, vec![source("posts", archive(6))]);
        let copies = archive(6).into_iter().map(|old| {
            let path = format!("again-{}", old.path);
            let title = if same_title {
                old.title.to_uppercase()
            } else {
                format!("New {path}")
            };
            let html = if same_title {
                format!("<p>{path}</p>")
            } else {
                old.content_html.clone()
            };
            Article {
                title,
                content_html: html,
                published: article("", 101).published,
                ..moved(old, &path)
            }
        });
        let outcome = world.pass(
            101,
            vec![source("posts", archive(6).into_iter().chain(copies).collect())],
        );
        assert_eq!(outcome.counts[0].held, 6, "same title: {same_title}");
    }
}

#[test]
fn what_is_no_burst_is_announced() {
    let news = |count: i64, day: i64| (1..=count).map(move |n| article(&format!("new-{n}"), day));
    let held_of = |old: i64, new: Vec<Article>| {
        let mut world = World::new(10);
        world.pass(100, vec![source("posts", archive(old))]);
        let scan = archive(old).into_iter().chain(new).collect();
        let outcome = world.pass(101, vec![source("posts", scan)]);
        outcome.counts[0].held
    };
    assert_eq!(held_of(6, news(1, 3).collect()), 0, "one back-dated article");
    assert_eq!(held_of(6, news(4, 3).collect()), 0, "fewer than five");
    assert_eq!(held_of(15, news(5, 3).collect()), 0, "a third of what there was");
    assert_eq!(held_of(14, news(5, 3).collect()), 5, "more than a third");
    assert_eq!(held_of(6, news(6, 101).collect()), 0, "of today");
    assert_eq!(
        held_of(6, news(6, 93).collect()),
        0,
        "seven days before the last pass"
    );
    assert_eq!(
        held_of(6, news(6, 92).collect()),
        6,
        "eight days before the last pass"
    );
    let mixed = |old: i64| {
        let old = (1..=old).map(|n| article(&format!("mixed-{n}"), 3));
        news(3, 101).chain(old).collect::<Vec<_>>()
    };
    assert_eq!(held_of(6, mixed(3)), 0, "half of them old");
    assert_eq!(held_of(6, mixed(4)), 7, "most of them old");
}

#[test]
fn a_moved_folder_and_a_new_domain_are_no_burst() {
    let mut world = World::new(10);
    world.pass(100, vec![source("posts", archive(8))]);
    let moved: Vec<Article> = archive(8)
        .into_iter()
        .map(|old| {
            let path = format!("blog/{}", old.path);
            moved(old, &path)
        })
        .collect();
    let outcome = world.pass(101, vec![source("posts", moved)]);
    assert_eq!(
        (
            outcome.counts[0].new,
            outcome.counts[0].held,
            outcome.counts[0].updated
        ),
        (0, 0, 8)
    );
    assert!(outcome.numbers.is_empty());
}

#[test]
fn likeness_outlives_markup_and_tells_text_apart() {
    let one = article("a", 1);
    let other = Article {
        content_html: "<div><p>The text <b>of</b> a</p></div>".into(),
        ..moved(one.clone(), "b")
    };
    assert_eq!(likeness(&one), likeness(&other));
    assert_ne!(likeness(&one), likeness(&article("c", 1)));
    let empty = |title: &str| Article {
        content_html: "<img src=\"https://example.org/x.png\">".into(),
        title: title.into(),
        ..article("e", 1)
    };
    assert_ne!(likeness(&empty("One")), likeness(&empty("Two")));
}

#[test]
fn an_article_is_called_for_ever_as_it_was_at_first() {
    let called = |guid: Option<&str>| Article {
        guid: guid.map(str::to_owned),
        ..article("a", 1)
    };
    for first in [Some("12"), None] {
        let mut world = World::new(10);
        world.pass(100, vec![source("posts", vec![called(first)])]);
        for later in [Some("https://example.org/?p=12"), None] {
            let outcome = world.pass(101, vec![source("posts", vec![called(later)])]);
            assert_eq!((outcome.counts[0].unchanged, outcome.changes.len()), (1, 0));
            assert_eq!(world.at("a").guid.as_deref(), first);
        }
        let edited = Article {
            title: "Another".to_owned(),
            ..called(None)
        };
        let outcome = world.pass(102, vec![source("posts", vec![edited])]);
        assert_eq!(outcome.changes[0].article.guid.as_deref(), first);
    }
}

#[test]
fn what_an_article_without_a_guid_is_hashed_from_is_as_it_was() {
    let article = article("a", 1);
    let text = serde_json::to_string(&article).unwrap();
    assert!(!text.contains("guid"));
    assert_eq!(
        hash(&article),
        "a3e7b8023b7493be25d4d5fab5ae18eb34ca0ee2a284e0db5c6d2d5a8da5be9d"
    );
}
