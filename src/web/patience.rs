//! How long a connection may keep the server waiting, as a timer for hyper.
//!
//! A timer of tokio's is set under one lock for all connections, which every request would take twice: a
//! thread that is interrupted with it holds up the others. Here setting one is a word in memory, and
//! whoever tends the connections looks at all of them now and then. So a deadline is kept to one round of
//! that ([`Patience::look`]), not to the millisecond.

use futures_util::task::AtomicWaker;
use hyper::rt::{Sleep, Timer};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// No deadline: a request is under way.
const NEVER: u64 = u64::MAX;

/// Until when a connection may wait for its next request, in milliseconds since the service began.
#[derive(Debug)]
pub(super) struct Patience {
    began: Instant,
    deadline: AtomicU64,
    waker: AtomicWaker,
}

impl Patience {
    /// One that has so long from now on. `began` is when the service began.
    pub(super) fn new(began: Instant, time: Duration) -> Arc<Patience> {
        let patience = Patience {
            began,
            deadline: AtomicU64::new(NEVER),
            waker: AtomicWaker::new(),
        };
        patience.set(Instant::now() + time);
        Arc::new(patience)
    }

    /// Wakes the connection where its deadline has come.
    pub(super) fn look(&self) {
        if self.has_come() {
            self.waker.wake();
        }
    }

    /// The deadline: of connections that wait, the least is of the one that has waited longest. `None`:
    /// a request is under way.
    pub(super) fn deadline(&self) -> Option<u64> {
        let deadline = self.deadline.load(Ordering::Acquire);
        (deadline != NEVER).then_some(deadline)
    }

    fn set(&self, deadline: Instant) {
        let deadline = deadline.saturating_duration_since(self.began).as_millis();
        let deadline = u64::try_from(deadline).unwrap_or(NEVER - 1);
        self.deadline.store(deadline, Ordering::Release);
    }

    fn has_come(&self) -> bool {
        let now = self.began.elapsed().as_millis();
        self.deadline()
            .is_some_and(|deadline| now >= u128::from(deadline))
    }
}

/// What hyper is given: the same connection each time.
#[derive(Debug, Clone)]
pub(super) struct PatienceTimer(pub(super) Arc<Patience>);

impl Timer for PatienceTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.0.set(deadline);
        Box::pin(Waiting(self.0.clone()))
    }

    fn reset(&self, _same: &mut Pin<Box<dyn Sleep>>, deadline: Instant) {
        self.0.set(deadline);
    }
}

/// Ready when the deadline has come and somebody [looks](Patience::look).
struct Waiting(Arc<Patience>);

impl Sleep for Waiting {}

impl Future for Waiting {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.waker.register(context.waker());
        match self.0.has_come() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// hyper lets a sleep go where what it waited for has come.
impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.deadline.store(NEVER, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::task::noop_waker_ref;

    #[test]
    fn a_deadline_that_has_come_wakes_and_one_that_was_let_go_does_not() {
        let patience = Patience::new(Instant::now(), Duration::ZERO);
        assert!(patience.has_come());
        let timer = PatienceTimer(patience.clone());
        let mut context = Context::from_waker(noop_waker_ref());
        let mut later = timer.sleep(Duration::from_secs(3600));
        assert!(later.as_mut().poll(&mut context).is_pending());
        timer.reset(&mut later, timer.now());
        assert!(later.as_mut().poll(&mut context).is_ready());
        assert!(patience.has_come());
        drop(later);
        assert!(
            !patience.has_come() && patience.deadline().is_none(),
            "nobody waits any more"
        );
    }
}
