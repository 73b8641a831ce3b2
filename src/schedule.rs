//! Crontab lines and the instants they mean. Pure; knows nothing of digests.

use crate::clock::Instant;
use chrono_tz::Tz;
use std::str::FromStr;

/// A checked crontab(5) line.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    cron: cron::Schedule,
}

#[derive(Debug, thiserror::Error)]
#[error("\"{line}\" is no crontab line: {why}")]
pub struct BadSchedule {
    line: String,
    why: String,
}

impl Schedule {
    /// Five fields: minute, hour, day of month, month, day of week.
    ///
    /// # Errors
    /// What is wrong with the line.
    pub fn parse(line: &str) -> Result<Schedule, BadSchedule> {
        let cron = cron::Schedule::from_str(&format!("0 {line}")).map_err(|error| BadSchedule {
            line: line.to_owned(),
            why: error.to_string(),
        })?;
        Ok(Schedule {
            text: line.to_owned(),
            cron,
        })
    }

    /// The line as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first slot after an instant.
    #[must_use]
    pub fn next_after(&self, after: Instant, timezone: Tz) -> Option<Instant> {
        self.cron
            .after(&after.with_timezone(&timezone))
            .next()
            .map(|at| at.to_utc())
    }
}
