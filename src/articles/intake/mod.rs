//! What a reading of the sources means for the articles known: which are new, edited, moved,
//! removed or back, and which are announced. Pure: the store is told what to write.

mod announce;
mod clashes;
mod few;
mod hashed;
mod identify;
mod kept;
mod likeness;
mod model;
#[cfg(test)]
mod tests;

pub use few::{are_enough, concerned};
pub use hashed::{Document, Hashed, hash, hash_all};
pub use likeness::likeness;
pub use model::{Before, Change, Counts, Finding, Known, Outcome, Reading, Rules};

use crate::articles::Article;
use crate::articles::state::{Marks, Standing, State};
use crate::clock::Instant;
use announce::{Entry, Looks};
use hashed::Found;
use identify::Identified;
use std::collections::HashSet;
use uuid::Uuid;

/// Decides what becomes of every article.
#[must_use]
pub fn reconcile(mut hashed: Hashed, before: &Before, rules: Rules) -> Outcome {
    let readings = &mut hashed.readings;
    let sources: Vec<String> = readings.iter().map(|reading| reading.source.clone()).collect();
    let mut counts: Vec<Counts> = readings
        .iter()
        .map(|reading| Counts {
            read: reading.unchanged.len(),
            unchanged: reading.unchanged.len(),
            failed: reading.failed.len(),
            ..Counts::default()
        })
        .collect();
    for found in &hashed.found {
        counts[found.reading].read += 1;
    }
    let first_read: HashSet<usize> = (0..readings.len())
        .filter(|&n| readings[n].readable && !before.last_pass.contains_key(&readings[n].source))
        .collect();
    let paths = |reading: &mut Reading| std::mem::take(&mut reading.baseline).into_iter().collect();
    let old: Vec<HashSet<String>> = readings.iter_mut().map(paths).collect();
    let identified = identify::identify(hashed, before, rules.site);
    for (counts, left_out) in counts.iter_mut().zip(&identified.left_out) {
        counts.failed += left_out;
    }
    let mut table = Table::build(identified, before, &sources, rules, &mut counts);
    announce::mark_baseline(
        &mut table.entries,
        &first_read,
        before.last_pass.is_empty(),
        rules,
    );
    table.mark_old(&old, &first_read, rules.now);
    table.find_emptied(&sources, &counts);
    let looks = Looks::of(before);
    for (reading, source) in sources.iter().enumerate() {
        let Some(&last_pass) = before.last_pass.get(source) else {
            continue;
        };
        let had = before
            .known
            .iter()
            .filter(|known| known.source == *source && known.standing.marks.removed.is_none())
            .count();
        counts[reading].held =
            announce::hold_burst(&mut table.entries, reading, last_pass, had, &looks, rules.now);
    }
    let numbered = announce::number(&mut table.entries, before.highest, rules.now);
    table.finish(numbered, before, &sources, rules.now, counts)
}

/// All articles after this pass, with what there is to write of each.
struct Table {
    /// The known ones in their order, then the new ones.
    entries: Vec<Entry>,
    /// By place of the entry: the article, where it is new or other than it was.
    documents: Vec<Option<Written>>,
    /// By place of the entry.
    sources: Vec<String>,
    findings: Vec<Finding>,
}

/// An article that is to be written.
struct Written {
    article: Box<Article>,
    hash: String,
    first_seen: Instant,
}

impl Table {
    fn build(
        identified: Identified,
        before: &Before,
        names: &[String],
        rules: Rules,
        counts: &mut [Counts],
    ) -> Table {
        let mut table = Table {
            entries: before.known.iter().map(unchanged).collect(),
            documents: before.known.iter().map(|_| None).collect(),
            sources: before.known.iter().map(|known| known.source.clone()).collect(),
            findings: identified.findings,
        };
        table.entries.reserve(identified.taken.len());
        table.documents.reserve(identified.taken.len());
        for place in identified.gone {
            table.entries[place].standing.marks.removed = Some(rules.now);
            let source = names.iter().position(|name| *name == before.known[place].source);
            if let Some(source) = source {
                counts[source].removed += 1;
            }
        }
        for place in identified.failing {
            table.entries[place]
                .standing
                .marks
                .failing
                .get_or_insert(rules.now);
        }
        let mut ids: HashSet<String> = before.known.iter().map(|known| known.id.clone()).collect();
        for (found, known) in identified.taken {
            let counts = &mut counts[found.reading];
            match known {
                Some(place) => table.take_known(place, found, &before.known[place], rules.now, counts),
                None => table.take_new(found, &mut ids, rules, counts),
            }
        }
        table
    }

    fn take_known(&mut self, place: usize, found: Found, was: &Known, now: Instant, counts: &mut Counts) {
        let mut article = found.article;
        let is_as_found = article.id == was.id && article.guid == was.guid;
        article.id.clone_from(&was.id);
        // Readers know it by this: a source that says otherwise now would show it to them again.
        article.guid.clone_from(&was.guid);
        let hash = if is_as_found { found.hash } else { hash(&article) };
        let standing = Standing {
            marks: Marks {
                removed: None,
                failing: None,
                draft: article.draft.then(|| was.standing.marks.draft.unwrap_or(now)),
                ..was.standing.marks
            },
            number: was.standing.number,
            ..standing(&article, was.first_seen)
        };
        let edited = hash != was.hash;
        if edited || standing != was.standing {
            counts.updated += 1;
        } else {
            counts.unchanged += 1;
        }
        let entry = &mut self.entries[place];
        entry.standing = standing;
        entry.likeness = found.likeness;
        self.sources[place].clone_from(&article.source);
        if edited {
            let first_seen = was.first_seen;
            let written = Written {
                article,
                hash,
                first_seen,
            };
            self.documents[place] = Some(written);
        }
    }

    fn take_new(&mut self, found: Found, ids: &mut HashSet<String>, rules: Rules, counts: &mut Counts) {
        let mut article = found.article;
        let id = free_id(&article, ids, rules.site);
        let is_as_found = article.id == id;
        article.id = id;
        ids.insert(article.id.clone());
        let mut standing = standing(&article, rules.now);
        standing.marks.draft = article.draft.then_some(rules.now);
        counts.new += 1;
        self.entries.push(Entry {
            id: article.id.clone(),
            standing,
            fresh: Some(found.reading),
            likeness: found.likeness,
            title: article.title.clone(),
        });
        self.sources.push(article.source.clone());
        let written = Written {
            hash: if is_as_found { found.hash } else { hash(&article) },
            article,
            first_seen: rules.now,
        };
        self.documents.push(Some(written));
    }

    /// Marks what was there at a first reading that another one brings only now.
    fn mark_old(&mut self, old: &[HashSet<String>], first_read: &HashSet<usize>, now: Instant) {
        for (entry, written) in self.entries.iter_mut().zip(&self.documents) {
            let Some(Written { article, .. }) = written else {
                continue;
            };
            let Some(reading) = entry.fresh.filter(|reading| !first_read.contains(reading)) else {
                continue;
            };
            if old[reading].contains(&article.path) && entry.standing.is_announceable(now) {
                entry.standing.marks.baseline = Some(now);
            }
        }
    }

    fn finish(
        mut self,
        numbered: Vec<usize>,
        before: &Before,
        names: &[String],
        now: Instant,
        counts: Vec<Counts>,
    ) -> Outcome {
        let numbers = numbered
            .into_iter()
            .filter_map(|place| {
                let entry = &self.entries[place];
                Some((entry.id.clone(), entry.standing.number?))
            })
            .collect();
        let mut outcome = Outcome {
            numbers,
            counts,
            findings: std::mem::take(&mut self.findings),
            ..Outcome::default()
        };
        outcome.findings.extend(self.held(names, now));
        for (place, (entry, written)) in self.entries.into_iter().zip(self.documents).enumerate() {
            if let Some(written) = written {
                outcome.changes.push(Change {
                    hash: written.hash,
                    article: written.article,
                    likeness: entry.likeness,
                    first_seen: written.first_seen,
                    standing: entry.standing,
                });
            } else if entry.standing.marks != before.known[place].standing.marks {
                outcome.marks.push((entry.id, entry.standing.marks));
            }
        }
        outcome
    }

    fn find_emptied(&mut self, names: &[String], counts: &[Counts]) {
        let emptied = names
            .iter()
            .zip(counts)
            .filter(|(_, counts)| counts.removed > 0 && counts.read == 0 && counts.failed == 0);
        self.findings
            .extend(emptied.map(|(name, counts)| Finding::Emptied {
                source: name.clone(),
                articles: counts.removed,
            }));
    }

    fn held(&self, names: &[String], now: Instant) -> Vec<Finding> {
        let is_held = |entry: &Entry| entry.standing.state(now) == State::Held;
        names
            .iter()
            .filter_map(|name| {
                let mut places = self.entries.iter().zip(&self.sources);
                let articles = places
                    .by_ref()
                    .filter(|(entry, source)| *source == name && is_held(entry))
                    .count();
                (articles > 0).then(|| Finding::Held {
                    source: name.clone(),
                    articles,
                })
            })
            .collect()
    }
}

fn unchanged(known: &Known) -> Entry {
    Entry {
        id: known.id.clone(),
        standing: known.standing,
        fresh: None,
        likeness: known.likeness.clone(),
        title: known.title.clone(),
    }
}

/// What an article says of itself, without marks and number.
fn standing(article: &Article, first_seen: Instant) -> Standing {
    Standing {
        marks: Marks::default(),
        published: article.published.map_or(first_seen, |stated| stated.at),
        expires: article.expires,
        number: None,
    }
}

/// The article's own id, unless an article that has moved away still has it.
fn free_id(article: &Article, ids: &HashSet<String>, site: Uuid) -> String {
    let mut id = article.id.clone();
    let mut count = 1;
    while ids.contains(&id) {
        count += 1;
        id = Uuid::new_v5(&site, format!("{}\0{count}", article.id).as_bytes()).to_string();
    }
    id
}
