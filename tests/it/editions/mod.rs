//! Editions from their slot to their deliveries, on each database there is.

mod choices;
mod oracle;
mod planned;
mod world;

use std::sync::atomic::Ordering::Relaxed;
use tidings::app::editions::{close, next_slots, view};
use tidings::config::{CatchUp, Order};
use tidings::sql;
use tidings::subscribers::address::Address;
use tidings::subscribers::suppression;
use world::{World, address, at, beginning, weekly};

const FIRST: &str = "weekly/2026-11-30T07:00Z";
const SECOND: &str = "weekly/2026-12-07T07:00Z";

fn first_slot() -> tidings::clock::Instant {
    at("2026-11-30T07:00:00Z")
}

fn second_slot() -> tidings::clock::Instant {
    at("2026-12-07T07:00:00Z")
}

/// Readers and articles of the mails of an edition.
async fn got(world: &World, edition: &str) -> Vec<(i64, String)> {
    let mails = world.mails().await;
    mails
        .into_iter()
        .filter(|mail| mail.edition == edition)
        .map(|mail| (mail.reader, mail.articles.join(" ")))
        .collect()
}

fn to(readers: std::ops::RangeInclusive<i64>, articles: &str) -> Vec<(i64, String)> {
    readers.map(|reader| (reader, articles.to_owned())).collect()
}

#[tokio::test]
async fn a_slot_makes_one_edition_for_all() {
    for world in World::everywhere(weekly()).await {
        for reader in 1..=7 {
            world.join(reader).await;
        }
        world.publish().await;
        world.publish_in("News", at("2020-01-01T00:00:00Z")).await;
        assert!(world.pass(beginning()).await.editions.is_empty(), "no slot yet");

        let report = world.pass(first_slot()).await;
        assert_eq!(report.editions.len(), 1);
        let line = &report.editions[0];
        assert_eq!((line.id.as_str(), line.recipients), (FIRST, 7));
        assert_eq!(line.slot.as_deref(), Some("2026-11-30T07:00:00Z"));
        assert_eq!(line.articles, ["a2", "a1"]);
        assert_eq!(got(&world, FIRST).await, to(1..=7, "a2 a1"));
        assert_eq!(world.renderings.load(Relaxed), 1);

        let again = world.pass(first_slot()).await;
        assert!(again.editions.is_empty() && again.skipped.is_empty());
        let edition = world.edition(FIRST).await;
        assert_eq!((edition.state.as_str(), edition.number), ("sending", Some(1)));
        world.deliver_all().await;
        assert_eq!(close(&world.store, second_slot()).await.unwrap(), [FIRST]);
        assert_eq!(world.edition(FIRST).await.state, "done");
    }
}

#[tokio::test]
async fn two_planners_at_once_make_one_edition() {
    for world in World::everywhere(weekly()).await {
        for reader in 1..=20 {
            world.join(reader).await;
        }
        world.publish().await;
        let now = first_slot();
        tokio::join!(world.pass(now), world.pass(now), world.pass(now), world.pass(now));
        assert_eq!(got(&world, FIRST).await, to(1..=20, "a1"));
        assert_eq!(world.store.editions(10, None).await.unwrap().len(), 1);

        world.publish().await;
        tokio::join!(world.pass_now(now), world.pass_now(now), world.pass_now(now));
        assert_eq!(got(&world, "weekly/now/1").await, to(1..=20, "a2"));
        assert_eq!(world.store.editions(10, None).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_kill_between_chunks_is_carried_on() {
    for world in World::everywhere(weekly()).await {
        for reader in 1..=10 {
            world.join(reader).await;
        }
        world.publish().await;
        world.broken.store(true, Relaxed);
        world.pass(first_slot()).await;
        world.broken.store(false, Relaxed);
        // The start, and two of four chunks.
        world.some_steps(first_slot(), 3).await;
        assert_eq!(got(&world, FIRST).await, to(1..=6, "a1"));
        assert_eq!(world.edition(FIRST).await.state, "filling");
        world.pass(first_slot()).await;
        assert_eq!(got(&world, FIRST).await, to(1..=10, "a1"));
        assert_eq!(world.edition(FIRST).await.state, "sending");
    }
}

#[tokio::test]
async fn what_does_not_render_is_held_and_mended() {
    for world in World::everywhere(weekly()).await {
        for reader in 1..=4 {
            world.join(reader).await;
        }
        let number = world.publish().await;
        world.broken.store(true, Relaxed);
        let report = world.pass(first_slot()).await;
        assert_eq!(report.problems.len(), 1);
        assert!(
            report.problems[0].message.contains("titel"),
            "{:?}",
            report.problems
        );
        assert!(report.editions.is_empty());
        let held = world.edition(FIRST).await;
        assert_eq!(held.state, "planned");
        assert_eq!(held.held, Some(first_slot().timestamp()));
        assert!(held.hold_reason.unwrap().contains("titel"));
        assert!(world.mails().await.is_empty());
        assert_eq!(world.cursor(1).await, 0);
        let shown = view(&world.store, world.edition(FIRST).await).await.unwrap();
        assert_eq!(shown.state, "held");

        // The next slot passes while it is held.
        let report = world.pass(second_slot()).await;
        assert_eq!(report.skipped.len(), 1);
        assert!(report.skipped[0].reason.contains(&format!("{FIRST} is held")));
        assert_eq!(world.edition(SECOND).await.state, "skipped");

        // Corrections count until it starts.
        world.correct(number, "Corrected").await;
        world.broken.store(false, Relaxed);
        let report = world.pass(second_slot()).await;
        assert!(report.problems.is_empty());
        assert_eq!(got(&world, FIRST).await, to(1..=4, "a1"));
        assert_eq!(world.edition(FIRST).await.held, None);
        let message = &world.messages(FIRST).await[0];
        assert_eq!(message["articles"][0], "Corrected");
        assert_eq!(message["number"], 1);

        // What is frozen stays.
        world.correct(number, "Corrected again").await;
        world.pass(second_slot()).await;
        assert_eq!(world.messages(FIRST).await[0]["articles"][0], "Corrected");
    }
}

#[tokio::test]
async fn an_operators_hold_stays() {
    for world in World::everywhere(weekly()).await {
        for reader in 1..=8 {
            world.join(reader).await;
        }
        world.publish().await;
        world.broken.store(true, Relaxed);
        world.pass(first_slot()).await;
        world.broken.store(false, Relaxed);
        world.some_steps(first_slot(), 2).await;
        let edition = world.unfinished().await.unwrap();
        world.hold(edition.id, Some(1)).await;
        let report = world.pass_now(first_slot()).await;
        assert!(report.skipped[0].reason.contains("is held"), "{report:?}");
        assert_eq!(got(&world, FIRST).await.len(), 3);
        world.hold(edition.id, None).await;
        world.pass(first_slot()).await;
        assert_eq!(got(&world, FIRST).await, to(1..=8, "a1"));
    }
}

#[tokio::test]
async fn an_edition_at_once_happens_once() {
    for world in World::everywhere(weekly()).await {
        for reader in 1..=4 {
            world.join(reader).await;
        }
        let report = world.pass_now(beginning()).await;
        assert_eq!(report.skipped[0].reason, "nothing new");
        assert_eq!(report.skipped[0].slot, None);
        assert!(world.store.editions(10, None).await.unwrap().is_empty());

        world.publish().await;
        let report = world.pass_now(beginning()).await;
        assert_eq!(report.editions[0].id, "weekly/now/1");
        assert_eq!(got(&world, "weekly/now/1").await, to(1..=4, "a1"));

        let report = world.pass_now(beginning()).await;
        assert!(report.editions.is_empty());
        assert_eq!(report.skipped[0].reason, "nothing new");
        assert_eq!(world.mails().await.len(), 4);

        // The slot finds nothing left, and says so.
        let report = world.pass(first_slot()).await;
        assert_eq!(report.skipped[0].reason, "no new articles");
        assert_eq!(world.edition(FIRST).await.state, "skipped");
        assert_eq!(world.edition(FIRST).await.number, None);

        world.publish().await;
        world.pass_now(first_slot()).await;
        assert_eq!(got(&world, "weekly/now/2").await, to(1..=4, "a2"));
        assert_eq!(world.edition("weekly/now/2").await.number, Some(2));
    }
}

#[tokio::test]
async fn too_few_articles_roll_over() {
    let digest = tidings::config::Digest {
        min_articles: 2,
        ..weekly()
    };
    for world in World::everywhere(digest).await {
        for reader in 1..=4 {
            world.join(reader).await;
        }
        world.publish().await;
        let report = world.pass(first_slot()).await;
        assert_eq!(
            report.skipped[0].reason,
            "too few articles: 1 of at least 2; they roll over"
        );
        assert_eq!(world.cursor(1).await, 0);
        // Who joins now is in the whole next edition, with all others.
        world.join(5).await;
        world.publish().await;
        world.pass(second_slot()).await;
        assert_eq!(got(&world, SECOND).await, to(1..=5, "a2 a1"));
        assert_eq!(world.renderings.load(Relaxed), 1);

        // By hand there is no minimum.
        world.publish().await;
        world.pass_now(second_slot()).await;
        assert_eq!(got(&world, "weekly/now/1").await, to(1..=5, "a3"));
    }
}

#[tokio::test]
async fn above_the_maximum_oldest_first_the_rest_rolls_over() {
    let digest = tidings::config::Digest {
        max_articles: Some(2),
        order: Order::Oldest,
        ..weekly()
    };
    for world in World::everywhere(digest).await {
        world.join(1).await;
        for _ in 0..3 {
            world.publish().await;
        }
        world.pass(first_slot()).await;
        assert_eq!(world.cursor(1).await, 2);
        // Who joins after the edition begins at its end, not at what rolled over.
        world.join(2).await;
        world.publish().await;
        world.pass(second_slot()).await;
        assert_eq!(got(&world, FIRST).await, to(1..=1, "a1 a2"));
        let second = got(&world, SECOND).await;
        assert_eq!(second, [(1, "a3 a4".to_owned()), (2, "a4".to_owned())]);
    }
}

#[tokio::test]
async fn who_joins_while_it_is_filled_gets_the_next_one() {
    for world in World::everywhere(weekly()).await {
        for reader in 2..=7 {
            world.join(reader).await;
        }
        world.stands(7, "paused").await;
        world.publish().await;
        world.broken.store(true, Relaxed);
        world.pass(first_slot()).await;
        // Before the fill: in it.
        world.join(8).await;
        world.broken.store(false, Relaxed);
        world.some_steps(first_slot(), 2).await;
        // While it fills: one that is passed already, and one that is not.
        world.join(1).await;
        world.join(9).await;
        // Back from a pause with a window that nobody else has is in it too.
        world.stands(7, "active").await;
        world.pass(first_slot()).await;
        assert_eq!(got(&world, FIRST).await, to(2..=8, "a1"));
        world.publish().await;
        world.pass(second_slot()).await;
        assert_eq!(got(&world, SECOND).await, to(1..=9, "a2"));
    }
}

#[tokio::test]
async fn a_group_that_turns_up_in_the_fill_is_rendered_then() {
    for world in World::everywhere(weekly()).await {
        world.join(9).await;
        world.publish().await;
        world.pass_now(beginning()).await;
        world.join(8).await;
        world.stands(8, "paused").await;
        world.publish().await;
        world.pass_now(beginning()).await;
        for reader in 1..=7 {
            world.join(reader).await;
        }
        world.publish().await;
        world.broken.store(true, Relaxed);
        world.pass(first_slot()).await;
        world.broken.store(false, Relaxed);
        world.some_steps(first_slot(), 2).await;
        world.stands(8, "active").await;
        world.broken.store(true, Relaxed);
        let report = world.pass(first_slot()).await;
        assert!(report.problems[0].message.contains("the rest of it waits"));
        assert_eq!(got(&world, FIRST).await, to(1..=6, "a3"));
        world.broken.store(false, Relaxed);
        world.pass(first_slot()).await;
        let mut expected = to(1..=7, "a3");
        expected.extend([(8, "a3 a2".to_owned()), (9, "a3".to_owned())]);
        assert_eq!(got(&world, FIRST).await, expected);
    }
}

#[tokio::test]
async fn topics_and_languages_make_few_variants() {
    for world in World::everywhere(weekly()).await {
        world.join_with(1, "category:news", "").await;
        world.join_with(2, "category:NEWS\nauthor:nobody", "").await;
        world.join_with(3, "", "de").await;
        world.join_with(4, "category:sport", "").await;
        world.publish_in("News", beginning()).await;
        world.pass(first_slot()).await;
        assert_eq!(got(&world, FIRST).await, to(1..=3, "a1"));
        assert_eq!(world.messages(FIRST).await.len(), 2);
        // Nothing was for the fourth: that is settled.
        assert_eq!(world.cursor(4).await, 1);
    }
}

#[tokio::test]
async fn slots_that_were_missed_are_caught_up_once() {
    for world in World::everywhere(weekly()).await {
        world.join(1).await;
        world.publish().await;
        let report = world.pass(at("2026-12-16T12:00:00Z")).await;
        assert_eq!(report.editions[0].id, "weekly/2026-12-14T07:00Z");
        let slots: Vec<_> = report
            .skipped
            .iter()
            .map(|skipped| skipped.slot.as_deref().unwrap())
            .collect();
        assert_eq!(slots, ["2026-11-30T07:00:00Z", "2026-12-07T07:00:00Z"]);
        assert_eq!(world.mails().await.len(), 1);
        // It starts when it is found, not days ago.
        assert_eq!(
            world.edition("weekly/2026-12-14T07:00Z").await.starts,
            at("2026-12-16T12:00:00Z").timestamp()
        );
        // A clock that went back makes no slot due again.
        let report = world.pass(second_slot()).await;
        assert!(report.editions.is_empty() && report.skipped.is_empty());
    }
}

#[tokio::test]
async fn slots_that_were_missed_can_be_left_out() {
    let digest = tidings::config::Digest {
        catch_up: CatchUp::Skip,
        ..weekly()
    };
    for world in World::everywhere(digest).await {
        world.join(1).await;
        world.publish().await;
        let report = world.pass(at("2026-12-02T00:00:00Z")).await;
        assert!(report.editions.is_empty());
        assert!(report.skipped[0].reason.contains("missed"), "{report:?}");
        assert_eq!(world.edition(FIRST).await.state, "skipped");
        // Its articles roll over to a slot that is met.
        world.pass(at("2026-12-07T07:20:00Z")).await;
        assert_eq!(got(&world, SECOND).await, to(1..=1, "a1"));
    }
}

#[tokio::test]
async fn what_is_removed_before_the_start_is_not_in_it() {
    for world in World::everywhere(weekly()).await {
        world.join(1).await;
        let gone = world.publish().await;
        world.broken.store(true, Relaxed);
        world.pass(first_slot()).await;
        world.remove(gone).await;
        world.broken.store(false, Relaxed);
        let report = world.pass(first_slot()).await;
        assert_eq!(report.skipped[0].reason, "no new articles");
        assert!(world.mails().await.is_empty());
        // It had a number for its first try; the next edition has it.
        assert_eq!(world.edition(FIRST).await.number, None);
        world.publish().await;
        world.pass(second_slot()).await;
        assert_eq!(world.edition(SECOND).await.number, Some(1));
    }
}

#[tokio::test]
async fn addresses_that_take_no_mail_are_suppressed() {
    for world in World::everywhere(weekly()).await {
        for reader in 1..=4 {
            world.join(reader).await;
        }
        world
            .store
            .write(sql!(
                "UPDATE subscribers SET address_state = 'bounced' WHERE id = 2"
            ))
            .run()
            .await
            .unwrap();
        world
            .store
            .write(sql!(
                "INSERT INTO suppressions (hash, reason, since) VALUES ($1, 'asked', 0)"
            ))
            .bind(suppression::hash(
                &world.key,
                &Address::parse(&address(3)).unwrap(),
            ))
            .run()
            .await
            .unwrap();
        world.publish().await;
        let report = world.pass(first_slot()).await;
        assert_eq!(report.editions[0].recipients, 2);
        let states: Vec<_> = world.mails().await.into_iter().map(|mail| mail.state).collect();
        assert_eq!(states, ["queued", "suppressed", "suppressed", "queued"]);
        world.deliver_all().await;
        world.pass(first_slot()).await;
        assert_eq!(world.edition(FIRST).await.state, "done");
    }
}

#[tokio::test]
async fn a_dropped_edition_settles_its_articles() {
    for world in World::everywhere(weekly()).await {
        for reader in 1..=5 {
            world.join(reader).await;
        }
        world.publish().await;
        world.broken.store(true, Relaxed);
        world.pass(first_slot()).await;
        world.broken.store(false, Relaxed);
        world.some_steps(first_slot(), 2).await;
        let edition = world.unfinished().await.unwrap();
        assert!(world.store.begin_drop(&edition).await.unwrap());
        assert!(!world.store.begin_drop(&edition).await.unwrap());
        // Killed after one chunk, and carried on.
        world.some_steps(first_slot(), 1).await;
        world.publish().await;
        world.pass(second_slot()).await;
        let mails = world.mails().await;
        assert_eq!(mails.iter().filter(|mail| mail.state == "dropped").count(), 3);
        assert_eq!(got(&world, SECOND).await, to(1..=5, "a2"));
        let dropped = world.edition(FIRST).await;
        assert_eq!(dropped.state, "dropped");
        assert!(dropped.finished.is_some());
    }
}

#[tokio::test]
async fn no_readers_no_edition() {
    for world in World::everywhere(weekly()).await {
        world.publish().await;
        let report = world.pass(first_slot()).await;
        assert_eq!(report.skipped[0].reason, "no active readers");
        // Who joins later begins there.
        world.join(1).await;
        world.publish().await;
        world.pass(second_slot()).await;
        assert_eq!(got(&world, SECOND).await, to(1..=1, "a2"));
    }
}

#[tokio::test]
async fn a_digest_that_comes_later_begins_at_the_highest_number() {
    for world in World::everywhere(weekly()).await {
        world.publish().await;
        world
            .store
            .ensure_track("daily", "default", first_slot())
            .await
            .unwrap();
        let track = world.store.track("daily", "default").await.unwrap().unwrap();
        assert_eq!((track.floor, track.upto), (1, None));
        assert_eq!(
            world.store.joining_cursor("daily", "default").await.unwrap(),
            Some(1)
        );
        assert_eq!(
            world.store.joining_cursor("other", "default").await.unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn the_next_slots_tell_what_waits() {
    let digest = tidings::config::Digest {
        max_articles: Some(2),
        order: Order::Oldest,
        timezone: chrono_tz::Europe::Berlin,
        ..weekly()
    };
    for world in World::everywhere(digest).await {
        for reader in 1..=3 {
            world.join(reader).await;
        }
        for _ in 0..3 {
            world.publish().await;
        }
        let slots = next_slots(&world.store, &[&world.digest], beginning(), 3)
            .await
            .unwrap();
        let told: Vec<_> = slots
            .iter()
            .map(|slot| {
                (
                    slot.local.as_str(),
                    slot.utc.as_str(),
                    slot.articles,
                    slot.recipients,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("2026-11-30T07:00:00+01:00", "2026-11-30T06:00:00Z", 2, 3),
                ("2026-12-07T07:00:00+01:00", "2026-12-07T06:00:00Z", 1, 3),
                ("2026-12-14T07:00:00+01:00", "2026-12-14T06:00:00Z", 0, 0),
            ]
        );
    }
}

#[tokio::test]
async fn editions_are_listed_and_shown() {
    for world in World::everywhere(weekly()).await {
        world.join(1).await;
        world.publish().await;
        world.pass(first_slot()).await;
        world.pass(second_slot()).await;
        let names = |editions: Vec<tidings::store::editions::Edition>| -> Vec<String> {
            editions.into_iter().map(|edition| edition.name).collect()
        };
        assert_eq!(
            names(world.store.editions(10, None).await.unwrap()),
            [SECOND, FIRST]
        );
        assert_eq!(names(world.store.editions(1, None).await.unwrap()), [SECOND]);
        assert_eq!(
            names(world.store.editions(10, Some(SECOND)).await.unwrap()),
            [FIRST]
        );

        let shown = view(&world.store, world.edition(FIRST).await).await.unwrap();
        let json = serde_json::to_value(&shown).unwrap();
        assert_eq!(json["id"], FIRST);
        assert_eq!(json["state"], "sending");
        assert_eq!(json["starts_at"], "2026-11-30T07:00:00Z");
        assert_eq!(json["articles"][0]["url"], "https://example.org/1");
        assert_eq!(json["counts"]["queued"], 1);
        assert_eq!(json["variants"], 1);
        assert_eq!(json["hold"], serde_json::Value::Null);
    }
}

/// A future that is dropped after it was polled a few times.
async fn cancelled<F: Future>(future: F, polls: u32) {
    let mut future = Box::pin(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return std::task::Poll::Ready(());
        }
        left -= 1;
        future.as_mut().poll(context).map(drop)
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_is_cancelled_while_it_begins_leaves_nothing_open() {
    for world in World::everywhere(weekly()).await {
        let others = world.another().await;
        for polls in (0..8).cycle().take(40) {
            cancelled(world.store.begin(), polls).await;
            let number = world.publish().await;
            // Others see it: it was not written into a transaction that somebody left open.
            assert_eq!(
                others.highest_number().await.unwrap(),
                number,
                "after {polls} polls"
            );
        }
    }
}
