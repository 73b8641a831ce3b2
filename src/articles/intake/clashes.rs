//! Articles that claim the same URL or the same id: who has it.

use super::model::{Before, Finding};
use crate::articles::Article;
use std::collections::{HashMap, HashSet};

/// An article that a source gave.
pub(super) struct Found {
    pub article: Article,
    /// The place of its source among the readings.
    pub reading: usize,
    pub likeness: String,
}

/// Articles that claim what another one has.
pub(super) struct Clashes {
    /// Places among the found: another source, which comes earlier, has it.
    pub shadowed: HashSet<usize>,
    /// Places among the found: of the same source. That is an error.
    pub left_out: HashSet<usize>,
    pub findings: Vec<Finding>,
}

impl Clashes {
    pub(super) fn is_taken_in(&self, place: usize) -> bool {
        !self.left_out.contains(&place) && !self.shadowed.contains(&place)
    }
}

/// One URL is one article, and so is one id: the first source wins, and within a source the one that
/// had it before, else the first path.
pub(super) fn clashes(found: &[Found], before: &Before) -> Clashes {
    let mut clashes = Clashes {
        shadowed: HashSet::new(),
        left_out: HashSet::new(),
        findings: Vec::new(),
    };
    let had: HashSet<(&str, &str, &str)> = before
        .known
        .iter()
        .filter(|known| known.standing.marks.removed.is_none())
        .map(|known| (known.source.as_str(), known.path.as_str(), known.url.as_str()))
        .collect();
    let had_it = |article: &Article| had.contains(&(&*article.source, &*article.path, &*article.url));
    settle(
        found,
        &mut clashes,
        |article| &article.url,
        had_it,
        |kept, other| Finding::SameUrl {
            source: kept.source.clone(),
            url: kept.url.clone(),
            kept: kept.path.clone(),
            left_out: other.path.clone(),
        },
    );
    settle(
        found,
        &mut clashes,
        |article| &article.id,
        had_it,
        |kept, other| Finding::SameId {
            source: kept.source.clone(),
            id: kept.id.clone(),
            kept: kept.path.clone(),
            left_out: other.path.clone(),
        },
    );
    clashes
}

fn settle(
    found: &[Found],
    clashes: &mut Clashes,
    claim: impl Fn(&Article) -> &String,
    had_it: impl Fn(&Article) -> bool,
    finding: impl Fn(&Article, &Article) -> Finding,
) {
    // By the first source's place; within it by who had the claim before.
    let mut order: Vec<usize> = (0..found.len())
        .filter(|&place| clashes.is_taken_in(place))
        .collect();
    order.sort_by_key(|&place| (found[place].reading, !had_it(&found[place].article)));
    let mut first: HashSet<&str> = HashSet::new();
    let mut first_of_source: HashMap<(&str, usize), usize> = HashMap::new();
    for place in order {
        let Found { article, reading, .. } = &found[place];
        let claimed = claim(article).as_str();
        if let Some(&kept) = first_of_source.get(&(claimed, *reading)) {
            clashes.left_out.insert(place);
            clashes.findings.push(finding(&found[kept].article, article));
            continue;
        }
        first_of_source.insert((claimed, *reading), place);
        if !first.insert(claimed) {
            clashes.shadowed.insert(place);
        }
    }
}
