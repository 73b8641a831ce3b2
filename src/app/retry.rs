//! What the operator has tried again: `deliveries retry` and `editions resend-failed`.

use super::editions::named;
use super::{Site, unknown};
use crate::clock::Instant;
use crate::problem::Problem;
use crate::store::facts;
use crate::store::retry::Again;

/// The states that can be tried again.
pub const RETRIED: [&str; 3] = ["deferred", "failed", "unknown"];

/// Makes deliveries due for the next pass, with the Message-ID they have. How many.
///
/// # Errors
/// No such edition (`unknown-edition`) or delivery (`unknown-delivery`); a delivery that is neither
/// deferred nor failed nor unknown (`delivery-settled`). Then nothing is changed. Those of the store.
pub async fn retry(site: &Site, again: &Again) -> anyhow::Result<u64> {
    if let Some(edition) = &again.edition {
        named(site, edition).await?;
    }
    let states = site.store.delivery_states(&again.ids).await?;
    for id in &again.ids {
        let state = states.iter().find(|(known, _)| known == id);
        let (_, state) = state.ok_or_else(|| unknown::delivery(*id))?;
        if !again.states.contains(state) {
            return Err(settled(*id, state).into());
        }
    }
    Ok(site.store.try_again(again, due(site).await?).await?)
}

/// Sends what failed of an edition again; with `unknown` also what may have arrived. How many.
///
/// # Errors
/// No such edition (`unknown-edition`), or one that was not sent (`edition-over`); those of the store.
pub async fn resend_failed(site: &Site, name: &str, unknown: bool) -> anyhow::Result<u64> {
    let edition = named(site, name).await?;
    if !matches!(edition.state.as_str(), "filling" | "sending" | "done") {
        return Err(Problem::error(
            "edition-over",
            format!("{name} is {}: nothing of it was sent and failed", edition.state),
        )
        .hint(format!("tidings editions show {name} says what became of it"))
        .into());
    }
    let states = ["failed", "unknown"].into_iter().take(1 + usize::from(unknown));
    let again = Again {
        states: states.map(str::to_owned).collect(),
        edition: Some(edition.name),
        ..Again::default()
    };
    retry(site, &again).await
}

/// Due at once, also for a pass that is made as if it were earlier.
async fn due(site: &Site) -> anyhow::Result<Instant> {
    let now = site.clock.now();
    let newest = site.store.fact_instant(facts::NEWEST_PASS).await?;
    Ok(newest.map_or(now, |newest| newest.min(now)))
}

fn settled(id: i64, state: &str) -> Problem {
    Problem::error(
        "delivery-settled",
        format!("delivery {id} is {state}: it cannot be tried again"),
    )
    .hint("what is deferred, failed or, with --state unknown, unknown can be")
}
