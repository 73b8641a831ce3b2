//! Editions that are planned ahead, that wait for approval, and slots that were missed.

use super::world::{World, at, beginning, weekly};
use super::{FIRST, SECOND, first_slot, got, second_slot, to};
use std::time::Duration;
use tidings::app::editions::next_slots;
use tidings::clock::Instant;
use tidings::config::{CatchUp, Digest};
use tidings::schedule::Schedule;

fn hours_before(instant: Instant, hours: i64) -> Instant {
    instant - chrono::Duration::hours(hours)
}

fn days_after(instant: Instant, days: i64) -> Instant {
    instant + chrono::Duration::days(days)
}

fn with_grace() -> Digest {
    Digest {
        grace: Duration::from_secs(12 * 3600),
        ..weekly()
    }
}

fn with_approval() -> Digest {
    Digest {
        approval: true,
        ..with_grace()
    }
}

#[tokio::test]
async fn with_grace_an_edition_is_planned_before_its_slot_and_starts_at_it() {
    for world in World::everywhere(with_grace()).await {
        for reader in 1..=4 {
            world.join(reader).await;
        }
        world.publish().await;
        let early = hours_before(first_slot(), 12) - chrono::Duration::seconds(1);
        assert!(world.pass(early).await.planned.is_empty());

        let now = hours_before(first_slot(), 12);
        tokio::join!(world.pass(now), world.pass(now), world.pass(now));
        assert_eq!(world.store.editions(10, None).await.unwrap().len(), 1);
        let report = world.pass(now).await;
        assert_eq!(report.planned[0].id, FIRST);
        assert_eq!(report.planned[0].starts_at, "2026-11-30T07:00:00Z");
        assert!(report.editions.is_empty() && report.problems.is_empty());

        // What is announced from now on is for the next one; corrections count until it starts.
        world.publish().await;
        world.correct(1, "Corrected").await;
        let slots = next_slots(&world.store, &[&world.digest], now, 2).await.unwrap();
        let told = |n: usize| (slots[n].edition.as_deref(), slots[n].article_ids.join(" "));
        assert_eq!(told(0), (Some(FIRST), "a1".to_owned()));
        assert_eq!(told(1), (None, "a2".to_owned()));

        world.pass(hours_before(first_slot(), 1)).await;
        assert!(world.mails().await.is_empty());
        let report = world.pass(first_slot()).await;
        assert_eq!(report.editions[0].id, FIRST);
        assert!(report.planned.is_empty());
        assert_eq!(got(&world, FIRST).await, to(1..=4, "a1"));
        assert_eq!(world.messages(FIRST).await[0]["articles"][0], "Corrected");
        world.pass(second_slot()).await;
        assert_eq!(got(&world, SECOND).await, to(1..=4, "a2"));
    }
}

#[tokio::test]
async fn what_was_not_planned_ahead_is_planned_when_it_is_found() {
    for world in World::everywhere(with_grace()).await {
        world.join(1).await;
        world.publish().await;
        // Nobody was running from the first day of grace until two slots later.
        let report = world.pass(days_after(second_slot(), 1)).await;
        assert_eq!(report.editions[0].id, SECOND);
        assert_eq!(report.skipped[0].slot.as_deref(), Some("2026-11-30T07:00:00Z"));
        // One that was planned is carried on, however late the next pass comes.
        world.publish().await;
        let third = days_after(second_slot(), 7);
        world.pass(hours_before(third, 2)).await;
        let report = world.pass(days_after(third, 3)).await;
        assert_eq!(report.editions[0].id, "weekly/2026-12-14T07:00Z");
        assert_eq!(world.mails().await.len(), 2);
    }
}

#[tokio::test]
async fn a_grace_longer_than_the_schedule_plans_one_after_the_other() {
    let digest = Digest {
        schedule: Schedule::parse("0 * * * *").unwrap(),
        ..with_grace()
    };
    for world in World::everywhere(digest).await {
        world.join(1).await;
        world.pass(beginning()).await;
        for hour in 13..=15 {
            world.publish().await;
            let now = at(&format!("2026-11-23T{hour}:00:00Z"));
            let report = world.pass(now).await;
            assert_eq!(report.planned.len(), 1, "{report:?}");
            assert_eq!(
                report.planned[0].starts_at,
                format!("2026-11-23T{}:00:00Z", hour + 1)
            );
        }
        let mails: Vec<String> = world
            .mails()
            .await
            .iter()
            .map(|mail| mail.articles.join(" "))
            .collect();
        // Each holds what was there when the one before it started.
        assert_eq!(mails, ["a1", "a2"]);
    }
}

#[tokio::test]
async fn the_grace_before_a_slot_in_the_gap_of_daylight_saving() {
    let digest = Digest {
        schedule: Schedule::parse("30 2 * * *").unwrap(),
        timezone: chrono_tz::Europe::Berlin,
        grace: Duration::from_secs(3600),
        ..weekly()
    };
    for world in World::everywhere(digest).await {
        world.join(1).await;
        world.pass(at("2027-03-27T20:00:00Z")).await;
        world.publish().await;
        // There is no 02:30 that night: the slot is at 03:00, which is one o'clock in UTC.
        assert!(world.pass(at("2027-03-27T23:59:59Z")).await.planned.is_empty());
        let planned = world.pass(at("2027-03-28T00:00:00Z")).await.planned;
        assert_eq!(planned[0].starts_at, "2027-03-28T01:00:00Z");
        assert!(world.pass(at("2027-03-28T00:59:59Z")).await.editions.is_empty());
        let sent = world.pass(at("2027-03-28T01:00:00Z")).await.editions;
        assert_eq!(sent[0].id, "weekly/2027-03-28T01:00Z");
    }
}

#[tokio::test]
async fn an_edition_at_once_starts_the_one_that_is_planned() {
    for world in World::everywhere(with_grace()).await {
        world.join(1).await;
        world.publish().await;
        let now = hours_before(first_slot(), 3);
        world.pass(now).await;
        world.publish().await;
        world.pass_now(now).await;
        assert_eq!(got(&world, FIRST).await, to(1..=1, "a1"));
        assert_eq!(got(&world, "weekly/now/1").await, to(1..=1, "a2"));
        // Its slot is taken: nothing more comes of it.
        let slots = next_slots(&world.store, &[&world.digest], now, 1).await.unwrap();
        assert_eq!(slots[0].utc, "2026-12-07T07:00:00Z");
        world.publish().await;
        let report = world.pass(first_slot()).await;
        assert!(
            report.editions.is_empty() && report.skipped.is_empty(),
            "{report:?}"
        );
    }
}

#[tokio::test]
async fn with_approval_an_edition_waits_for_it() {
    for world in World::everywhere(with_approval()).await {
        for reader in 1..=3 {
            world.join(reader).await;
        }
        world.publish().await;
        let report = world.pass(hours_before(first_slot(), 1)).await;
        let hold = report.planned[0].hold.as_ref().unwrap();
        assert_eq!(
            (hold.code.as_str(), hold.reason.as_str()),
            ("approval", "it waits for approval")
        );
        let report = world.pass(first_slot()).await;
        assert!(report.editions.is_empty() && report.problems.is_empty());
        assert!(world.mails().await.is_empty());

        // The next slot is not given up before it has come: until then the first one may go out.
        world.publish().await;
        let report = world.pass(hours_before(second_slot(), 1)).await;
        assert!(report.skipped.is_empty(), "{report:?}");
        let report = world.pass(second_slot()).await;
        assert_eq!(
            report.skipped[0].reason,
            format!("{FIRST} is held; its articles roll over")
        );

        let edition = world.edition(FIRST).await;
        assert!(world.store.release_edition(edition.id).await.unwrap());
        world.pass(second_slot()).await;
        assert_eq!(got(&world, FIRST).await, to(1..=3, "a1"));
        // Who asks for an edition by hand has looked at it.
        world.pass_now(second_slot()).await;
        assert_eq!(got(&world, "weekly/now/1").await, to(1..=3, "a2"));
    }
}

#[tokio::test]
async fn what_holds_nothing_needs_no_approval_and_blocks_nothing() {
    for world in World::everywhere(with_approval()).await {
        world.join(1).await;
        // Until its slot something may still be included: it waits.
        let report = world.pass(hours_before(first_slot(), 1)).await;
        assert_eq!(report.planned[0].hold.as_ref().unwrap().code, "approval");
        let report = world.pass(first_slot()).await;
        assert_eq!(report.skipped[0].reason, "no new articles");
        assert_eq!(world.edition(FIRST).await.held, None);

        world.publish().await;
        let report = world.pass(hours_before(second_slot(), 1)).await;
        assert_eq!(report.planned[0].id, SECOND);
        world.pass(second_slot()).await;
        assert!(world.mails().await.is_empty());
        let edition = world.edition(SECOND).await;
        assert!(world.store.release_edition(edition.id).await.unwrap());
        world.pass(second_slot()).await;
        assert_eq!(got(&world, SECOND).await, to(1..=1, "a1"));
    }
}

#[tokio::test]
async fn what_is_approved_early_waits_for_its_slot() {
    for world in World::everywhere(with_approval()).await {
        world.join(1).await;
        world.publish().await;
        world.pass(hours_before(first_slot(), 6)).await;
        let edition = world.edition(FIRST).await;
        assert!(world.store.release_edition(edition.id).await.unwrap());
        world.pass(hours_before(first_slot(), 1)).await;
        assert!(world.mails().await.is_empty());
        world.pass(first_slot()).await;
        assert_eq!(got(&world, FIRST).await, to(1..=1, "a1"));
    }
}

fn daily() -> Digest {
    Digest {
        schedule: Schedule::parse("0 7 * * *").unwrap(),
        catch_up: CatchUp::Skip,
        ..weekly()
    }
}

/// Publishes an article, makes a pass, and gives the articles of its edition.
async fn news_at(world: &World, now: &str) -> Option<String> {
    world.publish().await;
    let report = world.pass(at(now)).await;
    report.editions.first().map(|edition| edition.articles.join(" "))
}

#[tokio::test]
async fn a_timer_that_always_comes_two_hours_late_misses_nothing() {
    for world in World::everywhere(daily()).await {
        world.join(1).await;
        // Nothing is known yet of when passes come.
        assert_eq!(news_at(&world, "2026-11-24T09:00:00Z").await, None);
        assert_eq!(
            news_at(&world, "2026-11-25T09:00:00Z").await.as_deref(),
            Some("a2 a1")
        );
        // A pass by hand in between changes nothing.
        assert_eq!(news_at(&world, "2026-11-25T21:00:00Z").await, None);
        assert_eq!(news_at(&world, "2026-11-25T21:05:00Z").await, None);
        assert_eq!(
            news_at(&world, "2026-11-26T09:00:00Z").await.as_deref(),
            Some("a5 a4 a3")
        );
        // Three days off: the slots of two were missed, that of the day is met as ever.
        world.publish().await;
        let report = world.pass(at("2026-11-29T09:00:00Z")).await;
        assert_eq!(report.editions[0].id, "weekly/2026-11-29T07:00Z");
        assert_eq!(report.skipped.len(), 2);
    }
}

#[tokio::test]
async fn what_comes_every_hour_and_was_down_has_missed_the_slot() {
    for world in World::everywhere(daily()).await {
        world.join(1).await;
        let mut now = beginning();
        while now < at("2026-11-25T05:00:00Z") {
            now += chrono::Duration::minutes(30);
            world.pass(now).await;
        }
        assert_eq!(news_at(&world, "2026-11-25T08:30:00Z").await, None);
        assert_eq!(world.edition("weekly/2026-11-25T07:00Z").await.state, "skipped");
        assert_eq!(
            news_at(&world, "2026-11-26T07:05:00Z").await.as_deref(),
            Some("a2 a1")
        );
    }
}
