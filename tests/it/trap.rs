//! A process that is killed at a point of its work, by whoever it is working with at that moment: the
//! mail server or the way to the database. So the program needs no hooks, and dies where it is said.

use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};

/// Shared by the test and by those who may spring it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trap(Arc<Mutex<Option<Set>>>);

#[derive(Debug)]
struct Set {
    point: &'static str,
    /// So many times more it passes that point.
    left: u32,
    victim: Child,
}

impl Trap {
    /// The victim dies when it comes to the point for the `nth` time.
    pub(crate) fn set(&self, victim: Child, point: &'static str, nth: u32) {
        *self.lock() = Some(Set {
            point,
            left: nth,
            victim,
        });
    }

    /// The victim has come to a point. `true`: it is dead.
    pub(crate) fn at(&self, point: &'static str) -> bool {
        let mut set = self.lock();
        let Some(trap) = set.as_mut().filter(|trap| trap.point == point && trap.left > 0) else {
            return false;
        };
        trap.left -= 1;
        if trap.left > 0 {
            return false;
        }
        trap.victim.kill().unwrap();
        true
    }

    /// Whether the victim has ended; how: `true`, it was killed.
    pub(crate) fn ended(&self) -> Option<bool> {
        let mut set = self.lock();
        let trap = set.as_mut().unwrap();
        trap.victim
            .try_wait()
            .unwrap()
            .map(|status| status.code().is_none())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Set>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
