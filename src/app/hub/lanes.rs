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
        for ((lane, host), ids) in &mut self.waiting {
            let of_lane = self.by_lane.entry(*lane).or_default();
            while *of_lane < lane.places()
                && self.by_host.get(host).copied().unwrap_or(0) < OF_A_HOST
                && let Some(id) = ids.pop_front()
            {
                *of_lane += 1;
                *self.by_host.entry(host.clone()).or_default() += 1;
                let (lane, host) = (*lane, host.clone());
                taken.push(Place { lane, host, id });
            }
        }
        self.waiting.retain(|_, ids| !ids.is_empty());
        taken
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
