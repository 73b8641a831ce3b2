//! Whether the relay is well, as all lanes together see it, and how fast it may be asked.

use super::stop::Stop;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Between two tries: 1, 2, 4 … times the base, never longer than this many times.
const LONGEST_PAUSE: u32 = 16;

/// Where so many mails in a row break connections, and none is answered between, no mail is at fault.
const BREAKS_IN_A_ROW: u32 = 3;

/// Why a worker has stopped sending before everything was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// No mail was answered for as long as patience lasts.
    Unreachable(String),
    /// The relay does not want us, and would say so again.
    Refused(Cause, String),
    /// The folder takes no files.
    Unwritable(String),
    /// The worker was asked to stop.
    Stopped,
}

/// What of us a relay does not want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// User and password.
    Login,
    /// There is no connection that is safe.
    Tls,
    /// Anything else about us.
    Sender,
}

/// What lanes know of the relay from each other.
pub struct Health {
    patience: Duration,
    pause: Duration,
    stop: Stop,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The start of the first try that failed since a mail was answered last.
    trouble_since: Option<Instant>,
    /// What went wrong last.
    last_trouble: String,
    last_answer: Option<Instant>,
    /// Mails that broke connections since then.
    broken: u32,
    ended: Option<Ended>,
}

impl Health {
    /// `pause` is the shortest wait between two failing tries.
    #[must_use]
    pub fn new(patience: Duration, pause: Duration, stop: Stop) -> Health {
        Health {
            patience,
            pause,
            stop,
            state: Mutex::default(),
        }
    }

    /// The relay has answered about a mail, whatever it said.
    pub fn answered(&self) {
        let mut state = self.state();
        state.trouble_since = None;
        state.broken = 0;
        state.last_answer = Some(Instant::now());
    }

    /// A try that began at `began` got no answer. Ends everything when patience is over.
    pub fn trouble(&self, began: Instant, why: &str) {
        let mut state = self.state();
        let since = state.trouble_since.map_or(began, |since| since.min(began));
        state.trouble_since = Some(since);
        why.clone_into(&mut state.last_trouble);
        if since.elapsed() >= self.patience {
            state.ended.get_or_insert(Ended::Unreachable(why.to_owned()));
        }
    }

    /// Connections broke at a mail, one after another. Whether that counts against the mail: others must
    /// have been answered, in this pass, or in the one that found it out (`was_answered`), and the mails
    /// next to it must not break them too. Then the relay is well.
    pub fn blames(&self, was_answered: bool) -> bool {
        let mut state = self.state();
        state.broken += 1;
        let blames = state.broken < BREAKS_IN_A_ROW && (was_answered || state.last_answer.is_some());
        if blames {
            state.trouble_since = None;
        }
        blames
    }

    /// The relay refused the connection for good. That ends everything, unless it has taken mail of
    /// ours before: then it is only too many connections at once.
    pub fn refused(&self, cause: Cause, why: &str) {
        let mut state = self.state();
        if state.last_answer.is_none() {
            state.ended.get_or_insert(Ended::Refused(cause, why.to_owned()));
        }
    }

    /// Ends everything.
    pub fn end(&self, why: Ended) {
        self.state().ended.get_or_insert(why);
    }

    /// Why not all was sent, when all lanes have come to their end: a relay that has answered about no
    /// mail at all counts as one that cannot be reached, however soon every mail had had its tries.
    #[must_use]
    pub fn at_the_end(&self) -> Option<Ended> {
        let state = self.state();
        let silent = state.trouble_since.is_some() && state.last_answer.is_none();
        let unreachable = || Ended::Unreachable(state.last_trouble.clone());
        let stopped = self.stop.is_asked().then_some(Ended::Stopped);
        let ended = state.ended.clone().or(stopped);
        ended.or_else(|| silent.then(unreachable))
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        self.stop.is_asked() || self.state().ended.is_some()
    }

    /// Whether a mail was answered after an instant.
    #[must_use]
    pub fn answered_since(&self, instant: Instant) -> bool {
        self.state().last_answer.is_some_and(|last| last > instant)
    }

    /// The wait after so many failures in a row: none after the first, since servers close
    /// connections for many good reasons.
    pub async fn pause(&self, failures: u32) {
        let Some(doublings) = failures.checked_sub(2) else {
            return;
        };
        let factor = 2_u32.saturating_pow(doublings).min(LONGEST_PAUSE);
        let left = self.state().trouble_since.map_or(self.patience, |since| {
            self.patience.saturating_sub(since.elapsed())
        });
        tokio::select! {
            () = sleep((self.pause * factor).min(left)) => {}
            () = self.stop.asked() => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So many mails a second over all connections.
pub struct Pace {
    gap: Option<Duration>,
    next: Mutex<Instant>,
}

impl Pace {
    /// `None`: as fast as it goes.
    #[must_use]
    pub fn new(per_second: Option<u32>) -> Pace {
        Pace {
            gap: per_second.map(|rate| Duration::from_secs(1) / rate.max(1)),
            next: Mutex::new(Instant::now()),
        }
    }

    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.gap.is_some()
    }

    /// Waits for this mail's turn.
    pub async fn turn(&self) {
        let Some(gap) = self.gap else { return };
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = (*next).max(Instant::now());
            *next = turn + gap;
            turn
        };
        sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn patience_ends_only_without_answers() {
        let health = Health::new(HOUR, HOUR, Stop::default());
        health.trouble(Instant::now() - HOUR / 2, "no answer");
        assert!(!health.is_over());
        health.answered();
        health.trouble(Instant::now(), "no answer");
        assert!(!health.is_over());
        health.trouble(Instant::now() - HOUR, "no answer");
        assert_eq!(
            health.at_the_end(),
            Some(Ended::Unreachable("no answer".to_owned()))
        );
    }

    #[test]
    fn a_refusal_ends_it_only_where_nothing_was_taken() {
        let health = Health::new(HOUR, HOUR, Stop::default());
        health.answered();
        health.refused(Cause::Sender, "too many");
        assert!(!health.is_over());
        let health = Health::new(HOUR, HOUR, Stop::default());
        health.refused(Cause::Sender, "go away");
        assert!(health.is_over());
    }

    #[test]
    fn silence_from_first_to_last_is_told() {
        let health = Health::new(HOUR, HOUR, Stop::default());
        assert_eq!(health.at_the_end(), None);
        health.trouble(Instant::now(), "dropped");
        assert!(!health.is_over());
        assert_eq!(
            health.at_the_end(),
            Some(Ended::Unreachable("dropped".to_owned()))
        );
        health.answered();
        health.trouble(Instant::now(), "dropped");
        assert_eq!(health.at_the_end(), None);
    }

    #[test]
    fn a_mail_is_at_fault_where_the_others_are_answered() {
        let health = Health::new(HOUR, HOUR, Stop::default());
        assert!(!health.blames(false), "nobody was answered");
        health.answered();
        assert!(health.blames(false) && health.blames(false));
        assert!(!health.blames(true), "the third in a row: it is the relay");
        health.answered();
        assert!(health.blames(false));
        let alone = Health::new(HOUR, HOUR, Stop::default());
        alone.trouble(Instant::now(), "dropped");
        assert!(alone.blames(true));
        assert_eq!(alone.at_the_end(), None);
    }

    #[tokio::test]
    async fn mails_go_out_at_the_pace_asked_for() {
        let pace = Pace::new(Some(100));
        let began = Instant::now();
        for _ in 0..9 {
            pace.turn().await;
        }
        assert!(began.elapsed() >= Duration::from_millis(80));
        assert!(!Pace::new(None).is_limited());
    }
}
