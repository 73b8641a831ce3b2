//! What an edition would hold if it started now.

use super::judged::{Judged, by_hand, rules};
use crate::clock::{Instant, from_seconds};
use crate::config::Digest;
use crate::digests::plan::{Group, Outcome, Selection, judge};
use crate::store::Store;
use crate::store::editions::{DEFAULT_CADENCE, Edition};

/// The articles that a planned edition would hold if it started now, each once: the union of all
/// readers'.
///
/// # Errors
/// Those of the database.
pub async fn would_hold(
    store: &Store,
    digest: &Digest,
    edition: &Edition,
    now: Instant,
) -> anyhow::Result<Vec<String>> {
    let groups = store.groups(&edition.digest, &edition.cadence).await?;
    let judged = Judged::read(store, digest, edition, groups, now).await?;
    Ok(judged.articles())
}

/// The mail that most readers would get, and what is said of its edition.
#[derive(Debug, Clone)]
pub struct Batch {
    /// `None`: nothing waits for anybody.
    pub selection: Option<Selection>,
    pub language: String,
    pub number: i64,
    pub starts: Instant,
    pub previous: Option<Instant>,
}

impl Batch {
    /// Of an edition, or of the one that would be planned now. Without readers it is what one who joins
    /// now would get. The minimum does not count here.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn read(
        store: &Store,
        digest: &Digest,
        edition: Option<&Edition>,
        now: Instant,
    ) -> anyhow::Result<Batch> {
        let cadence = edition.map_or(DEFAULT_CADENCE, |edition| &edition.cadence);
        let mut readers = store.reachable_readers(&digest.name, cadence).await?;
        readers.sort_by_key(|(_, readers)| std::cmp::Reverse(*readers));
        let mut groups: Vec<Group> = readers.into_iter().map(|(group, _)| group).collect();
        groups.push(Group {
            window_start: store
                .joining_cursor(&digest.name, cadence)
                .await?
                .unwrap_or_default(),
            topics: String::new(),
            language: String::new(),
        });
        let upto = match edition {
            Some(edition) => edition.upto,
            None => store.highest_number().await?,
        };
        let lowest = groups
            .iter()
            .map(|group| group.window_start)
            .min()
            .unwrap_or(upto);
        let cards = store
            .numbered_for(&digest.name, cadence, lowest, upto, now)
            .await?;
        let rules = by_hand(rules(digest));
        let found = groups.iter().find_map(|group| {
            let verdict = judge(&rules, &cards, upto, group);
            match verdict.outcome {
                Outcome::Mail(selection) => Some((selection, group.language.clone())),
                Outcome::None | Outcome::Few(_) => None,
            }
        });
        let (selection, language) = found.unzip();
        let previous = store.last_start(&digest.name, cadence).await?;
        let number = edition.and_then(|edition| edition.number);
        Ok(Batch {
            selection,
            language: language.unwrap_or_default(),
            number: number.unwrap_or(previous.map_or(1, |(number, _)| number + 1)),
            starts: edition.map_or(now, |edition| from_seconds(edition.starts)),
            previous: previous.map(|(_, starts)| from_seconds(starts)),
        })
    }
}
