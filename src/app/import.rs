//! Readers whom the operator brings in or takes out by hand. Nobody who left, bounced or complained
//! comes back, and every row of a file is accounted for.

use super::subscribers::listing;
use super::{Site, unknown};
use crate::problem::Problem;
use crate::store::imports::Met;
use crate::store::subscribers::{Listing, Subscriber};
use crate::subscribers::address::Address;
use crate::subscribers::csv::{self, Digests, Line};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// So many readers are brought in at a time: others can write between two.
const CHUNK: usize = 5_000;

/// What an import came to.
#[derive(Debug, Default, Serialize)]
pub struct ImportReport {
    pub format: &'static str,
    pub added: usize,
    pub updated: usize,
    pub unchanged: usize,
    pub refused: usize,
    pub kept_out: usize,
    /// In the order of the file; blank lines are none.
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub line: u64,
    pub action: Action,
    /// What was not done as the row says, and why.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Somebody new.
    Added,
    /// Another name, or more digests.
    Updated,
    Unchanged,
    /// The row cannot be used.
    Refused,
    /// They left, bounced or complained.
    KeptOut,
}

impl Action {
    /// As JSON has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Action::Added => "added",
            Action::Updated => "updated",
            Action::Unchanged => "unchanged",
            Action::Refused => "refused",
            Action::KeptOut => "kept_out",
        }
    }
}

/// What an import is asked to do.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// For rows that name no digest; empty: all.
    pub digests: Vec<String>,
    /// Only say what would be done.
    pub dry_run: bool,
}

/// Brings in the readers of a CSV file.
///
/// # Errors
/// A file that cannot be read or is no list (`subscriber-list`); a digest that is not there; those of
/// the store.
pub async fn import(site: &Site, file: &Path, wish: &Wish) -> anyhow::Result<ImportReport> {
    let unreadable = |why: std::io::Error| {
        Problem::error("subscriber-list", format!("the list cannot be read: {why}"))
            .file(file)
            .hint("nothing was brought in")
    };
    let known = names(site);
    let digests = Digests {
        known: &known,
        unstated: &chosen(site, &wish.digests)?,
    };
    let (mut lines, mut problems) = (Vec::new(), Vec::new());
    let input = std::fs::File::open(file).map_err(unreadable)?;
    let is_list = csv::read_all(
        &file.display().to_string(),
        input,
        &digests,
        |line| lines.push(line),
        |problem| problems.push(problem),
    )
    .map_err(unreadable)?;
    if let Some(problem) = problems.first().filter(|_| !is_list) {
        return Err(problem.clone().into());
    }
    let mut outcomes = refused(&problems);
    let (first, twice) = first_of_each(lines);
    outcomes.extend(twice);
    for chunk in first.chunks(CHUNK) {
        let done = bring_in(site, chunk, "imported by the operator from ", wish.dry_run).await?;
        for (line, (action, reason)) in done {
            // Of a row that is used in part the problem is the reason.
            let partly = outcomes.get(&line).and_then(|(_, reason)| reason.clone());
            outcomes.insert(line, (action, reason.or(partly)));
        }
    }
    Ok(report(outcomes))
}

/// By line, what becomes of it and why.
type Outcomes = BTreeMap<u64, (Action, Option<String>)>;

fn refused(problems: &[Problem]) -> Outcomes {
    let mut outcomes = Outcomes::new();
    for problem in problems {
        let (_, reason) = outcomes
            .entry(problem.line.unwrap_or(1))
            .or_insert((Action::Refused, None));
        *reason = Some(match reason.take() {
            Some(before) => format!("{before}; {}", problem.message),
            None => problem.message.clone(),
        });
    }
    outcomes
}

fn first_of_each(lines: Vec<Line>) -> (Vec<Line>, Outcomes) {
    let mut places: HashMap<String, u64> = HashMap::new();
    let mut twice = Outcomes::new();
    let mut first = Vec::with_capacity(lines.len());
    for line in lines {
        if let Some(before) = places.get(&line.address.key()) {
            let reason = format!("the same reader as line {before}, which counts");
            twice.insert(line.line, (Action::Unchanged, Some(reason)));
        } else {
            places.insert(line.address.key(), line.line);
            first.push(line);
        }
    }
    (first, twice)
}

/// One transaction.
async fn bring_in(site: &Site, chunk: &[Line], wording: &str, dry_run: bool) -> anyhow::Result<Outcomes> {
    let people: Vec<Listing> = chunk.iter().map(|line| listing(site, line)).collect();
    let mut tx = site.store.begin().await?;
    let met: HashMap<String, Met> = tx
        .meet(&people)
        .await?
        .into_iter()
        .map(|met| (met.key.clone(), met))
        .collect();
    let mut outcomes = Outcomes::new();
    let mut wanted = Vec::new();
    for (line, person) in chunk.iter().zip(&people) {
        let (action, reason) = judge(person, met.get(&person.key));
        if matches!(action, Action::Added | Action::Updated) {
            wanted.push(person);
        }
        outcomes.insert(line.line, (action, reason));
    }
    if !dry_run {
        tx.import(&wanted, wording, site.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(outcomes)
}

fn judge(person: &Listing, met: Option<&Met>) -> (Action, Option<String>) {
    let kept_out = |why: String| (Action::KeptOut, Some(why));
    let Some(met) = met else {
        return (Action::Added, None);
    };
    match (met.address_state.as_deref(), met.left.as_deref()) {
        _ if met.suppressed => kept_out("the address is never to be mailed".to_owned()),
        (None, _) => (Action::Added, None),
        (Some("good"), None) => {
            let renamed = !person.name.is_empty() && met.name.as_deref() != Some(&person.name);
            let is_missing = |digest: &String| !met.has(digest);
            match renamed || person.digests.iter().any(is_missing) {
                true => (Action::Updated, None),
                false => (Action::Unchanged, None),
            }
        }
        (Some("good"), Some(left)) => kept_out(format!("they left {left}")),
        (Some(state), _) => kept_out(format!("the address has {state}")),
    }
}

fn report(outcomes: Outcomes) -> ImportReport {
    let mut report = ImportReport {
        format: "csv",
        ..ImportReport::default()
    };
    for (line, (action, reason)) in outcomes {
        match action {
            Action::Added => report.added += 1,
            Action::Updated => report.updated += 1,
            Action::Unchanged => report.unchanged += 1,
            Action::Refused => report.refused += 1,
            Action::KeptOut => report.kept_out += 1,
        }
        report.rows.push(Row { line, action, reason });
    }
    report
}

/// Subscribes one reader; without digests to all.
///
/// # Errors
/// What is no address (`subscriber-address`); somebody who left, bounced or complained
/// (`subscriber-kept-out`); a digest that is not there; those of the store.
pub async fn add(site: &Site, who: &str, name: &str, digests: &[String]) -> anyhow::Result<Subscriber> {
    let address = Address::parse(who).map_err(|why| {
        Problem::error("subscriber-address", why.to_string()).hint("write name@example.org")
    })?;
    let line = Line {
        name: name.chars().filter(|c| !c.is_control()).collect(),
        digests: chosen(site, digests)?,
        file: String::new(),
        line: 1,
        address,
    };
    let mut person = listing(site, &line);
    person.listed_in.clear();
    let mut tx = site.store.begin().await?;
    let met = tx.meet(std::slice::from_ref(&person)).await?;
    if let (Action::KeptOut, reason) = judge(&person, met.first()) {
        let masked = line.address.masked();
        let message = format!("{masked} is not subscribed: {}", reason.unwrap_or_default());
        return Err(Problem::error("subscriber-kept-out", message)
            .hint("only they themselves can come back")
            .into());
    }
    tx.import(&[&person], "added by the operator", site.clock.now())
        .await?;
    tx.commit().await?;
    named(site, who).await
}

/// Unsubscribes one reader; without digests from all there are.
///
/// # Errors
/// Somebody who is not there; a digest that is not there; those of the store.
pub async fn remove(site: &Site, who: &str, digests: &[String]) -> anyhow::Result<Subscriber> {
    let reader = named(site, who).await?;
    let mut left = chosen(site, digests)?;
    if digests.is_empty() {
        let more = reader.subscriptions.iter().map(|of| of.digest.clone());
        left.extend(more);
        left.sort();
        left.dedup();
    }
    site.store.take_out(reader.id, &left, site.clock.now()).await?;
    named(site, who).await
}

/// The reader of an address or id.
///
/// # Errors
/// Somebody who is not there (`unknown-subscriber`); those of the store.
pub async fn named(site: &Site, who: &str) -> anyhow::Result<Subscriber> {
    let key = Address::parse(who).map_or_else(|_| who.to_owned(), |address| address.key());
    let found = site.store.subscriber(&key, who.parse().ok()).await?;
    found.ok_or_else(|| unknown::subscriber(who).into())
}

/// Those who get mail now, as a list that [`import`] takes; `write` is given each line. How many they
/// are.
///
/// # Errors
/// Those of the store and of `write`.
pub async fn export(
    site: &Site,
    digests: &[String],
    mut write: impl FnMut(&str) -> anyhow::Result<()>,
) -> anyhow::Result<u64> {
    let wanted = chosen(site, digests)?;
    write(&csv::line(["email", "name", "digests"]))?;
    let (mut after, mut count) = (0, 0);
    loop {
        let page = site.store.subscribers(after, CHUNK as i64).await?;
        let Some(last) = page.last() else {
            return Ok(count);
        };
        after = last.id;
        for reader in &page {
            let active = reader
                .subscriptions
                .iter()
                .filter(|of| of.standing == "active" && wanted.contains(&of.digest));
            let active: Vec<&str> = active.map(|of| of.digest.as_str()).collect();
            if reader.address_state == "good" && !active.is_empty() {
                write(&csv::line([&reader.address, &reader.name, &active.join(";")]))?;
                count += 1;
            }
        }
    }
}

fn names(site: &Site) -> Vec<String> {
    let digests = site.config.digests.iter();
    digests.map(|digest| digest.name.clone()).collect()
}

/// The digests that were named; all where none was.
fn chosen(site: &Site, wanted: &[String]) -> Result<Vec<String>, Problem> {
    let known = names(site);
    match wanted.iter().find(|name| !known.contains(name)) {
        Some(missing) => Err(unknown::digest(missing, &site.config.digests)),
        None if wanted.is_empty() => Ok(known),
        None => Ok(wanted.to_vec()),
    }
}
