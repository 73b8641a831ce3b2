//! Who is alive, and what becomes of the rows of those who are not.
//!
//! Beside SQLite a worker holds a lock on a file as long as it lives, and the kernel lets go of it
//! however the worker ends. On PostgreSQL, where workers are on many machines, it holds a lease by
//! the database's clock and renews it.

use crate::files::private_file;
use crate::hash::hex;
use crate::store::deliveries::TakenOver;
use crate::store::workers::Worker;
use crate::store::{self, Store, StoreError};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// How workers of a store tell that they live.
#[derive(Debug, Clone)]
pub enum Vital {
    /// Lock files in this folder.
    Locks(PathBuf),
    /// Leases of this length.
    Leases(Duration),
}

/// This worker's life. Dropped without [`Alive::end`], its claims may be taken.
pub struct Alive {
    store: Store,
    name: String,
    lease: Lease,
    lock: Option<Lock>,
    renewal: Option<JoinHandle<()>>,
}

/// Until when this process may believe that nobody takes its rows.
#[derive(Debug, Clone, Default)]
pub struct Lease(Option<Arc<Mutex<Instant>>>);

struct Lock {
    path: PathBuf,
    /// Held open for the lock's sake.
    _file: File,
}

#[derive(Debug, thiserror::Error)]
pub enum VitalError {
    #[error(
        "{}: no lock can be made beside the store: {why} (the user who runs Tidings must be able to write \
         to this folder)",
        .path.display()
    )]
    Lock { path: PathBuf, why: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no random bytes")]
    Random,
}

impl Lease {
    /// Asked before each final dot.
    #[must_use]
    pub fn holds(&self) -> bool {
        match &self.0 {
            None => true,
            Some(until) => Instant::now() < *until.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

impl Alive {
    /// A new life, under a name that no other has had.
    ///
    /// # Errors
    /// When neither a lock nor a lease can be had.
    pub async fn begin(store: &Store, vital: &Vital) -> Result<Alive, VitalError> {
        let name = new_name()?;
        let mut alive = Alive {
            store: store.clone(),
            name: name.clone(),
            lease: Lease::default(),
            lock: None,
            renewal: None,
        };
        match vital {
            // The lock comes first: a worker with a row and without a lock counts as dead.
            Vital::Locks(folder) => {
                alive.lock = Some(Lock::new(folder, &name)?);
                store.begin_worker(&name, 0).await?;
            }
            Vital::Leases(length) => {
                let until = Arc::new(Mutex::new(Instant::now() + *length));
                store.begin_worker(&name, seconds(*length)).await?;
                alive.lease = Lease(Some(until.clone()));
                alive.renewal = Some(tokio::spawn(renew(store.clone(), name, *length, until)));
            }
        }
        Ok(alive)
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn lease(&self) -> Lease {
        self.lease.clone()
    }

    /// A good end, with nothing claimed any more.
    ///
    /// # Errors
    /// When the store cannot be written; then the next start takes over what there is.
    pub async fn end(mut self) -> store::Result<()> {
        self.store.end_worker(&self.name).await?;
        if let Some(lock) = self.lock.take() {
            let _ = std::fs::remove_file(&lock.path);
        }
        Ok(())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        if let Some(renewal) = &self.renewal {
            renewal.abort();
        }
    }
}

/// Takes over what dead workers left. `leave` makes what is in doubt `unknown`.
///
/// # Errors
/// When a lock file or the store cannot be used.
pub async fn take_over_from_the_dead(
    store: &Store,
    vital: &Vital,
    now: i64,
    leave: bool,
) -> Result<TakenOver, VitalError> {
    let mut all = TakenOver::default();
    for worker in store.workers().await? {
        // Held until the end of the transaction, so that only one buries.
        let lock = match vital {
            Vital::Leases(_) if worker.leased_until >= worker.now => continue,
            Vital::Leases(_) => None,
            Vital::Locks(folder) => match Lock::of_the_dead(folder, &worker.name)? {
                Some(lock) => Some(lock),
                None => continue,
            },
        };
        let mut tx = store.begin().await?;
        if tx.bury(&worker.name, lock.is_some()).await? {
            let taken = tx.take_over(&worker.name, now, leave).await?;
            all.in_doubt += taken.in_doubt;
            all.put_back += taken.put_back;
        }
        tx.commit().await?;
        if let Some(lock) = lock {
            let _ = std::fs::remove_file(&lock.path);
        }
    }
    if all != TakenOver::default() {
        tracing::warn!(all.in_doubt, all.put_back, "took over from a worker that died");
    }
    Ok(all)
}

/// Waits until each of `others` that holds deliveries has ended, has renewed its lease (it lives, and does its own work), or
/// can be taken over. Beside SQLite a lock has said so at once.
///
/// # Errors
/// When the store cannot be read.
pub async fn wait_for_leases(store: &Store, vital: &Vital, others: &[Worker]) -> store::Result<()> {
    if matches!(vital, Vital::Locks(_)) {
        return Ok(());
    }
    let mut busy = Vec::new();
    for other in others {
        if store.has_claims(&other.name).await? {
            busy.push(other);
        }
    }
    loop {
        let now = store.workers().await?;
        let is_open = |other: &Worker| {
            now.iter().any(|worker| {
                worker.name == other.name
                    && worker.leased_until == other.leased_until
                    && worker.leased_until >= worker.now
            })
        };
        if !busy.iter().any(|other| is_open(other)) {
            return Ok(());
        }
        sleep(Duration::from_millis(500)).await;
    }
}

/// Three times in the length of a lease. Ends when somebody has buried this worker.
async fn renew(store: Store, name: String, length: Duration, until: Arc<Mutex<Instant>>) {
    loop {
        sleep(length / 3).await;
        let asked = Instant::now();
        match store.renew_worker(&name, seconds(length)).await {
            Ok(true) => *until.lock().unwrap_or_else(PoisonError::into_inner) = asked + length,
            Ok(false) => {
                *until.lock().unwrap_or_else(PoisonError::into_inner) = asked;
                return;
            }
            Err(error) => tracing::warn!(%error, "the worker's lease was not renewed"),
        }
    }
}

impl Lock {
    fn new(folder: &Path, worker: &str) -> Result<Lock, VitalError> {
        let path = path(folder, worker);
        let lock = |path: &Path| {
            let file = private_file(path)?;
            file.lock()?;
            Ok(file)
        };
        match lock(&path) {
            Ok(_file) => Ok(Lock { path, _file }),
            Err(why) => Err(VitalError::Lock { path, why }),
        }
    }

    /// `None`: the worker lives. A live worker's file cannot be locked by anybody else.
    fn of_the_dead(folder: &Path, worker: &str) -> Result<Option<Lock>, VitalError> {
        let path = path(folder, worker);
        let file = match private_file(&path) {
            Ok(file) => file,
            Err(why) => return Err(VitalError::Lock { path, why }),
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { path, _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(why)) => Err(VitalError::Lock { path, why }),
        }
    }
}

fn path(folder: &Path, worker: &str) -> PathBuf {
    folder.join(format!("worker-{worker}.lock"))
}

fn new_name() -> Result<String, VitalError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|_| VitalError::Random)?;
    Ok(format!("{}-{}", std::process::id(), hex(&bytes)))
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX).max(1)
}
