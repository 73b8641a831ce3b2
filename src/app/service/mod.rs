//! The service: what a pass does once, done for ever. Each part goes on by itself, so that an edition
//! that takes hours to send keeps no feed waiting:
//!
//! - `turns` reads the sources, writes feeds, and plans pings and editions, as often as something is due;
//! - `mail` sends what is due, `pinging` tells aggregators, and `hubbing` tells subscribers;
//! - `rounds` looks at the whole from outside: what is held, what is behind.
//!
//! All of them go by the store alone, so any number of services and passes beside each other amount to
//! one. `works` starts and stops them together; `front` answers over HTTP; `daemon` listens to the
//! system: signals, systemd.

mod daemon;
mod front;
mod hubbing;
mod mail;
mod pinging;
mod pulse;
mod readership;
mod rounds;
mod systemd;
mod turns;
mod watching;
mod works;

pub use daemon::{Daemon, Load};

use super::{Site, alerts, reporting};
use crate::problem::{Problem, Severity};
use crate::store::reported::Part;
use std::time::Duration;

/// How often the store is looked at for what others have put there: another process, the operator.
/// Also the longest that a clock that was set forward goes unnoticed.
const TICK: Duration = Duration::from_secs(5);

/// Enters the problems of a part, and logs those that are new.
async fn tell(site: &Site, part: Part, found: &[Problem]) -> anyhow::Result<reporting::Entered> {
    let entered = reporting::enter(site, part, found, site.clock.now()).await?;
    entered.new.iter().for_each(log);
    // At once: of what happens and is over nothing is left to be told later.
    if !entered.new.is_empty() {
        alerts::tell(site, site.clock.now()).await?;
    }
    Ok(entered)
}

fn log(problem: &Problem) {
    match problem.severity {
        Severity::Error => tracing::error!(code = problem.code, "{problem}"),
        Severity::Warning => tracing::warn!(code = problem.code, "{problem}"),
        Severity::Note => tracing::info!(code = problem.code, "{problem}"),
    }
}

/// The waits between tries while the store, or whatever else everything hangs on, cannot be used.
#[derive(Debug, Default)]
struct Trouble(u32);

impl Trouble {
    const LONGEST: Duration = Duration::from_secs(30);

    /// How long to wait after one failure more: 1, 2, 4 … seconds.
    fn wait(&mut self) -> Duration {
        let wait = Duration::from_secs(1) * 2_u32.saturating_pow(self.0);
        self.0 = self.0.saturating_add(1).min(10);
        wait.min(Trouble::LONGEST)
    }

    fn is_over(&mut self) {
        self.0 = 0;
    }
}
