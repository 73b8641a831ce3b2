//! What systemd is told over the socket in `NOTIFY_SOCKET` (sd_notify(3)). Where there is none, nothing
//! is said.

use sd_notify::NotifyState;
use std::time::Duration;

/// The service takes requests.
pub(super) fn ready() {
    say(&[NotifyState::Ready, NotifyState::Status("running")]);
}

/// The configuration is read again; [`ready`] ends that.
pub(super) fn reloading() {
    let mut states = vec![NotifyState::Reloading];
    states.extend(NotifyState::monotonic_usec_now().ok());
    say(&states);
}

pub(super) fn stopping() {
    say(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
}

/// It lives: systemd restarts a service with a watchdog that does not say so.
pub(super) fn alive() {
    say(&[NotifyState::Watchdog]);
}

/// How often [`alive`] must be said, with some room; `None`: nobody watches.
pub(super) fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|longest| longest / 2)
}

fn say(states: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd cannot be told");
    }
}
