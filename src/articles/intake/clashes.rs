//! Articles that claim the same URL or the same id: who has it.

use super::hashed::Found;
use super::model::{Before, Finding, Known};
use crate::articles::Article;
use std::collections::{HashMap, HashSet};

/// A known article that stays although it was not read again.
pub(super) struct Held {
    /// The place of its source among the readings.
    pub reading: usize,
    /// Whether it is certain to be there as it was.
    pub unchanged: bool,
}

/// Articles that claim what another one has.
#[derive(Default)]
pub(super) struct Clashes {
    /// Places among the found: another source, which comes earlier, has it.
    pub shadowed: HashSet<usize>,
    /// Places among the found: of the same source. That is an error.
    pub left_out: HashSet<usize>,
    /// Places among the known: held, but an earlier source has it now.
    pub lost: HashSet<usize>,
    pub findings: Vec<Finding>,
}

impl Clashes {
    pub(super) fn is_taken_in(&self, place: usize) -> bool {
        !self.left_out.contains(&place) && !self.shadowed.contains(&place)
    }
}

/// Who claims something, by place.
#[derive(Clone, Copy)]
enum Claimant {
    Found(usize),
    Held(usize),
}

/// What is claimed, and by what path of which reading.
struct Claim<'a> {
    claimant: Claimant,
    reading: usize,
    what: &'a str,
    path: &'a str,
    /// Whether it had the claim before.
    had: bool,
}

/// One URL is one article, and so is one id: the first source wins, and within a source the one that
/// had it before, else the first path.
///
/// An id that follows from the place of its file is no claim against an article that has moved away from
/// there and stays: `is_derived` tells such ids.
pub(super) fn clashes(
    found: &[Found],
    held: &HashMap<usize, Held>,
    before: &Before,
    is_derived: &dyn Fn(&Article) -> bool,
) -> Clashes {
    let mut clashes = Clashes::default();
    let had: HashSet<(&str, &str, &str)> = before
        .known
        .iter()
        .filter(|known| known.standing.marks.removed.is_none())
        .map(|known| (known.source.as_str(), known.path.as_str(), known.url.as_str()))
        .collect();
    let had_it = |article: &Article| had.contains(&(&*article.source, &*article.path, &*article.url));
    settle(
        claims(found, held, before, &had_it, |a| &a.url, |k| &k.url),
        found,
        held,
        &mut clashes,
        |source, url, kept, left_out| Finding::SameUrl {
            source,
            url,
            kept,
            left_out,
        },
    );
    let mut of_ids = claims(found, held, before, &had_it, |a| &a.id, |k| &k.id);
    let held_ids: HashSet<&str> = held
        .keys()
        .map(|&place| before.known[place].id.as_str())
        .collect();
    of_ids.retain(|claim| match claim.claimant {
        Claimant::Found(place) => !held_ids.contains(claim.what) || !is_derived(&found[place].article),
        Claimant::Held(_) => true,
    });
    settle(of_ids, found, held, &mut clashes, |source, id, kept, left_out| {
        Finding::SameId {
            source,
            id,
            kept,
            left_out,
        }
    });
    clashes
}

fn claims<'a>(
    found: &'a [Found],
    held: &HashMap<usize, Held>,
    before: &'a Before,
    had_it: &dyn Fn(&Article) -> bool,
    of_found: impl Fn(&'a Article) -> &'a String,
    of_known: impl Fn(&'a Known) -> &'a String,
) -> Vec<Claim<'a>> {
    let by_found = found.iter().enumerate().map(|(place, found)| Claim {
        claimant: Claimant::Found(place),
        reading: found.reading,
        what: of_found(&found.article),
        path: &found.article.path,
        had: had_it(&found.article),
    });
    let by_held = held.iter().map(|(&place, held)| Claim {
        claimant: Claimant::Held(place),
        reading: held.reading,
        what: of_known(&before.known[place]),
        path: &before.known[place].path,
        had: true,
    });
    by_found.chain(by_held).collect()
}

fn settle<'a>(
    mut claims: Vec<Claim<'a>>,
    found: &[Found],
    held: &HashMap<usize, Held>,
    clashes: &mut Clashes,
    finding: impl Fn(String, String, String, String) -> Finding,
) {
    claims.retain(|claim| match claim.claimant {
        Claimant::Found(place) => clashes.is_taken_in(place),
        Claimant::Held(place) => !clashes.lost.contains(&place),
    });
    let mut claimed = HashSet::with_capacity(claims.len());
    if claims.iter().all(|claim| claimed.insert(claim.what)) {
        return;
    }
    // By the first source's place; within it by who had the claim before.
    claims.sort_by_key(|claim| (claim.reading, !claim.had));
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut first_of_source: HashMap<(&str, usize), (Claimant, &str)> = HashMap::new();
    for claim in claims {
        let earlier = *first.entry(claim.what).or_insert(claim.reading) != claim.reading;
        let (winner, kept) = *first_of_source
            .entry((claim.what, claim.reading))
            .or_insert((claim.claimant, claim.path));
        match (claim.claimant, winner) {
            (Claimant::Held(place), _) if earlier => {
                clashes.lost.insert(place);
            }
            (Claimant::Held(_), _) => {}
            (Claimant::Found(place), _) if earlier => {
                clashes.shadowed.insert(place);
            }
            (Claimant::Found(place), Claimant::Found(other)) if place == other => {}
            // What is not known to be there may well be this very article.
            (Claimant::Found(_), Claimant::Held(other)) if !held[&other].unchanged => {}
            (Claimant::Found(place), _) => {
                let source = found[place].article.source.clone();
                clashes.left_out.insert(place);
                clashes.findings.push(finding(
                    source,
                    claim.what.to_owned(),
                    kept.to_owned(),
                    claim.path.to_owned(),
                ));
            }
        }
    }
}
