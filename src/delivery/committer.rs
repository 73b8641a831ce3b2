//! The one task that writes delivery rows. Transactions follow each other without a pause, and each
//! takes all that has come in meanwhile: few lanes get the lowest delay, many share an fsync.

use super::due::Due;
use crate::store::deliveries::{Claimed, Outcome};
use crate::store::{Patience, Store, StoreError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

enum Request {
    Settle(Outcome, oneshot::Sender<()>),
    Claim {
        lane: i64,
        most: i64,
        reply: oneshot::Sender<Vec<Claimed>>,
    },
}

/// How lanes reach the committer.
#[derive(Clone)]
pub struct Ledger(mpsc::UnboundedSender<Request>);

/// Ends when the outcome is on disk. An error means that it never will be: the lane must stop.
pub type Committed = oneshot::Receiver<()>;

/// Why no row is written any more.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("this worker's lease has ended, and another one has taken its deliveries")]
    Buried,
}

impl Ledger {
    /// In the order of the calls of a lane, which is the order of its claims.
    #[must_use]
    pub fn settle(&self, outcome: Outcome) -> Committed {
        let (done, committed) = oneshot::channel();
        let _ = self.0.send(Request::Settle(outcome, done));
        committed
    }

    /// The lane's next rows, once the claim is on disk. Empty: nothing is due.
    #[must_use]
    pub fn claim(&self, lane: i64, most: i64) -> oneshot::Receiver<Vec<Claimed>> {
        let (reply, claimed) = oneshot::channel();
        let _ = self.0.send(Request::Claim { lane, most, reply });
        claimed
    }
}

/// The handle, and the work: spawn it. It ends when the last handle is dropped. Claims take what is
/// `due`. A database that is away is waited for as long as `patience` says: what was answered meanwhile
/// is written down when it is back.
pub fn committer(
    store: Store,
    worker: String,
    due: Due,
    patience: Duration,
) -> (Ledger, impl Future<Output = Result<(), CommitError>>) {
    let (sender, mut requests) = mpsc::unbounded_channel();
    let mut committer = Committer {
        store,
        worker,
        due,
        patience,
        turn: 0,
    };
    let work = async move {
        let mut batch = Vec::new();
        while requests.recv_many(&mut batch, usize::MAX).await > 0 {
            let mut claimed = committer.commit(&batch).await?.into_iter();
            for request in batch.drain(..) {
                // A lane that is gone needs no answer; what it had claimed comes back by take-over.
                match request {
                    Request::Settle(_, done) => drop(done.send(())),
                    Request::Claim { reply, .. } => drop(reply.send(claimed.next().unwrap_or_default())),
                }
            }
        }
        Ok(())
    };
    (Ledger(sender), work)
}

struct Committer {
    store: Store,
    worker: String,
    due: Due,
    patience: Duration,
    /// Of the last claim that is known to be committed.
    turn: i64,
}

impl Committer {
    /// One transaction, begun again while the database is away. The first try may have been committed
    /// and only its answer lost: outcomes written twice change nothing the second time, and claims
    /// that nobody has heard of are given back first.
    async fn commit(&mut self, batch: &[Request]) -> Result<Vec<Vec<Claimed>>, CommitError> {
        let mut patience = Patience::new(self.patience);
        loop {
            match self.try_commit(batch, patience.was_tried()).await {
                Err(CommitError::Store(error)) if patience.bears(&error).await => {}
                Err(error) => return Err(error),
                Ok(claimed) => {
                    self.turn += claimed.len() as i64;
                    return Ok(claimed);
                }
            }
        }
    }

    /// All outcomes, then the claims. Gives the claimed rows, claim by claim.
    async fn try_commit(&self, batch: &[Request], again: bool) -> Result<Vec<Vec<Claimed>>, CommitError> {
        let (store, worker) = (&self.store, &self.worker);
        let outcomes: Vec<&Outcome> = batch.iter().filter_map(Request::outcome).collect();
        let claims: Vec<(i64, i64)> = batch.iter().filter_map(Request::claim).collect();
        if claims.is_empty() && outcomes.iter().all(|outcome| outcome.hold.is_none()) {
            let written = store.settle(worker, &outcomes).await?;
            warn_of_lost(&outcomes, written, again);
            return Ok(Vec::new());
        }
        let mut tx = store.begin().await?;
        if !outcomes.is_empty() {
            warn_of_lost(&outcomes, tx.settle(worker, &outcomes).await?, again);
        }
        let mut claimed = Vec::with_capacity(claims.len());
        if !claims.is_empty() && !tx.is_worker(worker).await? {
            return Err(CommitError::Buried);
        }
        if again && !claims.is_empty() {
            tx.put_back_unheard(worker, self.turn, self.due.now()).await?;
        }
        for (turn, (lane, most)) in (self.turn + 1..).zip(claims) {
            claimed.push(tx.claim(worker, lane, turn, self.due.upto(), most).await?);
        }
        tx.commit().await?;
        Ok(claimed)
    }
}

/// Where they were written `again` they may have been there.
fn warn_of_lost(outcomes: &[&Outcome], written: u64, again: bool) {
    let lost = (outcomes.len() as u64).saturating_sub(written);
    if lost > 0 && !again {
        tracing::warn!(
            lost,
            "deliveries were taken over by another worker before their outcome"
        );
    }
}

impl Request {
    fn outcome(&self) -> Option<&Outcome> {
        match self {
            Request::Settle(outcome, _) => Some(outcome),
            Request::Claim { .. } => None,
        }
    }

    fn claim(&self) -> Option<(i64, i64)> {
        match self {
            Request::Claim { lane, most, .. } => Some((*lane, *most)),
            Request::Settle(..) => None,
        }
    }
}

/// A lane cannot go on: nothing it does would be written down.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    #[error("the store takes no outcomes any more")]
    Ledger,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("this worker's lease has ended")]
    Lease,
}

impl From<oneshot::error::RecvError> for Stopped {
    fn from(_: oneshot::error::RecvError) -> Stopped {
        Stopped::Ledger
    }
}
