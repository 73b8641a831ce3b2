//! How long a million readers take, and how long others wait for the writer meanwhile. Run with
//! `cargo test --release --test it million -- --ignored --nocapture`.

use super::world::{World, at, weekly};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tidings::sql;

async fn million(world: &World) {
    world
        .store
        .write(sql!(
            "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
             INSERT INTO subscribers (id, address, key, created)
             SELECT i, 'reader' || i || '@example.org', 'reader' || i || '@example.org', 0 FROM n"
        ))
        .run()
        .await
        .unwrap();
    world
        .store
        .write(sql!(
            "INSERT INTO subscriptions (subscriber, digest, standing, cursor, since)
             SELECT id, 'weekly', 'active', 0, 0 FROM subscribers"
        ))
        .run()
        .await
        .unwrap();
}

/// Writes a little all the time; the longest any of it took.
async fn longest_wait(world: &World, over: &AtomicBool) -> Duration {
    let mut longest = Duration::ZERO;
    while !over.load(Ordering::Relaxed) {
        let began = Instant::now();
        world
            .store
            .write(sql!(
                "INSERT INTO facts (name, value) VALUES ('t', $1) ON CONFLICT (name) DO UPDATE SET value = $1"
            ))
            .bind("x")
            .run()
            .await
            .unwrap();
        longest = longest.max(began.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    longest
}

async fn measure(mut world: World, name: &str) {
    world.chunk = tidings::app::editions::CHUNK;
    million(&world).await;
    world.publish().await;
    let over = AtomicBool::new(false);
    let began = Instant::now();
    let pass = async {
        let report = world.pass(at("2026-11-30T07:00:00Z")).await;
        let took = began.elapsed();
        over.store(true, Ordering::Relaxed);
        assert_eq!(report.editions[0].recipients, 1_000_000);
        took
    };
    let (took, longest) = tokio::join!(pass, longest_wait(&world, &over));
    println!(
        "{name}: a million readers planned and filled in {took:?}; the longest other write took {longest:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute; a measurement"]
async fn a_million_readers() {
    measure(World::sqlite(weekly()).await, "SQLite").await;
    if let Some(world) = World::postgres(weekly()).await {
        measure(world, "PostgreSQL").await;
    }
}
