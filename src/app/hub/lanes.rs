//! Who may be asked or told now: so many at once, few of one host, and those that failed last time on a
//! lane of their own, so that who is slow or gone holds up nobody else.

use crate::store::hub_requests::Due;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// So many at once of one host and port.
const OF_A_HOST: usize = 8;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Lane {
    /// Callbacks are asked whether it was them.
    Verify,
    /// Those are told that answered last time.
    Tell,
    /// Those are told that did not.
    TellAgain,
}

impl Lane {
    fn places(self) -> usize {
        match self {
            Lane::Verify => 32,
            Lane::Tell => 128,
            Lane::TellAgain => 32,
        }
    }
}

/// A place on a lane, to be given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) lane: Lane,
    pub(super) host: String,
    pub(super) id: i64,
}

/// What waits for a place, and how many are taken.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    waiting: BTreeMap<(Lane, String), VecDeque<i64>>,
    by_lane: HashMap<Lane, usize>,
    by_host: HashMap<String, usize>,
    /// The host that was served last on each lane.
    last: HashMap<Lane, String>,
}

impl Lanes {
    /// What is due now, in place of what was due before.
    pub(super) fn set(&mut self, requests: Vec<Due>, subscriptions: Vec<Due>) {
        self.waiting.clear();
        let told = subscriptions.into_iter().map(|due| match due.attempts {
            0 => (Lane::Tell, due),
            _ => (Lane::TellAgain, due),
        });
        for (lane, due) in requests.into_iter().map(|due| (Lane::Verify, due)).chain(told) {
            self.waiting
                .entry((lane, due.host))
                .or_default()
                .push_back(due.id);
        }
    }

    /// As many as there is room for.
    pub(super) fn take(&mut self) -> Vec<Place> {
        let mut taken = Vec::new();
        loop {
            let before = taken.len();
            for (lane, host) in self.in_turn() {
                taken.extend(self.take_one(lane, host));
            }
            if taken.len() == before {
                break;
            }
        }
        self.waiting.retain(|_, ids| !ids.is_empty());
        taken
    }

    /// On each lane the hosts that come after the one served last are first.
    fn in_turn(&self) -> Vec<(Lane, String)> {
        let mut keys: Vec<(Lane, String)> = self.waiting.keys().cloned().collect();
        let was_served = |(lane, host): &(Lane, String)| self.last.get(lane).is_some_and(|last| host <= last);
        keys.sort_by_cached_key(|key| (key.0, was_served(key), key.1.clone()));
        keys
    }

    fn take_one(&mut self, lane: Lane, host: String) -> Option<Place> {
        let of_lane = self.by_lane.entry(lane).or_default();
        let of_host = self.by_host.get(&host).copied().unwrap_or(0);
        if *of_lane >= lane.places() || of_host >= OF_A_HOST {
            return None;
        }
        let id = self.waiting.get_mut(&(lane, host.clone()))?.pop_front()?;
        *of_lane += 1;
        self.by_host.insert(host.clone(), of_host + 1);
        self.last.insert(lane, host.clone());
        Some(Place { lane, host, id })
    }

    pub(super) fn give_back(&mut self, place: &Place) {
        if let Some(of_lane) = self.by_lane.get_mut(&place.lane) {
            *of_lane = of_lane.saturating_sub(1);
        }
        if let Some(of_host) = self.by_host.get_mut(&place.host) {
            *of_host = of_host.saturating_sub(1);
            if *of_host == 0 {
                self.by_host.remove(&place.host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(ids: std::ops::Range<i64>, host: &str, attempts: i64) -> Vec<Due> {
        let one = |id| Due {
            id,
            host: host.to_owned(),
            attempts,
        };
        ids.map(one).collect()
    }

    #[test]
    fn every_host_has_its_turn() {
        let mut lanes = Lanes::default();
        let all = || {
            ["a", "b", "c", "d", "e"]
                .map(|host| due(0..100, host, 0))
                .concat()
        };
        lanes.set(all(), Vec::new());
        let first = lanes.take();
        assert_eq!(first.len(), Lane::Verify.places());
        assert!(
            first.iter().any(|place| place.host == "e"),
            "one of each, then another of each"
        );
        for place in &first {
            lanes.give_back(place);
        }
        // When one place is free at a time, none is passed over.
        lanes.set(all(), Vec::new());
        let mut kept = lanes.take();
        let mut served = std::collections::HashSet::new();
        for _ in 0..5 {
            lanes.give_back(&kept.remove(0));
            served.extend(lanes.take().into_iter().map(|place| place.host));
        }
        assert!(served.len() >= 4, "{served:?}");
    }

    #[test]
    fn one_host_gets_few_places_and_who_failed_keeps_nobody_else_waiting() {
        let mut lanes = Lanes::default();
        let gone: Vec<Due> = (0..500)
            .flat_map(|n| due(n..n + 1, &format!("gone{n}:80"), 3))
            .collect();
        let all = [gone, due(1000..2000, "one:80", 0), due(3000..3003, "two:80", 0)].concat();
        lanes.set(due(0..100, "asks:80", 0), all);
        let taken = lanes.take();
        let of = |host: &str| taken.iter().filter(|place| place.host.starts_with(host)).count();
        assert_eq!((of("one"), of("two"), of("asks"), of("gone")), (8, 3, 8, 32));
        assert_eq!(lanes.take(), []);
        let first = taken.iter().find(|place| place.host == "one:80").unwrap();
        lanes.give_back(first);
        let next = lanes.take();
        assert_eq!((next.len(), next[0].id), (1, 1008));
        taken
            .iter()
            .skip(1)
            .chain(&next)
            .for_each(|place| lanes.give_back(place));
        assert!(lanes.by_host.len() <= 1, "hosts are forgotten");
    }
}
