//! Tells aggregators what has changed, as it becomes due.

use super::pulse::{Part, Pulse};
use super::{TICK, Trouble, tell};
use crate::app::{Site, pings};
use crate::delivery::stop::Stop;
use crate::store::reported;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::time::sleep;

/// Runs until it is asked to stop. A request on its way is waited for as long as `works` waits for its
/// parts; one that is cut off is made again when its lease has ended.
pub(super) async fn run(site: Site, planned: Arc<Notify>, stop: Stop, pulse: Arc<Pulse>) {
    let mut trouble = Trouble::default();
    while !stop.is_asked() {
        let pause = match send(&site).await {
            Ok(()) => {
                trouble.is_over();
                pulse.of(Part::Pings, None);
                TICK
            }
            Err(error) => {
                tracing::error!("pings wait: {error:#}");
                pulse.of(Part::Pings, Some(format!("{error:#}")));
                trouble.wait()
            }
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = planned.notified() => {}
            () = stop.asked() => {}
        }
    }
}

async fn send(site: &Site) -> anyhow::Result<()> {
    let report = pings::run(site, site.clock.now()).await?;
    if !report.pings.is_empty() {
        tell(site, reported::Part::Pings, &report.problems).await?;
    }
    Ok(())
}
