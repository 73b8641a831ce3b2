//! How a worker is asked to come to its end before everything is sent.
//!
//! A mail whose final dot is not sent goes back to the queue as it was. One whose dot is sent is
//! waited for a little longer, since to leave there is what makes duplicates.

use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// A mail that has begun gets so long to come to its final dot.
const TO_THE_DOT: Duration = Duration::from_secs(3);
/// The answer to a final dot is waited for so long.
const TO_THE_ANSWER: Duration = Duration::from_secs(20);

/// Cheap to clone; all copies are asked at once. The default is never asked.
#[derive(Debug, Clone, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// Asks everybody who holds a copy to stop. Cannot be taken back.
    pub fn ask(&self) {
        self.0.cancel();
    }

    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Ends when it is asked.
    pub async fn asked(&self) {
        self.0.cancelled().await;
    }

    /// Ends when a mail without its final dot must be left.
    pub async fn before_the_dot(&self) {
        self.asked().await;
        sleep(TO_THE_DOT).await;
    }

    /// Ends when the answer to a final dot is waited for no longer.
    pub async fn after_the_dot(&self) {
        self.asked().await;
        sleep(TO_THE_ANSWER).await;
    }
}
