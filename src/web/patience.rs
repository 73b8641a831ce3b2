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

/// Until when a connection may wait for its next request, in milliseconds since the service began.
#[derive(Debug)]
pub(super) struct Patience {
    began: Instant,
    /// Twice the deadline, and one more while a request is under way.
    state: AtomicU64,
    waker: AtomicWaker,
}

/// What a connection is at. Times are milliseconds since the service began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// It waits for a request until then: the least is that of the one that has waited longest.
    Waits(u64),
    /// A request is under way, until its answer has left; it could have waited for that until then.
    Answers(u64),
}

impl Patience {
    /// One that has so long from now on. `began` is when the service began.
    pub(super) fn new(began: Instant, time: Duration) -> Arc<Patience> {
        let patience = Patience {
            began,
            state: AtomicU64::new(0),
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

    pub(super) fn doing(&self) -> Doing {
        let state = self.state.load(Ordering::Acquire);
        match state % 2 {
            0 => Doing::Waits(state / 2),
            _ => Doing::Answers(state / 2),
        }
    }

    fn set(&self, deadline: Instant) {
        let deadline = deadline.saturating_duration_since(self.began).as_millis();
        let deadline = u64::try_from(deadline).unwrap_or(u64::MAX).min(u64::MAX / 2);
        self.state.store(deadline * 2, Ordering::Release);
    }

    fn has_come(&self) -> bool {
        match self.doing() {
            Doing::Waits(deadline) => self.began.elapsed().as_millis() >= u128::from(deadline),
            Doing::Answers(_) => false,
        }
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
        self.0.state.fetch_or(1, Ordering::AcqRel);
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
        assert!(!patience.has_come(), "nobody waits any more");
        assert!(matches!(patience.doing(), Doing::Answers(_)));
    }
}
