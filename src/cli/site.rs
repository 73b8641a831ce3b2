//! The site that a command is about.

use super::Global;
use super::output::{WrongUse, problems};
use crate::app::Site;
use crate::clock::Clock;
use crate::config::{Config, environment};

/// Reads the configuration and opens the store. Warnings go to standard error.
///
/// # Errors
/// A wrong configuration ([`WrongUse`]); a store that cannot be opened.
pub async fn open(global: &Global, clock: Clock) -> anyhow::Result<Site> {
    let config = Config::load(&global.config, &environment::of_process()).map_err(WrongUse)?;
    if !global.quiet {
        problems(&config.warnings);
    }
    let (site, warnings) = Site::open(config, clock).await?;
    if !global.quiet {
        problems(&warnings);
    }
    Ok(site)
}
