//! Looks at the service from outside, every few seconds: what waits for a person, and what is behind.

use super::pulse::{Facts, Pulse};
use super::turns::every;
use super::{TICK, tell};
use crate::app::{Site, alerts, editions};
use crate::clock::{Instant, from_seconds, rfc3339};
use crate::delivery::stop::Stop;
use crate::store::reported::Part;
use crate::telemetry::masked;
use crate::web::health::Health;
use chrono::Duration;
use std::sync::Arc;
use std::time;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// A store that has not answered for so long does not answer.
const LONGEST_ANSWER: time::Duration = time::Duration::from_secs(10);
/// So late, and an edition has not begun, it is late.
const LATE_EDITION: Duration = Duration::minutes(2);
/// So late, and mail that is due has not gone, it is late.
const LATE_MAIL: Duration = Duration::minutes(15);

/// Runs until it is asked to stop.
pub(super) async fn run(site: Site, stop: Stop, pulse: Arc<Pulse>, health: watch::Sender<Health>) {
    while !stop.is_asked() {
        let seen = timeout(LONGEST_ANSWER, look(&site, &pulse.now())).await;
        // What is wrong with the store the other parts say.
        let seen = seen.ok().and_then(Result::ok).unwrap_or_else(|| Health {
            store: false,
            ..health.borrow().clone()
        });
        health.send_replace(seen);
        pulse.beat();
        tokio::select! {
            () = sleep(TICK) => {}
            () = pulse.changed() => {}
            () = stop.asked() => {}
        }
    }
}

async fn look(site: &Site, facts: &Facts) -> anyhow::Result<Health> {
    let held = editions::waiting(site).await?;
    tell(site, Part::Held, &held).await?;
    let now = site.clock.now();
    alerts::tell(site, now).await?;
    let troubles = [&facts.turns, &facts.mail, &facts.pings, &facts.hub, &facts.relay];
    let troubles = troubles.into_iter().flatten();
    // Whoever reaches the service may read it, and servers name addresses in what they say.
    let mut behind: Vec<String> = troubles.map(|why| masked(why).into_owned()).collect();
    behind.extend(late(site, facts, now).await?);
    Ok(Health {
        ready: facts.read.is_some(),
        store: true,
        behind,
        last_pass: facts.read,
    })
}

/// What should have been done by now.
async fn late(site: &Site, facts: &Facts, now: Instant) -> anyhow::Result<Vec<String>> {
    let mut late = Vec::new();
    let every = Duration::from_std(every(&site.config)).unwrap_or(Duration::MAX);
    if let Some(read) = facts.read.filter(|read| (now - *read) / 2 > every) {
        late.push(format!("the sources were read last at {}", rfc3339(read)));
    }
    if let Some(due) = editions::next_due(site).await?
        && now - due > LATE_EDITION
    {
        late.push(format!("an edition is due since {}", rfc3339(due)));
    }
    if let Some(due) = site.store.next_delivery().await?.map(from_seconds)
        && due > from_seconds(0)
        && now - due > LATE_MAIL
    {
        late.push(format!("mail is due since {}", rfc3339(due)));
    }
    Ok(late)
}
