//! What the operator does with an edition: hold it, let it go on, drop it.

use super::CHUNK;
use crate::app::{Site, unknown};
use crate::clock::{from_seconds, rfc3339};
use crate::problem::Problem;
use crate::store::editions::Edition;

/// Keeps an edition from going on until it is released or dropped. What was sent was sent.
///
/// # Errors
/// No such edition (`unknown-edition`), or one that is over (`edition-over`); those of the store.
pub async fn hold(site: &Site, name: &str, reason: &str) -> anyhow::Result<Edition> {
    let edition = named(site, name).await?;
    let held = site
        .store
        .hold_edition(edition.id, reason, site.clock.now())
        .await?;
    if !held && edition.held.is_none() {
        return Err(over(name).into());
    }
    named(site, name).await
}

/// Lets a held edition go on with the next pass.
///
/// # Errors
/// As [`hold`]; one that is not held is `edition-over` too.
pub async fn release(site: &Site, name: &str) -> anyhow::Result<Edition> {
    let edition = named(site, name).await?;
    if !site.store.release_edition(edition.id).await? {
        return Err(over(name).into());
    }
    named(site, name).await
}

/// Ends an edition: nobody gets it any more, and its articles are settled for all its readers.
///
/// # Errors
/// As [`hold`].
pub async fn drop(site: &Site, name: &str) -> anyhow::Result<Edition> {
    let edition = named(site, name).await?;
    if !site.store.begin_drop(&edition).await? && edition.state != "dropped" {
        return Err(over(name).into());
    }
    loop {
        let edition = named(site, name).await?;
        if !site.store.drop_chunk(&edition, CHUNK).await? {
            break;
        }
    }
    site.store.end_drop(&edition, site.clock.now()).await?;
    named(site, name).await
}

/// The codes of [`waiting`].
pub const WAITING: [&str; 2] = ["edition-approval", "edition-held"];

/// The editions that wait for the operator, each as a problem. One that is held blocks mail; one that
/// waits for approval does as it was told, and is named.
///
/// # Errors
/// Those of the store.
pub async fn waiting(site: &Site) -> anyhow::Result<Vec<Problem>> {
    let held = site.store.editions_waiting_for_operator().await?;
    Ok(held.iter().map(problem).collect())
}

fn problem(edition: &Edition) -> Problem {
    let name = &edition.name;
    if edition.waits_for_approval() {
        let starts = rfc3339(from_seconds(edition.starts));
        return Problem::warning(
            "edition-approval",
            format!("{name} waits for your approval, and goes out at {starts} at the earliest"),
        )
        .hint(format!(
            "look at it: tidings editions test {name} ADDRESS; then let it go: tidings editions release {name}"
        ));
    }
    let reason = edition.hold_reason.as_deref().unwrap_or("no reason was given");
    Problem::error("edition-held", format!("{name} is held: {reason}"))
        .hint(format!(
            "when the cause is mended: tidings editions release {name}; to give it up: tidings editions drop {name}"
        ))
        .blocking_mail()
}

/// The edition of a name, as `weekly/2026-11-30T07:00Z`.
///
/// # Errors
/// No such edition (`unknown-edition`); those of the store.
pub async fn named(site: &Site, name: &str) -> anyhow::Result<Edition> {
    let found = site.store.edition_named(name).await?;
    Ok(found.ok_or_else(|| unknown::edition(name))?)
}

fn over(name: &str) -> Problem {
    Problem::error(
        "edition-over",
        format!("{name} is not in a state to do that with"),
    )
    .hint(format!("tidings editions show {name} says what became of it"))
}
