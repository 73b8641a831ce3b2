//! Who reads which feed, counted in memory beside the answers; whoever runs the service takes the counts
//! away now and then.
//!
//! Of those who fetch a feed themselves no address is kept, here or anywhere: what stands for one is a
//! hash of it and of the program, under a key of that day.

use crate::clock::Instant;
use crate::feeds::readership::{Service, service};
use crate::hash::hex;
use crate::subscribers::tokens::SiteKey;
use axum::http::{HeaderMap, header};
use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// So many different readers are kept in mind until the counts are taken away; of more only their requests
/// are counted.
const MOST: usize = 100_000;
const DAY: i64 = 86_400;

/// What was counted since it was taken away last.
#[derive(Debug, Default)]
pub struct Readership {
    counted: Mutex<Counted>,
}

/// Counts, by document and day.
#[derive(Debug, Default)]
pub struct Counted {
    /// By day since 1970, then by path.
    pub days: HashMap<i64, HashMap<String, Readers>>,
    /// How many different readers that is.
    count: usize,
}

/// Who read a document on a day.
#[derive(Debug, Default)]
pub struct Readers {
    /// By name and feed id: how many they read for, and how often they asked.
    pub services: HashMap<(String, String), (i64, i64)>,
    /// Those who read for themselves, each by a hash.
    pub visitors: HashSet<String>,
    /// How often those asked.
    pub requests: i64,
}

/// The day of an instant, since 1970.
#[must_use]
pub fn day(at: Instant) -> i64 {
    at.timestamp().div_euclid(DAY)
}

impl Readership {
    /// Counts an answer to whoever reads a document.
    pub(super) fn note(&self, path: &str, asked: &HeaderMap, client: IpAddr, key: &SiteKey, now: Instant) {
        let user_agent = asked.get(header::USER_AGENT);
        let user_agent = user_agent
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let day = day(now);
        let who = service(user_agent).ok_or_else(|| visitor(key, day, client, user_agent));
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let Counted { days, count } = &mut *counted;
        let day = days.entry(day).or_default();
        let readers = match day.get_mut(path) {
            Some(readers) => readers,
            None => day.entry(path.to_owned()).or_default(),
        };
        let has_room = *count < MOST;
        *count += usize::from(readers.note(who, has_room));
    }

    /// Takes what was counted away.
    #[must_use]
    pub fn take(&self) -> Counted {
        std::mem::take(&mut *self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts back what could not be kept, where nothing has been counted since that would go beyond the
    /// bounds.
    pub fn put_back(&self, before: Counted) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let since = std::mem::replace(&mut *counted, before);
        let Counted { days, count } = &mut *counted;
        for (day, paths) in since.days {
            for (path, readers) in paths {
                let kept = days.entry(day).or_default().entry(path).or_default();
                kept.requests += readers.requests;
                *count += kept.join(readers, MOST.saturating_sub(*count));
            }
        }
    }
}

impl Readers {
    /// Whether that is one more reader.
    fn note(&mut self, who: Result<Service, String>, has_room: bool) -> bool {
        match who {
            Ok(service) => {
                let known = (service.name, service.feed_id);
                match self.services.get_mut(&known) {
                    Some((readers, requests)) => {
                        (*readers, *requests) = (service.readers, *requests + 1);
                        false
                    }
                    None => has_room && self.services.insert(known, (service.readers, 1)).is_none(),
                }
            }
            Err(visitor) => {
                self.requests += 1;
                has_room && self.visitors.insert(visitor)
            }
        }
    }

    /// Adds later counts, at most so many more readers; how many there are more now.
    fn join(&mut self, later: Readers, room: usize) -> usize {
        let before = self.services.len() + self.visitors.len();
        for (known, (readers, requests)) in later.services {
            if self.services.len() + self.visitors.len() - before < room || self.services.contains_key(&known)
            {
                let kept = self.services.entry(known).or_default();
                *kept = (readers, kept.1 + requests);
            }
        }
        for visitor in later.visitors {
            if self.services.len() + self.visitors.len() - before < room {
                self.visitors.insert(visitor);
            }
        }
        self.services.len() + self.visitors.len() - before
    }
}

/// The same for one address and program through a day, and of no use on another. Whoever has one address of
/// IPv6 has many.
fn visitor(key: &SiteKey, day: i64, client: IpAddr, user_agent: &str) -> String {
    let network = match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    };
    let mac = key.mac("reader", &[&day.to_string(), &network.to_string(), user_agent]);
    hex(&mac[..8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_seconds;
    use axum::http::HeaderValue;

    fn note(readership: &Readership, path: &str, client: &str, user_agent: &str, at: i64) {
        let mut asked = HeaderMap::new();
        asked.insert(header::USER_AGENT, HeaderValue::from_str(user_agent).unwrap());
        let key = SiteKey::new(&[1; 32]);
        readership.note(path, &asked, client.parse().unwrap(), &key, from_seconds(at));
    }

    #[test]
    fn each_reader_is_counted_once_a_day_and_no_address_is_kept() {
        let readership = Readership::default();
        for (client, user_agent, at) in [
            ("192.0.2.1", "a", 0),
            ("192.0.2.1", "a", 10),
            ("192.0.2.1", "b", 20),
            ("192.0.2.2", "a", 30),
            ("2001:db8::1", "a", 40),
            ("2001:db8::2", "a", 50),
            ("192.0.2.1", "a", DAY),
            ("192.0.2.9", "Feedly/1.0 (5 subscribers)", 60),
            ("192.0.2.8", "Feedly/1.0 (7 subscribers)", 70),
        ] {
            note(&readership, "rss.xml", client, user_agent, at);
        }
        let counted = readership.take();
        assert!(!format!("{counted:?}").contains("192.0.2"));
        let readers = &counted.days[&0]["rss.xml"];
        assert_eq!((readers.visitors.len(), readers.requests), (4, 6));
        assert_eq!(readers.services[&("Feedly".to_owned(), String::new())], (7, 2));
        let next = &counted.days[&1]["rss.xml"];
        assert!(
            next.visitors.is_disjoint(&readers.visitors),
            "another key every day"
        );
        assert!(readership.take().days.is_empty());
        note(&readership, "rss.xml", "192.0.2.1", "a", 80);
        note(
            &readership,
            "rss.xml",
            "192.0.2.77",
            "Feedly/1.0 (8 subscribers)",
            90,
        );
        readership.put_back(counted);
        let all = readership.take();
        let readers = &all.days[&0]["rss.xml"];
        assert_eq!((readers.visitors.len(), readers.requests), (4, 7));
        assert_eq!(readers.services[&("Feedly".to_owned(), String::new())], (8, 3));
    }

    #[test]
    fn many_readers_are_bounded() {
        let readership = Readership::default();
        for n in 0..MOST + 500 {
            note(&readership, "rss.xml", "192.0.2.1", &n.to_string(), 0);
        }
        note(
            &readership,
            "rss.xml",
            "192.0.2.1",
            "Feedly/1.0 (5 subscribers)",
            0,
        );
        let counted = readership.take();
        for n in 0..500 {
            note(&readership, "rss.xml", "192.0.2.2", &n.to_string(), 0);
        }
        readership.put_back(counted);
        let readers = &readership.take().days[&0]["rss.xml"];
        assert_eq!((readers.visitors.len(), readers.services.len()), (MOST, 0));
        assert_eq!(readers.requests, MOST as i64 + 1000);
    }
}
