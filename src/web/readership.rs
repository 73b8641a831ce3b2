//! Who reads which feed, counted in memory beside the answers; whoever runs the service takes the counts
//! away now and then.
//!
//! Of those who fetch a feed themselves no address is kept, here or anywhere: what stands for one is a
//! hash of it and of the program, under a key of that day.

use crate::clock::Instant;
use crate::feeds::readership::{Service, service};
use crate::subscribers::tokens::SiteKey;
use axum::http::{HeaderMap, header};
use siphasher::sip::SipHasher24;
use std::collections::{HashMap, HashSet};
use std::hash::Hasher;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many different readers are kept in mind until the counts are taken away; of more only their requests
/// are counted.
const MOST: usize = 100_000;
const DAY: i64 = 86_400;
/// Threads that count at once without waiting for one another.
const DESKS: usize = 16;

/// What was counted since it was taken away last.
#[derive(Default)]
pub struct Readership {
    desks: [Mutex<Desk>; DESKS],
    /// How many different readers are kept in mind at all desks.
    count: AtomicUsize,
}

/// What the threads of one desk have counted.
#[derive(Default)]
struct Desk {
    counted: Counted,
    key: Option<DayKey>,
}

/// Under which key readers are hashed on a day.
struct DayKey {
    day: i64,
    key: [u8; 16],
}

/// Counts, by document and day.
#[derive(Debug, Default)]
pub struct Counted {
    /// By day since 1970, then by path.
    pub days: HashMap<i64, HashMap<String, Readers>>,
}

/// Who read a document on a day.
#[derive(Debug, Default)]
pub struct Readers {
    /// By name and feed id: how many they read for, and how often they asked.
    pub services: HashMap<(String, String), (i64, i64)>,
    /// Those who read for themselves, each by a hash.
    pub visitors: HashSet<u64>,
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
        let service = service(user_agent);
        // What a service says last holds, so all of them go to one desk; they ask now and then.
        let mut desk = self.desk(if service.is_some() { 0 } else { own_desk() });
        let who = service.ok_or_else(|| visitor(desk.key_of(day, key), client, user_agent));
        let has_room = self.count.load(Ordering::Relaxed) < MOST;
        let paths = desk.counted.days.entry(day).or_default();
        let readers = match paths.get_mut(path) {
            Some(readers) => readers,
            None => paths.entry(path.to_owned()).or_default(),
        };
        if readers.note(who, has_room) {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes what was counted away.
    #[must_use]
    pub fn take(&self) -> Counted {
        let mut all = Counted::default();
        for n in 0..DESKS {
            let counted = std::mem::take(&mut self.desk(n).counted);
            all.join(counted, MOST);
        }
        self.count.store(0, Ordering::Relaxed);
        all
    }

    /// Puts back what could not be kept, where nothing has been counted since that would go beyond the
    /// bounds.
    pub fn put_back(&self, before: Counted) {
        let mut desk = self.desk(0);
        let since = std::mem::replace(&mut desk.counted, before);
        let known = since.count();
        desk.counted.join(since, MOST);
        let more = desk.counted.count().saturating_sub(known);
        self.count.fetch_add(more, Ordering::Relaxed);
    }

    fn desk(&self, n: usize) -> MutexGuard<'_, Desk> {
        self.desks[n].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The desk of this thread.
fn own_desk() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static OWN: usize = NEXT.fetch_add(1, Ordering::Relaxed) % DESKS);
    OWN.with(|own| *own)
}

impl Desk {
    fn key_of(&mut self, day: i64, key: &SiteKey) -> [u8; 16] {
        match &self.key {
            Some(known) if known.day == day => known.key,
            _ => {
                let mac = key.mac("reader", &[&day.to_string()]);
                let mut key = [0; 16];
                key.copy_from_slice(&mac[..16]);
                self.key = Some(DayKey { day, key });
                key
            }
        }
    }
}

impl Counted {
    /// How many different readers that is.
    fn count(&self) -> usize {
        let readers = self.days.values().flat_map(HashMap::values);
        readers.map(Readers::count).sum()
    }

    /// Adds later counts, as far as that makes no more than so many different readers.
    fn join(&mut self, later: Counted, most: usize) {
        let mut count = self.count();
        for (day, paths) in later.days {
            let known = self.days.entry(day).or_default();
            for (path, readers) in paths {
                let known = known.entry(path).or_default();
                count += known.join(readers, most.saturating_sub(count));
            }
        }
    }
}

impl Readers {
    /// Whether that is one more reader.
    fn note(&mut self, who: Result<Service, u64>, has_room: bool) -> bool {
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

    fn count(&self) -> usize {
        self.services.len() + self.visitors.len()
    }

    /// Adds later counts, at most so many more readers; how many there are more now.
    fn join(&mut self, later: Readers, room: usize) -> usize {
        let before = self.count();
        self.requests += later.requests;
        for (known, (readers, requests)) in later.services {
            if self.count() - before < room || self.services.contains_key(&known) {
                let kept = self.services.entry(known).or_default();
                *kept = (readers, kept.1 + requests);
            }
        }
        for visitor in later.visitors {
            if self.count() - before < room {
                self.visitors.insert(visitor);
            }
        }
        self.count() - before
    }
}

/// The same for one address and program through a day, and of no use on another. Whoever has one address of
/// IPv6 has many.
fn visitor(key: [u8; 16], client: IpAddr, user_agent: &str) -> u64 {
    let network = match client.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)),
        IpAddr::V4(address) => address.to_ipv6_mapped(),
    };
    let mut hasher = SipHasher24::new_with_key(&key);
    hasher.write(&network.octets());
    hasher.write(user_agent.as_bytes());
    hasher.finish()
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
