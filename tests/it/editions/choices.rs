//! What the operator takes into a planned edition, leaves out of it, or puts off.

use super::world::{World, weekly};
use super::{FIRST, SECOND, first_slot, got, second_slot, to};
use std::sync::atomic::Ordering::Relaxed;
use tidings::app::editions::{defer, exclude, include};
use tidings::clock::Instant;
use tidings::config::Digest;
use tidings::problem::Problem;

fn with_grace() -> Digest {
    Digest {
        grace: std::time::Duration::from_secs(12 * 3600),
        ..weekly()
    }
}

fn before(slot: Instant) -> Instant {
    slot - chrono::Duration::hours(1)
}

fn a(number: i64) -> Vec<String> {
    vec![format!("a{number}")]
}

fn code<T: std::fmt::Debug>(done: anyhow::Result<T>) -> &'static str {
    done.unwrap_err().downcast::<Problem>().unwrap().code
}

#[tokio::test]
async fn what_is_excluded_stays_out_also_where_the_rest_rolls_over() {
    let digest = Digest {
        min_articles: 2,
        ..with_grace()
    };
    for world in World::everywhere(digest).await {
        world.join(1).await;
        world.publish().await;
        world.publish().await;
        world.pass(before(first_slot())).await;
        let place = world.place(FIRST, first_slot());
        exclude(place, &a(2)).await.unwrap();
        world.pass(first_slot()).await;
        assert_eq!(world.edition(FIRST).await.state, "skipped");
        world.publish().await;
        world.pass(before(second_slot())).await;
        let place = world.place(SECOND, second_slot());
        assert_eq!(code(include(place, &a(2)).await), "article-excluded");
        assert_eq!(code(defer(place, &a(2)).await), "article-excluded");
        world.pass(second_slot()).await;
        assert_eq!(got(&world, SECOND).await, to(1..=1, "a3 a1"));
    }
}

#[tokio::test]
async fn an_exclusion_can_be_taken_back_until_the_start() {
    for world in World::everywhere(with_grace()).await {
        world.join(1).await;
        world.publish().await;
        world.publish().await;
        world.pass(before(first_slot())).await;
        let place = world.place(FIRST, first_slot());
        exclude(place, &[a(1), a(2)].concat()).await.unwrap();
        include(place, &a(1)).await.unwrap();
        defer(place, &a(2)).await.unwrap();
        world.pass(first_slot()).await;
        assert_eq!(code(exclude(place, &a(1)).await), "edition-frozen");
        assert_eq!(got(&world, FIRST).await, to(1..=1, "a1"));
        world.pass(second_slot()).await;
        assert_eq!(got(&world, SECOND).await, to(1..=1, "a2"));
    }
}

#[tokio::test]
async fn what_somebody_has_had_cannot_be_put_off() {
    for world in World::everywhere(with_grace()).await {
        for reader in 1..=2 {
            world.join(reader).await;
        }
        world.stands(2, "paused").await;
        world.publish().await;
        world.pass(first_slot()).await;
        world.stands(2, "active").await;
        world.publish().await;
        world.pass(before(second_slot())).await;
        let place = world.place(SECOND, second_slot());
        assert_eq!(code(defer(place, &a(1)).await), "article-sent");
        // For who has not had it, it can be left out.
        let chosen = exclude(place, &a(1)).await.unwrap();
        assert_eq!(chosen[0].past, 1);
        world.pass(second_slot()).await;
        assert_eq!(got(&world, SECOND).await, to(1..=2, "a2"));
    }
}

#[tokio::test]
async fn what_has_no_number_gets_one_and_comes_with_all_below() {
    for world in World::everywhere(with_grace()).await {
        world.join(1).await;
        world.publish().await;
        world.pass(before(first_slot())).await;
        world.publish().await;
        let third = world.publish_unannounced().await;
        let place = world.place(FIRST, first_slot());
        let chosen = include(place, &a(third)).await.unwrap();
        assert_eq!((chosen[0].number, chosen[0].past), (3, 0));
        world.pass(first_slot()).await;
        assert_eq!(got(&world, FIRST).await, to(1..=1, "a3 a2 a1"));
    }
}

#[tokio::test]
async fn another_digest_has_what_one_has_put_off() {
    for world in World::everywhere(with_grace()).await {
        world.join(1).await;
        world.publish().await;
        world.pass(before(first_slot())).await;
        defer(world.place(FIRST, first_slot()), &a(1)).await.unwrap();
        let now = first_slot();
        let of = async |digest: &str, after: i64| {
            let cards = world
                .store
                .numbered_for(digest, "default", after, 9, now)
                .await
                .unwrap();
            cards
                .into_iter()
                .filter_map(|card| card.number)
                .collect::<Vec<_>>()
        };
        assert_eq!(of("weekly", 0).await, [2]);
        assert_eq!(of("monthly", 0).await, [1]);
        // The number is nobody else's.
        assert_eq!(world.publish().await, 2);
        assert_eq!(world.number(2).await, Some(3));
    }
}

#[tokio::test]
async fn a_choice_that_comes_while_it_is_rendered_counts() {
    for world in World::everywhere(with_grace()).await {
        world.join(1).await;
        world.publish().await;
        world.publish().await;
        world.pass(before(first_slot())).await;
        // Whoever renders what was there before the choice cannot start the edition with it.
        let stale = world.edition(FIRST).await;
        exclude(world.place(FIRST, first_slot()), &a(1)).await.unwrap();
        let start = tidings::store::fill::Start {
            groups: &[],
            variants: &[],
            moves_track: true,
            reason: None,
            now: first_slot(),
        };
        assert!(!world.store.start_edition(&stale, start).await.unwrap());
        assert!(!world.store.add_groups(&stale, &[], &[]).await.unwrap());
        world.pass(first_slot()).await;
        assert_eq!(got(&world, FIRST).await, to(1..=1, "a2"));
        assert_eq!(world.renderings.load(Relaxed), 1);
    }
}
