//! The operator's lists of readers, brought in at each pass. However long they are, some thousand lines
//! are in memory at a time.

mod folder;

use super::Site;
use crate::clock::Instant;
use crate::config::Config;
use crate::config::values::below;
use crate::problem::Problem;
use crate::store::Store;
use crate::store::subscribers::{Listing, OnList, Remembered};
use crate::subscribers::csv::{self, Line};
use crate::subscribers::suppression;
use folder::{Folder, Lists};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

/// What the lists brought.
#[derive(Debug, Clone, Default)]
pub struct SubscribersReport {
    /// People who were not known.
    pub added: usize,
    /// People with another name, or listed elsewhere.
    pub updated: usize,
    /// Subscriptions that were not there.
    pub subscribed: usize,
    /// People whose line was taken out. They stay subscribed.
    pub unlisted: usize,
    pub problems: Vec<Problem>,
}

/// So many lines are brought in at a time: others can write between two.
const CHUNK: usize = 5_000;
/// So many of those taken out are named.
const NAMED: usize = 5;
/// What the lists were when they were last brought in: the same ones need not be brought in again.
const LISTED: &str = "listed";
/// Follows that where something was wrong with them, which each pass has to tell again.
const WITH_PROBLEMS: &str = " with problems";

/// Reads the folder of lists and brings in what is new. After the intake: digests need their floors.
///
/// # Errors
/// Where the store fails. What is wrong with a file or a line is a problem in the report.
pub async fn run(site: &Site, now: Instant) -> anyhow::Result<SubscribersReport> {
    let config = site.config.clone();
    let (folder, print) = spawn_blocking(move || {
        let folder = Folder::of(&config);
        let print = folder.print();
        (folder, print)
    })
    .await?;
    let with_problems = format!("{print}{WITH_PROBLEMS}");
    let mut report = SubscribersReport::default();
    match site.store.fact(LISTED).await? {
        Some(before) if before == print => return Ok(report),
        Some(before) if before == with_problems => {
            report.problems = spawn_blocking(move || folder.read(|_| {}).problems).await?;
            return Ok(report);
        }
        _ => {}
    }
    let lists = bring_in_all(site, folder, now, &mut report).await?;
    unlist(site, &lists, &mut report).await?;
    let listed = if lists.problems.is_empty() {
        print
    } else {
        with_problems
    };
    report.problems.splice(0..0, lists.problems);
    site.store.set_fact(LISTED, &listed).await?;
    Ok(report)
}

/// What is wrong with the lists; nothing is brought in. Blocks.
#[must_use]
pub fn problems(config: &Config) -> Vec<Problem> {
    Folder::of(config).read(|_| {}).problems
}

/// Reads on while the lines before are brought in.
async fn bring_in_all(
    site: &Site,
    folder: Folder,
    now: Instant,
    report: &mut SubscribersReport,
) -> anyhow::Result<Lists> {
    let (chunks, mut read) = mpsc::channel::<Vec<Line>>(1);
    let reading = spawn_blocking(move || {
        let mut chunk = Vec::with_capacity(CHUNK);
        let lists = folder.read(|line| {
            chunk.push(line);
            if chunk.len() == CHUNK {
                // Where nobody takes it the store has failed, and says so.
                let _ = chunks.blocking_send(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK)));
            }
        });
        let _ = chunks.blocking_send(chunk);
        lists
    });
    while let Some(chunk) = read.recv().await {
        bring_in(site, &chunk, now, report).await?;
    }
    Ok(reading.await?)
}

/// What a line asks for that is not so yet.
struct Wanted {
    listing: Listing,
    /// The person is new, has another name or is listed in another file.
    person: bool,
    /// A subscription is missing.
    subscription: bool,
}

fn wanted(site: &Site, lines: &[Line], remembered: &HashMap<&str, &Remembered>) -> Vec<Wanted> {
    let differs = |line: &Line| {
        let known = remembered.get(line.address.key().as_str());
        let person = known.is_none_or(|known| is_other(line, known));
        let subscription = known.is_none_or(|known| line.digests.iter().any(|digest| !known.has(digest)));
        (person || subscription).then(|| Wanted {
            listing: listing(site, line),
            person,
            subscription,
        })
    };
    lines.iter().filter_map(differs).collect()
}

/// A line that only moved within its file is as it was.
fn is_other(line: &Line, known: &Remembered) -> bool {
    let renamed = !line.name.is_empty() && line.name != known.name;
    renamed || known.listed_in.as_deref().map(csv::file_of) != Some(line.file.as_str())
}

async fn bring_in(
    site: &Site,
    lines: &[Line],
    now: Instant,
    report: &mut SubscribersReport,
) -> anyhow::Result<()> {
    let keys: Vec<String> = lines.iter().map(|line| line.address.key()).collect();
    let remembered = site.store.remembered(&keys).await?;
    let remembered = remembered.iter().map(|known| (known.key.as_str(), known));
    let remembered: HashMap<&str, &Remembered> = remembered.collect();
    let wanted = wanted(site, lines, &remembered);
    if wanted.is_empty() {
        return Ok(());
    }
    let those = |which: fn(&Wanted) -> bool| -> Vec<&Listing> {
        let wanted = wanted.iter().filter(|wanted| which(wanted));
        wanted.map(|wanted| &wanted.listing).collect()
    };
    let people = those(|wanted| wanted.person);
    let subscriptions = those(|wanted| wanted.subscription);
    let mut tx = site.store.begin().await?;
    let entered = tx.list_people(&people, now).await?;
    report.subscribed += tx.subscribe_listed(&subscriptions, now).await?;
    tx.commit().await?;
    let is_new = |key: &&String| !remembered.contains_key(key.as_str());
    let added = entered.iter().filter(is_new).count();
    report.added += added;
    report.updated += entered.len() - added;
    Ok(())
}

/// Finds those whom no list names any more. Nobody is, where the lists are not known.
async fn unlist(site: &Site, lists: &Lists, report: &mut SubscribersReport) -> anyhow::Result<()> {
    if !lists.readable {
        return Ok(());
    }
    let mut taken_out = TakenOut::default();
    let mut after = 0;
    loop {
        let page = site.store.listed(after, CHUNK as i64).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let gone: Vec<&OnList> = page.iter().filter(|person| lists.lack(person)).collect();
        if !gone.is_empty() {
            taken_out.add(&gone);
            let ids: Vec<i64> = gone.iter().map(|person| person.id).collect();
            unlist_some(&site.store, &ids).await?;
        }
    }
    report.unlisted = taken_out.by_file.values().map(|(people, _)| people).sum();
    report.problems.extend(taken_out.told(&site.config.root));
    Ok(())
}

async fn unlist_some(store: &Store, people: &[i64]) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    tx.unlist(people).await?;
    Ok(tx.commit().await?)
}

/// A line as the store takes it.
pub(super) fn listing(site: &Site, line: &Line) -> Listing {
    Listing {
        key: line.address.key(),
        address: line.address.to_string(),
        name: line.name.clone(),
        listed_in: line.place(),
        suppression: suppression::hash(&site.key, &line.address),
        digests: line.digests.clone(),
    }
}

/// How many readers each file has lost, and the first few of their addresses.
#[derive(Default)]
struct TakenOut {
    by_file: BTreeMap<String, (usize, Vec<String>)>,
}

impl TakenOut {
    fn add(&mut self, people: &[&OnList]) {
        for person in people {
            let file = csv::file_of(&person.listed_in).to_owned();
            let (count, named) = self.by_file.entry(file).or_default();
            *count += 1;
            named.push(person.address.clone());
        }
        for (_, named) in self.by_file.values_mut() {
            named.sort_unstable();
            named.truncate(NAMED);
        }
    }

    /// One note a file.
    fn told(self, root: &Path) -> Vec<Problem> {
        let note = |(file, (count, named)): (String, (usize, Vec<String>))| {
            let more = count - named.len();
            let mut named = named.join(", ");
            if more > 0 {
                named = format!("{named} and {more} more");
            }
            Problem {
                severity: crate::problem::Severity::Note,
                ..Problem::warning("subscriber-unlisted", format!("no longer listed: {named}"))
            }
            .file(&below(root, &file))
            .hint("they stay subscribed: taking a line out unsubscribes nobody")
        };
        self.by_file.into_iter().map(note).collect()
    }
}
