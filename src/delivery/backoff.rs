//! How long to wait before the next try. Pure.

use std::time::Duration;

/// The wait after the `tries`-th deferral of a delivery, counted from 0: 1m, 5m, 15m … as
/// configured, the last one going on, lengthened by up to a fifth so that mails deferred together do
/// not come back together. The same delivery and try always give the same wait.
#[must_use]
pub fn wait(retry: &[Duration], delivery: i64, tries: i64) -> Duration {
    /// Where the list is empty.
    const DEFAULT: Duration = Duration::from_secs(15 * 60);
    let index = usize::try_from(tries).unwrap_or(0);
    let wait = retry.get(index).or(retry.last()).copied().unwrap_or(DEFAULT);
    wait + wait.mul_f64(jitter(delivery, tries) * 0.2)
}

/// The wait after an answer was not read: none the first time (most often the connection broke, and
/// the next one will tell), then as after a deferral.
#[must_use]
pub fn wait_in_doubt(retry: &[Duration], delivery: i64, doubts: i64) -> Duration {
    match doubts {
        0 => Duration::ZERO,
        more => wait(retry, delivery, more - 1),
    }
}

/// In [0, 1): SplitMix64's finaliser over both numbers.
fn jitter(delivery: i64, tries: i64) -> f64 {
    let mut x = delivery.cast_unsigned() ^ tries.cast_unsigned().rotate_left(32);
    x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^= x >> 31;
    f64::from((x >> 32) as u32) / f64::from(u32::MAX) * 0.999_999
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_as_configured_and_the_last_goes_on() {
        let retry = [60, 300, 900].map(Duration::from_secs);
        for (tries, base) in [(0, 60), (1, 300), (2, 900), (3, 900), (1000, 900)] {
            for delivery in 1..200 {
                let wait = wait(&retry, delivery, tries).as_secs_f64();
                let base = f64::from(base);
                assert!(wait >= base && wait <= base * 1.2, "{tries} {wait}");
            }
        }
        assert_eq!(wait(&retry, 7, 1), wait(&retry, 7, 1));
        assert_ne!(wait(&retry, 7, 1), wait(&retry, 8, 1));
        assert!(wait(&[], 1, 0) > Duration::ZERO);
    }

    #[test]
    fn the_first_doubt_waits_for_nothing() {
        let retry = [Duration::from_secs(60)];
        assert_eq!(wait_in_doubt(&retry, 1, 0), Duration::ZERO);
        assert!(wait_in_doubt(&retry, 1, 1) >= Duration::from_secs(60));
    }
}
