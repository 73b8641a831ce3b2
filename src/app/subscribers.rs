//! The operator's lists of readers, brought in at each pass.

use super::Site;
use crate::clock::Instant;
use crate::config::Config;
use crate::config::values::below;
use crate::hash::sha256;
use crate::problem::Problem;
use crate::store::Store;
use crate::store::subscribers::{Listing, Remembered};
use crate::subscribers::csv::{self, Line, List};
use crate::subscribers::suppression;
use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

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
const CHUNK: usize = 10_000;
/// So many of those taken out are named.
const NAMED: usize = 5;
/// What the lists were when they were last brought in: the same ones need not be looked at again.
const LISTED: &str = "listed";

/// Reads the folder of lists and brings in what is new. After the intake: digests need their floors.
///
/// # Errors
/// Where the store fails. What is wrong with a file or a line is a problem in the report.
pub async fn run(site: &Site, now: Instant) -> anyhow::Result<SubscribersReport> {
    let config = site.config.clone();
    let digests: Vec<String> = config.digests.iter().map(|digest| digest.name.clone()).collect();
    let lists =
        tokio::task::spawn_blocking(move || Lists::read(&config.root, &config.subscribers.dir, &digests))
            .await?;
    let mut report = SubscribersReport {
        problems: lists.problems,
        ..SubscribersReport::default()
    };
    if site.store.fact(LISTED).await?.as_deref() == Some(lists.print.as_str()) {
        return Ok(report);
    }
    let remembered: HashMap<String, Remembered> = site
        .store
        .remembered()
        .await?
        .into_iter()
        .map(|person| (person.key.clone(), person))
        .collect();
    let wanted = wanted(site, &lists.lines, &remembered);
    for chunk in wanted.chunks(CHUNK) {
        bring_in(&site.store, chunk, &remembered, now, &mut report).await?;
    }
    let keys: HashSet<String> = lists.lines.iter().map(|line| line.address.key()).collect();
    let taken_out: Vec<&Remembered> = remembered
        .values()
        .filter(|person| lists.readable && is_taken_out(person, &keys, &lists.unusable))
        .collect();
    report.unlisted = taken_out.len();
    report
        .problems
        .extend(tell_taken_out(&taken_out, &site.config.root));
    let mut tx = site.store.begin().await?;
    let gone: Vec<String> = taken_out.into_iter().map(|person| person.key.clone()).collect();
    tx.unlist(&gone).await?;
    tx.set_fact(LISTED, &lists.print).await?;
    tx.commit().await?;
    Ok(report)
}

/// What is wrong with the lists; nothing is brought in. Blocks.
#[must_use]
pub fn problems(config: &Config) -> Vec<Problem> {
    let digests: Vec<String> = config.digests.iter().map(|digest| digest.name.clone()).collect();
    Lists::read(&config.root, &config.subscribers.dir, &digests).problems
}

/// What a line asks for that is not so yet.
struct Wanted {
    listing: Listing,
    /// The person is new, has another name or is listed in another file.
    person: bool,
    /// A subscription is missing.
    subscription: bool,
}

fn wanted(site: &Site, lines: &[Line], remembered: &HashMap<String, Remembered>) -> Vec<Wanted> {
    let differs = |line: &Line| {
        let known = remembered.get(&line.address.key());
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
    store: &Store,
    chunk: &[Wanted],
    remembered: &HashMap<String, Remembered>,
    now: Instant,
    report: &mut SubscribersReport,
) -> anyhow::Result<()> {
    let those = |which: fn(&Wanted) -> bool| -> Vec<&Listing> {
        let wanted = chunk.iter().filter(|wanted| which(wanted));
        wanted.map(|wanted| &wanted.listing).collect()
    };
    let people = those(|wanted| wanted.person);
    let subscriptions = those(|wanted| wanted.subscription);
    let mut tx = store.begin().await?;
    let entered = tx.list_people(&people, now).await?;
    report.subscribed += tx.subscribe_listed(&subscriptions, now).await?;
    tx.commit().await?;
    let added = entered
        .iter()
        .filter(|key| !remembered.contains_key(*key))
        .count();
    report.added += added;
    report.updated += entered.len() - added;
    Ok(())
}

fn is_taken_out(person: &Remembered, keys: &HashSet<String>, unusable: &HashSet<String>) -> bool {
    let Some(place) = &person.listed_in else {
        return false;
    };
    !keys.contains(&person.key) && !unusable.contains(csv::file_of(place))
}

fn listing(site: &Site, line: &Line) -> Listing {
    Listing {
        key: line.address.key(),
        address: line.address.to_string(),
        name: line.name.clone(),
        listed_in: line.place(),
        suppression: suppression::hash(&site.key, &line.address),
        digests: line.digests.clone(),
    }
}

/// One note a file.
fn tell_taken_out(people: &[&Remembered], root: &Path) -> Vec<Problem> {
    let mut by_file: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
    for person in people {
        let file = person.listed_in.as_deref().map_or("", csv::file_of);
        by_file.entry(file).or_default().push(&person.address);
    }
    let note = |(file, mut addresses): (&str, Vec<&str>)| {
        addresses.sort_unstable();
        let more = addresses.len().saturating_sub(NAMED);
        let mut named = addresses[..addresses.len() - more].join(", ");
        if more > 0 {
            named = format!("{named} and {more} more");
        }
        Problem {
            severity: crate::problem::Severity::Note,
            ..Problem::warning("subscriber-unlisted", format!("no longer listed: {named}"))
        }
        .file(&below(root, file))
        .hint("they stay subscribed: taking a line out unsubscribes nobody")
    };
    by_file.into_iter().map(note).collect()
}

/// All lists of the folder.
struct Lists {
    lines: Vec<Line>,
    problems: Vec<Problem>,
    /// Whether the folder could be listed. Where not, nobody counts as taken out.
    readable: bool,
    /// The files whose readers are not known now.
    unusable: HashSet<String>,
    /// Of all that was read.
    print: String,
}

impl Lists {
    fn read(root: &Path, folder: &Path, digests: &[String]) -> Lists {
        let mut lists = Lists {
            lines: Vec::new(),
            problems: Vec::new(),
            readable: true,
            unusable: HashSet::new(),
            print: format!("digests {}", digests.join(" ")),
        };
        let files = match csv_files(folder) {
            Ok(files) => files,
            Err(error) => {
                lists.problems.push(unreadable(folder, &error));
                lists.readable = false;
                lists.print.push_str(" unreadable");
                Vec::new()
            }
        };
        for path in files {
            let file = name(root, &path);
            let list = match std::fs::read(&path) {
                Ok(bytes) => {
                    lists.print = format!("{}\n{file} {}", lists.print, sha256(&bytes));
                    csv::read(&file, &bytes, digests)
                }
                Err(error) => {
                    lists.print = format!("{}\n{file} unreadable", lists.print);
                    List {
                        problems: vec![unreadable(Path::new(&file), &error)],
                        ..List::default()
                    }
                }
            };
            if !list.usable {
                lists.unusable.insert(file);
            }
            lists.lines.extend(list.lines);
            lists.problems.extend(list.problems);
        }
        let (lines, repeated) = csv::merge(lists.lines);
        lists.lines = lines;
        lists.problems.extend(repeated);
        for problem in &mut lists.problems {
            problem.file = problem
                .file
                .as_ref()
                .map(|file| below(root, file).display().to_string());
        }
        lists.print = sha256(lists.print.as_bytes());
        lists
    }
}

/// In the order of their names; a folder that is missing is an empty one.
fn csv_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_csv = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        if is_csv && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// As messages and consents name it: relative to the site's root where it is in there.
fn name(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::error("subscriber-list", format!("the list cannot be read: {error}"))
        .file(path)
        .hint("its readers stay as they are")
}
