//! The site that a command is about.

use super::Global;
use super::output::{WrongUse, problems};
use crate::app::Site;
use crate::clock::Clock;
use crate::config::{Config, environment};
use crate::problem::Problem;

/// Reads the configuration and opens the store. Warnings go to standard error.
///
/// # Errors
/// A wrong configuration ([`WrongUse`]); a store that cannot be opened.
pub async fn open(global: &Global, clock: Clock) -> anyhow::Result<Site> {
    let (site, warnings) = open_with_warnings(global, clock).await?;
    if !global.quiet {
        problems(&warnings);
    }
    Ok(site)
}

/// As [`open`], for who reports the warnings.
///
/// # Errors
/// As [`open`].
pub async fn open_with_warnings(global: &Global, clock: Clock) -> anyhow::Result<(Site, Vec<Problem>)> {
    let config = Config::load(&global.config, &environment::of_process()).map_err(WrongUse)?;
    let mut warnings = config.warnings.clone();
    let (site, more) = Site::open(config, clock).await?;
    warnings.extend(more);
    Ok((site, warnings))
}
