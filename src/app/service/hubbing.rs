//! The hub: tells subscribers what has changed, as soon as it is written, and asks those who want to be.

use super::pulse::{Part, Pulse};
use super::{TICK, Trouble};
use crate::app::Site;
use crate::app::hub::Hub;
use crate::delivery::stop::Stop;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

/// Between two tidyings.
const TIDY: Duration = Duration::from_secs(60);

/// Runs until it is asked to stop. What is under way then is waited for as long as `works` waits for its
/// parts.
pub(super) async fn run(site: Site, due: Arc<Notify>, stop: Stop, pulse: Arc<Pulse>) {
    if !site.config.hub.enabled {
        return stop.asked().await;
    }
    let mut trouble = Trouble::default();
    while !stop.is_asked() {
        let Err(error) = work(&site, &due, &stop, &pulse, &mut trouble).await else {
            return;
        };
        tracing::error!("subscribers wait: {error:#}");
        pulse.of(Part::Hub, Some(format!("{error:#}")));
        tokio::select! {
            () = sleep(trouble.wait()) => {}
            () = stop.asked() => {}
        }
    }
}

async fn work(
    site: &Site,
    due: &Notify,
    stop: &Stop,
    pulse: &Pulse,
    trouble: &mut Trouble,
) -> anyhow::Result<()> {
    let mut hub = Hub::new(site)?;
    let (mut look, mut tidy) = (Instant::now(), Instant::now());
    while !stop.is_asked() {
        if Instant::now() >= tidy {
            hub.tidy().await?;
            tidy = Instant::now() + TIDY;
        }
        if Instant::now() >= look {
            hub.look().await?;
            look = Instant::now() + TICK;
            trouble.is_over();
            pulse.of(Part::Hub, None);
        }
        hub.turn().await?;
        tokio::select! {
            () = stop.asked() => {}
            () = due.notified() => look = Instant::now(),
            done = hub.next(), if hub.is_busy() => done?,
            () = sleep_until(look) => {}
        }
    }
    hub.stop().await
}
