//! Sends what is due, as it becomes due.

use super::pulse::{Part, Pulse};
use super::{TICK, Trouble, tell};
use crate::app::delivery::{self, DeliveryReport, Orders, Waits};
use crate::app::{Site, editions};
use crate::delivery::due::Due;
use crate::delivery::stop::Stop;
use crate::delivery::worker::More;
use crate::store::reported;
use std::sync::Arc;
use std::time::Duration;

/// After a relay took no mail, the next try waits so long.
const RELAY_PAUSE: Duration = Duration::from_secs(30);

/// Between two looks at what is due.
const SHORTEST: Duration = Duration::from_millis(100);

/// Runs until it is asked to stop. `more` is told of rows of this process; those of others are found by
/// looking.
pub(super) async fn run(site: Site, mut more: More, stop: Stop, pulse: Arc<Pulse>) {
    let mut trouble = Trouble::default();
    while !stop.is_asked() {
        let pause = match send(&site, &stop, &pulse).await {
            Ok(pause) => {
                trouble.is_over();
                pulse.of(Part::Mail, None);
                pause
            }
            Err(error) => {
                tracing::error!("mail waits: {error:#}");
                pulse.of(Part::Mail, Some(format!("{error:#}")));
                Some(trouble.wait())
            }
        };
        let wakes = async {
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => wait(&site, &mut more).await,
            }
        };
        tokio::select! {
            () = wakes => {}
            () = stop.asked() => {}
        }
    }
}

/// Sends all that is due now, and what becomes due meanwhile. Gives a pause where the relay takes none.
async fn send(site: &Site, stop: &Stop, pulse: &Pulse) -> anyhow::Result<Option<Duration>> {
    let orders = Orders {
        due: Due::By(site.clock),
        waits: Waits::default(),
        stop: stop.clone(),
        more: None,
    };
    let report = delivery::run(site, orders).await?;
    // Where nothing is due any more, a relay that took nothing keeps nothing waiting.
    if is_nothing(&report) && pulse.now().relay.is_none() {
        return Ok(None);
    }
    editions::close(&site.store, site.clock.now()).await?;
    let entered = tell(site, reported::Part::Mail, &report.problems).await?;
    let blocked = report.problems.iter().find(|_| entered.verdict.mail_is_blocked);
    pulse.relay(blocked.map(ToString::to_string));
    Ok(blocked.map(|_| RELAY_PAUSE))
}

/// Nothing was due, so nothing new is known.
fn is_nothing(report: &DeliveryReport) -> bool {
    let counts = &report.counts;
    let settled = counts.sent + counts.deferred + counts.failed + counts.suppressed + counts.unknown;
    settled + counts.in_doubt == 0 && report.problems.is_empty()
}

/// Until there may be something to send.
async fn wait(site: &Site, more: &mut More) {
    let next = match site.store.next_delivery().await {
        Ok(Some(next)) => site.clock.until(crate::clock::from_seconds(next)),
        // An error comes up again where it is told.
        Ok(None) | Err(_) => TICK,
    };
    // What is due and could not be claimed is in the hands of another worker.
    let nap = next.clamp(SHORTEST, TICK);
    tokio::select! {
        came = more.changed() => {
            // Without turns in this process nobody tells.
            if came.is_err() {
                tokio::time::sleep(nap).await;
            }
        }
        () = tokio::time::sleep(nap) => {}
    }
}
