//! What an edition's groups get: which articles, and the mails made of them.

use crate::articles::card::Filter;
use crate::articles::state::Stored;
use crate::clock::{Instant, from_seconds};
use crate::config::Digest;
use crate::digests::plan::{Group, Outcome, Rules, Selection, Verdict, judge, why_nobody};
use crate::problem::Problem;
use crate::store::Store;
use crate::store::editions::Edition;
use crate::store::fill::{Decided, NewVariant};
use std::collections::{BTreeMap, HashSet};

/// What a rendering is told of its edition.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub digest: &'a Digest,
    /// As shown: `weekly/2026-11-30T07:00Z`.
    pub name: &'a str,
    /// Counted by digest, from 1.
    pub number: i64,
    /// The variant's key.
    pub variant: &'a str,
    pub starts: Instant,
    /// When the track's last edition started; `None`: this is the first.
    pub previous: Option<Instant>,
}

/// Renders a variant: the articles in the order shown, the headlines below them, the language (empty:
/// the site's). Gives the JSON of `variants.message`, and must give the same for the same.
pub type Render<'a> =
    dyn Fn(&Facts<'_>, &[Stored], &[Stored], &str) -> Result<String, Problem> + Send + Sync + 'a;

/// Which articles a digest takes.
#[must_use]
pub fn filter(digest: &Digest) -> Filter {
    Filter {
        categories: digest.categories.clone(),
        authors: digest.authors.clone(),
        sources: digest.sources.clone(),
    }
}

/// The choices of a digest that decide who gets what.
pub(super) fn rules(digest: &Digest) -> Rules {
    Rules {
        filter: filter(digest),
        order: digest.order,
        min_articles: digest.min_articles,
        max_articles: digest.max_articles,
    }
}

/// Those of an edition that is there, or of the next one of the schedule.
pub(super) fn rules_of(digest: &Digest, edition: Option<&Edition>) -> Rules {
    match edition.is_some_and(Edition::is_by_hand) {
        true => by_hand(rules(digest)),
        false => rules(digest),
    }
}

/// The same for an edition by hand: no minimum.
pub(super) fn by_hand(rules: Rules) -> Rules {
    Rules {
        min_articles: 1,
        ..rules
    }
}

/// Groups with what was decided for each.
pub(super) struct Judged {
    groups: Vec<(Group, Verdict)>,
}

impl Judged {
    /// Reads the articles of an edition and decides for each group.
    pub(super) async fn read(
        store: &Store,
        digest: &Digest,
        edition: &Edition,
        groups: Vec<Group>,
        now: Instant,
    ) -> anyhow::Result<Judged> {
        let lowest = groups.iter().map(|group| group.window_start).min();
        let cards = match lowest {
            Some(lowest) => {
                store
                    .numbered_for(&edition.digest, &edition.cadence, lowest, edition.upto, now)
                    .await?
            }
            None => Vec::new(),
        };
        let rules = rules_of(digest, Some(edition));
        let judge = |group: Group| {
            let verdict = judge(&rules, &cards, edition.upto, &group);
            (group, verdict)
        };
        Ok(Judged {
            groups: groups.into_iter().map(judge).collect(),
        })
    }

    /// Somebody gets a mail.
    pub(super) fn has_mail(&self) -> bool {
        self.has(|outcome| matches!(outcome, Outcome::Mail(_)))
    }

    /// Somebody waits for more articles.
    pub(super) fn has_few(&self) -> bool {
        self.has(|outcome| matches!(outcome, Outcome::Few(_)))
    }

    /// Why it goes to nobody, if it does.
    pub(super) fn why_nobody(&self, min_articles: usize) -> Option<String> {
        let verdicts = self.groups.iter().map(|(_, verdict)| verdict);
        (!self.has_mail()).then(|| why_nobody(verdicts, min_articles))
    }

    fn has(&self, outcome: fn(&Outcome) -> bool) -> bool {
        self.groups.iter().any(|(_, verdict)| outcome(&verdict.outcome))
    }

    /// The different mails, by key.
    fn selections(&self) -> BTreeMap<String, (&Selection, &str)> {
        self.groups
            .iter()
            .filter_map(|(group, verdict)| match &verdict.outcome {
                Outcome::Mail(selection) => {
                    let key = selection.variant_key(&group.language);
                    Some((key, (selection, group.language.as_str())))
                }
                _ => None,
            })
            .collect()
    }

    /// The articles of all mails, each once.
    pub(super) fn articles(&self) -> Vec<String> {
        let mut known = HashSet::new();
        let selections = self.selections();
        let ids = selections.values().flat_map(|(selection, _)| selection.ids());
        ids.filter(|id| known.insert(*id)).cloned().collect()
    }

    pub(super) fn decided(&self) -> Vec<Decided> {
        let decide = |(group, verdict): &(Group, Verdict)| {
            let (outcome, variant) = match &verdict.outcome {
                Outcome::Mail(selection) => ("mail", Some(selection.variant_key(&group.language))),
                Outcome::None => ("none", None),
                Outcome::Few(_) => ("few", None),
            };
            Decided {
                group: group.clone(),
                outcome,
                variant,
                cursor: verdict.cursor,
            }
        };
        self.groups.iter().map(decide).collect()
    }
}

/// Renders each different mail once; the edition gets its number for that, if it has any.
pub(super) async fn rendered(
    store: &Store,
    render: &Render<'_>,
    digest: &Digest,
    edition: &Edition,
    judged: &Judged,
) -> anyhow::Result<Result<Vec<NewVariant>, Problem>> {
    if !judged.has_mail() {
        return Ok(Ok(Vec::new()));
    }
    let previous = store.previous_start(edition).await?;
    let all = Facts {
        digest,
        name: &edition.name,
        number: store.number_edition(edition.id).await?,
        variant: "",
        starts: from_seconds(edition.starts),
        previous: previous.map(from_seconds),
    };
    let mut variants = Vec::new();
    for (key, (selection, language)) in judged.selections() {
        let articles = store.articles(&selection.articles).await?;
        let headlines = store.articles(&selection.headlines).await?;
        let facts = Facts {
            variant: &key,
            ..all.clone()
        };
        match render(&facts, &articles, &headlines, language) {
            Ok(message) => variants.push(NewVariant {
                key,
                language: language.to_owned(),
                articles: selection.ids().cloned().collect(),
                message,
            }),
            Err(problem) => return Ok(Err(problem)),
        }
    }
    Ok(Ok(variants))
}
