//! One worker from its start to its end: takes over from the dead, then sends all that is due.

use super::committer::{CommitError, Stopped, committer};
use super::due::Due;
use super::health::{Ended, Health, Pace};
use super::lane::{Lane, Road};
use super::maildir::Maildir;
use super::outcome::Tally;
use super::queue::{CLAIM, Desk, Queue};
use super::relay::{Relay, Transport};
use super::reply::Verdict;
use super::stop::Stop;
use super::takeover::{self, Alive, Vital, VitalError};
use crate::config::InDoubt;
use crate::store::workers::Worker;
use crate::store::{Store, StoreError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::Instant;
use tracing::Instrument;

/// How a worker behaves beside what the configuration says.
#[derive(Debug, Clone)]
pub struct Manners {
    pub vital: Vital,
    /// A relay that answers about no mail for so long ends the work.
    pub patience: Duration,
    /// So long a database that is away is waited for before outcomes are given up.
    pub store_patience: Duration,
    /// The shortest wait between two failing tries.
    pub pause: Duration,
    pub connections: u32,
    /// Mails a second over all connections.
    pub rate: Option<u32>,
    pub stop: Stop,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Done {
    pub tally: Tally,
    /// Why not everything that is due was sent.
    pub ended: Option<Ended>,
}

#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    #[error(transparent)]
    Vital(#[from] VitalError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Stopped(#[from] Stopped),
    #[error("a lane broke: {0}")]
    Join(#[from] tokio::task::JoinError),
}

/// Told each time that there are more rows; closed when no more will come.
pub type More = watch::Receiver<()>;

/// Sends all that is due, and ends. Mails that were deferred are not waited for; rows of workers that
/// may be dead are, and those that are still to come while `more` is open.
///
/// # Errors
/// When the store cannot be used. What was claimed comes back by take-over.
pub async fn work(
    store: &Store,
    transport: &Transport,
    desk: Arc<Desk>,
    manners: &Manners,
    mut more: Option<More>,
) -> Result<Done, WorkError> {
    let mut done = Done::default();
    let others = store.workers().await?;
    let leave = desk.rules.in_doubt == InDoubt::Leave;
    let due = desk.rules.due;
    loop {
        let taken = takeover::take_over_from_the_dead(store, &manners.vital, due.now(), leave).await?;
        done.tally.in_doubt += taken.in_doubt;
        done.tally.unknown += if leave { taken.in_doubt } else { 0 };
        while done.ended.is_none() && store.is_delivery_due(due.upto()).await? {
            let before = done.tally.settled();
            let alive = Alive::begin(store, &manners.vital).await?;
            let worker = tracing::error_span!("delivery", worker = alive.name(), relay = desk.rules.relay);
            let turn = told(run(store, transport, desk.clone(), manners, &alive))
                .instrument(worker)
                .await?;
            alive.end().await?;
            done.tally += turn.tally;
            done.ended = turn.ended;
            if done.tally.settled() == before {
                break;
            }
        }
        if manners.stop.is_asked() {
            done.ended.get_or_insert(Ended::Stopped);
        }
        if done.ended.is_some() {
            return Ok(done);
        }
        if comes_more(&mut more, &manners.stop).await {
            continue;
        }
        // A service comes back when they have ended.
        if matches!(due, Due::By(_)) {
            return Ok(done);
        }
        takeover::wait_for_leases(store, &manners.vital, &others).await?;
        if !somebody_died(store, &manners.vital).await? {
            return Ok(done);
        }
    }
}

/// Logs the work of all lanes.
async fn told(work: impl Future<Output = Result<Done, WorkError>>) -> Result<Done, WorkError> {
    tracing::info!("delivery worker begun");
    let began = Instant::now();
    let done = work.await;
    let duration_ms = began.elapsed().as_millis() as u64;
    match &done {
        Ok(Done { tally, ended }) => {
            let (sent, deferred, failed) = (tally.sent, tally.deferred, tally.failed);
            let connections = tally.connections;
            let why = ended.as_ref().map(|ended| format!("{ended:?}"));
            tracing::info!(
                sent,
                deferred,
                failed,
                connections,
                why,
                duration_ms,
                "delivery worker ended"
            );
        }
        Err(error) => tracing::error!(%error, duration_ms, "delivery worker broke"),
    }
    done
}

/// Waits until there is more to look at. `false`: there will be no more.
async fn comes_more(more: &mut Option<More>, stop: &Stop) -> bool {
    let Some(open) = more else { return false };
    let came = tokio::select! {
        came = open.changed() => came.is_ok(),
        () = stop.asked() => true,
    };
    if !came {
        // What came last was told before the end.
        *more = None;
    }
    came
}

async fn somebody_died(store: &Store, vital: &Vital) -> Result<bool, WorkError> {
    let dead = |worker: &Worker| worker.leased_until < worker.now;
    Ok(matches!(vital, Vital::Leases(_)) && store.workers().await?.iter().any(dead))
}

/// All lanes, once.
async fn run(
    store: &Store,
    transport: &Transport,
    desk: Arc<Desk>,
    manners: &Manners,
    alive: &Alive,
) -> Result<Done, WorkError> {
    let (ledger, commits) = committer(
        store.clone(),
        alive.name().to_owned(),
        desk.rules.due,
        manners.store_patience,
    );
    let commits = tokio::spawn(commits);
    let queue = |lane: u32| Queue::new(i64::from(lane), ledger.clone(), desk.clone());
    let done = match transport {
        Transport::Maildir(folder) => to_files(folder, queue(0), &manners.stop).await,
        Transport::Relay(relay) => {
            let queues = (0..manners.connections.max(1)).map(queue).collect();
            to_relay(relay, &desk, queues, manners, alive).await
        }
    };
    drop(ledger);
    // Where the ledger has stopped its reason says more than that it has.
    commits.await??;
    done
}

async fn to_relay(
    relay: &Relay,
    desk: &Arc<Desk>,
    queues: Vec<Queue>,
    manners: &Manners,
    alive: &Alive,
) -> Result<Done, WorkError> {
    let road = Arc::new(Road {
        relay: relay.clone(),
        health: Health::new(manners.patience, manners.pause, manners.stop.clone()),
        pace: Pace::new(manners.rate),
        lease: alive.lease(),
        stop: manners.stop.clone(),
        desk: desk.clone(),
    });
    let lanes: Vec<_> = queues
        .into_iter()
        .map(|queue| tokio::spawn(Lane::new(road.clone(), queue).run().in_current_span()))
        .collect();
    let mut done = Done::default();
    let mut stopped = None;
    for lane in lanes {
        match lane.await? {
            Ok(tally) => done.tally += tally,
            Err(why) => stopped = Some(why),
        }
    }
    match stopped {
        Some(why) => Err(why.into()),
        None => {
            done.ended = road.health.at_the_end();
            Ok(done)
        }
    }
}

/// Batch by batch: since a repeat overwrites, nothing has to wait for a commit.
async fn to_files(folder: &Path, mut queue: Queue, stop: &Stop) -> Result<Done, WorkError> {
    let ended = match write_all(folder.to_owned(), &mut queue, stop).await? {
        Ok(()) => stop.is_asked().then_some(Ended::Stopped),
        Err(why) => Some(Ended::Unwritable(why.to_string())),
    };
    queue.put_back_all().await?;
    queue.committed().await?;
    let tally = queue.tally;
    Ok(Done { tally, ended })
}

async fn write_all(folder: PathBuf, queue: &mut Queue, stop: &Stop) -> Result<io::Result<()>, WorkError> {
    let maildir = match spawn_blocking(move || Maildir::open(&folder)).await? {
        Ok(maildir) => Arc::new(maildir),
        Err(why) => return Ok(Err(why)),
    };
    while !stop.is_asked() {
        let mut batch = Vec::new();
        while batch.len() < CLAIM as usize
            && let Some(mail) = queue.next().await?
        {
            batch.push(mail);
        }
        if batch.is_empty() {
            return Ok(Ok(()));
        }
        let maildir = maildir.clone();
        let (batch, written) = spawn_blocking(move || {
            let written = maildir.deliver_all(&batch);
            (batch, written)
        })
        .await?;
        for (number, mail) in batch.into_iter().enumerate() {
            if number < written.mails {
                queue.settle_tried(&mail.row, &Verdict::Accepted(250, "written".to_owned()));
            } else {
                queue.put_back(mail.row);
            }
        }
        if let Some(why) = written.error {
            return Ok(Err(why));
        }
    }
    Ok(Ok(()))
}
