//! Outlasting a database that is away, locked or full for a while.

use super::error::StoreError;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// For how long failing work is begun again, counted from when it was begun first.
#[derive(Debug)]
pub struct Patience {
    began: Instant,
    length: Duration,
    tried: bool,
}

impl Patience {
    #[must_use]
    pub fn new(length: Duration) -> Patience {
        Patience {
            began: Instant::now(),
            length,
            tried: false,
        }
    }

    /// Waits a moment, where the error is one that passes and patience is not over. `true`: begin
    /// again. A commit may have gone through before its answer was lost, so what is begun again must
    /// do no harm where it was done.
    pub async fn bears(&mut self, error: &StoreError) -> bool {
        if !error.is_passing() || self.began.elapsed() >= self.length {
            return false;
        }
        if !self.tried {
            tracing::warn!(%error, "the database cannot be used now, and is tried again");
        }
        self.tried = true;
        sleep(PAUSE).await;
        true
    }

    /// Whether it has borne something: the work was begun before.
    #[must_use]
    pub fn was_tried(&self) -> bool {
        self.tried
    }
}
