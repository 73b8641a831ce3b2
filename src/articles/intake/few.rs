//! Passes in which few files changed: what they decide depends on few of the articles known, and the
//! others need not be asked of the store.

use super::model::{Known, Reading};
use crate::clock::Instant;
use std::collections::{HashMap, HashSet};

/// Few articles.
const FEW: usize = 200;
/// More new articles may be a burst, which all articles known decide.
const NEW: usize = 4;

/// What names the articles that the readings may concern: paths, ids and URLs. `None`: all articles
/// known must be looked at, since some are gone, could not be read, or are not certain to be there.
#[must_use]
pub fn concerned(readings: &[Reading], last_pass: &HashMap<String, Instant>) -> Option<Vec<String>> {
    let is_whole = |reading: &Reading| {
        reading.readable && !reading.partial && reading.failed.is_empty() && reading.all_there
    };
    let found: usize = readings.iter().map(|reading| reading.articles.len()).sum();
    let unchanged: usize = readings.iter().map(|reading| reading.unchanged.len()).sum();
    let is_quiet = readings
        .iter()
        .all(|reading| is_whole(reading) && last_pass.contains_key(&reading.source));
    (is_quiet && found <= unchanged.min(FEW)).then(|| {
        let articles = readings.iter().flat_map(|reading| &reading.articles);
        articles
            .flat_map(|article| [article.path.clone(), article.id.clone(), article.url.clone()])
            .collect()
    })
}

/// Whether nothing else that is known can make a difference: each article is either an edit of the one at
/// its path, with the same id and URL, or new, and nothing known has its path, id or URL. `some` are the
/// articles concerned, those that wait to be announced, and those that fail or have no source any more.
#[must_use]
pub fn are_enough(readings: &[Reading], some: &[Known]) -> bool {
    let sources: HashSet<&str> = readings.iter().map(|reading| &*reading.source).collect();
    let is_there = |known: &&Known| known.standing.marks.removed.is_none();
    let unsettled = some
        .iter()
        .filter(is_there)
        .any(|known| known.standing.marks.failing.is_some() || !sources.contains(&*known.source));
    let mut new = 0;
    let mut claimed = HashSet::new();
    let fits = readings
        .iter()
        .flat_map(|reading| &reading.articles)
        .all(|article| {
            let alike: Vec<&Known> = some
                .iter()
                .filter(|known| {
                    let same_file = known.source == article.source && known.path == article.path;
                    same_file || known.id == article.id || known.url == article.url
                })
                .collect();
            new += usize::from(alike.is_empty());
            let alone = claimed.insert(&article.id) && claimed.insert(&article.url);
            alone
                && match alike.as_slice() {
                    [] => true,
                    [known] => {
                        is_there(known)
                            && (&known.source, &known.path, &known.id, &known.url)
                                == (&article.source, &article.path, &article.id, &article.url)
                    }
                    _ => false,
                }
        });
    fits && new <= NEW && !unsettled
}
