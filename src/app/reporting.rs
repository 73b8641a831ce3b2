//! What was found wrong is entered once, and told once.

use super::Site;
use super::report::Verdict;
use crate::clock::Instant;
use crate::problem::{Problem, Severity};
use crate::store::reported::Part;

/// What came of entering the problems of a part.
#[derive(Debug, Default)]
pub struct Entered {
    pub verdict: Verdict,
    /// Those that no earlier pass has reported.
    pub new: Vec<Problem>,
}

/// Enters all problems of a part of a pass. What of it is new decides the exit status; an unchanged
/// failure was told before.
///
/// # Errors
/// Where the store fails.
pub async fn enter(site: &Site, part: Part, found: &[Problem], now: Instant) -> anyhow::Result<Entered> {
    let is_new = site.store.report(part, found, now).await?;
    let new: Vec<Problem> = found
        .iter()
        .zip(is_new)
        .filter(|(_, new)| *new)
        .map(|(problem, _)| problem.clone())
        .collect();
    let is_error = |problem: &&Problem| problem.severity == Severity::Error;
    let verdict = Verdict {
        newly_failed: new.iter().filter(is_error).count(),
        mail_is_blocked: found.iter().any(|problem| problem.blocks_mail),
    };
    Ok(Entered { verdict, new })
}
