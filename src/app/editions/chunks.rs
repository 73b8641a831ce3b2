//! How many readers one transaction of a fill passes. On SQLite all other writers wait for it, on
//! PostgreSQL those who write about the same readers: so it is the time that counts, and a slow disk
//! gets smaller chunks.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long a transaction should take.
const WANTED: Duration = Duration::from_millis(25);
/// Readers of the first one: its mails leave soon.
const FIRST: u32 = 1_000;
/// Fewer than these are not worth a transaction.
const LEAST: u32 = 250;

/// The size of the chunks of one fill, learned from one to the next.
#[derive(Debug)]
pub struct Chunks {
    next: AtomicU32,
    most: u32,
}

impl Chunks {
    /// `most` readers at a time, however fast it goes.
    #[must_use]
    pub fn up_to(most: u32) -> Chunks {
        Chunks {
            next: AtomicU32::new(FIRST.min(most)),
            most,
        }
    }

    /// Readers of the next chunk.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.next.load(Ordering::Relaxed)
    }

    /// Tells how long a transaction with that many took. One that was slow by chance halves the next
    /// at most.
    pub fn took(&self, time: Duration) {
        let size = self.size();
        let factor = WANTED.as_secs_f64() / time.as_secs_f64().max(0.001);
        let next = f64::from(size) * factor.clamp(0.5, 2.0);
        let least = LEAST.min(self.most);
        self.next
            .store((next as u32).clamp(least, self.most), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many microseconds a reader.
    fn fill(chunks: &Chunks, micros: u32) -> u32 {
        for _ in 0..20 {
            chunks.took(Duration::from_micros((chunks.size() * micros).into()));
        }
        chunks.size()
    }

    #[test]
    fn chunks_are_as_large_as_time_allows() {
        let chunks = Chunks::up_to(20_000);
        assert_eq!(chunks.size(), FIRST);
        assert_eq!(fill(&chunks, 1), 20_000, "fast");
        let size = fill(&chunks, 10);
        assert!((2_400..=2_500).contains(&size), "{size}");
        assert_eq!(fill(&chunks, 10_000), LEAST, "slow");
        assert!(fill(&chunks, 10) > 2_400, "fast again");
        chunks.took(Duration::from_secs(10));
        assert!(chunks.size() > 1_200, "one slow one is chance");
        chunks.took(Duration::ZERO);
        assert!(chunks.size() > 2_400);
    }

    #[test]
    fn a_small_limit_holds() {
        let chunks = Chunks::up_to(3);
        assert_eq!(chunks.size(), 3);
        assert_eq!(fill(&chunks, 1_000_000), 3);
    }
}
