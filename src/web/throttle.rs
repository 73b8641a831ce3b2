//! How often one client may ask: so many requests at once, and then so many a minute. What knows a client
//! is its address; of IPv6 the first half, since whoever has one address there has the whole second half.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// So many clients are kept in mind. Where there are more, those who have asked little are let go.
const CLIENTS: usize = 65_536;

/// What a client may do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    /// Requests a minute, in the long run.
    pub(super) rate: u32,
    /// Requests at once.
    pub(super) burst: u32,
}

/// The clients that have asked lately, each with the instant at which its whole burst is free again.
#[derive(Debug)]
pub(super) struct Throttle {
    began: Instant,
    /// In nanoseconds since `began`.
    free_at: Mutex<HashMap<u128, u64>>,
}

impl Default for Throttle {
    fn default() -> Throttle {
        Throttle {
            began: Instant::now(),
            free_at: Mutex::default(),
        }
    }
}

impl Throttle {
    /// Counts a request.
    ///
    /// # Errors
    /// How long the client has to wait before its next one is answered.
    pub(super) fn take(&self, client: IpAddr, allowance: Allowance) -> Result<(), Duration> {
        self.take_at(client, allowance, self.began.elapsed())
    }

    fn take_at(&self, client: IpAddr, allowance: Allowance, now: Duration) -> Result<(), Duration> {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX / 2);
        let each = 60_000_000_000 / u64::from(allowance.rate.max(1));
        let most = each * u64::from(allowance.burst.max(1));
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        if free_at.len() >= CLIENTS {
            make_room(&mut free_at, now);
        }
        let mine = free_at.entry(key(client)).or_insert(now);
        let next = now.max(*mine) + each;
        if next > now + most {
            return Err(Duration::from_nanos(next - now - most));
        }
        *mine = next;
        Ok(())
    }
}

/// Lets go who may ask as much as if they had never asked; where everybody has just asked, everybody.
fn make_room(free_at: &mut HashMap<u128, u64>, now: u64) {
    free_at.retain(|_, at| *at > now);
    if free_at.len() >= CLIENTS {
        free_at.clear();
    }
}

fn key(client: IpAddr) -> u128 {
    match client.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() & !u128::from(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWANCE: Allowance = Allowance { rate: 60, burst: 3 };

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_burst_and_then_one_after_the_other() {
        let throttle = Throttle::default();
        let take =
            |client: &str, ms: u64| throttle.take_at(address(client), ALLOWANCE, Duration::from_millis(ms));
        for _ in 0..3 {
            assert_eq!(take("192.0.2.1", 0), Ok(()));
        }
        assert_eq!(take("192.0.2.1", 0), Err(Duration::from_secs(1)));
        assert_eq!(take("192.0.2.2", 0), Ok(()), "another client");
        let refused = Err(Duration::from_millis(600));
        assert_eq!(take("192.0.2.1", 400), refused, "refusals cost nothing");
        assert_eq!(take("192.0.2.1", 1000), Ok(()));
        assert!(take("192.0.2.1", 1000).is_err());
        for _ in 0..3 {
            assert_eq!(take("192.0.2.1", 3_600_000), Ok(()));
        }
        assert!(
            take("192.0.2.1", 3_600_000).is_err(),
            "no more than a burst is saved up"
        );
    }

    #[test]
    fn half_an_address_of_ipv6_is_a_client() {
        let throttle = Throttle::default();
        let allowance = Allowance { rate: 60, burst: 1 };
        let take = |client: &str| throttle.take_at(address(client), allowance, Duration::ZERO);
        assert_eq!(take("2001:db8:1:2::1"), Ok(()));
        assert!(take("2001:db8:1:2:ffff::9").is_err());
        assert_eq!(take("2001:db8:1:3::1"), Ok(()));
        assert_eq!(take("192.0.2.1"), Ok(()));
        assert!(take("::ffff:192.0.2.1").is_err(), "the same, written otherwise");
    }

    #[test]
    fn there_is_room_for_so_many_clients() {
        let throttle = Throttle::default();
        for n in 0..CLIENTS as u32 * 2 {
            let client = IpAddr::from(n.to_be_bytes());
            assert_eq!(throttle.take_at(client, ALLOWANCE, Duration::ZERO), Ok(()));
            assert!(throttle.free_at.lock().unwrap().len() <= CLIENTS);
        }
    }
}
