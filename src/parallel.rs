//! The same work for many items, on all processors at once, and what comes of work in a task.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use tokio::task::{JoinError, JoinHandle};

/// Room for the deepest HTML that is read, as on the program's other threads.
const STACK: usize = 8 * 1024 * 1024;

/// What the work makes of each item, in the order of the items.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut made = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(place) else {
                return made;
            };
            made.push((place, work(item)));
        }
    };
    let helpers = processors().min(items.len()).saturating_sub(1);
    let mut made = thread::scope(|scope| {
        let spawn = || thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take);
        // Where the system gives no more threads, those there are do it all.
        let helpers: Vec<_> = (0..helpers).map_while(|_| spawn().ok()).collect();
        let mut made = take();
        for helper in helpers {
            made.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        made
    });
    made.sort_unstable_by_key(|(place, _)| *place);
    made.into_iter().map(|(_, made)| made).collect()
}

/// What a task gives. Where it panicked, so does this.
///
/// # Errors
/// It was stopped before its end.
pub(crate) async fn joined<T>(task: JoinHandle<T>) -> Result<T, JoinError> {
    task.await.map_err(|died| match died.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(stopped) => stopped,
    })
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::sync::{Barrier, Mutex};

    #[test]
    fn each_item_once_and_in_order() {
        for count in [0, 1, 2, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let made = map(&items, |n| n * 2);
            assert_eq!(made, (0..count).map(|n| n * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn on_several_threads() {
        if processors() < 2 {
            return;
        }
        // Neither gets past its item before the other has begun.
        let (barrier, threads) = (Barrier::new(2), Mutex::new(HashSet::new()));
        map(&[1, 2], |_| {
            barrier.wait();
            threads.lock().unwrap().insert(thread::current().id());
        });
        assert_eq!(threads.lock().unwrap().len(), 2);
    }
}
